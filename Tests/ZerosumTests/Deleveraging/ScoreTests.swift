import Testing

@testable import ExchangeCore

@Suite("Deleveraging: scores and shares as functions of values")
struct ScoreTests {
    @Test("ADL-2 Profit times leverage, and leverage")
    func profitTimesLeverage() {
        #expect(Score.profitTimesLeverage(profit: 300, leverage: 2_000_000) == 600_000_000)
        #expect(Score.profitTimesLeverage(profit: 0, leverage: 2_000_000) == 0)
        // A part that does not fit counts as 2⁶².
        #expect(Score.profitTimesLeverage(profit: 1 << 80, leverage: 2) == Int128(1) << 63)
        #expect(Score.leverage(notional: 100, equity: 50) == 2_000_000)
        #expect(Score.leverage(notional: 1, equity: 3) == 333_333)
        #expect(Score.leverage(notional: 100, equity: 0) == 0)
        #expect(Score.leverage(notional: 100, equity: -7) == 0)
    }

    @Test("ADL-4, ADL-11 Return, with and without its sign")
    func returns() {
        #expect(Score.signedReturn(unrealized: -50, entry: 300) == -166_666)
        #expect(Score.signedReturn(unrealized: 50, entry: 300) == 166_666)
        #expect(Score.signedReturn(unrealized: 50, entry: 0) == 0)
        #expect(Score.returnTimesLeverage(return: 5, leverage: 2) == 10)
        #expect(Score.returnTimesLeverage(return: -5, leverage: 2) == 0)
        #expect(Score.okx(return: -5, leverage: 3) == -15)
        #expect(Score.okx(return: 5, leverage: 3) == 15)
    }

    @Test("ADL-11 BitMEX: a winner's return times leverage, a loser's divided by it")
    func bitmex() {
        #expect(Score.bitmex(return: 5, leverage: 3, equity: 1) == 15)
        #expect(Score.bitmex(return: -5, leverage: 2, equity: 1) == -2_500_000_000_000)
        #expect(Score.bitmex(return: -5, leverage: 2, equity: 0) == 0)
        #expect(Score.bitmex(return: -5, leverage: 0, equity: 1) == -5_000_000_000_000)
    }

    @Test("ADL-11 Binance: profit over wallet times maintenance over margin balance")
    func binance() {
        let score = Score.binance(profit: 200_000_000, wallet: 100_000_000, maintenance: 1, equity: 2)
        #expect(score == 200_000_000 * 50_000_000)
        // A wallet counts as one at least.
        #expect(Score.binance(profit: 200_000_000, wallet: 7, maintenance: 1, equity: 2) == score)
        #expect(Score.binance(profit: -1, wallet: 7, maintenance: 1, equity: 2) == 0)
        #expect(Score.binance(profit: 5, wallet: 7, maintenance: 1, equity: 0) == 0)
    }

    @Test("ADL-11, ADL-12, ADL-13 Bluefin, both of Hyperliquid's, lexicographic")
    func others() {
        #expect(Score.bluefin(profit: 10, entry: 100, notional: 200, margin: 50) == 100_000 * 4_000_000)
        #expect(Score.bluefin(profit: -10, entry: 100, notional: 200, margin: 50) == 0)
        #expect(Score.bluefin(profit: 10, entry: 100, notional: 200, margin: 0) == 0)
        let documented = Score.hyperliquidDocumented(notional: 110, entry: 100, leverage: 2_000_000)
        #expect(documented == 110_000_000 * 2_000_000)
        let winner = Score.hyperliquid(notional: 200, equity: 100, unrealized: 10, entry: 100)
        #expect(winner == 200_000_000 * 10_000_000)
        #expect(Score.hyperliquid(notional: 200, equity: 100, unrealized: -1, entry: 100) == 200_000_000)
        #expect(Score.lexicographic(profit: 1, leverage: 7) == Int128(1) << 63 + 7)
        #expect(Score.lexicographic(profit: 2, leverage: 0) > Score.lexicographic(profit: 1, leverage: .max))
    }

    @Test("ADL-14 A lot is the same for the same five numbers, and another if one of them is")
    func lottery() {
        let drawn = Score.lottery(seed: 1, market: 0, episode: 3, account: 4, side: .both)
        #expect(drawn >= 0 && drawn < Int128(1) << 63)
        #expect(drawn == Score.lottery(seed: 1, market: 0, episode: 3, account: 4, side: .both))
        #expect(drawn != Score.lottery(seed: 2, market: 0, episode: 3, account: 4, side: .both))
        #expect(drawn != Score.lottery(seed: 1, market: 1, episode: 3, account: 4, side: .both))
        #expect(drawn != Score.lottery(seed: 1, market: 0, episode: 4, account: 4, side: .both))
        #expect(drawn != Score.lottery(seed: 1, market: 0, episode: 3, account: 5, side: .both))
        #expect(drawn != Score.lottery(seed: 1, market: 0, episode: 3, account: 4, side: .long))
    }

    /// The lots that candidates of some weights and caps give up.
    private func shares(
        _ parts: [(weight: Int128, cap: Int64)],
        _ work: (inout Exchange) -> Void
    ) -> [Int64] {
        var exchange = Exchange()
        for (place, part) in parts.enumerated() {
            var share = Share()
            (share.place, share.weight, share.cap) = (Int32(place), part.weight, part.cap)
            exchange.shares.append(share)
        }
        work(&exchange)
        var lots = Array(repeating: Int64(0), count: parts.count)
        for index in 0..<exchange.shares.count {
            lots[Int(exchange.shares[index].place)] = exchange.shares[index].lots
        }
        return lots
    }

    @Test("ADL-15 Pro rata: whole lots, rounded down")
    func part() {
        #expect(Share.part(of: 12, weight: 1, sum: 6) == 2)
        #expect(Share.part(of: 11, weight: 1, sum: 6) == 1)
        #expect(Share.part(of: 11, weight: 6, sum: 6) == 11)
        #expect(Share.part(of: 11, weight: 0, sum: 6) == 0)
    }

    @Test("ADL-16 Up to one level: who is full leaves the rest to the others")
    func toLevel() {
        #expect(shares([(1, 100), (2, 100), (3, 100)]) { $0.fillToLevel(12) } == [2, 4, 6])
        #expect(shares([(1, 100), (2, 100), (3, 2)]) { $0.fillToLevel(12) } == [3, 6, 2])
        #expect(shares([(1, 1), (2, 1), (3, 1)]) { $0.fillToLevel(12) } == [1, 1, 1])
    }

    @Test("ADL-17 As near to the exact parts as can be: the largest overshoot is the smallest")
    func evenly() {
        #expect(shares([(1, 100), (1, 100), (1, 100)]) { $0.spreadEvenly(10) } == [4, 3, 3])
        #expect(shares([(1, 100), (2, 100), (3, 100)]) { $0.spreadEvenly(12) } == [2, 4, 6])
        // The one that bears two lots leaves four, spread over the other two.
        #expect(shares([(1, 100), (2, 100), (3, 2)]) { $0.spreadEvenly(12) } == [4, 6, 2])
    }
}
