import ExchangeCore

/// A leg whose position changed (BK-9).
struct Changed {
    var account: Int
    var leg: Int
}

/// What a liquidation fixes when its step for a leg begins (WF-3).
struct LiquidationTerms {
    var terms: Terms
    var episode: Int64
    var fee: Whole
}

/// An order on its way through the book.
struct Taker {
    var id: Int64
    var account: Int
    var market: Int
    var side: PositionSide
    var leg: Int
    var buy: Bool
    var limit: Whole?
    var left: Whole
    var onlyReduces: Bool
    var selfTrade: SelfTrade
    var liquidation: LiquidationTerms?
    /// Why it lost its remainder.
    var stopped: CancelReason?
    var gone: Bool { stopped != nil }
    var changed: [Changed] = []

    init(order: AuditedOrder, leg: Int, limit: Whole?) {
        id = order.id
        account = order.account
        market = order.market
        side = order.side
        self.leg = leg
        buy = order.buy
        self.limit = limit
        left = order.remaining
        onlyReduces = order.onlyReduces
        selfTrade = order.selfTrade
    }

    init(closing leg: Int, of account: Int, _ position: AuditedLeg, _ q: Whole, limit: Whole) {
        id = 0
        self.account = account
        market = position.market
        side = position.side
        self.leg = leg
        buy = position.size < 0
        self.limit = limit
        left = q
        onlyReduces = true
        selfTrade = .expireMaker
    }
}

extension Auditor {
    /// The best order of one side of a market, the oldest at its price (BK-2).
    func best(_ market: Int, buys: Bool, without: Int64 = 0) -> Int? {
        var found: Int?
        for index in s.orders.indices {
            let order = s.orders[index]
            if order.market != market || order.buy != buys || !order.resting || order.id == without {
                continue
            }
            guard let old = found else {
                found = index
                continue
            }
            let there = s.orders[old]
            let better = buys ? order.price > there.price : order.price < there.price
            if better || (order.price == there.price && order.arrival < there.arrival) { found = index }
        }
        return found
    }

    /// BK-8.
    func match(_ taker: inout Taker) {
        while taker.left > 0 && !taker.gone {
            guard let at = best(taker.market, buys: !taker.buy) else { return }
            let maker = s.orders[at]
            if let limit = taker.limit, taker.buy ? maker.price > limit : maker.price < limit { return }
            if maker.account == taker.account {
                if taker.selfTrade != .expireMaker { taker.stopped = .selfTrade }
                if taker.selfTrade != .expireTaker { tell(s.orders.remove(at: at), .selfTrade) }
                continue
            }
            var q = min(taker.left, maker.remaining)
            let invalid = s.markets[taker.market].validity != .valid
            if taker.onlyReduces || invalid {
                let cap = reducible(taker.account, taker.market, taker.side, buy: taker.buy)
                if cap == 0 {
                    taker.stopped = taker.onlyReduces ? .reduceOnly : .noPrice
                    continue
                }
                q = min(q, cap)
            }
            if maker.onlyReduces || invalid {
                let cap = reducible(maker.account, maker.market, maker.side, buy: maker.buy)
                if cap == 0 {
                    if !maker.onlyReduces { marks.append("maker that would open without a valid price") }
                    tell(s.orders.remove(at: at), maker.onlyReduces ? .reduceOnly : .noPrice)
                    continue
                }
                if cap < q { marks.append("maker capped at its position") }
                q = min(q, cap)
            }
            if !fill(&taker, at, q) { continue }
        }
    }

