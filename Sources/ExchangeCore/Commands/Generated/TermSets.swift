// Made by `make records` of Records/terms.txt; change it there.

/// Which way an order trades.
@frozen public enum Side: UInt8, CodedEnum {
    case buy, sell
    public static var zero: Side { .buy }
    public var term: StaticString { self == .buy ? "buy" : "sell" }
}

/// Which position of a market is meant: the one of one-way mode, or one of the two of hedge mode (LED-2).
@frozen public enum PositionSide: UInt8, CodedEnum {
    case both, long, short
    public static var zero: PositionSide { .both }
    public var term: StaticString {
        switch self {
        case .both: "BOTH"
        case .long: "LONG"
        case .short: "SHORT"
        }
    }
}

/// What an order is; all but the first two wait for a trigger.
@frozen public enum OrderType: UInt8, CodedEnum {
    case limit, market, stop, stopMarket, takeProfit, takeProfitMarket, trailingStopMarket
    public static var zero: OrderType { .limit }
    public var term: StaticString {
        switch self {
        case .limit: "limit"
        case .market: "market"
        case .stop: "stop"
        case .stopMarket: "stopMarket"
        case .takeProfit: "takeProfit"
        case .takeProfitMarket: "takeProfitMarket"
        case .trailingStopMarket: "trailingStopMarket"
        }
    }
}

/// How long an order may wait for a fill.
@frozen public enum TimeInForce: UInt8, CodedEnum {
    /// Good till cancelled.
    case gtc
    /// Fill what can be and cancel the rest.
    case ioc
    /// All at once or nothing.
    case fok
    /// Post-only.
    case gtx
    /// Good till a date.
    case gtd
    /// Good till cancelled, or till the position that it would reduce has ended (BK-25).
    case gte
    public static var zero: TimeInForce { .gtc }
    public var term: StaticString {
        switch self {
        case .gtc: "GTC"
        case .ioc: "IOC"
        case .fok: "FOK"
        case .gtx: "GTX"
        case .gtd: "GTD"
        case .gte: "GTE_GTC"
        }
    }
}

/// The price that a conditional order watches.
@frozen public enum WorkingType: UInt8, CodedEnum {
    case last, mark
    public static var zero: WorkingType { .last }
    public var term: StaticString { self == .last ? "last" : "mark" }
}

/// Which level of the book a conditional order takes its limit from when it fires (BK-27).
@frozen public enum PriceMatch: UInt8, CodedEnum {
    /// It has a limit of its own.
    case none
    /// The best level of the other side.
    case opponent
    /// Its fifth level.
    case opponent5
    /// Its tenth.
    case opponent10
    /// Its twentieth.
    case opponent20
    /// The best level of the order's own side.
    case queue
    /// Its fifth level.
    case queue5
    /// Its tenth.
    case queue10
    /// Its twentieth.
    case queue20
    public static var zero: PriceMatch { .none }
    public var term: StaticString {
        switch self {
        case .none: "NONE"
        case .opponent: "OPPONENT"
        case .opponent5: "OPPONENT_5"
        case .opponent10: "OPPONENT_10"
        case .opponent20: "OPPONENT_20"
        case .queue: "QUEUE"
        case .queue5: "QUEUE_5"
        case .queue10: "QUEUE_10"
        case .queue20: "QUEUE_20"
        }
    }
}

/// Who goes when an account would trade with itself.
@frozen public enum SelfTrade: UInt8, CodedEnum {
    case expireTaker, expireMaker, expireBoth
    public static var zero: SelfTrade { .expireTaker }
    public var term: StaticString {
        switch self {
        case .expireTaker: "expireTaker"
        case .expireMaker: "expireMaker"
        case .expireBoth: "expireBoth"
        }
    }
}

/// Whether a position shares the account's collateral or has its own (LED-2, LED-8).
@frozen public enum MarginMode: UInt8, CodedEnum {
    case cross, isolated
    public static var zero: MarginMode { .cross }
    public var term: StaticString { self == .cross ? "cross" : "isolated" }
}

/// One position a market, or one a side.
@frozen public enum PositionMode: UInt8, CodedEnum {
    case oneWay, hedge
    public static var zero: PositionMode { .oneWay }
    public var term: StaticString { self == .oneWay ? "oneWay" : "hedge" }
}

/// What a market takes.
@frozen public enum MarketState: UInt8, CodedEnum {
    /// Everything.
    case open
    /// Only orders that reduce.
    case reduceOnly
    /// Nothing but cancels.
    case halted
    /// Nothing, for good.
    case settled
    public static var zero: MarketState { .open }
    public var term: StaticString {
        switch self {
        case .open: "open"
        case .reduceOnly: "reduceOnly"
        case .halted: "halted"
        case .settled: "settled"
        }
    }
}

