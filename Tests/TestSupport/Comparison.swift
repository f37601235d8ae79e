public import ExchangeCore
import ExchangeText

/// An exchange and an auditor side by side: each command goes to both, and everything that can be
/// seen of the two is compared afterwards.
public final class Comparison {
    var core: Exchange
    /// The auditor beside it.
    public private(set) var auditor: Auditor
    var buffer = EventBuffer()
    private var queue = QueueCopy()
    /// What happened so far.
    public internal(set) var coverage = Coverage()
    /// Balances as the ledger entries alone give them (LED-5).
    var balances: [BalanceKey: Whole] = [:]
    /// Sums of receipts that have not ended (RCP-5).
    var receipts: [Int64: ReceiptSum] = [:]
    /// Whether the payers come first (LED-7).
    var payments = PaymentOrder()
    var random = SplitMix64(seed: 7)
    /// Deleveraged margin accounts that were looked at by kind, and those that ended below (ADL-5).
    public internal(set) var deleveraged = TheoremCount()
    public internal(set) var below = TheoremCount()
    /// Accounts that belong together, if this is their world (ADL-19).
    var coalition: CoalitionLaw?
    /// Whether the auditor is beside the core; without it only ADL-19 is looked at.
    var isAudited = true
    /// Whether ADL-5 is a law here, or only counted.
    public var demandsTheorem = true
    /// Whether the worth before the present waterfall is known, and what it was.
    var theoremHolds = false
    var movedMarket = MarketID.none
    /// What each margin account had, and its kind.
    var before: [BalanceKey: (equity: Whole, kind: TheoremCount.Kind)] = [:]
    var traded: Set<Int32> = []
    /// Closings of step 7 that a margin account took part in.
    var fillsOf: [BalanceKey: Int] = [:]
    /// What isolated positions have given back to cross in this command (LED-8).
    var returned: [BalanceKey: Whole] = [:]
    /// Margin accounts of which ADL-5 says nothing in this command.
    var excepted: Set<BalanceKey> = []
    var anybodyWaits = false
    /// Whether a resting order took a liquidation at a price worse for it than the mark (ADL-5).
    var anybodyGaveAway = false
    var difference: String?
    /// Where what moves money goes besides, for a checker that is no part of this program.
    var ledger: LedgerStream?
    /// What became of the last command.
    public internal(set) var lastStatus = Status.ok
    /// A fault to plant into the numbers read from the core, to see a checker go red.
    public var fault: ((String, Whole) -> Whole)?

    /// Both empty, with the same bounds.
    public init(limits: AuditedLimits = AuditedLimits()) {
        core = Exchange(limits: limits.forCore)
        auditor = Auditor(limits: limits, first: core.nextSequence)
    }

    /// Takes over the state of both of another comparison, and what laws remember of a waterfall that goes
    /// on.
    public func become(copyOf other: Comparison) {
        core.become(copyOf: other.core)
        auditor = other.auditor.copy()
        balances = other.balances
        receipts = other.receipts
        demandsTheorem = other.demandsTheorem
        theoremHolds = other.theoremHolds
        movedMarket = other.movedMarket
        before = other.before
        traded = other.traded
        fillsOf = other.fillsOf
        returned = other.returned
        excepted = other.excepted
        anybodyWaits = other.anybodyWaits
        anybodyGaveAway = other.anybodyGaveAway
    }

    /// Puts the core's own snapshot in its place (DET-5); nil, or what is wrong with it.
    public func reload() -> String? {
        var writer = ByteWriter(capacity: 1 << 14)
        core.snapshot(into: &writer)
        var reader = writer.reader()
        let hash = core.stateHash()
        do throws(StateFault) {
            core = try Exchange(restoring: &reader)
        } catch {
            return "DET-5: a snapshot is refused: \(error.text)"
        }
        return core.stateHash() == hash ? nil : "DET-5: a restored state has another hash"
    }

    /// Hash of the core's state (DET-1).
    public var stateHash: Digest { core.stateHash() }

