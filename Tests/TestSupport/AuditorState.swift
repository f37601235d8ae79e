public import ExchangeCore

/// A leg as the auditor keeps it (LED-2, LED-3).
public struct AuditedLeg {
    public let market: Int
    public let side: PositionSide
    public var size: Whole = 0
    public var quote: Whole = 0
    public var isolatedCash: Whole = 0
    /// How many offers there had been when the position began (WF-5).
    var offersBefore = 0
    /// Whether its own, isolated bucket is in liquidation.
    public var inLiquidation = false
    /// The hedge it is marked for (ADL-18).
    var group = 0

    init(market: Int, side: PositionSide) {
        self.market = market
        self.side = side
    }

    /// `BOTH` and `LONG` before `SHORT`.
    var rank: Int { side == .short ? 1 : 0 }
}

/// What an account chose for a market.
public struct AuditedSetting {
    public let market: Int
    public var leverage: Whole
    public var isolated = false
}

/// An account: a cross bucket and legs (LED-2).
public struct AuditedAccount {
    public var owner: Int
    public var cash: Whole = 0
    public var killed = false
    public var hedge = false
    /// Whether the cross bucket is in liquidation.
    public var inLiquidation = false
    public var legs: [AuditedLeg] = []
    public var settings: [AuditedSetting] = []
    public var shares: Whole = 0
    var lockedUntil: Whole = 0
    /// The vault's leverage in every market (VLT-1).
    var everywhere: Whole?

    init(owner: Int) { self.owner = owner }

    func leg(_ market: Int, _ side: PositionSide) -> Int? {
        for index in legs.indices where legs[index].market == market && legs[index].side == side {
            return index
        }
        return nil
    }

    mutating func touch(_ market: Int, _ side: PositionSide) -> Int {
        if let index = leg(market, side) { return index }
        legs.append(AuditedLeg(market: market, side: side))
        return legs.count - 1
    }
}

/// One source of a market's prices (PX-1).
struct AuditedSource {
    var price: Whole = 0
    var at: Whole = 0
    var known = false
    /// Whether its going stale was seen to (DET-4).
    var wentStale = false
    var weight: Whole = 1
    /// Whether it is another venue's perpetual (PX-7).
    var perp = false
}

/// One bracket (MG-5).
struct AuditedTier {
    var upTo: Whole
    var rate: Whole
    var leverage: Whole
}

/// A market.
public struct AuditedMarket {
    var rules: MarketSpecification
    var tiers: [AuditedTier]
    /// Worth of one lot at one tick (LED-1).
    public let u: Whole
    public var state = MarketState.open
    public var mark: Whole = 0
    public var previous: Whole = 0
    public var latest: Whole = 0
    public var index: Whole = 0
    public var validity = PriceValidity.none
    public var last: Whole = 0
    /// Last print between two users' orders (PX-9).
    var lastOfUsers: Whole = 0
    var lastFunding: Whole = 0
    var memory = AuditedMemory()
    var markBefore: Whole = 0
    /// Rate of the funding paid since the command began (MG-6).
    var ratePaid: Whole = 0
    var sources = [AuditedSource](repeating: AuditedSource(), count: 16)
    var nextFunding: Whole?
    var premiumSum: Whole = 0
    var premiumWeight: Whole = 0
    var lastSample: Whole?
    /// The premium that stands since then, while one does (FUND-1).
    var premium: Whole?
    var fundSpent: Whole = 0
    var capOpenInterest: Whole = 0
    var capPosition: Whole = 0
    var backstopRate: Whole = 0
    var vaultCap: Whole = noLimit
    var vaultEdge: Whole = 0
    /// Whether the mark was set or a trade printed in the command (BK-22).
    var stirred = false
    /// Whether the vault took something over here in the command (VLT-6).
    var vaultTook = false
    var trades: Int64 = 0
}

/// An open order, resting or conditional.
public struct AuditedOrder {
    public var id: Int64
    public var account: Int
    public var market: Int
    public var side: PositionSide
    public var buy: Bool
    public var type: OrderType
    public var timeInForce: TimeInForce
    public var price: Whole
    public var quantity: Whole
    public var filled: Whole = 0
    public var trigger: Whole
    public var activate: Whole
    public var callback: Whole
    public var working: WorkingType
    public var goodTill: Whole
    public var reduceOnly: Bool
    public var closePosition: Bool
    public var selfTrade: SelfTrade
    public var clientID: ClientID
    public var resting = false
    /// Place in time at its price, and since when it stands there.
    var arrival = 0
    var restedAt: Whole = 0
    /// Trailing: whether it follows, and the best price since.
    var follows = false
    var extreme: Whole = 0
    public var priceProtect: Bool
    public var priceMatch: PriceMatch

    /// Lots not filled.
    public var remaining: Whole { quantity - filled }
    /// Never opens or adds (BK-6, BK-9).
    public var onlyReduces: Bool {
        reduceOnly || closePosition || (side == .long && !buy) || (side == .short && buy)
    }

