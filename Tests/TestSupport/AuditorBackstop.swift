import ExchangeCore

// Steps 3a to 6 and the end of an episode (WF-3a to WF-6, WF-9), and the vault (VLT).

extension Auditor {
    /// Steps 3 to 8 for one bucket of the queue, looked at afresh.
    func resolve(_ entry: QueueEntry) {
        let b = entry.bucket
        var e = entry.episode
        if equity(b) >= maintenance(b) { return leave(b) }
        e.number = s.nextEpisode
        s.nextEpisode += 1
        e.equityBefore = equity(b)
        e.maintenance = maintenance(b)
        book(b, e.number)
        if equity(b) >= maintenance(b) || !isPastTakeover(b) { return finish(b, &e) }
        e.deficit = positivePart(-equity(b))
        if e.deficit > 0 {
            askOwnAccounts(b, byLoss(b, closableLegs(b)), &e)
            if equity(b) < 0 { recourse(b, &e) }
            if equity(b) < 0 { insurance(b, &e) }
            if equity(b) >= 0 && !positions(b).isEmpty { book(b, e.number, retry: true) }
        }
        for leg in stepOrder(b) where equity(b) < maintenance(b) { volunteers(b, leg, &e) }
        if b.account != 2 {
            for leg in stepOrder(b) where equity(b) < maintenance(b) { vaultTakes(b, leg, &e) }
        }
        if e.deficit > 0 {
            let legs = stepOrder(b)
            e.needed = positivePart(-equity(b))
            for leg in legs where equity(b) < maintenance(b) { deleverage(b, leg, &e) }
            residual(b, legs, &e)
        }
        finish(b, &e)
    }

    /// WF-9, and what the receipt says at its end.
    private func finish(_ b: Bucket, _ e: inout AuditedEpisode) {
        let empty = positions(b).isEmpty
        if empty && e.closedLate && cash(b) > 0 && e.deficit > 0 {
            let rest = cash(b)
            addCash(b, -rest)
            s.accounts[0].cash += rest
        }
        if e.deficit > 0 {
            let borne = e.recourse + e.fund + e.vault + e.givenUp + e.residual
            e.rounding = positivePart(borne - e.deficit)
        }
        // What could not be closed belongs to the next episode (RCP-5).
        e.deficit = positivePart(e.deficit - positivePart(-equity(b)))
        let healthy = equity(b) >= maintenance(b)
        e.outcome = empty ? .closed : healthy ? .healthy : .waiting
        if empty || healthy { leave(b) }
        e.equity = equity(b)
        episodes.append(e)
    }

    /// The order of steps 5 to 7: by maintenance, or below zero by unrealised loss.
    private func stepOrder(_ b: Bucket) -> [Int] {
        let legs = closableLegs(b)
        return equity(b) < 0 ? byLoss(b, legs) : byMaintenance(b, legs)
    }

    private func byLoss(_ b: Bucket, _ legs: [Int]) -> [Int] {
        let a = s.accounts[b.account]
        return legs.sorted {
            let (x, y) = (a.legs[$0], a.legs[$1])
            let (px, py) = (unrealized(x), unrealized(y))
            return px != py ? px < py : (x.market, x.rank) < (y.market, y.rank)
        }
    }

    // MARK: step 4 (WF-4)

    /// What the fund's limits leave for this episode.
    private func leftOfLimits(_ e: AuditedEpisode) -> Whole {
        guard let market = e.limits else { return fund }
        let m = s.markets[market]
        let event = Whole(m.rules.fundPerEvent.units)
        let total = Whole(m.rules.fundPerMarket.units)
        var most = fund
        if event != noLimit { most = min(most, positivePart(event - e.spent)) }
        if total != noLimit { most = min(most, positivePart(total - m.fundSpent)) }
        return most
    }

    private func fundPays(_ amount: Whole, _ e: inout AuditedEpisode) {
        if amount > 0 {
            told.payments.append(
                AuditedPayment(
                    episode: e.number,
                    market: e.limits ?? -1,
                    amount: amount,
                    before: fund
                )
            )
        }
        s.accounts[0].cash -= amount
        e.spent += amount
        if let market = e.limits { s.markets[market].fundSpent += amount }
    }

