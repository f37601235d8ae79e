(* The ledger: cash of margin accounts, positions, and what may happen to them (ledger.md).

   Margin accounts and positions have numbers; there may be any number of them. What a position belongs to,
   its market and its margin account, are functions of its number. Theorems about sums hold for any list of
   steps. *)
From Coq Require Import ZArith Lia List Bool FMapAVL FMapFacts OrderedTypeEx.
From Zerosum Require Import Arithmetic.
Import ListNotations.
Open Scope Z_scope.

Module M := FMapAVL.Make Z_as_OT.
Module F := WProperties_fun Z_as_OT M.

(* ---- sums over a map ---- *)

Definition total {V : Type} (f : Z -> V -> Z) (m : M.t V) : Z := M.fold (fun k v a => f k v + a) m 0.
Definition at_key {V : Type} (f : Z -> V -> Z) (k : Z) (m : M.t V) : Z :=
  match M.find k m with Some v => f k v | None => 0 end.

Lemma total_fresh : forall (V : Type) (f : Z -> V -> Z) k v m m',
  ~ M.In k m -> F.Add k v m m' -> total f m' = f k v + total f m.
Proof.
  intros V f k v m m' N A. unfold total.
  refine (F.fold_Add (eqA := eq) eq_equivalence (f := fun k v a => f k v + a) _ _ 0 N A).
  intros a b c d e _. lia.
Qed.

(* Writing one entry changes the sum by what is written, less what stood there. *)
Lemma total_add : forall (V : Type) (f : Z -> V -> Z) k v m,
  total f (M.add k v m) = total f m - at_key f k m + f k v.
Proof.
  intros V f k v m. unfold at_key. destruct (M.find k m) as [old |] eqn:E.
  - assert (N : ~ M.In k (M.remove k m)) by (apply M.remove_1; reflexivity).
    rewrite (total_fresh V f k v (M.remove k m) (M.add k v m) N).
    + rewrite (total_fresh V f k old (M.remove k m) m N); [lia |].
      intro y. rewrite F.F.add_o, F.F.remove_o. destruct (F.F.eq_dec k y) as [D | D]; [hnf in D; subst; exact E | reflexivity].
    + intro y. rewrite !F.F.add_o, F.F.remove_o. destruct (F.F.eq_dec k y); reflexivity.
  - rewrite (total_fresh V f k v m (M.add k v m)); [lia | |].
    + rewrite F.F.in_find_iff. congruence.
    + intro y. reflexivity.
Qed.

Lemma total_empty : forall (V : Type) (f : Z -> V -> Z), total f (M.empty V) = 0.
Proof. intros. unfold total. reflexivity. Qed.

Lemma total_plus : forall (V : Type) (f g h : Z -> V -> Z) m, (forall k v, f k v = g k v + h k v) ->
  total f m = total g m + total h m.
Proof.
  intros V f g h m H. unfold total. rewrite !M.fold_1.
  assert (G : forall els a b c, a = b + c ->
    fold_left (fun a (p : M.key * V) => f (fst p) (snd p) + a) els a
    = fold_left (fun a (p : M.key * V) => g (fst p) (snd p) + a) els b
      + fold_left (fun a (p : M.key * V) => h (fst p) (snd p) + a) els c).
  { induction els as [| e els IH]; simpl; intros a b c E; [exact E |]. apply IH. rewrite H. lia. }
  apply G. reflexivity.
Qed.

(* ---- positions and fills (LED-3) ---- *)

Record position := { size : Z; quote : Z }.
Definition flat : position := {| size := 0; quote := 0 |}.
Definition unrealised (u mark : Z) (p : position) : Z := size p * mark * u + quote p.

Record fill := { after : position; realised : Z; reduced : Z; opened : Z }.

Definition released (p : position) (lots : Z) : Z := Z.quot (quote p * lots) (Z.abs (size p)).

