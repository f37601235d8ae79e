(* The waterfall: order of steps, who gets to which, what each may take, and that it ends (waterfall.md). *)
From Coq Require Import ZArith Lia List Bool.
From Zerosum Require Import Arithmetic Ledger Entries Margin.
Import ListNotations.
Open Scope Z_scope.

(* ---- WF-0: the list of steps, and the way of one margin account through it ---- *)

Inductive wstep := CancelOrders | Netting | Book | Fund | Volunteers | Vault | Deleveraging | Residual.
Inductive need := UnderMaintenance | PastTakeover | BelowZero.

Definition need_of (s : wstep) : need :=
  match s with
  | CancelOrders | Netting | Book => UnderMaintenance
  | Volunteers | Vault => PastTakeover
  | Fund | Deleveraging | Residual => BelowZero
  end.
Definition level (n : need) : Z := match n with UnderMaintenance => 0 | PastTakeover => 1 | BelowZero => 2 end.
Definition of_round (s : wstep) : bool := match s with CancelOrders | Netting => true | _ => false end.

Section Episode.
  Variable world : Type.
  (* Nothing: healthy, or solvent and not past takeover. *)
  Variable look : world -> option need.
  Variable run : wstep -> world -> world.

  (* The way as the core goes it: what is past takeover or below zero is looked at once, at the first step that asks
     for it. Returns the steps that were done. *)
  Fixpoint go_through (steps : list wstep) (known : option need) (w : world) : list wstep :=
    match steps with
    | [] => []
    | s :: rest =>
        if of_round s then go_through rest known w
        else match known with
        | Some n =>
            if level (need_of s) <=? level n then s :: go_through rest known (run s w) else go_through rest known w
        | None =>
            if level (need_of s) <=? 0 then s :: go_through rest None (run s w)
            else match look w with
            | None => []
            | Some n =>
                if level (need_of s) <=? level n then s :: go_through rest (Some n) (run s w)
                else go_through rest (Some n) w
            end
        end
    end.

  Inductive in_order : list wstep -> list wstep -> Prop :=
    | in_order_none : forall l, in_order [] l
    | in_order_done : forall s a l, in_order a l -> in_order (s :: a) (s :: l)
    | in_order_skipped : forall s a l, in_order a l -> in_order a (s :: l).

  (* Each liquidation goes down the steps in their order, whatever the list and whatever the steps do. *)
  Theorem WF_0_steps_are_done_in_the_order_of_the_list : forall steps known w,
    in_order (go_through steps known w) steps.
  Proof.
    induction steps as [| s rest IH]; intros known w; simpl; [constructor |].
    destruct (of_round s); [apply in_order_skipped, IH |].
    destruct known as [n |].
    - destruct (level (need_of s) <=? level n); [apply in_order_done, IH | apply in_order_skipped, IH].
    - destruct (level (need_of s) <=? 0); [apply in_order_done, IH |].
      destruct (look w) as [n |]; [| constructor].
      destruct (level (need_of s) <=? level n); [apply in_order_done, IH | apply in_order_skipped, IH].
  Qed.

  Lemma in_order_in : forall a l s, in_order a l -> In s a -> In s l.
  Proof. induction 1; simpl; intros; [contradiction | destruct H0; auto | auto]. Qed.

  (* A list has each step once at most: so does the way, and it ends. *)
  Theorem WF_0_each_step_is_done_once_at_most : forall steps known w, NoDup steps -> NoDup (go_through steps known w).
  Proof.
    intros steps known w N. pose proof (WF_0_steps_are_done_in_the_order_of_the_list steps known w) as O.
    induction O as [l | s a l O IH | s a l O IH]; [constructor | |]; inversion N; subst.
    - constructor; [intro I; apply (in_order_in _ _ _ O) in I; contradiction | apply IH; assumption].
    - apply IH. assumption.
  Qed.

  Lemma needs_are_met : forall steps known w top, (forall w', match look w' with Some n => level n <= top | None => True end) ->
    0 <= top -> match known with Some n => level n <= top | None => True end ->
    Forall (fun s => level (need_of s) <= top) (go_through steps known w).
  Proof.
    induction steps as [| s rest IH]; intros known w top L T K; simpl; [constructor |].
    destruct (of_round s); [apply IH; assumption |].
    destruct known as [n |].
    - destruct (Z.leb_spec (level (need_of s)) (level n)); [constructor; [lia |] |]; apply IH; assumption.
    - destruct (Z.leb_spec (level (need_of s)) 0); [constructor; [lia | apply IH; assumption] |].
      pose proof (L w) as LW. destruct (look w) as [n |]; [| constructor].
      destruct (Z.leb_spec (level (need_of s)) (level n)); [constructor; [lia |] |]; apply IH; assumption.
  Qed.

  (* Nobody is deleveraged, nor paid for by the fund, nor closed in step 8, who was not found below zero. *)
  Theorem WF_7_only_who_was_below_zero_reaches_deleveraging : forall steps w,
    (forall w', look w' <> Some BelowZero) ->
    Forall (fun s => s <> Fund /\ s <> Deleveraging /\ s <> Residual) (go_through steps None w).
  Proof.
    intros steps w L. assert (F : Forall (fun s => level (need_of s) <= 1) (go_through steps None w)).
    { apply needs_are_met; [| lia | exact I]. intro w'. specialize (L w'). destruct (look w') as [[] |]; simpl; congruence || lia. }
    eapply Forall_impl; [| exact F]. intros [] E; simpl in E; repeat split; try congruence; lia.
  Qed.

  (* Who is solvent and not past takeover waits: only the book is tried. *)
  Theorem WF_3a_who_is_solvent_waits_after_the_book : forall steps w, (forall w', look w' = None) ->
    Forall (fun s => s = Book) (go_through steps None w).
  Proof.
    intros steps w L. revert w. induction steps as [| s rest IH]; intro w; simpl; [constructor |].
    destruct s; simpl; try apply IH; try (rewrite L; constructor). constructor; [reflexivity | apply IH].
  Qed.
End Episode.

(* ---- WF-11: it ends ---- *)

(* Closings by what they do to lots: against who holds the other side (netting, deleveraging, residual), in the book,
   to a volunteer, to the vault. Margin accounts' positions have numbers; `vault` says which are the vault's. *)
Inductive manner := AgainstASide | InTheBook | ToAVolunteer | ToTheVault.
Record closing := { how : manner; closed : Z; other : Z; quantity : Z }.
Record lots_of := { sizes : Z -> Z; offered : Z; resting : Z }.

Section Ending.
  Variable vault : Z -> bool.
  Variable keys : list Z. (* all positions that there are, or can be *)
  Hypothesis keys_distinct : NoDup keys.

  Definition write (s : Z -> Z) (k v : Z) : Z -> Z := fun j => if j =? k then v else s j.

  Definition possible (l : lots_of) (c : closing) : Prop :=
    closed c <> other c /\ In (closed c) keys /\ In (other c) keys /\ 1 <= quantity c <= Z.abs (sizes l (closed c)) /\
    match how c with
    | AgainstASide => sizes l (closed c) * sizes l (other c) < 0 /\ quantity c <= Z.abs (sizes l (other c))
    | InTheBook => quantity c <= resting l
    | ToAVolunteer => quantity c <= offered l
    | ToTheVault => vault (closed c) = false /\ vault (other c) = true
    end.

  Definition after_closing (l : lots_of) (c : closing) : lots_of :=
    let d := Z.sgn (sizes l (closed c)) * quantity c in
    {| sizes := write (write (sizes l) (closed c) (sizes l (closed c) - d)) (other c) (sizes l (other c) + d);
       offered := offered l - (match how c with ToAVolunteer => quantity c | _ => 0 end);
       resting := resting l - (match how c with InTheBook => quantity c | _ => 0 end) |}.

  Definition weighed (w : Z -> Z) (s : Z -> Z) (ks : list Z) : Z := sum (map (fun k => w k * Z.abs (s k)) ks).
  (* Lots of the vault count once, all others twice, and offers and resting orders twice. *)
  Definition weight (k : Z) : Z := if vault k then 1 else 2.
  Definition measure (l : lots_of) : Z := weighed weight (sizes l) keys + 2 * (offered l + resting l).

  Lemma weighed_write : forall w s k v ks, NoDup ks -> In k ks ->
    weighed w (write s k v) ks = weighed w s ks - w k * Z.abs (s k) + w k * Z.abs v.
  Proof.
    intros w s k v ks. unfold weighed. induction ks as [| j ks IH]; simpl; intros N I; [contradiction |].
    inversion N as [| ? ? NI N']; subst. unfold write at 1. destruct (Z.eqb_spec j k) as [-> | D].
    - assert (E : map (fun j => w j * Z.abs (write s k v j)) ks = map (fun j => w j * Z.abs (s j)) ks).
      { apply map_ext_in. intros a A. unfold write. destruct (Z.eqb_spec a k); [subst; contradiction | reflexivity]. }
      rewrite E. lia.
    - destruct I as [I | I]; [contradiction |]. rewrite IH by assumption. lia.
  Qed.

  Lemma weighed_nonneg : forall w s ks, (forall k, 0 <= w k) -> 0 <= weighed w s ks.
  Proof. intros w s ks H. apply sum_nonneg, Forall_map, Forall_forall. intros x _. specialize (H x). pose proof (Z.abs_nonneg (s x)). apply Z.mul_nonneg_nonneg; lia. Qed.

  Theorem WF_11_each_closing_lowers_the_measure : forall l c, possible l c ->
    measure (after_closing l c) <= measure l - 1.
  Proof.
    intros l [h a b q] (D & A & B & Q & P). unfold measure, after_closing.
    cbn [how closed other quantity sizes offered resting] in *.
    set (d := Z.sgn (sizes l a) * q).
    rewrite !weighed_write by assumption.
    assert (W : write (sizes l) a (sizes l a - d) b = sizes l b)
      by (unfold write; destruct (Z.eqb_spec b a); [congruence | reflexivity]).
    rewrite W.
    assert (SA : Z.abs (sizes l a - d) = Z.abs (sizes l a) - q /\ Z.abs d = q).
    { unfold d. destruct (Z.lt_trichotomy (sizes l a) 0) as [S | [S | S]].
      - rewrite Z.sgn_neg by exact S. lia.
      - rewrite S in Q. simpl in Q. lia.
      - rewrite Z.sgn_pos by exact S. lia. }
    destruct SA as [SA SD]. rewrite SA. unfold weight.
    destruct h; simpl in P.
    - destruct P as [O L].
      assert (SB : Z.abs (sizes l b + d) = Z.abs (sizes l b) - q).
      { unfold d. destruct (Z.lt_trichotomy (sizes l a) 0) as [S | [S | S]].
        - rewrite Z.sgn_neg by exact S. assert (0 < sizes l b) by nia. lia.
        - rewrite S in Q. simpl in Q. lia.
        - rewrite Z.sgn_pos by exact S. assert (sizes l b < 0) by nia. lia. }
      rewrite SB. destruct (vault a), (vault b); lia.
    - clearbody d. assert (Z.abs (sizes l b + d) <= Z.abs (sizes l b) + q) by lia. destruct (vault a), (vault b); lia.
    - clearbody d. assert (Z.abs (sizes l b + d) <= Z.abs (sizes l b) + q) by lia. destruct (vault a), (vault b); lia.
    - destruct P as [VA VB]. rewrite VA, VB. clearbody d. assert (Z.abs (sizes l b + d) <= Z.abs (sizes l b) + q) by lia. lia.
  Qed.

  Fixpoint all_possible (l : lots_of) (cs : list closing) : Prop :=
    match cs with [] => True | c :: rest => possible l c /\ all_possible (after_closing l c) rest end.

  Lemma stays_nonneg : forall l c, 0 <= offered l -> 0 <= resting l -> possible l c ->
    0 <= offered (after_closing l c) /\ 0 <= resting (after_closing l c).
  Proof. intros l [h a b q] O R (_ & _ & _ & Q & P). destruct h; simpl in *; lia. Qed.

  (* A waterfall has no more closings than twice the lots that are open, offered and resting when it begins: for every
     valid list of steps, as nothing is said of their order. *)
  Theorem WF_termination : forall cs l, 0 <= offered l -> 0 <= resting l -> all_possible l cs ->
    Z.of_nat (length cs) <= measure l.
  Proof.
    induction cs as [| c cs IH]; intros l O R A.
    - simpl. unfold measure. pose proof (weighed_nonneg weight (sizes l) keys).
      assert (forall k, 0 <= weight k) by (intro k; unfold weight; destruct (vault k); lia). specialize (H H0). lia.
    - destruct A as [P A]. destruct (stays_nonneg l c O R P) as [O' R'].
      specialize (IH _ O' R' A). pose proof (WF_11_each_closing_lowers_the_measure l c P). simpl length. lia.
  Qed.

  (* And no more rounds: who is looked at in a round was touched by a closing of the one before, or charged by a
     margin account whose last position a closing had just ended; so every round but the last has a closing. *)
  Theorem WF_termination_of_rounds : forall rounds l, 0 <= offered l -> 0 <= resting l ->
    Forall (fun round => round <> []) rounds -> all_possible l (concat rounds) ->
    Z.of_nat (length rounds) <= measure l.
  Proof.
    intros rounds l O R F A. pose proof (WF_termination (concat rounds) l O R A) as T.
    assert (L : (length rounds <= length (concat rounds))%nat).
    { clear - F. induction F as [| r rs N F IH]; simpl; [lia |]. rewrite app_length.
      destruct r; [congruence | simpl; lia]. }
    lia.
  Qed.
End Ending.

(* ---- WF-2, WF-7: closings at mark ---- *)

(* Closed at mark, with something from one side to the other: equity moves by that alone, on both sides. *)
Theorem WF_2_a_closing_at_mark_moves_the_adjustment_alone : forall u mark q given a b cash_a cash_b,
  let fa := fill_of u mark q a in let fb := fill_of u mark (- q) b in
  (cash_a + realised fa - given + unrealised u mark (after fa)) = cash_a + unrealised u mark a - given /\
  (cash_b + realised fb + given + unrealised u mark (after fb)) = cash_b + unrealised u mark b + given.
Proof.
  intros u mark q given a b ca cb fa fb.
  pose proof (LED_3_equity_changes_by_the_distance_from_the_mark u mark mark q a).
  pose proof (LED_3_equity_changes_by_the_distance_from_the_mark u mark mark (- q) b).
  unfold fa, fb. nia.
Qed.

(* ---- WF-3: just enough, and the fee ---- *)

Definition just_enough (size equity mm own notional buffer fee : Z) : Z :=
  let factor := one + buffer in
  let wanted := factor * mm - one * equity in
  let divisor := factor * own - fee * notional in
  if wanted <=? 0 then 0
  else if (divisor <=? 0) || (divisor <=? wanted) then size
  else ceiling_of (wanted * size) divisor.

(* Closing so many lots at mark, at that fee, brings a margin account back to (1 + b) times its maintenance, and one lot
   fewer does not; with maintenance in proportion to the lots, all in parts of `size`. *)
Theorem WF_3_just_enough_is_enough_and_no_more : forall size equity mm own notional buffer fee,
  0 < size -> let q := just_enough size equity mm own notional buffer fee in
  let factor := one + buffer in
  0 < factor * mm - one * equity < factor * own - fee * notional ->
  factor * (mm * size - own * q) <= one * equity * size - fee * notional * q /\
  one * equity * size - fee * notional * (q - 1) < factor * (mm * size - own * (q - 1)) /\ 0 < q <= size.
Proof.
  intros size equity mm own notional buffer fee S q factor [W1 W2]. unfold q, just_enough. fold factor.
  remember (factor * mm - one * equity) as wanted eqn:EW.
  remember (factor * own - fee * notional) as divisor eqn:ED.
  assert (I : factor * mm = wanted + one * equity) by (rewrite EW; ring).
  assert (J : factor * own = divisor + fee * notional) by (rewrite ED; ring).
  clear EW ED. clearbody factor. generalize dependent one. intros unit I.
  destruct (Z.leb_spec wanted 0); [lia |]. destruct (Z.leb_spec divisor 0); [lia |].
  destruct (Z.leb_spec divisor wanted); [lia |]. cbn [orb].
  pose proof (ceiling_bounds (wanted * size) divisor ltac:(lia)) as C.
  remember (ceiling_of (wanted * size) divisor) as k eqn:EK. clear EK q.
  split; [| split].
  - replace (factor * (mm * size - own * k)) with (factor * mm * size - factor * own * k) by ring.
    rewrite I, J. lia.
  - replace (factor * (mm * size - own * (k - 1))) with (factor * mm * size - factor * own * (k - 1)) by ring.
    rewrite I, J. lia.
  - assert (0 < wanted * size) by (apply Z.mul_pos_pos; lia).
    assert (wanted * size < divisor * size) by (apply Z.mul_lt_mono_pos_r; lia).
    split; [apply Z.nle_gt; intro N; nia | apply Z.lt_succ_r, (Z.mul_lt_mono_pos_r divisor); lia].
Qed.

(* A liquidation fee never takes what the rest of the position needs: no more than what the fill got above the
   bankruptcy price. `above` is s·(p − mark)·q·u + share·equity·q/|size|, rounded down. *)
Definition liquidation_fee (full above : Z) : Z := Z.min full (Z.max 0 above).

Theorem WF_3_a_liquidation_fee_leaves_the_rest_its_share : forall full above, 0 <= full ->
  0 <= liquidation_fee full above <= full /\ (0 <= above -> 0 <= above - liquidation_fee full above) /\
  (above <= 0 -> liquidation_fee full above = 0).
Proof. intros. unfold liquidation_fee. lia. Qed.

(* ---- WF-4: the fund ---- *)

Definition fund_pays (missing fund paid per_event drawn per_market : Z) : Z :=
  Z.min missing (Z.max 0 (Z.min (Z.max 0 fund) (Z.min (per_event - paid) (per_market - drawn)))).

Theorem WF_4_the_fund_pays_within_its_limits_and_never_below_zero : forall missing fund paid per_event drawn per_market,
  0 <= missing -> paid <= per_event -> drawn <= per_market ->
  let x := fund_pays missing fund paid per_event drawn per_market in
  0 <= x <= missing /\ paid + x <= per_event /\ drawn + x <= per_market /\ (0 <= fund -> 0 <= fund - x) /\
  (fund <= 0 -> x = 0).
Proof. intros. unfold x, fund_pays. lia. Qed.

(* ---- WF-5: volunteers ---- *)

Definition gives (asked adjustment : Z) : Z := Z.min asked adjustment.
Definition adds (may : bool) (asked adjustment limit room : Z) : Z :=
  if may && (gives asked adjustment <? asked) then Z.min (asked - gives asked adjustment) (Z.min limit room) else 0.
Definition takes (may : bool) (asked adjustment limit room : Z) : bool :=
  0 <=? gives asked adjustment + adds may asked adjustment limit room.

(* A volunteer gets the edge that it asks for at most, and never a price worse than the mark; the fund adds no more
   than it may, and nothing where it may not. *)
Theorem WF_5_a_volunteer_gets_no_more_than_it_asks_and_never_pays : forall may asked adjustment limit room,
  0 <= asked -> 0 <= limit -> 0 <= room ->
  let g := gives asked adjustment in let x := adds may asked adjustment limit room in
  g + x <= asked /\ 0 <= x <= room /\ x <= limit /\ (may = false -> x = 0) /\ g <= adjustment /\
  (takes may asked adjustment limit room = true -> 0 <= g + x).
Proof.
  intros may asked adj limit room A L R g x. unfold g, x, takes, adds, gives.
  destruct may; simpl; [destruct (Z.ltb_spec (Z.min asked adj) asked) |]; repeat split; try lia; try congruence;
    intro T; apply Z.leb_le in T; lia.
Qed.

(* ---- WF-8: what nobody bears ---- *)

Record holder := { payer : Z; worth : Z }.

(* One pass: each holder of a position in the markets concerned pays its part of S by notional, no more than its equity
   and than what is left. Equities are those of margin accounts, so that one with two positions is asked twice. *)
Fixpoint charges (shortfall whole left : Z) (equity : Z -> Z) (hs : list holder) : Z * (Z -> Z) :=
  match hs with
  | [] => (left, equity)
  | h :: rest =>
      let c := Z.max 0 (Z.min (ceiling_of (shortfall * worth h) whole) (Z.min (equity (payer h)) left)) in
      charges shortfall whole (left - c)
        (fun k => if k =? payer h then equity k - c else equity k) rest
  end.

Lemma charges_spec : forall hs shortfall whole left equity, 0 <= left ->
  let '(left', equity') := charges shortfall whole left equity hs in
  0 <= left' <= left /\
  (forall k, equity' k <= equity k) /\ (forall k, 0 <= equity k -> 0 <= equity' k) /\
  (forall k, Forall (fun h => payer h <> k) hs -> equity' k = equity k).
Proof.
  induction hs as [| h hs IH]; intros S N left e L; simpl; [repeat split; auto; lia |].
  set (c := Z.max 0 (Z.min (ceiling_of (S * worth h) N) (Z.min (e (payer h)) left))).
  specialize (IH S N (left - c) (fun k => if k =? payer h then e k - c else e k) ltac:(lia)).
  destruct (charges S N (left - c) (fun k => if k =? payer h then e k - c else e k) hs) as [l' e'].
  destruct IH as (A & B & C & D). split; [lia | split; [| split]].
  - intro k. specialize (B k). destruct (Z.eqb_spec k (payer h)); lia.
  - intros k K. apply C. destruct (Z.eqb_spec k (payer h)); [subst; lia | exact K].
  - intros k F. inversion F as [| ? ? F1 F2]; subst. rewrite D by exact F2.
    destruct (Z.eqb_spec k (payer h)); [congruence | reflexivity].
Qed.

(* In passes until nothing is left, or a pass takes nothing; `whole_of` sums the notionals of those above zero. *)
Definition whole_of (equity : Z -> Z) (hs : list holder) : Z :=
  sum (map (fun h => if 0 <? equity (payer h) then worth h else 0) hs).

Fixpoint passes (fuel : nat) (left : Z) (equity : Z -> Z) (hs : list holder) : Z * (Z -> Z) :=
  match fuel with
  | O => (left, equity)
  | S rest =>
      let '(l, e) := charges left (whole_of equity hs) left equity hs in
      if (l =? 0) || (l =? left) then (l, e) else passes rest l e hs
  end.

(* Nobody without a position pays, and nobody is charged below zero. *)
Theorem WF_8_nobody_without_a_position_pays_and_nobody_goes_below_zero : forall fuel left equity hs, 0 <= left ->
  let '(left', equity') := passes fuel left equity hs in
  0 <= left' <= left /\ (forall k, 0 <= equity k -> 0 <= equity' k) /\ (forall k, equity' k <= equity k) /\
  (forall k, Forall (fun h => payer h <> k) hs -> equity' k = equity k).
