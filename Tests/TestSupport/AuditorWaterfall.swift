import ExchangeCore

// The waterfall's queue and its steps 1 to 3 (WF-0 to WF-3a, WF-11).

extension Auditor {
    // MARK: who is looked at (MG-5)

    /// Buckets with a position in a market.
    func buckets(in market: Int) -> [Bucket] {
        var found: [Bucket] = []
        for account in s.accounts.indices {
            for leg in s.accounts[account].legs.indices
            where s.accounts[account].legs[leg].market == market && s.accounts[account].legs[leg].size != 0 {
                let b = bucket(of: account, leg: leg)
                if !found.contains(b) { found.append(b) }
            }
        }
        return found
    }

    /// Looks at all buckets with a position in a market and begins a waterfall if one is liquidatable.
    func lookAt(_ market: Int) { lookAt(buckets(in: market), trigger: market) }

    func lookAt(_ buckets: [Bucket], trigger: Int) {
        let queue = queue(of: buckets, round: 1)
        if queue.isEmpty { return }
        waterfall = Waterfall(trigger: trigger, queue: queue)
        if workOff == nil { marks.append("liquidation without a price") }
        runWaterfall()
    }

    /// The liquidatable among `buckets` in the order of WF-0; the healthy among them leave liquidation.
    private func queue(of buckets: [Bucket], round: Int) -> [QueueEntry] {
        var found: [Bucket] = []
        for b in buckets {
            if isLiquidatable(b) {
                found.append(b)
            } else if isFlagged(b) && round > 1 && equity(b) >= maintenance(b) {
                marks.append("another's closing ends a liquidation")
                leave(b)
            } else if isFlagged(b) && (positions(b).isEmpty || equity(b) >= maintenance(b)) {
                leave(b)
            }
        }
        found.sort { isBefore($0, $1) }
        return found.map { b in
            let market = b.leg.map { s.accounts[b.account].legs[$0].market } ?? -1
            return QueueEntry(
                bucket: b,
                episode: AuditedEpisode(number: 0, account: b.account, market: market, round: round)
            )
        }
    }

    private func isBefore(_ a: Bucket, _ b: Bucket) -> Bool {
        let (ea, ma) = (equity(a), maintenance(a))
        let (eb, mb) = (equity(b), maintenance(b))
        if productBelow(ea, mb, eb, ma) { return true }
        if productBelow(eb, ma, ea, mb) { return false }
        marks.append("tie in the queue of buckets")
        return order(a) < order(b)
    }

    private func order(_ b: Bucket) -> (Int, Int, Int, Int) {
        guard let leg = b.leg else { return (b.account, 0, 0, 0) }
        let l = s.accounts[b.account].legs[leg]
        return (b.account, 1, l.market, l.rank)
    }

    /// A bucket leaves liquidation; an empty isolated one gives the rest to cross (LED-8).
    func leave(_ b: Bucket) {
        flag(b, false)
        if b.leg != nil && positions(b).isEmpty {
            let rest = cash(b)
            addCash(b, -rest)
            s.accounts[b.account].cash += rest
        }
    }

    // MARK: rounds (WF-0, WF-11)

    /// Goes on with the waterfall until it is done or the steps of this command are used up.
    func runWaterfall() {
        while var w = waterfall {
            if w.phase == .cancel {
                while w.place < w.queue.count {
                    if steps >= limits.waterfallSteps { return }
                    cancelAll(of: w.queue[w.place].bucket)
                    steps += 1
                    w.place += 1
                    waterfall = w
                }
                w.phase = .net
            }
            if w.phase == .net {
                net(w.queue)
                w.phase = .resolve
                w.place = 0
            }
            waterfall = w
            while let now = waterfall, now.place < now.queue.count {
                if steps >= limits.waterfallSteps { return }
                resolve(now.queue[now.place])
                waterfall?.place += 1
            }
            guard let done = waterfall else { return }
            let next = queue(of: done.touched, round: done.round + 1)
            waterfall = nil
            if next.isEmpty { return }
            waterfall = Waterfall(trigger: done.trigger, round: done.round + 1, queue: next)
        }
    }

    /// WF-1.
    private func cancelAll(of b: Bucket) {
        flag(b, true)
        if let leg = b.leg {
            let l = s.accounts[b.account].legs[leg]
            cancelOrders(.liquidation) {
                $0.account == b.account && $0.market == l.market && $0.side == l.side
            }
        } else {
            cancelOrders(.liquidation) { $0.account == b.account }
        }
    }

