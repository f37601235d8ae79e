(* The books that the checker keeps, and what it remembers beside them. Only `updated` changes books. *)
From Coq Require Import ZArith Lia List Bool String SetoidList.
From Zerosum Require Import Arithmetic Ledger Funding.
Import ListNotations.
Open Scope Z_scope.

Record refusal := { rule : string; found : Z; expected : Z }.

(* ---- numbers of the interface ---- *)

Definition nobody : Z := -1.
Definition far : Z := 4611686018427387904. (* 2^62: no amount is above it (LED-1) *)

(* A position, and the margin account of an isolated one: account, market, side in one number. Market -1: cross. *)
Definition key (account market side : Z) : Z := (account * 1048576 + (market + 1)) * 4 + side.
Definition cross_bucket (account : Z) : Z := key account (-1) 0.
Definition fund_bucket : Z := cross_bucket 0.
Definition fees_bucket : Z := cross_bucket 1.
Definition market_of_key (k : Z) : Z := (k / 4) mod 1048576 - 1.

Definition reason_deposit : Z := 0.
Definition reason_withdrawal : Z := 1.
Definition reason_transfer : Z := 2.
Definition reason_trade : Z := 3.
Definition reason_fee : Z := 4.
Definition reason_rebate : Z := 5.
Definition reason_liquidation_fee : Z := 6.
Definition reason_funding : Z := 7.
Definition reason_isolated : Z := 8.
Definition reason_netting : Z := 9.
Definition reason_insurance : Z := 10.
Definition reason_volunteer : Z := 11.
Definition reason_bid : Z := 12.
Definition reason_takeover : Z := 13.
Definition reason_deleveraging : Z := 14.
Definition reason_residual : Z := 15.
Definition reason_rounding : Z := 16.
Definition reason_settlement : Z := 17.
Definition reason_vault_deposit : Z := 18.
Definition reason_vault_redemption : Z := 19.
Definition reason_debt : Z := 20.
Definition reason_recourse : Z := 21.

Record ended := {
  t_deficit : Z; t_recourse : Z; t_fund : Z; t_vault : Z; t_given : Z; t_residual : Z; t_debt : Z; t_rounding : Z;
  t_bids : Z; t_needed : Z; t_taken : Z; t_overshoot : Z; t_equity : Z }.

Inductive event :=
  | Begin
  | Outcome (sequence : Z)
  | Market (market tick lot : Z)
  | Owner (account owner : Z)
  | Entry (account market side reason amount counterparty balance : Z)
  | Trade (market price quantity taker_side maker taker maker_fee taker_fee kind episode : Z)
  | Position (account market side size entry isolated_cash realised : Z)
  | Mark (market mark previous : Z)
  | Funded (market rate paid received rounding : Z)
  | Mode (account market isolated : Z)
  | Shares (account total equity : Z)
  | Began (episode account market side equity : Z)
  | Ordered (episode quantity filled retry : Z)
  | FundPaid (episode amount before after : Z)
  | Volunteers (episode asked taken : Z)
  | Quoted (episode asked taken : Z)
  | Ranked (episode market side remainder deficit : Z)
  | Closed (episode kind market quantity price closed side other other_side adjustment kept bid paid : Z)
  | Charged (episode account market amount : Z)
  | Answered (episode account market side amount : Z)
  | Ended (episode account : Z) (sums : ended)
  | Pending
  | Settled (market price deficit fund residual : Z).

(* ---- books ---- *)

Record books := { b_cash : M.t Z; b_positions : M.t position; b_net : M.t Z; b_total : Z; b_pile : Z }.
Definition no_books : books :=
  {| b_cash := M.empty Z; b_positions := M.empty position; b_net := M.empty Z; b_total := 0; b_pile := 0 |}.

Definition get (m : M.t Z) (k : Z) : Z := match M.find k m with Some v => v | None => 0 end.
Definition position_in (m : M.t position) (k : Z) : position := match M.find k m with Some p => p | None => flat end.

Inductive update :=
  | Clear
  | Cash (bucket amount : Z)
  | Pile (amount : Z)
  | Place (k market : Z) (p : position).

Definition updated (b : books) (x : update) : books :=
  match x with
  | Clear => no_books
  | Cash k a =>
      {| b_cash := M.add k (get (b_cash b) k + a) (b_cash b); b_positions := b_positions b; b_net := b_net b;
         b_total := b_total b + a; b_pile := b_pile b |}
  | Pile a =>
      {| b_cash := b_cash b; b_positions := b_positions b; b_net := b_net b; b_total := b_total b; b_pile := b_pile b + a |}
  | Place k _ p =>
      let old := position_in (b_positions b) k in
      let m := market_of_key k in
      {| b_cash := b_cash b; b_positions := M.add k p (b_positions b);
         b_net := M.add m (get (b_net b) m + (size p - size old)) (b_net b);
         b_total := b_total b + (quote p - quote old); b_pile := b_pile b |}
  end.

