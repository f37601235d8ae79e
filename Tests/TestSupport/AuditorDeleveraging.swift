public import ExchangeCore

/// One place in the queue of deleveraging (ADL-2).
struct Candidate {
    var account: Int
    var leg: Int
    var score: Whole = 0
    var notional: Whole = 0
    /// Bears as an account of the same owner (ADL-10).
    var isOwn = false
    /// Its net lots (ADL-1).
    var lots: Whole = 0
    /// In the first pass (ADL-1).
    var inProfit = false
    /// Lots that stand behind the rest (ADL-18).
    var hedged: Whole = 0
}

// Steps 7 and 8 (ADL, WF-7, WF-8) and settlement (WF-10).

extension Auditor {
    // MARK: the queue (ADL-2, ADL-4)

    /// Legs of one side of a market by score; never one of the bucket's own.
    func ranking(_ market: Int, long: Bool, without own: Bucket?, episode: Int64) -> [Candidate] {
        var found: [Candidate] = []
        for account in s.accounts.indices {
            for (index, leg) in s.accounts[account].legs.enumerated() {
                if leg.market != market || leg.size == 0 || (leg.size > 0) != long { continue }
                if bucket(of: account, leg: index) == own { continue }
                var c = Candidate(account: account, leg: index)
                c.lots = netLots(account, index)
                if c.lots == 0 { continue }
                c.score = score(account, index, c.lots, episode: episode)
                c.notional = c.lots * s.markets[market].mark * s.markets[market].u
                found.append(c)
            }
        }
        return found.sorted {
            if $0.score != $1.score { return $0.score > $1.score }
            if $0.score > 0 && $0.notional == $1.notional { marks.append("tie in the queue of ADL") }
            return $0.notional != $1.notional ? $0.notional > $1.notional : $0.account < $1.account
        }
    }

    /// Lots that can be asked: of a cross account that is long and short the net size on the larger side.
    func netLots(_ account: Int, _ index: Int) -> Whole {
        let a = s.accounts[account]
        let leg = a.legs[index]
        if isIsolated(a, leg) { return abs(leg.size) }
        var net: Whole = 0
        for other in a.legs where other.market == leg.market { net += other.size }
        if net != leg.size { marks.append("hedged account in the queue") }
        return leg.size > 0 ? positivePart(net) : positivePart(-net)
    }

    private func isSameOwner(_ a: Int, _ b: Int) -> Bool {
        a == b || (s.accounts[a].owner > 0 && s.accounts[a].owner == s.accounts[b].owner)
    }

    /// ADL-7: 5 for the first in line, 0 without profit.
    public func lights(_ account: Int, _ market: Int, _ side: PositionSide) -> Int {
        guard let index = s.accounts[account].leg(market, side) else { return 0 }
        let leg = s.accounts[account].legs[index]
        if leg.size == 0 || unrealized(leg) <= 0 { return 0 }
        var total: Whole = 0
        var ahead: Whole = 0
        var stands = false
        for other in ranking(market, long: leg.size > 0, without: nil, episode: s.nextEpisode) {
            let there = s.accounts[other.account].legs[other.leg]
            if unrealized(there) <= 0 { continue }
            if other.account == account {
                ahead = total
                stands = true
            }
            total += other.lots
        }
        if !stands { return 0 }
        return Int(ceilingOf(5, total - ahead, over: total))
    }

    // MARK: step 7 (WF-7, ADL-1, ADL-3)

    func deleverage(_ b: Bucket, _ leg: Int, _ e: inout AuditedEpisode) {
        let l = s.accounts[b.account].legs[leg]
        if l.size == 0 { return }
        var t = terms(b, leg)
        // At mark, with what is missing: a surplus is not given away (WF-7).
        t.equity = min(0, t.equity)
        let all = ranking(l.market, long: l.size < 0, without: b, episode: e.number)
        let rules = s.markets[l.market].rules
        let everybody = rules.candidates == .everybody
        var queue = all.filter { everybody || !isPastTakeover(bucket(of: $0.account, leg: $0.leg)) }
        judge(&queue, t, rules)
        tell(queue, l, t, e)
        firstShares(b, leg, queue, t, &e)
        goDown(b, leg, queue, t, &e)
    }