    /// Applies a command to both; nil, or the first difference in words.
    public func step(_ timed: TimedCommand) -> String? {
        difference = nil
        let sequence = UInt64(
            truncatingIfNeeded: Int64(truncatingIfNeeded: core.nextSequence) + timed.distance
        )
        let at = Timestamp(timed.at)
        payments = PaymentOrder()
        beginLaws(timed.command)
        coalition?.begin(core)
        buffer.removeAll()
        let status = core.apply(timed.command, sequence: sequence, at: at, into: &buffer)
        lastStatus = status
        ledger?.take(buffer)
        let gained = coalition?.end(core, timed.command, status, &buffer)
        if !isAudited { return gained ?? nil }
        let expected = auditor.apply(timed.command, sequence: sequence, at: at)
        if status != expected { return "status: core \(status), auditor \(expected)" }
        coverage.mark(status == .ok ? "accepted" : "refused")
        if status != .ok { coverage.mark("status \(status)") }
        for mark in auditor.marks { coverage.mark(mark) }
        compareEvents()
        compareVenue()
        for number in 0..<auditor.accounts.count where difference == nil { compareAccount(number) }
        for number in 0..<auditor.markets.count where difference == nil { compareMarket(number) }
        if core.nextSequence % 32 == 0 { compareLights() }
        if difference == nil, let fault = core.checkInvariants() { difference = "DET-6: \(fault.text)" }
        if difference == nil { checkLaws() }
        return difference ?? gained ?? nil
    }

    /// Shares of the vault that an account has in the core.
    func vaultShares(of account: AccountID) -> Int64 { core.vaultShares(of: account) }

    /// What two shares of the vault are worth in the core, rounded up; 0 if there are none.
    var costOfTwoVaultShares: Amount {
        let total = Whole(core.vaultTotalShares)
        return total == 0 ? .zero : Amount(Int64(ceilingOf(2, Whole(core.vaultEquity.units), over: total)))
    }

    // MARK: helpers

    func check(_ core: Whole, _ auditor: Whole, _ what: @autoclosure () -> String) {
        if difference != nil { return }
        var core = core
        if let fault { core = fault(what(), core) }
        if core != auditor { difference = "\(what()): core \(core), auditor \(auditor)" }
    }

    func check<T: Equatable>(same core: T, _ auditor: T, _ what: @autoclosure () -> String) {
        if difference == nil && core != auditor { difference = "\(what()): core \(core), auditor \(auditor)" }
    }

    // MARK: state

    private func compareVenue() {
        check(Whole(core.nextSequence), Whole(auditor.nextSequence), "next sequence")
        check(Whole(core.now.microseconds), auditor.now, "now")
        check(Whole(core.nextDeadline.microseconds), auditor.nextDeadline, "next deadline")
        check(same: core.isWaterfallPending, auditor.isWaterfallPending, "waterfall pending")
        check(Whole(core.accountCount), Whole(auditor.accounts.count), "accounts")
        check(Whole(core.marketCount), Whole(auditor.markets.count), "markets")
        check(Whole(core.fund.units), auditor.fund, "fund")
        check(Whole(core.debt.units), auditor.debt, "debt")
        check(Whole(core.fees.units), auditor.fees, "fees")
        check(Whole(core.deposits.units), auditor.deposits, "deposits")
        check(Whole(core.withdrawals.units), auditor.withdrawals, "withdrawals")
        check(Whole(core.vaultEquity.units), auditor.vaultEquity, "vault equity")
        check(Whole(core.vaultTotalShares), auditor.vaultTotalShares, "vault shares")
        if !core.isWaterfallPending { check(Whole(core.episodes), Whole(auditor.episodeCount), "episodes") }
    }

