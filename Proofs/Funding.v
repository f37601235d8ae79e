(* Rate and payment of funding (funding.md). *)
From Coq Require Import ZArith Lia List Bool.
From Zerosum Require Import Arithmetic Ledger Entries Margin.
Import ListNotations.
Open Scope Z_scope.

(* ---- FUND-1: the average of samples ---- *)

(* Samples: a premium and the time for which it stood. *)
Definition average (samples : list (Z * Z)) : Z :=
  let weight := sum (map snd samples) in
  if weight =? 0 then 0 else Z.quot (sum (map (fun s => fst s * snd s) samples)) weight.

(* The average lies between the samples, and a sample counts in proportion to its time: nobody moves it by
   more than the part of the time for which their orders stood. *)
Theorem FUND_1_the_average_lies_between_the_samples : forall samples low high,
  low <= 0 <= high -> Forall (fun s => 0 <= snd s /\ low <= fst s <= high) samples ->
  low <= average samples <= high.
Proof.
  intros samples low high Z0 H. unfold average.
  assert (G : low * sum (map snd samples) <= sum (map (fun s => fst s * snd s) samples) <= high * sum (map snd samples)
    /\ 0 <= sum (map snd samples)).
  { induction H as [| s l [W B] _ IH]; simpl; [lia | nia]. }
  destruct (Z.eqb_spec (sum (map snd samples)) 0); [lia |].
  pose proof (truncated_bounds (sum (map (fun s => fst s * snd s) samples)) (sum (map snd samples)) ltac:(lia)) as [A B].
  destruct (Z.le_gt_cases 0 (sum (map (fun s => fst s * snd s) samples))) as [P | P].
  - destruct (A P). nia.
  - destruct (B ltac:(lia)). nia.
Qed.

(* ---- FUND-2: the rate ---- *)

Definition clamp (low high x : Z) : Z := Z.min high (Z.max low x).
Definition margin_room (leverage maintenance : Z) : Z := Z.max 0 (floor_of one leverage - maintenance).
Definition rate (average interest cap room : Z) : Z :=
  let bound := Z.min cap room in clamp (- bound) bound (average + clamp (-50000) 50000 (interest - average)).

Theorem FUND_2_the_rate_lies_within_cap_and_margin : forall average interest cap room, 0 <= cap -> 0 <= room ->
  Z.abs (rate average interest cap room) <= cap /\ Z.abs (rate average interest cap room) <= room.
Proof. intros. unfold rate, clamp. lia. Qed.

(* What a position pays, ⌈ ⌉; negative is received, and so rounded down. *)
Definition payment (worth rate : Z) : Z := ceiling_of (worth * rate) one.

(* The claim of FUND-2, for a position in the first bracket: who has its initial margin has its maintenance
   margin after a payment, but for the unit by which the payment and the maintenance margin are rounded. *)
Theorem FUND_2_who_has_initial_margin_keeps_maintenance : forall notional leverage mm rate equity,
  0 <= notional -> 1 <= leverage -> 0 <= mm -> 0 <= mm * leverage <= one ->
  0 <= rate <= margin_room leverage mm ->
  ceiling_of notional leverage <= equity ->
  ceiling_of (notional * mm) one <= equity - payment notional rate + 1.