    /// The market of the leg that lost most in this command, among equals the one with the largest unrealised
    /// loss (WF-4).
    func limitingMarket(_ b: Bucket) -> Int? {
        let legs = s.accounts[b.account].legs
        let inOrder = byLoss(b, positions(b))
        guard let most = inOrder.map({ loss(legs[$0]) }).max() else { return nil }
        return inOrder.first { loss(legs[$0]) == most }.map { legs[$0].market }
    }

    private func insurance(_ b: Bucket, _ e: inout AuditedEpisode) {
        e.limits = limitingMarket(b)
        let amount = min(positivePart(-equity(b)), leftOfLimits(e))
        if amount > 0 {
            fundPays(amount, &e)
            addCash(b, amount)
            e.fund += amount
        }
        if e.deficit > 0 { steps += 1 }
    }

    // MARK: a closing of steps 5 to 8

    /// Closes `q` of the bucket's leg at mark against a leg of another bucket.
    func close(
        _ b: Bucket,
        _ leg: Int,
        against other: Bucket,
        _ otherLeg: Int,
        _ q: Whole,
        _ kind: TransferKind,
        adjustment: Whole,
        bid: Whole = 0,
        _ e: inout AuditedEpisode,
        rank: Int = 0,
        score: Whole = 0
    ) {
        let l = s.accounts[b.account].legs[leg]
        let mark = s.markets[l.market].mark
        let buys = l.size < 0
        let held = s.accounts[other.account].legs[otherLeg].size
        let reduces = held != 0 && (held > 0) == buys
        let realized = realizes(other.account, otherLeg, buy: !buys, q, price: mark)
        tradeNow(b.account, leg, buy: buys, q, price: mark, besides: -adjustment)
        tradeNow(other.account, otherLeg, buy: !buys, q, price: mark, besides: adjustment + bid)
        steps += 1
        e.closedLate = positions(b).isEmpty
        if let touched = waterfall?.touched, !touched.contains(other) { waterfall?.touched.append(other) }
        closings.append(
            AuditedClosing(
                episode: e.number,
                kind: kind,
                market: l.market,
                quantity: q,
                price: mark,
                closed: b.account,
                counterparty: other.account,
                adjustment: adjustment,
                bid: bid,
                kept: reduces ? realized + adjustment : 0,
                rank: rank,
                score: score,
                paid: closedAt(mark, q * s.markets[l.market].u, gets: buys ? -adjustment : adjustment)
            )
        )
        expireWhatCannotReduce([
            Changed(account: b.account, leg: leg), Changed(account: other.account, leg: otherLeg),
        ])
    }

    /// RCP-7: the mark less what a seller gave (more, if negative) a lot, to the nearest tick, halves upward.
    private func closedAt(_ mark: Whole, _ lot: Whole, gets given: Whole) -> Whole {
        mark + floorOf(lot - 2 * given, 1, over: 2 * lot)
    }

    // MARK: step 5 (WF-5)

    private func volunteers(_ b: Bucket, _ leg: Int, _ e: inout AuditedEpisode) {
        let l = s.accounts[b.account].legs[leg]
        if l.size == 0 { return }
        let side: Side = l.size > 0 ? .sell : .buy
        let t = terms(b, leg)
        e.limits = limitingMarket(b)
        let sorted = s.offers.filter { $0.market == l.market && $0.side == side }
            .sorted { ($0.edge, $0.age) < ($1.edge, $1.age) }
        var asking = AuditedAsking(episode: e.number, market: l.market, asked: abs(l.size))
        for offer in sorted {
            asking.offers += 1
            let a = s.accounts[offer.account]
            let into: PositionSide = a.hedge ? (side == .sell ? .long : .short) : .both
            if a.owner == s.accounts[b.account].owner || a.killed || a.inLiquidation
                || setting(a, l.market).isolated || !mayTouch(offer.account, l.market, into)
            {
                continue
            }
            asking.eligible += 1
            asking.offered += offer.quantity
            let own = touch(offer.account, l.market, into)
            let left = abs(s.accounts[b.account].legs[leg].size)
            if left > 0 { volunteer(b, leg, offer, own, t, min(left, offer.quantity), &asking, &e) }
        }
        asking.taken = asking.asked - abs(s.accounts[b.account].legs[leg].size)
        told.askings.append(asking)
    }

