(* Shares, first loss and limits of the backstop vault (vault.md). *)
From Coq Require Import ZArith Lia List Bool.
From Zerosum Require Import Arithmetic.
Import ListNotations.
Open Scope Z_scope.

(* ---- VLT-2: shares ---- *)

Record vault := { equity : Z; shares : Z }.

Definition made (amount : Z) (v : vault) : Z := floor_of (amount * shares v) (equity v).
Definition cost (s : Z) (v : vault) : Z := ceiling_of (s * equity v) (shares v).
Definition worth (s : Z) (v : vault) : Z := floor_of (s * equity v) (shares v).

Inductive visit := Deposit (amount : Z) | Redeem (s : Z).

Definition visited (v : vault) (x : visit) : vault :=
  match x with
  | Deposit a => {| equity := equity v + cost (made a v) v; shares := shares v + made a v |}
  | Redeem s => {| equity := equity v - worth s v; shares := shares v - s |}
  end.

(* What others may do while somebody holds `own` shares: deposits for something, redemptions of their own. *)
Definition allowed (own : Z) (v : vault) (x : visit) : Prop :=
  match x with Deposit a => 0 <= a | Redeem s => 0 <= s <= shares v - own end.

Theorem VLT_2_a_deposit_costs_no_more_than_it_says : forall amount v, 0 < equity v -> 0 < shares v -> 0 <= amount ->
  0 <= made amount v /\ cost (made amount v) v <= amount /\
  made amount v * equity v <= cost (made amount v) v * shares v < made amount v * equity v + shares v.
Proof.
  intros a v E S A. unfold made, cost.
  pose proof (floor_bounds (a * shares v) (equity v) E).
  pose proof (floor_nonneg (a * shares v) (equity v) E ltac:(nia)).
  pose proof (ceiling_bounds (floor_of (a * shares v) (equity v) * equity v) (shares v) S).
  split; [assumption | split; [apply ceiling_least; lia | lia]].
Qed.

Lemma visit_spec : forall own v x, 0 < own <= shares v -> 0 < equity v -> allowed own v x ->
  0 < equity (visited v x) /\ own <= shares (visited v x) /\
  equity v * shares (visited v x) <= equity (visited v x) * shares v < equity v * shares (visited v x) + shares v.
Proof.
  intros own v x O E A. destruct x as [a | s]; simpl in *.
  - destruct (VLT_2_a_deposit_costs_no_more_than_it_says a v E ltac:(lia) A) as (M & _ & C). nia.
  - unfold worth. pose proof (floor_bounds (s * equity v) (shares v) ltac:(lia)).
    set (w := floor_of (s * equity v) (shares v)) in *. nia.
Qed.

(* The value of a share never falls by a deposit or a redemption, and rises by less than a unit in all. *)
Theorem VLT_2a_no_visit_lowers_the_value_of_a_share : forall own v x,
  0 < own <= shares v -> 0 < equity v -> allowed own v x ->
  equity v * shares (visited v x) <= equity (visited v x) * shares v < equity v * shares (visited v x) + shares v.
Proof. intros. eapply visit_spec; eauto. Qed.

Fixpoint all_allowed (own : Z) (v : vault) (xs : list visit) : Prop :=
  match xs with [] => True | x :: rest => allowed own v x /\ all_allowed own (visited v x) rest end.

Lemma visits_spec : forall xs own v, 0 < own <= shares v -> 0 < equity v -> all_allowed own v xs ->
  let v' := fold_left visited xs v in
  0 < equity v' /\ own <= shares v' /\ equity v * shares v' <= equity v' * shares v /\
  (forall b, own * equity v < b * shares v -> own * equity v' < (b + Z.of_nat (length xs)) * shares v').