    /// ADL-10: before the fund, the owner's other accounts, those past takeover in the second pass.
    func askOwnAccounts(_ b: Bucket, _ legs: [Int], _ e: inout AuditedEpisode) {
        for leg in legs where equity(b) < 0 {
            let l = s.accounts[b.account].legs[leg]
            let rules = s.markets[l.market].rules
            if rules.ownAccounts == .asOthers { continue }
            let t = terms(b, leg)
            var queue = ranking(l.market, long: l.size < 0, without: b, episode: e.number).filter {
                isSameOwner($0.account, b.account)
            }
            judge(&queue, t, rules)
            for place in queue.indices { queue[place].isOwn = true }
            if !queue.isEmpty { tell(queue, l, t, e) }
            goDown(b, leg, queue, t, &e)
        }
    }

    /// ADL-10: a named owner's other accounts pay what they have above maintenance, wherever it is.
    func recourse(_ b: Bucket, _ e: inout AuditedEpisode, limitedBy settled: Int? = nil) {
        let market = settled ?? limitingMarket(b) ?? waterfall?.trigger ?? 0
        let owner = s.accounts[b.account].owner
        if owner <= 0 || s.markets[market].rules.ownAccounts != .recourse { return }
        for account in s.accounts.indices where s.accounts[account].owner == owner && account != b.account {
            var payers = [Bucket(account: account, leg: nil)]
            let a = s.accounts[account]
            for leg in a.legs.indices where isIsolated(a, a.legs[leg]) {
                payers.append(Bucket(account: account, leg: leg))
            }
            for payer in payers {
                let amount = min(positivePart(-equity(b)), positivePart(equity(payer) - maintenance(payer)))
                if amount == 0 || amount + abs(cash(payer)) >= Whole(1) << 62 { continue }
                marks.append("recourse")
                addCash(payer, -amount)
                addCash(b, amount)
                e.recourse += amount
                steps += 1
                told.recourses.append(
                    AuditedRecourse(episode: e.number, account: account, amount: amount)
                )
                if let touched = waterfall?.touched, !touched.contains(payer) {
                    waterfall?.touched.append(payer)
                }
            }
        }
    }

    /// RCP-4.
    private func tell(_ queue: [Candidate], _ l: AuditedLeg, _ t: Terms, _ e: AuditedEpisode) {
        told.queues.append(
            AuditedQueue(
                episode: e.number,
                market: l.market,
                closesLong: l.size > 0,
                candidates: queue.count,
                remainder: abs(l.size),
                deficit: positivePart(-t.adjustment(t.size)),
                digest: digest(of: queue)
            )
        )
    }

    private func judge(_ queue: inout [Candidate], _ t: Terms, _ rules: MarketSpecification) {
        for place in queue.indices {
            let c = queue[place]
            let own = s.accounts[c.account].legs[c.leg]
            let profit = floorOf(unrealized(own), c.lots, over: abs(own.size))
            // Past takeover nobody takes part in the first pass (ADL-1, ADL-1a).
            queue[place].inProfit =
                profit > -t.adjustment(c.lots)
                && !isPastTakeover(bucket(of: c.account, leg: c.leg))
            queue[place].hedged = rules.hedges == .honoured ? hedged(c.account, c.leg) : 0
        }
    }

