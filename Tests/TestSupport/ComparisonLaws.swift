import ExchangeCore

/// A bucket, as a ledger entry names it.
struct BalanceKey: Hashable {
    var account: Int32
    var market: Int32
    var side: UInt8
}

/// A receipt's sum, worked out from its step events alone (RCP-5).
struct ReceiptSum {
    var market = -1
    var round = 0
    var equity: Whole = 0
    var maintenance: Whole = 0
    var recourse: Whole = 0
    var fund: Whole = 0
    var covered: Whole = 0
    var bids: Whole = 0
    var vault: Whole = 0
    var givenUp: Whole = 0
    var charged: Whole = 0
    var steps = 0
}

// Laws that the core's own numbers must satisfy, whatever the auditor says.

extension Comparison {
    func began(_ e: EpisodeBegan) {
        let trigger = auditor.markets[Int(e.trigger.raw)]
        let before = auditor.turns[Whole(e.mark.ticks)]
        if before == nil { check(Whole(e.mark.ticks), trigger.mark, "mark of episode \(e.episode)") }
        let previous = before ?? trigger.previous
        check(Whole(e.previousMark.ticks), previous, "previous mark of episode \(e.episode)")
        receipts[e.episode] = ReceiptSum(
            market: Int(e.market.raw),
            round: Int(e.round),
            equity: Whole(e.equity.units),
            maintenance: Whole(e.maintenance.units)
        )
    }

    /// Takes one event into the replayed ledger and the sums of receipts.
    func take(_ event: Event) {
        switch event {
        case .ledgerEntry(let entry):
            if let wrong = payments.take(entry), difference == nil { difference = wrong }
            let isolated = entry.market != .none
            let key = BalanceKey(
                account: entry.account.raw,
                market: entry.market.raw,
                side: isolated ? entry.positionSide.rawValue : 0
            )
            if isolated && entry.reason == .isolatedMargin {
                returned[key, default: 0] -= Whole(entry.amount.units)
            }
            let balance = (balances[key] ?? 0) + Whole(entry.amount.units)
            balances[key] = balance
            check(Whole(entry.balance.units), balance, "LED-5 balance of account \(entry.account.raw)")
        case .closing(let c): take(c)
        case .fundPaid(let paid):
            receipts[paid.episode]?.fund += Whole(paid.amount.units)
            check(
                Whole(paid.before.units) - Whole(paid.after.units),
                Whole(paid.amount.units),
                "RCP-3 fund before less after"
            )
            if paid.after == .zero && paid.amount != .zero { coverage.mark("fund exactly spent") }
        case .recoursePaid(let paid):
            receipts[paid.episode]?.recourse += Whole(paid.amount.units)
            // Its owner answers with it for another account.
            let side = paid.market == .none ? 0 : paid.positionSide.rawValue
            excepted.insert(BalanceKey(account: paid.account.raw, market: paid.market.raw, side: side))
        case .residualCharged(let charge): receipts[charge.episode]?.charged += Whole(charge.amount.units)
        case .episodeEnded(let e): checkReceipt(e)
        case .vaultQuote(let q): coverage.mark("vault limit \(q.limit)")
        case .trade(let t):
            payments.begin()
            noteTrade(t.maker, t.taker)
            if t.kind == .liquidation { noteLiquidation(t) } else { coverage.mark("trade") }
        case .waterfallPending: coverage.mark("waterfall pending")
        case .markFormed(let m):
            coverage.mark(m.isClamped ? "mark moved by a band" : "mark formed")
            if m.fourth != .none { coverage.mark("mark with the book's average") }
        case .orderTriggered: coverage.mark("order triggered")
        case .orderCanceled(let o): coverage.mark("canceled \(o.reason)")
        case .fundingSettled:
            payments = PaymentOrder()
            coverage.mark("funding")
        case .marketSettled(let m):
            coverage.mark(m.deficit == .zero ? "settlement" : "settlement with a deficit")
        case .volunteersAsked(let a):
            if a.withoutMargin > 0 { coverage.mark("volunteer without margin") }
            if a.withoutBid > 0 { coverage.mark("volunteer without a bid") }
        case .liquidationOrder(let o): if o.retry { coverage.mark("book tried again") }
        case .episodeBegan(let e): if e.round > 1 { coverage.mark("later round") }
        case .vaultShares: coverage.mark("vault shares")
        default: break
        }
    }

    private func take(_ c: Closing) {
        coverage.mark("closing \(c.kind)")
        let adjustment = Whole(c.adjustment.units)
        let bid = Whole(c.bid.units)
        switch c.kind {
        case .volunteer:
            let covered = min(bid, positivePart(-adjustment))
            receipts[c.episode]?.covered += covered
            receipts[c.episode]?.bids += bid - covered
            if bid > 0 { coverage.mark("volunteer with a bid") }
        case .vault:
            receipts[c.episode]?.vault += positivePart(-adjustment)
            // What it takes over below the mark the vault bears by itself (VLT-4).
            excepted.insert(BalanceKey(account: AccountID.vault.raw, market: -1, side: 0))
        case .deleveraging:
            receipts[c.episode]?.givenUp -= adjustment
            noteDeleveraging(c)
        case .netting, .residual, .settlement: break
        }
        receipts[c.episode]?.steps += 1
    }

