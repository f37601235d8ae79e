(* Shares, recourse and hedges (selections.md, ADL-4, ADL-10, ADL-15 to ADL-18). *)
From Coq Require Import ZArith Lia List Bool.
From Zerosum Require Import Arithmetic Margin.
Import ListNotations.
Open Scope Z_scope.

(* ---- ADL-4, ADL-15: pro rata ---- *)

Definition part (remainder whole weight : Z) : Z := floor_of (remainder * weight) whole.

(* Each gets its part to less than a lot, and all together no more than there is. *)
Theorem ADL_4_parts_are_no_more_than_the_whole : forall remainder weights, 0 <= remainder -> 0 < sum weights ->
  Forall (fun w => 0 <= w) weights ->
  0 <= sum (map (part remainder (sum weights)) weights) <= remainder /\
  Forall (fun w => part remainder (sum weights) w * sum weights <= remainder * w
                   < (part remainder (sum weights) w + 1) * sum weights) weights.
Proof.
  intros r ws R W F. destruct (MG_6_shares_give_no_more_than_there_is r ws W) as [_ U].
  split; [split |].
  - apply sum_nonneg, Forall_map. eapply Forall_impl; [| exact F]. intros w P. cbv beta in *. unfold part.
    apply floor_nonneg; [exact W | apply Z.mul_nonneg_nonneg; assumption].
  - exact U.
  - eapply Forall_impl; [| exact F]. intros w P. unfold part.
    pose proof (floor_bounds (r * w) (sum ws) W) as B. set (f := floor_of (r * w) (sum ws)) in *. clearbody f. nia.
Qed.

(* ---- ADL-10: recourse ---- *)