    // MARK: rules and shares (WF, MG-6)

    /// The leg with the largest maintenance margin, whose market's rules hold for the bucket.
    func leading(_ b: Bucket) -> Int? { byMaintenance(b, positions(b)).first }

    /// Legs by maintenance margin, largest first; ties by market, then `LONG`.
    func byMaintenance(_ b: Bucket, _ legs: [Int]) -> [Int] {
        let a = s.accounts[b.account]
        return legs.sorted {
            let (x, y) = (a.legs[$0], a.legs[$1])
            let (mx, my) = (maintenance(x), maintenance(y))
            return mx != my ? mx > my : (x.market, x.rank) < (y.market, y.rank)
        }
    }

    /// The rules of the market of the bucket's leading leg; a leg's own where there is none (WF).
    private func rules(_ b: Bucket, _ leg: AuditedLeg) -> MarketSpecification {
        guard let first = leading(b) else { return s.markets[leg.market].rules }
        return s.markets[s.accounts[b.account].legs[first].market].rules
    }

    func isPastTakeover(_ b: Bucket) -> Bool {
        guard let leg = leading(b) else { return equity(b) < 0 }
        let rules = s.markets[s.accounts[b.account].legs[leg].market].rules
        return productBelow(
            equity(b),
            Whole(rules.takeoverDenominator),
            Whole(rules.takeoverNumerator),
            maintenance(b)
        )
    }

    func closableLegs(_ b: Bucket) -> [Int] {
        positions(b).filter { isClosable(s.accounts[b.account].legs[$0].market) }
    }

    /// What a leg lost in this command, at its present size (MG-6).
    func loss(_ leg: AuditedLeg) -> Whole {
        let m = s.markets[leg.market]
        var before: Whole = 0
        if m.markBefore > 0 { before = leg.size * m.markBefore * m.u + leg.quote }
        let paid = ceilingOf(leg.size * m.mark * m.u, m.ratePaid, over: one)
        return positivePart(before - unrealized(leg)) + positivePart(paid)
    }

    /// Equity, share and size of a leg, fixed when a step begins for it (MG-6).
    func terms(_ b: Bucket, _ index: Int) -> Terms {
        let a = s.accounts[b.account]
        let leg = a.legs[index]
        let e = equity(b)
        var share = Fraction(part: maintenance(leg), whole: maintenance(b))
        if e < 0 && s.markets[leg.market].rules.deficitShare == .byLoss {
            var all: Whole = 0
            for other in positions(b) { all += loss(a.legs[other]) }
            if all > 0 { share = Fraction(part: loss(leg), whole: all) }
        }
        return Terms(equity: e, share: share, size: abs(leg.size))
    }

    // MARK: step 2 (WF-2)

    private func net(_ queue: [QueueEntry]) {
        for entry in queue where entry.bucket.leg == nil {
            let a = s.accounts[entry.bucket.account]
            // In the order in which its longs were first touched.
            for long in a.legs.indices where a.legs[long].side == .long {
                let market = a.legs[long].market
                if !isClosable(market) || setting(a, market).isolated { continue }
                guard let short = a.leg(market, .short) else { continue }
                let q = min(a.legs[long].size, -a.legs[short].size)
                let mark = s.markets[market].mark
                let account = entry.bucket.account
                if q > 0 && fits(account, long, buy: false, q, price: mark, besides: 0)
                    && fits(account, short, buy: true, q, price: mark, besides: 0)
                {
                    marks.append("own sides netted")
                    netOff(
                        (entry.bucket, long),
                        (entry.bucket, short),
                        market,
                        q,
                        episode: entry.episode.number
                    )
                }
            }
        }
        for market in s.markets.indices where isClosable(market) {
            let longs = sides(queue, market, long: true)
            let shorts = sides(queue, market, long: false)
            var i = 0
            var j = 0
            while i < longs.count && j < shorts.count {
                let wantLong = want(longs[i].0, longs[i].1)
                if wantLong == 0 {
                    i += 1
                    continue
                }
                let wantShort = want(shorts[j].0, shorts[j].1)
                if wantShort == 0 {
                    j += 1
                    continue
                }
                let q = min(wantLong, wantShort)
                let mark = s.markets[market].mark
                let (long, short) = (longs[i], shorts[j])
                if !fits(long.0.account, long.1, buy: false, q, price: mark, besides: 0)
                    || !fits(short.0.account, short.1, buy: true, q, price: mark, besides: 0)
                {
                    break
                }
                netOff(long, short, market, q, episode: 0)
            }
        }
    }

