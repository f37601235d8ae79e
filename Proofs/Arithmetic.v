(* Whole numbers, the roundings of the specification, sums over lists, and bisection (README of Specs). *)
From Coq Require Import ZArith Lia List Bool.
Import ListNotations.
Open Scope Z_scope.

(* Toward minus infinity, toward plus infinity; toward zero is Z.quot. *)
Definition floor_of (a b : Z) : Z := a / b.
Definition ceiling_of (a b : Z) : Z := - ((- a) / b).
Definition positive_part (a : Z) : Z := Z.max 0 a.

Lemma floor_bounds : forall a b, 0 < b -> floor_of a b * b <= a < floor_of a b * b + b.
Proof.
  intros a b H. unfold floor_of.
  pose proof (Z.div_mod a b ltac:(lia)). pose proof (Z.mod_pos_bound a b H). nia.
Qed.

Lemma ceiling_bounds : forall a b, 0 < b -> a <= ceiling_of a b * b < a + b.
Proof.
  intros a b H. unfold ceiling_of.
  pose proof (Z.div_mod (- a) b ltac:(lia)). pose proof (Z.mod_pos_bound (- a) b H). nia.
Qed.

Lemma ceiling_least : forall a b n, 0 < b -> a <= n * b -> ceiling_of a b <= n.
Proof. intros a b n H K. pose proof (ceiling_bounds a b H). nia. Qed.

Lemma ceiling_exact : forall n b, 0 < b -> ceiling_of (n * b) b = n.
Proof. intros n b H. pose proof (ceiling_bounds (n * b) b H). nia. Qed.

Lemma ceiling_zero : forall b, 0 < b -> ceiling_of 0 b = 0.
Proof. intros b H. pose proof (ceiling_bounds 0 b H). nia. Qed.

Lemma ceiling_nonneg : forall a b, 0 < b -> 0 <= a -> 0 <= ceiling_of a b.
Proof. intros a b H K. pose proof (ceiling_bounds a b H). nia. Qed.

Lemma ceiling_monotone : forall a c b, 0 < b -> a <= c -> ceiling_of a b <= ceiling_of c b.
Proof.
  intros a c b H K. pose proof (ceiling_bounds a b H). pose proof (ceiling_bounds c b H). nia.
Qed.

Lemma floor_greatest : forall a b n, 0 < b -> n * b <= a -> n <= floor_of a b.
Proof. intros a b n H K. pose proof (floor_bounds a b H). nia. Qed.

Lemma floor_nonneg : forall a b, 0 < b -> 0 <= a -> 0 <= floor_of a b.
Proof. intros a b H K. pose proof (floor_bounds a b H). nia. Qed.

Lemma floor_exact : forall n b, 0 < b -> floor_of (n * b) b = n.
Proof. intros n b H. pose proof (floor_bounds (n * b) b H). nia. Qed.

(* Toward zero: never further from nothing than the exact quotient, and less than one from it. *)
Lemma truncated_bounds : forall a b, 0 < b ->
  (0 <= a -> 0 <= Z.quot a b /\ Z.quot a b * b <= a < Z.quot a b * b + b) /\
  (a <= 0 -> Z.quot a b <= 0 /\ Z.quot a b * b - b < a <= Z.quot a b * b).
Proof.
  intros a b H. pose proof (Z.quot_rem a b ltac:(lia)) as E. split; intro K.
  - pose proof (Z.rem_bound_pos a b K H).
    assert (0 <= Z.quot a b) by (apply Z.quot_pos; lia). nia.
  - pose proof (Z.rem_bound_neg_pos a b). pose proof (Z.rem_opp_l a b ltac:(lia)) as R.
    pose proof (Z.rem_bound_pos (- a) b ltac:(lia) H).
    assert (0 <= Z.quot (- a) b) by (apply Z.quot_pos; lia).
    rewrite Z.quot_opp_l in H2 by lia. nia.
Qed.

Fixpoint sum (l : list Z) : Z := match l with [] => 0 | x :: r => x + sum r end.

Lemma sum_app : forall a b, sum (a ++ b) = sum a + sum b.
Proof. induction a; simpl; intros; [lia | rewrite IHa; lia]. Qed.

Lemma sum_nonneg : forall l, Forall (fun x => 0 <= x) l -> 0 <= sum l.
Proof. induction 1; simpl; lia. Qed.

Lemma sum_map_le : forall (A : Type) (f g : A -> Z) l,
  (forall x, In x l -> f x <= g x) -> sum (map f l) <= sum (map g l).