Definition all_cash_in (b : books) : Z := total (fun _ c => c) (b_cash b).
Definition all_quote_in (b : books) : Z := total (fun _ p => quote p) (b_positions b).
Definition all_lots_in (m : Z) (b : books) : Z :=
  total (fun k p => if market_of_key k =? m then size p else 0) (b_positions b).

Definition sound (b : books) : Prop :=
  b_total b = all_cash_in b + all_quote_in b /\ forall m, get (b_net b) m = all_lots_in m b.

Lemma no_books_sound : sound no_books.
Proof. split; [reflexivity | intro m; reflexivity]. Qed.

Lemma get_add : forall m k v j, get (M.add k v m) j = if k =? j then v else get m j.
Proof.
  intros m k v j. unfold get. rewrite F.F.add_o. destruct (F.F.eq_dec k j) as [D | D].
  - hnf in D. subst. rewrite Z.eqb_refl. reflexivity.
  - destruct (Z.eqb_spec k j); [contradiction | reflexivity].
Qed.

Lemma update_keeps_sound : forall b x, sound b -> sound (updated b x).
Proof.
  intros b x [T N]. destruct x as [| k a | a | k mk p].
  - apply no_books_sound.
  - split; [| exact N]. unfold all_cash_in, all_quote_in in *. simpl. rewrite total_add. unfold at_key, get.
    destruct (M.find k (b_cash b)); lia.
  - split; [exact T | exact N].
  - split.
    + unfold all_cash_in, all_quote_in in *. simpl. rewrite total_add. unfold at_key, position_in.
      destruct (M.find k (b_positions b)); simpl; lia.
    + intro m. unfold all_lots_in in *. cbn [updated b_net b_positions]. rewrite get_add, total_add. unfold at_key, position_in.
      rewrite !N. destruct (Z.eqb_spec (market_of_key k) m) as [-> | D];
        destruct (M.find k (b_positions b)); simpl; lia.
Qed.

Lemma updates_keep_sound : forall us b, sound b -> sound (fold_left updated us b).
Proof. induction us; simpl; intros; [assumption | apply IHus, update_keeps_sound; assumption]. Qed.

(* Some market whose longs and shorts do not balance. *)
Definition unbalanced (b : books) : option Z :=
  M.fold (fun _ n found => if n =? 0 then found else Some n) (b_net b) None.

Lemma unbalanced_none : forall b, unbalanced b = None -> forall m, get (b_net b) m = 0.
Proof.
  intros b H m. unfold unbalanced in H. rewrite M.fold_1 in H. unfold get.
  destruct (M.find m (b_net b)) as [n |] eqn:E; [| reflexivity].
  apply M.find_2, M.elements_1 in E. apply InA_alt in E as ([k v] & [K V] & I). simpl in K, V. subst v. clear K.
  assert (G : forall els acc, fold_left (fun a (p : M.key * Z) => if snd p =? 0 then a else Some (snd p)) els acc = None ->
    acc = None /\ forall p, In p els -> snd p = 0).
  { induction els as [| x els IH]; simpl; intros acc F; [split; [exact F | contradiction] |].
    destruct (IH _ F) as [A B]. destruct (Z.eqb_spec (snd x) 0) as [Z0 | Z0]; [| discriminate].
    split; [exact A |]. intros p [<- | J]; [exact Z0 | apply B; exact J]. }
  destruct (G _ _ H) as [_ B]. apply (B _ I).
Qed.

(* ---- beside the books ---- *)

Record market := { u : Z; mark : Z; before : Z; funded : Z }.
Definition no_market : market := {| u := 1; mark := 0; before := 0; funded := 0 |}.

Record told_entry := { into : Z; change : Z; why : Z; by_whom : Z }.

(* A fill or closing whose entries and positions are still being told; books as they were before it. *)
Record gathering := {
  g_market : Z; g_price : Z; g_first : Z; g_second : Z; g_delta : Z; g_fee_first : Z; g_fee_second : Z;
  g_kind : Z; (* 0 fill, 1 fill of a liquidation, 2 and more: a closing of kind g_kind - 2 *)
  g_adjustment : Z; g_kept : Z; g_positions : M.t position; g_cash : M.t Z; g_entries : list told_entry;
  g_done : option Z }.
