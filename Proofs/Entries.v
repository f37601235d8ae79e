(* Entries of the ledger, the order of payments, roundings, and isolated margin (ledger.md, LED-2, LED-5 to
   LED-8). *)
From Coq Require Import ZArith Lia List Bool.
From Zerosum Require Import Arithmetic Ledger.
Import ListNotations.
Open Scope Z_scope.

(* ---- LED-5: double entry ---- *)

Record entry := { account : Z; amount : Z; balance : Z }.

Definition entry_of (l : ledger) (k a : Z) : entry := {| account := k; amount := a; balance := cash_at l k + a |}.

Section Entries.
  Variable unit_of : Z -> Z.
  Notation apply := (apply unit_of).
  Notation take_side := (take_side unit_of).

  (* What a step tells, one entry a credit, in the order of the credits. *)
  Fixpoint pay_entries (ps : list (Z * Z)) (l : ledger) : list entry :=
    match ps with
    | [] => []
    | p :: rest => entry_of l (fst p) (snd p) :: pay_entries rest (credit l (fst p) (snd p))
    end.

  Fixpoint side_entries (market price : Z) (sides : list side) (l : ledger) : list entry :=
    match sides with
    | [] => []
    | s :: rest =>
        entry_of l (margin s) (realised (fill_of (unit_of market) price (delta s) (position_at l (of s))))
        :: side_entries market price rest (take_side market price l s)
    end.

  Definition entries_of (l : ledger) (s : step) : list entry :=
    match s with
    | Bring k a => [entry_of l k a]
    | Leave k a => [entry_of l k (- a)]
    | Move a p r => [entry_of l p (- a); entry_of (credit l p (- a)) r a]
    | Pay ps => pay_entries ps l
    | Exchange m p sides => side_entries m p sides l
    end.

  Fixpoint told (steps : list step) (l : ledger) : list entry :=
    match steps with [] => [] | s :: rest => entries_of l s ++ told rest (apply l s) end.

  (* Replaying: what the entries of a margin account add up to. *)
  Definition replayed (es : list entry) (k : Z) : Z :=
    sum (map (fun e => if account e =? k then amount e else 0) es).

  Lemma replayed_app : forall a b k, replayed (a ++ b) k = replayed a k + replayed b k.
  Proof. intros. unfold replayed. rewrite map_app, sum_app. reflexivity. Qed.

  Lemma cash_at_credit : forall l k a j, cash_at (credit l k a) j = cash_at l j + (if k =? j then a else 0).
  Proof.
    intros l k a j. unfold cash_at at 1. unfold credit. simpl. rewrite F.F.add_o.
    destruct (F.F.eq_dec k j) as [D | D].
    - hnf in D. subst. rewrite Z.eqb_refl. unfold cash_at. reflexivity.
    - destruct (Z.eqb_spec k j); [contradiction |]. unfold cash_at. destruct (M.find j (cash l)); lia.
  Qed.

  Lemma cash_at_side : forall m p l s j, cash_at (take_side m p l s) j
    = cash_at (credit l (margin s) (realised (fill_of (unit_of m) p (delta s) (position_at l (of s))))) j.
  Proof. reflexivity. Qed.

  Lemma step_replays : forall s l k, cash_at (apply l s) k = cash_at l k + replayed (entries_of l s) k.
  Proof.
    intros s l k. unfold replayed. destruct s as [j a | j a | a p r | ps | m p sides].
    - simpl. transitivity (cash_at (credit l j a) k); [reflexivity |]. rewrite cash_at_credit. lia.
    - simpl. transitivity (cash_at (credit l j (- a)) k); [reflexivity |]. rewrite cash_at_credit. lia.
    - simpl. rewrite !cash_at_credit. lia.
    - simpl. revert l. induction ps as [| x ps IH]; simpl; intros l; [lia |].
      rewrite IH, cash_at_credit. lia.
    - unfold Ledger.apply, entries_of. revert l. induction sides as [| x sides IH]; intros l; [simpl; lia |].
      cbn [side_entries fold_left map sum]. rewrite IH, cash_at_side, cash_at_credit.
      unfold entry_of. cbn [account amount]. lia.
  Qed.

  (* Replaying the entries from nothing gives all balances. *)
  Theorem LED_5_entries_give_all_balances : forall steps k,
    cash_at (fold_left apply steps nothing) k = replayed (told steps nothing) k.
  Proof.
    intros steps k. assert (G : forall ss l, cash_at (fold_left apply ss l) k = cash_at l k + replayed (told ss l) k).
    { induction ss as [| s ss IH]; intros l; [unfold replayed; simpl; lia |].
      simpl. rewrite IH, step_replays, replayed_app. lia. }
    rewrite G. change (cash_at nothing k) with 0. lia.
  Qed.

  (* Each entry states the balance that the entries up to it and with it give. *)
  Theorem LED_5_each_entry_states_its_balance : forall steps before e later,
    told steps nothing = before ++ e :: later ->
    balance e = replayed before (account e) + amount e.
  Proof.
    assert (P : forall ps l before e later, pay_entries ps l = before ++ e :: later ->
      balance e = cash_at l (account e) + replayed before (account e) + amount e).
    { induction ps as [| x ps IH]; intros l before e later E; [destruct before; discriminate |].
      destruct before as [| b before]; simpl in E; injection E as E1 E2.
      - subst. unfold replayed. simpl. lia.
      - subst. rewrite (IH _ _ _ _ E2), cash_at_credit. unfold replayed. simpl. lia. }
    assert (Q : forall m p sides l before e later, side_entries m p sides l = before ++ e :: later ->
      balance e = cash_at l (account e) + replayed before (account e) + amount e).
    { intros m p. induction sides as [| x sides IH]; intros l before e later E; [destruct before; discriminate |].
      destruct before as [| b before]; simpl in E; injection E as E1 E2.
      - subst. unfold replayed. simpl. lia.
      - subst. rewrite (IH _ _ _ _ E2), cash_at_side, cash_at_credit. unfold replayed. simpl. lia. }
    assert (S : forall s l before e later, entries_of l s = before ++ e :: later ->
      balance e = cash_at l (account e) + replayed before (account e) + amount e).
    { intros s l before e later E. destruct s as [j a | j a | a p r | ps | m p sides]; simpl in E.
      - apply (P [(j, a)] l before e later). exact E.
      - apply (P [(j, - a)] l before e later). exact E.
      - apply (P [(p, - a); (r, a)] l before e later). exact E.
      - exact (P _ _ _ _ _ E).
      - exact (Q _ _ _ _ _ _ _ E). }
    assert (G : forall ss l before e later, told ss l = before ++ e :: later ->
      balance e = cash_at l (account e) + replayed before (account e) + amount e).
    { induction ss as [| s ss IH]; intros l before e later E; [destruct before; discriminate |].
      simpl in E. destruct (app_eq_app _ _ _ _ E) as [mid [[E1 E2] | [E1 E2]]].
      - destruct mid as [| x mid].
        + rewrite app_nil_r in E1. simpl in E2. symmetry in E2.
          rewrite (IH (apply l s) [] e later E2). rewrite step_replays, E1. unfold replayed. simpl. lia.
        + simpl in E2. injection E2 as E3 E4. subst x. apply (S s l before e mid). exact E1.
      - rewrite (IH (apply l s) mid e later E2), step_replays, E1, replayed_app. lia. }
    intros steps before e later E. rewrite (G steps nothing before e later E). change (cash_at nothing (account e)) with 0. lia.
  Qed.

  (* Nothing moves into or out of a margin account that no entry of a step names (LED-2). *)
  Theorem LED_2_nothing_moves_that_is_not_named : forall s l k,
    Forall (fun e => account e <> k) (entries_of l s) -> cash_at (apply l s) k = cash_at l k.
  Proof.
    intros s l k H. rewrite step_replays. unfold replayed.
    induction H as [| e es N H IH]; simpl; [lia |]. destruct (Z.eqb_spec (account e) k); [contradiction | lia].
  Qed.

  (* Between two margin accounts nothing is made or lost, and the payer is booked first. *)
  Theorem LED_5_a_move_has_two_entries_that_cancel : forall l a p r,
    map amount (entries_of l (Move a p r)) = [- a; a] /\ sum (map amount (entries_of l (Move a p r))) = 0.
  Proof. intros. simpl. split; [reflexivity | lia]. Qed.
