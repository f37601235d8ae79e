/// Closing outside of the book: in which order, for what, against whom (MG-6, WF-5 to WF-8).
extension Exchange {
    /// How the legs of a bucket are gone through.
    enum LegOrder { case byMaintenance, byLoss }

    /// Collects the closable legs of a bucket into `legOrder`, sorted.
    mutating func orderLegs(_ margin: MarginAccount.Index, _ order: LegOrder) {
        assert(hasMargin(margin), "positions are those of a margin account")
        legOrder.truncate(to: 0)
        var leg = margins[margin].firstPosition
        while leg >= 0 {
            if isClosable(leg) { insertInOrder(leg, order) }
            leg = legs[leg].nextOfMargin
        }
    }

    /// An account has few positions: insertion keeps them sorted.
    private mutating func insertInOrder(_ leg: Int32, _ order: LegOrder) {
        assert(isClosable(leg), "only what can be closed is gone through")
        legOrder.append(leg)
        var place = legOrder.count - 1
        while place > 0 && precedes(leg, legOrder[place - 1], order) {
            legOrder[place] = legOrder[place - 1]
            place -= 1
        }
        assert(place >= 0 && place < legOrder.count, "a place is one of the list")
        legOrder[place] = leg
    }

    private func precedes(_ a: Int32, _ b: Int32, _ order: LegOrder) -> Bool {
        assert(a != b && legs[a].account == legs[b].account, "two positions of one account are compared")
        let first: Int128
        let second: Int128
        switch order {
        case .byMaintenance:
            first = maintenance(legs[b].market, notional(b))
            second = maintenance(legs[a].market, notional(a))
        case .byLoss:
            first = unrealized(a)
            second = unrealized(b)
        }
        return first != second ? first < second : comesBefore(a, b)
    }

    /// The zero price of a leg at the present equity of its bucket.
    func zeroPrice(_ leg: Int32, _ health: Health) -> ZeroPrice {
        var zero = ZeroPrice()
        assert(legs[leg].hasPosition && health.maintenance >= 0, "a bankruptcy price is one of a position")
        zero.equity = health.equity
        zero.size = Int128(legs[leg].size.lots.magnitude)
        zero.part = maintenance(legs[leg].market, notional(leg))
        zero.whole = larger(1, health.maintenance)
        if health.equity >= 0 || markets[legs[leg].market].specification.deficitShare == .byMaintenance {
            return zero
        }
        let losses = bucketLoss(legs[leg].margin)
        assert(losses >= loss(leg), "a loss is a part of all losses")
        if losses > 0 {
            zero.part = loss(leg)
            zero.whole = losses
        }
        return zero
    }

    private func bucketLoss(_ margin: MarginAccount.Index) -> Int128 {
        assert(hasMargin(margin), "losses are those of a margin account")
        var sum: Int128 = 0
        var leg = margins[margin].firstPosition
        while leg >= 0 {
            if legs[leg].hasPosition { sum += loss(leg) }
            leg = legs[leg].nextOfMargin
        }
        return sum
    }

    /// What a leg lost in this command at its present size: the fall of its value, and funding paid.
    func loss(_ leg: Int32) -> Int128 {
        let market = legs[leg].market
        var loss: Int128 = 0
        if markets[market].isMoved && markets[market].markBefore.ticks == 0 {
            // Before its first mark a position counted at its entry: only a log of older rules has one.
            loss += larger(0, -unrealized(leg))
        } else if markets[market].isMoved {
            let before = markets[market].markBefore.ticks
            let mark = markets[market].mark.ticks
            let u = markets[market].u
            loss += Liquidation.loss(from: before, to: mark, lots: legs[leg].size.lots, unitValue: u)
        }
        if markets[market].fundingPaid != .zero {
            loss += larger(0, fundingPayment(leg, Int128(markets[market].fundingPaid.units)))
        }
        assert(loss >= 0, "a gain is no loss")
        return loss
    }

