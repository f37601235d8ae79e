// Made by `make records` of Records/statuses.txt; change it there.

/// What became of a command. Where several would apply, the first of an order of their own is given
/// (Specs/commands.md); numbers are written in logs and never change their meaning.
@frozen public enum Status: UInt8, CodedEnum {
    case ok

    // The envelope: the command has no place in the sequence and consumes no number.
    case alreadyApplied, sequenceGap, timeBackwards, tickFirst, continueFirst

    // The shape of the command itself.
    case invalidField = 10, invalidSymbol, invalidTick, invalidTiers, invalidPrice, invalidQuantity
    case invalidAmount, invalidRate, invalidTime, invalidLeverage, invalidTrigger, invalidCombination

    // What it refers to.
    case symbolExists = 30, unknownMarket, unknownAccount, unknownOrder, venueAccount, sameAccount
    case accountLimit, marketLimit, orderLimit, positionLimit, offerLimit, sourceLimit, noVault

    // What the state allows.
    case marketSettled = 50, marketHalted, marketReduceOnly, killed, noMark, duplicateClientID
    case positionSideMismatch, reduceOnlyRejected, inLiquidation, priceBand, wouldTrigger, postOnlyWouldTake
    case fillOrKillUnfilled, tierExceeded, openInterestCap, positionCap, insufficientMargin, insufficientCash
    case debtOutstanding, notFlat, notIsolated, priceOverflow, pileLimit, lockedUp, noChange, nothingPending
    case noPrice, haircut

    public static var zero: Status { .ok }
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