End Entries.

(* ---- LED-7: pay in before pay out ---- *)

Definition pays (a : Z) : bool := a <? 0.

(* A list in which nobody is paid before everybody has paid. *)
Fixpoint payers_first (l : list Z) : bool :=
  match l with
  | [] => true
  | a :: rest => (pays a || forallb (fun b => negb (pays b)) rest) && payers_first rest
  end.

(* The order of a fill: the smaller result first. *)
Definition fill_order (a b : Z) : list Z := if a <? b then [a; b] else [b; a].

Theorem LED_7_a_fill_books_its_payer_first : forall a b, payers_first (fill_order a b) = true.
Proof.
  intros a b. unfold fill_order, payers_first, pays. destruct (Z.ltb_spec a b); simpl;
    destruct (Z.ltb_spec a 0), (Z.ltb_spec b 0); simpl; auto; lia.
Qed.

Definition in_two_passes (l : list Z) : list Z := filter pays l ++ filter (fun a => negb (pays a)) l.

Lemma payers_first_app : forall a b,
  forallb pays a = true -> forallb (fun x => negb (pays x)) b = true -> payers_first (a ++ b) = true.
Proof.
  induction a as [| x a IH]; simpl; intros b A B.
  - induction b as [| y b IHb]; simpl in *; [reflexivity |].
    apply andb_prop in B as [B1 B2]. rewrite B2, IHb by assumption. rewrite orb_true_r. reflexivity.
  - apply andb_prop in A as [A1 A2]. rewrite A1, IH by assumption. reflexivity.