    private func compareAccount(_ number: Int) {
        let id = AccountID(Int32(number))
        guard let view = core.accountView(id) else {
            difference = "account \(number) is not there"
            return
        }
        let a = auditor.accounts[number]
        if a.owner > 0 { check(Whole(view.owner.raw), Whole(a.owner), "account \(number) owner") }
        check(Whole(view.cash.units), a.cash, "account \(number) cash")
        check(same: view.isKilled, a.killed, "account \(number) killed")
        check(same: view.positionMode == .hedge, a.hedge, "account \(number) hedge")
        let settled = !core.isWaterfallPending
        if settled { check(same: view.isInLiquidation, a.inLiquidation, "account \(number) in liquidation") }
        check(view.crossEquity, auditor.equity(a, nil), "account \(number) cross equity")
        check(view.available, auditor.available(number, a), "account \(number) available")
        check(Whole(core.vaultShares(of: id)), a.shares, "account \(number) shares")
        if number > 2 {
            check(view.requirement, auditor.requirements(number, a), "account \(number) requirement")
        }
        var seen = 0
        core.forEachPosition(of: id) { p in
            guard difference == nil else { return }
            let name = "account \(number) market \(p.market.raw) \(p.positionSide)"
            guard let index = a.leg(Int(p.market.raw), p.positionSide) else {
                if p.size != .zero || p.isolatedCash != .zero { difference = "\(name): no such leg" }
                return
            }
            let leg = a.legs[index]
            if leg.size != 0 || leg.isolatedCash != 0 { seen += 1 }
            check(Whole(p.size.lots), leg.size, "\(name) size")
            check(Whole(p.quote.units), leg.quote, "\(name) quote")
            check(Whole(p.isolatedCash.units), leg.isolatedCash, "\(name) isolated cash")
            check(Whole(p.hedge), Whole(leg.group), "\(name) hedge")
            let setting = auditor.setting(a, leg.market)
            check(Whole(p.leverage), setting.leverage, "\(name) leverage")
            check(same: p.mode == .isolated, setting.isolated, "\(name) isolated")
            if setting.isolated && settled {
                check(same: p.isInLiquidation, leg.inLiquidation, "\(name) in liquidation")
            }
            if leg.size != 0 {
                let lights = core.lights(id, p.market, p.positionSide)
                check(Whole(lights), Whole(auditor.lights(number, leg.market, leg.side)), "\(name) lights")
            }
        }
        let held = a.legs.filter { $0.size != 0 || $0.isolatedCash != 0 }.count
        check(Whole(seen), Whole(held), "account \(number) legs held")
        compareOrders(number)
    }

    /// ADL-7: lights worked out for a side at once are those of its positions one by one.
    private func compareLights() {
        for market in (0..<core.marketCount).map({ MarketID($0) }) {
            for longs in [true, false] where difference == nil {
                core.copyQueue(market, longs: longs, into: &queue)
                queue.workOut()
                for index in 0..<queue.count {
                    let (account, side, lights) = queue[index]
                    let expected = auditor.lights(Int(account.raw), Int(market.raw), side)
                    check(Whole(lights), Whole(expected), "account \(account.raw) lights of all")
                }
                if queue.count > 0 { coverage.mark("lights of a side") }
            }
        }
    }

    private func compareOrders(_ number: Int) {
        var seen = 0
        let orders = auditor.orders
        core.forEachOrder(of: AccountID(Int32(number))) { o in
            guard difference == nil else { return }
            seen += 1
            guard let order = orders.first(where: { $0.id == o.id.raw }) else {
                difference = "order \(o.id.raw) of account \(number) is only in the core"
                return
            }
            let name = "order \(o.id.raw)"
            check(Whole(number), Whole(order.account), "\(name) account")
            check(Whole(o.market.raw), Whole(order.market), "\(name) market")
            check(same: o.positionSide, order.side, "\(name) position side")
            check(same: o.side == .buy, order.buy, "\(name) buys")
            check(Whole(o.price.ticks), order.price, "\(name) price")
            check(Whole(o.quantity.lots), order.quantity, "\(name) quantity")
            check(Whole(o.filled.lots), order.filled, "\(name) filled")
            check(same: o.isResting, order.resting, "\(name) resting")
            check(same: o.clientID, order.clientID, "\(name) name")
        }
        let count = orders.filter { $0.account == number }.count
        check(Whole(seen), Whole(count), "orders of account \(number)")
    }

