import ExchangeCore

// What the core tells, beside trades, closings and the sums of receipts.

extension AuditedEvents {
    /// Takes an event of the core in, as the auditor states it.
    mutating func take(_ event: Event) {
        switch event {
        case .orderAccepted(let o): accepted.append(o.order.raw)
        case .orderTriggered(let o): triggered.append(o.order.raw)
        case .orderCanceled(let o):
            cancels.append(
                AuditedCancel(order: o.order.raw, remaining: Whole(o.remaining.lots), reason: o.reason)
            )
        case .fundingSettled(let f):
            fundings.append(
                AuditedFunding(
                    market: Int(f.market.raw),
                    rate: Whole(f.rate.units),
                    paid: Whole(f.paid.units),
                    received: Whole(f.received.units)
                )
            )
        case .fundPaid(let p) where p.amount != .zero:
            payments.append(
                AuditedPayment(
                    episode: p.episode,
                    market: Int(p.market.raw),
                    amount: Whole(p.amount.units),
                    before: Whole(p.before.units)
                )
            )
        case .recoursePaid(let p):
            recourses.append(
                AuditedRecourse(
                    episode: p.episode,
                    account: Int(p.account.raw),
                    amount: Whole(p.amount.units)
                )
            )
        case .liquidationOrder(let o) where o.limit.ticks >= 1 && o.limit <= .highest: take(o)
        case .volunteersAsked(let a): take(a)
        case .queueRanked(let q): take(q)
        case .marketSettled(let m):
            settlements.append(
                AuditedSettlement(
                    market: Int(m.market.raw),
                    price: Whole(m.price.ticks),
                    deficit: Whole(m.deficit.units),
                    fund: Whole(m.fund.units),
                    residual: Whole(m.residual.units)
                )
            )
        default: break
        }
    }

    private mutating func take(_ o: LiquidationOrder) {
        bookOrders.append(
            AuditedBookOrder(
                episode: o.episode,
                market: Int(o.market.raw),
                buys: o.side == .buy,
                quantity: Whole(o.quantity.lots),
                limit: Whole(o.limit.ticks),
                bestBid: Whole(o.bestBid.ticks),
                bestAsk: Whole(o.bestAsk.ticks),
                depth: Whole(o.depth.lots),
                filled: Whole(o.filled.lots),
                retry: o.retry
            )
        )
    }

    private mutating func take(_ a: VolunteersAsked) {
        askings.append(
            AuditedAsking(
                episode: a.episode,
                market: Int(a.market.raw),
                asked: Whole(a.asked.lots),
                offers: Int(a.offers),
                eligible: Int(a.eligible),
                offered: Whole(a.offered.lots),
                takers: Int(a.takers),
                taken: Whole(a.taken.lots),
                withoutMargin: Int(a.withoutMargin),
                withoutBid: Int(a.withoutBid)
            )
        )
    }

    private mutating func take(_ q: QueueRanked) {
        queues.append(
            AuditedQueue(
                episode: q.episode,
                market: Int(q.market.raw),
                closesLong: q.side == .sell,
                candidates: Int(q.candidates),
                remainder: Whole(q.remainder.lots),
                deficit: Whole(q.deficit.units),
                digest: Digest(low: q.digestLow, high: q.digestHigh)
            )
        )
    }
}

extension Comparison {
    /// Compares what was told. Orders that one event takes off together have no order among themselves.
    func compare(_ core: AuditedEvents, _ audited: AuditedEvents) {
        compare(core.accepted, audited.accepted, "accepted order")
        compare(core.triggered, audited.triggered, "triggered order")
        compare(
            core.cancels.sorted { $0.order < $1.order },
            audited.cancels.sorted { $0.order < $1.order },
            "cancelled order"
        )
        compare(core.fundings, audited.fundings, "funding")
        compare(core.payments, audited.payments, "payment of the fund")
        compare(core.recourses, audited.recourses, "recourse")
        compare(core.bookOrders, audited.bookOrders, "order of a liquidation")
        compare(core.askings, audited.askings, "volunteers asked")
        compare(core.queues, audited.queues, "queue")
        compare(core.settlements, audited.settlements, "settlement")
    }
}
