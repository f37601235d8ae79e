/// Positions that an account marks as one hedge (ADL-18).
extension Exchange {
    /// Puts a position into one of the account's hedges, or into none.
    mutating func setHedge(_ command: SetHedge, _ events: inout EventBuffer) -> Status {
        if let refusal = marketUserRefusal(command.market, command.account) { return refusal }
        let account = command.account.raw
        let market = command.market.raw
        if command.group < 0 || command.group > 1_000 { return .invalidField }
        if markets[market].state == .settled { return .marketSettled }
        if (accounts[account].mode == .hedge) == (command.positionSide == .both) {
            return .positionSideMismatch
        }
        var position = findPosition(account, market, command.positionSide)
        if position < 0 { position = makePosition(account, market, command.positionSide) }
        if position < 0 { return .positionLimit }
        assert(
            positions[position].account == account && positions[position].market == market,
            "a hedge is one of the account's positions"
        )
        putIntoHedge(position, command.group)
        let marked = HedgeMarked(
            account: command.account,
            market: command.market,
            positionSide: command.positionSide,
            group: command.group
        )
        events.append(.hedgeMarked, marked)
        return .ok
    }

    mutating func putIntoHedge(_ position: Int32, _ group: Int32) {
        assert(position >= 0 && Int(position) < positions.count, "a hedge is one of a position")
        assert(group >= 0 && group <= 1_000, "a hedge has a number")
        let key = UInt64(UInt32(bitPattern: position))
        hedgeTable.remove(key)
        if group > 0 { hedgeTable.insert(key, group) }
    }

    /// The hedge that a position belongs to; 0 for none.
    func hedge(of position: Int32) -> Int32 { max(0, hedgeTable.find(UInt64(UInt32(bitPattern: position)))) }

    /// How many lots of a position are hedged: its part, by notional, of what its hedge holds the other way.
    /// O(positions of the account).
    func hedgedLots(_ position: Int32) -> Int64 {
        let group = hedge(of: position)
        if group == 0 || positions[position].isIsolated || !positions[position].isOpen { return 0 }
        var same: Int128 = 0
        var opposite: Int128 = 0
        var other = accounts[positions[position].account].firstPosition
        while other >= 0 {
            let counts = positions[other].isOpen && !positions[other].isIsolated && hedge(of: other) == group
            if counts && markets[positions[other].market].validity == .valid {
                if positions[other].isLong == positions[position].isLong {
                    same += notional(other)
                } else {
                    opposite += notional(other)
                }
            }
            other = positions[other].next
        }
        assert(same >= 0 && opposite >= 0, "a notional is not negative")
        if same == 0 { return 0 }
        let size = Int128(positions[position].size.lots.magnitude)
        assert(size > 0, "what is hedged is a part of a position")
        return Int64(scaled(size, by: min(opposite, same), over: same, .down))
    }
}