Definition with_entry (g : gathering) (e : told_entry) : gathering :=
  {| g_market := g_market g; g_price := g_price g; g_first := g_first g; g_second := g_second g; g_delta := g_delta g;
     g_fee_first := g_fee_first g; g_fee_second := g_fee_second g; g_kind := g_kind g; g_adjustment := g_adjustment g;
     g_kept := g_kept g; g_positions := g_positions g; g_cash := g_cash g; g_entries := e :: g_entries g; g_done := g_done g |}.
Definition with_done (g : gathering) (side : Z) : gathering :=
  {| g_market := g_market g; g_price := g_price g; g_first := g_first g; g_second := g_second g; g_delta := g_delta g;
     g_fee_first := g_fee_first g; g_fee_second := g_fee_second g; g_kind := g_kind g; g_adjustment := g_adjustment g;
     g_kept := g_kept g; g_positions := g_positions g; g_cash := g_cash g; g_entries := g_entries g; g_done := Some side |}.

Record half_move := { h_from : Z; h_to : Z; h_amount : Z; h_reason : Z }.
Record announcement := { a_reason : Z; a_account : Z; a_amount : Z }.
Definition nothing_announced : announcement := {| a_reason := -1; a_account := -1; a_amount := 0 |}.
Record pricing := { p_key : Z; p_size : Z; p_alone : bool; p_equity : Z }.
Record laid := { d_exact : bool; d_num : Z; d_den : Z; d_deficit : Z; d_size : Z }.
Record receipt := {
  e_bucket : Z; e_stage : Z; e_recourse : Z; e_fund : Z; e_covered : Z; e_vault : Z; e_given : Z; e_charged : Z;
  e_filled : Z (* lots of the step that goes on *) }.

Record venue := {
  v_isolated : M.t Z; v_owners : M.t Z; v_markets : M.t market; v_held : M.t (list Z); v_receipts : M.t receipt; v_total : Z }.
Record rest := {
  venue_of : venue;
  gathered : option gathering; half : option half_move;
  credits : list (Z * Z); got : bool; (* of a funding payment or a settlement *)
  announced : announcement; visited : Z; priced : option pricing; queue_of : option laid; is_pending : bool }.

Definition nothing_known : rest := {|
  venue_of := {| v_isolated := M.empty Z; v_owners := M.empty Z; v_markets := M.empty market; v_held := M.empty (list Z);
    v_receipts := M.empty receipt; v_total := 0 |};
  gathered := None; half := None; credits := []; got := false; announced := nothing_announced; visited := 0; priced := None;
  queue_of := None; is_pending := false |}.

Definition owners (r : rest) : M.t Z := v_owners (venue_of r).
Definition total (r : rest) : Z := v_total (venue_of r).

Definition with_venue (r : rest) (v : venue) : rest :=
  {| venue_of := v; gathered := gathered r; half := half r; credits := credits r; got := got r; announced := announced r;
     visited := visited r; priced := priced r; queue_of := queue_of r; is_pending := is_pending r |}.
Definition with_gathered (r : rest) (g : option gathering) : rest :=
  {| venue_of := venue_of r; gathered := g; half := half r; credits := credits r; got := got r; announced := announced r;
     visited := visited r; priced := priced r; queue_of := queue_of r; is_pending := is_pending r |}.
Definition with_half (r : rest) (h : option half_move) : rest :=
  {| venue_of := venue_of r; gathered := gathered r; half := h; credits := credits r; got := got r; announced := announced r;
     visited := visited r; priced := priced r; queue_of := queue_of r; is_pending := is_pending r |}.
Definition with_credits (r : rest) (c : list (Z * Z)) (g : bool) : rest :=
  {| venue_of := venue_of r; gathered := gathered r; half := half r; credits := c; got := g; announced := announced r;
     visited := visited r; priced := priced r; queue_of := queue_of r; is_pending := is_pending r |}.
Definition with_announced (r : rest) (a : announcement) : rest :=
  {| venue_of := venue_of r; gathered := gathered r; half := half r; credits := credits r; got := got r; announced := a;
     visited := visited r; priced := priced r; queue_of := queue_of r; is_pending := is_pending r |}.
Definition with_visit (r : rest) (v : Z) : rest :=
  {| venue_of := venue_of r; gathered := gathered r; half := half r; credits := credits r; got := got r; announced := announced r;
     visited := v; priced := priced r; queue_of := queue_of r; is_pending := is_pending r |}.
