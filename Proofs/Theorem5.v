(* ADL-5: nobody ends below what it had before the command (deleveraging.md), for any number of margin accounts,
   losers and asks, under any selection; exact, without a unit of rounding.

   A price moves the mark of one market by `gain` units a lot, against one side and for the other. Premises, each
   with the scenario that shows what happens without it:
   1. all prices valid, no market halted (adl-theorem-halted-market): a loss of this command is all of a deficit, so
      that it is at most `gain` a lot: `deficit_within` below, proved by ADL_5_the_deficit_a_lot_is_at_most_the_move;
   2. nobody below zero before (adl-theorem-below-zero-before): `before >= 0`;
   3. deficits by loss (adl-theorem-by-maintenance): all of a deficit lies on the market that moved, so that
      elsewhere nothing is given up: ADL_5_other_market;
   4. nobody of the gaining side past takeover, or candidates: everybody (adl-candidates-not-past-takeover,
      adl-candidates-everybody): everybody on that side is asked in the last pass: `everybody_is_asked`;
   5. no resting order far from the mark (adl-theorem-order-far-from-mark): everybody still has its gain when it is
      asked: `has_its_gain`, kept by fills at the mark or better (ADL_5_a_fill_at_the_mark_or_better_keeps_the_gain). *)
From Coq Require Import ZArith Lia List Bool.
From Zerosum Require Import Arithmetic Ledger Entries Margin Deleveraging.
Import ListNotations.
Open Scope Z_scope.