    /// ADL-4, ADL-15 to ADL-17: what goes by shares before the rest goes down the queue.
    private func firstShares(
        _ b: Bucket,
        _ leg: Int,
        _ queue: [Candidate],
        _ t: Terms,
        _ e: inout AuditedEpisode
    ) {
        let l = s.accounts[b.account].legs[leg]
        let rule = s.markets[l.market].rules.selection
        let sharing: [Selection] = [
            .proRataByProfit, .proRataByContracts, .proRataByEquity, .cappedProRata, .leastOvershoot,
        ]
        if !sharing.contains(rule) || l.size == 0 { return }
        let able = queue.indices.filter { queue[$0].inProfit }
        let remainder = abs(l.size)
        let isPlain = rule != .cappedProRata && rule != .leastOvershoot
        let caps = able.map { place in
            let c = queue[place]
            let free = freeLots(c)
            return isPlain ? free : bearable(b, leg, c, t, atMost: min(free, remainder), solvent: false)
        }
        let given = shares(rule, remainder, able.map { queue[$0].score }, caps)
        for (index, place) in able.enumerated() {
            reduce(b, leg, queue[place], place, t, atMost: given[index], solvent: false, &e)
        }
    }

    /// The two passes, in each what is hedged behind what is not (ADL-1, ADL-18).
    private func goDown(
        _ b: Bucket,
        _ leg: Int,
        _ queue: [Candidate],
        _ t: Terms,
        _ e: inout AuditedEpisode
    ) {
        for solvent in [false, true] {
            for free in [true, false] {
                for place in queue.indices where solvent || queue[place].inProfit {
                    let c = queue[place]
                    let most = free ? freeLots(c) : netLots(c.account, c.leg)
                    reduce(b, leg, c, place, t, atMost: most, solvent: solvent, &e)
                }
            }
        }
    }

    /// Net lots that no hedge covers.
    private func freeLots(_ c: Candidate) -> Whole {
        let own = abs(s.accounts[c.account].legs[c.leg].size)
        return min(positivePart(own - c.hedged), netLots(c.account, c.leg))
    }

    /// Reduces one candidate by as much as its bucket can bear. `solvent`: down to an equity of
    /// nothing, else to maintenance.
    private func reduce(
        _ b: Bucket,
        _ leg: Int,
        _ c: Candidate,
        _ place: Int,
        _ t: Terms,
        atMost: Whole,
        solvent: Bool,
        _ e: inout AuditedEpisode
    ) {
        let other = bucket(of: c.account, leg: c.leg)
        let q = bearable(b, leg, c, t, atMost: atMost, solvent: solvent)
        if q == 0 { return }
        let l = s.accounts[b.account].legs[leg]
        if !mayClose(b, leg, with: c.account, c.leg, q, adjustment: t.adjustment(q)) { return }
        if t.equity == 0 && solvent == false { marks.append("closed at mark after the fund paid") }
        if solvent { marks.append("second pass of ADL") }
        if c.isOwn { marks.append("own account bears") }
        let rules = s.markets[l.market].rules
        marks.append("deleveraging by \(rules.selection.term)")
        if abs(s.accounts[c.account].legs[c.leg].size) - q < c.hedged { marks.append("hedged lots given up") }
        if c.hedged > 0 { marks.append("hedged candidate") }
        let pay = -t.adjustment(q)
        if !c.isOwn { e.taken += pay }
        e.givenUp += pay
        close(
            b,
            leg,
            against: other,
            c.leg,
            q,
            .deleveraging,
            adjustment: -pay,
            &e,
            rank: place + 1,
            score: c.score
        )
        if s.accounts[c.account].legs[c.leg].size != 0 && equity(other) == 0 {
            marks.append("deleveraged to exactly zero")
        }
    }

    /// LED-1, of both sides of a closing at mark.
    func mayClose(
        _ b: Bucket,
        _ leg: Int,
        with other: Int,
        _ otherLeg: Int,
        _ q: Whole,
        adjustment: Whole,
        bid: Whole = 0
    ) -> Bool {
        let l = s.accounts[b.account].legs[leg]
        let mark = s.markets[l.market].mark
        let buys = l.size < 0
        return fits(b.account, leg, buy: buys, q, price: mark, besides: -adjustment)
            && fits(other, otherLeg, buy: !buys, q, price: mark, besides: adjustment + bid)
    }