    private func volunteer(
        _ b: Bucket,
        _ leg: Int,
        _ offer: AuditedOffer,
        _ own: Int,
        _ t: Terms,
        _ most: Whole,
        _ asking: inout AuditedAsking,
        _ e: inout AuditedEpisode
    ) {
        let l = s.accounts[b.account].legs[leg]
        let m = s.markets[l.market]
        var bidLimit = Whole(m.rules.bidLimit.units)
        if bidLimit < 0 { bidLimit = Whole(m.rules.maker.units + m.rules.taker.units) }
        let mayBid = e.deficit > 0 && offer.number <= l.offersBefore
        if !mayBid && e.deficit > 0 { marks.append("no bid for an offer younger than the position") }
        let leftOfFund = mayBid ? leftOfLimits(e) : 0
        let isLong = l.size > 0
        let a = s.accounts[offer.account]
        // What the bucket gives besides the mark, and what the fund adds: together at most the edge asked.
        let gives = { (q: Whole) in min(ceilingOf(q * m.mark * m.u, offer.edge, over: one), t.adjustment(q)) }
        let adds = { (q: Whole) in
            let lacks = ceilingOf(q * m.mark * m.u, offer.edge, over: one) - gives(q)
            return min(lacks, leftOfFund, ceilingOf(q * m.mark * m.u, bidLimit, over: one))
        }
        let q = largest(upTo: most) { q in
            if q == 0 { return available(offer.account, a) >= 0 }
            let gets = gives(q) + adds(q)
            if gets < 0 { return false }
            var after = a
            trade(&after, own, buy: isLong, q, price: m.mark, besides: gets)
            return available(offer.account, after) >= 0
        }
        let (adjustment, bid) = q == 0 ? (0, 0) : (gives(q), adds(q))
        if q == 0 || !mayClose(b, leg, with: offer.account, own, q, adjustment: adjustment, bid: bid) {
            if gives(1) + adds(1) >= 0 { asking.withoutMargin += 1 } else { asking.withoutBid += 1 }
            return
        }
        asking.takers += 1
        fundPays(bid, &e)
        if bid > 0 { steps += 1 }
        let covered = min(bid, positivePart(-adjustment))
        e.fund += covered
        e.bids += bid - covered
        close(
            b,
            leg,
            against: bucket(of: offer.account, leg: own),
            own,
            q,
            .volunteer,
            adjustment: adjustment,
            bid: bid,
            &e
        )
        for index in s.offers.indices where s.offers[index].age == offer.age { s.offers[index].quantity -= q }
        s.offers.removeAll { $0.quantity == 0 }
    }

    // MARK: step 6 (WF-6, VLT-3 to VLT-5)