/// How the mark price follows from outside prices (PX-3, PX-9, PX-10).
@frozen public enum MarkMethod: UInt8, CodedEnum {
    case index, last, binance, hyperliquid
    public static var zero: MarkMethod { .index }
    public var term: StaticString {
        switch self {
        case .index: "index"
        case .last: "last"
        case .binance: "binance"
        case .hyperliquid: "hyperliquid"
        }
    }
}

/// What the price of an outside source is (PX-7).
@frozen public enum SourceKind: UInt8, CodedEnum {
    /// A spot price, of which the index is made.
    case index
    /// Another venue's perpetual.
    case perp
    public static var zero: SourceKind { .index }
    public var term: StaticString { self == .index ? "index" : "perp" }
}

/// What a price is worth; from worst to best (PX-1).
@frozen public enum PriceValidity: UInt8, CodedEnum {
    /// Never had a price.
    case none
    /// Not positive.
    case notPositive
    /// Fewer fresh sources than the quorum.
    case tooFew
    /// Too old.
    case stale
    /// Too far from the rest.
    case tooFar
    /// Valid.
    case valid
    public static var zero: PriceValidity { .none }
    public var term: StaticString {
        switch self {
        case .none: "none"
        case .notPositive: "notPositive"
        case .tooFew: "tooFew"
        case .stale: "stale"
        case .tooFar: "tooFar"
        case .valid: "valid"
        }
    }
}

/// How much a liquidation puts into the book (WF-3).
@frozen public enum LiquidationSizing: UInt8, CodedEnum {
    case justEnough, whole
    public static var zero: LiquidationSizing { .justEnough }
    public var term: StaticString { self == .justEnough ? "justEnough" : "whole" }
}

/// Who is deleveraged first (ADL-2, ADL-4, ADL-11 to ADL-17).
@frozen public enum Selection: UInt8, CodedEnum {
    case whale, returnTimesLeverage, proRataByProfit, bitmex, binance, hyperliquid, hyperliquidDocumented
    case bluefin, okx, lexicographic, lottery, proRataByContracts, proRataByEquity, cappedProRata
    case leastOvershoot
    public static var zero: Selection { .whale }
    public var term: StaticString {
        switch self {
        case .whale: "whale"
        case .returnTimesLeverage: "returnTimesLeverage"
        case .proRataByProfit: "proRataByProfit"
        case .bitmex: "bitmex"
        case .binance: "binance"
        case .hyperliquid: "hyperliquid"
        case .hyperliquidDocumented: "hyperliquidDocumented"
        case .bluefin: "bluefin"
        case .okx: "okx"
        case .lexicographic: "lexicographic"
        case .lottery: "random"
        case .proRataByContracts: "proRataByContracts"
        case .proRataByEquity: "proRataByEquity"
        case .cappedProRata: "cappedProRata"
        case .leastOvershoot: "leastOvershoot"
        }
    }
}

/// Whether an owner's other accounts bear its deficit before anybody else (ADL-10).
@frozen public enum OwnAccountRule: UInt8, CodedEnum {
    /// Its opposite positions in the market bear it first, down to zero equity.
    case first
    /// They are asked in the queue like all others.
    case asOthers
    /// As `first`, and then a named owner's other accounts pay what they have above maintenance, in any
    /// market.
    case recourse
    public static var zero: OwnAccountRule { .first }
    public var term: StaticString {
        switch self {
        case .first: "first"
        case .asOthers: "asOthers"
        case .recourse: "recourse"
        }
    }
}

/// Whether what an account marked as a hedge stands behind everything else (ADL-18).
@frozen public enum HedgeRule: UInt8, CodedEnum {
    case ignored, honoured
    public static var zero: HedgeRule { .ignored }
    public var term: StaticString { self == .ignored ? "ignored" : "honoured" }
}

/// How a margin account's deficit is laid on its positions (MG-6).
@frozen public enum DeficitShare: UInt8, CodedEnum {
    case byLoss, byMaintenance
    public static var zero: DeficitShare { .byLoss }
    public var term: StaticString { self == .byLoss ? "byLoss" : "byMaintenance" }
}

/// Who may be deleveraged (ADL-1).
@frozen public enum CandidateRule: UInt8, CodedEnum {
    /// Margin accounts past takeover are spared, up to step 8.
    case notPastTakeover
    /// In the second pass they bear it like all others.
    case everybody
    public static var zero: CandidateRule { .notPastTakeover }
    public var term: StaticString { self == .notPastTakeover ? "notPastTakeover" : "everybody" }
}

