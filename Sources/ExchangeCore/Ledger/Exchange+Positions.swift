/// Positions: making, finding and listing them (LED-3).
extension Exchange {
    mutating func appendPosition(_ leg: Int32) {
        let market = legs[leg].market
        assert(legs[leg].hasPosition, "a position is listed")
        let last = markets[market].lastPosition
        legs[leg].previousPosition = last
        legs[leg].nextPosition = nowhere
        if last >= 0 { legs[last].nextPosition = leg } else { markets[market].firstPosition = leg }
        markets[market].lastPosition = leg
        assert(markets[market].positions >= 0, "a count is not negative")
        markets[market].positions += 1
    }

    // MARK: Finding legs

    @inline(__always)
    private func legKey(_ account: Int32, _ market: Int32, _ side: PositionSide) -> UInt64 {
        UInt64(UInt32(bitPattern: account)) << 32 | UInt64(UInt32(bitPattern: market)) << 2
            | UInt64(side.rawValue)
    }

    /// Up to so many legs an account's list is walked: what follows reads them anyway.
    private static var walked: Int32 { 8 }

    /// The leg of an account in a market, or `nowhere` if it was never touched. O(1).
    @inline(__always)
    func findLeg(_ account: Int32, _ market: Int32, _ side: PositionSide) -> Int32 {
        if accounts[account].legCount > Exchange.walked {
            return legTable.find(legKey(account, market, side))
        }
        var leg = accounts[account].firstLeg
        while leg >= 0 {
            if legs[leg].market == market && legs[leg].side == side { return leg }
            leg = legs[leg].next
        }
        return nowhere
    }

    private func legKey(of leg: Int32) -> UInt64 {
        legKey(legs[leg].account, legs[leg].market, legs[leg].side)
    }

    /// The leg of an account in a market, made if there is none; `nowhere` at the limit.
    mutating func makeLeg(_ account: Int32, _ market: Int32, _ side: PositionSide) -> Int32 {
        assert(
            hasAccount(account) && Int(market) < markets.count,
            "a position is one of an account and a market"
        )
        let found = findLeg(account, market, side)
        if found >= 0 { return found }
        if accounts[account].legCount >= limits.legsPerAccount { return nowhere }
        var leg = Leg()
        leg.account = account
        leg.market = market
        leg.side = side
        let highest = markets[market].specification.table.tiers[0].leverage
        leg.leverage = smaller(20, highest)
        if account == AccountID.vault.raw { leg.leverage = vault.leverage }
        let sibling = anyLeg(account, market)
        if sibling >= 0 {
            // The choice is for the market, whichever position mode the account is in.
            leg.leverage = legs[sibling].leverage
            leg.isIsolated = legs[sibling].isIsolated
        }
        assert(leg.leverage >= 1, "a leverage is at least one")
        legs.append(leg)
        let index = Int32(truncatingIfNeeded: legs.count - 1)
        attach(index)
        return index
    }

    /// Some leg of an account in a market, or `nowhere`.
    func anyLeg(_ account: Int32, _ market: Int32) -> Int32 {
        assert(hasAccount(account), "positions are those of an account")
        let both = findLeg(account, market, .both)
        if both >= 0 { return both }
        let long = findLeg(account, market, .long)
        return long >= 0 ? long : findLeg(account, market, .short)
    }

    /// Takes back the newest leg, made for a command that is refused after all.
    mutating func unmakeLeg(_ leg: Int32) {
        precondition(Int(leg) == legs.count - 1 && legs[leg].orderCount == 0 && !legs[leg].hasPosition)
        assert(legs[leg].next == nowhere, "the newest is the last of its account")
        let account = legs[leg].account
        if accounts[account].legCount > Exchange.walked { legTable.remove(legKey(of: leg)) }
        accounts[account].legCount -= 1
        leaveMargin(leg)
        if accounts[account].firstLeg == leg {
            accounts[account].firstLeg = nowhere
            accounts[account].lastLeg = nowhere
        } else {
            var previous = accounts[account].firstLeg
            while legs[previous].next != leg { previous = legs[previous].next }
            legs[previous].next = nowhere
            accounts[account].lastLeg = previous
        }
        if accounts[account].legCount == Exchange.walked {
            // What is left is few enough to be walked, and is in the table no more.
            var other = accounts[account].firstLeg
            while other >= 0 {
                legTable.remove(legKey(of: other))
                other = legs[other].next
            }
        }
        legs.truncate(to: Int(leg))
    }

    /// Enters a leg into the table and at the end of its account's list.
    mutating func attach(_ leg: Int32) {
        assert(legs[leg].next == nowhere, "what is attached is in no list")
        let account = legs[leg].account
        joinMargin(leg)
        let last = accounts[account].lastLeg
        if last >= 0 { legs[last].next = leg } else { accounts[account].firstLeg = leg }
        accounts[account].lastLeg = leg
        assert(
            accounts[account].legCount < limits.legsPerAccount,
            "an account has no more positions than the bound"
        )
        accounts[account].legCount += 1
        if accounts[account].legCount <= Exchange.walked { return }
        if accounts[account].legCount > Exchange.walked + 1 {
            legTable.insert(legKey(of: leg), leg)
            return
        }
        // The list has grown too long to walk: from now on the table has them all.
        var other = accounts[account].firstLeg
        while other >= 0 {
            legTable.insert(legKey(of: other), other)
            other = legs[other].next
        }
    }

    /// Size of the leg's position that an order of a side would reduce.
    @inline(__always)
    func oppositeSize(_ leg: Int32, _ side: Side) -> Int64 {
        let size = legs[leg].size.lots
        return side == .buy ? larger(0, -size) : larger(0, size)
    }

    /// The bucket whose orders are refused while it is in liquidation (MG-5).
    @inline(__always)
    func isBucketInLiquidation(_ leg: Int32) -> Bool {
        // An opening order of an isolated leg draws on cross, so both must be out of liquidation.
        margins[legs[leg].margin].isInLiquidation
            || margins[accounts[legs[leg].account].margin].isInLiquidation
    }

    /// The first, second or third leg that an account may have in a market, or `nowhere`.
    func leg(_ account: Int32, _ market: Int32, at index: Int) -> Int32 {
        assert(index >= 0 && index < 3, "an account has at most three positions a market")
        return findLeg(account, market, index == 0 ? .both : index == 1 ? .long : .short)
    }
}