Proof.
  intros n l mm r e N L M ML R I. unfold margin_room, payment, one in *.
  pose proof (floor_bounds 100000000 l ltac:(lia)) as F.
  pose proof (ceiling_bounds n l ltac:(lia)) as C.
  pose proof (ceiling_bounds (n * r) 100000000 ltac:(lia)) as P.
  pose proof (ceiling_bounds (n * mm) 100000000 ltac:(lia)) as Q.
  set (f := floor_of 100000000 l) in *. set (c := ceiling_of n l) in *.
  set (p := ceiling_of (n * r) 100000000) in *. set (q := ceiling_of (n * mm) 100000000) in *.
  assert (F' : mm <= f) by nia. rewrite Z.max_r in R by lia.
  assert (K : n * r + n * mm <= n * f) by nia.
  assert (J : n * f <= c * 100000000) by nia.
  assert ((p + q) * 100000000 < c * 100000000 + 200000000) by lia. lia.
Qed.

(* The unit is needed: a notional of 150 units at 50 times with 0.4 % has 3, pays 3 and lacks 1. *)
Theorem FUND_2_the_unit_is_needed :
  let notional := 150 in let mm := 400000 in let room := margin_room 50 mm in
  ceiling_of notional 50 - payment notional room = 0 /\ ceiling_of (notional * mm) one = 1.
Proof. vm_compute. split; reflexivity. Qed.

(* In a higher bracket the claim is false: at 100 times with 0.4 % up to 1,000 and at 20 times with 5 % above, a
   position of 9,000 has 450 of initial margin, pays 54 and needs 404: it is liquidated. *)
Theorem FUND_2_fails_in_a_higher_bracket :
  let unit := 100000000 in
  let notional := 9000 * unit in
  let mm := maintenance 400000 [(1000 * unit, 5000000)] notional in
  let room := margin_room 100 400000 in
  valid_brackets 0 400000 5000000 [(1000 * unit, 5000000)] /\
  ceiling_of notional 20 = 450 * unit /\ mm = 404 * unit /\
  ceiling_of notional 20 - payment notional room = 396 * unit.
Proof. vm_compute. repeat split; congruence. Qed.

(* ---- FUND-3: the payment ---- *)

(* Positions of one market by what they are worth at the mark, negative for a short. *)
Definition paid (rate : Z) (worths : list Z) : Z := sum (map (fun w => positive_part (payment w rate)) worths).
Definition received (rate : Z) (worths : list Z) : Z := sum (map (fun w => positive_part (- payment w rate)) worths).

(* Longs and shorts balance, so what payers pay is what receivers get and a rest for the fund, which is never
   negative and less than a unit a position: for any number of positions. *)
Theorem FUND_3_payers_pay_receivers_and_the_rounding : forall rate worths, sum worths = 0 ->
  0 <= paid rate worths - received rate worths <= Z.of_nat (length worths).
Proof.
  intros rate worths B.
  assert (G : forall l, sum l * rate <= (paid rate l - received rate l) * one
    <= sum l * rate + Z.of_nat (length l) * one).
  { unfold paid, received. induction l as [| w l IH]; [simpl; lia |].
    cbn [map sum length]. rewrite Nat2Z.inj_succ.
    pose proof (ceiling_bounds (w * rate) one ltac:(unfold one; lia)) as C. fold (payment w rate) in C.
    unfold positive_part in *.
    replace (Z.max 0 (payment w rate) + sum (map (fun w => Z.max 0 (payment w rate)) l)
      - (Z.max 0 (- payment w rate) + sum (map (fun w => Z.max 0 (- payment w rate)) l)))
      with (payment w rate + (sum (map (fun w => Z.max 0 (payment w rate)) l)
        - sum (map (fun w => Z.max 0 (- payment w rate)) l))) by lia.
    nia. }
  specialize (G worths). rewrite B in G. unfold one in G. lia.
Qed.

(* All credits of a payment with the fund's: a step of the ledger that keeps the total (LED-4). *)
Definition payment_of (rate : Z) (fund : Z) (holders : list (Z * Z)) : list (Z * Z) :=
  map (fun h => (fst h, - payment (snd h) rate)) holders
  ++ [(fund, sum (map (fun h => payment (snd h) rate) holders))].

Theorem FUND_3_a_payment_keeps_the_total : forall market_of rate fund holders,
  valid market_of (Pay (payment_of rate fund holders)).
Proof.
  intros market_of rate fund holders. simpl. unfold payment_of. rewrite map_app, sum_app, map_map. simpl.
  induction holders as [| h hs IH]; simpl; lia.
Qed.

(* A longer position never pays less, and a payer never less than exactly its part. *)
Theorem FUND_3_a_payer_pays_up_and_a_receiver_gets_down : forall worth rate,
  worth * rate <= payment worth rate * one < worth * rate + one.
Proof. intros. unfold payment. apply ceiling_bounds. unfold one. lia. Qed.

(* ---- FUND-4: when ---- *)

Definition next_deadline (now interval : Z) : Z := (floor_of now interval + 1) * interval.

Theorem FUND_4_the_next_multiple_lies_ahead : forall now interval, 0 < interval ->
  now < next_deadline now interval <= now + interval /\ next_deadline now interval mod interval = 0.
Proof.
  intros now i I. unfold next_deadline. pose proof (floor_bounds now i I). split; [lia |]. apply Z_mod_mult.
Qed.