    private func compareMarket(_ number: Int) {
        guard let view = core.marketView(MarketID(Int32(number))) else {
            difference = "market \(number) is not there"
            return
        }
        let m = auditor.markets[number]
        check(same: view.state, m.state, "market \(number) state")
        check(same: view.validity, m.validity, "market \(number) validity")
        check(Whole(view.mark.ticks), m.mark, "market \(number) mark")
        check(Whole(view.previousMark.ticks), m.previous, "market \(number) previous mark")
        check(Whole(view.latestMark.ticks), m.latest, "market \(number) latest mark")
        check(Whole(view.index.ticks), m.index, "market \(number) index")
        compareBook(number)
        check(Whole(view.lastPrice.ticks), m.last, "market \(number) last price")
        check(Whole(view.openInterest.lots), auditor.openInterest(number), "market \(number) open interest")
    }

    /// BK-3: levels, best first, are what the open orders add up to.
    private func compareBook(_ number: Int) {
        for side in [Side.buy, .sell] {
            var lots: [Whole: Whole] = [:]
            for order in auditor.orders
            where order.market == number && order.resting && order.buy == (side == .buy) {
                lots[order.price, default: 0] += order.remaining
            }
            let sorted = lots.keys.sorted { side == .buy ? $0 > $1 : $0 < $1 }
            var place = 0
            core.forEachLevel(MarketID(Int32(number)), side, count: 10_000) { price, quantity in
                guard difference == nil else { return }
                if place < sorted.count {
                    check(Whole(price.ticks), sorted[place], "BK-2 level \(place) of market \(number)")
                    check(Whole(quantity.lots), lots[sorted[place]] ?? 0, "BK-3 lots at \(price.ticks)")
                }
                place += 1
            }
            check(Whole(place), Whole(sorted.count), "BK-3 levels of market \(number)")
        }
    }

    // MARK: events

    private func compareEvents() {
        var told = AuditedEvents()
        var trades: [AuditedTrade] = []
        var closings: [AuditedClosing] = []
        var episodes: [AuditedEpisode] = []
        var quotes: [AuditedQuote] = []
        var charges: [AuditedCharge] = []
        var outcome: Outcome?
        buffer.forEach { event in
            take(event)
            told.take(event)
            switch event {
            case .trade(let t): trades.append(AuditedTrade(t))
            case .closing(let c): if c.kind != .settlement { closings.append(AuditedClosing(c)) }
            case .episodeBegan(let e): began(e)
            case .episodeEnded(let e): episodes.append(AuditedEpisode(e, receipts[e.episode]))
            case .vaultQuote(let q): quotes.append(AuditedQuote(q))
            case .residualCharged(let c): charges.append(AuditedCharge(c))
            case .outcome(let o): outcome = o
            default: break
            }
        }
        if let outcome, outcome.status == .ok {
            check(Whole(outcome.result), Whole(auditor.result), "result")
        }
        compare(trades, auditor.trades, "trade")
        compare(closings, auditor.closings.map(\.normal), "closing")
        compare(quotes, auditor.quotes, "vault quote")
        compare(charges, auditor.charges, "charge")
        compare(episodes, auditor.episodes.map(\.stated), "episode")
        compare(told, auditor.told)
    }

    func compare<T: Equatable>(_ core: [T], _ auditor: [T], _ what: String) {
        if difference != nil { return }
        for (index, one) in core.enumerated() where index >= auditor.count || auditor[index] != one {
            let other = index < auditor.count ? "\(auditor[index])" : "none"
            difference = "\(what) \(index):\n  core    \(one)\n  auditor \(other)"
            return
        }
        if core.count < auditor.count {
            difference = "\(what) \(core.count):\n  core    none\n  auditor \(auditor[core.count])"
        }
    }
}