Qed.

(* Funding and settlement go twice over the positions: payers, then receivers. *)
Theorem LED_7_two_passes_book_payers_first : forall l, payers_first (in_two_passes l) = true.
Proof.
  intros l. apply payers_first_app.
  - apply forallb_forall. intros x H. apply filter_In in H. tauto.
  - apply forallb_forall. intros x H. apply filter_In in H. tauto.
Qed.

(* What that is for: at no moment has more been received than was paid. *)
Theorem LED_7_nothing_is_received_before_it_is_paid : forall before later,
  payers_first (before ++ later) = true -> sum (before ++ later) <= 0 -> sum before <= 0.
Proof.
  induction before as [| a before IH]; simpl; intros later P S; [lia |].
  apply andb_prop in P as [P1 P2]. apply orb_prop in P1 as [P1 | P1].
  - unfold pays in P1. apply Z.ltb_lt in P1. destruct (Z.le_gt_cases (sum before) 0); [lia |].
    rewrite sum_app in *. destruct (Z.le_gt_cases (sum (before ++ later)) 0) as [K | K].
    + specialize (IH later P2 K). lia.
    + assert (0 <= sum later).
      { apply sum_nonneg. clear - P2 H. induction before as [| b before IH]; simpl in *; [lia |].
        apply andb_prop in P2 as [Q1 Q2]. apply orb_prop in Q1 as [Q1 | Q1].
        - unfold pays in Q1. apply Z.ltb_lt in Q1. apply IH; [exact Q2 | lia].
        - apply Forall_forall. intros x I. rewrite forallb_forall in Q1.
          specialize (Q1 x ltac:(apply in_or_app; auto)). unfold pays in Q1.
          destruct (Z.ltb_spec x 0); [discriminate | lia]. }
      lia.
  - assert (0 <= sum later).
    { apply sum_nonneg, Forall_forall. intros x I. rewrite forallb_forall in P1.
      specialize (P1 x ltac:(apply in_or_app; auto)). unfold pays in P1.
      destruct (Z.ltb_spec x 0); [discriminate | lia]. }
    rewrite sum_app in S. lia.
Qed.

(* ---- LED-6: rounding never pays ---- *)

