/// By lot: an order that nobody can foresee without the seed, and anybody can check with it (ADL-14).
extension Exchange {
    /// 63 bits of the hash of seed, market, episode, account and side.
    func lotteryScore(_ leg: Int32, episode: Int64) -> Int128 {
        let market = legs[leg].market
        assert(episode >= 1, "an episode has a number")
        assert(legs[leg].hasPosition, "a lot is drawn for a position")
        var hash = Hash128()
        Exchange.add(markets[market].specification.selectionSeed, to: &hash)
        Exchange.add(Int64(market), to: &hash)
        Exchange.add(episode, to: &hash)
        Exchange.add(Int64(legs[leg].account), to: &hash)
        Exchange.add(Int64(legs[leg].side.rawValue), to: &hash)
        return Int128(hash.digest.low >> 1)
    }

    private static func add(_ value: Int64, to hash: inout Hash128) {
        for shift in 0..<8 { hash.add(UInt8(truncatingIfNeeded: value >> Int64(shift * 8))) }
    }
}