Proof.
  induction l; simpl; intros H; [lia |].
  pose proof (H a (or_introl eq_refl)). assert (sum (map f l) <= sum (map g l)) by (apply IHl; auto). lia.
Qed.

Lemma sum_map_plus : forall (A : Type) (f g : A -> Z) l,
  sum (map (fun x => f x + g x) l) = sum (map f l) + sum (map g l).
Proof. induction l; simpl; lia. Qed.

Lemma sum_map_scale : forall (A : Type) (f : A -> Z) k l,
  sum (map (fun x => k * f x) l) = k * sum (map f l).
Proof. induction l; simpl; lia. Qed.

(* Bisection, word for word: the rule even where the predicate is not monotone. *)
Fixpoint bisect_between (fuel : nat) (ok : Z -> bool) (low high : Z) : Z :=
  match fuel with
  | O => low
  | S rest =>
      if low <? high then
        let middle := (low + high + 1) / 2 in
        if ok middle then bisect_between rest ok middle high
        else bisect_between rest ok low (middle - 1)
      else low
  end.

Definition bisect (ok : Z -> bool) (bound : Z) : Z :=
  if ok bound then bound
  else if negb (ok 0) then 0
  else bisect_between (S (Z.to_nat (Z.log2 bound))) ok 0 (bound - 1).

Lemma bisect_between_spec : forall fuel ok low high,
  low <= high -> high - low < 2 ^ Z.of_nat fuel -> ok low = true -> ok (high + 1) = false ->
  let r := bisect_between fuel ok low high in
  low <= r <= high /\ ok r = true /\ ok (r + 1) = false.
Proof.
  induction fuel as [| fuel IH]; intros ok low high L W A B.
  - simpl in W. simpl. assert (low = high) by lia. subst. repeat split; auto; lia.
  - simpl. destruct (Z.ltb_spec low high) as [K | K].
    + assert (P : 2 ^ Z.of_nat (S fuel) = 2 * 2 ^ Z.of_nat fuel)
        by (rewrite Nat2Z.inj_succ, Z.pow_succ_r by lia; reflexivity).
      pose proof (Z.div_mod (low + high + 1) 2 ltac:(lia)).
      pose proof (Z.mod_pos_bound (low + high + 1) 2 ltac:(lia)).
      set (middle := (low + high + 1) / 2) in *.
      destruct (ok middle) eqn:E.
      * specialize (IH ok middle high ltac:(lia) ltac:(lia) E B). simpl in IH.
        destruct IH as (I & J & M). split; [lia | split; assumption].
      * assert (E' : ok (middle - 1 + 1) = false) by (replace (middle - 1 + 1) with middle by lia; auto).
        specialize (IH ok low (middle - 1) ltac:(lia) ltac:(lia) A E'). simpl in IH.
        destruct IH as (I & J & M). split; [lia | split; assumption].
    + assert (low = high) by lia. subst. repeat split; auto; lia.
Qed.

(* What bisection finds is allowed, and the next one is not, whatever is asked. *)
Theorem bisect_spec : forall ok bound, 0 <= bound ->
  0 <= bisect ok bound <= bound /\
  (bisect ok bound = 0 \/ ok (bisect ok bound) = true) /\
  (ok 0 = true -> bisect ok bound < bound -> ok (bisect ok bound + 1) = false) /\
  (ok bound = true -> bisect ok bound = bound).
Proof.
  intros ok bound H. unfold bisect. destruct (ok bound) eqn:E.
  - repeat split; auto; try lia.
  - destruct (ok 0) eqn:F; cbn [negb].
    + assert (0 < bound) by (destruct (Z.eq_dec bound 0); [subst; congruence | lia]).
      assert (W : bound - 1 - 0 < 2 ^ Z.of_nat (S (Z.to_nat (Z.log2 bound)))).
      { rewrite Nat2Z.inj_succ, Z2Nat.id by apply Z.log2_nonneg.
        pose proof (Z.log2_spec bound ltac:(lia)). lia. }
      assert (B : ok (bound - 1 + 1) = false) by (replace (bound - 1 + 1) with bound by lia; exact E).
      pose proof (bisect_between_spec _ ok 0 (bound - 1) ltac:(lia) W F B) as P. cbv zeta in P.
      destruct P as (P1 & P2 & P3).
      split; [lia | split; [right; exact P2 | split; [intros; exact P3 | congruence]]].
    + repeat split; auto; try lia; try congruence.
Qed.
