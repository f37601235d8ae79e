/// Reaching ahead: what the next commands of a batch will read is touched for several at once, so that
/// their cache misses overlap. It changes nothing and decides nothing.
///
/// With a million accounts nearly every command waits for memory half a dozen times, one after the other:
/// its order's slot, the order, its position, its level, its account. Side by side they cost little more than
/// one command's.
extension Exchange {
    /// Commands that are looked at together.
    static var group: Int { 16 }
    /// Up to so many positions and orders the caches hold them all, and looking ahead only costs.
    static var fitsInCache: Int { 1 << 13 }

    /// What is known of a coming command's records so far; -1 where nothing is.
    private struct Ahead: BitwiseCopyable {
        var order = nowhere
        var account = nowhere
        var position = nowhere
        var level = nowhere
    }

    /// Touches, a step at a time for all of a group, what its commands will read.
    @inline(never)
    mutating func reach(for commands: Span<Command>, from start: Int) {
        var ahead = InlineArray<16, Ahead>(repeating: Ahead())
        let count = min(Exchange.group, commands.count - start)
        for index in 0..<count { ahead[index] = firstStep(commands[start + index]) }
        var sum: Int32 = 0
        for index in 0..<count where ahead[index].order >= 0 {
            ahead[index].position = book.orders[ahead[index].order].position
            ahead[index].level = book.orders[ahead[index].order].level
        }
        for index in 0..<count where ahead[index].order < 0 && ahead[index].account >= 0 {
            ahead[index].position = accounts[ahead[index].account].firstPosition
        }
        for index in 0..<count {
            if ahead[index].position >= 0 {
                sum ^= touch(ahead[index].position)
                if ahead[index].order >= 0 { ahead[index].account = positions[ahead[index].position].account }
            }
            if ahead[index].level >= 0 { sum ^= book.touch(ahead[index].level) }
            if ahead[index].order >= 0 {
                let previous = book.orders[ahead[index].order].previous
                if previous >= 0 { sum ^= book.orders[previous].position }
            }
        }
        // The gate looks at the account, and at each of its positions and their markets, from the first one
        // on.
        for index in 0..<count where ahead[index].account >= 0 {
            ahead[index].position = accounts[ahead[index].account].firstPosition
        }
        for _ in 0..<Exchange.positionsAhead {
            for index in 0..<count where ahead[index].position >= 0 {
                sum ^= touch(ahead[index].position)
                ahead[index].position = positions[ahead[index].position].next
            }
        }
        // Kept, or the compiler would leave all of this out.
        reached = sum
    }

    /// So many positions of an account are looked at.
    private static var positionsAhead: Int { 4 }

    /// Reads a bit of every cache line of a position, and of what the gate reads of its market.
    @inline(__always)
    private func touch(_ position: Int32) -> Int32 {
        let market = positions[position].market
        return positions[position].lastOrder ^ markets[market].roots.bestBid
            ^ Int32(truncatingIfNeeded: markets[market].mark.ticks ^ markets[market].openInterestCap.lots)
    }

    @inline(__always)
    private func firstStep(_ command: Command) -> Ahead {
        var ahead = Ahead()
        switch command {
        case .placeOrder(let it): if isKnown(it.account) { ahead.account = it.account.raw }
        case .amendOrder(let it): ahead.order = book.guess(it.order)
        case .cancelOrder(let it): ahead.order = book.guess(it.order)
        default: break
        }
        return ahead
    }

    @inline(__always)
    private func isKnown(_ account: AccountID) -> Bool {
        account.raw >= 0 && Int(account.raw) < accounts.count
    }
}
