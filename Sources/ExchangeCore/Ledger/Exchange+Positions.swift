/// Positions: making, finding and listing them (LED-3).
extension Exchange {
    mutating func appendPosition(_ position: Int32) {
        let market = positions[position].market
        assert(positions[position].isOpen, "a position is listed")
        let last = markets[market].lastPosition
        positions[position].previousPosition = last
        positions[position].nextPosition = nowhere
        if last >= 0 {
            positions[last].nextPosition = position
        } else {
            markets[market].firstPosition = position
        }
        markets[market].lastPosition = position
        assert(markets[market].positions >= 0, "a count is not negative")
        markets[market].positions += 1
    }

    // MARK: Finding positions

    @inline(__always)
    private func positionKey(_ account: Int32, _ market: Int32, _ side: PositionSide) -> UInt64 {
        UInt64(UInt32(bitPattern: account)) << 32 | UInt64(UInt32(bitPattern: market)) << 2
            | UInt64(side.rawValue)
    }

    /// Up to so many positions an account's list is walked: what follows reads them anyway.
    private static var walked: Int32 { 8 }

    /// The position of an account in a market, or `nowhere` if it was never touched. O(1).
    @inline(__always)
    func findPosition(_ account: Int32, _ market: Int32, _ side: PositionSide) -> Int32 {
        if accounts[account].positionCount > Exchange.walked {
            return positionTable.find(positionKey(account, market, side))
        }
        var position = accounts[account].firstPosition
        while position >= 0 {
            if positions[position].market == market && positions[position].side == side { return position }
            position = positions[position].next
        }
        return nowhere
    }

    private func positionKey(of position: Int32) -> UInt64 {
        positionKey(positions[position].account, positions[position].market, positions[position].side)
    }

    /// The position of an account in a market, made if there is none; `nowhere` at the limit.
    mutating func makePosition(_ account: Int32, _ market: Int32, _ side: PositionSide) -> Int32 {
        assert(
            hasAccount(account) && Int(market) < markets.count,
            "a position is one of an account and a market"
        )
        let found = findPosition(account, market, side)
        if found >= 0 { return found }
        if accounts[account].positionCount >= limits.positionsPerAccount { return nowhere }
        var position = Position()
        position.account = account
        position.market = market
        position.side = side
        let highest = markets[market].specification.table.tiers[0].leverage
        position.leverage = min(20, highest)
        if account == AccountID.vault.raw { position.leverage = vault.leverage }
        let sibling = anyPosition(account, market)
        if sibling >= 0 {
            // The choice is for the market, whichever position mode the account is in.
            position.leverage = positions[sibling].leverage
            position.isIsolated = positions[sibling].isIsolated
        }
        assert(position.leverage >= 1, "a leverage is at least one")
        positions.append(position)
        let index = Int32(truncatingIfNeeded: positions.count - 1)
        attach(index)
        return index
    }

    /// Some position of an account in a market, or `nowhere`.
    func anyPosition(_ account: Int32, _ market: Int32) -> Int32 {
        assert(hasAccount(account), "positions are those of an account")
        let both = findPosition(account, market, .both)
        if both >= 0 { return both }
        let long = findPosition(account, market, .long)
        return long >= 0 ? long : findPosition(account, market, .short)
    }

    /// Takes back the newest position, made for a command that is refused after all.
    mutating func unmakePosition(_ position: Int32) {
        precondition(
            Int(position) == positions.count - 1 && positions[position].orderCount == 0
                && !positions[position].isOpen
        )
        assert(positions[position].next == nowhere, "the newest is the last of its account")
        let account = positions[position].account
        if accounts[account].positionCount > Exchange.walked {
            positionTable.remove(positionKey(of: position))
        }
        accounts[account].positionCount -= 1
        leaveMargin(position)
        if accounts[account].firstPosition == position {
            accounts[account].firstPosition = nowhere
            accounts[account].lastPosition = nowhere
        } else {
            var previous = accounts[account].firstPosition
            while positions[previous].next != position { previous = positions[previous].next }
            positions[previous].next = nowhere
            accounts[account].lastPosition = previous
        }
        if accounts[account].positionCount == Exchange.walked {
            // What is left is few enough to be walked, and is in the table no more.
            var other = accounts[account].firstPosition
            while other >= 0 {
                positionTable.remove(positionKey(of: other))
                other = positions[other].next
            }
        }
        positions.truncate(to: Int(position))
    }

    /// Enters a position into the table and at the end of its account's list.
    mutating func attach(_ position: Int32) {
        assert(positions[position].next == nowhere, "what is attached is in no list")
        let account = positions[position].account
        joinMargin(position)
        let last = accounts[account].lastPosition
        if last >= 0 { positions[last].next = position } else { accounts[account].firstPosition = position }
        accounts[account].lastPosition = position
        assert(
            accounts[account].positionCount < limits.positionsPerAccount,
            "an account has no more positions than the bound"
        )
        accounts[account].positionCount += 1
        if accounts[account].positionCount <= Exchange.walked { return }
        if accounts[account].positionCount > Exchange.walked + 1 {
            positionTable.insert(positionKey(of: position), position)
            return
        }
        // The list has grown too long to walk: from now on the table has them all.
        var other = accounts[account].firstPosition
        while other >= 0 {
            positionTable.insert(positionKey(of: other), other)
            other = positions[other].next
        }
    }

    /// Size of the position that an order of a side would reduce.
    @inline(__always)
    func oppositeSize(_ position: Int32, _ side: Side) -> Int64 {
        let size = positions[position].size.lots
        let opposite = side == .buy ? max(0, -size) : max(0, size)
        assert(opposite == 0 || (size < 0) == (side == .buy), "an order reduces the other side")
        return opposite
    }

    /// The margin account whose orders are refused while it is in liquidation (MG-5).
    @inline(__always)
    func isMarginInLiquidation(_ position: Int32) -> Bool {
        assert(hasMargin(positions[position].margin), "a position counts in a margin account")
        // An opening order of an isolated position draws on cross, so both must be out of liquidation.
        return margins[positions[position].margin].isInLiquidation
            || margins[accounts[positions[position].account].margin].isInLiquidation
    }

    /// The first, second or third position that an account may have in a market, or `nowhere`.
    func position(_ account: Int32, _ market: Int32, at index: Int) -> Int32 {
        assert(index >= 0 && index < 3, "an account has at most three positions a market")
        assert(hasAccount(account) && market >= 0, "a position is one of an account and a market")
        return findPosition(account, market, index == 0 ? .both : index == 1 ? .long : .short)
    }
}
