/// One bucket's way through steps 3 to 8, and the receipt of it (WF-3 to WF-9, RCP).
extension Exchange {
    /// Runs an episode for a bucket, looked at afresh.
    mutating func resolve(_ margin: MarginAccount.Index, _ events: inout EventBuffer) {
        assert(margins[margin].isInLiquidation, "who lost its orders is in liquidation")
        assert(
            margins[margin].account >= AccountID.vault.raw,
            "the fund and the fee account are in no liquidation"
        )
        var health = health(margin)
        // Below zero with its last leg closed by another's step 8, it still has fund and residual to come.
        if !health.isUnderMaintenance {
            setInLiquidation(margin, false)
            disarm(margin)
            if health.positions == 0 { returnMargin(margin, health.equity, &events) }
            return
        }
        beginEpisode(margin, health, &events)
        takeToBook(margin, retry: false, &events)
        health = self.health(margin)
        if !health.isUnderMaintenance || !isPastTakeover(health, ruleMarket(margin)) {
            endEpisode(margin, &events)
            return
        }
        // A solvent bucket is offered to volunteers and to the vault, and else waits.
        let wasBelowZero = health.equity < 0
        assert(waterfall.episode.episode == lastEpisode, "an episode is the newest")
        if wasBelowZero { coverDeficit(margin, health, &events) }
        takeToVolunteers(margin, &events)
        takeToVault(margin, &events)
        if wasBelowZero {
            waterfall.episode.needed = Amount(reporting: larger(0, -self.health(margin).equity))
            deleverage(margin, &events)
            closeResidual(margin, &events)
        }
        endEpisode(margin, &events)
    }

    /// Before step 5: the owner's other accounts, then the fund; if nothing is missing any more the book is
    /// tried once again, at mark (WF-4).
    private mutating func coverDeficit(
        _ margin: MarginAccount.Index,
        _ before: Health,
        _ events: inout EventBuffer
    ) {
        precondition(before.equity < 0, "a deficit lies below zero")
        assert(waterfall.episode.fund == .zero, "the fund has not paid yet")
        waterfall.episode.deficit = Amount(reporting: -before.equity)
        askOwnAccounts(margin, &events)
        let market = lossMarket(margin)
        if health(margin).equity < 0 { askForRecourse(margin, by: market, &events) }
        let missing = -health(margin).equity
        if missing > 0 { payFromFund(missing, to: margin, by: market, &events) }
        let covered = health(margin)
        waterfall.isCovered = covered.equity >= 0
        precondition(covered.equity >= before.equity, "who answers gives, and takes nothing")
        if !waterfall.isCovered { return }
        // Whole units paid beyond the deficit; what happens from here on is no part of it (RCP-5).
        waterfall.episode.rounding = Amount(reporting: covered.equity)
        if covered.positions == 0 { return }
        waterfall.hasTakeover = false
        // What its own accounts closed may have ended positions: orders that lived by them go first (BK-9).
        expireUselessReduceOnly(&events)
        takeToBook(margin, retry: true, &events)
    }

    /// The market whose rules a bucket goes by: that of its leg with the largest maintenance margin.
    func ruleMarket(_ margin: MarginAccount.Index) -> Int32 {
        var best = nowhere
        var most: Int128 = -1
        var leg = margins[margin].firstPosition
        while leg >= 0 {
            if legs[leg].hasPosition {
                assert(legs[leg].margin == margin, "a list has its margin account's positions")
                let maintenance = maintenance(legs[leg].market, notional(leg))
                if maintenance > most || (maintenance == most && comesBefore(leg, best)) {
                    most = maintenance
                    best = leg
                }
            }
            leg = legs[leg].nextOfMargin
        }
        return best < 0 ? homeMarket(margin) : legs[best].market
    }

    /// The market that stands for a margin account without a position: an isolated one's own, else the one
    /// that began the waterfall.
    func homeMarket(_ margin: MarginAccount.Index) -> Int32 {
        assert(hasMargin(margin) && waterfall.trigger >= 0, "a waterfall is begun by a market")
        return margins[margin].isIsolated ? margins[margin].market : waterfall.trigger
    }

    /// Ties between legs of a bucket: market, then `LONG`.
    func comesBefore(_ a: Int32, _ b: Int32) -> Bool {
        assert(a >= 0 && a != b, "two positions are compared")
        if b < 0 { return true }
        if legs[a].market != legs[b].market { return legs[a].market < legs[b].market }
        return legs[a].side.rawValue < legs[b].side.rawValue
    }

    // MARK: Order of legs

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

    func isClosable(_ leg: Int32) -> Bool {
        legs[leg].hasPosition && markets[legs[leg].market].isClosable
    }