    private func vaultTakes(_ b: Bucket, _ leg: Int, _ e: inout AuditedEpisode) {
        let l = s.accounts[b.account].legs[leg]
        let asked = abs(l.size)
        if asked == 0 { return }
        var quote = AuditedQuote(episode: e.number, market: l.market, asked: asked, taken: 0, limit: .none)
        // Of a vault that is not there nothing is known.
        quote.equity = noLimit
        quote.firstLoss = noLimit
        defer { quotes.append(quote) }
        guard let vault = s.vault else {
            quote.limit = .absent
            return
        }
        quote.equity = vaultEquity
        quote.firstLoss = firstLossLeft
        if s.accounts[2].inLiquidation {
            quote.limit = .inLiquidation
            return
        }
        let firstLoss = firstLossLeft
        if !mayTouch(2, l.market, .both) {
            quote.limit = .cap
            return
        }
        let t = terms(b, leg)
        let m = s.markets[l.market]
        let isLong = l.size > 0
        var a = s.accounts[2]
        let own = touch(&a, l.market, .both)
        s.accounts[2] = a
        let size = a.legs[own].size
        let opposite = isLong ? positivePart(-size) : positivePart(size)
        let price = { (q: Whole) in ceilingOf(q * m.mark * m.u, m.vaultEdge, over: one) - t.adjustment(q) }
        let binding = { [self] (q: Whole) -> VaultLimit in
            if q == 0 { return .none }
            let edgeFits = price(q) <= firstLoss
            let inRange = mayClose(b, leg, with: 2, own, q, adjustment: t.adjustment(q))
            if q <= opposite { return !edgeFits ? .edge : inRange ? .none : .cap }
            var after = a
            trade(&after, own, buy: isLong, q, price: m.mark, besides: t.adjustment(q))
            if available(2, after) < 0 { return .margin }
            if abs(after.legs[own].size) * m.mark * m.u > m.vaultCap { return .cap }
            if !edgeFits { return .edge }
            if !inRange { return .cap }
            return vault.netCapital - equity(after, nil, cautious: true) > vault.lossLimit ? .loss : .none
        }
        let q = largest(upTo: asked) { binding($0) == .none }
        quote.taken = q
        if q < asked { quote.limit = binding(q + 1) }
        if q == 0 { return }
        let before = equity(a, nil, cautious: true)
        s.accounts[2] = a
        let adjustment = t.adjustment(q)
        let given = positivePart(price(q))
        e.vault += positivePart(-adjustment)
        if q < asked { marks.append("vault took a part") }
        if opposite > 0 { marks.append("vault reduced by taking") }
        close(b, leg, against: bucket(of: 2, leg: own), own, q, .vault, adjustment: adjustment, &e)
        s.markets[l.market].vaultTook = true
        if given > 0 { bearFirstLoss(given, before) }
        quote.firstLoss = firstLossLeft
    }

    /// What is left of the tranche, and no more than the venue's own shares are worth (VLT-4).
    var firstLossLeft: Whole {
        guard let vault = s.vault, vault.totalShares > 0 else { return 0 }
        let own = floorOf(s.accounts[2].shares, positivePart(vaultEquity), over: vault.totalShares)
        return min(own, vault.firstLoss)
    }

    /// Whether the vault holds nothing in a market without a valid price (VLT-2).
    private var hasPrices: Bool {
        !s.accounts[2].legs.contains { $0.size != 0 && s.markets[$0.market].validity != .valid }
    }

    /// VLT-4.
    private func bearFirstLoss(_ amount: Whole, _ equity: Whole) {
        guard var vault = s.vault else { return }
        vault.firstLoss -= amount
        var cancelled = s.accounts[2].shares
        if equity > 0 { cancelled = min(cancelled, ceilingOf(amount, vault.totalShares, over: equity)) }
        s.accounts[2].shares -= cancelled
        vault.totalShares -= cancelled
        if vault.totalShares == 0 { marks.append("all shares of the vault cancelled") }
        s.vault = vault
    }

    // MARK: the vault's commands (VLT-1, VLT-2)

    func configureVault(_ c: ConfigureVault) -> Status {
        let amount = Whole(c.amount.units)
        if amount < 0 || c.firstLoss.units < 0 || c.lossLimit.units < 0 { return .invalidAmount }
        if c.leverage < 1 || c.leverage > 125 { return .invalidLeverage }
        if c.lockUp < 0 || Whole(c.lockUp) > Whole(1) << 56 { return .invalidTime }
        if s.vault == nil && amount == 0 { return .noVault }
        if s.deposits - s.withdrawals + amount > Whole(1) << 60 { return .pileLimit }
        if amount > 0 && !hasPrices { return .noPrice }
        var vault = s.vault ?? AuditedVault()
        var made = amount
        let worth = vaultEquity
        if vault.totalShares == 0 || worth <= 0 {
            if amount > 0 {
                if s.vault != nil { marks.append("the vault starts anew") }
                vault.netCapital = 0
                vault.totalShares = 0
                for account in s.accounts.indices { s.accounts[account].shares = 0 }
            }
        } else if amount > 0 {
            made = floorOf(amount, vault.totalShares, over: worth)
            if made == 0 || vault.totalShares + made > Whole(1) << 62 { return .insufficientCash }
        }
        if amount > 0 && !hasRoom(Bucket(account: 2, leg: nil), amount) { return .pileLimit }
        // Stated anew, the tranche grows by no more than what comes in.
        let asked = Whole(c.firstLoss.units)
        vault.firstLoss = s.vault == nil ? asked : min(asked, vault.firstLoss + amount)
        vault.lossLimit = c.lossLimit == .unlimited ? Whole.max / 2 : Whole(c.lossLimit.units)
        vault.lockUp = Whole(c.lockUp)
        vault.totalShares += made
        vault.netCapital += amount
        s.vault = vault
        s.accounts[2].everywhere = Whole(c.leverage)
        s.accounts[2].shares += made
        s.deposits += amount
        paidIn(Bucket(account: 2, leg: nil), amount)
        return .ok
    }