    /// Whether closing lots of a leg against another keeps all cash within its range (LED-1). Where it does
    /// not, the closing is left out: no sum that a user can grow may leave what an amount holds.
    ///
    /// - Parameters:
    ///   - adjustment: what the other side gets of the leg's bucket besides the mark.
    ///   - bid: what it gets of the fund.
    func fits(
        _ quantity: Int64,
        of leg: Int32,
        with other: Int32,
        adjustment: Int128,
        bid: Int128 = 0
    ) -> Bool {
        assert(quantity > 0 && bid >= 0, "something is closed, and a bid is not negative")
        assert(legs[leg].market == legs[other].market, "a closing is in one market")
        let price = markets[legs[leg].market].mark.ticks
        let sign: Int64 = legs[leg].isLong ? -1 : 1
        return fits(quantity * sign, at: price, on: leg, besides: -adjustment)
            && fits(-quantity * sign, at: price, on: other, besides: adjustment + bid)
    }

    /// Closes lots of a leg against another at mark, with an adjustment to the other side (MG-6).
    ///
    /// The caller has asked `fits`.
    ///
    /// - Parameter adjustment: received by the counterparty besides the mark; negative: paid by it, as a part
    ///   of what its lots realise (LED-8).
    mutating func close(
        _ quantity: Int64,
        of leg: Int32,
        with other: Int32,
        adjustment: Int128,
        _ kind: TransferKind,
        _ reason: LedgerReason,
        _ closing: inout Closing,
        _ events: inout EventBuffer
    ) {
        let market = legs[leg].market
        let price = markets[market].mark.ticks
        let sign: Int64 = legs[leg].isLong ? -1 : 1
        precondition(
            leg != other && legs[leg].market == market && legs[other].market == market,
            "two positions of one market are closed"
        )
        precondition(
            quantity > 0 && quantity <= Int64(legs[leg].size.lots.magnitude),
            "no more is closed than there is"
        )
        assert(price > 0, "a closing is at a mark")
        waterfall.steps += 1
        // In liquidation a bucket keeps its margin; others are reduced as by their owner (LED-8).
        let own = result(of: quantity * sign, at: price, on: leg, keepsMargin: true)
        let taken = result(
            of: -quantity * sign,
            at: price,
            on: other,
            keepsMargin: margins[legs[other].margin].isInLiquidation,
            costs: larger(0, -adjustment)
        )
        precondition(own.opened == 0 && own.reduced == quantity, "who is closed opens nothing")
        closing.kind = kind
        closing.quantity = Quantity(quantity)
        closing.adjustment = Amount(Int64(adjustment))
        closing.kept = taken.reduced > 0 ? Amount(Int64(taken.realized + adjustment)) : .zero
        state(leg, other, in: &closing)
        events.append(.closing, closing)

        let ownBefore = legs[leg].size
        let otherBefore = legs[other].size
        if adjustment < 0 {
            move(-adjustment, from: legs[other].margin, to: legs[leg].margin, reason, &events)
        }
        if own.realized < taken.realized {
            book(own, on: leg, fee: 0, reason, legs[other].account, &events)
            book(taken, on: other, fee: 0, reason, legs[leg].account, &events)
        } else {
            book(taken, on: other, fee: 0, reason, legs[leg].account, &events)
            book(own, on: leg, fee: 0, reason, legs[other].account, &events)
        }
        if adjustment > 0 {
            move(adjustment, from: legs[leg].margin, to: legs[other].margin, reason, &events)
        }
        precondition(
            ownBefore.lots + otherBefore.lots == legs[leg].size.lots + legs[other].size.lots,
            "no lot is made or lost"
        )
        linkPosition(leg, from: ownBefore, realized: own.realized, &events)
        linkPosition(other, from: otherBefore, realized: taken.realized, &events)
        if kind != .netting { touch(legs[other].margin) }
    }

    /// Whose lots a closing closes, and what they come to a lot.
    private func state(_ leg: Int32, _ other: Int32, in closing: inout Closing) {
        let market = legs[leg].market
        closing.episode = waterfall.episode.episode
        closing.market = MarketID(market)
        closing.price = markets[market].mark
        closing.closed = AccountID(legs[leg].account)
        closing.positionSide = legs[leg].side
        closing.counterparty = AccountID(legs[other].account)
        closing.counterpartySide = legs[other].side
        let lot = Int128(closing.quantity.lots) * markets[market].u
        assert(lot > 0 && closing.price.ticks > 0, "a closing has lots and a price")
        let sign: Int128 = legs[leg].isLong ? -1 : 1
        let given = quotient(sign * Int128(closing.adjustment.units) * 2 + lot, lot * 2, .down)
        closing.paid = Price(closing.price.ticks + Int64(clamping: given))
    }
}