    // MARK: Zero price (MG-6)

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
            let move = markets[market].markBefore.ticks - markets[market].mark.ticks
            loss += larger(0, Int128(move) * Int128(legs[leg].size.lots) * markets[market].u)
        }
        if markets[market].fundingPaid != .zero {
            loss += larger(0, fundingPayment(leg, Int128(markets[market].fundingPaid.units)))
        }
        assert(loss >= 0, "a gain is no loss")
        return loss
    }

    // MARK: Closing outside of the book

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

    /// The same for one leg, whose bucket gets something besides the price.
    func fits(_ delta: Int64, at price: Int64, on leg: Int32, besides: Int128) -> Bool {
        assert(delta != 0 && price > 0, "a closing has lots and a price")
        let realized = result(of: delta, at: price, on: leg).realized
        let after = absolute(Int128(margins[legs[leg].margin].cash.units) + realized + besides)
        if absolute(besides) >= Amount.cashLimit || after >= Amount.cashLimit { return false }
        if !legs[leg].isIsolated { return true }
        return absolute(Int128(margins[accounts[legs[leg].account].margin].cash.units)) + after
            < Amount.cashLimit
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

    // MARK: Receipt

    private mutating func beginEpisode(
        _ margin: MarginAccount.Index,
        _ health: Health,
        _ events: inout EventBuffer
    ) {
        assert(health.isUnderMaintenance, "an episode is one of who lacks margin")
        assert(waterfall.trigger >= 0, "a market has begun it")
        lastEpisode += 1
        waterfall.episode = EpisodeEnded()
        waterfall.episode.episode = lastEpisode
        waterfall.episode.account = AccountID(margins[margin].account)
        setInLiquidation(margin, true)
        var began = EpisodeBegan()
        began.episode = lastEpisode
        began.account = AccountID(margins[margin].account)
        if margins[margin].isIsolated {
            began.market = MarketID(margins[margin].market)
            began.positionSide = legs[margins[margin].firstPosition].side
        }
        let trigger = waterfall.trigger
        began.trigger = MarketID(trigger)
        began.mark = markets[trigger].mark
        began.previousMark = markets[trigger].previousMark
        began.sources = markets[trigger].validSources
        began.equity = Amount(reporting: health.equity)
        began.maintenance = Amount(reporting: health.maintenance)
        began.round = waterfall.round
        events.append(.episodeBegan, began)
    }

    /// WF-9 and the sum of the receipt.
    private mutating func endEpisode(_ margin: MarginAccount.Index, _ events: inout EventBuffer) {
        let health = health(margin)
        let closed = health.positions == 0
        let wasBelowZero = waterfall.episode.deficit > .zero
        assert(waterfall.episode.account.raw == margins[margin].account, "an episode ends for whom it began")
        if closed && health.equity > 0 && waterfall.hasTakeover && wasBelowZero {
            // Units of rounding, paid in beyond the deficit; a solvent bucket keeps what it has.
            move(health.equity, from: margin, to: venue(.fund), .rounding, &events)
        } else if closed {
            returnMargin(margin, health.equity, &events)
        }
        let healthy = !health.isUnderMaintenance
        setInLiquidation(margin, !healthy)
        disarm(margin)
        assert(!closed || health.maintenance == 0, "who is closed requires nothing")
        settleDeficit(health, closed)
        waterfall.episode.outcome = closed ? .closed : healthy ? .healthy : .waiting
        waterfall.episode.overshoot = waterfall.episode.taken - waterfall.episode.needed
        waterfall.episode.equity = Amount(reporting: self.health(margin).equity)
        events.append(.episodeEnded, waterfall.episode)
        waterfall.hasTakeover = false
        waterfall.isCovered = false
        expireUselessReduceOnly(&events)
    }

    /// What a deficit came to in the end (RCP-5): units above zero are rounding, and what stays below
    /// because a leg could not be closed belongs to the bucket's next episode.
    private mutating func settleDeficit(_ health: Health, _ closed: Bool) {
        assert(waterfall.episode.deficit.units >= 0, "a deficit is not negative")
        if waterfall.episode.deficit == .zero { return }
        if health.equity < 0 {
            waterfall.episode.deficit = Amount(
                reporting: Int128(waterfall.episode.deficit.units) + health.equity
            )
        } else if waterfall.hasTakeover && !waterfall.isCovered {
            waterfall.episode.rounding = Amount(reporting: health.equity)
        }
    }

    /// An isolated bucket without a position gives what it has left to cross (WF-9).
    mutating func returnMargin(_ margin: MarginAccount.Index, _ left: Int128, _ events: inout EventBuffer) {
        assert(health(margin).positions == 0, "margin goes back when nothing is open")
        if !margins[margin].isIsolated || left <= 0 { return }
        let cross = accounts[margins[margin].account].margin
        move(left, from: margin, to: cross, .isolatedMargin, &events)
    }
}