    /// ADL-5: in the market that moved the margin account is looked at as a whole afterwards; in another one,
    /// where nobody gained, nothing may be given up at all.
    private func noteDeleveraging(_ c: Closing) {
        guard theoremHolds else { return }
        let key = marginAccount(c.counterparty, c.market, c.counterpartySide)
        if c.market != movedMarket {
            deleveraged.add(before[key]?.kind ?? .cross)
            if c.adjustment.units < -1 {
                fallsBelow(key, "gives up \(-c.adjustment.units) in a market that stood still")
            }
            return
        }
        fillsOf[key, default: 0] += 1
    }

    /// The margin account that a position stands in.
    private func marginAccount(_ account: AccountID, _ market: MarketID, _ side: PositionSide) -> BalanceKey {
        let isolated = BalanceKey(account: account.raw, market: market.raw, side: side.rawValue)
        return before[isolated] != nil ? isolated : BalanceKey(account: account.raw, market: -1, side: 0)
    }

    /// A maker far from the new mark hands its gain of this very command to whom is liquidated (ADL-5).
    private func noteLiquidation(_ t: Trade) {
        coverage.mark("liquidation fill")
        guard let mark = core.marketView(t.market)?.mark else { return }
        if t.takerSide == .sell ? t.price > mark : t.price < mark { anybodyGaveAway = true }
    }

    private func fallsBelow(_ key: BalanceKey, _ what: @autoclosure () -> String) {
        below.add(before[key]?.kind ?? .cross)
        coverage.mark("ADL-5 below")
        if demandsTheorem && difference == nil { difference = "ADL-5: \(what())" }
    }

    /// RCP-5 from the step events.
    private func checkReceipt(_ e: EpisodeEnded) {
        guard let sum = receipts[e.episode] else { return }
        let name = "RCP-5 episode \(e.episode)"
        coverage.mark("episode \(e.outcome)")
        check(Whole(e.recourse.units), sum.recourse, "\(name) recourse")
        check(Whole(e.vault.units), sum.vault, "\(name) vault")
        check(Whole(e.givenUp.units), sum.givenUp, "\(name) given up")
        check(Whole(e.residual.units) - Whole(e.debt.units), sum.charged, "\(name) charges")
        check(Whole(e.bids.units), sum.bids, "\(name) bids")
        check(Whole(e.taken.units) - Whole(e.needed.units), Whole(e.overshoot.units), "\(name) overshoot")
        let parts = [e.recourse, e.fund, e.vault, e.givenUp, e.residual]
        let paid = parts.reduce(Whole(0)) { $0 + Whole($1.units) }
        check(Whole(e.deficit.units), paid - Whole(e.rounding.units), "\(name) sum")
        if e.deficit != .zero { coverage.mark("episode with deficit") }
        if e.residual != .zero { coverage.mark("residual") }
        if e.debt != .zero { coverage.mark("debt") }
        if e.rounding != .zero { coverage.mark("rounding") }
        if e.residual != .zero && theoremHolds {
            coverage.mark("ADL-5 residual, somebody waiting", anybodyWaits ? 1 : 0)
        }
        let isExcepted = anybodyWaits || anybodyGaveAway
        if e.residual != .zero && theoremHolds && !isExcepted && demandsTheorem && difference == nil {
            difference = "ADL-5: step 8 was reached by a price of one market"
        }
    }

    private func noteTrade(_ accounts: AccountID...) {
        for account in accounts { traded.insert(account.raw) }
    }

    // MARK: before and after a command

    /// Remembers what accounts are worth before a price moves one market.
    func beginLaws(_ command: Command) {
        if case .continue = command { return }
        theoremHolds = false
        traded = []
        fillsOf = [:]
        returned = [:]
        guard case .price(let c) = command, let moved = core.marketView(c.market), moved.validity == .valid
        else { return }
        // Everybody else must be valid too, and nobody below zero before.
        for number in 0..<core.marketCount {
            if let view = core.marketView(MarketID(number)),
                view.validity != .valid || view.mark != view.latestMark || view.state == .halted
            {
                if view.state != .settled { return }
            }
        }
        before = [:]
        theoremHolds = true
        movedMarket = c.market
        excepted = []
        anybodyWaits = false
        anybodyGaveAway = false
        for number in 0..<core.accountCount {
            guard let view = core.accountView(AccountID(number)) else { continue }
            if view.isInLiquidation { anybodyWaits = true }
            if number > 1 && view.crossEquity < 0 { theoremHolds = false }
            note(AccountID(number), view)
        }
    }

