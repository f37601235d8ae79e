/// Copies of a whole state: how an explorer of worlds, or a *what if*, goes on from where an exchange stands.
extension Exchange {
    /// An exchange of its own in the same state. O(state).
    public func fork() -> Exchange {
        var copy = Exchange(limits: limits)
        copy.become(copyOf: self)
        return copy
    }

    /// Takes over the state of another exchange; storage that is large enough is used again, so that a world
    /// which was copied into once costs no memory the next time. O(state).
    ///
    /// Scratch space is not taken over: what a command leaves there means nothing.
    public mutating func become(copyOf other: borrowing Exchange) {
        limits = other.limits
        lastSequence = other.lastSequence
        clock = other.clock
        tickEnd = other.tickEnd
        copyLedger(of: other)
        copyMarkets(of: other)
        copyWaterfall(of: other)
    }

    private mutating func copyLedger(of other: borrowing Exchange) {
        accounts.copy(from: other.accounts)
        margins.copy(from: other.margins)
        positions.copy(from: other.positions)
        positionTable.copy(from: other.positionTable)
        hedgeTable.copy(from: other.hedgeTable)
        ownerTable.copy(from: other.ownerTable)
        requests.copy(from: other.requests)
        requestTable.copy(from: other.requestTable)
        venueRequests = other.venueRequests
        totalDeposits = other.totalDeposits
        totalWithdrawals = other.totalWithdrawals
        debtRule = other.debtRule
        vault = other.vault
        holdings.copy(from: other.holdings)
        holdingTable.copy(from: other.holdingTable)
    }

    private mutating func copyMarkets(of other: borrowing Exchange) {
        markets.copy(from: other.markets)
        memories.copy(from: other.memories)
        symbolTable.copy(from: other.symbolTable)
        book.copy(from: other.book)
        restTimes.copy(from: other.restTimes)
        conditions.copy(from: other.conditions)
        clients.copy(from: other.clients)
        clientTable.copy(from: other.clientTable)
        offers.copy(from: other.offers)
        deadlines.copy(from: other.deadlines)
        lastOrder = other.lastOrder
        lastOffer = other.lastOffer
    }

    private mutating func copyWaterfall(of other: borrowing Exchange) {
        waterfall = other.waterfall
        heldMark = other.heldMark
        inLiquidation.copy(from: other.inLiquidation)
        queue.copy(from: other.queue)
        affected.copy(from: other.affected)
        lastEpisode = other.lastEpisode
        dueTriggers.copy(from: other.dueTriggers)
        toRearm.copy(from: other.toRearm)
        changedPositions.copy(from: other.changedPositions)
        activeMarkets.copy(from: other.activeMarkets)
    }
}
