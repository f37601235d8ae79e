/// What a source says and whether it counts at the time that is asked about (PX-1, PX-2).
public struct SourceView: Sendable {
    /// What becomes of a source's price.
    public enum Standing: Sendable {
        /// Nothing ever came from it.
        case unknown
        /// Its weight is zero.
        case withoutWeight
        /// A perpetual of another venue: a part of the mark (PX-10), never of the index.
        case perpetual
        /// Its price is not positive.
        case notPositive
        /// Its price is older than the market allows.
        case stale
        /// Its price is too far from the others' median.
        case tooFar
        /// It counts.
        case counts
        /// The standing as a word.
        public var term: StaticString {
            switch self {
            case .unknown: "unknown"
            case .withoutWeight: "withoutWeight"
            case .perpetual: "perpetual"
            case .notPositive: "notPositive"
            case .stale: "stale"
            case .tooFar: "tooFar"
            case .counts: "counts"
            }
        }
    }
    /// Its number in the market, 0 to 15.
    public var source: Int32 = 0
    /// What its price weighs in the median, 0 to 1,000.
    public var weight: Int32 = 0
    /// Of the index, or another venue's perpetual.
    public var kind = SourceKind.index
    /// The last price; none if none ever came.
    public var price = Price.none
    /// When that came.
    public var at = Timestamp(0)
    /// Whether it counts.
    public var standing = Standing.unknown
    /// One with nothing in it, for who fills it in.
    public init() {}
}

/// The backstop vault as the outside sees it (VLT-1 to VLT-5).
public struct VaultView: Sendable {
    /// Whether there is one.
    public var exists = false
    /// Cash and what its positions are worth at the marks.
    public var equity: Int128 = 0
    /// Equity less what its positions require: room for more (limit *margin*).
    public var available: Int128 = 0
    /// All shares.
    public var shares: Int64 = 0
    /// The venue's own among them.
    public var venueShares: Int64 = 0
    /// What came in less what was taken out.
    public var netCapital: Int128 = 0
    /// The leverage that it takes positions over at.
    public var leverage: Int32 = 0
    /// What is left of the venue's first loss (limit *edge*).
    public var firstLoss = Amount.zero
    /// The loss at which it takes no more (limit *loss*).
    public var lossLimit = Amount.unlimited
    /// µs for which new shares are locked up.
    public var lockUp: Int64 = 0
    /// Whether it is being liquidated itself.
    public var isInLiquidation = false
    /// One with nothing in it, for who fills it in.
    public init() {}
}

/// A position in profit and what ranks it (ADL-2).
public struct QueuedView: Sendable, QueueOrdered {
    /// Whose it is.
    public var account = AccountID.none
    /// Which position of the market.
    public var positionSide = PositionSide.both
    /// Lots that can be deleveraged: of an account that is long and short its net size, positive.
    public var size = Quantity.zero
    /// What it is ranked by.
    public var score: Int128 = 0
    /// Unrealised profit, a part of most scores.
    public var profit: Int128 = 0
    /// Notional by equity in 10⁻⁶, the other part.
    public var leverage: Int64 = 0
    /// Worth at the mark.
    public var notional: Int128 = 0
    /// Equity of its margin account.
    public var equity: Int128 = 0

    /// The number of its account.
    public var accountNumber: Int32 { account.raw }
}

/// A position and the equity of the margin account behind it.
public struct ExposureView: Sendable {
    /// Whose it is.
    public var account = AccountID.none
    /// Net lots (ADL-1), positive is long.
    public var size = Quantity.zero
    /// Equity of its margin account at the marks.
    public var equity: Int128 = 0
}