    /// Remembers what the margin accounts of an account are worth, and of what kind they are.
    private func note(_ account: AccountID, _ view: AccountView) {
        var sides = 0
        core.forEachPosition(of: account) { p in
            if p.isInLiquidation { anybodyWaits = true }
            if p.mode == .cross && p.market == movedMarket && p.size != .zero { sides += 1 }
            if p.mode == .cross || (p.size == .zero && p.isolatedCash == .zero) { return }
            let equity = Whole(p.isolatedCash.units) + p.unrealized
            if equity < 0 { theoremHolds = false }
            let key = BalanceKey(account: account.raw, market: p.market.raw, side: p.positionSide.rawValue)
            before[key] = (equity, .isolated)
        }
        let cross = BalanceKey(account: account.raw, market: -1, side: 0)
        before[cross] = (view.crossEquity, sides > 1 ? .hedged : .cross)
    }

    /// Looks at the laws of the ledger and at ADL-5.
    func checkLaws() {
        checkConservation()
        checkBalances()
        if !core.isWaterfallPending { checkTheorem() }
    }

    /// LED-4: Σ cash + Σ quote is the pile, Σ size is nothing, Σ equity the same at any marks.
    private func checkConservation() {
        let markets = Int(core.marketCount)
        var total: Whole = 0
        var sizes = [Whole](repeating: 0, count: markets)
        var worth = [Whole](repeating: 0, count: 3)
        let marks = (0..<3).map { _ in (0..<markets).map { _ in Whole(random.within(1...1_000_000)) } }
        let units = (0..<markets).map { Whole(core.marketView(MarketID(Int32($0)))?.unitValue ?? 0) }
        for number in 0..<core.accountCount {
            guard let view = core.accountView(AccountID(number)) else { continue }
            total += Whole(view.cash.units)
            core.forEachPosition(of: AccountID(number)) { p in
                let market = Int(p.market.raw)
                total += Whole(p.isolatedCash.units) + Whole(p.quote.units)
                sizes[market] += Whole(p.size.lots)
                for vector in 0..<3 {
                    worth[vector] += Whole(p.size.lots) * marks[vector][market] * units[market]
                }
            }
        }
        let pile = Whole(core.deposits.units) - Whole(core.withdrawals.units)
        check(total, pile, "LED-4 sum of cash and quote")
        for market in 0..<markets { check(sizes[market], 0, "LED-4 sum of sizes in market \(market)") }
        for vector in 0..<3 { check(total + worth[vector], pile, "LED-4 sum of equity at marks \(vector)") }
    }

    /// LED-5: the entries alone give every balance.
    private func checkBalances() {
        for number in 0..<core.accountCount {
            guard let view = core.accountView(AccountID(number)) else { continue }
            let cross = balances[BalanceKey(account: number, market: -1, side: 0)] ?? 0
            check(Whole(view.cash.units), cross, "LED-5 cross cash of account \(number)")
            core.forEachPosition(of: AccountID(number)) { p in
                let key = BalanceKey(account: number, market: p.market.raw, side: p.positionSide.rawValue)
                check(
                    Whole(p.isolatedCash.units),
                    balances[key] ?? 0,
                    "LED-5 isolated cash of account \(number)"
                )
            }
        }
    }

    /// ADL-5: no margin account that is deleveraged ends below what it had before the command, a unit a fill
    /// apart. What an isolated one gives back to cross is still its own (LED-8).
    private func checkTheorem() {
        guard theoremHolds else { return }
        theoremHolds = false
        for (key, fills) in fillsOf where !traded.contains(key.account) && !excepted.contains(key) {
            guard let had = before[key], let view = core.accountView(AccountID(key.account)) else { continue }
            var has = view.crossEquity
            var other: Whole = 0
            if had.kind == .isolated {
                has = isolatedEquity(key) + returned[key, default: 0]
            } else {
                // What came from isolated positions is theirs.
                other = returned.reduce(Whole(0)) { $0 + ($1.key.account == key.account ? $1.value : 0) }
            }
            deleveraged.add(had.kind)
            if has - other + Whole(fills) < had.equity {
                fallsBelow(key, "\(had.kind) account \(key.account) had \(had.equity), has \(has - other)")
            }
        }
    }

    private func isolatedEquity(_ key: BalanceKey) -> Whole {
        var equity: Whole = 0
        core.forEachPosition(of: AccountID(key.account)) { p in
            if p.market.raw == key.market && p.positionSide.rawValue == key.side {
                equity = Whole(p.isolatedCash.units) + p.unrealized
            }
        }
        return equity
    }
}

/// How often ADL-5 was looked at, by the kind of margin account.
public struct TheoremCount: Sendable {
    /// Cross with one side of the market, isolated, and cross that is long and short in it.
    public enum Kind: Sendable { case cross, isolated, hedged }
    public var cross = 0
    public var isolated = 0
    public var hedged = 0
    public init() {}

    /// All of them.
    public var all: Int { cross + isolated + hedged }
    /// The three numbers in words.
    public var text: String { "\(cross) cross, \(isolated) isolated, \(hedged) hedged" }

    mutating func add(_ kind: Kind) {
        switch kind {
        case .cross: cross += 1
        case .isolated: isolated += 1
        case .hedged: hedged += 1
        }
    }

    /// Takes in what another run counted.
    public mutating func add(_ other: TheoremCount) {
        cross += other.cross
        isolated += other.isolated
        hedged += other.hedged
    }
}
