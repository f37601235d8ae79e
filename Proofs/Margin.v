(* Maintenance, ratios, bankruptcy prices, triggers and gates (margin.md). *)
From Coq Require Import ZArith Lia List Bool.
From Zerosum Require Import Arithmetic Ledger Entries.
Import ListNotations.
Open Scope Z_scope.

(* ---- MG-4: ratios by cross-multiplication ---- *)

Definition is_less (a b c d : Z) : bool := a * d <? c * b. (* a/b < c/d for positive b, d *)

Theorem MG_4_cross_multiplication_orders_ratios : forall a b c d e f, 0 < b -> 0 < d -> 0 < f ->
  is_less a b a b = false /\
  (is_less a b c d = true -> is_less c d a b = false) /\
  (is_less a b c d = true -> is_less c d e f = true -> is_less a b e f = true) /\
  (is_less a b c d = false -> is_less c d e f = false -> is_less a b e f = false).
Proof.
  intros a b c d e f B D G. unfold is_less. rewrite !Z.ltb_lt, !Z.ltb_ge. repeat split; intros; try nia.
Qed.

(* ---- MG-5: brackets ---- *)

(* n·rate − deduction in the bracket of n; `rest` has where each bracket ends and the rate of the next. *)
Fixpoint bracketed (n rate deduction : Z) (rest : list (Z * Z)) : Z :=
  match rest with
  | [] => n * rate - deduction
  | (up_to, next) :: more =>
      if n <=? up_to then n * rate - deduction
      else bracketed n next (deduction + up_to * (next - rate)) more
  end.

(* Brackets rise in notional and do not fall in rate; none is above `top`. *)
Fixpoint valid_brackets (floor rate top : Z) (rest : list (Z * Z)) : Prop :=
  match rest with
  | [] => rate <= top
  | (up_to, next) :: more => floor <= up_to /\ rate <= next /\ rate <= top /\ valid_brackets up_to next top more
  end.

Definition maintenance (rate : Z) (rest : list (Z * Z)) (notional : Z) : Z :=
  ceiling_of (bracketed notional rate 0 rest) one.

Lemma bracketed_from : forall rest low n rate top deduction,
  valid_brackets low rate top rest -> low <= n ->
  (low * rate - deduction) + (n - low) * rate <= bracketed n rate deduction rest
  <= (low * rate - deduction) + (n - low) * top.
Proof.
  induction rest as [| [up next] rest IH]; intros low n rate top ded V L; simpl in *.
  - nia.
  - destruct V as (V1 & V2 & V3 & V4). destruct (Z.leb_spec n up).
    + nia.
    + specialize (IH up n next top (ded + up * (next - rate)) V4 ltac:(lia)). nia.
Qed.

(* The margin has no jump at the end of a bracket, rises with the notional, and by no more than the highest
   rate of what is added. *)
Theorem MG_5_brackets_have_no_jump : forall rest low n more rate top deduction,
  valid_brackets low rate top rest -> 0 <= more ->
  more * rate <= bracketed (n + more) rate deduction rest - bracketed n rate deduction rest <= more * top.
Proof.
  induction rest as [| [up next] rest IH]; intros low n more rate top ded V L; simpl in *.
  - nia.
  - destruct V as (V1 & V2 & V3 & V4).
    destruct (Z.leb_spec (n + more) up); destruct (Z.leb_spec n up); try lia.
    + nia.
    + pose proof (bracketed_from rest up (n + more) next top (ded + up * (next - rate)) V4 ltac:(lia)). nia.
    + specialize (IH up n more next top (ded + up * (next - rate)) V4 L). nia.
Qed.

Lemma maintenance_slope : forall rate top rest n more, valid_brackets 0 rate top rest -> 0 <= rate -> 0 <= more ->
  maintenance rate rest n <= maintenance rate rest (n + more)
  <= maintenance rate rest n + ceiling_of (more * top) one.
Proof.
  intros rate top rest n more V R L. pose proof (MG_5_brackets_have_no_jump rest 0 n more rate top 0 V L) as B.
  unfold maintenance, one. pose proof (ceiling_bounds (bracketed n rate 0 rest) 100000000 ltac:(lia)).
  pose proof (ceiling_bounds (bracketed (n + more) rate 0 rest) 100000000 ltac:(lia)).
  pose proof (ceiling_bounds (more * top) 100000000 ltac:(lia)). nia.
