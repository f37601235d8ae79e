(* Whole numbers of any size under a name that the extracted model does not use itself. *)
include Z
