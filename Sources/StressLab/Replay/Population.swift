/// One leveraged holder before the crash.
struct Holder {
    /// Account value in quote currency.
    var equity: Double
    /// Notional over account value.
    var leverage: Double
    var isLong = true
    var notional: Double { equity * leverage }
}

/// Accounts drawn from the marginals that were published of the accounts deleveraged on 10 October 2025.
///
/// Account value and leverage are drawn by themselves, as only their marginals are published; the quantiles
/// are those of the 19,337 accounts that Hyperliquid deleveraged (HyperMultiAssetedADL): leverage p10 0.05,
/// p25 0.16, p50 0.43, p75 0.99, p90 3.24, p95 6.5, p99 135; account value p25 279, p50 941, p75 6,000,
/// p90 43,700, p99 1.67 million, p99.9 26 million. What the market's tiers allow at a position's size cuts
/// the first off: nobody could hold more.
struct Population {
    var holders: [Holder]

    static let leverage = Quantiles([
        (0, 0.01), (0.10, 0.05), (0.25, 0.16), (0.50, 0.43), (0.75, 0.99), (0.90, 3.24), (0.95, 6.5),
        (0.99, 135), (1, 200),
    ])
    static let equity = Quantiles([
        (0, 20), (0.25, 279), (0.50, 941), (0.75, 6_000), (0.90, 43_700), (0.99, 1_670_000),
        (0.999, 26_000_000), (1, 60_000_000),
    ])

    /// The highest leverage up to a notional, lowest first, the last for all above: a little less than the
    /// market's own, so that the fee and a rounded lot still fit.
    struct Bracket {
        var upTo: Double
        var leverage: Double
    }

    /// What an account may hold at most: the first bracket whose leverage the position keeps, or its border.
    static func allowed(_ leverage: Double, equity: Double, _ brackets: [Bracket]) -> Double {
        var floor = 0.0
        for bracket in brackets {
            let held = min(leverage, bracket.leverage)
            // A bracket that begins above what its leverage allows ends the position at its border.
            if equity * held <= floor { return floor / equity }
            if equity * held <= bracket.upTo { return held }
            floor = bracket.upTo
        }
        return min(leverage, brackets.last?.leverage ?? leverage)
    }

    /// Draws `count` holders. Sides are given, largest first, to the side with less so far, so that longs
    /// and shorts nearly balance; what is left over the makers hold.
    init(count: Int, seed: UInt64, brackets: [Bracket]) {
        var random = Random(seed: seed)
        holders = (0..<count).map { _ in
            let equity = Population.equity.value(at: random.uniform())
            let leverage = Population.leverage.value(at: random.uniform())
            return Holder(
                equity: equity,
                leverage: Population.allowed(leverage, equity: equity, brackets)
            )
        }
        let bySize = holders.indices.sorted {
            holders[$0].notional != holders[$1].notional
                ? holders[$0].notional > holders[$1].notional : $0 < $1
        }
        var longs = 0.0
        var shorts = 0.0
        for index in bySize {
            holders[index].isLong = longs <= shorts
            if longs <= shorts { longs += holders[index].notional } else { shorts += holders[index].notional }
        }
    }

    /// Notional of the longs.
    var longNotional: Double { holders.reduce(0) { $0 + ($1.isLong ? $1.notional : 0) } }
}