(* What buying (selling, if negative) `delta` lots at `price` makes of a position. *)
Definition fill_of (u price delta : Z) (p : position) : fill :=
  let lots := Z.abs delta in
  let sign := Z.sgn delta in
  let reduced := if size p * sign <? 0 then Z.min lots (Z.abs (size p)) else 0 in
  let opened := lots - reduced in
  let free := if reduced =? 0 then 0 else released p reduced in
  {| after := {| size := size p + delta; quote := quote p - free - sign * price * opened * u |};
     realised := free - (if reduced =? 0 then 0 else sign * price * reduced * u);
     reduced := reduced;
     opened := opened |}.

(* notional(p, q) = p·q·u is the product of the decimals, exactly, where tick·lot is u whole units. *)
Theorem LED_1_notional_is_exact : forall tick lot u price lots, tick * lot = u * 100000000 ->
  (price * tick) * (lots * lot) = (price * lots * u) * 100000000.
Proof. intros tick lot u price lots E. nia. Qed.

(* What a fill makes of cash and quote together is what the lots cost, to the unit, whatever was rounded. *)
Theorem LED_3_a_fill_moves_exactly_its_price : forall u price delta p,
  realised (fill_of u price delta p) + quote (after (fill_of u price delta p)) - quote p
  = - (delta * price * u).
Proof.
  intros u price delta p. unfold fill_of. simpl.
  assert (E : Z.sgn delta * Z.abs delta = delta) by (destruct delta; simpl; lia).
  set (r := if size p * Z.sgn delta <? 0 then Z.min (Z.abs delta) (Z.abs (size p)) else 0).
  destruct (Z.eqb_spec r 0) as [-> | _]; nia.
Qed.

(* At any mark a fill changes cash and unrealised PnL together by the lots times (mark − price). *)
Theorem LED_3_equity_changes_by_the_distance_from_the_mark : forall u price mark delta p,
  realised (fill_of u price delta p) + unrealised u mark (after (fill_of u price delta p)) - unrealised u mark p
  = delta * (mark - price) * u.
Proof.
  intros u price mark delta p. pose proof (LED_3_a_fill_moves_exactly_its_price u price delta p) as E.
  unfold unrealised. assert (S : size (after (fill_of u price delta p)) = size p + delta) by reflexivity.
  rewrite S. nia.
Qed.

(* A reduction releases quote·q/|size|, toward zero: a part of the quote and no more. *)
Theorem LED_3_released_is_a_part_toward_zero : forall p lots, 0 < Z.abs (size p) -> 0 <= lots <= Z.abs (size p) ->
  Z.abs (released p lots) <= Z.abs (quote p) /\
  Z.abs (released p lots) * Z.abs (size p) <= Z.abs (quote p) * lots < (Z.abs (released p lots) + 1) * Z.abs (size p) /\
  0 <= released p lots * quote p.
Proof.
  intros p lots S L. unfold released.
  pose proof (truncated_bounds (quote p * lots) (Z.abs (size p)) S) as [A B].
  destruct (Z.le_gt_cases 0 (quote p)) as [Q | Q].
  - destruct A as [A1 A2]; [nia |]. split; [nia | split; [split; nia | nia]].
  - destruct B as [B1 B2]; [nia |]. split; [nia | split; [split; nia | nia]].
Qed.

(* Closing all of a position leaves nothing of it: no lots, no quote. *)
Theorem LED_3_a_close_leaves_nothing : forall u price p, size p <> 0 ->
  after (fill_of u price (- size p) p) = flat.
Proof.
  intros u price [s q] N. unfold fill_of, flat, released. simpl in *.
  assert (A : Z.abs (- s) = Z.abs s) by lia. rewrite A, Z.min_id.
  assert (L : (s * Z.sgn (- s) <? 0) = true) by (apply Z.ltb_lt; destruct s; simpl; lia).
  rewrite L. destruct (Z.eqb_spec (Z.abs s) 0); [lia |].
  rewrite Z.quot_mul by lia. f_equal; lia.