    private func sides(_ queue: [QueueEntry], _ market: Int, long: Bool) -> [(Bucket, Int)] {
        var found: [(Bucket, Int)] = []
        for entry in queue where equity(entry.bucket) >= 0 {
            for leg in positions(entry.bucket) {
                let l = s.accounts[entry.bucket.account].legs[leg]
                if l.market == market && (l.size > 0) == long { found.append((entry.bucket, leg)) }
            }
        }
        return found
    }

    /// What a side of step 2 wants to close.
    private func want(_ b: Bucket, _ leg: Int) -> Whole {
        let l = s.accounts[b.account].legs[leg]
        if l.size == 0 || equity(b) >= maintenance(b) { return 0 }
        if isPastTakeover(b) { return abs(l.size) }
        return justEnough(b, leg, fee: 0)
    }

    /// WF-3's quantity that restores the bucket if it is closed at mark.
    private func justEnough(_ b: Bucket, _ index: Int, fee: Whole) -> Whole {
        let leg = s.accounts[b.account].legs[index]
        let factor = one + Whole(rules(b, leg).buffer.units)
        let size = abs(leg.size)
        let divisor = factor * maintenance(leg) - fee * notional(leg)
        if divisor <= 0 { return size }
        let q = ceilingOf(factor * maintenance(b) - one * equity(b), size, over: divisor)
        return min(q, size)
    }

    private func netOff(
        _ long: (Bucket, Int),
        _ short: (Bucket, Int),
        _ market: Int,
        _ q: Whole,
        episode: Int64
    ) {
        let mark = s.markets[market].mark
        let kept = realizes(short.0.account, short.1, buy: true, q, price: mark)
        tradeNow(long.0.account, long.1, buy: false, q, price: mark)
        tradeNow(short.0.account, short.1, buy: true, q, price: mark)
        closings.append(
            AuditedClosing(
                episode: episode,
                kind: .netting,
                market: market,
                quantity: q,
                price: mark,
                closed: long.0.account,
                counterparty: short.0.account,
                kept: kept,
                paid: mark
            )
        )
        steps += 1
        expireWhatCannotReduce([
            Changed(account: long.0.account, leg: long.1), Changed(account: short.0.account, leg: short.1),
        ])
    }

    // MARK: step 3 (WF-3)

    /// One order a leg into the book while the bucket is under maintenance.
    func book(_ b: Bucket, _ episode: Int64, retry: Bool = false) {
        for index in byMaintenance(b, closableLegs(b)) {
            if equity(b) >= maintenance(b) { return }
            let leg = s.accounts[b.account].legs[index]
            let rules = s.markets[leg.market].rules
            let fee = Whole(rules.liquidationFee.units)
            let t = terms(b, index)
            let q = rules.sizing == .whole ? t.size : justEnough(b, index, fee: fee)
            let limit = retry ? s.markets[leg.market].mark : zeroPrice(leg, t)
            if limit < 1 || limit > Whole(1) << 30 - 1 { continue }
            var taker = Taker(closing: index, of: b.account, leg, q, limit: limit)
            taker.liquidation = LiquidationTerms(terms: t, episode: episode, fee: fee)
            let bids = standing(leg.market, bids: true, within: limit)
            let asks = standing(leg.market, bids: false, within: limit)
            match(&taker)
            steps += 1
            told.bookOrders.append(
                AuditedBookOrder(
                    episode: episode,
                    market: leg.market,
                    buys: taker.buy,
                    quantity: q,
                    limit: limit,
                    bestBid: bids.best,
                    bestAsk: asks.best,
                    depth: taker.buy ? asks.lots : bids.lots,
                    filled: q - taker.left,
                    retry: retry
                )
            )
            expireWhatCannotReduce(taker.changed)
        }
    }

    /// MG-6 in whole ticks: a sell rounds up, a buy down.
    private func zeroPrice(_ leg: AuditedLeg, _ t: Terms) -> Whole {
        let m = s.markets[leg.market]
        let scale = t.share.whole * t.size * m.u
        let part = t.share.part * t.equity
        // A sell: ⌈mark − part/scale⌉; a buy: ⌊mark + part/scale⌋.
        if leg.size > 0 { return m.mark - floorOf(part, 1, over: scale) }
        return m.mark + floorOf(part, 1, over: scale)
    }
}
