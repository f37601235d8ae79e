(* Auto-deleveraging: who gives up what (deleveraging.md, ADL-1 to ADL-9). The theorem ADL-5 is in Theorem5.v.

   A remainder is what is left of a position of a margin account below zero; pay(q) = ⌈num·q/den⌉ is what is laid
   on q lots of it: num/den the deficit a lot. A queue is any list of asks, so that what is proved holds under
   every selection, with hedges honoured or not, and for any number of candidates. *)
From Coq Require Import ZArith Lia List Bool.
From Zerosum Require Import Arithmetic Ledger Entries Margin.
Import ListNotations.
Open Scope Z_scope.

(* A candidate: cross, with its net lots and the equity of its margin account; or isolated, with the cash of its
   own margin account, its position, what has gone back to cross, and whether margin goes back at all. *)
Inductive candidate :=
  | Cross (net equity : Z)
  | Isolated (own : Z) (held : position) (returned : Z) (goes_back : bool).

Section Queue.
  Variables mark u : Z.
  Variables num den : Z.

  Definition pay (q : Z) : Z := ceiling_of (num * q) den.

  Definition net_of (c : candidate) : Z :=
    match c with Cross n _ => n | Isolated _ p _ _ => Z.abs (size p) end.
  Definition equity_of (c : candidate) : Z :=
    match c with Cross _ e => e | Isolated own p _ _ => own + unrealised u mark p end.
  (* What its owner has of it: an isolated one with what has gone back to cross (LED-8). *)
  Definition all_of (c : candidate) : Z :=
    match c with Cross _ e => e | Isolated _ _ r _ => equity_of c + r end.

  (* Closing q lots at mark, and paying for them (ADL-3, LED-8). *)
  Definition closed (q : Z) (c : candidate) : candidate :=
    match c with
    | Cross n e => Cross (n - q) (e - pay q)
    | Isolated own p r back =>
        let f := fill_of u mark (- (Z.sgn (size p) * q)) p in
        let moved := if back then to_cross own (Z.abs (size p)) q (realised f) (pay q) else 0 in
        Isolated (own + realised f - pay q - moved) (after f) (r + moved) back
    end.
  Definition given_up (q : Z) (c : candidate) : candidate := if q =? 0 then c else closed q c.

  (* An ask: whom, how many lots at most, and what its margin account must keep: maintenance as a function of the
     candidate in the first pass, nothing in the second. *)
  Record ask := { whom : Z; cap : Z; keep : candidate -> Z }.

  Definition bound_of (a : ask) (left : Z) (c : candidate) : Z := Z.min (Z.min left (net_of c)) (cap a).
  Definition bears (a : ask) (c : candidate) (q : Z) : bool :=
    keep a (given_up q c) <=? equity_of (given_up q c).
  Definition taken (a : ask) (left : Z) (c : candidate) : Z :=
    if bound_of a left c <=? 0 then 0 else bisect (bears a c) (bound_of a left c).

  Definition queue := Z -> candidate.
  Definition put (cs : queue) (k : Z) (c : candidate) : queue := fun j => if j =? k then c else cs j.

  (* Going down a list of asks: what is left, the candidates, and what each ask took. *)
  Fixpoint go_down (asks : list ask) (left : Z) (cs : queue) : Z * queue * list Z :=
    match asks with
    | [] => (left, cs, [])
    | a :: rest =>
        let q := taken a left (cs (whom a)) in
        let '(l, c, qs) := go_down rest (left - q) (put cs (whom a) (given_up q (cs (whom a)))) in
        (l, c, q :: qs)
    end.

  Hypothesis den_positive : 0 < den.
  Hypothesis num_not_negative : 0 <= num.

  Lemma pay_nonneg : forall q, 0 <= q -> 0 <= pay q.
  Proof. intros. apply ceiling_nonneg; nia. Qed.

  Lemma pay_zero : pay 0 = 0.
  Proof. unfold pay. rewrite Z.mul_0_r. apply ceiling_zero. exact den_positive. Qed.

  Lemma taken_bounds : forall a left c, 0 <= left -> 0 <= net_of c ->
    0 <= taken a left c <= left /\ taken a left c <= net_of c /\ (0 < taken a left c -> taken a left c <= cap a).
  Proof.
    intros a left c L N. unfold taken. destruct (Z.leb_spec (bound_of a left c) 0); [lia |].
    destruct (bisect_spec (bears a c) (bound_of a left c) ltac:(lia)) as (B & _). unfold bound_of in *. lia.
  Qed.

  Lemma fill_size : forall q p, size (after (fill_of u mark (- (Z.sgn (size p) * q)) p)) = size p - Z.sgn (size p) * q.
  Proof. intros. simpl. lia. Qed.

  Lemma net_after : forall q c, 0 <= q <= net_of c -> net_of (given_up q c) = net_of c - q.
  Proof.
    intros q c Q. unfold given_up. destruct (Z.eqb_spec q 0) as [-> | N]; [lia |].
    destruct c as [n e | own p r b]; [reflexivity |]. unfold closed, net_of in *. rewrite fill_size.
    destruct (Z.lt_trichotomy (size p) 0) as [S | [S | S]].
    - rewrite Z.sgn_neg by exact S. lia.
    - rewrite S in *. simpl. lia.
    - rewrite Z.sgn_pos by exact S. lia.
  Qed.

  (* Closed at mark a candidate loses what it pays, and nothing else: with what goes back to cross. *)
  Lemma all_after : forall q c, all_of (given_up q c) = all_of c - pay q.
  Proof.
    intros q c. unfold given_up. destruct (Z.eqb_spec q 0) as [-> | N]; [rewrite pay_zero; lia |].
    destruct c as [n e | own p r b]; [reflexivity |]. unfold all_of, closed, equity_of.
    pose proof (LED_3_equity_changes_by_the_distance_from_the_mark u mark mark (- (Z.sgn (size p) * q)) p) as E.
    set (f := fill_of u mark (- (Z.sgn (size p) * q)) p) in *.
    set (moved := if b then to_cross own (Z.abs (size p)) q (realised f) (pay q) else 0). nia.
  Qed.

  (* ---- ADL-3 ---- *)

  (* A candidate is reduced, never flipped: no more is taken than its net lots, and its side stays. *)
  Theorem ADL_3_reduced_never_flipped : forall a left c, 0 <= left -> 0 <= net_of c ->
    let q := taken a left c in
    0 <= q <= net_of c /\ net_of (given_up q c) = net_of c - q /\
    match c with
    | Cross _ _ => True
    | Isolated _ p _ _ => 0 <= size (after (fill_of u mark (- (Z.sgn (size p) * q)) p)) * size p
    end.
  Proof.
    intros a left c L N q. destruct (taken_bounds a left c L N) as (B & C & _). fold q in B, C.
    split; [lia | split; [apply net_after; lia |]]. destruct c as [n e | own p r b]; [exact I |].
    rewrite fill_size. unfold net_of in C.
    destruct (Z.lt_trichotomy (size p) 0) as [S | [S | S]].
    - rewrite Z.sgn_neg by exact S. nia.
    - rewrite S. nia.
    - rewrite Z.sgn_pos by exact S. nia.
  Qed.

  (* Closed at mark, without a fee: what it has changes by what it pays alone. *)
  Theorem ADL_3_closed_at_mark_it_loses_what_it_pays_alone : forall q c, all_of (given_up q c) = all_of c - pay q.
  Proof. exact all_after. Qed.

  (* ---- ADL-1 ---- *)

  (* Who gives up lots in a pass keeps what the pass asks for: maintenance in the first, zero in the second. *)
  Theorem ADL_1_a_pass_leaves_what_it_must : forall a left c, 0 <= left -> 0 <= net_of c ->
    0 < taken a left c -> keep a (given_up (taken a left c) c) <= equity_of (given_up (taken a left c) c).
  Proof.
    intros a left c L N P. unfold taken in *. destruct (Z.leb_spec (bound_of a left c) 0); [lia |].
    destruct (bisect_spec (bears a c) (bound_of a left c) ltac:(lia)) as (_ & [B | B] & _); [lia |].
    apply Z.leb_le. exact B.
  Qed.

  (* And gives up the largest number that bisection finds: a lot more is not borne, or is not asked. *)
  Theorem ADL_1_a_lot_more_is_not_borne : forall a left c, 0 < bound_of a left c -> bears a c 0 = true ->
    taken a left c < bound_of a left c -> bears a c (taken a left c + 1) = false.
  Proof.
    intros a left c B Z0 T. unfold taken in *. destruct (Z.leb_spec (bound_of a left c) 0); [lia |].
    destruct (bisect_spec (bears a c) (bound_of a left c) ltac:(lia)) as (_ & _ & C & _). apply C; assumption.
  Qed.

  Lemma put_same : forall cs k c, put cs k c k = c.
  Proof. intros. unfold put. rewrite Z.eqb_refl. reflexivity. Qed.

  Lemma put_other : forall cs k c j, j <> k -> put cs k c j = cs j.
  Proof. intros. unfold put. destruct (Z.eqb_spec j k); [contradiction | reflexivity]. Qed.

  Lemma nets_stay : forall cs k q, (forall j, 0 <= net_of (cs j)) -> 0 <= q <= net_of (cs k) ->
    forall j, 0 <= net_of (put cs k (given_up q (cs k)) j).
  Proof.
    intros cs k q H Q j. destruct (Z.eq_dec j k) as [-> | D].
    - rewrite put_same, net_after by exact Q. lia.
    - rewrite put_other by exact D. apply H.
  Qed.

  (* What goes down a queue: whatever the asks, lots are neither made nor lost, nobody who is not asked gives up
     anything, and nobody's net lots fall below nothing. *)
  Theorem ADL_1_lots_given_up_are_lots_placed : forall asks left cs, 0 <= left -> (forall j, 0 <= net_of (cs j)) ->
    let '(left', cs', qs) := go_down asks left cs in
    left = left' + sum qs /\ 0 <= left' /\ Forall (fun q => 0 <= q) qs /\ (forall j, 0 <= net_of (cs' j) <= net_of (cs j)).
  Proof.
    induction asks as [| a asks IH]; intros left cs L N; simpl; [split; [lia | split; [lia | split; [constructor |]]]; intro j; specialize (N j); lia |].
    destruct (taken_bounds a left (cs (whom a)) L (N _)) as (B & C & _).
    set (q := taken a left (cs (whom a))) in *.
    specialize (IH (left - q) (put cs (whom a) (given_up q (cs (whom a)))) ltac:(lia)
      (nets_stay cs (whom a) q N ltac:(lia))).
    destruct (go_down asks (left - q) (put cs (whom a) (given_up q (cs (whom a))))) as [[l c] qs].
    destruct IH as (I1 & I2 & I3 & I4). simpl.
    split; [lia | split; [lia | split; [constructor; [lia | exact I3] |]]].
    intro j. specialize (I4 j). destruct (Z.eq_dec j (whom a)) as [-> | D].
    - rewrite put_same, net_after in I4 by lia. lia.
    - rewrite put_other in I4 by exact D. exact I4.
  Qed.

  (* ---- ADL-9 ---- *)

  (* An account without a position pays nothing for a remainder, whoever asks it; nor does who is not asked. *)
  Theorem ADL_9_no_bystander_pays : forall asks left cs k, 0 <= left -> (forall j, 0 <= net_of (cs j)) ->
    net_of (cs k) = 0 \/ Forall (fun a => whom a <> k) asks ->
    let '(_, cs', _) := go_down asks left cs in all_of (cs' k) = all_of (cs k).
  Proof.
    induction asks as [| a asks IH]; intros left cs k L N H; simpl; [reflexivity |].
    destruct (taken_bounds a left (cs (whom a)) L (N _)) as (B & C & _).
    set (q := taken a left (cs (whom a))) in *.
    specialize (IH (left - q) (put cs (whom a) (given_up q (cs (whom a)))) k ltac:(lia)
      (nets_stay cs (whom a) q N ltac:(lia))).
    destruct (go_down asks (left - q) (put cs (whom a) (given_up q (cs (whom a))))) as [[l c] qs].
    destruct (Z.eq_dec k (whom a)) as [-> | D].
    - destruct H as [H | H]; [| inversion H; contradiction].
      assert (q = 0) by lia. rewrite IH.
      + rewrite put_same, all_after. rewrite H0, pay_zero. lia.
      + left. rewrite put_same, net_after by lia. lia.
    - rewrite IH; [rewrite put_other by exact D; reflexivity |].
      destruct H as [H | H]; [left; rewrite put_other by exact D; exact H | right; inversion H; assumption].
  Qed.

  (* ---- ADL-6 ---- *)

  (* While a remainder is placed the queue stands still: if somebody is asked at all, what is left has been refused
     by everybody before, who gave up all that they were asked or all that they bear. *)
  Theorem ADL_6_nobody_is_asked_before_those_ahead_gave_all_they_bear : forall a left c, 0 <= left -> 0 <= net_of c ->
    bears a c 0 = true -> 0 < left - taken a left c ->
    taken a left c = Z.max 0 (Z.min (net_of c) (cap a)) \/ bears a c (taken a left c + 1) = false.
  Proof.
    intros a left c L N Z0 P. destruct (Z.le_gt_cases (bound_of a left c) 0) as [B | B].
    - left. unfold taken. destruct (Z.leb_spec (bound_of a left c) 0); [| lia].
      unfold taken in P. destruct (Z.leb_spec (bound_of a left c) 0); [| lia]. unfold bound_of in *. lia.
    - destruct (Z.lt_ge_cases (taken a left c) (bound_of a left c)) as [K | K].
      + right. apply ADL_1_a_lot_more_is_not_borne; assumption.
      + left. assert (taken a left c = bound_of a left c).
        { unfold taken in *. destruct (Z.leb_spec (bound_of a left c) 0); [lia |].
          destruct (bisect_spec (bears a c) (bound_of a left c) ltac:(lia)) as (R & _). lia. }
        unfold bound_of in *. lia.
  Qed.

  (* ---- ADL-8 ---- *)

  (* What is taken for a remainder that is placed whole covers its deficit num·size/den, and overshoots by less than
     a unit a fill. *)
  Theorem ADL_8_the_overshoot_is_less_than_a_unit_a_fill : forall qs, qs <> [] -> Forall (fun q => 0 <= q) qs ->
    num * sum qs <= sum (map pay qs) * den < num * sum qs + Z.of_nat (length qs) * den.
  Proof.
    assert (G : forall qs, num * sum qs <= sum (map pay qs) * den
      /\ (qs <> [] -> sum (map pay qs) * den < num * sum qs + Z.of_nat (length qs) * den)).
    { induction qs as [| q qs IH]; [simpl; split; [lia | congruence] |].
      cbn [map sum length]. rewrite Nat2Z.inj_succ. destruct IH as [I J].
      pose proof (ceiling_bounds (num * q) den den_positive) as C. fold (pay q) in C.
      split; [nia |]. intros _. destruct qs as [| r qs]; [cbn [map sum length]; lia |].
      specialize (J ltac:(discriminate)). nia. }
    intros qs N _. specialize (G qs). destruct G as [G1 G2]. split; [exact G1 | apply G2; exact N].
  Qed.
End Queue.

(* ---- ADL-1: net lots ---- *)

(* A cross account that holds both sides stands on its larger one with the difference, on the other not at all. *)
Definition net_lots (own other : Z) : Z := Z.max 0 (own - other).

Theorem ADL_1_a_hedge_is_not_asked : forall long short, 0 <= long -> 0 <= short ->
  net_lots long short - net_lots short long = long - short /\
  (net_lots long short = 0 \/ net_lots short long = 0) /\
  net_lots long short <= long /\ net_lots short long <= short.
Proof. intros. unfold net_lots. lia. Qed.

(* Taking up to the net lots from the larger side leaves the hedge as it was. *)
Theorem ADL_1_the_rest_stays_a_hedge : forall own other q, 0 <= other -> 0 <= q <= net_lots own other ->
  net_lots (own - q) other = net_lots own other - q /\ (0 < q -> other <= own - q).
Proof. intros. unfold net_lots in *. lia. Qed.

(* ---- ADL-7: lights ---- *)

Definition lights (all ahead : Z) : Z := ceiling_of (5 * (all - ahead)) all.

Theorem ADL_7_five_lights_in_front_one_at_the_end : forall all ahead, 0 <= ahead < all ->
  1 <= lights all ahead <= 5 /\ lights all 0 = 5 /\
  forall later, ahead <= later < all -> lights all later <= lights all ahead.
Proof.
  intros all ahead A. unfold lights. pose proof (ceiling_bounds (5 * (all - ahead)) all ltac:(lia)).
  split; [nia | split].
  - replace (5 * (all - 0)) with (5 * all) by lia. apply ceiling_exact. lia.
  - intros later L. apply ceiling_monotone; lia.
Qed.