    func configureVaultMarket(_ c: ConfigureVaultMarket) -> Status {
        if unknownMarket(c.market) { return .unknownMarket }
        if c.cap.units < 0 { return .invalidAmount }
        if c.edge.units < 0 || Whole(c.edge.units) > one { return .invalidRate }
        if s.vault == nil { return .noVault }
        let market = Int(c.market.raw)
        s.markets[market].vaultCap = c.cap == .unlimited ? Whole.max / 2 : Whole(c.cap.units)
        s.markets[market].vaultEdge = Whole(c.edge.units)
        return .ok
    }

    func vaultDeposit(_ c: VaultDeposit) -> Status {
        if let status = refusal(c.account) { return status }
        let amount = Whole(c.amount.units)
        let account = Int(c.account.raw)
        if amount < 1 { return .invalidAmount }
        guard var vault = s.vault else { return .noVault }
        if s.accounts[2].shares < 1_000_000 { return .noVault }
        if let status = cashGate(account, amount, leaves: false) { return status }
        if !hasPrices { return .noPrice }
        for (number, a) in s.accounts.enumerated() {
            if a.inLiquidation || a.legs.contains(where: { $0.inLiquidation }) {
                if number != 2 { marks.append("no share while somebody waits in liquidation") }
                return .inLiquidation
            }
        }
        let worth = vaultEquity
        let made = worth > 0 ? floorOf(amount, vault.totalShares, over: worth) : 0
        if made < 1 || vault.totalShares + made > Whole(1) << 62 { return .insufficientCash }
        if !hasRoom(Bucket(account: 2, leg: nil), amount) { return .pileLimit }
        // Whole shares are paid, and nothing beyond them.
        let cost = ceilingOf(made, worth, over: vault.totalShares)
        vault.totalShares += made
        vault.netCapital += cost
        s.vault = vault
        s.accounts[account].cash -= cost
        s.accounts[account].shares += made
        s.accounts[account].lockedUntil = now + vault.lockUp
        paidIn(Bucket(account: 2, leg: nil), cost)
        return .ok
    }

    func vaultRedeem(_ c: VaultRedeem) -> Status {
        if let status = refusal(c.account) { return status }
        let account = Int(c.account.raw)
        let shares = Whole(c.shares)
        if shares < 1 { return .invalidQuantity }
        guard let vault = s.vault else { return .noVault }
        if shares > s.accounts[account].shares { return .insufficientCash }
        if now < s.accounts[account].lockedUntil { return .lockedUp }
        if !hasPrices { return .noPrice }
        let worth = vaultEquity
        if s.accounts[2].inLiquidation { return .inLiquidation }
        let amount = floorOf(shares, positivePart(worth), over: vault.totalShares)
        if let status = cashGate(2, amount, leaves: false) { return status }
        if !hasRoom(Bucket(account: account, leg: nil), amount) { return .pileLimit }
        s.vault?.totalShares -= shares
        s.vault?.netCapital -= amount
        s.accounts[account].shares -= shares
        s.accounts[2].cash -= amount
        paidIn(Bucket(account: account, leg: nil), amount)
        return .ok
    }
}