/// What happens to withdrawals while the insurance fund owes (WF-8).
@frozen public enum DebtRule: UInt8, CodedEnum {
    case refuse, haircut
    public static var zero: DebtRule { .refuse }
    public var term: StaticString { self == .refuse ? "refuse" : "haircut" }
}

/// Which limit of the backstop vault binds (WF-6).
@frozen public enum VaultLimit: UInt8, CodedEnum {
    /// Nothing binds.
    case none
    /// There is no vault.
    case absent
    /// The vault itself is being liquidated.
    case inLiquidation
    case margin, cap, edge, loss
    public static var zero: VaultLimit { .none }
    public var term: StaticString {
        switch self {
        case .none: "none"
        case .absent: "absent"
        case .inLiquidation: "inLiquidation"
        case .margin: "margin"
        case .cap: "cap"
        case .edge: "edge"
        case .loss: "loss"
        }
    }
}

/// Why an order left without being filled.
@frozen public enum CancelReason: UInt8, CodedEnum {
    case request, immediateOrCancel, expired, countdown, kill, selfTrade, margin, reduceOnly, liquidation
    case settlement, amended, refused, cancelAll
    /// It would have opened while the market has no valid price (PX-5).
    case noPrice
    public static var zero: CancelReason { .request }
    public var term: StaticString {
        switch self {
        case .request: "request"
        case .immediateOrCancel: "immediateOrCancel"
        case .expired: "expired"
        case .countdown: "countdown"
        case .kill: "kill"
        case .selfTrade: "selfTrade"
        case .margin: "margin"
        case .reduceOnly: "reduceOnly"
        case .liquidation: "liquidation"
        case .settlement: "settlement"
        case .amended: "amended"
        case .refused: "refused"
        case .cancelAll: "cancelAll"
        case .noPrice: "noPrice"
        }
    }
}

/// Why cash moved: the reason of a ledger entry (LED-5).
@frozen public enum LedgerReason: UInt8, CodedEnum {
    case deposit, withdrawal, transfer, trade, tradingFee, rebate, liquidationFee, funding, isolatedMargin
    case netting, insurance, volunteer, volunteerBid, takeover, deleveraging, residual, rounding, settlement
    case vaultDeposit, vaultRedemption, debtRepayment, recourse
    public static var zero: LedgerReason { .deposit }
    public var term: StaticString {
        switch self {
        case .deposit: "deposit"
        case .withdrawal: "withdrawal"
        case .transfer: "transfer"
        case .trade: "trade"
        case .tradingFee: "tradingFee"
        case .rebate: "rebate"
        case .liquidationFee: "liquidationFee"
        case .funding: "funding"
        case .isolatedMargin: "isolatedMargin"
        case .netting: "netting"
        case .insurance: "insurance"
        case .volunteer: "volunteer"
        case .volunteerBid: "volunteerBid"
        case .takeover: "takeover"
        case .deleveraging: "deleveraging"
        case .residual: "residual"
        case .rounding: "rounding"
        case .settlement: "settlement"
        case .vaultDeposit: "vaultDeposit"
        case .vaultRedemption: "vaultRedemption"
        case .debtRepayment: "debtRepayment"
        case .recourse: "recourse"
        }
    }
}

/// How two accounts came to trade with each other.
@frozen public enum TradeKind: UInt8, CodedEnum {
    case order, liquidation
    public static var zero: TradeKind { .order }
    public var term: StaticString { self == .order ? "order" : "liquidation" }
}

/// A closing outside of the book, by the step of the waterfall that did it.
@frozen public enum TransferKind: UInt8, CodedEnum {
    case netting, volunteer, vault, deleveraging, residual, settlement
    public static var zero: TransferKind { .netting }
    public var term: StaticString {
        switch self {
        case .netting: "netting"
        case .volunteer: "volunteer"
        case .vault: "vault"
        case .deleveraging: "deleveraging"
        case .residual: "residual"
        case .settlement: "settlement"
        }
    }
}

/// How an episode of the waterfall ended.
@frozen public enum EpisodeOutcome: UInt8, CodedEnum {
    /// Healthy again.
    case healthy
    /// Not yet: tried again at the next price.
    case waiting
    /// Without a position.
    case closed
    public static var zero: EpisodeOutcome { .healthy }
    public var term: StaticString {
        switch self {
        case .healthy: "healthy"
        case .waiting: "waiting"
        case .closed: "closed"
        }
    }
}
