(* Reads ledger lines (proofs.md) and replays them through the extracted model.

   A line is the number of an event's kind and its fields, all whole numbers. What the model refuses is told with the
   command's number, the rule, what was found and what was expected; then the program ends with status 1. *)
open Model

let fields = Array.make 64 Big.zero
let count = ref 0

exception Unreadable of string

(* The numbers of a line into `fields`. Nearly all fit into a word. *)
let split line =
  let length = String.length line in
  count := 0;
  let place = ref 0 in
  while !place < length do
    let start = !place in
    let stop = ref start in
    while !stop < length && String.unsafe_get line !stop <> ' ' do incr stop done;
    let negative = String.unsafe_get line start = '-' in
    let first = if negative then start + 1 else start in
    if !stop = first || !count = 64 then raise (Unreadable line);
    let value =
      if !stop - first <= 18 then begin
        let n = ref 0 in
        for i = first to !stop - 1 do
          let digit = Char.code (String.unsafe_get line i) - 48 in
          if digit < 0 || digit > 9 then raise (Unreadable line);
          n := (!n * 10) + digit
        done;
        Big.of_int (if negative then - !n else !n)
      end
      else
        try Big.of_string (String.sub line start (!stop - start)) with _ -> raise (Unreadable line)
    in
    fields.(!count) <- value;
    incr count;
    place := !stop + 1
  done

let f i = fields.(i)

let sums () =
  { t_deficit = f 4; t_recourse = f 5; t_fund = f 6; t_vault = f 7; t_given = f 8; t_residual = f 9; t_debt = f 10;
    t_rounding = f 11; t_bids = f 12; t_needed = f 13; t_taken = f 14; t_overshoot = f 15; t_equity = f 16 }

(* The event of a line whose numbers are in `fields`; how many there are is part of the form. *)
let event line =
  let kind = Big.to_int (f 0) in
  let is n e = if !count = n + 1 then e else raise (Unreadable line) in
  match kind with
  | 0 -> is 0 Begin
  | 1 -> is 6 (Outcome (f 1))
  | 2 -> is 3 (Market (f 1, f 2, f 3))
  | 3 -> is 2 (Owner (f 1, f 2))
  | 4 -> is 7 (Entry (f 1, f 2, f 3, f 4, f 5, f 6, f 7))
  | 10 -> is 13 (Trade (f 1, f 3, f 4, f 5, f 6, f 7, f 10, f 11, f 12, f 13))
  | 11 -> is 7 (Position (f 1, f 2, f 3, f 4, f 5, f 6, f 7))
  | 12 -> is 5 (Mark (f 1, f 2, f 3))
  | 13 -> is 5 (Funded (f 1, f 2, f 3, f 4, f 5))
  | 14 -> is 5 (Mode (f 1, f 2, f 4))
  | 20 -> is 4 (Shares (f 1, f 3, f 4))
  | 21 -> is 11 (Began (f 1, f 2, f 3, f 4, f 9))
  | 22 -> is 10 (Ordered (f 1, f 4, f 9, f 10))
  | 23 -> is 5 (FundPaid (f 1, f 3, f 4, f 5))
  | 24 -> is 7 (Quoted (f 1, f 3, f 4))
  | 25 -> is 8 (Ranked (f 1, f 2, f 3, f 5, f 6))
  | 26 -> is 17 (Closed (f 1, f 2, f 3, f 4, f 5, f 6, f 7, f 8, f 9, f 10, f 11, f 12, f 17))
  | 27 -> is 4 (Charged (f 1, f 2, f 3, f 4))
  | 28 -> is 16 (Ended (f 1, f 2, sums ()))
  | 29 -> is 1 Pending
  | 30 -> is 5 (Settled (f 1, f 2, f 3, f 4, f 5))
  | 32 -> is 10 (Volunteers (f 1, f 3, f 8))
  | 34 -> is 5 (Answered (f 1, f 2, f 3, f 4, f 5))
  | _ -> raise (Unreadable line)

(* The number of the command that a refused line belongs to: its outcome comes last. *)
let rec command_of line =
  split line;
  if !count > 1 && Big.to_int (f 0) = 1 then Big.to_string (f 1)
  else match input_line stdin with line -> command_of line | exception End_of_file -> "without an end"

let () =
  let state = ref start and lines = ref 0 and commands = ref 0 and worlds = ref 0 and line = ref "" in
  let began = Unix.gettimeofday () in
  try
    while true do
      line := input_line stdin;
      incr lines;
      split !line;
      let e = event !line in
      (match e with Outcome _ -> incr commands | Begin -> incr worlds | _ -> ());
      match check !state e with
      | Inr next -> state := next
      | Inl no ->
          let world = if !worlds > 1 then Printf.sprintf "world %d, " !worlds else "" in
          Printf.printf "refused: %scommand %s, line %d: %s: found %s, expected %s\n  %s\n" world (command_of !line) !lines
            no.rule (Big.to_string no.found) (Big.to_string no.expected) !line;
          exit 1
    done
  with
  | End_of_file ->
      let seconds = Unix.gettimeofday () -. began in
      if !lines = 0 then (print_endline "refused: nothing to read"; exit 1);
      Printf.printf "accepted: %d commands, %d lines, %.0f commands a second\n" !commands !lines
        (float_of_int !commands /. seconds)
  | Unreadable text ->
      Printf.printf "refused: line %d is not understood: %s\n" !lines text;
      exit 2
