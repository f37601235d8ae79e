// Compiled into the core only for `make mutants`.

/// The number of the fault that is planted; 0: none.
public nonisolated(unsafe) var plantedMutant: Int32 = 0

/// Whether this fault is the one.
@inline(__always)
func mutant(_ number: Int32) -> Bool { unsafe plantedMutant == number }
