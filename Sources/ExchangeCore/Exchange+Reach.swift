/// Reaching ahead: what the next commands of a batch will read is touched for several at once, so that
/// their cache misses overlap. It changes nothing and decides nothing.
///
/// With a million accounts nearly every command waits for memory half a dozen times, one after the other:
/// its order's slot, the order, its leg, its level, its account. Side by side they cost little more than
/// one command's.
extension Exchange {
    /// Commands that are looked at together.
    static var group: Int { 8 }
    /// Up to so many legs and orders the caches hold them all, and looking ahead only costs.
    static var fitsInCache: Int { 1 << 15 }

    /// What is known of a coming command's records so far; -1 where nothing is.
    private struct Ahead: BitwiseCopyable {
        var order = nowhere
        var account = nowhere
        var leg = nowhere
        var level = nowhere
    }

    /// Touches, a step at a time for all of a group, what its commands will read.
    @inline(never)
    mutating func reach(for commands: Span<Command>, from start: Int) {
        var ahead = InlineArray<8, Ahead>(repeating: Ahead())
        let count = smaller(Exchange.group, commands.count - start)
        for index in 0..<count { ahead[index] = firstStep(commands[start + index]) }
        var sum: Int32 = 0
        for index in 0..<count where ahead[index].order >= 0 {
            ahead[index].leg = book.orders[ahead[index].order].leg
            ahead[index].level = book.orders[ahead[index].order].level
        }
        for index in 0..<count where ahead[index].account >= 0 {
            ahead[index].leg = accounts[ahead[index].account].firstLeg
        }
        for index in 0..<count {
            if ahead[index].leg >= 0 {
                sum ^= legs[ahead[index].leg].account
                if ahead[index].order >= 0 { ahead[index].account = legs[ahead[index].leg].account }
                sum ^= legs[ahead[index].leg].lastOrder
            }
            if ahead[index].level >= 0 { sum ^= book.levels[ahead[index].level].first }
            if ahead[index].order >= 0 {
                let previous = book.orders[ahead[index].order].previous
                if previous >= 0 { sum ^= book.orders[previous].leg }
            }
        }
        for index in 0..<count where ahead[index].account >= 0 {
            sum ^= accounts[ahead[index].account].legCount
            if ahead[index].leg >= 0 {
                let next = legs[ahead[index].leg].next
                if next >= 0 { sum ^= legs[next].market }
            }
        }
        // Kept, or the compiler would leave all of this out.
        reached = sum
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