Definition with_priced (r : rest) (p : option pricing) : rest :=
  {| venue_of := venue_of r; gathered := gathered r; half := half r; credits := credits r; got := got r; announced := announced r;
     visited := visited r; priced := p; queue_of := queue_of r; is_pending := is_pending r |}.
Definition with_queue (r : rest) (q : option laid) : rest :=
  {| venue_of := venue_of r; gathered := gathered r; half := half r; credits := credits r; got := got r; announced := announced r;
     visited := visited r; priced := priced r; queue_of := q; is_pending := is_pending r |}.
Definition with_pending (r : rest) : rest :=
  {| venue_of := venue_of r; gathered := gathered r; half := half r; credits := credits r; got := got r; announced := announced r;
     visited := visited r; priced := priced r; queue_of := queue_of r; is_pending := true |}.

Definition with_market (r : rest) (m : Z) (x : market) : rest :=
  let v := venue_of r in
  with_venue r {| v_isolated := v_isolated v; v_owners := v_owners v; v_markets := M.add m x (v_markets v); v_held := v_held v;
    v_receipts := v_receipts v; v_total := v_total v |}.
Definition with_owner (r : rest) (a o : Z) : rest :=
  let v := venue_of r in
  with_venue r {| v_isolated := v_isolated v; v_owners := M.add a o (v_owners v); v_markets := v_markets v; v_held := v_held v;
    v_receipts := v_receipts v; v_total := v_total v |}.
Definition with_mode (r : rest) (a m isolated : Z) : rest :=
  let v := venue_of r in
  with_venue r {| v_isolated := M.add (key a m 0) isolated (v_isolated v); v_owners := v_owners v; v_markets := v_markets v;
    v_held := v_held v; v_receipts := v_receipts v; v_total := v_total v |}.
Definition with_total (r : rest) (t : Z) : rest :=
  let v := venue_of r in
  with_venue r {| v_isolated := v_isolated v; v_owners := v_owners v; v_markets := v_markets v; v_held := v_held v;
    v_receipts := v_receipts v; v_total := t |}.
Definition with_receipts (r : rest) (x : M.t receipt) : rest :=
  let v := venue_of r in
  with_venue r {| v_isolated := v_isolated v; v_owners := v_owners v; v_markets := v_markets v; v_held := v_held v;
    v_receipts := x; v_total := v_total v |}.

Definition market_in (r : rest) (m : Z) : market :=
  match M.find m (v_markets (venue_of r)) with Some x => x | None => no_market end.
Definition with_mark (x : market) (now before_ : Z) : market := {| u := u x; mark := now; before := before_; funded := funded x |}.
Definition with_funded (x : market) (rate : Z) : market := {| u := u x; mark := mark x; before := before x; funded := rate |}.

Definition held_at (r : rest) (a : Z) : list Z :=
  match M.find a (v_held (venue_of r)) with Some l => l | None => [] end.
Definition note_held (r : rest) (a k : Z) : rest :=
  if existsb (Z.eqb k) (held_at r a) then r
  else let v := venue_of r in
    with_venue r {| v_isolated := v_isolated v; v_owners := v_owners v; v_markets := v_markets v;
      v_held := M.add a (held_at r a ++ [k]) (v_held v); v_receipts := v_receipts v; v_total := v_total v |}.

(* The margin account that a position counts in. *)
Definition bucket_of (r : rest) (a m side : Z) : Z :=
  if get (v_isolated (venue_of r)) (key a m 0) =? 1 then key a m side else cross_bucket a.
Definition account_of (k : Z) : Z := k / 4194304.
Definition bucket_of_key (r : rest) (a m k : Z) : Z :=
  if get (v_isolated (venue_of r)) (key a m 0) =? 1 then k else cross_bucket a.
Definition bucket_of_position (r : rest) (k : Z) : Z := bucket_of_key r (account_of k) (market_of_key k) k.

Definition held_in (r : rest) (bucket : Z) : list Z :=
  filter (fun k => bucket_of_position r k =? bucket) (held_at r (account_of bucket)).
Definition held_by (r : rest) (a m : Z) : list Z := filter (fun k => market_of_key k =? m) (held_at r a).
Definition positions_of (b : books) (r : rest) (bucket m : Z) : list Z :=
  filter (fun k => market_of_key k =? m) (held_in r bucket).

Definition equity_in (b : books) (r : rest) (bucket : Z) : Z :=
  fold_left (fun e k =>
    let m := market_in r (market_of_key k) in
    let p := position_in (b_positions b) k in
    if size p =? 0 then e else e + unrealised (u m) (mark m) p) (held_in r bucket) (get (b_cash b) bucket).

