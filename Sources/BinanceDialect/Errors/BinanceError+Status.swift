public import ExchangeCore

/// What a command was for, where Binance's number depends on it (WIRE-5).
public enum RequestContext: Hashable, Sendable {
    /// An order of that side.
    case order(Side)
    /// A conditional order of that side.
    case algoOrder(Side)
    /// A change of a resting order.
    case amend
    /// A cancellation.
    case cancel
    /// A choice of leverage.
    case leverage(Int64)
    /// A choice of margin mode; whether the account has orders in the market.
    case marginType(hasOrders: Bool)
    /// A choice of position mode; whether the account has orders.
    case positionMode(hasOrders: Bool)
    /// Margin of an isolated position, added or taken out.
    case positionMargin(adds: Bool)
    /// Cash that comes or goes.
    case transfer
    /// A dead man's switch.
    case countdown
}

/// The core's statuses as Binance's errors. Every status has its line: a new one does not compile without.
extension BinanceError {
    /// The error for a status; nil for `ok`.
    public init?(_ status: Status, for context: RequestContext) {
        switch status {
        case .ok: return nil
        case .alreadyApplied, .sequenceGap, .timeBackwards, .tickFirst, .continueFirst:
            // The sequencer numbers commands itself: only load or a fault leads here; nothing was done.
            self = .overloaded
        case .invalidField, .invalidSymbol, .invalidTick, .invalidTiers, .invalidPrice, .invalidQuantity,
            .invalidAmount, .invalidRate, .invalidTime, .invalidLeverage, .invalidTrigger,
            .invalidCombination:
            self = BinanceError.shape(status, context)
        case .symbolExists, .unknownMarket, .unknownAccount, .unknownOrder, .venueAccount, .sameAccount,
            .accountLimit, .marketLimit, .orderLimit, .positionLimit, .offerLimit, .sourceLimit, .noVault:
            self = BinanceError.reference(status, context)
        case .marketSettled, .marketHalted, .marketReduceOnly, .killed, .noMark, .duplicateClientID,
            .positionSideMismatch, .reduceOnlyRejected, .inLiquidation, .priceBand, .wouldTrigger,
            .postOnlyWouldTake, .fillOrKillUnfilled:
            self = BinanceError.state(status, context)
        case .tierExceeded, .openInterestCap, .positionCap, .insufficientMargin, .insufficientCash,
            .debtOutstanding, .notFlat, .notIsolated, .priceOverflow, .pileLimit, .lockedUp, .noChange,
            .nothingPending, .noPrice, .haircut:
            self = BinanceError.money(status, context)
        }
    }

    /// What is wrong with the command itself; the parser has seen nearly all of it before.
    private static func shape(_ status: Status, _ context: RequestContext) -> BinanceError {
        switch status {
        case .invalidSymbol: return .badSymbol
        case .invalidPrice: return .highPrice
        case .invalidQuantity: return .largeQuantity
        case .invalidAmount: return .badAmount
        case .invalidTrigger: return .highTrigger
        case .invalidCombination:
            // The one thing that can be wrong with a change: the order has the other side.
            return context == .amend ? .badSide : .badCombination
        case .invalidLeverage:
            if case .leverage(let leverage) = context { return .leverage(leverage) }
            return .leverage(0)
        case .invalidTime: return context == .countdown ? .invalid("countdownTime") : .badGoodTill
        case .invalidTick: return .tick
        case .invalidTiers: return .invalid("tiers")
        case .invalidRate: return .invalid("rate")
        default: return .badClientID
        }
    }

    private static func reference(_ status: Status, _ context: RequestContext) -> BinanceError {
        switch status {
        case .unknownMarket: return .badSymbol
        case .unknownAccount, .venueAccount: return .badKey
        case .unknownOrder: return context == .cancel ? .unknownOrder : .noOrder
        case .sameAccount: return .invalid("account")
        case .orderLimit:
            if case .algoOrder = context { return BinanceError(-4045, "Reach max stop order limit.") }
            return BinanceError(-2025, "Reach max open order limit.")
        case .positionLimit: return BinanceError(-2025, "Reach max open order limit.")
        case .symbolExists: return .invalid("symbol")
        case .accountLimit, .marketLimit, .offerLimit, .sourceLimit: return .tooManyRequests
        case .noVault: return .unsupported
        default: return .unknown
        }
    }