Proof.
  induction xs as [| x xs IH]; intros own v O E A v'.
  - subst v'. simpl. split; [exact E | split; [lia | split; [lia |]]]. intros b B. replace (b + 0) with b by lia. exact B.
  - subst v'. destruct A as [A1 A2].
    destruct (visit_spec own v x O E A1) as (E' & S' & V' & W').
    specialize (IH own (visited v x) ltac:(lia) E' A2). simpl in IH. cbn [fold_left length].
    destruct IH as (E'' & S'' & V'' & W''). rewrite Nat2Z.inj_succ.
    split; [exact E'' | split; [exact S'' | split]].
    + set (v1 := visited v x) in *. set (v2 := fold_left visited xs v1) in *.
      assert (equity v * shares v1 * shares v2 <= equity v1 * shares v * shares v2)
        by (apply Z.mul_le_mono_nonneg_r; lia).
      assert (equity v1 * shares v2 * shares v <= equity v2 * shares v1 * shares v)
        by (apply Z.mul_le_mono_nonneg_r; lia).
      assert (K : shares v1 * (equity v * shares v2) <= shares v1 * (equity v2 * shares v)) by lia.
      apply Z.mul_le_mono_pos_l in K; lia.
    + intros b B. replace (b + Z.succ (Z.of_nat (length xs))) with ((b + 1) + Z.of_nat (length xs)) by lia.
      apply W''. set (v1 := visited v x) in *.
      assert (own * (equity v1 * shares v) <= own * (equity v * shares v1 + shares v))
        by (apply Z.mul_le_mono_nonneg_l; lia).
      assert (own * equity v * shares v1 < b * shares v * shares v1) by (apply Z.mul_lt_mono_pos_r; lia).
      assert (own * shares v <= shares v1 * shares v) by (apply Z.mul_le_mono_nonneg_r; lia).
      assert (K : shares v * (own * equity v1) < shares v * ((b + 1) * shares v1)) by lia.
      apply Z.mul_lt_mono_pos_l in K; lia.
Qed.

(* Whatever others do in between, who deposits and redeems loses at most a unit each time. *)
Theorem VLT_2a_who_comes_and_goes_loses_at_most_a_unit_each_time : forall amount v others,
  0 < equity v -> 0 < shares v -> 0 <= amount ->
  let s := made amount v in let v1 := visited v (Deposit amount) in
  0 < s -> all_allowed s v1 others ->
  cost s v - 2 < worth s (fold_left visited others v1).
Proof.
  intros a v others E S A s v1 P H.
  destruct (VLT_2_a_deposit_costs_no_more_than_it_says a v E S A) as (_ & _ & C). fold s in C.
  set (c := cost s v) in *.
  assert (0 <= c) by nia.
  assert (SV : shares v1 = shares v + s) by reflexivity. assert (EV : equity v1 = equity v + c) by reflexivity.
  destruct (visits_spec others s v1 ltac:(lia) ltac:(lia) H) as (E2 & S2 & V2 & _).
  set (v2 := fold_left visited others v1) in *. unfold worth.
  pose proof (floor_bounds (s * equity v2) (shares v2) ltac:(lia)) as B.
  set (w := floor_of (s * equity v2) (shares v2)) in *.
  assert (K : (c - 1) * shares v1 < s * equity v1) by nia.
  assert (s * equity v1 * shares v2 <= s * equity v2 * shares v1) by nia.
  assert ((c - 1) * shares v1 * shares v2 < s * equity v2 * shares v1) by nia.
  assert ((c - 1) * shares v2 < s * equity v2) by nia. nia.
Qed.

(* And gains nothing of those who are in: no more than the units that others' own visits are rounded by. *)
Theorem VLT_2a_who_comes_and_goes_gains_no_more_than_others_rounding : forall amount v others,
  0 < equity v -> 0 < shares v -> 0 <= amount ->
  let s := made amount v in let v1 := visited v (Deposit amount) in
  0 < s -> all_allowed s v1 others ->
  worth s (fold_left visited others v1) <= cost s v + Z.of_nat (length others).
Proof.
  intros a v others E S A s v1 P H.
  destruct (VLT_2_a_deposit_costs_no_more_than_it_says a v E S A) as (_ & _ & C). fold s in C.
  set (c := cost s v) in *.
  assert (0 <= c) by nia.
  assert (SV : shares v1 = shares v + s) by reflexivity. assert (EV : equity v1 = equity v + c) by reflexivity.
  destruct (visits_spec others s v1 ltac:(lia) ltac:(lia) H) as (E2 & S2 & _ & W2).
  specialize (W2 (c + 1) ltac:(nia)). set (v2 := fold_left visited others v1) in *. unfold worth.
  pose proof (floor_bounds (s * equity v2) (shares v2) ltac:(lia)) as B. nia.
Qed.

(* With nobody in between: what is redeemed at once is at most what it cost. *)
Theorem VLT_2a_a_round_trip_gains_nothing : forall amount v, 0 < equity v -> 0 < shares v -> 0 <= amount ->
  0 < made amount v -> worth (made amount v) (visited v (Deposit amount)) <= cost (made amount v) v.
Proof.
  intros a v E S A P. pose proof (VLT_2a_who_comes_and_goes_gains_no_more_than_others_rounding a v [] E S A P I).
  cbn [fold_left length] in H. change (Z.of_nat 0) with 0 in H. lia.
Qed.

(* Money that is put into the vault without shares gains its giver no more than its part of it: with the venue's
   shares standing in, an attacker who holds a of S shares gets back at most a/S of what it gives away. *)
Theorem VLT_2a_a_gift_is_shared_by_all_shares : forall own gift v, 0 < shares v -> 0 <= own <= shares v ->
  0 <= equity v -> 0 <= gift ->
  let v' := {| equity := equity v + gift; shares := shares v |} in
  (worth own v' - worth own v - 1) * shares v <= gift * own.
Proof.
  intros own gift v S O E G v'. unfold worth, v'. simpl.
  pose proof (floor_bounds (own * (equity v + gift)) (shares v) S).
  pose proof (floor_bounds (own * equity v) (shares v) S).
  set (a := floor_of (own * (equity v + gift)) (shares v)) in *.
  set (b := floor_of (own * equity v) (shares v)) in *. nia.
Qed.

(* ---- VLT-4: the first loss ---- *)

Definition first_loss_left (tranche venue : Z) (v : vault) : Z := Z.min tranche (worth venue v).
Definition cancelled (x venue : Z) (v : vault) : Z := Z.min (ceiling_of (x * shares v) (equity v)) venue.

(* Within what is left of it, the venue has the shares that the loss is worth: the cap never binds. *)
Theorem VLT_4_the_venue_has_the_shares_that_bear_it : forall x tranche venue v,
  0 < equity v -> 0 < shares v -> 0 <= venue <= shares v -> 0 <= x <= first_loss_left tranche venue v ->
  cancelled x venue v = ceiling_of (x * shares v) (equity v).
Proof.
  intros x t venue v E S V X. unfold cancelled, first_loss_left, worth in *.
  pose proof (floor_bounds (venue * equity v) (shares v) S). apply Z.min_l. apply ceiling_least; [lia | nia].
Qed.

(* Depositors never bear what the first loss promised: the value of a share does not fall by the loss. *)
Theorem VLT_4_depositors_do_not_bear_the_first_loss : forall x tranche venue v,
  0 < equity v -> 0 < shares v -> 0 <= venue <= shares v -> 0 <= x <= first_loss_left tranche venue v ->
  equity v * (shares v - cancelled x venue v) <= (equity v - x) * shares v.
Proof.
  intros x t venue v E S V X. rewrite (VLT_4_the_venue_has_the_shares_that_bear_it x t venue v E S V X).
  pose proof (ceiling_bounds (x * shares v) (equity v) E). nia.
Qed.

(* ---- VLT-3, VLT-5, VLT-6 ---- *)

(* What fits is found by bisection: it is allowed, no more than asked, and one lot more meets a limit. *)
Theorem VLT_5_one_lot_more_meets_a_limit : forall fits asked, 0 <= asked -> fits 0 = true ->
  0 <= bisect fits asked <= asked /\ fits (bisect fits asked) = true /\
  (bisect fits asked < asked -> fits (bisect fits asked + 1) = false).
Proof.
  intros fits asked A Z0. destruct (bisect_spec fits asked A) as (B & C & D & _).
  split; [exact B | split; [destruct C as [C | C]; [rewrite C; exact Z0 | exact C] | intro; apply D; assumption]].
Qed.

(* What fits, as VLT-3 lists it: the price within what is left of the first loss; and margin, cap and loss where more is
   taken than reduces the vault's own opposite position. At nothing it passes. *)
Definition fits_vault (price reduces margin cap loss : Z -> bool) (q : Z) : bool :=
  (q =? 0) || (price q && (reduces q || (margin q && cap q && loss q))).

Theorem VLT_3_what_is_taken_meets_every_limit : forall price reduces margin cap loss asked, 0 <= asked ->
  let q := bisect (fits_vault price reduces margin cap loss) asked in
  0 <= q <= asked /\
  (0 < q -> price q = true /\ (reduces q = true \/ (margin q = true /\ cap q = true /\ loss q = true))).
Proof.
  intros price reduces margin cap loss asked A q.
  destruct (VLT_5_one_lot_more_meets_a_limit (fits_vault price reduces margin cap loss) asked A eq_refl) as (B & C & _).
  fold q in B, C. split; [exact B |]. intro P. unfold fits_vault in C.
  destruct (Z.eqb_spec q 0); [lia |]. simpl in C. apply andb_prop in C as [C1 C2]. split; [exact C1 |].
  apply orb_prop in C2 as [C2 | C2]; [constructor 1; exact C2 | constructor 2].
  apply andb_prop in C2 as [C2 C3]. apply andb_prop in C2 as [C2 C4]. auto.
Qed.

Definition worked_off (size parts : Z) : Z := ceiling_of size parts.

Theorem VLT_6_each_turn_works_off_a_lot_at_least : forall size parts, 0 < parts -> 0 < size ->
  1 <= worked_off size parts <= size.
Proof. intros s p P S. unfold worked_off. pose proof (ceiling_bounds s p P). nia. Qed.
