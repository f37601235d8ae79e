(* The checker: replays what an exchange tells of a run (ledger entries, fills, closings, receipts), and refuses what is
   no step of this model, with the rule and two numbers: found, and expected. It is extracted and run (Extract.v).

   What changes books is only `update`; so what is proved of updates holds for whatever is accepted. What a fill, a
   closing, a payment or a share must be is worked out by the very functions that the theorems are about: `fill_of`,
   `to_cross`, `pay`, `payment`, `cost`, `worth`. *)
From Coq Require Import ZArith Lia List Bool String.
From Zerosum Require Import Arithmetic Ledger Entries Funding Vault Deleveraging Books.
Import ListNotations.
Open Scope Z_scope.

Definition outcome := (refusal + (list update * rest))%type.
Definition fail (r : string) (found expected : Z) : outcome := inl {| rule := r; found := found; expected := expected |}.
Definition fine (r : rest) : outcome := inr ([], r).
Definition demand (ok : bool) (r : string) (found expected : Z) (next : outcome) : outcome :=
  if ok then next else fail r found expected.
Definition same (found expected : Z) (r : string) (next : outcome) : outcome :=
  demand (found =? expected) r found expected next.

(* ---- what a fill or a closing must book, in order ---- *)

Inductive item :=
  | Credit (to amount reason from : Z)                          (* a result, with the account on the other side *)
  | MoveOf (may_be_left_out : bool) (payer receiver amount reason : Z)
  | MoveUpTo (payer receiver most reason : Z).                  (* of an amount that only the market's rules know *)

Definition credit_of (to amount reason from : Z) : list item := if amount =? 0 then [] else [Credit to amount reason from].
Definition move_of (optional : bool) (payer receiver amount reason : Z) : list item :=
  if amount =? 0 then [] else [MoveOf optional payer receiver amount reason].

Definition is_entry (e : told_entry) (to amount reason from : Z) : bool :=
  (into e =? to) && (change e =? amount) && (why e =? reason) && (by_whom e =? from).

(* Whether entries are these items, in this order: the payer of each move before its receiver (LED-7). *)
Fixpoint follows (items : list item) (entries : list told_entry) : bool :=
  match items, entries with
  | [], [] => true
  | [], _ => false
  | Credit to a r from :: more, e :: later => is_entry e to a r from && follows more later
  | MoveOf optional p q a r :: more, e :: f :: later =>
      (is_entry e p (- a) r (account_of q) && is_entry f q a r (account_of p) && follows more later)
      || (optional && follows more entries)
  | MoveUpTo p q most r :: more, e :: f :: later =>
      ((change e <? 0) && (- most <=? change e) && is_entry e p (change e) r (account_of q)
        && is_entry f q (- change e) r (account_of p) && follows more later) || follows more entries
  | MoveOf optional _ _ _ _ :: more, _ => optional && follows more entries
  | MoveUpTo _ _ _ _ :: more, _ => follows more entries
  | Credit _ _ _ _ :: _, [] => false
  end.

(* A side of a fill or closing: its position, what the fill makes of it, its costs, whether margin goes back. *)
Record booked := {
  of_account : Z; against : Z; at_bucket : Z; is_alone : bool; its_fill : fill; costs : Z; keeps : bool; perhaps : bool;
  had_cash : Z; had_size : Z }.

Definition fee_items (b fee : Z) : list item :=
  if 0 <? fee then move_of false b fees_bucket fee reason_fee else move_of false fees_bucket b (- fee) reason_rebate.

Definition booked_items (s : booked) (fee reason : Z) : list item :=
  let f := its_fill s in
  let cross := cross_bucket (of_account s) in
  let own := if opened f =? 0 then costs s else ceiling_of (costs s * reduced f) (reduced f + opened f) in
  let back := if is_alone s && (0 <? reduced f) && negb (keeps s)
    then to_cross (had_cash s) (Z.abs (had_size s)) (reduced f) (realised f) own else 0 in
  credit_of (at_bucket s) (realised f) reason (against s)
  ++ (if opened f =? 0 then fee_items (at_bucket s) fee else [])
  ++ move_of (perhaps s) (at_bucket s) cross back reason_isolated
  ++ (if is_alone s && (0 <? opened f) then [MoveUpTo cross (at_bucket s) far reason_isolated] else [])
  ++ (if opened f =? 0 then [] else fee_items (at_bucket s) fee).

(* The side that realises less first (LED-7). *)
Definition both_sides (a b : booked) (fee_a fee_b reason : Z) : list item :=
  if realised (its_fill a) <? realised (its_fill b)
  then booked_items a fee_a reason ++ booked_items b fee_b reason
  else booked_items b fee_b reason ++ booked_items a fee_a reason.

Definition side_of (b : books) (r : rest) (g : gathering) (account other market side delta costs : Z) (keeps perhaps : bool) : booked :=
  let bucket := bucket_of r account market side in
  let p := position_in (g_positions g) (key account market side) in
  {| of_account := account; against := other; at_bucket := bucket; is_alone := negb (bucket =? cross_bucket account);
     its_fill := fill_of (u (market_in r market)) (g_price g) delta p; costs := costs; keeps := keeps;
     perhaps := perhaps; had_cash := get (g_cash g) bucket; had_size := size p |}.

(* ---- entries ---- *)

Definition outside (reason counterparty : Z) : bool :=
  (counterparty =? nobody) && ((reason =? reason_deposit) || (reason =? reason_withdrawal) || (reason =? reason_vault_deposit)).

(* Who may pay whom for what, outside of fills and closings. *)
Definition may_pay (b : books) (r : rest) (reason payer bucket receiver amount : Z) : outcome -> outcome :=
  let fund := get (b_cash b) fund_bucket in
  let fits := announced r in
  if reason =? reason_transfer then demand ((3 <=? payer) && (3 <=? receiver) && negb (payer =? receiver)) "LED-2" payer receiver
  else if reason =? reason_isolated then demand (payer =? receiver) "LED-8" receiver payer
  else if reason =? reason_insurance then demand ((payer =? 0) && (amount <=? fund)) "WF-4" amount fund
  else if reason =? reason_bid then demand ((payer =? 0) && (amount <=? fund)) "WF-5" amount fund
  else if reason =? reason_rounding then demand (receiver =? 0) "WF-9" receiver 0
  else if reason =? reason_vault_deposit then demand (receiver =? 2) "VLT-2" receiver 2
  else if reason =? reason_vault_redemption then demand (payer =? 2) "VLT-2" payer 2
  else if reason =? reason_debt then demand ((receiver =? 0) && (amount <=? - fund)) "WF-8a" amount (- fund)
  else if reason =? reason_recourse then
    demand ((a_reason fits =? reason) && (a_account fits =? payer) && (a_amount fits =? amount)
      && (0 <? get (owners r) payer) && (get (owners r) payer =? get (owners r) receiver) && negb (payer =? receiver))
      "ADL-10" amount (a_amount fits)
  else if reason =? reason_residual then
    demand ((payer =? 0) || ((a_reason fits =? reason) && (a_account fits =? payer) && (a_amount fits =? amount)))
      "ADL-9" amount (a_amount fits)
  else fun _ => fail "LED-5" reason nobody.

Definition take_entry (b : books) (r : rest) (account market side reason amount counterparty balance : Z) : outcome :=
  let bucket := if market =? nobody then cross_bucket account else key account market side in
  let next := fun r => inr ([Cash bucket amount], r) in
  same balance (get (b_cash b) bucket + amount) "LED-5"
  (match gathered r with
  | Some g => next (with_gathered r (Some (with_entry g {| into := bucket; change := amount; why := reason; by_whom := counterparty |})))
  | None =>
    match half r with
    | Some h =>
        demand ((account =? h_to h) && (amount =? h_amount h) && (reason =? h_reason h) && (counterparty =? h_from h))
          "LED-5" amount (h_amount h) (next (with_half r None))
    | None =>
        if outside reason counterparty then
          demand ((reason =? reason_withdrawal) || (0 <? amount)) "LED-4" amount 1
          (demand (negb (reason =? reason_withdrawal) || (amount <? 0)) "LED-4" amount (-1)
          (demand (negb (reason =? reason_withdrawal)
              || ((0 <=? balance) && (0 <=? equity_in b r bucket + amount))) "MG-11" (- amount)
              (Z.min (get (b_cash b) bucket) (equity_in b r bucket))
          (inr ([Cash bucket amount; Pile amount], r))))
        else if (reason =? reason_funding) || (reason =? reason_settlement) then
          demand (counterparty =? (if (reason =? reason_funding) && negb (account =? 0) then 0 else nobody)) "LED-5" counterparty nobody
          (demand (negb (got r && (amount <? 0))) "LED-7" amount 0
          (next (with_credits r ((bucket, amount) :: credits r) (got r || (0 <? amount)))))
        else
          demand (amount <? 0) "LED-7" amount 0
          (may_pay b r reason account bucket counterparty (- amount)
          (next (with_visit (with_half r (Some {| h_from := account; h_to := counterparty; h_amount := - amount; h_reason := reason |}))
            (if reason =? reason_vault_deposit then - amount else if reason =? reason_vault_redemption then amount else visited r))))
    end
  end).

(* ---- fills and closings ---- *)

Definition idle (r : rest) (next : outcome) : outcome :=
  match gathered r, half r with
  | Some g, _ => fail "LED-5" (Z.of_nat (List.length (g_entries g))) 0
  | None, Some h => fail "LED-5" 0 (h_amount h)
  | None, None => next
  end.

(* What the closed position gives (or lacks): all of its margin account's equity if it is its only one; how positions
   share is a rule of their markets, which events do not tell. *)
Definition price_of (b : books) (r : rest) (bucket account market side : Z) : pricing :=
  let k := key account market side in
  let s := Z.abs (size (position_in (b_positions b) k)) in
  let e := equity_in b r bucket in
  {| p_key := k; p_size := s; p_alone := is_only b r bucket k; p_equity := e |}.

Definition kind_reason (kind : Z) : Z :=
  if kind =? 0 then reason_netting else if kind =? 1 then reason_volunteer else if kind =? 2 then reason_takeover
  else if kind =? 3 then reason_deleveraging else reason_residual.

(* The adjustment of a closing, by the step that made it (MG-6, WF-2, WF-5 to WF-8, ADL-3). *)
Definition adjustment_is (r : rest) (kind q adjustment bid : Z) (p : pricing) (next : outcome) : outcome :=
  let whole := floor_of (p_equity p * q) (p_size p) in
  if (kind =? 0) || (kind =? 4) then same adjustment 0 "WF-8" next
  else if kind =? 1 then
    demand (0 <=? bid) "WF-5" bid 0 (demand (0 <=? adjustment + bid) "WF-5" (adjustment + bid) 0
    (demand (negb (p_alone p) || (adjustment <=? whole)) "MG-6" adjustment whole
    (demand ((0 <? p_equity p) || (adjustment <=? 0)) "MG-6" adjustment 0 next)))
  else if kind =? 2 then
    demand (negb (p_alone p) || (adjustment =? whole)) "MG-6" adjustment whole
    (demand ((0 <? p_equity p) || (adjustment <=? 0)) "MG-6" adjustment 0 next)
  else
    demand (adjustment <=? 0) "ADL-3" adjustment 0
    (match queue_of r with
    | None => fail "ADL-6" 0 1
    | Some d =>
        if d_exact d then same (- adjustment) (Deleveraging.pay (d_num d) (d_den d) q) "MG-6" next
        else demand ((- adjustment <=? ceiling_of (d_deficit d * q) (d_size d))
            && (floor_of (Z.max 0 (d_deficit d - 1) * q) (d_size d) <=? - adjustment))
          "MG-6" (- adjustment) (ceiling_of (d_deficit d * q) (d_size d)) next
    end).

(* Lots of the other side of a market in the same margin account: a hedge that is not asked (ADL-1). *)
Definition hedged_by (b : books) (r : rest) (bucket market k : Z) : Z :=
  let s := size (position_in (b_positions b) k) in
  sum (map (fun j => let t := size (position_in (b_positions b) j) in if s * t <? 0 then Z.abs t else 0)
    (positions_of b r bucket market)).

(* Who may be the other side: of netting nobody below zero (WF-2), nobody of the same owner as a volunteer (WF-5), and
   of deleveraging no more than the net lots (ADL-1). *)
Definition sides_are (b : books) (r : rest) (kind market q closed side other other_side : Z) (next : outcome) : outcome :=
  let one := bucket_of r closed market side in
  let two := bucket_of r other market other_side in
  let k := key other market other_side in
  let net := Z.abs (size (position_in (b_positions b) k)) - hedged_by b r two market k in
  if kind =? 0 then
    demand ((one =? two) || ((0 <=? equity_in b r one) && (0 <=? equity_in b r two))) "WF-2"
      (Z.min (equity_in b r one) (equity_in b r two)) 0 next
  else if kind =? 1 then
    demand (negb (get (owners r) closed =? get (owners r) other) || (get (owners r) closed =? 0)) "WF-5" other closed next
  else if (kind =? 3) || (kind =? 4) then demand (q <=? net) "ADL-1" q net next
  else next.

(* A fill of a liquidation takes no more of the equity than its lots' share, where the position is the only one (MG-6). *)
Definition fill_is (b : books) (r : rest) (market price taker taker_side : Z) (next : outcome) : outcome :=
  let m := market_in r market in
  let mine := filter (fun k => if taker_side =? 0 then size (position_in (b_positions b) k) <? 0
    else 0 <? size (position_in (b_positions b) k)) (held_by r taker market) in
  match mine with
  | [k] =>
      let bucket := bucket_of_key r taker market k in
      let s := Z.abs (size (position_in (b_positions b) k)) in
      let worse := if taker_side =? 0 then price - mark m else mark m - price in
      demand (negb (is_only b r bucket k) || (worse * u m * s <=? equity_in b r bucket)) "MG-6"
        (worse * u m * s) (equity_in b r bucket) next
  | _ => next
  end.

Definition take_closing (b : books) (r : rest) (ep kind market q price closed side other other_side adjustment kept bid paid : Z) : outcome :=
  let k := key closed market side in
  let p := position_in (b_positions b) k in
  let o := position_in (b_positions b) (key other market other_side) in
  let m := market_in r market in
  let fresh := price_of b r (bucket_of r closed market side) closed market side in
  let pr := match priced r with Some x => if p_key x =? k then x else fresh | None => fresh end in
  let sign := if 0 <? size p then -1 else 1 in
  let lot := q * u m in
  idle r
  (same price (mark m) "ADL-3"
  (demand ((0 <? q) && (q <=? Z.abs (size p))) "WF-7" q (Z.abs (size p))
  (demand ((kind =? 1) || (kind =? 2) || ((size p * size o <? 0) && (q <=? Z.abs (size o)))) "ADL-3" q (Z.abs (size o))
  (sides_are b r kind market q closed side other other_side
  (same paid (price + floor_of (sign * adjustment * 2 + lot) (lot * 2)) "RCP-7"
  (adjustment_is r kind q adjustment bid pr
  (stage_is r ep (if kind =? 1 then 5 else if kind =? 2 then 6 else if kind =? 4 then 8 else 0) (fun r =>
   let r := add_to_receipt r ep (fun x => {|
     e_bucket := e_bucket x; e_stage := e_stage x; e_recourse := e_recourse x; e_fund := e_fund x;
     e_covered := e_covered x + (if kind =? 1 then Z.min bid (positive_part (- adjustment)) else 0);
     e_vault := e_vault x + (if kind =? 2 then positive_part (- adjustment) else 0);
     e_given := e_given x - (if kind =? 3 then adjustment else 0); e_charged := e_charged x;
     e_filled := e_filled x + (if (kind =? 1) || (kind =? 2) then q else 0) |}) in
   fine (with_priced (with_gathered r (Some {| g_market := market; g_price := price; g_first := closed; g_second := other;
     g_delta := if 0 <? size p then - q else q; g_fee_first := 0; g_fee_second := 0; g_kind := 2 + kind;
     g_adjustment := adjustment; g_kept := kept; g_positions := b_positions b; g_cash := b_cash b; g_entries := [];
     g_done := None |})) (if (kind =? 1) || (kind =? 2) then Some pr else None)))))))))).

Definition take_trade (b : books) (r : rest) (market price quantity taker_side maker taker maker_fee taker_fee kind ep : Z) : outcome :=
  idle r
  ((if kind =? 0 then fun next => next else fill_is b r market price taker taker_side)
  (stage_most r ep 4 (fun r => let r := fill_step r ep quantity in
  (demand (0 <? quantity) "LED-3" quantity 1 (demand (0 <? price) "LED-3" price 1
  (let delta := if taker_side =? 0 then quantity else - quantity in
   fine (with_gathered r (Some {| g_market := market; g_price := price; g_first := maker; g_second := taker;
     g_delta := - delta; g_fee_first := maker_fee; g_fee_second := taker_fee; g_kind := if kind =? 0 then 0 else 1;
     g_adjustment := 0; g_kept := 0; g_positions := b_positions b; g_cash := b_cash b; g_entries := []; g_done := None |})))))))).

(* All items of a fill or closing whose two positions are known. *)
Definition items_of (b : books) (r : rest) (g : gathering) (side_first side_second : Z) : list item :=
  let m := g_market g in
  if g_kind g <? 2 then
    let liquidated := g_kind g =? 1 in
    let own_fee := if liquidated then 0 else g_fee_second g in
    let maker := side_of b r g (g_first g) (g_second g) m side_first (g_delta g) (g_fee_first g) false false in
    let taker := side_of b r g (g_second g) (g_first g) m side_second (- g_delta g) own_fee liquidated false in
    both_sides maker taker (g_fee_first g) own_fee reason_trade
    ++ (if liquidated then move_of false (at_bucket taker) fund_bucket (g_fee_second g) reason_liquidation_fee
        else [MoveUpTo fees_bucket fund_bucket far reason_debt])
  else
    let a := g_adjustment g in
    let reason := kind_reason (g_kind g - 2) in
    let own := side_of b r g (g_first g) (g_second g) m side_first (g_delta g) 0 true false in
    let taken := side_of b r g (g_second g) (g_first g) m side_second (- g_delta g) (positive_part (- a)) false true in
    (if a <? 0 then move_of false (at_bucket taken) (at_bucket own) (- a) reason else [])
    ++ both_sides own taken 0 0 reason
    ++ (if 0 <? a then move_of false (at_bucket own) (at_bucket taken) a reason else []).

Definition position_is (f : fill) (sz entry real : Z) (next : outcome) : outcome :=
  same sz (size (after f)) "LED-3" (same (- entry) (quote (after f)) "LED-3" (same real (realised f) "LED-3" next)).

(* A position as told after a fill, a closing or a settlement. *)
Definition take_position (b : books) (r : rest) (account market side sz entry cash_told real : Z) : outcome :=
  let k := key account market side in
  let bucket := bucket_of r account market side in
  let cash_now := if bucket =? cross_bucket account then 0 else get (b_cash b) bucket in
  let write := fun r => inr ([Place k market {| size := sz; quote := - entry |}], note_held r account k) in
  same cash_told cash_now "LED-5"
  match gathered r with
  | Some g =>
      let p := position_in (g_positions g) k in
      let delta := match g_done g with None => g_delta g | Some _ => - g_delta g end in
      let f := fill_of (u (market_in r market)) (g_price g) delta p in
      same market (g_market g) "LED-3"
      (position_is f sz entry real
      (match g_done g with
      | None => same account (g_first g) "LED-3" (write (with_gathered r (Some (with_done g side))))
      | Some first =>
          same account (g_second g) "LED-3"
          (demand (follows (items_of b r g first side) (rev (g_entries g))) "LED-7"
             (sum (map change (g_entries g))) (realised f + realised (fill_of (u (market_in r market)) (g_price g) (g_delta g)
               (position_in (g_positions g) (key (g_first g) market first))))
          (demand ((g_kind g <? 2) || (g_kept g =? (if reduced f =? 0 then 0 else realised f + g_adjustment g))) "RCP-4"
             (g_kept g) (realised f + g_adjustment g)
          (demand (negb (g_kind g =? 5) || (0 <=? equity_in (updated b (Place k market {| size := sz; quote := - entry |})) r bucket))
             "ADL-1" (equity_in (updated b (Place k market {| size := sz; quote := - entry |})) r bucket) 0
          (write (with_gathered r None)))))
      end))
  | None =>
      let p := position_in (b_positions b) k in
      let m := market_in r market in
      let f := fill_of (u m) (mark m) (- size p) p in
      let told := sum (map snd (filter (fun c => fst c =? bucket) (credits r))) in
      demand (negb (size p =? 0)) "WF-10" sz 0
      (position_is f sz entry real (same told real "WF-10" (write (with_credits r [] (got r)))))
  end.

(* ---- funding ---- *)

Fixpoint remove_one (x : Z * Z) (l : list (Z * Z)) : option (list (Z * Z)) :=
  match l with
  | [] => None
  | y :: rest =>
      if (fst x =? fst y) && (snd x =? snd y) then Some rest
      else match remove_one x rest with Some r => Some (y :: r) | None => None end
  end.

Fixpoint same_credits (wanted have : list (Z * Z)) : option Z :=
  match wanted with
  | [] => match have with [] => None | y :: _ => Some (snd y) end
  | x :: rest => match remove_one x have with Some h => same_credits rest h | None => Some (snd x) end
  end.

Definition take_funding (b : books) (r : rest) (market rate paid_told received_told rounding : Z) : outcome :=
  let m := market_in r market in
  let holders := holders_of b r market in (* bucket and worth *)
  let worths := map snd holders in
  let wanted := filter (fun c => negb (snd c =? 0)) (payment_of rate fund_bucket holders) in
  idle r
  (same paid_told (paid rate worths) "FUND-3" (same received_told (received rate worths) "FUND-3"
  (same rounding (paid_told - received_told) "FUND-3"
  (match same_credits wanted (credits r) with
   | Some missing => fail "FUND-3" missing 0
   | None => fine (with_credits (with_market r market (with_funded m rate)) [] false)
   end)))).

(* ---- shares of the vault ---- *)

Definition take_shares (r : rest) (account total_now equity_now : Z) : outcome :=
  let c := visited r in
  let done := with_total (with_visit r 0) total_now in
  if (c =? 0) || (account =? 2) then idle r (fine done)
  else if 0 <? c then
    let s := total_now - total r in
    idle r (demand (0 <? s) "VLT-2" s 1
      (same c (cost s {| equity := equity_now - c; shares := total r |}) "VLT-2" (fine done)))
  else
    let s := total r - total_now in
    idle r (demand (0 <? s) "VLT-2" s 1
      (same (- c) (worth s {| equity := Z.max 0 (equity_now - c); shares := total r |}) "VLT-2" (fine done))).

(* ---- receipts ---- *)

Definition take_began (b : books) (r : rest) (ep account market side eq : Z) : outcome :=
  let bucket := if market =? nobody then cross_bucket account else key account market side in
  idle r (same eq (equity_in b r bucket) "RCP-1"
    (fine (with_receipt r ep {| e_bucket := bucket; e_stage := 3; e_recourse := 0; e_fund := 0; e_covered := 0; e_vault := 0;
      e_given := 0; e_charged := 0; e_filled := 0 |}))).

Definition take_queue (b : books) (r : rest) (ep market side remainder deficit : Z) : outcome :=
  match receipt_in r ep with
  | None => fail "RCP-1" ep 0
  | Some x =>
      let sign := if side =? 0 then -1 else 1 in
      match filter (fun k => 0 <? sign * size (position_in (b_positions b) k)) (positions_of b r (e_bucket x) market) with
      | k :: _ =>
          let s := Z.abs (size (position_in (b_positions b) k)) in
          let lacks := positive_part (- equity_in b r (e_bucket x)) in
          let alone := is_only b r (e_bucket x) k in
          let all := losses_in b r (e_bucket x) in
          let lost := loss_in b r k in
          let by_loss := if all =? 0 then -1 else ceiling_of (lacks * lost) all in
          same remainder s "ADL-6"
          (demand (negb alone || (deficit =? lacks)) "MG-6" deficit lacks
          (demand (deficit <=? lacks) "MG-6" deficit lacks
          (stage_is r ep (if e_stage x <=? 4 then 4 else 7) (fun r =>
          fine (with_queue r (Some {| d_exact := alone || (deficit =? by_loss) || (lacks =? 0);
            d_num := if alone then lacks else if deficit =? by_loss then lacks * lost else 0;
            d_den := if alone then s else if deficit =? by_loss then all * s else 1;
            d_deficit := deficit; d_size := s |}))))))
      | [] => fail "ADL-6" remainder 0
      end
  end.

(* The sum: deficit = recourse + fund + vault + given up + residual - rounding, each part what its steps add up to. *)
Definition take_ended (b : books) (r : rest) (ep account : Z) (e : ended) : outcome :=
  match receipt_in r ep with
  | None => fail "RCP-1" ep 0
  | Some x =>
      idle r (same account (account_of (e_bucket x)) "RCP-1"
      (same (t_recourse e) (e_recourse x) "RCP-5" (same (t_vault e) (e_vault x) "RCP-5"
      (same (t_given e) (e_given x) "RCP-5" (same (t_residual e - t_debt e) (e_charged x) "RCP-5"
      (same (t_fund e + t_bids e) (e_fund x) "RCP-5"
      (same (t_deficit e) (t_recourse e + t_fund e + t_vault e + t_given e + t_residual e - t_rounding e) "RCP-5"
      (same (t_overshoot e) (t_taken e - t_needed e) "ADL-8"
      (demand (t_taken e <=? t_given e) "ADL-8" (t_taken e) (t_given e)
      (same (t_equity e) (equity_in b r (e_bucket x)) "RCP-1"
      (demand ((t_taken e + t_residual e <=? 0) || (t_equity e <=? 0)
          || negb (forallb (fun k => size (position_in (b_positions b) k) =? 0) (held_in r (e_bucket x))))
        "WF-9" (t_equity e) 0
      (fine (with_queue (without_receipt r ep) None)))))))))))))
  end.

Definition take_fund_paid (b : books) (r : rest) (ep amount before after_ : Z) : outcome :=
  idle r (same (before - after_) amount "RCP-3"
    (same after_ (Z.max 0 (get (b_cash b) fund_bucket)) "RCP-3"
    (demand (0 <=? amount) "WF-4" amount 0
    (demand (0 <=? after_) "WF-4" after_ 0
    (stage_most r ep 5 (fun r => fine (add_to_receipt r ep (fun x => {|
      e_bucket := e_bucket x; e_stage := Z.max 4 (e_stage x); e_recourse := e_recourse x; e_fund := e_fund x + amount;
      e_covered := e_covered x; e_vault := e_vault x; e_given := e_given x; e_charged := e_charged x; e_filled := e_filled x |})))))))).

(* A charge is one of somebody who holds a position there, and has the equity (WF-8, ADL-9). *)
Definition take_charge (b : books) (r : rest) (ep account market amount : Z) : outcome :=
  let held := filter (fun k => negb (size (position_in (b_positions b) k) =? 0)) (held_by r account market) in
  let richest := fold_left Z.max (map (fun k => equity_in b r (bucket_of_key r account market k)) held) 0 in
  idle r (demand (match held with [] => false | _ => true end) "ADL-9" amount 0
    (demand ((0 <? amount) && (amount <=? richest)) "WF-8" amount richest
    (stage_is r ep 8 (fun r =>
    fine (with_announced (add_to_receipt r ep (fun x => {| e_bucket := e_bucket x; e_stage := e_stage x; e_recourse := e_recourse x;
      e_fund := e_fund x; e_covered := e_covered x; e_vault := e_vault x; e_given := e_given x;
      e_charged := e_charged x + amount; e_filled := e_filled x |}))
      {| a_reason := reason_residual; a_account := account; a_amount := amount |}))))).

Definition take_recourse (b : books) (r : rest) (ep account market side amount : Z) : outcome :=
  let bucket := if market =? nobody then cross_bucket account else key account market side in
  let e := equity_in b r bucket in
  idle r (demand ((0 <? amount) && (amount <=? e)) "ADL-10" amount e
    (stage_most r ep 4 (fun r =>
    fine (with_announced (add_to_receipt r ep (fun x => {| e_bucket := e_bucket x; e_stage := Z.max 4 (e_stage x);
      e_recourse := e_recourse x + amount; e_fund := e_fund x; e_covered := e_covered x; e_vault := e_vault x;
      e_given := e_given x; e_charged := e_charged x; e_filled := e_filled x |}))
      {| a_reason := reason_recourse; a_account := account; a_amount := amount |})))).

(* ---- one event ---- *)

Definition take_outcome (b : books) (r : rest) (sequence : Z) : outcome :=
  idle r (same (b_total b) (b_pile b) "LED-4"
    (match unbalanced b with
     | Some n => fail "LED-4" n 0
     | None =>
        match credits r with
        | c :: _ => fail "LED-5" (snd c) 0
        | [] => fine (end_of_command r)
        end
     end)).

Definition take_settled (b : books) (r : rest) (market price deficit fund residual : Z) : outcome :=
  idle r (same price (mark (market_in r market)) "WF-10" (same deficit (fund + residual) "WF-10"
  (match holders_of b r market with
    | [] => fine (with_credits r [] false)
    | h :: _ => fail "WF-10" (snd h) 0
    end))).

Definition take (b : books) (r : rest) (e : event) : outcome :=
  match e with
  | Begin => inr ([Clear], nothing_known)
  | Outcome seq => take_outcome b r seq
  | Market m tick lot => fine (with_market r m {| u := tick * lot / 100000000; mark := 0; before := 0; funded := 0 |})
  | Owner a o => fine (with_owner r a o)
  | Entry a m s reason x c bal => take_entry b r a m s reason x c bal
  | Trade m p q side maker taker mf tf kind ep => take_trade b r m p q side maker taker mf tf kind ep
  | Position a m s sz entry cash real => take_position b r a m s sz entry cash real
  | Mark m now before_ => idle r (fine (with_market r m (with_mark (market_in r m) now before_)))
  | Funded m rate p rec rounding => take_funding b r m rate p rec rounding
  | Mode a m isolated => fine (with_mode r a m isolated)
  | Shares a t eq => take_shares r a t eq
  | Began ep a m s eq => take_began b r ep a m s eq
  | Ordered ep quantity filled retry =>
      idle r (demand (filled <=? quantity) "WF-3" filled quantity (same filled (filled_in r ep) "RCP-2"
        (stage_is (end_step r ep) ep (if retry =? 1 then 4 else 3) fine)))
  | FundPaid ep x bef aft => take_fund_paid b r ep x bef aft
  | Volunteers ep asked taken =>
      idle r (demand (taken <=? asked) "WF-5" taken asked (same taken (filled_in r ep) "RCP-3"
        (stage_is (with_priced (end_step r ep) None) ep 5 fine)))
  | Quoted ep asked taken => 
      idle r (demand (taken <=? asked) "VLT-3" taken asked (same taken (filled_in r ep) "RCP-3"
        (stage_is (with_priced (end_step r ep) None) ep 6 fine)))
  | Ranked ep m s remainder deficit => idle r (take_queue b r ep m s remainder deficit)
  | Closed ep kind m q p c s o os adj kept bid paid_ => take_closing b r ep kind m q p c s o os adj kept bid paid_
  | Charged ep a m x => take_charge b r ep a m x
  | Answered ep a m s x => take_recourse b r ep a m s x
  | Ended ep a sums => take_ended b r ep a sums
  | Pending => fine (with_pending r)
  | Settled m p d f x => take_settled b r m p d f x
  end.

(* A run: the events one after the other, until one is refused. *)
Definition state := (books * rest)%type.
Definition start : state := (no_books, nothing_known).

Definition check (s : state) (e : event) : refusal + state :=
  match take (fst s) (snd s) e with
  | inl no => inl no
  | inr (us, r) => inr (fold_left updated us (fst s), r)
  end.

Fixpoint accepts (s : state) (es : list event) : option state :=
  match es with
  | [] => Some s
  | e :: rest => match check s e with inl _ => None | inr t => accepts t rest end
  end.

(* ---- what is accepted ---- *)

Lemma accepted_books : forall es s t, sound (fst s) -> accepts s es = Some t -> sound (fst t).
Proof.
  induction es as [| e es IH]; simpl; intros s t S A; [injection A as <-; exact S |].
  unfold check in A. destruct (take (fst s) (snd s) e) as [no | [us r]]; [discriminate |].
  apply (IH (fold_left updated us (fst s), r)); [| exact A]. simpl. apply updates_keep_sound. exact S.
Qed.

(* The running total of whatever the checker accepts is Σ cash + Σ quote over all margin accounts and positions, and
   the running net size of each market is Σ size over its positions: for runs of any length. *)
Theorem LED_4_the_checker_adds_up_all_cash_and_quotes : forall es s, accepts start es = Some s ->
  b_total (fst s) = all_cash_in (fst s) + all_quote_in (fst s) /\
  forall m, get (b_net (fst s)) m = all_lots_in m (fst s).
Proof. intros es s A. apply (accepted_books es start s); [apply no_books_sound | exact A]. Qed.

(* Whenever it accepts the end of a command, Σ cash + Σ quote = deposits − withdrawals there, longs and shorts of
   every market balance, and no entry is left without its other half. *)
Theorem LED_4_the_checker_accepts_no_end_that_does_not_add_up : forall es sequence s,
  accepts start (es ++ [Outcome sequence]) = Some s ->
  all_cash_in (fst s) + all_quote_in (fst s) = b_pile (fst s) /\
  (forall m, all_lots_in m (fst s) = 0) /\ gathered (snd s) = None /\ half (snd s) = None.
Proof.
  intros es n s A.
  assert (SPLIT : forall es s, accepts s (es ++ [Outcome n]) = match accepts s es with
    | None => None | Some t => accepts t [Outcome n] end).
  { induction es0 as [| e es0 IH]; intro s0; [reflexivity |]. simpl.
    destruct (check s0 e); [reflexivity | apply IH]. }
  rewrite SPLIT in A. destruct (accepts start es) as [t |] eqn:T; [| discriminate].
  pose proof (accepted_books es start t no_books_sound T) as [S1 S2].
  simpl in A. unfold check in A. destruct t as [b r]. simpl in *. unfold take_outcome, idle in A.
  destruct (gathered r) eqn:G; [discriminate |]. destruct (half r) eqn:H; [discriminate |].
  unfold same, demand in A. destruct (Z.eqb_spec (b_total b) (b_pile b)) as [E | E]; [| discriminate].
  destruct (unbalanced b) eqn:U; [discriminate |]. destruct (credits r); [| discriminate].
  injection A as <-. simpl. split; [lia | split; [| split]].
  - intro m. rewrite <- S2. apply unbalanced_none. exact U.
  - unfold end_of_command. destruct (is_pending r); exact G.
  - unfold end_of_command. destruct (is_pending r); exact H.
Qed.

(* What it accepts as an entry states the balance that the entries so far give (LED-5). *)
Theorem LED_5_the_checker_accepts_no_entry_with_another_balance : forall b r a m s reason x c balance us r',
  take b r (Entry a m s reason x c balance) = inr (us, r') ->
  balance = get (b_cash b) (if m =? nobody then cross_bucket a else key a m s) + x.
Proof.
  intros b r a m s reason x c balance us r' T. simpl in T. unfold take_entry, same, demand in T.
  destruct (Z.eqb_spec balance (get (b_cash b) (if m =? nobody then cross_bucket a else key a m s) + x)) as [E | E];
    [exact E | discriminate].
Qed.