    private func bearable(
        _ b: Bucket,
        _ leg: Int,
        _ c: Candidate,
        _ t: Terms,
        atMost: Whole,
        solvent: Bool
    ) -> Whole {
        let l = s.accounts[b.account].legs[leg]
        let mark = s.markets[l.market].mark
        let other = bucket(of: c.account, leg: c.leg)
        let a = s.accounts[c.account]
        let own = abs(a.legs[c.leg].size)
        return largest(upTo: min(abs(l.size), own, atMost)) { q in
            var after = a
            if q > 0 { trade(&after, c.leg, buy: l.size > 0, q, price: mark, besides: t.adjustment(q)) }
            let left = equity(after, other.leg)
            return solvent ? left >= 0 : left >= maintenance(after, other.leg)
        }
    }

    // MARK: step 8 (WF-8)

    func residual(_ b: Bucket, _ legs: [Int], _ e: inout AuditedEpisode) {
        var closed: [Int] = []
        for leg in legs {
            let l = s.accounts[b.account].legs[leg]
            if l.size == 0 || equity(b) >= maintenance(b) { continue }
            for c in ranking(l.market, long: l.size < 0, without: b, episode: e.number) {
                let left = abs(s.accounts[b.account].legs[leg].size)
                if left == 0 { break }
                let q = min(left, netLots(c.account, c.leg))
                if q == 0 || !mayClose(b, leg, with: c.account, c.leg, q, adjustment: 0) { continue }
                if equity(b) >= 0 { marks.append("the rest at mark after the fund paid") }
                close(
                    b,
                    leg,
                    against: bucket(of: c.account, leg: c.leg),
                    c.leg,
                    q,
                    .residual,
                    adjustment: 0,
                    &e
                )
            }
            if !closed.contains(l.market) { closed.append(l.market) }
        }
        if !positions(b).isEmpty || cash(b) >= 0 { return }
        let shortfall = -cash(b)
        let charged = charge(shortfall, to: closed, e.number)
        addCash(b, charged)
        e.residual = shortfall
        let rest = min(shortfall - charged, positivePart(s.accounts[0].cash + Whole(1) << 62 - 1))
        if rest > 0 {
            s.accounts[0].cash -= rest
            addCash(b, rest)
            e.debt = rest
        }
    }

    /// Charges an amount to the open interest of some markets, in passes; what was taken.
    private func charge(_ amount: Whole, to markets: [Int], _ episode: Int64) -> Whole {
        var left = amount
        while left > 0 {
            let legs = bearers(markets)
            var all: Whole = 0
            for (account, leg) in legs { all += notional(s.accounts[account].legs[leg]) }
            let begin = left
            for (account, leg) in legs {
                let b = bucket(of: account, leg: leg)
                let l = s.accounts[account].legs[leg]
                let part = min(ceilingOf(begin, notional(l), over: all), positivePart(equity(b)), left)
                if part <= 0 || part + abs(cash(b)) >= Whole(1) << 62 { continue }
                addCash(b, -part)
                left -= part
                steps += 1
                charges.append(
                    AuditedCharge(episode: episode, account: account, market: l.market, amount: part)
                )
                if let touched = waterfall?.touched, !touched.contains(b) { waterfall?.touched.append(b) }
            }
            if left == begin { break }
            if left > 0 { marks.append("a second pass of charges") }
        }
        return amount - left
    }

    /// Legs of buckets with positive equity, by account, then market, then `LONG`.
    private func bearers(_ markets: [Int]) -> [(Int, Int)] {
        var found: [(Int, Int)] = []
        for account in s.accounts.indices where account >= 2 {
            let legs = s.accounts[account].legs
            let sorted = legs.indices.sorted {
                (legs[$0].market, legs[$0].rank) < (legs[$1].market, legs[$1].rank)
            }
            for index in sorted
            where legs[index].size != 0 && markets.contains(legs[index].market)
                && equity(bucket(of: account, leg: index)) > 0
            {
                found.append((account, index))
            }
        }
        return found
    }

    // MARK: settlement (WF-10)

