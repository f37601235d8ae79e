/// Legs that an account marks as one hedge (ADL-18).
extension Exchange {
    /// Puts a leg into one of the account's hedges, or into none.
    mutating func setHedge(_ command: SetHedge, _ events: inout EventBuffer) -> Status {
        if let refusal = marketUserRefusal(command.market, command.account) { return refusal }
        let account = command.account.raw
        let market = command.market.raw
        if command.group < 0 || command.group > 1_000 { return .invalidField }
        if markets[market].state == .settled { return .marketSettled }
        if (accounts[account].mode == .hedge) == (command.positionSide == .both) {
            return .positionSideMismatch
        }
        var leg = findLeg(account, market, command.positionSide)
        if leg < 0 { leg = makeLeg(account, market, command.positionSide) }
        if leg < 0 { return .positionLimit }
        assert(
            legs[leg].account == account && legs[leg].market == market,
            "a hedge is one of the account's positions"
        )
        putIntoHedge(leg, command.group)
        var marked = HedgeMarked()
        marked.account = command.account
        marked.market = command.market
        marked.positionSide = command.positionSide
        marked.group = command.group
        events.append(.hedgeMarked, marked)
        return .ok
    }

    mutating func putIntoHedge(_ leg: Int32, _ group: Int32) {
        assert(leg >= 0 && Int(leg) < legs.count, "a hedge is one of a position")
        assert(group >= 0 && group <= 1_000, "a hedge has a number")
        let key = UInt64(UInt32(bitPattern: leg))
        hedgeTable.remove(key)
        if group > 0 { hedgeTable.insert(key, group) }
    }

    /// The hedge that a leg belongs to; 0 for none.
    func hedge(of leg: Int32) -> Int32 { larger(0, hedgeTable.find(UInt64(UInt32(bitPattern: leg)))) }

    /// How many lots of a leg are hedged: its part, by notional, of what its hedge holds the other way.
    /// O(legs of the account).
    func hedgedLots(_ leg: Int32) -> Int64 {
        let group = hedge(of: leg)
        if group == 0 || legs[leg].isIsolated || !legs[leg].hasPosition { return 0 }
        var same: Int128 = 0
        var opposite: Int128 = 0
        var other = accounts[legs[leg].account].firstLeg
        while other >= 0 {
            let counts = legs[other].hasPosition && !legs[other].isIsolated && hedge(of: other) == group
            if counts && markets[legs[other].market].validity == .valid {
                if legs[other].isLong == legs[leg].isLong {
                    same += notional(other)
                } else {
                    opposite += notional(other)
                }
            }
            other = legs[other].next
        }
        assert(same >= 0 && opposite >= 0, "a notional is not negative")
        if same == 0 { return 0 }
        let size = Int128(legs[leg].size.lots.magnitude)
        assert(size > 0, "what is hedged is a part of a position")
        return Int64(scaled(size, by: smaller(opposite, same), over: same, .down))
    }
}
