/// What stands in the queue of a market's side, or in a copy of it.
public protocol QueueOrdered {
    /// What it is ranked by.
    var score: Int128 { get }
    /// Worth at the mark, in 10⁻⁸.
    var notional: Int128 { get }
    /// The number of its account: a lower one is older.
    var accountNumber: Int32 { get }
}

extension QueueOrdered {
    /// Higher score, then larger notional, then older account (ADL-2).
    @inline(__always)
    public func isBefore(_ other: Self) -> Bool {
        if score != other.score { return score > other.score }
        if notional != other.notional { return notional > other.notional }
        return accountNumber < other.accountNumber
    }
}

extension Exchange {
    /// Lights of a position in profit that so many lots of all are ahead of: ⌈5·(total − ahead)/total⌉, from
    /// 5, first in the queue, to 1 (ADL-7). `ahead` is at least 0 and less than `total`.
    @inline(__always)
    public static func lights(ahead: Int128, of total: Int128) -> Int32 {
        assert(ahead >= 0 && ahead < total, "who is shown is a part of the queue")
        let lights = Int32(quotient(5 * (total - ahead), total, .up))
        assert((1...5).contains(lights), "a position in profit has one to five lights")
        return lights
    }

    /// Calls `body` for every position of one direction of a market that is in profit, in no order, with its
    /// score and its margin account's health. O(positions of the market).
    @inline(__always)
    func forEachInProfit(
        _ market: MarketID,
        longs: Bool,
        _ body: (_ ranked: RankedPosition, _ health: Health) -> Void
    ) {
        if market.raw < 0 || Int(market.raw) >= markets.count { return }
        var position = markets[market.raw].firstPosition
        while position >= 0 {
            if positions[position].isLong == longs && unrealized(position) > 0 {
                let lots = netLots(position)
                if lots > 0 {
                    assert(
                        positions[position].isOpen && positions[position].market == market.raw,
                        "a list has its market's positions"
                    )
                    let health = health(positions[position].margin)
                    body(score(position, health, lots: lots, episode: lastEpisode + 1), health)
                }
            }
            position = positions[position].nextPosition
        }
    }
}