    func settle(_ c: Settle) -> Status {
        if unknownMarket(c.market) { return .unknownMarket }
        let market = Int(c.market.raw)
        let asked = Whole(c.price.ticks)
        if asked < 1 || asked > Whole(1) << 30 - 1 { return .invalidPrice }
        if s.markets[market].state == .settled { return .marketSettled }
        let price = held(asked, market)
        for account in s.accounts.indices {
            for (index, leg) in s.accounts[account].legs.enumerated() where leg.market == market {
                let q = abs(leg.size)
                if q > 0 && !fits(account, index, buy: leg.size < 0, q, price: price, besides: 0) {
                    return .priceOverflow
                }
            }
        }
        cancelOrders(.settlement) { $0.market == market }
        s.markets[market].previous = s.markets[market].mark
        s.markets[market].mark = price
        s.markets[market].latest = price
        s.markets[market].validity = .valid
        let all = buckets(in: market)
        let inOrder = all.sorted { ($0.account, place($0)) < ($1.account, place($1)) }
        var settlement = AuditedSettlement(market: market, price: price)
        for b in inOrder where equity(b) < 0 {
            var none = AuditedEpisode(number: 0, account: b.account, market: market, round: 0)
            recourse(b, &none, limitedBy: market)
            let deficit = positivePart(-equity(b))
            let legs = positions(b).map { s.accounts[b.account].legs[$0] }
            let lost = legs.filter { $0.market == market }.map { loss($0) }.reduce(0, +)
            let isOnly = legs.allSatisfy { $0.market == market }
            let missing = isOnly ? deficit : min(deficit - 1, lost)
            if missing > 0 { coverLoser(b, missing, market, &settlement) }
        }
        told.settlements.append(settlement)
        closeAll(market)
        s.markets[market].state = .settled
        s.offers.removeAll { $0.market == market }
        let others = all.filter { !positions($0).isEmpty }
        for b in all where positions(b).isEmpty && isFlagged(b) { leave(b) }
        lookAt(others, trigger: market)
        return .ok
    }

    /// Of an account's isolated buckets in a market: `LONG` before `SHORT`.
    private func place(_ b: Bucket) -> Int {
        b.leg.map { s.accounts[b.account].legs[$0].rank } ?? 0
    }

    private func coverLoser(
        _ b: Bucket,
        _ deficit: Whole,
        _ market: Int,
        _ settlement: inout AuditedSettlement
    ) {
        steps += 1
        let rules = s.markets[market].rules
        var most = min(deficit, fund)
        if rules.fundPerEvent != .unlimited { most = min(most, Whole(rules.fundPerEvent.units)) }
        if rules.fundPerMarket != .unlimited {
            most = min(most, positivePart(Whole(rules.fundPerMarket.units) - s.markets[market].fundSpent))
        }
        if most > 0 {
            let before = s.accounts[0].cash
            told.payments.append(AuditedPayment(episode: 0, market: market, amount: most, before: before))
        }
        s.accounts[0].cash -= most
        s.markets[market].fundSpent += most
        addCash(b, most)
        let rest = deficit - most
        settlement.deficit += deficit
        settlement.fund += most
        settlement.residual += rest
        let charged = charge(rest, to: [market], 0)
        s.accounts[0].cash -= rest - charged
        addCash(b, rest)
    }

    /// All positions close at the mark, losing ones first.
    private func closeAll(_ market: Int) {
        let mark = s.markets[market].mark
        for losing in [true, false] {
            for account in s.accounts.indices {
                let legs = s.accounts[account].legs
                for index in legs.indices.sorted(by: { legs[$0].rank < legs[$1].rank })
                where legs[index].market == market && legs[index].size != 0
                    && (unrealized(legs[index]) < 0) == losing
                {
                    s.accounts[account].legs[index].inLiquidation = false
                    tradeNow(
                        account,
                        index,
                        buy: legs[index].size < 0,
                        abs(legs[index].size),
                        price: mark
                    )
                }
            }
        }
    }
}