    /// Tries both legs and fills; false if one of them failed (MG-8).
    private func fill(_ taker: inout Taker, _ at: Int, _ q: Whole) -> Bool {
        let maker = s.orders[at]
        let m = s.markets[taker.market]
        let worth = maker.price * q * m.u
        let liquidation = taker.liquidation
        let makerFee = liquidation == nil ? ceilingOf(worth, Whole(m.rules.maker.units), over: one) : 0
        guard let makerLeg = s.accounts[maker.account].leg(maker.market, maker.side) else { return false }
        if !passesFill(maker.account, makerLeg, buy: maker.buy, q, price: maker.price, fee: makerFee) {
            tell(s.orders.remove(at: at), .margin)
            return false
        }
        var takerFee: Whole = 0
        if let liquidation {
            takerFee = liquidationFee(liquidation, taker, q, price: maker.price)
            let own = taker.leg
            if !fits(taker.account, own, buy: taker.buy, q, price: maker.price, besides: -takerFee) {
                taker.stopped = .margin
                return false
            }
        } else {
            takerFee = ceilingOf(worth, Whole(m.rules.taker.units), over: one)
            if !passesFill(taker.account, taker.leg, buy: taker.buy, q, price: maker.price, fee: takerFee) {
                taker.stopped = .margin
                return false
            }
        }
        tradeNow(maker.account, makerLeg, buy: maker.buy, q, price: maker.price, fee: makerFee)
        if liquidation == nil {
            tradeNow(taker.account, taker.leg, buy: taker.buy, q, price: maker.price, fee: takerFee)
            s.accounts[1].cash += makerFee + takerFee
            repay(taker.market, makerFee + takerFee)
        } else {
            tradeNow(taker.account, taker.leg, buy: taker.buy, q, price: maker.price)
            addCash(bucket(of: taker.account, leg: taker.leg), -takerFee)
            s.accounts[0].cash += takerFee
        }
        s.orders[at].filled += q
        if s.orders[at].remaining == 0 { s.orders.remove(at: at) }
        taker.left -= q
        taker.changed += [
            Changed(account: maker.account, leg: makerLeg), Changed(account: taker.account, leg: taker.leg),
        ]
        s.markets[taker.market].last = maker.price
        let vaultTrades = maker.account == 2 || taker.account == 2
        if liquidation == nil && !vaultTrades { s.markets[taker.market].lastOfUsers = maker.price }
        s.markets[taker.market].stirred = true
        s.markets[taker.market].trades += 1
        trades.append(
            AuditedTrade(
                market: taker.market,
                price: maker.price,
                quantity: q,
                maker: maker.account,
                taker: taker.account,
                makerOrder: maker.id,
                takerOrder: taker.id,
                makerFee: makerFee,
                takerFee: takerFee,
                episode: liquidation?.episode ?? 0
            )
        )
        return true
    }

    /// WF-3: never more than what the fill got above the zero price.
    private func liquidationFee(_ l: LiquidationTerms, _ taker: Taker, _ q: Whole, price: Whole) -> Whole {
        let m = s.markets[taker.market]
        let full = ceilingOf(price * q * m.u, l.fee, over: one)
        let sign: Whole = taker.buy ? -1 : 1
        let t = l.terms
        let scale = t.share.whole * t.size
        // s·(p − mark)·q·u + share·equity·q/|size|, rounded down as one number.
        let whole = sign * (price - m.mark) * q * m.u
        let above = whole + floorOf(t.share.part * t.equity, q, over: scale)
        return min(full, positivePart(above))
    }

    /// WF-8a: a part of trading fees repays the fund's debt.
    private func repay(_ market: Int, _ collected: Whole) {
        if debt == 0 || collected <= 0 { return }
        let part = min(debt, floorOf(collected, Whole(s.markets[market].rules.fundShare.units), over: one))
        s.accounts[1].cash -= part
        s.accounts[0].cash += part
    }

    /// BK-9.
    func expireWhatCannotReduce(_ changed: [Changed]) {
        for entry in changed {
            let leg = s.accounts[entry.account].legs[entry.leg]
            func goes(_ order: AuditedOrder) -> Bool {
                if order.account != entry.account || order.market != leg.market || order.side != leg.side {
                    return false
                }
                let useless = order.onlyReduces && (order.buy ? leg.size >= 0 : leg.size <= 0)
                if order.timeInForce == .gte { return useless || leg.size == 0 }
                return useless && order.resting
            }
            if s.orders.contains(where: { $0.timeInForce == .gte && goes($0) }) {
                marks.append("good till the position's end")
            }
            cancelOrders(.reduceOnly, goes)
        }
    }

    /// VLT-6: the vault puts a part of its position into the book at mark.
    func vaultWorksOff(_ market: Int) {
        let m = s.markets[market]
        guard s.vault != nil, m.rules.workOff > 0, isClosable(market), !m.vaultTook,
            !s.accounts[2].inLiquidation, let leg = s.accounts[2].leg(market, .both)
        else { return }
        let size = s.accounts[2].legs[leg].size
        if size == 0 { return }
        let q = ceilingOf(abs(size), over: Whole(m.rules.workOff))
        var taker = Taker(closing: leg, of: 2, s.accounts[2].legs[leg], q, limit: m.mark)
        match(&taker)
        expireWhatCannotReduce(taker.changed)
    }
}
