/// An owner's other accounts bear its deficit before the fund and before anybody else (ADL-10): first what
/// they hold on the other side, then what a named owner has above maintenance elsewhere.
extension Exchange {
    /// Closes what is left of a margin account below zero against its owner's other accounts, as far as they
    /// can bear it.
    mutating func askOwnAccounts(_ margin: MarginAccount.Index, _ events: inout EventBuffer) {
        assert(health(margin).equity < 0, "an owner answers for a deficit")
        assert(margins[margin].isInLiquidation, "who is answered for is in liquidation")
        orderPositions(margin, .byLoss)
        var index = 0
        while index < positionOrder.count {
            let position = positionOrder[index]
            index += 1
            let market = positions[position].market
            let health = health(margin)
            if health.equity >= 0 { return }
            if markets[market].specification.ownAccounts == .asOthers { continue }
            rankOwn(market, longs: !positions[position].isLong, of: margin)
            if ranking.count == 0 { continue }
            assert(
                ranking.count <= 3 * ownerAccounts.count,
                "an owner has three positions an account at most"
            )
            placeRanked(position, bankruptcyPrice(position, health), &events)
        }
    }

    /// Ranks the positions of one direction of a market that the owner of a margin account holds besides it.
    /// O(accounts of the owner).
    private mutating func rankOwn(_ market: Int32, longs: Bool, of margin: MarginAccount.Index) {
        ranking.truncate(to: 0)
        collectOwners(of: margins[margin].account)
        var account = 0
        while account < ownerAccounts.count {
            for index in 0..<3 {
                let position = position(ownerAccounts[account], market, at: index)
                if position >= 0 { addOwn(position, longs: longs, of: margin) }
            }
            account += 1
        }
        assert(ownerAccounts.count > 0, "an account has an owner")
        ranking.sort { $0.isBefore($1) }
    }

    private mutating func addOwn(_ position: Int32, longs: Bool, of margin: MarginAccount.Index) {
        let own = positions[position].margin
        if !positions[position].isOpen || positions[position].isLong != longs || own == margin { return }
        let lots = netLots(position)
        if lots == 0 { return }
        assert(lots > 0 && own != margin, "an owner's other margin account holds lots")
        let health = health(own)
        var ranked = score(position, health, lots: lots, episode: lastEpisode)
        ranked.isPastTakeover = isPastTakeover(health, ruleMarket(own))
        assert(ranked.position == position, "an entry is one of its position")
        ranked.isOwn = true
        ranking.append(ranked)
    }

    /// The accounts of an account's owner, by number, into `ownerAccounts`.
    private mutating func collectOwners(of account: Int32) {
        ownerAccounts.truncate(to: 0)
        if accounts[account].owner.raw <= 0 {
            ownerAccounts.append(account)
            return
        }
        var other = firstAccount(of: accounts[account].owner)
        while other >= 0 {
            ownerAccounts.append(other)
            other = accounts[other].nextOfOwner
        }
        assert(ownerAccounts.count > 0, "an account is in its owner's list")
        ownerAccounts.sort { $0 < $1 }
    }

    // MARK: Recourse

    /// A named owner's other accounts pay what they have above maintenance, in any market, as far as a
    /// deficit goes: by account, cross before isolated, then in the order in which positions were first
    /// touched (ADL-10). O(positions of the owner).
    mutating func askForRecourse(_ margin: MarginAccount.Index, by market: Int32, _ events: inout EventBuffer)
    {
        if accounts[margins[margin].account].owner.raw <= 0 { return }
        if markets[market].specification.ownAccounts != .recourse { return }
        assert(health(margin).equity < 0 || margins[margin].isInLiquidation, "an owner answers for a deficit")
        collectOwners(of: margins[margin].account)
        var index = 0
        while index < ownerAccounts.count {
            let account = ownerAccounts[index]
            index += 1
            if account == margins[margin].account { continue }
            takeRecourse(accounts[account].margin, to: margin, &events)
            var position = accounts[account].firstPosition
            while position >= 0 {
                let own = positions[position].margin
                if positions[position].isIsolated { takeRecourse(own, to: margin, &events) }
                position = positions[position].next
            }
        }
    }

    private mutating func takeRecourse(
        _ payer: MarginAccount.Index,
        to margin: MarginAccount.Index,
        _ events: inout EventBuffer
    ) {
        let health = health(payer)
        precondition(
            margins[payer].account != margins[margin].account,
            "an account does not answer for itself"
        )
        let missing = max(0, -self.health(margin).equity)
        let amount = min(missing, max(0, health.equity - health.maintenance))
        // What leaves the range of an amount stays where it is (LED-1).
        if amount <= 0 || amount + absolute(Int128(margins[payer].cash.units)) >= Amount.cashLimit { return }
        precondition(
            amount <= missing && health.equity - amount >= health.maintenance,
            "who answers keeps its maintenance"
        )
        waterfall.steps += 1
        waterfall.episode.recourse += Amount(Int64(amount))
        var paid = RecoursePaid()
        paid.episode = waterfall.episode.episode
        paid.account = AccountID(margins[payer].account)
        if margins[payer].isIsolated {
            paid.market = MarketID(margins[payer].market)
            paid.positionSide = positions[margins[payer].firstPosition].side
        }
        paid.amount = Amount(Int64(amount))
        events.append(.recoursePaid, paid)
        move(amount, from: payer, to: margin, .recourse, &events)
        markAffected(payer)
    }
}