Definition one : Z := 100000000.
(* ⌈rate·notional⌉: a fee, or with a negative rate a rebate. *)
Definition fee (rate notional : Z) : Z := ceiling_of (rate * notional) one.

Theorem LED_6_a_fee_rounds_up_and_a_rebate_down : forall rate notional, 0 <= notional ->
  rate * notional <= fee rate notional * one < rate * notional + one /\
  (rate <= 0 -> 0 <= - fee rate notional /\ - fee rate notional * one <= - rate * notional).
Proof.
  intros rate n N. unfold fee, one. pose proof (ceiling_bounds (rate * n) 100000000 ltac:(lia)) as B.
  split; [exact B |]. intro R. split; nia.
Qed.

(* Many small fills never pay less in fees than one large one, and at most a unit a fill more. *)
Theorem LED_6_splitting_a_fill_saves_no_fee : forall rate parts,
  fee rate (sum parts) <= sum (map (fee rate) parts) <= fee rate (sum parts) + Z.of_nat (length parts).
Proof.
  intros rate parts. unfold fee, one.
  assert (G : rate * sum parts <= sum (map (fun n => ceiling_of (rate * n) 100000000) parts) * 100000000
    <= rate * sum parts + Z.of_nat (length parts) * 100000000).
  { induction parts as [| p parts IH]; [simpl; lia |]. simpl sum. simpl map. simpl length.
    rewrite Nat2Z.inj_succ. pose proof (ceiling_bounds (rate * p) 100000000 ltac:(lia)). simpl sum. nia. }
  pose proof (ceiling_bounds (rate * sum parts) 100000000 ltac:(lia)). nia.
Qed.

(* ---- LED-8: isolated margin ---- *)

(* What a reduction by q of s lots moves to cross. *)
Definition to_cross (cash s q realised costs : Z) : Z :=
  positive_part ((if q =? s then cash else floor_of (cash * q) s) + realised - costs).

Theorem LED_8_never_less_than_nothing_moves : forall cash s q realised costs, 0 <= to_cross cash s q realised costs.
Proof. intros. unfold to_cross, positive_part. lia. Qed.

(* A close moves everything that is left; what is below zero the isolated margin account bears. *)
Theorem LED_8_a_close_moves_everything : forall cash s realised costs,
  cash + realised - costs - to_cross cash s s realised costs = Z.min 0 (cash + realised - costs).
Proof. intros. unfold to_cross, positive_part. rewrite Z.eqb_refl. lia. Qed.

(* The lots that stay keep their part of the margin: no less than cash·(s − q)/s. *)
Theorem LED_8_lots_that_stay_keep_their_margin : forall cash s q realised costs, 0 <= q < s ->
  0 <= floor_of (cash * q) s + realised - costs ->
  let left := cash + realised - costs - to_cross cash s q realised costs in
  cash * (s - q) <= left * s < cash * (s - q) + s.
Proof.
  intros cash s q realised costs Q K left. unfold left, to_cross, positive_part.
  destruct (Z.eqb_spec q s); [lia |]. pose proof (floor_bounds (cash * q) s ltac:(lia)).
  rewrite Z.max_r by lia. nia.
Qed.

(* Cross and isolated together change by what is realised less what it costs. *)
Theorem LED_8_nothing_is_lost_between_cross_and_isolated : forall cross cash s q realised costs,
  let moved := to_cross cash s q realised costs in
  (cross + moved) + (cash + realised - costs - moved) = cross + cash + realised - costs.
Proof. intros. lia. Qed.

(* A flip's fee in two parts: that of the lots that close rounds up, and both are the fee. *)
Theorem LED_8_a_flip_pays_its_fee_lot_by_lot : forall fee closed lots, 0 < lots -> 0 <= closed <= lots -> 0 <= fee ->
  let own := ceiling_of (fee * closed) lots in fee * closed <= own * lots < fee * closed + lots /\ 0 <= own <= fee.
Proof.
  intros fee closed lots L C N own. unfold own. pose proof (ceiling_bounds (fee * closed) lots L). split; nia.
Qed.