extension AuditedTrade {
    init(_ t: Trade) {
        self.init(
            market: Int(t.market.raw),
            price: Whole(t.price.ticks),
            quantity: Whole(t.quantity.lots),
            maker: Int(t.maker.raw),
            taker: Int(t.taker.raw),
            makerOrder: t.makerOrder.raw,
            takerOrder: t.takerOrder.raw,
            makerFee: Whole(t.makerFee.units),
            takerFee: Whole(t.takerFee.units),
            episode: t.episode
        )
    }
}

extension AuditedClosing {
    init(_ c: Closing) {
        let plain = AuditedClosing(
            episode: c.episode,
            kind: c.kind,
            market: Int(c.market.raw),
            quantity: Whole(c.quantity.lots),
            price: Whole(c.price.ticks),
            closed: Int(c.closed.raw),
            counterparty: Int(c.counterparty.raw),
            adjustment: Whole(c.adjustment.units),
            bid: Whole(c.bid.units),
            kept: Whole(c.kept.units),
            rank: Int(c.rank),
            score: c.score,
            paid: Whole(c.paid.ticks)
        )
        self = plain.normal
    }

    /// A netting belongs to two buckets alike: the lower account is named first, no episode.
    var normal: AuditedClosing {
        var copy = self
        if kind == .residual {
            copy.rank = 0
            copy.score = 0
        }
        if kind != .netting { return copy }
        // Which of the two is named as the other is a matter of form.
        copy.kept = 0
        copy.episode = 0
        copy.closed = min(closed, counterparty)
        copy.counterparty = max(closed, counterparty)
        return copy
    }
}

extension AuditedQuote {
    init(_ q: VaultQuote) {
        self.init(
            episode: q.episode,
            market: Int(q.market.raw),
            asked: Whole(q.asked.lots),
            taken: Whole(q.taken.lots),
            limit: q.limit,
            equity: Whole(q.equity.units),
            firstLoss: Whole(q.firstLoss.units)
        )
    }
}

extension AuditedCharge {
    init(_ c: ResidualCharged) {
        self.init(
            episode: c.episode,
            account: Int(c.account.raw),
            market: Int(c.market.raw),
            amount: Whole(c.amount.units)
        )
    }
}

extension AuditedEpisode {
    init(_ e: EpisodeEnded, _ sum: ReceiptSum?) {
        self.init(
            number: e.episode,
            account: Int(e.account.raw),
            market: sum?.market ?? -1,
            round: sum?.round ?? 0,
            equityBefore: sum?.equity ?? 0,
            maintenance: sum?.maintenance ?? 0
        )
        outcome = e.outcome
        deficit = Whole(e.deficit.units)
        recourse = Whole(e.recourse.units)
        fund = Whole(e.fund.units)
        vault = Whole(e.vault.units)
        givenUp = Whole(e.givenUp.units)
        residual = Whole(e.residual.units)
        debt = Whole(e.debt.units)
        rounding = Whole(e.rounding.units)
        bids = Whole(e.bids.units)
        needed = Whole(e.needed.units)
        taken = Whole(e.taken.units)
        equity = Whole(e.equity.units)
    }

    /// Only what an event states.
    var stated: AuditedEpisode {
        var copy = self
        copy.spent = 0
        copy.limits = nil
        copy.closedLate = false
        return copy
    }
}

extension AuditedLimits {
    /// The same bounds as the core takes them.
    public var forCore: Limits {
        var bounds = Limits()
        bounds.accounts = Int32(accounts)
        bounds.markets = Int32(markets)
        bounds.positionsPerAccount = Int32(positionsPerAccount)
        bounds.ordersPerPosition = Int32(ordersPerPosition)
        bounds.offersPerSide = Int32(offersPerSide)
        bounds.requestKeys = Int32(requestKeys)
        bounds.waterfallSteps = Int32(waterfallSteps)
        bounds.activations = Int32(activations)
        return bounds
    }
}
