import ExchangeCore

/// What a position is worth and needs, worked out from what the core says (MG-1, MG-5).
struct PositionValues {
    let leg: LegSnapshot
    let entry: MarketEntry
    /// Worth at the mark, signed like the size.
    var notional: Int128 = 0
    var unrealized: Int128 = 0
    var maintenance: Int128 = 0
    /// Initial margin of the position alone.
    var positionInitial: Int128 = 0
    /// What its open orders need besides.
    var orderInitial: Int128 = 0

    var position: PositionView { leg.position }
    var isUsed: Bool { position.size.lots != 0 || leg.orders > 0 }
    /// Cash of its own bucket with its unrealised profit; nothing in cross mode.
    var isolatedMargin: Int128 {
        position.mode == .isolated ? Int128(position.isolatedCash.units) + unrealized : 0
    }

    init(_ leg: LegSnapshot, _ entry: MarketEntry, _ market: MarketView) {
        self.leg = leg
        self.entry = entry
        let size = leg.position.size
        unrealized = leg.position.unrealized
        maintenance = leg.position.maintenance
        notional = market.mark == .none ? 0 : entry.worth(size, market.mark)
        let held = PositionValues.held(leg.position, entry, market)
        positionInitial = entry.table.initial(held, leverage: leg.position.leverage)
        orderInitial = needed(held) - positionInitial
        if orderInitial < 0 { orderInitial = 0 }
    }

    /// The notional by which margins are worked out: at the worse of mark and latest mark.
    private static func held(_ position: PositionView, _ entry: MarketEntry, _ market: MarketView) -> Int128 {
        if position.size.lots == 0 { return 0 }
        let mark = market.mark.ticks
        let latest = market.latestMark.ticks
        let price = position.size.lots > 0 ? min(mark, latest) : max(mark, latest)
        if price == 0 { return Int128(position.quote.units.magnitude) }
        return entry.worth(position.size.magnitude, Price(price))
    }

    private func needed(_ held: Int128) -> Int128 {
        let signed = position.size.lots > 0 ? held : -held
        let most: Int128
        switch position.positionSide {
        case .both:
            let up = signed + leg.bidNotional
            let down = signed - leg.askNotional
            most = max(up < 0 ? -up : up, down < 0 ? -down : down)
        case .long: most = held + leg.bidNotional
        case .short: most = held + leg.askNotional
        }
        let taker = max(0, entry.specification.taker.units)
        let fee = scaled(leg.bidNotional + leg.askNotional, by: Int128(taker), over: 100_000_000, .up)
        return entry.table.initial(most, leverage: position.leverage) + leg.lossAtMark + fee
    }
}

/// An account's positions with their values, and the sums that replies show.
struct AccountValues {
    let view: AccountView
    var positions: [PositionValues] = []
    let markets: [MarketID: MarketView]

    init(_ snapshot: AccountSnapshot, _ directory: MarketDirectory) {
        view = snapshot.view
        markets = snapshot.markets
        for leg in snapshot.legs {
            guard let entry = directory[leg.position.market], let market = markets[leg.position.market] else {
                continue
            }
            positions.append(PositionValues(leg, entry, market))
        }
    }

    var isolatedCash: Int128 { positions.reduce(0) { $0 + Int128($1.position.isolatedCash.units) } }
    var wallet: Int128 { Int128(view.cash.units) + isolatedCash }
    var unrealized: Int128 { positions.reduce(0) { $0 + $1.unrealized } }
    var crossUnrealized: Int128 {
        positions.reduce(0) { $0 + ($1.position.mode == .cross ? $1.unrealized : 0) }
    }
    var maintenance: Int128 { positions.reduce(0) { $0 + $1.maintenance } }
    var positionInitial: Int128 { positions.reduce(0) { $0 + $1.positionInitial } }
    var orderInitial: Int128 { positions.reduce(0) { $0 + $1.orderInitial } }
    var available: Int128 { max(0, view.available) }
    /// The gate of a withdrawal (MG-11): cash or equity, whichever is less, above what is required.
    var withdrawable: Int128 {
        max(0, min(Int128(view.cash.units), view.crossEquity) - view.requirement)
    }

    /// The mark, in ticks, at which a position's bucket would be liquidated if only this market moved; nil
    /// if there is no such price.
    ///
    /// Health, equity less maintenance, is concave in the mark, so on either side of the present mark it
    /// falls below zero at most once: the place is found by bisection, exactly. Of two sides in one bucket
    /// the smaller may gain whichever way the other is liquidated: it goes at the other's price.
    func liquidationPrice(of place: Int) -> Int64? {
        let it = positions[place]
        guard let mark = markets[it.position.market]?.mark.ticks, mark > 0, it.position.size.lots != 0 else {
            return nil
        }
        let isLong = it.position.size.lots > 0
        if health(at: mark, of: it) < 0 { return mark }
        if let own = liquidationPrice(of: it, from: mark, falling: isLong) { return own }
        let isHedged = positions.contains {
            $0.position.market == it.position.market && $0.position.positionSide != it.position.positionSide
                && $0.position.size.lots != 0 && $0.position.mode == .cross && it.position.mode == .cross
        }
        return isHedged ? liquidationPrice(of: it, from: mark, falling: !isLong) : nil
    }

    private func liquidationPrice(of it: PositionValues, from mark: Int64, falling: Bool) -> Int64? {
        var good = mark
        var bad = falling ? 1 : Price.highest.ticks
        if health(at: bad, of: it) >= 0 { return nil }
        while abs(good - bad) > 1 {
            let middle = (good + bad) / 2
            if health(at: middle, of: it) < 0 { bad = middle } else { good = middle }
        }
        return bad
    }

    /// Equity less maintenance of the bucket that a position belongs to, at another mark of its market.
    private func health(at mark: Int64, of it: PositionValues) -> Int128 {
        let isIsolated = it.position.mode == .isolated
        var health = isIsolated ? Int128(it.position.isolatedCash.units) : Int128(view.cash.units)
        for other in positions where other.position.size.lots != 0 {
            let isSame =
                isIsolated
                ? other.position.market == it.position.market
                    && other.position.positionSide == it.position.positionSide
                : other.position.mode == .cross
            if !isSame { continue }
            if other.position.market != it.position.market {
                health += other.unrealized - other.maintenance
                continue
            }
            let worth = other.entry.worth(other.position.size, Price(mark))
            health += worth + Int128(other.position.quote.units)
            health -= other.entry.table.maintenance(worth < 0 ? -worth : worth)
        }
        return health
    }
}