Section Theorem5.
  Variables mark u gain : Z.
  Hypothesis gain_positive : 0 < gain.

  Notation all_of := (all_of mark u).
  Notation equity_of := (equity_of mark u).

  (* A margin account of the gaining side as the command found it, and what it has now: the gain on each net lot
     that it still has above what it had; an isolated one by itself, and none below zero before (2). *)
  Definition has_its_gain (before : Z) (c : candidate) : Prop :=
    0 <= before /\ 0 <= net_of c /\ before + gain * net_of c <= all_of c /\ gain * net_of c <= equity_of c.

  (* ---- how it begins: the move of the mark ---- *)

  (* Cross: with net size n of the market in it (both sides of a hedge in it together) and everything else still. *)
  Theorem ADL_5_cross_a_move_gives_each_net_lot_its_gain : forall before own other,
    0 <= before -> 0 <= other <= own ->
    has_its_gain before (Cross (net_lots own other) (before + own * gain - other * gain)).
  Proof.
    intros before own other B O. unfold has_its_gain, net_lots. simpl. rewrite Z.max_r by lia. nia.
  Qed.

  (* Isolated: short when the mark fell to `mark`, long when it rose to it. *)
  Theorem ADL_5_isolated_a_move_gives_each_lot_its_gain : forall own p back ticks,
    gain = ticks * u ->
    0 <= own + unrealised u (mark - Z.sgn (size p) * ticks) p ->
    has_its_gain (own + unrealised u (mark - Z.sgn (size p) * ticks) p) (Isolated own p 0 back).
  Proof.
    intros own p back ticks G B. unfold has_its_gain, unrealised in *. simpl.
    assert (A : size p * Z.sgn (size p) = Z.abs (size p)) by (destruct (size p); simpl; lia).
    unfold unrealised. repeat split; try lia; nia.
  Qed.

  (* Premise 5: a maker of the gaining side that takes a liquidation at the mark or a better price keeps its gain:
     `better` is what a lot brought it against the mark. *)
  Theorem ADL_5_a_fill_at_the_mark_or_better_keeps_the_gain : forall before net equity q better,
    has_its_gain before (Cross net equity) -> 0 <= q <= net -> 0 <= better ->
    has_its_gain before (Cross (net - q) (equity + better * q)).
  Proof. unfold has_its_gain. simpl. intros. nia. Qed.

  (* ---- the price of a lot ---- *)

  (* A margin account that was not below zero before and lost `gain` on each of its lots has a deficit of at most that
     a lot; its own two sides close first, so all of it lies on the net lots (1, 2, 3, WF-2). *)
  Theorem ADL_5_the_deficit_a_lot_is_at_most_the_move : forall before own other deficit,
    0 <= before -> 0 <= other <= own -> deficit = - (before - own * gain + other * gain) ->
    deficit <= gain * net_lots own other.
  Proof. intros. unfold net_lots. rewrite Z.max_r by lia. nia. Qed.

  (* Fills in the book at the bankruptcy price or better do not raise it (MG-6), nor does what others pay. *)
  Theorem ADL_5_fills_do_not_raise_the_deficit_a_lot : forall deficit size q better paid,
    0 <= deficit <= gain * size -> 0 <= q < size -> deficit * q <= better * size -> 0 <= paid ->
    deficit - better - paid <= gain * (size - q).
  Proof. intros. nia. Qed.

  (* ---- what one closing leaves ---- *)

  Section Remainder.
    Variables num den : Z. (* the deficit a lot *)
    Hypothesis den_positive : 0 < den.
    Hypothesis num_not_negative : 0 <= num.
    Hypothesis deficit_within : num <= gain * den.

    Notation pay := (pay num den).
    Notation given_up := (given_up mark u num den).
    Notation closed := (closed mark u num den).
    Notation go_down := (go_down mark u num den).
    Notation taken := (taken mark u num den).

    Lemma pay_within : forall q, 0 <= q -> 0 <= pay q <= gain * q.
    Proof.
      intros q Q. split; [apply ceiling_nonneg; nia |]. apply ceiling_least; [assumption |]. nia.
    Qed.

    (* The lots that stay of an isolated position keep the gain each, to the unit. *)
    Lemma isolated_keeps : forall own p r back q, size p <> 0 -> 0 <= q <= Z.abs (size p) ->
      gain * Z.abs (size p) <= own + unrealised u mark p ->
      gain * (Z.abs (size p) - q) <= equity_of (closed q (Isolated own p r back)).
    Proof.
      intros own p r back q N Q E. destruct (pay_within q ltac:(lia)) as [P0 P].
      unfold Deleveraging.closed, Deleveraging.equity_of.
      pose proof (LED_3_equity_changes_by_the_distance_from_the_mark u mark mark (- (Z.sgn (size p) * q)) p) as D.
      set (f := fill_of u mark (- (Z.sgn (size p) * q)) p) in *. fold (pay q).
      assert (W : realised f + unrealised u mark (after f) = unrealised u mark p) by lia.
      destruct back; [| lia].
      unfold to_cross, positive_part.
      set (part := if q =? Z.abs (size p) then own else floor_of (own * q) (Z.abs (size p))).
      destruct (Z.le_gt_cases (part + realised f - pay q) 0) as [X | X]; [rewrite Z.max_l by lia; lia |].
      rewrite Z.max_r by lia.
      replace (own + realised f - pay q - (part + realised f - pay q) + unrealised u mark (after f))
        with (own - part + unrealised u mark (after f)) by lia.
      destruct (Z.eqb_spec q (Z.abs (size p))) as [Q' | Q'].
      - assert (F : after f = flat).
        { unfold f. rewrite Q'. replace (- (Z.sgn (size p) * Z.abs (size p))) with (- size p)
            by (destruct (size p); simpl; lia). apply LED_3_a_close_leaves_nothing. exact N. }
        rewrite F. unfold part, unrealised, flat. simpl. lia.
      - set (s := Z.abs (size p)) in *. assert (SP : 0 < s) by lia.
        pose proof (floor_bounds (own * q) s SP) as FB. fold part in FB.
        assert (SG : Z.sgn (size p) = 1 /\ size p = s \/ Z.sgn (size p) = -1 /\ size p = - s) by lia.
        assert (RL : quote (after f) = quote p - (if q =? 0 then 0 else released p q) /\
                     size (after f) = size p - Z.sgn (size p) * q).
        { unfold f, fill_of. simpl.
          assert (A : Z.abs (- (Z.sgn (size p) * q)) = q) by (destruct SG as [[-> _] | [-> _]]; lia).
          rewrite A. destruct (Z.eqb_spec q 0) as [-> | Q0].
          - rewrite Z.mul_0_r. simpl. rewrite Z.mul_0_r. simpl. split; lia.
          - assert (L : (size p * Z.sgn (- (Z.sgn (size p) * q)) <? 0) = true).
            { apply Z.ltb_lt. destruct SG as [[-> ->] | [-> ->]].
              - rewrite Z.sgn_neg by lia. lia.
              - rewrite Z.sgn_pos by lia. lia. }
            rewrite L, Z.min_l by lia. destruct (Z.eqb_spec q 0); [contradiction |]. split; lia. }
        destruct RL as [RQ RS]. unfold unrealised in *. rewrite RQ, RS.
        destruct (Z.eqb_spec q 0) as [Q0 | Q0].
        { assert (part = 0) by (rewrite Q0, Z.mul_0_r in FB; nia). rewrite Q0. nia. }
        unfold released. fold s.
        pose proof (truncated_bounds (quote p * q) s SP) as [TA TB].
        set (t := Z.quot (quote p * q) s) in *.
        assert (T : (quote p - t) * s > quote p * (s - q) - s).
        { destruct (Z.le_gt_cases 0 (quote p * q)) as [K | K]; [destruct (TA K) | destruct (TB ltac:(lia))]; nia. }
        assert (O : (own - part) * s >= own * (s - q)) by nia.
        destruct SG as [[-> SE] | [-> SE]]; rewrite SE in *.
        + assert (Y : (own - part + (quote p - t)) * s > (s - q) * (gain * s - s * mark * u) - s).
          { assert ((own + quote p) * (s - q) >= (gain * s - s * mark * u) * (s - q)) by nia. nia. }
          assert (own - part + (quote p - t) > (s - q) * (gain - mark * u) - 1) by nia. nia.
        + assert (Y : (own - part + (quote p - t)) * s > (s - q) * (gain * s + s * mark * u) - s).
          { assert ((own + quote p) * (s - q) >= (gain * s + s * mark * u) * (s - q)) by nia. nia. }
          assert (own - part + (quote p - t) > (s - q) * (gain + mark * u) - 1) by nia. nia.
    Qed.

    Lemma gain_is_kept : forall before c q, has_its_gain before c -> 0 <= q <= net_of c ->
      has_its_gain before (given_up q c).
    Proof.
      intros before c q (B & N & A & E) Q. destruct (pay_within q ltac:(lia)) as [P0 P].
      unfold has_its_gain. rewrite net_after by exact Q.
      rewrite (all_after mark u num den den_positive q c). fold (pay q).
      split; [exact B | split; [lia | split; [nia |]]].
      unfold Deleveraging.given_up. destruct (Z.eqb_spec q 0) as [-> | Q0]; [rewrite Z.sub_0_r; exact E |].
      destruct c as [n e | own p r back].
      - simpl in *. fold (pay q). nia.
      - simpl in N, Q. apply isolated_keeps; simpl in E; lia.
    Qed.

    (* (a) However lots are asked of whom, everybody keeps at least what it had, and its gain on the lots it keeps. *)
    Theorem ADL_5_nobody_ends_below : forall asks left cs before, 0 <= left ->
      (forall j, has_its_gain (before j) (cs j)) ->
      let '(_, cs', _) := go_down asks left cs in
      forall j, has_its_gain (before j) (cs' j) /\ before j <= all_of (cs' j).
    Proof.
      assert (X : forall before c, has_its_gain before c -> before <= all_of c).
      { intros before c (B & N & A & E). nia. }
      induction asks as [| a asks IH]; intros left cs before L H; simpl; [intro j; split; [apply H | apply X, H] |].
      destruct (taken_bounds mark u num den a left (cs (whom a)) L (proj1 (proj2 (H _)))) as (T & T' & _).
      specialize (IH (left - taken a left (cs (whom a)))
        (put cs (whom a) (given_up (taken a left (cs (whom a))) (cs (whom a)))) before ltac:(lia)).
      destruct (go_down asks _ _) as [[l c] qs]. apply IH.
      intro j. destruct (Z.eq_dec j (whom a)) as [-> | D].
      - rewrite put_same. apply gain_is_kept; [apply H | lia].
      - rewrite put_other by exact D. apply H.
    Qed.

    (* Who has its gain bears every net lot that it is asked for. *)
    Lemma whole_bound_is_taken : forall before c left k cap, has_its_gain before c -> 0 <= left ->
      Z.min left (net_of c) <= cap ->
      taken {| whom := k; cap := cap; keep := fun _ => 0 |} left c = Z.min left (net_of c).
    Proof.
      intros before c left k cap H L C. unfold Deleveraging.taken, bound_of. simpl.
      rewrite (Z.min_l (Z.min left (net_of c)) cap) by exact C.
      destruct (Z.leb_spec (Z.min left (net_of c)) 0); [destruct H as (_ & N & _); lia |].
      destruct (bisect_spec (bears mark u num den {| whom := k; cap := cap; keep := fun _ => 0 |} c) (Z.min left (net_of c)) ltac:(lia))
        as (_ & _ & _ & W). apply W. unfold bears. simpl.
      destruct (Z.eqb_spec (Z.min left (net_of c)) 0); [lia |]. apply Z.leb_le.
      destruct (gain_is_kept before c (Z.min left (net_of c)) H ltac:(lia)) as (_ & N & _ & E). nia.
    Qed.

    (* The last pass asks everybody of the gaining side once, for all it has, down to zero (4). *)
    Definition everybody_is_asked (ks : list Z) (cap : Z) : list ask :=
      map (fun k => {| whom := k; cap := cap; keep := fun _ => 0 |}) ks.

    (* (c) As the others hold at least as many net lots on the gaining side as are to be placed, all are placed. *)
    Theorem ADL_5_nothing_is_left_for_step_8 : forall ks left cs before cap, NoDup ks -> 0 <= left <= cap ->
      (forall j, has_its_gain (before j) (cs j)) -> left <= sum (map (fun k => net_of (cs k)) ks) ->
      let '(left', _, qs) := go_down (everybody_is_asked ks cap) left cs in left' = 0 /\ sum qs = left.
    Proof.
      induction ks as [| k ks IH]; intros left cs before cap ND L H S; [simpl in *; lia |].
      inversion ND as [| ? ? NI ND']; subst. cbn [everybody_is_asked map] in *.
      cbn [Deleveraging.go_down whom].
      rewrite (whole_bound_is_taken (before k) (cs k) left k cap (H k) ltac:(lia) ltac:(lia)).
      set (q := Z.min left (net_of (cs k))). pose proof (proj1 (proj2 (H k))) as N.
      specialize (IH (left - q) (put cs k (given_up q (cs k))) before cap ND' ltac:(lia)).
      assert (H' : forall j, has_its_gain (before j) (put cs k (given_up q (cs k)) j)).
      { intro j. destruct (Z.eq_dec j k) as [-> | D].
        - rewrite put_same. apply gain_is_kept; [apply H | lia].
        - rewrite put_other by exact D. apply H. }
      specialize (IH H').
      assert (SM : map (fun j => net_of (put cs k (given_up q (cs k)) j)) ks = map (fun j => net_of (cs j)) ks).
      { apply map_ext_in. intros j I. rewrite put_other; [reflexivity |]. intro E. subst. contradiction. }
      rewrite SM in IH. cbn [sum] in S. assert (R : 0 <= sum (map (fun j => net_of (cs j)) ks)).
      { apply sum_nonneg, Forall_map, Forall_forall. intros j _. apply H. }
      specialize (IH ltac:(lia)). fold (everybody_is_asked ks cap).
      destruct (go_down (everybody_is_asked ks cap) _ _) as [[l c] qs]. cbn [sum]. lia.
    Qed.

    (* Whatever was asked before, in whatever order, leaves as many net lots as are still to be placed. *)
    Lemma others_still_hold_enough : forall asks ks left cs before, NoDup ks -> 0 <= left ->
      (forall j, has_its_gain (before j) (cs j)) -> left <= sum (map (fun k => net_of (cs k)) ks) ->
      let '(left', cs', _) := go_down asks left cs in
      0 <= left' <= left /\ left' <= sum (map (fun k => net_of (cs' k)) ks) /\
      forall j, has_its_gain (before j) (cs' j).
    Proof.
      assert (P : forall ks cs k c q, NoDup ks -> 0 <= q -> net_of c = net_of (cs k) - q ->
        sum (map (fun j => net_of (cs j)) ks) - q <= sum (map (fun j => net_of (put cs k c j)) ks)).
      { induction ks as [| i ks IH]; intros cs k c q ND Q E; [simpl; lia |].
        inversion ND as [| ? ? NI ND']; subst. cbn [map sum]. destruct (Z.eq_dec i k) as [-> | D].
        - rewrite put_same, E.
          assert (SM : map (fun j => net_of (put cs k c j)) ks = map (fun j => net_of (cs j)) ks).
          { apply map_ext_in. intros j I. rewrite put_other; [reflexivity |]. intro X. subst. contradiction. }
          rewrite SM. lia.
        - rewrite put_other by exact D. specialize (IH cs k c q ND' Q E). lia. }
      induction asks as [| a asks IH]; intros ks left cs before ND L H S; [simpl; split; [lia | split; assumption] |].
      cbn [Deleveraging.go_down].
      destruct (taken_bounds mark u num den a left (cs (whom a)) L (proj1 (proj2 (H _)))) as (T & T' & _).
      set (q := taken a left (cs (whom a))) in *.
      specialize (IH ks (left - q) (put cs (whom a) (given_up q (cs (whom a)))) before ND ltac:(lia)).
      assert (H' : forall j, has_its_gain (before j) (put cs (whom a) (given_up q (cs (whom a))) j)).
      { intro j. destruct (Z.eq_dec j (whom a)) as [-> | D].
        - rewrite put_same. apply gain_is_kept; [apply H | lia].
        - rewrite put_other by exact D. apply H. }
      specialize (P ks cs (whom a) (given_up q (cs (whom a))) q ND ltac:(lia)
        (net_after mark u num den q (cs (whom a)) ltac:(lia))).
      specialize (IH H' ltac:(lia)).
      destruct (go_down asks (left - q) _) as [[l c] qs]. destruct IH as (A & B & C).
      split; [lia | split; assumption].
    Qed.

    Lemma go_down_twice : forall a b left cs,
      let '(l, c, p) := go_down a left cs in let '(l', c', q) := go_down b l c in
      go_down (a ++ b) left cs = (l', c', p ++ q).
    Proof.
      induction a as [| x a IH]; intros b left cs; cbn [Deleveraging.go_down app].
      - destruct (go_down b left cs) as [[l c] q]. reflexivity.
      - specialize (IH b (left - taken x left (cs (whom x)))
          (put cs (whom x) (given_up (taken x left (cs (whom x))) (cs (whom x))))).
        destruct (go_down a _ _) as [[l c] p]. destruct (go_down b l c) as [[l' c'] q]. rewrite IH. reflexivity.
    Qed.

    (* (c) of a whole remainder: a first pass by any rule of selection, then the last pass over everybody. *)
    Theorem ADL_5_nothing_is_left_whatever_the_first_pass : forall first ks left cs before, NoDup ks -> 0 <= left ->
      (forall j, has_its_gain (before j) (cs j)) -> left <= sum (map (fun k => net_of (cs k)) ks) ->
      let '(left', cs', _) := go_down (first ++ everybody_is_asked ks left) left cs in
      left' = 0 /\ forall j, before j <= all_of (cs' j).
    Proof.
      intros first ks left cs before ND L H S.
      pose proof (others_still_hold_enough first ks left cs before ND L H S) as O.
      pose proof (go_down_twice first (everybody_is_asked ks left) left cs) as T.
      destruct (go_down first left cs) as [[l c] p]. destruct O as (A & B & C).
      pose proof (ADL_5_nothing_is_left_for_step_8 ks l c before left ND ltac:(lia) C B) as N.
      pose proof (ADL_5_nobody_ends_below (everybody_is_asked ks left) l c before ltac:(lia) C) as G.
      destruct (go_down (everybody_is_asked ks left) l c) as [[l' c'] q]. rewrite T.
      split; [apply N | intro j; apply G].
    Qed.

    (* And nothing is missing: who was below zero has at least zero once all its lots are placed. *)
    Theorem ADL_5_the_deficit_is_covered : forall qs, den = sum qs -> Forall (fun q => 0 <= q) qs ->
      num <= sum (map pay qs).
    Proof.
      intros qs E F.
      assert (N : qs <> []) by (intro K; rewrite K in E; simpl in E; lia).
      destruct (ADL_8_the_overshoot_is_less_than_a_unit_a_fill num den den_positive qs N F) as [G _].
      rewrite <- E in G. apply Z.mul_le_mono_pos_r in G; assumption.
    Qed.
  End Remainder.

  (* ---- the whole command: any number of margin accounts below zero, one after the other ---- *)

  (* A remainder: its deficit, its lots, and whom it asks. *)
  Record remainder := { deficit : Z; lots : Z; asks : list ask }.

  Fixpoint all_remainders (rs : list remainder) (cs : queue) : queue :=
    match rs with
    | [] => cs
    | r :: rest => all_remainders rest (snd (fst (go_down mark u (deficit r) (lots r) (asks r) (lots r) cs)))
    end.

  Theorem ADL_5 : forall rs cs before,
    Forall (fun r => 0 < lots r /\ 0 <= deficit r <= gain * lots r) rs ->
    (forall j, has_its_gain (before j) (cs j)) ->
    forall j, before j <= all_of (all_remainders rs cs j).
  Proof.
    induction rs as [| r rs IH]; intros cs before F H j.
    - destruct (H j) as (B & N & A & E). simpl. nia.
    - inversion F as [| ? ? [L D] F']; subst. simpl. apply IH; [exact F' |]. intro k.
      pose proof (ADL_5_nobody_ends_below (deficit r) (lots r) L ltac:(lia) ltac:(lia) (asks r) (lots r) cs before ltac:(lia) H) as G.
      destruct (go_down mark u (deficit r) (lots r) (asks r) (lots r) cs) as [[l c] qs]. apply G.
  Qed.

  (* Cross, without a hedge: n lots of the gaining side. *)
  Theorem ADL_5_cross : forall before n num den q, 0 < den -> 0 <= num <= gain * den -> 0 <= before -> 0 <= q <= n ->
    before <= all_of (given_up mark u num den q (Cross n (before + n * gain))).
  Proof.
    intros before n num den q D N B Q.
    assert (H : has_its_gain before (Cross n (before + n * gain))).
    { unfold has_its_gain. simpl. nia. }
    destruct (gain_is_kept num den D ltac:(lia) ltac:(lia) before _ q H Q) as (_ & K & A & _). nia.
  Qed.

  (* Hedged: both sides of the market in one cross margin account; it is asked for its net lots. *)
  Theorem ADL_5_hedged : forall before own other num den q, 0 < den -> 0 <= num <= gain * den -> 0 <= before ->
    0 <= other <= own -> 0 <= q <= net_lots own other ->
    before <= all_of (given_up mark u num den q (Cross (net_lots own other) (before + own * gain - other * gain))).
  Proof.
    intros before own other num den q D N B O Q.
    pose proof (ADL_5_cross_a_move_gives_each_net_lot_its_gain before own other B O) as H.
    destruct (gain_is_kept num den D ltac:(lia) ltac:(lia) before _ q H Q) as (_ & K & A & _). nia.
  Qed.

  (* Isolated: with what goes back to cross; and its own margin account keeps the gain on the lots that stay. *)
  Theorem ADL_5_isolated : forall own p back ticks num den q, 0 < den -> 0 <= num <= gain * den -> gain = ticks * u ->
    let before := own + unrealised u (mark - Z.sgn (size p) * ticks) p in
    0 <= before -> 0 <= q <= Z.abs (size p) ->
    let c := given_up mark u num den q (Isolated own p 0 back) in
    before <= all_of c /\ gain * (Z.abs (size p) - q) <= equity_of c.
  Proof.
    intros own p back ticks num den q D N G before B Q c.
    pose proof (ADL_5_isolated_a_move_gives_each_lot_its_gain own p back ticks G B) as H. fold before in H.
    destruct (gain_is_kept num den D ltac:(lia) ltac:(lia) before _ q H Q) as (_ & K & A & E).
    assert (NET : net_of (given_up mark u num den q (Isolated own p 0 back)) = Z.abs (size p) - q)
      by (apply (net_after mark u num den q (Isolated own p 0 back)); exact Q).
    rewrite NET in K, A, E. fold c in A, E. assert (0 <= gain * (Z.abs (size p) - q)) by nia. split; lia.
  Qed.

  (* (b) In another market no position lost by the command, so by (3) its share is nothing: nothing is given up. *)
  Theorem ADL_5_other_market : forall c den q, 0 < den ->
    all_of (given_up mark u 0 den q c) = all_of c.
  Proof.
    intros c den q D. rewrite (all_after mark u 0 den D q c). unfold pay. simpl. rewrite ceiling_zero by exact D. lia.
  Qed.
End Theorem5.

(* Without premise 3 it is false: a lot that gained 1 gives up 3 where a deficit made elsewhere is laid on it. *)
Theorem ADL_5_needs_its_third_premise :
  exists before n gain num den q, 0 < gain /\ 0 <= before /\ 0 <= q <= n /\ 0 < den /\ gain * den < num /\
    all_of 0 1 (given_up 0 1 num den q (Cross n (before + n * gain))) < before.
Proof. exists 10, 5, 1, 15, 5, 5. vm_compute. repeat split; congruence. Qed.

(* Without premise 2 likewise: who was at -10 before has a deficit of more than the move a lot. *)
Theorem ADL_5_needs_its_second_premise :
  exists before own gain, before < 0 /\ 0 < gain /\ gain * own < - (before - own * gain).
Proof. exists (-10), 5, 1. lia. Qed.