Proof.
  induction fuel as [| fuel IH]; intros left e hs L; simpl; [repeat split; auto; lia |].
  pose proof (charges_spec hs left (whole_of e hs) left e L) as C.
  destruct (charges left (whole_of e hs) left e hs) as [l e1]. destruct C as (A & B & C & D).
  destruct ((l =? 0) || (l =? left)); [repeat split; auto; lia |].
  specialize (IH l e1 hs ltac:(lia)). destruct (passes fuel l e1 hs) as [l2 e2]. destruct IH as (A2 & B2 & C2 & D2).
  split; [lia | split; [auto | split]].
  - intro k. specialize (B k). specialize (C2 k). lia.
  - intros k F. rewrite D2, D by exact F. reflexivity.
Qed.

(* Passes end: each but the last takes a unit at least, so that S of them are enough. *)
Theorem WF_8_passes_end : forall fuel left equity hs, 0 <= left -> left <= Z.of_nat fuel ->
  let '(left', equity') := passes fuel left equity hs in
  left' = 0 \/ exists e, passes fuel left equity hs = charges left' (whole_of e hs) left' e hs.
Proof.
  induction fuel as [| fuel IH]; intros left e hs L F; [simpl in *; constructor 1; lia |].
  cbn [passes]. pose proof (charges_spec hs left (whole_of e hs) left e L) as C.
  destruct (charges left (whole_of e hs) left e hs) as [l e1] eqn:E. destruct C as (A & _).
  destruct (Z.eqb_spec l 0); simpl; [constructor 1; assumption |].
  destruct (Z.eqb_spec l left); [right; exists e; subst; symmetry; exact E |].
  apply IH; lia.
