import ExchangeCore
import ExchangeText

/// What may happen in a step, for the row of a world.
private enum Happening: Int, CaseIterable {
    case trades, liquidationFills, triggered, funding, settlements, pending
    case episodes, deficits, residuals, debts, recourse, fundPaid, charges
    case netting, volunteer, vault, deleveraging, residual, settlement, theorem

    /// Its name in the row.
    var name: String {
        switch self {
        case .liquidationFills: "liquidation fills"
        case .fundPaid: "fund paid"
        case .theorem: "ADL-5 looked at"
        default: "\(self)"
        }
    }

    init(_ kind: TransferKind) {
        switch kind {
        case .netting: self = .netting
        case .volunteer: self = .volunteer
        case .vault: self = .vault
        case .deleveraging: self = .deleveraging
        case .residual: self = .residual
        case .settlement: self = .settlement
        }
    }
}

/// Looks at a step from one state to the next: its events, and pictures of both.
struct StepLaws {
    /// What happened, by name: a world in which nobody is deleveraged proves nothing about deleveraging.
    var seen: [String: Int] {
        var seen: [String: Int] = [:]
        for what in Happening.allCases where counts[what.rawValue] > 0 {
            seen[what.name] = counts[what.rawValue]
        }
        return seen
    }
    private var counts = [Int](repeating: 0, count: Happening.allCases.count)
    /// The first law that did not hold.
    private(set) var violation: Violation?
    private var theorem = Theorem()
    private var receipts: [Int64: Receipt] = [:]
    private var stages: [Int64: [Int32: Int]] = [:]
    private var ofNamedOwner: Set<Int64> = []
    /// Changes of cash by margin account, in the order of `before`.
    private var changes: [Int64] = []
    private var payments = PaymentOrder()
    /// Who took part in a fill or a closing, and who did so otherwise than by being deleveraged.
    private var (involved, traded): (Set<Int32>, Set<Int32>) = ([], [])
    private var paid: [(account: Int32, reason: LedgerReason, amount: Int64)] = []
    private var deleveraged: [(account: Int32, market: Int32, side: PositionSide)] = []

    /// Sums of a receipt's steps (RCP-5).
    private struct Receipt {
        var givenUp: Int64 = 0
        var vault: Int64 = 0
        var recourse: Int64 = 0
        var charged: Int64 = 0
    }

    private mutating func note(_ what: Happening, _ count: Int = 1) { counts[what.rawValue] += count }

    mutating func fail(_ law: Law, _ text: @autoclosure () -> String) {
        if violation == nil { violation = Violation(law: law, text: text()) }
    }

    mutating func check(_ holds: Bool, _ law: Law, _ text: @autoclosure () -> String) {
        if !holds { fail(law, text()) }
    }

    /// Forgets what the last step left. A receipt's steps behind the netting are never interrupted, so that
    /// its sums need no memory (WF-11); the theorem is one of whole waterfalls.
    mutating func begin(_ command: Command, _ exchange: borrowing Exchange, _ before: Picture, isWhole: Bool)
    {
        receipts.removeAll(keepingCapacity: true)
        if case .continue = command {} else if isWhole { theorem.begin(command, exchange, before) }
        stages.removeAll(keepingCapacity: true)
        ofNamedOwner.removeAll(keepingCapacity: true)
        changes.removeAll(keepingCapacity: true)
        for _ in before.margins { changes.append(0) }
        payments = PaymentOrder()
        involved.removeAll(keepingCapacity: true)
        traded.removeAll(keepingCapacity: true)
        paid.removeAll(keepingCapacity: true)
        deleveraged.removeAll(keepingCapacity: true)
    }

    // MARK: Events

