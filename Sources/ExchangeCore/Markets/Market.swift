/// One outside source of a market's price.
struct Source: BitwiseCopyable {
    var price = Price.none
    var at = Timestamp(0)
    var weight: Int32 = 1
    var kind = SourceKind.index
    /// Whether a price has ever come.
    var isKnown = false
}

/// A market: its rules, prices, book, positions and the parts of its state that a command leaves behind.
struct Market: BitwiseCopyable {
    // What every order and every fill reads comes first, and so lies in few cache lines.
    /// u: 10⁻⁸ of the quote currency a lot and tick (LED-1).
    var unitValue: Int64 = 1
    var mark = Price.none
    var latestMark = Price.none
    /// The lowest bracket, in which most positions are: `specification.table.tiers[0]`.
    var firstTier = Tier()
    var maker = Rate.zero
    var taker = Rate.zero
    var priceBand = Rate.zero
    var roots = BookRoots()
    var lastPrice = Price.none
    /// Price of the last print between two users' orders: of no liquidation, not the vault's (PX-9).
    var lastOrderPrice = Price.none
    var trades: Int64 = 0
    var openInterest = Quantity.zero
    var openInterestCap = Quantity.zero
    var positionCap = Quantity.zero
    var backstopRate = Rate.zero
    var state = MarketState.open
    var validity = PriceValidity.none
    /// Whether the market stands in the list of those whose conditional orders are looked at.
    var isActive = false
    /// Mark and last trade that its trailing orders have followed; not a part of the state.
    var followedMark = Price.none
    var followedLast = Price.none
    /// Highest maintenance rate: `r` of MG-7.
    var highestRate = Rate.zero
    var longTriggers = nowhere
    var shortTriggers = nowhere

    /// Its rules; the few fields above that repeat a part of them are set by `derive`.
    var specification = MarketSpecification()
    /// The steps of its waterfall.
    var steps = WaterfallSteps.byNumber
    /// Deductions of the tiers in 10⁻¹⁶ (MG-5).
    var deductions = InlineArray<10, Int128>(repeating: 0)

    // Prices (PX).
    var sources = InlineArray<16, Source>(repeating: Source())
    var previousMark = Price.none
    var index = Price.none
    var validSources: Int32 = 0
    var staleness = nowhere
    /// What the mark method remembers (PX-8), if it remembers anything.
    var memory = nowhere

    // Conditional orders: mark and last, each rising and falling; trailing ones.
    var markRising = nowhere
    var markFalling = nowhere
    var lastRising = nowhere
    var lastFalling = nowhere
    var firstTrailing = nowhere
    /// Prices at which none of them follows; not a part of the state.
    var still = StillPrices()

    // Positions.
    var firstPosition = nowhere
    var lastPosition = nowhere
    var positions: Int32 = 0

    // Funding (FUND).
    var premiumSum: Int128 = 0
    var premiumWeight: Int64 = 0
    var lastSample = Timestamp(0)
    var hasSample = false
    /// The premium that stands since the last sample, and whether one does (FUND-1).
    var lastPremium: Int64 = 0
    var isSampling = false
    var funding = nowhere
    /// Rate of the last payment (PX-9).
    var lastFunding = Rate.zero

    // Offers by the side of the liquidation that they answer, best first.
    var sellOffers = nowhere
    var buyOffers = nowhere
    var sellOfferCount: Int32 = 0
    var buyOfferCount: Int32 = 0

    // Limits of the waterfall.
    var fundDrawn = Amount.zero
    var vaultCap = Amount.unlimited
    var vaultEdge = Rate.zero

    // What the present command did here; cleared when its waterfall is over.
    /// The mark before the command, by which losses are measured (MG-6).
    var markBefore = Price.none
    var isMoved = false
    /// Funding rate that the command paid; in a tick it stays for the deadlines that come after it.
    var fundingPaid = Rate.zero
    /// Whether the vault took something over here in this command.
    var vaultTookOver = false
    /// Whether a residual of the present episode was closed here.
    var isConcerned = false

    @inline(__always) var u: Int128 { Int128(unitValue) }
    /// Whether the market's positions may be closed by the waterfall (PX-5).
    @inline(__always) var isClosable: Bool {
        validity == .valid && (state == .open || state == .reduceOnly)
    }
    /// Whether any cap has to be looked at (MG-9).
    @inline(__always) var isCapped: Bool {
        openInterestCap.lots | positionCap.lots | backstopRate.units != 0
    }
    @inline(__always) var hasMark: Bool { mark.ticks > 0 }
}