Qed.

(* A flip is a reduction to nothing, then an opening. *)
Theorem LED_3_a_flip_is_a_close_then_an_opening : forall u price delta p,
  size p * delta < 0 -> Z.abs (size p) < Z.abs delta ->
  let closed := fill_of u price (- size p) p in
  let turned := fill_of u price (delta + size p) (after closed) in
  after (fill_of u price delta p) = after turned /\
  realised (fill_of u price delta p) = realised closed /\ realised turned = 0.
Proof.
  intros u price delta [s q] O L closed turned.
  assert (N : s <> 0) by (simpl in O; nia).
  assert (C : after closed = flat) by (apply LED_3_a_close_leaves_nothing; exact N).
  unfold turned. rewrite C. unfold closed, fill_of, flat, released. simpl in *.
  assert (A : Z.abs (- s) = Z.abs s) by lia. rewrite A, Z.min_id, Z.min_r by lia.
  assert (O' : (0 < s /\ delta < 0) \/ (s < 0 /\ 0 < delta)) by nia.
  assert (G : Z.sgn (- s) = Z.sgn delta) by lia.
  assert (T : (s * Z.sgn delta <? 0) = true).
  { apply Z.ltb_lt. destruct O' as [[P Q] | [P Q]].
    - rewrite (Z.sgn_neg delta Q). lia.
    - rewrite (Z.sgn_pos delta Q). lia. }
  assert (D : Z.sgn (delta + s) = Z.sgn delta) by lia.
  rewrite G, T, D. simpl. destruct (Z.eqb_spec (Z.abs s) 0); [lia |].
  rewrite Z.quot_mul by lia.
  assert (E : Z.abs (delta + s) = Z.abs delta - Z.abs s) by lia.
  rewrite E. repeat split; try lia. f_equal; try lia.
Qed.

(* ---- the whole ledger ---- *)

Record ledger := { cash : M.t Z; positions : M.t position; pile : Z }.
Definition nothing : ledger := {| cash := M.empty Z; positions := M.empty position; pile := 0 |}.
Definition cash_at (l : ledger) (k : Z) : Z := match M.find k (cash l) with Some c => c | None => 0 end.
Definition position_at (l : ledger) (k : Z) : position :=
  match M.find k (positions l) with Some p => p | None => flat end.

Definition credit (l : ledger) (k amount : Z) : ledger :=
  {| cash := M.add k (cash_at l k + amount) (cash l); positions := positions l; pile := pile l |}.

(* One side of a fill or of a closing: lots of a position, whose result goes to a margin account. *)
Record side := { of : Z; margin : Z; delta : Z }.

Inductive step :=
  | Bring (account amount : Z)                       (* a deposit, capital of the vault *)
  | Leave (account amount : Z)                       (* a withdrawal *)
  | Move (amount payer receiver : Z)                 (* everything that one margin account pays another *)
  | Pay (payments : list (Z * Z))                    (* funding: all credits of a payment, with the fund's *)
  | Exchange (market price : Z) (sides : list side). (* a fill, a closing, a settlement *)

Section Steps.
  Variable market_of : Z -> Z. (* of a position *)
  Variable unit_of : Z -> Z.   (* u of a market *)

  Definition take_side (market price : Z) (l : ledger) (s : side) : ledger :=
    let f := fill_of (unit_of market) price (delta s) (position_at l (of s)) in
    let c := credit l (margin s) (realised f) in
    {| cash := cash c; positions := M.add (of s) (after f) (positions c); pile := pile c |}.

  Definition apply (l : ledger) (s : step) : ledger :=
    match s with
    | Bring k a => let c := credit l k a in {| cash := cash c; positions := positions c; pile := pile l + a |}
    | Leave k a =>
        let c := credit l k (- a) in {| cash := cash c; positions := positions c; pile := pile l - a |}
    | Move a payer receiver => credit (credit l payer (- a)) receiver a
    | Pay payments => fold_left (fun l p => credit l (fst p) (snd p)) payments l
    | Exchange market price sides => fold_left (take_side market price) sides l
    end.

  (* What makes a step one of these rules: payments cancel, and so do the lots of one market. *)
  Definition valid (s : step) : Prop :=
    match s with
    | Pay payments => sum (map snd payments) = 0
    | Exchange market _ sides =>
        sum (map delta sides) = 0 /\ Forall (fun s => market_of (of s) = market) sides
    | _ => True
    end.

  Definition all_cash (l : ledger) : Z := total (fun _ c => c) (cash l).
  Definition all_quote (l : ledger) : Z := total (fun _ p => quote p) (positions l).
  (* Sizes weighed by something that is the same for all positions of a market. *)
  Definition weighed (w : Z -> Z) (l : ledger) : Z :=
    total (fun k p => size p * w (market_of k)) (positions l).
  Definition equity_at (marks : Z -> Z) (l : ledger) : Z :=
    all_cash l + total (fun k p => unrealised (unit_of (market_of k)) (marks (market_of k)) p) (positions l).

  Lemma cash_of_credit : forall l k a, all_cash (credit l k a) = all_cash l + a.
  Proof.
    intros. unfold all_cash, credit, cash_at. simpl. rewrite total_add. unfold at_key.
    destruct (M.find k (cash l)); lia.
  Qed.

  Lemma positions_of_credit : forall l k a, positions (credit l k a) = positions l.
  Proof. reflexivity. Qed.

  Lemma pile_of_credit : forall l k a, pile (credit l k a) = pile l.
  Proof. reflexivity. Qed.

  Lemma pay_spec : forall ps l,
    let l' := fold_left (fun l p => credit l (fst p) (snd p)) ps l in
    all_cash l' = all_cash l + sum (map snd ps) /\ positions l' = positions l /\ pile l' = pile l.
  Proof.
    induction ps as [| p ps IH]; simpl; intros l; [repeat split; lia |].
    specialize (IH (credit l (fst p) (snd p))). simpl in IH. destruct IH as (A & B & C).
    rewrite A, B, C, cash_of_credit. repeat split; lia.
  Qed.

  Lemma side_spec : forall market price l s w,
    let l' := take_side market price l s in
    all_cash l' + all_quote l' = all_cash l + all_quote l - delta s * price * unit_of market /\
    weighed w l' = weighed w l + delta s * w (market_of (of s)) /\ pile l' = pile l.
  Proof.
    intros market price l s w. unfold take_side, all_quote, weighed.
    set (f := fill_of (unit_of market) price (delta s) (position_at l (of s))).
    assert (E : realised f + quote (after f) - quote (position_at l (of s)) = - (delta s * price * unit_of market))
      by apply LED_3_a_fill_moves_exactly_its_price.
    assert (S : size (after f) = size (position_at l (of s)) + delta s) by reflexivity.
    pose proof (cash_of_credit l (margin s) (realised f)) as C. unfold all_cash in *. simpl in *.
    rewrite C, !total_add. unfold at_key. unfold position_at in *.
    destruct (M.find (of s) (positions l)); simpl in *; repeat split; nia.
  Qed.

  Lemma sides_spec : forall sides market price l w,
    Forall (fun s => market_of (of s) = market) sides ->
    let l' := fold_left (take_side market price) sides l in
    all_cash l' + all_quote l' = all_cash l + all_quote l - sum (map delta sides) * price * unit_of market /\
    weighed w l' = weighed w l + sum (map delta sides) * w market /\ pile l' = pile l.
  Proof.
    induction sides as [| s sides IH]; intros market price l w H; [simpl; repeat split; lia |].
    inversion H as [| ? ? M1 M2]; subst. specialize (IH _ price (take_side (market_of (of s)) price l s) w M2).
    destruct (side_spec (market_of (of s)) price l s w) as (A & B & C). simpl in *.
    destruct IH as (D & E & G). rewrite D, E, G. repeat split; nia.
  Qed.

  Lemma step_spec : forall s l w, valid s ->
    all_cash (apply l s) + all_quote (apply l s) - pile (apply l s) = all_cash l + all_quote l - pile l /\
    weighed w (apply l s) = weighed w l.
  Proof.
    intros s l w V. destruct s as [k a | k a | a p r | ps | m p sides].
    - simpl. pose proof (cash_of_credit l k a) as E. unfold all_cash, all_quote, weighed in *. simpl in *.
      rewrite E. split; lia.
    - simpl. pose proof (cash_of_credit l k (- a)) as E. unfold all_cash, all_quote, weighed in *. simpl in *.
      rewrite E. split; lia.
    - change (apply l (Move a p r)) with (credit (credit l p (- a)) r a).
      rewrite !cash_of_credit. unfold all_quote, weighed. rewrite !positions_of_credit, !pile_of_credit. split; lia.
    - simpl in V. destruct (pay_spec ps l) as (A & B & C). simpl in *.
      unfold all_quote, weighed. rewrite A, B, C. split; lia.
    - simpl in V. destruct V as [V1 V2]. destruct (sides_spec sides m p l w V2) as (A & B & C). simpl in *.
      rewrite C, B, V1. split; nia.
  Qed.

  (* Σ cash + Σ quote = deposits − withdrawals after any list of steps, from nothing. *)
  Theorem LED_4_total_changes_only_by_deposits : forall steps, Forall valid steps ->
    let l := fold_left apply steps nothing in all_cash l + all_quote l = pile l.
  Proof.
    intros steps V l. assert (G : forall ss l0, Forall valid ss ->
      all_cash (fold_left apply ss l0) + all_quote (fold_left apply ss l0) - pile (fold_left apply ss l0)
      = all_cash l0 + all_quote l0 - pile l0).
    { induction ss as [| s ss IH]; intros l0 K; [reflexivity |]. inversion K; subst. simpl.
      rewrite IH by assumption. apply (step_spec s l0 (fun _ => 0)); assumption. }
    specialize (G steps nothing V). fold l in G.
    change (all_cash nothing) with 0 in G. change (all_quote nothing) with 0 in G.
    change (pile nothing) with 0 in G. lia.
  Qed.

  Lemma weighed_is_nothing : forall steps w, Forall valid steps -> weighed w (fold_left apply steps nothing) = 0.
  Proof.
    intros steps w V. assert (G : forall ss l0, Forall valid ss -> weighed w (fold_left apply ss l0) = weighed w l0).
    { induction ss as [| s ss IH]; intros l0 K; [reflexivity |]. inversion K; subst. simpl.
      rewrite IH by assumption. apply step_spec; assumption. }
    rewrite G by assumption. reflexivity.
  Qed.

  (* Per market Σ size = 0. *)
  Theorem LED_4_longs_and_shorts_balance : forall steps market, Forall valid steps ->
    weighed (fun m => if m =? market then 1 else 0) (fold_left apply steps nothing) = 0.
  Proof. intros. apply weighed_is_nothing. assumption. Qed.

  (* Hence Σ equity is the same at any marks: deposits − withdrawals. *)
  Theorem LED_4_equity_is_the_same_at_any_marks : forall steps marks, Forall valid steps ->
    let l := fold_left apply steps nothing in equity_at marks l = pile l.
  Proof.
    intros steps marks V l. unfold equity_at.
    rewrite (total_plus _ _ (fun k p => size p * (marks (market_of k) * unit_of (market_of k)))
      (fun _ p => quote p)) by (intros; unfold unrealised; nia).
    pose proof (weighed_is_nothing steps (fun m => marks m * unit_of m) V) as W.
    pose proof (LED_4_total_changes_only_by_deposits steps V) as T.
    fold l in W, T. unfold weighed, all_quote in *. lia.
  Qed.
End Steps.
