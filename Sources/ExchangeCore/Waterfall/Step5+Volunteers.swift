/// Step 5: volunteers take over, cheapest first (WF-5).
extension Exchange {
    mutating func takeToVolunteers(_ margin: MarginAccount.Index, _ events: inout EventBuffer) {
        assert(margins[margin].isInLiquidation, "who is offered is in liquidation")
        orderLegs(margin, health(margin).equity < 0 ? .byLoss : .byMaintenance)
        var index = 0
        while index < legOrder.count {
            let leg = legOrder[index]
            index += 1
            let health = health(margin)
            if !health.isUnderMaintenance { return }
            offerRound(leg, zeroPrice(leg, health), &events)
        }
    }

    private mutating func offerRound(_ leg: Int32, _ zero: ZeroPrice, _ events: inout EventBuffer) {
        let market = legs[leg].market
        let side: Side = legs[leg].isLong ? .sell : .buy
        waterfall.fundMarket = lossMarket(legs[leg].margin)
        var asked = VolunteersAsked()
        asked.episode = waterfall.episode.episode
        asked.market = MarketID(market)
        asked.asked = legs[leg].size.magnitude
        var offer = firstOffer(market, side)
        while offer >= 0 {
            let next = offers[offer].next
            asked.offers += 1
            if isEligible(offers[offer].account, leg) {
                let taker = makeLeg(offers[offer].account, market, receivingSide(offers[offer].account, side))
                if taker >= 0 {
                    asked.eligible += 1
                    asked.offered += offers[offer].quantity
                    if legs[leg].hasPosition { take(offer, leg, taker, zero, &asked, &events) }
                }
            }
            offer = next
        }
        assert(asked.taken == .zero && asked.eligible <= asked.offers, "who is eligible has an offer")
        asked.taken = asked.asked - legs[leg].size.magnitude
        events.append(.volunteersAsked, asked)
    }

    /// Whether a volunteer may take over from a leg's bucket at all.
    private func isEligible(_ account: Int32, _ leg: Int32) -> Bool {
        let own = accounts[legs[leg].account].owner
        if accounts[account].owner == own || accounts[account].isKilled { return false }
        if margins[accounts[account].margin].isInLiquidation { return false }
        assert(account != legs[leg].account, "nobody takes over from itself")
        let known = anyLeg(account, legs[leg].market)
        return known < 0 || !legs[known].isIsolated
    }

    /// What a volunteer and the fund have to do with some lots of a leg (WF-5).
    private struct Terms: BitwiseCopyable {
        /// What the leg's bucket gives besides the mark; negative: what it lacks.
        var adjustment: Int128 = 0
        /// What the fund adds.
        var bid: Int128 = 0
        /// What the volunteer gets besides the mark.
        var gets: Int128 { adjustment + bid }
    }

    /// The edge that an offer asks is the most that it gets: out of what the bucket has, and where that is
    /// less, and the fund may, from the fund.
    private func terms(_ offer: Int32, _ leg: Int32, _ lots: Int64, _ zero: ZeroPrice) -> Terms {
        let market = legs[leg].market
        assert(lots >= 0 && offers[offer].quantity.lots > 0, "an offer has lots")
        let asked = edgeAmount(market, lots, offers[offer].edge)
        var terms = Terms()
        terms.adjustment = smaller(asked, zero.adjustment(lots))
        if asked > terms.adjustment && mayHaveBid(offer, leg) {
            let limit = edgeAmount(market, lots, bidLimit(market))
            terms.bid = smaller(asked - terms.adjustment, smaller(limit, fundRoom(waterfall.fundMarket)))
        }
        precondition(terms.bid >= 0 && terms.gets <= asked, "a volunteer gets no more than it asks")
        return terms
    }

    /// Whether the fund adds to an offer: only in an episode that was below zero, and never for an offer that
    /// is younger than the position.
    private func mayHaveBid(_ offer: Int32, _ leg: Int32) -> Bool {
        waterfall.episode.deficit > .zero && offers[offer].number <= Int64(legs[leg].lastOfferBefore)
    }