Qed.

(* No less than nothing, and no more than the notional itself where no rate is above one. *)
Theorem MG_5_maintenance_is_a_part_of_the_notional : forall rate top rest n,
  valid_brackets 0 rate top rest -> 0 <= rate -> top <= one -> 0 <= n ->
  0 <= maintenance rate rest n <= n.
Proof.
  intros rate top rest n V R T N. pose proof (bracketed_from rest 0 n rate top 0 V N) as B.
  unfold maintenance, one in *. split.
  - apply ceiling_nonneg; nia.
  - apply ceiling_least; nia.
Qed.

(* ---- MG-6: the bankruptcy price outside of the book ---- *)

(* What goes to the other side with q lots: equity·(part/whole)·q/size; negative is a deficit. *)
Definition adjustment (equity part whole size q : Z) : Z := floor_of (equity * part * q) (whole * size).

(* A deficit is rounded against who is closed, a surplus likewise. *)
Theorem MG_6_a_deficit_rounds_up : forall deficit part whole size q,
  - adjustment (- deficit) part whole size q = ceiling_of (deficit * part * q) (whole * size).
Proof.
  intros. unfold adjustment, floor_of, ceiling_of.
  replace (- deficit * part * q) with (- (deficit * part * q)) by ring. reflexivity.
Qed.

(* Shares of a whole, rounded up each, pay all of it, and at most a unit a part more: whatever the parts are,
   positions of a margin account or fills of one position. *)
Theorem MG_6_shares_pay_all : forall deficit parts, 0 < sum parts -> 0 <= deficit ->
  let paid := sum (map (fun a => ceiling_of (deficit * a) (sum parts)) parts) in
  deficit <= paid < deficit + Z.of_nat (length parts).
Proof.
  intros deficit parts W D paid.
  assert (G : forall l, deficit * sum l <= sum (map (fun a => ceiling_of (deficit * a) (sum parts)) l) * sum parts
    /\ (l <> [] -> sum (map (fun a => ceiling_of (deficit * a) (sum parts)) l) * sum parts
      < deficit * sum l + Z.of_nat (length l) * sum parts)).
  { induction l as [| a l IH]; [simpl; split; [lia | congruence] |].
    cbn [map sum length]. rewrite Nat2Z.inj_succ. destruct IH as [I J].
    pose proof (ceiling_bounds (deficit * a) (sum parts) W).
    split; [nia |]. intros _. destruct l as [| b l]; [cbn [map sum length]; lia |].
    specialize (J ltac:(discriminate)). nia. }
  specialize (G parts). fold paid in G. destruct G as [G1 G2].
  assert (N : parts <> []) by (intro E; rewrite E in W; simpl in W; lia). specialize (G2 N).
  split; nia.
Qed.

(* A surplus is given away to no more than the last unit. *)
Theorem MG_6_shares_give_no_more_than_there_is : forall surplus parts, 0 < sum parts ->
  let given := sum (map (fun a => floor_of (surplus * a) (sum parts)) parts) in
  surplus - Z.of_nat (length parts) < given <= surplus.
Proof.
  intros surplus parts W given.
  assert (G : forall l, sum (map (fun a => floor_of (surplus * a) (sum parts)) l) * sum parts <= surplus * sum l
    /\ (l <> [] -> surplus * sum l - Z.of_nat (length l) * sum parts
      < sum (map (fun a => floor_of (surplus * a) (sum parts)) l) * sum parts)).
  { induction l as [| a l IH]; [simpl; split; [lia | congruence] |].
    cbn [map sum length]. rewrite Nat2Z.inj_succ. destruct IH as [I J].
    pose proof (floor_bounds (surplus * a) (sum parts) W).
    split; [nia |]. intros _. destruct l as [| b l]; [cbn [map sum length]; lia |].
    specialize (J ltac:(discriminate)). nia. }
  specialize (G parts). fold given in G. destruct G as [G1 G2].
  assert (N : parts <> []) by (intro E; rewrite E in W; simpl in W; lia). specialize (G2 N).
  split; nia.
Qed.

