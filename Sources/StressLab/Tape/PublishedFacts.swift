/// The crash of 10 October 2025 as its published facts tell it, for a machine without a tape.
///
/// Twenty (time, price) facts: for each market the price before the crash and the low of Binance's
/// COIN-M perpetual with its second, and the same two for spot. Between two facts the path is a straight
/// line; what came after the lows is not told and the price stays there.
///
/// Sources: perpetuals: Tardis trade tapes of Binance COIN-M in the public repository
/// "TheGlory/October-10" (analysis/spotandFutures/coin_margined), as summarised there; spot: Coinbase
/// tapes in the same repository, of which the falls from before the crash to the low are published
/// (AVAX to 17.00), and Binance spot for TRX. The spot lows' seconds are not published; the perpetual's
/// are taken for them.
public enum PublishedFacts {
    struct Fact {
        var market: String
        /// Before 20:50:00 UTC, in 10⁻⁸.
        var perpetualBefore: Int64
        var perpetualLow: Int64
        /// Second of the low since 1970.
        var second: Int64
        var spotBefore: Int64
        var spotLow: Int64
    }

    /// 10 October 2025, 20:50:00 UTC.
    static let start: Int64 = 1_760_129_400
    /// The first liquidation on Hyperliquid, 21:15:03 UTC; until then the price is taken to have stood.
    static let fall: Int64 = 1_760_130_903

    static let facts: [Fact] = [
        // 21:21:29; spot fell 36.1 % to 17.00
        Fact(
            market: "AVAX",
            perpetualBefore: 2_659_000_000,
            perpetualLow: 602_000_000,
            second: 1_760_131_289,
            spotBefore: 2_660_400_000,
            spotLow: 1_700_000_000
        ),
        // 21:21:19; spot fell 50.7 %
        Fact(
            market: "AAVE",
            perpetualBefore: 25_952_000_000,
            perpetualLow: 6_342_000_000,
            second: 1_760_131_279,
            spotBefore: 25_952_000_000,
            spotLow: 12_794_000_000
        ),
        // 21:20:46; spot fell 27.9 %
        Fact(
            market: "DOT",
            perpetualBefore: 396_200_000,
            perpetualLow: 69_600_000,
            second: 1_760_131_246,
            spotBefore: 396_200_000,
            spotLow: 285_660_000
        ),
        // 21:21:43; spot fell 22.8 %
        Fact(
            market: "XLM",
            perpetualBefore: 36_243_000,
            perpetualLow: 16_514_000,
            second: 1_760_131_303,
            spotBefore: 36_243_000,
            spotLow: 27_979_000
        ),
        // 21:24:50; spot fell 9.2 %
        Fact(
            market: "TRX",
            perpetualBefore: 33_014_000,
            perpetualLow: 30_054_000,
            second: 1_760_131_490,
            spotBefore: 33_014_000,
            spotLow: 29_976_000
        ),
    ]

    /// A tape drawn through the facts, one bar a second.
    public static var tape: Tape {
        var tape = Tape()
        for fact in facts {
            tape.add(
                series(
                    "published",
                    fact.market + "_PERP",
                    fact.perpetualBefore,
                    fact.perpetualLow,
                    fact.second
                )
            )
            tape.add(series("published", fact.market + "-SPOT", fact.spotBefore, fact.spotLow, fact.second))
        }
        return tape
    }

    private static func series(
        _ venue: String,
        _ symbol: String,
        _ before: Int64,
        _ low: Int64,
        _ second: Int64
    ) -> Series {
        var series = Series(venue: venue, symbol: symbol)
        var last = before
        for time in start...(second + 60) {
            let part = min(max(0, time - fall), second - fall)
            let price = before + (low - before) * part / (second - fall)
            series.bars.append(
                Bar(second: time, open: last, high: max(last, price), low: min(last, price), close: price)
            )
            last = price
        }
        return series
    }
}

extension Tape {
    /// Adds a series that was made, not read.
    mutating func add(_ made: Series) { series.append(made) }
}