(* The owner's other margin accounts in their order, each with equity and maintenance; what each pays. *)
Fixpoint recourse (missing : Z) (payers : list (Z * Z)) : list Z :=
  match payers with
  | [] => []
  | (equity, mm) :: rest =>
      let x := Z.min missing (Z.max 0 (equity - mm)) in x :: recourse (missing - x) rest
  end.

Theorem ADL_10_who_answers_keeps_its_maintenance : forall payers missing, 0 <= missing ->
  Forall2 (fun p x => 0 <= x /\ (x = 0 \/ snd p <= fst p - x)) payers (recourse missing payers).
Proof.
  induction payers as [| [e m] ps IH]; intros k K; simpl; constructor.
  - simpl. lia.
  - apply IH. lia.
Qed.

(* They pay no more than is missing; and if something still is, nobody has anything above its maintenance. *)
Theorem ADL_10_no_more_than_is_missing_and_all_there_is : forall payers missing, 0 <= missing ->
  0 <= sum (recourse missing payers) <= missing /\
  (sum (recourse missing payers) < missing ->
   recourse missing payers = map (fun p => Z.max 0 (fst p - snd p)) payers).
Proof.
  induction payers as [| [e m] ps IH]; intros k K; simpl; [split; [lia | reflexivity] |].
  set (x := Z.min k (Z.max 0 (e - m))). destruct (IH (k - x) ltac:(lia)) as [A B]. split; [lia |].
  intro L. rewrite B by lia. f_equal. unfold x in *. lia.
Qed.

(* ---- ADL-16: capped pro rata ---- *)

Record share := { weight : Z; most : Z }.

(* Those whom the level would ask for more than they bear get their cap, least cap/weight first; all others a part of
   what is left. The list comes sorted by cap/weight. *)
Fixpoint to_level (left whole : Z) (shares : list share) : list Z :=
  match shares with
  | [] => []
  | s :: rest =>
      if is_less left whole (most s) (weight s)
      then map (fun t => part left whole (weight t)) shares
      else most s :: to_level (left - most s) (whole - weight s) rest
  end.

Definition proper (s : share) : Prop := 0 < weight s /\ 0 < most s.
Definition no_later (s t : share) : Prop := most s * weight t <= most t * weight s. (* cap/weight rises *)

Fixpoint sorted (shares : list share) : Prop :=
  match shares with [] => True | s :: rest => Forall (no_later s) rest /\ sorted rest end.

Lemma parts_below : forall ts left whole, 0 < whole -> 0 <= left -> Forall proper ts ->
  0 <= sum (map (fun t => part left whole (weight t)) ts) /\
  sum (map (fun t => part left whole (weight t)) ts) * whole <= left * sum (map weight ts).
Proof.
  induction ts as [| t ts IH]; intros left whole W L F; simpl; [lia |].
  inversion F as [| ? ? [P Q] F']; subst. destruct (IH left whole W L F') as [A B]. unfold part at 1 3.
  pose proof (floor_bounds (left * weight t) whole W).
  pose proof (floor_nonneg (left * weight t) whole W ltac:(nia)). lia.
Qed.

Lemma forall2_of_map : forall (A : Type) (f : A -> Z) (P : A -> Z -> Prop) l,
  Forall (fun t => P t (f t)) l -> Forall2 P l (map f l).
Proof. induction 1; simpl; constructor; auto. Qed.

(* Nobody gets more than its cap, and all together no more than there is. *)
Theorem ADL_16_no_share_is_above_its_cap : forall shares left, 0 <= left -> Forall proper shares -> sorted shares ->
  let given := to_level left (sum (map weight shares)) shares in
  Forall2 (fun s x => 0 <= x <= most s) shares given /\ sum given <= left.
Proof.
  induction shares as [| s shares IH]; intros left L F S; [simpl; split; [constructor | lia] |].
  inversion F as [| ? ? [P Q] F']; subst. destruct S as [S1 S2].
  assert (W : 0 < sum (map weight (s :: shares))).
  { simpl. assert (0 <= sum (map weight shares)).
    { apply sum_nonneg, Forall_map. eapply Forall_impl; [| exact F']. unfold proper. lia. } lia. }
  cbn [to_level]. set (whole := sum (map weight (s :: shares))) in *.
  unfold is_less. destruct (Z.ltb_spec (left * weight s) (most s * whole)) as [B | B].
  - split.
    + assert (G : Forall (fun t => 0 <= part left whole (weight t) <= most t) (s :: shares)).
      { constructor.
        - unfold part. split; [apply floor_nonneg; nia |]. pose proof (floor_bounds (left * weight s) whole W). nia.
        - rewrite Forall_forall in *. intros t I. specialize (S1 t I). specialize (F' t I). destruct F' as [TP TQ].
          unfold no_later in S1. unfold part. split; [apply floor_nonneg; nia |].
          pose proof (floor_bounds (left * weight t) whole W) as FB.
          assert (left * weight t * weight s < most t * whole * weight s).
          { assert (left * weight s * weight t < most s * whole * weight t) by (apply Z.mul_lt_mono_pos_r; lia).
            assert (most s * weight t * whole <= most t * weight s * whole) by (apply Z.mul_le_mono_nonneg_r; lia). lia. }
          assert (left * weight t < most t * whole) by (apply (Z.mul_lt_mono_pos_r (weight s)); lia). nia. }
      apply forall2_of_map. exact G.
    + destruct (parts_below (s :: shares) left whole W L F) as [_ U]. fold whole in U.
      apply (Z.mul_le_mono_pos_r _ _ whole); lia.
  - assert (M : most s <= left).
    { assert (weight s <= whole). { unfold whole. simpl. assert (0 <= sum (map weight shares)).
        { apply sum_nonneg, Forall_map. eapply Forall_impl; [| exact F']. unfold proper. lia. } lia. }
      nia. }
    specialize (IH (left - most s) ltac:(lia) F' S2). cbv zeta in IH.
    replace (sum (map weight shares)) with (whole - weight s) in IH by (unfold whole; simpl; lia).
    destruct IH as [I J]. simpl. split; [constructor; [lia | exact I] | lia].
Qed.

(* What a level asks of somebody: min(cap, level·weight), a level being num/den lots a unit of weight; times den. *)
Definition asked (num den : Z) (s : share) : Z := Z.min (most s * den) (num * weight s).

(* Whoever splits an account into parts of the same cap/weight gives up at any level what it gave up whole. *)
Theorem ADL_16_a_proportional_split_changes_nothing : forall num den a b, 0 <= num -> 0 < den -> proper a -> proper b ->
  most a * weight b = most b * weight a ->
  asked num den {| weight := weight a + weight b; most := most a + most b |} = asked num den a + asked num den b.
Proof.
  intros num den a b N D [A1 A2] [B1 B2] E. unfold asked. simpl.
  assert (E' : most a * weight b * den = most b * weight a * den) by (rewrite E; reflexivity).
  destruct (Z.le_gt_cases (most a * den) (num * weight a)) as [K | K].
  - assert (most b * den <= num * weight b).
    { apply (Z.mul_le_mono_pos_r _ _ (weight a)); [lia |].
      assert (most a * den * weight b <= num * weight a * weight b) by (apply Z.mul_le_mono_nonneg_r; lia). lia. }
    rewrite !Z.min_l by lia. lia.
  - assert (num * weight b < most b * den).
    { apply (Z.mul_lt_mono_pos_r (weight a)); [lia |].
      assert (num * weight a * weight b < most a * den * weight b) by (apply Z.mul_lt_mono_pos_r; lia). lia. }
    rewrite !Z.min_r by lia. lia.
Qed.

(* Any other split lowers what a level asks: profit and lots apart, the part with the profit meets its cap. *)
Theorem ADL_16_no_split_asks_more : forall num den a b,
  asked num den a + asked num den b <= asked num den {| weight := weight a + weight b; most := most a + most b |}.
Proof. intros. unfold asked. simpl. lia. Qed.

(* So the claim that nobody gains by splitting is false: 10 lots with a profit of 100 beside another such account give
   up 5 of 10; as one lot with 99 and nine with 1 they give up 1, and the other 8, before what rounding leaves. *)
Theorem ADL_16_an_uneven_split_gains :
  to_level 10 200 [{| weight := 100; most := 10 |}; {| weight := 100; most := 10 |}] = [5; 5] /\
  to_level 10 200 [{| weight := 99; most := 1 |}; {| weight := 100; most := 10 |}; {| weight := 1; most := 9 |}] = [1; 8; 0].
Proof. split; reflexivity. Qed.

(* ---- ADL-17: least overshoot ---- *)

(* Whole lots of the exact share, and the cap. *)
Record spread := { base : Z; bear : Z }.
Definition at_level (level : Z) (s : spread) : Z := Z.min (bear s) (base s + level).
Definition all_at (level : Z) (l : list spread) : Z := sum (map (at_level level) l).
Definition level_of (remainder : Z) (l : list spread) : Z := bisect (fun level => all_at level l <=? remainder) remainder.

Theorem ADL_17_no_more_than_caps_and_remainder : forall remainder l, 0 <= remainder -> all_at 0 l <= remainder ->
  let level := level_of remainder l in
  0 <= level /\ all_at level l <= remainder /\ Forall (fun s => at_level level s <= bear s) l.
Proof.
  intros r l R Z0 level. unfold level, level_of.
  destruct (bisect_spec (fun level => all_at level l <=? r) r R) as (B & C & _).
  split; [lia | split].
  - destruct C as [C | C]; [rewrite C; exact Z0 | apply Z.leb_le; exact C].
  - apply Forall_forall. intros s _. unfold at_level. lia.
Qed.

(* No other way to give up r within the caps has a smaller largest overshoot: where a lot is left over at the level,
   every other way asks somebody for more than the level; and the rule asks nobody for more than a lot above it. *)
Theorem ADL_17_no_other_way_has_a_smaller_overshoot : forall remainder l others,
  0 <= remainder -> all_at 0 l <= remainder -> all_at (level_of remainder l) l < remainder ->
  Forall2 (fun s x => x <= bear s) l others -> sum others = remainder ->
  exists s x, In (s, x) (combine l others) /\ base s + level_of remainder l < x.
Proof.
  intros r l others R Z0 U F E. set (level := level_of r l) in *.
  assert (G : forall a b, Forall2 (fun s x => x <= bear s) a b ->
    (exists s x, In (s, x) (combine a b) /\ base s + level < x) \/ sum b <= all_at level a).
  { induction 1 as [| s x a b B _ IH]; [constructor 2; unfold all_at; simpl; lia |].
    destruct (Z.lt_ge_cases (base s + level) x) as [K | K].
    - constructor 1. exists s, x. split; [constructor; reflexivity | exact K].
    - destruct IH as [(s' & x' & I & J) | IH].
      + constructor 1. exists s', x'. split; [constructor 2; exact I | exact J].
      + constructor 2. unfold all_at in *. simpl. unfold at_level at 1. lia. }
  destruct (G l others F) as [H | H]; [exact H | lia].
Qed.

(* ---- ADL-18: hedges ---- *)

Definition hedged (size same other : Z) : Z := if same =? 0 then 0 else floor_of (size * Z.min other same) same.

Theorem ADL_18_no_more_is_hedged_than_there_is : forall size same other, 0 <= size -> 0 <= same -> 0 <= other ->
  0 <= hedged size same other <= size.
Proof.
  intros s a b S A B. unfold hedged. destruct (Z.eqb_spec a 0); [lia |].
  pose proof (floor_bounds (s * Z.min b a) a ltac:(lia)). pose proof (floor_nonneg (s * Z.min b a) a ltac:(lia) ltac:(nia)).
  split; [lia | nia].
Qed.

(* ---- ADL-2, ADL-11 to ADL-13, ADL-15: scores ---- *)

(* Higher score first, then larger notional, then lower account. *)
Record place := { score : Z; notional : Z; number : Z }.
Definition first (a b : place) : bool :=
  if score a =? score b then
    if notional a =? notional b then number a <? number b else notional b <? notional a
  else score b <? score a.

(* So of two accounts exactly one stands before the other, and a queue has one order. *)
Theorem ADL_2_a_queue_has_one_order : forall a b c,
  first a a = false /\ (number a <> number b -> first a b = negb (first b a)) /\
  (first a b = true -> first b c = true -> first a c = true).
Proof.
  intros [s n k] [s' n' k'] [s2 n2 k2]. unfold first. simpl.
  destruct (Z.eqb_spec s s'), (Z.eqb_spec s' s), (Z.eqb_spec s' s2), (Z.eqb_spec s s2), (Z.eqb_spec s s),
    (Z.eqb_spec n n'), (Z.eqb_spec n' n), (Z.eqb_spec n' n2), (Z.eqb_spec n n2), (Z.eqb_spec n n);
    try congruence; try lia; rewrite ?Z.ltb_lt; repeat split; intros; try lia;
    match goal with |- (?x <? ?y) = negb (?y <? ?x) => destruct (Z.ltb_spec x y), (Z.ltb_spec y x); simpl; lia || reflexivity end.
Qed.

(* BitMEX and OKX order two losers of the same return the other way round: by less leverage last, and first. *)
Definition bitmex_of_a_loser (loss leverage : Z) : Z := - floor_of (loss * 1000000000000) (Z.max 1 leverage).
Definition okx_of_a_loser (loss leverage : Z) : Z := - loss * leverage.

Theorem ADL_11_losers_stand_the_other_way_round : forall loss low high, 0 <= loss -> 0 <= low <= high ->
  bitmex_of_a_loser loss low <= bitmex_of_a_loser loss high /\ okx_of_a_loser loss high <= okx_of_a_loser loss low.
Proof.
  intros x l h X L. unfold bitmex_of_a_loser, okx_of_a_loser. split; [| nia].
  pose proof (floor_bounds (x * 1000000000000) (Z.max 1 h) ltac:(lia)) as H.
  pose proof (floor_nonneg (x * 1000000000000) (Z.max 1 h) ltac:(lia) ltac:(lia)) as N.
  pose proof (floor_greatest (x * 1000000000000) (Z.max 1 l) (floor_of (x * 1000000000000) (Z.max 1 h)) ltac:(lia)) as G.
  assert (floor_of (x * 1000000000000) (Z.max 1 h) * Z.max 1 l <= floor_of (x * 1000000000000) (Z.max 1 h) * Z.max 1 h)
    by (apply Z.mul_le_mono_nonneg_l; lia).
  specialize (G ltac:(lia)). lia.
Qed.

Definition hyperliquid (leverage gain : Z) : Z := Z.max 1 leverage * Z.max 1 gain.

Theorem ADL_12_nobody_scores_nothing : forall leverage gain, 1 <= hyperliquid leverage gain.
Proof. intros. unfold hyperliquid. nia. Qed.

Theorem ADL_13_one_number_orders_profit_then_leverage : forall p l p' l',
  0 <= l < 2 ^ 63 -> 0 <= l' < 2 ^ 63 ->
  (p * 2 ^ 63 + l < p' * 2 ^ 63 + l' <-> p < p' \/ (p = p' /\ l < l')).
Proof. intros. split; intros; [destruct (Z.lt_trichotomy p p') as [K | [K | K]] |]; lia. Qed.

(* By contracts nobody is asked for more than it has. *)
Theorem ADL_15_by_contracts_nobody_is_asked_for_more_than_it_has : forall remainder sizes,
  0 <= remainder <= sum sizes -> 0 < sum sizes -> Forall (fun s => 0 <= s) sizes ->
  Forall (fun s => 0 <= part remainder (sum sizes) s <= s) sizes.
Proof.
  intros r ss R W F. eapply Forall_impl; [| exact F]. intros s P. cbv beta in *. unfold part.
  pose proof (floor_bounds (r * s) (sum ss) W) as B.
  pose proof (floor_nonneg (r * s) (sum ss) W ltac:(apply Z.mul_nonneg_nonneg; lia)) as N.
  assert (r * s <= sum ss * s) by (apply Z.mul_le_mono_nonneg_r; lia).
  split; [exact N |]. apply (Z.mul_le_mono_pos_r _ _ (sum ss)); lia.
Qed.