(* Closing all of the only position for it leaves exactly nothing, above and below zero. *)
Theorem MG_6_closing_all_leaves_exactly_nothing : forall equity part size, 0 < part -> 0 < size ->
  equity - adjustment equity part part size size = 0.
Proof.
  intros equity part size P S. unfold adjustment.
  replace (equity * part * size) with (equity * (part * size)) by ring. rewrite floor_exact by nia. lia.
Qed.

(* In the book: whole ticks, so rounded that a fill at the limit or better takes no more of the equity than
   these lots' share of it; of a long here, a short is its mirror image. *)
Definition limit_of_a_long (mark equity part whole size u : Z) : Z :=
  mark - floor_of (equity * part) (whole * size * u).

Theorem MG_6_a_fill_at_the_limit_takes_no_more_than_its_share : forall mark equity part whole size u price q,
  0 < whole -> 0 < size -> 0 < u -> 0 <= q ->
  limit_of_a_long mark equity part whole size u <= price ->
  (mark - price) * q * u * (whole * size) <= equity * part * q.
Proof.
  intros mark equity part whole size u price q W S U Q L. unfold limit_of_a_long in L.
  pose proof (floor_bounds (equity * part) (whole * size * u) ltac:(nia)) as B.
  assert (K : (mark - price) * (whole * size * u) <= equity * part) by nia.
  replace ((mark - price) * q * u * (whole * size)) with (q * ((mark - price) * (whole * size * u))) by ring.
  nia.
Qed.

(* ---- MG-7: triggers ---- *)

(* How far a price may go: ticks, for a position of which one is worth w, with room of the slack. *)
Definition trigger_distance (room w rate : Z) : Z := floor_of ((room - 1) * one) (w * (one + rate)).

(* A position: what a tick is worth, by how many ticks its mark went against it (negative: for it), and its
   maintenance before and after. *)
Record moved := { worth : Z; against : Z; margin_before : Z; margin_after : Z }.

Definition moved_by_rule (rate room : Z) (m : moved) : Prop :=
  0 < worth m /\ against m <= trigger_distance room (worth m) rate /\
  margin_after m <= margin_before m + ceiling_of (Z.abs (against m) * worth m * rate) one.

(* No margin account becomes liquidatable unless a trigger is hit first: for any number of positions. *)
Theorem MG_7_nobody_is_liquidatable_before_a_trigger : forall rate equity ms,
  0 <= rate <= one -> ms <> [] ->
  let slack := equity - sum (map margin_before ms) in
  let room := floor_of slack (Z.of_nat (length ms)) in
  1 <= room -> Forall (moved_by_rule rate room) ms ->
  sum (map margin_after ms) <= equity - sum (map (fun m => against m * worth m) ms).
Proof.
  intros rate equity ms R N slack room L H.
  assert (G : forall l, Forall (moved_by_rule rate room) l ->
    sum (map margin_after l) + sum (map (fun m => against m * worth m) l)
    <= sum (map margin_before l) + Z.of_nat (length l) * room).
  { clear - R L. induction 1 as [| m l (W & A & M) _ IH]; [simpl; lia |].
    cbn [map sum length]. rewrite Nat2Z.inj_succ.
    assert (K : against m * worth m + ceiling_of (Z.abs (against m) * worth m * rate) one <= room).
    { unfold trigger_distance, one in *.
      destruct (Z.le_gt_cases 0 (against m)) as [P | P].
      - rewrite Z.abs_eq by lia.
        pose proof (floor_bounds ((room - 1) * 100000000) (worth m * (100000000 + rate)) ltac:(nia)) as B.
        pose proof (ceiling_bounds (against m * worth m * rate) 100000000 ltac:(lia)) as C.
        assert (against m * (worth m * (100000000 + rate)) <= (room - 1) * 100000000) by nia.
        nia.
      - rewrite Z.abs_neq by lia.
        assert (ceiling_of (- against m * worth m * rate) 100000000 <= - against m * worth m).
        { apply ceiling_least; [lia |]. assert (0 <= - against m * worth m) by nia. nia. }
        lia. }
    lia. }
  specialize (G ms H). pose proof (floor_bounds slack (Z.of_nat (length ms))) as B.
  assert (0 < Z.of_nat (length ms)) by (destruct ms; [congruence | simpl; lia]).
  specialize (B ltac:(lia)). fold room in B. unfold slack in B. nia.
Qed.

(* The rule's slope is that of the brackets: `moved_by_rule` asks for nothing that they do not give. *)
Theorem MG_7_brackets_keep_to_the_highest_rate : forall rate top rest lots u mark ticks,
  valid_brackets 0 rate top rest -> 0 <= rate -> 0 <= lots -> 0 < u -> 0 <= mark -> 0 <= mark + ticks ->
  maintenance rate rest (lots * (mark + ticks) * u)
  <= maintenance rate rest (lots * mark * u) + ceiling_of (Z.abs ticks * (lots * u) * top) one.
Proof.
  intros rate top rest lots u mark ticks V R L U M T.
  assert (TOP : 0 <= top).
  { clear - V R. revert V R. generalize 0 at 1 as low. revert rate.
    induction rest as [| [a b] rest IH]; simpl; intros rate low V R; [lia | intuition lia]. }
  destruct (Z.le_gt_cases 0 ticks) as [P | P].
  - rewrite Z.abs_eq by lia.
    pose proof (maintenance_slope rate top rest (lots * mark * u) (lots * ticks * u) V R ltac:(nia)) as S.
    replace (lots * (mark + ticks) * u) with (lots * mark * u + lots * ticks * u) by ring.
    replace (ticks * (lots * u) * top) with (lots * ticks * u * top) by ring. lia.
  - pose proof (maintenance_slope rate top rest (lots * (mark + ticks) * u) (lots * - ticks * u) V R ltac:(nia)) as S.
    replace (lots * (mark + ticks) * u + lots * - ticks * u) with (lots * mark * u) in S by ring.
    pose proof (ceiling_nonneg (Z.abs ticks * (lots * u) * top) one ltac:(unfold one; lia) ltac:(nia)). lia.
Qed.

(* ---- MG-8: the test at the fill, and the gates ---- *)

(* Before and after a fill: equity, maintenance, initial margin. *)
Definition passes_cross (equity mm : Z) (smaller : bool) (equity' mm' initial' : Z) : bool :=
  (initial' <=? equity') || (smaller && (equity * mm' <=? equity' * mm) && (0 <=? equity')).

Definition passes_reduced (equity mm equity' mm' : Z) : bool :=
  (0 <=? equity') && ((mm' <=? equity') || (equity * mm' <=? equity' * mm)).

(* Who was not liquidatable is not after a fill that passes; and nobody ends below zero by one. *)
Theorem MG_8_who_is_healthy_stays_healthy : forall equity mm smaller equity' mm' initial',
  0 <= mm -> 0 <= mm' <= initial' -> mm <= equity -> (0 < mm \/ smaller = false) ->
  passes_cross equity mm smaller equity' mm' initial' = true -> mm' <= equity' /\ 0 <= equity'.
Proof.
  intros e m s e' m' i' M I H K P. unfold passes_cross in P. apply orb_prop in P as [P | P].
  - apply Z.leb_le in P. lia.
  - apply andb_prop in P as [P Q]. apply andb_prop in P as [S P].
    apply Z.leb_le in P, Q. destruct K as [K | K]; [| congruence]. nia.
Qed.

Theorem MG_8_an_isolated_reduction_never_ends_below_zero : forall equity mm equity' mm', 0 <= mm -> 0 <= mm' ->
  passes_reduced equity mm equity' mm' = true ->
  0 <= equity' /\ (mm <= equity -> 0 < mm -> mm' <= equity').
Proof.
  intros e m e' m' M N P. unfold passes_reduced in P. apply andb_prop in P as [P Q]. apply Z.leb_le in P.
  apply orb_prop in Q as [Q | Q]; apply Z.leb_le in Q; split; try lia; intros; nia.
Qed.

(* A withdrawal leaves cash, and equity above all requirements: no unrealised profit leaves (MG-11). *)
Definition may_withdraw (cash equity requirements amount : Z) : bool :=
  (requirements <=? Z.min cash equity - amount) && (amount <=? cash).

Theorem MG_11_no_unrealised_profit_leaves : forall cash equity requirements amount, 0 <= requirements ->
  may_withdraw cash equity requirements amount = true ->
  0 <= cash - amount /\ requirements <= equity - amount /\ amount <= cash.
Proof.
  intros c e r a R P. unfold may_withdraw in P. apply andb_prop in P as [P Q]. apply Z.leb_le in P, Q. lia.
Qed.

(* ---- MG-1, MG-2, MG-9, MG-10 ---- *)

(* N = max(|P + B|, |P − S|) bounds the position whichever part of its orders is filled (MG-1). *)
Theorem MG_1_exposure_bounds_whatever_is_filled : forall held buys sells b s, 0 <= b <= buys -> 0 <= s <= sells ->
  Z.abs (held + b - s) <= Z.max (Z.abs (held + buys)) (Z.abs (held - sells)).
Proof. intros. lia. Qed.

(* A reduction never draws on cross: what is below zero stays with the isolated margin account (MG-2). *)
Theorem MG_2_a_reduction_never_draws_on_cross : forall cross cash s q realised costs,
  cross <= cross + to_cross cash s q realised costs.
Proof. intros. pose proof (LED_8_never_less_than_nothing_moves cash s q realised costs). lia. Qed.

Definition long_of (p : position) : Z := Z.max 0 (size p).

(* A fill of q lots raises open interest by no more than q: the cap that the gate looked at holds (MG-9). *)
Theorem MG_9_a_fill_raises_open_interest_by_its_lots_at_most : forall u price q a b, 0 <= q ->
  long_of (after (fill_of u price q a)) + long_of (after (fill_of u price (- q) b)) <= long_of a + long_of b + q.
Proof. intros. unfold long_of. simpl. lia. Qed.

Fixpoint filled (u price sign : Z) (lots : list Z) (p : position) : position :=
  match lots with [] => p | q :: rest => filled u price sign rest (after (fill_of u price (sign * q) p)) end.

(* An order that passes because it and the open orders of its side are no larger than the position never opens
   anything, whichever of them is filled, in whatever pieces (MG-10). *)
Theorem MG_10_what_only_reduces_never_opens : forall u price lots p sign,
  sign = 1 \/ sign = -1 -> size p * sign <= 0 -> Forall (fun q => 0 < q) lots -> sum lots <= Z.abs (size p) ->
  size (filled u price sign lots p) * sign <= 0 /\
  Z.abs (size (filled u price sign lots p)) = Z.abs (size p) - sum lots.
Proof.
  intros u price. induction lots as [| q lots IH]; intros p sign S O F T; [simpl; lia |].
  inversion F as [| ? ? Q F']; subst. simpl in T. assert (0 <= sum lots).
  { apply sum_nonneg. eapply Forall_impl; [| exact F']. simpl. lia. }
  cbn [filled sum]. assert (N : size (after (fill_of u price (sign * q) p)) = size p + sign * q) by reflexivity.
  assert (A : Z.abs (size p + sign * q) = Z.abs (size p) - q /\ (size p + sign * q) * sign <= 0)
    by (destruct S as [-> | ->]; lia).
  destruct (IH (after (fill_of u price (sign * q) p)) sign S) as [I J]; rewrite ?N; try tauto; lia.
Qed.

(* While nobody is below zero, what the gate lets anybody take is covered by deposits − withdrawals, which Σ equity is
   (LED-4): all can be paid. *)
Theorem MG_11_while_nobody_is_below_zero_all_can_be_paid : forall equities cash requirements amount e,
  Forall (fun x => 0 <= x) equities -> In e equities -> 0 <= requirements ->
  may_withdraw cash e requirements amount = true -> amount <= sum equities.
Proof.
  intros es c r a e F I R P. destruct (MG_11_no_unrealised_profit_leaves c e r a R P) as (_ & Q & _).
  assert (e <= sum es).
  { clear - F I. induction F as [| x es X F IH]; [contradiction |]. simpl. pose proof (sum_nonneg es F).
    destruct I as [-> | I]; [lia |]. specialize (IH I). lia. }
  lia.
Qed.

(* While somebody is below zero and cannot be closed it is not: 9,400 came in, one has 18,290, the other −8,890, and the
   gate lets 18,000 go. *)
Theorem MG_11_while_somebody_is_below_zero_the_gate_lets_more_go_than_there_is :
  sum [18290; -8890] = 9400 /\ may_withdraw 18290 18290 100 18000 = true.
Proof. split; reflexivity. Qed.
