/// Closing outside of the book: in which order, for what, against whom (MG-6, WF-5 to WF-8).
extension Exchange {
    /// How the positions of a margin account are gone through.
    enum PositionOrder { case byMaintenance, byLoss }

    /// Collects the closable positions of a margin account into `positionOrder`, sorted.
    mutating func orderPositions(_ margin: MarginAccount.Index, _ order: PositionOrder) {
        assert(hasMargin(margin), "positions are those of a margin account")
        positionOrder.truncate(to: 0)
        var position = margins[margin].firstPosition
        while position >= 0 {
            if isClosable(position) { insertInOrder(position, order) }
            position = positions[position].nextOfMargin
        }
    }

    /// An account has few positions: insertion keeps them sorted.
    private mutating func insertInOrder(_ position: Int32, _ order: PositionOrder) {
        assert(isClosable(position), "only what can be closed is gone through")
        positionOrder.append(position)
        var place = positionOrder.count - 1
        while place > 0 && precedes(position, positionOrder[place - 1], order) {
            positionOrder[place] = positionOrder[place - 1]
            place -= 1
        }
        assert(place >= 0 && place < positionOrder.count, "a place is one of the list")
        positionOrder[place] = position
    }

    private func precedes(_ a: Int32, _ b: Int32, _ order: PositionOrder) -> Bool {
        assert(
            a != b && positions[a].account == positions[b].account,
            "two positions of one account are compared"
        )
        let first: Int128
        let second: Int128
        switch order {
        case .byMaintenance:
            first = maintenance(positions[b].market, notional(b))
            second = maintenance(positions[a].market, notional(a))
        case .byLoss:
            first = unrealized(a)
            second = unrealized(b)
        }
        return first != second ? first < second : comesBefore(a, b)
    }

    /// The bankruptcy price of a position at the present equity of its margin account.
    func bankruptcyPrice(_ position: Int32, _ health: Health) -> BankruptcyPrice {
        var bankruptcy = BankruptcyPrice()
        assert(
            positions[position].isOpen && health.maintenance >= 0,
            "a bankruptcy price is one of a position"
        )
        bankruptcy.equity = health.equity
        bankruptcy.size = Int128(positions[position].size.lots.magnitude)
        bankruptcy.part = maintenance(positions[position].market, notional(position))
        bankruptcy.whole = max(1, health.maintenance)
        if health.equity >= 0
            || markets[positions[position].market].specification.deficitShare == .byMaintenance
        {
            return bankruptcy
        }
        let losses = bucketLoss(positions[position].margin)
        assert(losses >= loss(position), "a loss is a part of all losses")
        if losses > 0 {
            bankruptcy.part = loss(position)
            bankruptcy.whole = losses
        }
        return bankruptcy
    }

    private func bucketLoss(_ margin: MarginAccount.Index) -> Int128 {
        assert(hasMargin(margin), "losses are those of a margin account")
        var sum: Int128 = 0
        var position = margins[margin].firstPosition
        while position >= 0 {
            if positions[position].isOpen { sum += loss(position) }
            position = positions[position].nextOfMargin
        }
        return sum
    }

    /// What a position lost in this command at its present size: the fall of its value, and funding paid.
    func loss(_ position: Int32) -> Int128 {
        let market = positions[position].market
        var loss: Int128 = 0
        if markets[market].isMoved && markets[market].markBefore.ticks == 0 {
            // Before its first mark a position counted at its entry: only a log of older rules has one.
            loss += max(0, -unrealized(position))
        } else if markets[market].isMoved {
            let before = markets[market].markBefore.ticks
            let mark = markets[market].mark.ticks
            let u = markets[market].u
            loss += Liquidation.loss(
                from: before,
                to: mark,
                lots: positions[position].size.lots,
                unitValue: u
            )
        }
        if markets[market].fundingPaid != .zero {
            loss += max(0, fundingPayment(position, Int128(markets[market].fundingPaid.units)))
        }
        assert(loss >= 0, "a gain is no loss")
        return loss
    }

