/// What must hold of every state, or of every step from one to the next.
///
/// None of them is taken from the core's code: each is a sentence of the specification that can be checked
/// from outside.
public enum Law: CaseIterable, Sendable {
    case invariants, restore, conservation, bothSides, belowZero, found, fundOrDebt
    case refusal, fork, entries, payers, receipt, reduces, bystander, theorem, residual, order, ends, gate
    case auditor

    /// The rule of the specification.
    public var code: String {
        switch self {
        case .invariants: "DET-6"
        case .restore: "DET-5"
        case .conservation, .bothSides: "LED-4"
        case .belowZero: "WF-8"
        case .found: "MG-5"
        case .fundOrDebt: "WF-8a"
        case .refusal: "CMD-3"
        case .fork: "DET-1"
        case .entries: "LED-5"
        case .payers: "LED-7"
        case .receipt: "RCP-5"
        case .reduces: "ADL-3"
        case .bystander: "ADL-9"
        case .theorem, .residual: "ADL-5"
        case .order: "WF-0"
        case .ends: "WF-11"
        case .gate: "MG-11"
        case .auditor: "all"
        }
    }

    /// The law, as a sentence.
    public var text: String {
        switch self {
        case .invariants: "every rule of a state between two commands holds"
        case .restore: "the state gives the same snapshot when it is restored from one"
        case .conservation: "cash and quotes add up to what was paid in less what was paid out"
        case .bothSides: "the longs of a market are its shorts"
        case .belowZero: "no margin account whose positions can be closed is below zero behind a waterfall"
        case .found: "who is below maintenance at valid prices is in liquidation"
        case .fundOrDebt: "the fund has something or owes something, not both"
        case .refusal: "a refused command changes nothing"
        case .fork: "the same commands reach the same state again"
        case .entries: "entries of the ledger give every change of cash, and the balance behind it"
        case .payers: "payers are booked before receivers"
        case .receipt: "deficit = recourse + fund + vault + given up + residual − rounding"
        case .reduces: "deleveraging reduces a position and never flips it"
        case .bystander: "who has no position pays nothing for anybody"
        case .theorem: "who is deleveraged has at least what it had before the price"
        case .residual: "a price of one market alone leaves nothing for step 8"
        case .order: "steps 5 to 8 come in their order"
        case .ends: "a waterfall ends"
        case .gate: "behind a withdrawal there is still what positions and orders require"
        case .auditor: "the second implementation says the same"
        }
    }
}

/// A law that does not hold.
public struct Violation: Sendable {
    /// Which.
    public var law: Law
    /// What was found.
    public var text: String
}