    private mutating func take(
        _ offer: Int32,
        _ leg: Int32,
        _ taker: Int32,
        _ zero: ZeroPrice,
        _ asked: inout VolunteersAsked,
        _ events: inout EventBuffer
    ) {
        let market = legs[leg].market
        let side: Side = legs[leg].isLong ? .sell : .buy
        let bound = smaller(offers[offer].quantity.lots, Int64(legs[leg].size.lots.magnitude))
        let quantity = bisect(bound) { lots in
            if lots == 0 { return available(legs[taker].account) >= 0 }
            let terms = self.terms(offer, leg, lots, zero)
            return terms.gets >= 0 && availableAfter(taking: lots, from: leg, on: taker, terms.gets) >= 0
        }
        precondition(quantity >= 0 && quantity <= bound, "no more is taken than is offered")
        let terms = self.terms(offer, leg, quantity, zero)
        let adjustment = terms.adjustment
        if quantity == 0 || !fits(quantity, of: leg, with: taker, adjustment: adjustment, bid: terms.bid) {
            if self.terms(offer, leg, 1, zero).gets >= 0 {
                asked.withoutMargin += 1
            } else {
                asked.withoutBid += 1
            }
            return
        }
        precondition(terms.gets >= 0, "nobody pays to volunteer")
        asked.takers += 1
        if terms.bid > 0 { payBid(terms, taker, &events) }
        var closing = Closing()
        closing.bid = Amount(Int64(terms.bid))
        waterfall.hasTakeover = true
        // The fund bears a deficit that its bid covers: the bucket is lifted by it, not by the volunteer.
        close(
            quantity,
            of: leg,
            with: taker,
            adjustment: terms.adjustment,
            .volunteer,
            .volunteer,
            &closing,
            &events
        )
        shrinkOffer(offer, market, side, by: quantity, &events)
    }

    private mutating func shrinkOffer(
        _ offer: Int32,
        _ market: Int32,
        _ side: Side,
        by lots: Int64,
        _ events: inout EventBuffer
    ) {
        assert(lots > 0 && lots <= offers[offer].quantity.lots, "an offer shrinks by what was taken")
        offers[offer].quantity -= Quantity(lots)
        let left = offers[offer]
        reportOffer(market, left.account, side, left.quantity, left.edge, &events)
        if left.quantity == .zero { removeOffer(market, left.account, side) }
    }

    /// The fund pays its part to the volunteer; of a deficit that it covers thereby the receipt says so.
    private mutating func payBid(_ terms: Terms, _ taker: Int32, _ events: inout EventBuffer) {
        precondition(terms.bid > 0 && waterfall.episode.deficit > .zero, "the fund adds only to a deficit")
        let covered = smaller(terms.bid, larger(0, -terms.adjustment))
        _ = drawFund(terms.bid, for: waterfall.fundMarket, to: legs[taker].margin, .volunteerBid, &events)
        waterfall.episode.fund += Amount(Int64(covered))
        waterfall.episode.bids += Amount(Int64(terms.bid - covered))
    }

    /// ⌈edge·q·mark·u⌉.
    func edgeAmount(_ market: Int32, _ lots: Int64, _ edge: Rate) -> Int128 {
        assert(lots >= 0, "an edge is one of lots")
        let notional = Int128(lots) * Int128(markets[market].mark.ticks) * markets[market].u
        return Liquidation.discount(edge, of: notional)
    }

    /// The most that the fund adds: by default what maker and taker pay in fees (WF-5).
    private func bidLimit(_ market: Int32) -> Rate {
        assert(
            markets[market].maker.units + markets[market].taker.units >= 0,
            "fees of both sides are not negative"
        )
        let limit = markets[market].specification.bidLimit
        return limit.units < 0 ? Rate(markets[market].maker.units + markets[market].taker.units) : limit
    }

    /// `available` of an account after it took lots off a leg at mark and received `adjustment`.
    func availableAfter(taking lots: Int64, from leg: Int32, on taker: Int32, _ adjustment: Int128) -> Int128
    {
        assert(lots >= 0 && legs[leg].market == legs[taker].market, "lots go over in one market")
        let delta = legs[leg].isLong ? lots : -lots
        let mark = markets[legs[leg].market].mark.ticks
        let result = result(of: delta, at: mark, on: taker)
        let account = legs[taker].account
        let before = requirement(taker).amount
        let after = requirement(
            taker,
            with: .nothing,
            leverage: legs[taker].leverage,
            result.size,
            Amount(Int64(result.quote))
        ).amount
        let gain =
            unrealized(legs[taker].market, result.size, Amount(Int64(result.quote)), .cautious)
            - (legs[taker].hasPosition ? unrealized(taker, .cautious) : 0) + result.realized
        return available(account) + before - after + gain + adjustment
    }
}