    init(_ c: PlaceOrder, id: Int64) {
        self.id = id
        account = Int(c.account.raw)
        market = Int(c.market.raw)
        side = c.positionSide
        buy = c.side == .buy
        type = c.type
        timeInForce = c.timeInForce
        price = Whole(c.price.ticks)
        quantity = Whole(c.quantity.lots)
        trigger = Whole(c.triggerPrice.ticks)
        activate = Whole(c.activatePrice.ticks)
        priceProtect = c.priceProtect
        priceMatch = c.priceMatch
        callback = Whole(c.callbackRate.units)
        working = c.workingType
        goodTill = Whole(c.goodTill.microseconds)
        reduceOnly = c.reduceOnly
        closePosition = c.closePosition
        selfTrade = c.selfTrade
        clientID = c.clientID
    }
}

/// A volunteer's offer (WF-5).
public struct AuditedOffer {
    public var account: Int
    public var market: Int
    public var side: Side
    public var quantity: Whole
    public var edge: Whole
    var age: Int
    /// Its number among all offers.
    var number: Int
}

/// What is margined, liquidated and deleveraged (LED-2).
public struct Bucket: Equatable {
    public var account: Int
    /// Which leg's isolated bucket; nil: the cross bucket.
    public var leg: Int?
}

/// A fill as the auditor saw it.
public struct AuditedTrade: Equatable {
    public var market: Int
    public var price: Whole
    public var quantity: Whole
    public var maker: Int
    public var taker: Int
    public var makerOrder: Int64
    public var takerOrder: Int64
    public var makerFee: Whole
    public var takerFee: Whole
    public var episode: Int64
}

/// A closing outside of the book.
public struct AuditedClosing: Equatable {
    public var episode: Int64
    public var kind: TransferKind
    public var market: Int
    public var quantity: Whole
    public var price: Whole
    public var closed: Int
    public var counterparty: Int
    public var adjustment: Whole = 0
    public var bid: Whole = 0
    public var kept: Whole = 0
    public var rank = 0
    public var score: Whole = 0
    public var paid: Whole = 0
}

/// What the vault could take (WF-6).
public struct AuditedQuote: Equatable {
    public var episode: Int64
    public var market: Int
    public var asked: Whole
    public var taken: Whole
    public var limit: VaultLimit
    public var equity: Whole = 0
    public var firstLoss: Whole = 0
}

/// A charge of WF-8.
public struct AuditedCharge: Equatable {
    public var episode: Int64
    public var account: Int
    public var market: Int
    public var amount: Whole
}

/// An episode with every number of its sum (RCP-5).
public struct AuditedEpisode: Equatable {
    public var number: Int64
    public var account: Int
    public var market: Int
    public var round: Int
    public var equityBefore: Whole = 0
    public var maintenance: Whole = 0
    public var outcome = EpisodeOutcome.healthy
    public var deficit: Whole = 0
    public var recourse: Whole = 0
    public var fund: Whole = 0
    public var vault: Whole = 0
    public var givenUp: Whole = 0
    public var residual: Whole = 0
    public var debt: Whole = 0
    public var rounding: Whole = 0
    public var bids: Whole = 0
    public var needed: Whole = 0
    public var taken: Whole = 0
    public var equity: Whole = 0
    /// What counts against `fundPerEvent`.
    var spent: Whole = 0
    /// The market whose limits hold for what the fund pays.
    var limits: Int?
    /// Whether the last leg was closed in steps 5 to 8 (WF-9).
    var closedLate = false
}

/// One place of the queue of WF-0.
struct QueueEntry {
    var bucket: Bucket
    var episode: AuditedEpisode
}

/// A waterfall under way (WF-0, WF-11).
struct Waterfall {
    enum Phase { case cancel, net, resolve }
    var trigger: Int
    var round = 1
    var queue: [QueueEntry]
    var phase = Phase.cancel
    var place = 0
    var touched: [Bucket] = []
}

/// The backstop vault's rules (VLT-1).
struct AuditedVault {
    var firstLoss: Whole = 0
    var lossLimit: Whole = noLimit
    var lockUp: Whole = 0
    var totalShares: Whole = 0
    var netCapital: Whole = 0
}

/// Everything that the auditor knows of an exchange; copied for trials (BK-11).
struct AuditedState {
    var accounts: [AuditedAccount] = [
        AuditedAccount(owner: 0), AuditedAccount(owner: 0), AuditedAccount(owner: 0),
    ]
    var markets: [AuditedMarket] = []
    var orders: [AuditedOrder] = []
    var offers: [AuditedOffer] = []
    var vault: AuditedVault?
    var debtRule = DebtRule.refuse
    var deposits: Whole = 0
    var withdrawals: Whole = 0
    var nextOrder: Int64 = 1
    var nextEpisode: Int64 = 1
    var arrivals = 0
    var offerCount = 0
}

/// The counts that bound an exchange (LIM-1), as plain numbers.
public struct AuditedLimits: Sendable {
    public var accounts = 16_777_216
    public var markets = 16_384
    public var positionsPerAccount = 256
    public var ordersPerPosition = 200
    public var offersPerSide = 1_000
    public var requestKeys = 1_024
    public var waterfallSteps = 4_096
    public var activations = 4_096
    public init() {}
}