    mutating func take(_ event: Event, _ exchange: borrowing Exchange, _ before: Picture) {
        switch event {
        case .ledgerEntry(let entry): take(entry, before)
        case .trade(let trade):
            payments.begin()
            involved.insert(trade.maker.raw)
            involved.insert(trade.taker.raw)
            traded.formUnion([trade.maker.raw, trade.taker.raw])
            note(trade.kind == .liquidation ? .liquidationFills : .trades)
            theorem.take(trade, exchange)
        case .closing(let closing): take(closing, before)
        case .recoursePaid(let recourse):
            receipts[recourse.episode, default: Receipt()].recourse += recourse.amount.units
            note(.recourse)
            theorem.take(recourse)
        case .residualCharged(let charge):
            receipts[charge.episode, default: Receipt()].charged += charge.amount.units
            note(.charges)
            stage(8, charge.episode, charge.market.raw)
        case .volunteersAsked(let asked): stage(5, asked.episode, asked.market.raw)
        case .vaultQuote(let quote): stage(6, quote.episode, quote.market.raw)
        case .episodeBegan(let episode):
            let owner = exchange.accountView(episode.account)?.owner.raw ?? 0
            if owner > 0 { ofNamedOwner.insert(episode.episode) }
        case .queueRanked(let queue):
            // An owner's other accounts bear it first, by a queue of their own (ADL-10).
            let isOwn =
                ofNamedOwner.contains(queue.episode) && stages[queue.episode]?[queue.market.raw] == nil
            stage(isOwn ? 4 : 7, queue.episode, queue.market.raw)
        case .fundPaid: note(.fundPaid)
        case .fundingSettled:
            payments = PaymentOrder()
            note(.funding)
        case .episodeEnded(let end): take(end)
        case .orderTriggered: note(.triggered)
        case .marketSettled: note(.settlements)
        case .waterfallPending: note(.pending)
        default: break
        }
    }

    private mutating func take(_ entry: LedgerEntry, _ before: Picture) {
        let amount = entry.amount.units
        if let wrong = payments.take(entry) { fail(.payers, wrong) }
        if entry.reason == .isolatedMargin && entry.market != .none { theorem.take(returned: entry) }
        paid.append((entry.account.raw, entry.reason, amount))
        guard let margin = before.margin(entry.account.raw, entry.market.raw, entry.positionSide) else {
            return
        }
        changes[margin] += amount
        let balance = before.margins[margin].cash + changes[margin]
        if balance == entry.balance.units { return }
        fail(
            .entries,
            "account \(entry.account.raw): balance \(entry.balance.units), entries give \(balance)"
        )
    }

    private mutating func take(_ closing: Closing, _ before: Picture) {
        involved.insert(closing.closed.raw)
        involved.insert(closing.counterparty.raw)
        if closing.kind != .deleveraging { traded.formUnion([closing.closed.raw, closing.counterparty.raw]) }
        note(Happening(closing.kind))
        let adjustment = closing.adjustment.units
        switch closing.kind {
        case .vault: receipts[closing.episode, default: Receipt()].vault += max(0, -adjustment)
        case .deleveraging:
            receipts[closing.episode, default: Receipt()].givenUp -= adjustment
            deleveraged.append((closing.counterparty.raw, closing.market.raw, closing.counterpartySide))
            if let text = theorem.take(closing) { fail(.theorem, text) }
        case .residual: stage(8, closing.episode, closing.market.raw)
        case .netting, .volunteer, .settlement: break
        }
    }

    private mutating func take(_ end: EpisodeEnded) {
        note(.episodes)
        if end.deficit != .zero { note(.deficits) }
        if end.debt != .zero { note(.debts) }
        if end.residual != .zero { note(.residuals) }
        let sum = receipts[end.episode] ?? Receipt()
        let name = "episode \(end.episode)"
        check(
            end.givenUp.units == sum.givenUp,
            .receipt,
            "\(name): given up \(end.givenUp.units), \(sum.givenUp)"
        )
        check(end.vault.units == sum.vault, .receipt, "\(name): vault \(end.vault.units), \(sum.vault)")
        check(end.recourse.units == sum.recourse, .receipt, "\(name): recourse \(sum.recourse)")
        check(end.residual.units - end.debt.units == sum.charged, .receipt, "\(name): charges \(sum.charged)")
        let parts =
            end.recourse.units + end.fund.units + end.vault.units + end.givenUp.units + end.residual.units
        check(
            end.deficit.units == parts - end.rounding.units,
            .receipt,
            "\(name): deficit \(end.deficit.units), parts \(parts) less \(end.rounding.units)"
        )
        if let text = theorem.take(end) { fail(.residual, text) }
    }

