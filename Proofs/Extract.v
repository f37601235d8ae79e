(* The checker as an OCaml program. Z becomes a number of any size of the library Zarith: 64 bits do not hold money
   times money. What is trusted besides Coq's extraction is these lines. *)
From Coq Require Import ZArith Extraction ExtrOcamlBasic ExtrOcamlNativeString.
From Zerosum Require Import Arithmetic Ledger Books Checker.

Extract Inductive positive => "Big.t" [ "(fun p -> Big.add (Big.shift_left p 1) Big.one)" "(fun p -> Big.shift_left p 1)" "Big.one" ]
  "(fun xi xo xh p -> if Big.equal p Big.one then xh () else if Big.is_odd p then xi (Big.shift_right p 1) else xo (Big.shift_right p 1))".
Extract Inductive Z => "Big.t" [ "Big.zero" "" "Big.neg" ]
  "(fun zero pos neg z -> let s = Big.sign z in if s = 0 then zero () else if s > 0 then pos z else neg (Big.neg z))".

Extract Constant Pos.add => "Big.add".
Extract Constant Pos.succ => "Big.succ".
Extract Constant Pos.mul => "Big.mul".
Extract Constant Pos.compare => "(fun a b -> let c = Big.compare a b in if c = 0 then Eq else if c < 0 then Lt else Gt)".
Extract Constant Pos.eqb => "Big.equal".
Extract Constant Z.add => "Big.add".
Extract Constant Z.sub => "Big.sub".
Extract Constant Z.mul => "Big.mul".
Extract Constant Z.opp => "Big.neg".
Extract Constant Z.abs => "Big.abs".
Extract Constant Z.sgn => "(fun a -> Big.of_int (Big.sign a))".
Extract Constant Z.min => "Big.min".
Extract Constant Z.max => "Big.max".
Extract Constant Z.eqb => "Big.equal".
Extract Constant Z.ltb => "Big.lt".
Extract Constant Z.leb => "Big.leq".
Extract Constant Z.compare => "(fun a b -> let c = Big.compare a b in if c = 0 then Eq else if c < 0 then Lt else Gt)".
Extract Constant Z.eq_dec => "Big.equal".
(* Division rounds down, the quotient toward zero; by nothing both are nothing. *)
Extract Constant Z.div => "(fun a b -> if Big.sign b = 0 then Big.zero else Big.fdiv a b)".
Extract Constant Z.modulo => "(fun a b -> if Big.sign b = 0 then a else Big.sub a (Big.mul b (Big.fdiv a b)))".
Extract Constant Z.quot => "(fun a b -> if Big.sign b = 0 then Big.zero else Big.div a b)".
Extract Constant Z.of_nat => "(fun n -> let rec go a = function O -> a | S m -> go (Big.succ a) m in go Big.zero n)".

Extraction "model.ml" start check.
