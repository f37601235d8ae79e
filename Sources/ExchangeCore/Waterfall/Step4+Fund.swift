/// Step 4: the insurance fund (WF-4).
extension Exchange {
    /// The market whose limits on the fund apply to a margin account: that of its largest loss in this
    /// command, else of its largest unrealised loss, which an entry of one's own choice can make (WF-4).
    func lossMarket(_ margin: MarginAccount.Index) -> Int32 {
        var best = nowhere
        var position = margins[margin].firstPosition
        while position >= 0 {
            if positions[position].isOpen && (best < 0 || isWorse(position, best)) { best = position }
            position = positions[position].nextOfMargin
        }
        assert(best < 0 || positions[best].margin == margin, "a loss is the margin account's")
        return best < 0 ? homeMarket(margin) : positions[best].market
    }

    private func isWorse(_ position: Int32, _ other: Int32) -> Bool {
        assert(
            positions[position].account == positions[other].account,
            "two positions of one account are compared"
        )
        let (lost, otherLost) = (loss(position), loss(other))
        if lost != otherLost { return lost > otherLost }
        let (worth, otherWorth) = (unrealized(position), unrealized(other))
        return worth != otherWorth ? worth < otherWorth : comesBefore(position, other)
    }

    /// What the fund may still pay in this episode for a market.
    func fundRoom(_ market: Int32) -> Int128 {
        let specification = markets[market].specification
        assert(markets[market].fundDrawn.units >= 0, "what the fund has paid is not negative")
        return Liquidation.fundRoom(
            balance: fundBalance,
            paid: Int128(waterfall.episode.fund.units) + Int128(waterfall.episode.bids.units),
            perEvent: Int128(specification.fundPerEvent.units),
            drawn: Int128(markets[market].fundDrawn.units),
            perMarket: Int128(specification.fundPerMarket.units)
        )
    }

    /// Below zero the fund pays, as far as it goes and the limits of a market allow.
    mutating func payFromFund(
        _ deficit: Int128,
        to margin: MarginAccount.Index,
        by market: Int32,
        _ events: inout EventBuffer
    ) {
        assert(deficit > 0, "the fund pays for a deficit")
        waterfall.fundMarket = market
        let paid = drawFund(min(deficit, fundRoom(market)), for: market, to: margin, .insurance, &events)
        precondition(paid >= 0 && paid <= deficit, "the fund pays no more than is missing")
        waterfall.episode.fund += Amount(Int64(paid))
    }

    /// Takes an amount out of the fund and states it in the receipt. Returns it.
    mutating func drawFund(
        _ amount: Int128,
        for market: Int32,
        to margin: MarginAccount.Index,
        _ reason: LedgerReason,
        _ events: inout EventBuffer
    ) -> Int128 {
        waterfall.steps += 1
        precondition(amount >= 0 && amount <= fundBalance, "the fund pays what it has")
        assert(margin != venue(.fund), "the fund pays another")
        var paid = FundPaid()
        paid.episode = waterfall.episode.episode
        paid.market = MarketID(market)
        paid.amount = Amount(Int64(amount))
        paid.before = Amount(Int64(fundBalance))
        move(amount, from: venue(.fund), to: margin, reason, &events)
        paid.after = Amount(Int64(fundBalance))
        // Only compared with the limit, which is no higher.
        markets[market].fundDrawn = Amount(clampedToRange(Int128(markets[market].fundDrawn.units) + amount))
        events.append(.fundPaid, paid)
        return amount
    }

    /// Before step 5: the owner's other accounts, then the fund; if nothing is missing any more the book is
    /// tried once again, at mark (WF-4).
    mutating func coverDeficit(_ margin: MarginAccount.Index, _ events: inout EventBuffer) {
        let before = health(margin)
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
}
