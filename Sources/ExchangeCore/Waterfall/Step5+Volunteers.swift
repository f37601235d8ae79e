/// Step 5: volunteers take over, cheapest first (WF-5).
extension Exchange {
    mutating func takeToVolunteers(_ margin: MarginAccount.Index, _ events: inout EventBuffer) {
        assert(margins[margin].isInLiquidation, "who is offered is in liquidation")
        orderPositions(margin, health(margin).equity < 0 ? .byLoss : .byMaintenance)
        var index = 0
        while index < positionOrder.count {
            let position = positionOrder[index]
            index += 1
            let health = health(margin)
            if !health.isUnderMaintenance { return }
            offerRound(position, bankruptcyPrice(position, health), &events)
        }
    }

    private mutating func offerRound(
        _ position: Int32,
        _ bankruptcy: BankruptcyPrice,
        _ events: inout EventBuffer
    ) {
        let market = positions[position].market
        let side: Side = positions[position].isLong ? .sell : .buy
        waterfall.fundMarket = lossMarket(positions[position].margin)
        var asked = VolunteersAsked()
        asked.episode = waterfall.episode.episode
        asked.market = MarketID(market)
        asked.asked = positions[position].size.magnitude
        var offer = firstOffer(market, side)
        while offer >= 0 {
            let next = offers[offer].next
            asked.offers += 1
            if isEligible(offers[offer].account, position) {
                let taker = makePosition(
                    offers[offer].account,
                    market,
                    receivingSide(offers[offer].account, side)
                )
                if taker >= 0 {
                    asked.eligible += 1
                    asked.offered += offers[offer].quantity
                    if positions[position].isOpen {
                        take(offer, position, taker, bankruptcy, &asked, &events)
                    }
                }
            }
            offer = next
        }
        assert(asked.taken == .zero && asked.eligible <= asked.offers, "who is eligible has an offer")
        asked.taken = asked.asked - positions[position].size.magnitude
        events.append(.volunteersAsked, asked)
    }

    /// Whether a volunteer may take over from a position's margin account at all.
    private func isEligible(_ account: Int32, _ position: Int32) -> Bool {
        let own = accounts[positions[position].account].owner
        if accounts[account].owner == own || accounts[account].isKilled { return false }
        if margins[accounts[account].margin].isInLiquidation { return false }
        assert(account != positions[position].account, "nobody takes over from itself")
        let known = anyPosition(account, positions[position].market)
        return known < 0 || !positions[known].isIsolated
    }

    /// What a volunteer and the fund have to do with some lots of a position (WF-5).
    private struct Terms: BitwiseCopyable {
        /// What the position's margin account gives besides the mark; negative: what it lacks.
        var adjustment: Int128 = 0
        /// What the fund adds.
        var bid: Int128 = 0
        /// What the volunteer gets besides the mark.
        var gets: Int128 { adjustment + bid }
    }

    /// The edge that an offer asks is the most that it gets: out of what the margin account has, and where
    /// that is less, and the fund may, from the fund.
    private func terms(_ offer: Int32, _ position: Int32, _ lots: Int64, _ bankruptcy: BankruptcyPrice)
        -> Terms
    {
        let market = positions[position].market
        assert(lots >= 0 && offers[offer].quantity.lots > 0, "an offer has lots")
        let asked = edgeAmount(market, lots, offers[offer].edge)
        var terms = Terms()
        terms.adjustment = min(asked, bankruptcy.adjustment(lots))
        if asked > terms.adjustment && mayHaveBid(offer, position) {
            let limit = edgeAmount(market, lots, bidLimit(market))
            terms.bid = min(asked - terms.adjustment, min(limit, fundRoom(waterfall.fundMarket)))
        }
        precondition(terms.bid >= 0 && terms.gets <= asked, "a volunteer gets no more than it asks")
        return terms
    }

    /// Whether the fund adds to an offer: only in an episode that was below zero, and never for an offer that
    /// is younger than the position.
    private func mayHaveBid(_ offer: Int32, _ position: Int32) -> Bool {
        let newest = Int64(positions[position].lastOfferBefore)
        let isOlder = offers[offer].number <= newest
        return waterfall.episode.deficit > .zero && isOlder
    }

    private mutating func take(
        _ offer: Int32,
        _ position: Int32,
        _ taker: Int32,
        _ bankruptcy: BankruptcyPrice,
        _ asked: inout VolunteersAsked,
        _ events: inout EventBuffer
    ) {
        let market = positions[position].market
        let side: Side = positions[position].isLong ? .sell : .buy
        let bound = min(offers[offer].quantity.lots, Int64(positions[position].size.lots.magnitude))
        let quantity = bisect(bound) { lots in
            if lots == 0 { return available(positions[taker].account) >= 0 }
            let terms = self.terms(offer, position, lots, bankruptcy)
            return terms.gets >= 0 && availableAfter(taking: lots, from: position, on: taker, terms.gets) >= 0
        }
        precondition(quantity >= 0 && quantity <= bound, "no more is taken than is offered")
        let terms = self.terms(offer, position, quantity, bankruptcy)
        let adjustment = terms.adjustment
        if quantity == 0 || !fits(quantity, of: position, with: taker, adjustment: adjustment, bid: terms.bid)
        {
            if self.terms(offer, position, 1, bankruptcy).gets >= 0 {
                asked.withoutMargin += 1
            } else {
                asked.withoutBid += 1
            }
            return
        }
        precondition(terms.gets >= 0, "nobody pays to volunteer")
        asked.takers += 1
        if terms.bid > 0 { payBid(terms, taker, &events) }
        var closing = Closing(bid: Amount(Int64(terms.bid)))
        waterfall.hasTakeover = true
        // The fund bears a deficit that its bid covers: the margin account is lifted by it, not by the
        // volunteer.
        close(
            quantity,
            of: position,
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
        let covered = min(terms.bid, max(0, -terms.adjustment))
        _ = drawFund(
            terms.bid,
            for: waterfall.fundMarket,
            to: positions[taker].margin,
            .volunteerBid,
            &events
        )
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

    /// `available` of an account after it took lots off a position at mark and received `adjustment`.
    func availableAfter(taking lots: Int64, from position: Int32, on taker: Int32, _ adjustment: Int128)
        -> Int128
    {
        assert(
            lots >= 0 && positions[position].market == positions[taker].market,
            "lots go over in one market"
        )
        let delta = positions[position].isLong ? lots : -lots
        let mark = markets[positions[position].market].mark.ticks
        let result = result(of: delta, at: mark, on: taker)
        let account = positions[taker].account
        let before = requirement(taker).amount
        let after = requirement(
            taker,
            with: .nothing,
            leverage: positions[taker].leverage,
            result.size,
            Amount(Int64(result.quote))
        ).amount
        let gain =
            unrealized(positions[taker].market, result.size, Amount(Int64(result.quote)), .cautious)
            - (positions[taker].isOpen ? unrealized(taker, .cautious) : 0) + result.realized
        return available(account) + before - after + gain + adjustment
    }
}