Qed.

(* The parts of a pass suffice, but for what equity does not bear: rounding leaves nothing over. *)
Theorem WF_8_parts_rounded_up_pay_all : forall shortfall parts, 0 < sum parts -> 0 <= shortfall ->
  shortfall <= sum (map (fun n => ceiling_of (shortfall * n) (sum parts)) parts).
Proof. intros. apply MG_6_shares_pay_all; assumption. Qed.

(* ---- WF-8a: debt ---- *)

Definition part_of_debt (a debt all : Z) : Z := ceiling_of (a * debt) (all - debt).
Definition most (cash debt all : Z) : Z := floor_of (cash * (all - debt)) all.

(* Who withdraws early leaves the others no larger share of the debt than before: debt/C does not rise. *)
Theorem WF_8a_who_comes_early_takes_no_more_than_their_part : forall a debt all, 0 <= a -> 0 <= debt < all ->
  let p := part_of_debt a debt all in
  (debt - p) * all <= debt * (all - a - p) /\ 0 <= p.
Proof.
  intros a debt all A D p. unfold p, part_of_debt.
  pose proof (ceiling_bounds (a * debt) (all - debt) ltac:(lia)) as B.
  pose proof (ceiling_nonneg (a * debt) (all - debt) ltac:(lia) ltac:(nia)). split; [nia | assumption].