(* Whether a position is the only open one of its margin account. *)
Definition is_only (b : books) (r : rest) (bucket k : Z) : bool :=
  forallb (fun j => (j =? k) || (size (position_in (b_positions b) j) =? 0)) (held_in r bucket).

(* What a position lost in this command at its present size: by the mark, and by funding that it paid (MG-6). *)
Definition loss_in (b : books) (r : rest) (k : Z) : Z :=
  let m := market_in r (market_of_key k) in
  let p := position_in (b_positions b) k in
  (if before m =? 0 then 0 else positive_part ((before m - mark m) * size p * u m))
  + (if funded m =? 0 then 0 else positive_part (payment (size p * mark m * u m) (funded m))).
Definition losses_in (b : books) (r : rest) (bucket : Z) : Z := sum (map (loss_in b r) (held_in r bucket)).

(* All open positions of a market: margin account, and worth at the mark. *)
Definition holders_of (b : books) (r : rest) (m : Z) : list (Z * Z) :=
  let x := market_in r m in
  M.fold (fun k p l => if (market_of_key k =? m) && negb (size p =? 0)
    then (bucket_of_position r k, size p * mark x * u x) :: l else l) (b_positions b) [].

Definition receipt_in (r : rest) (ep : Z) : option receipt := M.find ep (v_receipts (venue_of r)).
Definition with_receipt (r : rest) (ep : Z) (x : receipt) : rest := with_receipts r (M.add ep x (v_receipts (venue_of r))).
Definition without_receipt (r : rest) (ep : Z) : rest := with_receipts r (M.remove ep (v_receipts (venue_of r))).
Definition add_to_receipt (r : rest) (ep : Z) (f : receipt -> receipt) : rest :=
  match receipt_in r ep with Some x => with_receipt r ep (f x) | None => r end.

(* Lots that a step filled, and the end of what it filled. *)
Definition fill_step (r : rest) (ep lots : Z) : rest :=
  add_to_receipt r ep (fun x => {| e_bucket := e_bucket x; e_stage := e_stage x; e_recourse := e_recourse x; e_fund := e_fund x;
    e_covered := e_covered x; e_vault := e_vault x; e_given := e_given x; e_charged := e_charged x;
    e_filled := e_filled x + lots |}).
Definition filled_in (r : rest) (ep : Z) : Z := match receipt_in r ep with Some x => e_filled x | None => 0 end.
Definition end_step (r : rest) (ep : Z) : rest := fill_step r ep (- filled_in r ep).

(* The marks of before and payments count for one command, or until its waterfall is done. *)
Definition end_of_command (r : rest) : rest :=
  if is_pending r then
    {| venue_of := venue_of r; gathered := gathered r; half := half r; credits := []; got := false; announced := nothing_announced;
       visited := 0; priced := priced r; queue_of := queue_of r; is_pending := false |}
  else
    let v := venue_of r in
    {| venue_of := {| v_isolated := v_isolated v; v_owners := v_owners v;
         v_markets := M.map (fun x => {| u := u x; mark := mark x; before := 0; funded := 0 |}) (v_markets v);
         v_held := v_held v; v_receipts := v_receipts v; v_total := v_total v |};
       gathered := gathered r; half := half r; credits := []; got := false; announced := nothing_announced; visited := 0;
       priced := None; queue_of := None; is_pending := false |}.

(* Steps of an episode come in their order (WF-0): `at_` is where this one stands, 0 for one that may stand anywhere. *)
Definition stage_is {A : Type} (r : rest) (ep at_ : Z) (next : rest -> refusal + A) : refusal + A :=
  match receipt_in r ep with
  | None => if ep =? 0 then next r else inl {| rule := "RCP-1"; found := ep; expected := 0 |}
  | Some x =>
      if at_ =? 0 then next r
      else if e_stage x <=? at_ then
        next (with_receipt r ep {| e_bucket := e_bucket x; e_stage := at_; e_recourse := e_recourse x; e_fund := e_fund x;
          e_covered := e_covered x; e_vault := e_vault x; e_given := e_given x; e_charged := e_charged x; e_filled := e_filled x |})
      else inl {| rule := "WF-0"; found := at_; expected := e_stage x |}
  end.
Definition stage_most {A : Type} (r : rest) (ep most : Z) (next : rest -> refusal + A) : refusal + A :=
  match receipt_in r ep with
  | None => if ep =? 0 then next r else inl {| rule := "RCP-1"; found := ep; expected := 0 |}
  | Some x => if e_stage x <=? most then next r else inl {| rule := "WF-0"; found := most; expected := e_stage x |}
  end.