    private static func state(_ status: Status, _ context: RequestContext) -> BinanceError {
        switch status {
        case .marketSettled: return BinanceError(-4141, "Symbol is closed.")
        case .marketHalted, .noMark:
            return BinanceError(-4140, "Invalid symbol status for opening position.")
        case .marketReduceOnly: return BinanceError(-4087, "User can only place reduce only order.")
        case .killed: return BinanceError(-4088, "User can not place order currently.")
        case .duplicateClientID:
            if case .algoOrder = context { return BinanceError(-20132, "Client algo id is duplicated.") }
            return BinanceError(-4116, "ClientOrderId is duplicated.")
        case .positionSideMismatch:
            return BinanceError(-4061, "Order's position side does not match user's setting.")
        case .reduceOnlyRejected: return BinanceError(-2022, "ReduceOnly Order is rejected.")
        case .inLiquidation: return BinanceError(-2023, "User in liquidation mode now.")
        case .priceBand:
            switch context {
            case .order(.sell), .algoOrder(.sell):
                return BinanceError(-4024, "Price is lower than mark price multiplier floor.")
            default: return BinanceError(-4016, "Price is higher than mark price multiplier cap.")
            }
        case .wouldTrigger: return BinanceError(-2021, "Order would immediately trigger.")
        case .postOnlyWouldTake:
            return BinanceError(
                -5022,
                "Due to the order could not be executed as maker, the Post Only order will be rejected."
            )
        case .fillOrKillUnfilled:
            return BinanceError(
                -5021,
                "Due to the order could not be filled immediately, the FOK order has been rejected."
            )
        default: return .unknown
        }
    }

    private static func money(_ status: Status, _ context: RequestContext) -> BinanceError {
        switch status {
        case .tierExceeded, .openInterestCap, .positionCap, .priceOverflow:
            return BinanceError(-2027, "Exceeded the maximum allowable position at current leverage.")
        case .insufficientMargin: return shortOfMargin(context)
        case .insufficientCash:
            if case .positionMargin = context { return shortOfMargin(context) }
            return .balance
        case .debtOutstanding, .haircut, .lockedUp, .pileLimit: return .balance
        case .notFlat: return notFlat(context)
        case .notIsolated:
            return BinanceError(-4054, "Cannot add position margin: position is 0.")
        case .noChange:
            switch context {
            case .marginType: return BinanceError(-4046, "No need to change margin type.")
            case .positionMode: return BinanceError(-4059, "No need to change position side.")
            default: return BinanceError(-5027, "No need to modify the order.")
            }
        case .noPrice: return BinanceError(-4140, "Invalid symbol status for opening position.")
        default: return .unknown
        }
    }

    private static func shortOfMargin(_ context: RequestContext) -> BinanceError {
        switch context {
        case .positionMargin(adds: true): BinanceError(-4050, "Cross balance insufficient.")
        case .positionMargin(adds: false): BinanceError(-4051, "Isolated balance insufficient.")
        case .leverage:
            BinanceError(-2028, "Leverage is smaller than permitted: insufficient margin balance.")
        case .transfer: .balance
        default: .margin
        }
    }

    private static func notFlat(_ context: RequestContext) -> BinanceError {
        switch context {
        case .positionMode(hasOrders: true):
            BinanceError(-4067, "Position side cannot be changed if there exists open orders.")
        case .positionMode:
            BinanceError(-4068, "Position side cannot be changed if there exists position.")
        case .marginType(hasOrders: true):
            BinanceError(-4047, "Margin type cannot be changed if there exists open orders.")
        default: BinanceError(-4048, "Margin type cannot be changed if there exists position.")
        }
    }
}