Qed.

(* And the most that may be taken, with its part of the debt, is no more than the cash that is there. *)
Theorem WF_8a_the_most_and_its_part_are_there : forall cash debt all, 0 <= cash -> 0 <= debt < all ->
  most cash debt all + part_of_debt (most cash debt all) debt all <= cash.
Proof.
  intros c d all C D. unfold most, part_of_debt.
  pose proof (floor_bounds (c * (all - d)) all ltac:(lia)) as F.
  set (a := floor_of (c * (all - d)) all) in *.
  pose proof (ceiling_least (a * d) (all - d) (c - a) ltac:(lia)) as L. assert (a * d <= (c - a) * (all - d)) by nia.
  specialize (L H). lia.
Qed.

(* ---- WF-9, WF-10 ---- *)

(* A margin account that is closed in the end holds exactly nothing: what rounding left goes to the fund. *)
Theorem WF_9_who_is_closed_holds_exactly_nothing : forall equity, 0 <= equity ->
  equity - (if 0 <? equity then equity else 0) = 0.
Proof. intros e E. destruct (Z.ltb_spec 0 e); lia. Qed.

(* Settlement: every position of a market closed at one price realises what it is worth there, and together they
   make nothing and lose nothing. *)
Theorem WF_10_settled_at_what_it_is_worth : forall u price p, size p <> 0 ->
  realised (fill_of u price (- size p) p) = unrealised u price p /\ after (fill_of u price (- size p) p) = flat.
Proof.
  intros u price p N. pose proof (LED_3_a_close_leaves_nothing u price p N) as C. split; [| exact C].
  pose proof (LED_3_equity_changes_by_the_distance_from_the_mark u price price (- size p) p) as E. rewrite C in E.
  unfold unrealised, flat in *. cbn [size quote] in E. lia.
Qed.

Theorem WF_10_a_settlement_makes_nothing_and_loses_nothing : forall u price ps, sum (map size ps) = 0 ->
  sum (map (unrealised u price) ps) = sum (map quote ps).
Proof.
  intros u price ps B.
  assert (G : sum (map (unrealised u price) ps) = sum (map size ps) * price * u + sum (map quote ps)).
  { clear B. induction ps as [| p ps IH]; simpl; [lia |]. rewrite IH. unfold unrealised. ring. }
  rewrite G, B. lia.
Qed.