    private mutating func stage(_ number: Int, _ episode: Int64, _ market: Int32) {
        let last = stages[episode]?[market] ?? 0
        check(number >= last, .order, "episode \(episode): step \(number) behind step \(last)")
        stages[episode, default: [:]][market] = number
    }

    // MARK: Afterwards

    /// Compares the two pictures of a step that was taken.
    mutating func end(_ command: Command, _ before: Picture, _ after: Picture) {
        for index in before.margins.indices {
            let was = before.margins[index]
            guard let now = after.margin(was.account, was.market, was.side) else { continue }
            let cash = after.margins[now].cash
            let expected = was.cash + changes[index]
            check(
                cash == expected,
                .entries,
                "account \(was.account): cash \(cash), entries give \(expected)"
            )
        }
        for it in deleveraged where !traded.contains(it.account) {
            let (was, now) = (
                before.size(it.account, it.market, it.side), after.size(it.account, it.market, it.side)
            )
            let isLess = was > 0 ? now >= 0 && now < was : now <= 0 && now > was
            check(isLess, .reduces, "account \(it.account): \(was) lots before, \(now) after")
        }
        for it in paid where it.account >= AccountID.firstUser.raw && it.amount < 0 {
            if !StepLaws.isInvoluntary(it.reason) || before.holdsAnything(it.account) { continue }
            check(
                involved.contains(it.account),
                .bystander,
                "account \(it.account) has no position and pays \(-it.amount) for \(it.reason.term)"
            )
        }
        checkGate(command, after)
    }

    /// Ends the theorem of a price once its waterfall is over.
    mutating func endWaterfall(_ after: Picture) {
        let result = theorem.end(after)
        if result.looked > 0 { note(.theorem, result.looked) }
        if let text = result.violation { fail(.theorem, text) }
    }

    /// What is paid without having been asked for.
    private static func isInvoluntary(_ reason: LedgerReason) -> Bool {
        switch reason {
        case .residual, .deleveraging, .insurance, .settlement, .netting, .funding, .takeover, .rounding: true
        default: false
        }
    }

    private mutating func checkGate(_ command: Command, _ after: Picture) {
        let account: AccountID
        switch command {
        case .withdraw(let it): account = it.account
        case .transfer(let it): account = it.source
        case .vaultDeposit(let it): account = it.account
        default: return
        }
        let left = after.available[Int(account.raw)]
        check(left >= 0, .gate, "account \(account.raw) has \(left) available")
    }

    // MARK: States

    /// Looks at a state by itself, between two waterfalls.
    mutating func look(_ exchange: borrowing Exchange, _ picture: Picture) {
        if let fault = exchange.checkInvariants() {
            fail(.invariants, "\(fault.rule.code): \(fault.rule.text)")
        }
        var total: Int64 = 0
        for it in picture.margins { total += it.cash }
        var sizes = [Int64](repeating: 0, count: picture.markets.count)
        for it in picture.held {
            total += it.quote
            sizes[Int(it.market)] += it.size
        }
        let pile = exchange.deposits.units - exchange.withdrawals.units
        check(total == pile, .conservation, "cash and quotes \(total), paid in \(pile)")
        for (market, size) in sizes.enumerated() {
            check(size == 0, .bothSides, "market \(market): \(size) lots")
        }
        check(
            picture.fund == 0 || picture.debt == 0,
            .fundOrDebt,
            "has \(picture.fund), owes \(picture.debt)"
        )
        if exchange.isWaterfallPending { return }
        let areAllValid = picture.markets.allSatisfy { $0.isValid && $0.isAtLatest || $0.state == .settled }
        for it in picture.margins where it.account >= AccountID.vault.raw {
            let isBelow = it.equity < 0 && !picture.isStuck(it)
            check(!isBelow, .belowZero, "account \(it.account), market \(it.market): equity \(it.equity)")
            let isMissed =
                areAllValid && it.equity < it.maintenance && !it.isInLiquidation && !picture.isStuck(it)
            check(!isMissed, .found, "account \(it.account): equity \(it.equity) of \(it.maintenance)")
        }
    }
}