    /// Whether closing lots of a position against another keeps all cash within its range (LED-1). Where it
    /// does not, the closing is left out: no sum that a user can grow may leave what an amount holds.
    ///
    /// - Parameters:
    ///   - adjustment: what the other side gets of the position's margin account besides the mark.
    ///   - bid: what it gets of the fund.
    func fits(
        _ quantity: Int64,
        of position: Int32,
        with other: Int32,
        adjustment: Int128,
        bid: Int128 = 0
    ) -> Bool {
        assert(quantity > 0 && bid >= 0, "something is closed, and a bid is not negative")
        assert(positions[position].market == positions[other].market, "a closing is in one market")
        let price = markets[positions[position].market].mark.ticks
        let sign: Int64 = positions[position].isLong ? -1 : 1
        return fits(quantity * sign, at: price, on: position, besides: -adjustment)
            && fits(-quantity * sign, at: price, on: other, besides: adjustment + bid)
    }

    /// Closes lots of a position against another at mark, with an adjustment to the other side (MG-6, ADL-3).
    ///
    /// The caller has asked `fits`.
    ///
    /// - Parameter adjustment: received by the counterparty besides the mark; negative: paid by it, as a part
    ///   of what its lots realise (LED-8).
    mutating func close(
        _ quantity: Int64,
        of position: Int32,
        with other: Int32,
        adjustment: Int128,
        _ kind: TransferKind,
        _ reason: LedgerReason,
        _ closing: inout Closing,
        _ events: inout EventBuffer
    ) {
        let market = positions[position].market
        let price = markets[market].mark.ticks
        let sign: Int64 = positions[position].isLong ? -1 : 1
        precondition(
            position != other && positions[position].market == market && positions[other].market == market,
            "two positions of one market are closed"
        )
        precondition(
            quantity > 0 && quantity <= Int64(positions[position].size.lots.magnitude),
            "no more is closed than there is"
        )
        assert(price > 0, "a closing is at a mark")
        waterfall.steps += 1
        // In liquidation a margin account keeps its margin; others are reduced as by their owner (LED-8).
        let own = result(of: quantity * sign, at: price, on: position, keepsMargin: true)
        let taken = result(
            of: -quantity * sign,
            at: price,
            on: other,
            keepsMargin: margins[positions[other].margin].isInLiquidation,
            costs: max(0, -adjustment)
        )
        precondition(own.opened == 0 && own.reduced == quantity, "who is closed opens nothing")
        closing.kind = kind
        closing.quantity = Quantity(quantity)
        closing.adjustment = Amount(Int64(adjustment))
        closing.kept = taken.reduced > 0 ? Amount(Int64(taken.realized + adjustment)) : .zero
        state(position, other, in: &closing)
        events.append(.closing, closing)

        let ownBefore = positions[position].size
        let otherBefore = positions[other].size
        if adjustment < 0 {
            move(-adjustment, from: positions[other].margin, to: positions[position].margin, reason, &events)
        }
        if own.realized < taken.realized {
            book(own, on: position, fee: 0, reason, positions[other].account, &events)
            book(taken, on: other, fee: 0, reason, positions[position].account, &events)
        } else {
            book(taken, on: other, fee: 0, reason, positions[position].account, &events)
            book(own, on: position, fee: 0, reason, positions[other].account, &events)
        }
        if adjustment > 0 {
            move(adjustment, from: positions[position].margin, to: positions[other].margin, reason, &events)
        }
        precondition(
            ownBefore.lots + otherBefore.lots == positions[position].size.lots + positions[other].size.lots,
            "no lot is made or lost"
        )
        linkPosition(position, from: ownBefore, realized: own.realized, &events)
        linkPosition(other, from: otherBefore, realized: taken.realized, &events)
        if kind != .netting { markAffected(positions[other].margin) }
    }

    /// Whose lots a closing closes, and what they come to a lot.
    private func state(_ position: Int32, _ other: Int32, in closing: inout Closing) {
        let market = positions[position].market
        closing.episode = waterfall.episode.episode
        closing.market = MarketID(market)
        closing.price = markets[market].mark
        closing.closed = AccountID(positions[position].account)
        closing.positionSide = positions[position].side
        closing.counterparty = AccountID(positions[other].account)
        closing.counterpartySide = positions[other].side
        let lot = Int128(closing.quantity.lots) * markets[market].u
        assert(lot > 0 && closing.price.ticks > 0, "a closing has lots and a price")
        let sign: Int128 = positions[position].isLong ? -1 : 1
        let given = quotient(sign * Int128(closing.adjustment.units) * 2 + lot, lot * 2, .down)
        closing.paid = Price(closing.price.ticks + Int64(clamping: given))
    }
}
