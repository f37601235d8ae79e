/// What became of a command. Where several would apply, the first in this order is given
/// (Specs/commands.md); numbers are written in logs and never change their meaning.
@frozen
public enum Status: UInt8, CodedEnum {
    /// The command was applied.
    case ok = 0

    // The envelope: the command has no place in the sequence and consumes no number.
    case alreadyApplied = 1
    case sequenceGap = 2
    case timeBackwards = 3
    case tickFirst = 4
    case continueFirst = 5

    // The shape of the command itself.
    case invalidField = 10
    case invalidSymbol = 11
    case invalidTick = 12
    case invalidTiers = 13
    case invalidPrice = 14
    case invalidQuantity = 15
    case invalidAmount = 16
    case invalidRate = 17
    case invalidTime = 18
    case invalidLeverage = 19
    case invalidTrigger = 20
    case invalidCombination = 21

    // What it refers to.
    case symbolExists = 30
    case unknownMarket = 31
    case unknownAccount = 32
    case unknownOrder = 33
    case venueAccount = 34
    case sameAccount = 35
    case accountLimit = 36
    case marketLimit = 37
    case orderLimit = 38
    case positionLimit = 39
    case offerLimit = 40
    case sourceLimit = 41
    case noVault = 42

    // What the state allows.
    case marketSettled = 50
    case marketHalted = 51
    case marketReduceOnly = 52
    case killed = 53
    case noMark = 54
    case duplicateClientID = 55
    case positionSideMismatch = 56
    case reduceOnlyRejected = 57
    case inLiquidation = 58
    case priceBand = 59
    case wouldTrigger = 60
    case postOnlyWouldTake = 61
    case fillOrKillUnfilled = 62
    case tierExceeded = 63
    case openInterestCap = 64
    case positionCap = 65
    case insufficientMargin = 66
    case insufficientCash = 67
    case debtOutstanding = 68
    case notFlat = 69
    case notIsolated = 70
    case priceOverflow = 71
    case pileLimit = 72
    case lockedUp = 73
    case noChange = 74
    case nothingPending = 75
    case noPrice = 76
    case haircut = 77

    public static var zero: Status { .ok }

    /// Whether the command kept its place in the sequence: true for all but the envelope's refusals.
    public var consumesSequence: Bool { rawValue == 0 || rawValue >= 10 }

    public var term: StaticString {
        switch self {
        case .ok: "ok"
        case .alreadyApplied: "alreadyApplied"
        case .sequenceGap: "sequenceGap"
        case .timeBackwards: "timeBackwards"
        case .tickFirst: "tickFirst"
        case .continueFirst: "continueFirst"
        case .invalidField: "invalidField"
        case .invalidSymbol: "invalidSymbol"
        case .invalidTick: "invalidTick"
        case .invalidTiers: "invalidTiers"
        case .invalidPrice: "invalidPrice"
        case .invalidQuantity: "invalidQuantity"
        case .invalidAmount: "invalidAmount"
        case .invalidRate: "invalidRate"
        case .invalidTime: "invalidTime"
        case .invalidLeverage: "invalidLeverage"
        case .invalidTrigger: "invalidTrigger"
        case .invalidCombination: "invalidCombination"
        case .symbolExists: "symbolExists"
        case .unknownMarket: "unknownMarket"
        case .unknownAccount: "unknownAccount"
        case .unknownOrder: "unknownOrder"
        case .venueAccount: "venueAccount"
        case .sameAccount: "sameAccount"
        case .accountLimit: "accountLimit"
        case .marketLimit: "marketLimit"
        case .orderLimit: "orderLimit"
        case .positionLimit: "positionLimit"
        case .offerLimit: "offerLimit"
        case .sourceLimit: "sourceLimit"
        case .noVault: "noVault"
        case .marketSettled: "marketSettled"
        case .marketHalted: "marketHalted"
        case .marketReduceOnly: "marketReduceOnly"
        case .killed: "killed"
        case .noMark: "noMark"
        case .duplicateClientID: "duplicateClientID"
        case .positionSideMismatch: "positionSideMismatch"
        case .reduceOnlyRejected: "reduceOnlyRejected"
        case .inLiquidation: "inLiquidation"
        case .priceBand: "priceBand"
        case .wouldTrigger: "wouldTrigger"
        case .postOnlyWouldTake: "postOnlyWouldTake"
        case .fillOrKillUnfilled: "fillOrKillUnfilled"
        case .tierExceeded: "tierExceeded"
        case .openInterestCap: "openInterestCap"
        case .positionCap: "positionCap"
        case .insufficientMargin: "insufficientMargin"
        case .insufficientCash: "insufficientCash"
        case .debtOutstanding: "debtOutstanding"
        case .notFlat: "notFlat"
        case .notIsolated: "notIsolated"
        case .priceOverflow: "priceOverflow"
        case .pileLimit: "pileLimit"
        case .lockedUp: "lockedUp"
        case .noChange: "noChange"
        case .nothingPending: "nothingPending"
        case .noPrice: "noPrice"
        case .haircut: "haircut"
        }
    }
}
