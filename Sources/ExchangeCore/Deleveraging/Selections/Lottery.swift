/// By lot: an order that nobody can foresee without the seed, and anybody can check with it (ADL-14).
extension Score {
    /// 63 bits of the hash of five numbers, eight bytes each, lowest first.
    static func lottery(seed: Int64, market: Int32, episode: Int64, account: Int32, side: PositionSide)
        -> Int128
    {
        assert(episode >= 1, "an episode has a number")
        var hash = Hash128()
        add(seed, to: &hash)
        add(Int64(market), to: &hash)
        add(episode, to: &hash)
        add(Int64(account), to: &hash)
        add(Int64(side.rawValue), to: &hash)
        return Int128(hash.digest.low >> 1)
    }

    private static func add(_ value: Int64, to hash: inout Hash128) {
        for shift in 0..<8 { hash.add(UInt8(truncatingIfNeeded: value >> Int64(shift * 8))) }
    }
}

extension Exchange {
    func lotteryScore(_ it: Candidate) -> Int128 {
        let position = it.ranked.position
        assert(positions[position].isOpen, "a lot is drawn for a position")
        return Score.lottery(
            seed: markets[positions[position].market].specification.selectionSeed,
            market: positions[position].market,
            episode: it.episode,
            account: positions[position].account,
            side: positions[position].side
        )
    }
}