/// Views of the state for whoever shows it; no rule reads them.
extension Exchange {
    /// Calls `body` for every source of a market that has a weight or ever said something, by number, as it
    /// stands at `now`. O(16).
    public func forEachSource(_ id: MarketID, at now: Timestamp, _ body: (SourceView) -> Void) {
        if id.raw < 0 || Int(id.raw) >= markets.count { return }
        let all = markets[id.raw].sources
        let sources = all.span
        let staleAfter = markets[id.raw].specification.staleAfter
        let limit = markets[id.raw].specification.deviationLimit
        var isFresh = InlineArray<16, Bool>(repeating: false)
        var isAnyFresh = false
        for index in 0..<16 {
            isFresh[index] = sources[index].standing(at: now, staleAfter) == .counts
            if isFresh[index] { isAnyFresh = true }
        }
        let center = isAnyFresh ? Pricing.median(sources, isFresh) : .none
        let parts = Pricing.limitParts(sources, isFresh)
        for index in 0..<16 {
            let it = sources[index]
            // One that is configured and silent cannot be told from one that was never mentioned.
            if !it.isKnown { continue }
            var view = SourceView()
            view.source = Int32(index)
            view.weight = it.weight
            view.kind = it.kind
            view.price = it.price
            view.at = it.at
            view.standing = it.standing(at: now, staleAfter)
            if view.standing == .counts && it.isFar(from: center, limit, parts) {
                view.standing = .tooFar
            }
            body(view)
        }
    }

    /// The vault. O(its positions).
    public var vaultView: VaultView {
        var view = VaultView()
        view.exists = vault.exists
        view.equity = vaultHealth.equity
        view.available = vaultHealth.equity - requirements(AccountID.vault.raw)
        view.shares = vault.totalShares
        view.venueShares = vault.venueShares
        view.netCapital = Int128(vault.netCapital)
        view.leverage = vault.leverage
        view.firstLoss = vault.firstLoss
        view.lossLimit = vault.lossLimit
        view.lockUp = vault.lockUp
        view.isInLiquidation = margins[venue(.vault)].isInLiquidation
        return view
    }

    /// What the vault may hold of a market, and the edge that it asks there; nil without such a market.
    public func vaultTerms(_ id: MarketID) -> (cap: Amount, edge: Rate)? {
        if id.raw < 0 || Int(id.raw) >= markets.count { return nil }
        return (markets[id.raw].vaultCap, markets[id.raw].vaultEdge)
    }

    /// Calls `body` for every position of one direction of a market that is in profit, in no order.
    /// O(positions of the market).
    public func forEachQueued(_ id: MarketID, longs: Bool, _ body: (QueuedView) -> Void) {
        forEachInProfit(id, longs: longs) { ranked, health in
            var view = QueuedView()
            view.account = AccountID(ranked.account)
            view.positionSide = positions[ranked.position].side
            view.size = Quantity(ranked.lots)
            view.score = ranked.score
            view.profit = ranked.profit
            view.leverage = ranked.leverage
            view.notional = ranked.notional
            view.equity = health.equity
            body(view)
        }
    }

    /// Calls `body` for every position of one direction of a market that has net lots (ADL-1), with these and
    /// its margin account's equity, in no order. O(positions of the market).
    public func forEachExposure(_ id: MarketID, longs: Bool, _ body: (ExposureView) -> Void) {
        if id.raw < 0 || Int(id.raw) >= markets.count { return }
        var position = markets[id.raw].firstPosition
        while position >= 0 {
            let lots = positions[position].isLong == longs ? netLots(position) : 0
            if lots > 0 {
                var view = ExposureView()
                view.account = AccountID(positions[position].account)
                view.size = Quantity(longs ? lots : -lots)
                view.equity = health(positions[position].margin).equity
                body(view)
            }
            position = positions[position].nextPosition
        }
    }
}

extension Source {
    /// What becomes of its price, but for how far it is from the others'.
    @inline(__always)
    func standing(at now: Timestamp, _ staleAfter: Int64) -> SourceView.Standing {
        if !isKnown { return .unknown }
        if weight == 0 { return .withoutWeight }
        if price.ticks <= 0 { return .notPositive }
        if now.microseconds - at.microseconds > staleAfter { return .stale }
        return kind == .perp ? .perpetual : .counts
    }

    /// Whether its price is further from the median than a limit allows; a limit of zero is none (PX-1).
    @inline(__always)
    func isFar(from center: Price, _ limit: Rate, _ parts: Int128) -> Bool {
        if limit.units <= 0 { return false }
        let distance = Int128((Int128(price.ticks) - Int128(center.ticks)).magnitude)
        let far = distance * Int128(Rate.one.units) * parts
        let edge = Int128(limit.units) * Int128(center.ticks)
        return far > edge
    }
}
