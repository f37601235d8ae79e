import ExchangeCore

/// ADL-19, no coalition gains.
///
/// Accounts that belong together, known to whoever draws the world and not to the venue, have after each
/// command at most what they had before it and
///
/// - what they put in, less fees and what is charged to them;
/// - what others lost to them in the book, at prices within the band, and by valid marks that moved since;
/// - what others pay of funding, at a rate that follows from orders which stood for the stated time;
/// - what a single move of a mark, or a payment, takes from one of their margin accounts beyond all that it
///   had: of lots held while the price was last valid, once for a position, and, where they have one named
///   owner, beyond what its other accounts have above maintenance;
/// - what rules give to volunteers: an edge out of what others have left, and of the fund at most the bid
///   limit in an episode that was below zero, for an offer that is older than the position;
/// - what their shares of the vault gain, but for shares that were made while somebody waited in liquidation,
///   by that episode, or at a price that was not valid, by the next valid one;
/// - two units a closing and one a share that is made or redeemed.
///
/// As it holds for each command, the sum over all of them bounds what they hold at the end.
struct CoalitionLaw {
    /// The accounts that belong together.
    var members: [Int] = []
    /// Whether the venue knows them as one named owner.
    var isNamed = false
    /// Maintenance rate, price band and bid limit of all markets.
    var maintenance: Whole = 0
    var band: Whole = 0
    var bidLimit: Whole = 0
    /// The highest rate of funding that follows from orders which stood long enough.
    var fairRate: Whole = 0
    /// The most lots of one side that they may hold, if they are one owner (MG-9).
    var cap: Whole = 0
    /// Commands in which the bound was looked at, and those in which something but a move, a fill or cash is
    /// in it.
    var looked = 0
    var tested = 0
    private var had = CoalitionHoldings()
    /// Lots of each position when its market's price was last valid.
    private var validLots: [BalanceKey: Whole] = [:]
    /// Margin accounts that have been paid for and still hold a position.
    private var paid: Set<BalanceKey> = []
    /// When a position began, and when an offer was made, by command.
    private var positionSince: [BalanceKey: Int] = [:]
    private var offerSince: [BalanceKey: Int] = [:]
    private var command = 0
    /// What was gained and allowed so far by commands whose waterfall is not done.
    private var open: (gain: Whole, allowed: Whole) = (0, 0)
    /// Who waited in liquidation when a member got shares of the vault.
    private var waitedAtDeposit: Set<Int> = []
    private var depositAtNoPrice = false

    init() {}

    /// Remembers what there is before a command.
    mutating func begin(_ core: borrowing Exchange) {
        had = CoalitionHoldings(core, members)
        command += 1
    }

    /// What is wrong after a command; nil if nothing is.
    mutating func end(
        _ core: borrowing Exchange,
        _ timed: Command,
        _ status: Status,
        _ events: inout EventBuffer
    ) -> String? {
        let has = CoalitionHoldings(core, members)
        var sum = CoalitionSum()
        events.forEach { sum.take($0, members) }
        remember(timed, status, has)
        let moved = moves(has) + book(sum, has)
        let funding = funding(sum, timed)
        let jump = jumps(has, sum, timed)
        let volunteers = volunteers(sum)
        let shares = shares(has, sum, timed)
        var allowed =
            sum.cash + moved + funding + jump + volunteers + shares + 2 * sum.closings + Whole(members.count)
            + 1
        looked += 1
        if jump != 0 || volunteers != 0 || funding != 0 || shares != 0 || sum.closings > 0 { tested += 1 }
        settle(has, sum)
        var gain = has.worth - had.worth
        // What a command began, the command that ends its waterfall has done (WF-11).
        (gain, allowed) = (gain + open.gain, allowed + open.allowed)
        open = core.isWaterfallPending ? (gain, allowed) : (0, 0)
        if core.isWaterfallPending || (sum.rates.count > 1 && sum.closings > 0) { return nil }
        if gain > allowed {
            return "ADL-19: a coalition gains \(gain), \(allowed) allowed: cash and fees \(sum.cash), "
                + "moves and book \(moved), funding \(funding), jumps \(jump), volunteers \(volunteers), "
                + "vault \(shares)"
        }
        return overCap(has)
    }

    // MARK: the parts of the bound

    /// What others lose by the mark: the coalition's net size of each market times the move.
    private func moves(_ has: CoalitionHoldings) -> Whole {
        var sum: Whole = 0
        for (market, mark) in had.marks.enumerated() where mark > 0 {
            let net = had.legs.filter { $0.market == market }.reduce(Whole(0)) { $0 + $1.size }
            sum += net * (has.marks[market] - mark) * has.units[market]
        }
        return sum
    }

    /// What others give in the book against the mark, within the band; and out of a liquidation what they
    /// have.
    private func book(_ sum: CoalitionSum, _ has: CoalitionHoldings) -> Whole {
        var gain: Whole = 0
        for trade in sum.trades {
            let market = Int(trade.market.raw)
            let mark = has.marks[market]
            if mark == 0 { continue }
            let takerGains = members.contains(Int(trade.taker.raw))
            let buys = (trade.takerSide == .buy) == takerGains
            var away = buys ? mark - Whole(trade.price.ticks) : Whole(trade.price.ticks) - mark
            if trade.kind == .order && band > 0 { away = min(away, ceilingOf(mark, band, over: one)) }
            gain += away * Whole(trade.quantity.lots) * has.units[market]
        }
        return gain
    }

    private func rate(_ rate: Whole, _ timed: Command) -> Whole {
        if case .funding(let c) = timed, c.hasRate { return rate }
        return max(-fairRate, min(fairRate, rate))
    }

    /// What others pay of funding.
    private func funding(_ sum: CoalitionSum, _ timed: Command) -> Whole {
        var gain: Whole = 0
        for (market, rate) in sum.rates {
            let net = had.legs.filter { $0.market == market }.reduce(Whole(0)) { $0 + $1.size }
            let full = -net * had.marks[market] * had.units[market] * rate / one
            let fair = -net * had.marks[market] * had.units[market] * self.rate(rate, timed) / one
            gain += min(full, fair)
        }
        return gain
    }

    /// What this command takes from single margin accounts beyond what they had.
    private func jumps(_ has: CoalitionHoldings, _ sum: CoalitionSum, _ timed: Command) -> Whole {
        var lacking: [Int: Whole] = [:]
        var spare: [Int: Whole] = [:]
        for (key, equity) in had.equity {
            var (after, need) = (equity, Whole(0))
            for leg in had.legs where leg.bucket == key && had.marks[leg.market] > 0 {
                let held = validLots[leg.key] ?? 0
                let move = (has.marks[leg.market] - had.marks[leg.market]) * has.units[leg.market]
                var lots = leg.size
                if lots * move < 0 { lots = lots > 0 ? max(0, min(lots, held)) : min(0, max(lots, held)) }
                after += lots * move
                for (market, rate) in sum.rates where market == leg.market {
                    let worth = leg.size * had.marks[market] * had.units[market]
                    after -= (worth * self.rate(rate, timed) + (worth > 0 ? 1 : -1) * (one - 1)) / one
                }
                need += ceilingOf(
                    abs(leg.size) * has.marks[leg.market] * has.units[leg.market],
                    maintenance,
                    over: one
                )
            }
            let account = Int(key.account)
            if after < min(0, equity) && !paid.contains(key) {
                lacking[account, default: 0] += min(0, equity) - after
            } else {
                spare[account, default: 0] += max(0, after - need)
            }
        }
        let all = lacking.values.reduce(Whole(0), +)
        if !isNamed { return all }
        let others = spare.filter { lacking[$0.key] == nil }.values.reduce(Whole(0), +)
        return max(0, all - others)
    }

    /// What volunteers among them get, from whom they do not belong to or from the fund.
    private func volunteers(_ sum: CoalitionSum) -> Whole {
        var gain: Whole = 0
        for closing in sum.takings {
            let isInside = members.contains(Int(closing.closed.raw))
            let takes = members.contains(Int(closing.counterparty.raw))
            let adjustment = Whole(closing.adjustment.units)
            if !takes {
                gain -= max(0, adjustment)
                continue
            }
            let worth =
                Whole(closing.quantity.lots) * Whole(closing.price.ticks) * had.units[Int(closing.market.raw)]
            let closed = BalanceKey(closing.closed, closing.market, closing.positionSide)
            // Offers to sell take over longs.
            let isLong = had.legs.contains { $0.key == closed && $0.size > 0 }
            let offer = BalanceKey(
                account: closing.counterparty.raw,
                market: closing.market.raw,
                side: isLong ? 1 : 0
            )
            let isYounger = (offerSince[offer] ?? .max) > (positionSince[closed] ?? 0)
            let mayBid = (sum.deficits[closing.episode] ?? 0) > 0 && !(isInside && isYounger)
            let limit = ceilingOf(worth, bidLimit, over: one)
            let bid = mayBid ? min(Whole(closing.bid.units), limit) : 0
            if isInside {
                gain += max(0, bid - max(0, -adjustment))
            } else {
                gain += adjustment + bid
            }
        }
        return gain
    }

    /// What their shares of the vault gain by themselves.
    private mutating func shares(
        _ has: CoalitionHoldings,
        _ sum: CoalitionSum,
        _ timed: Command
    ) -> Whole {
        switch timed {
        case .vaultDeposit, .vaultRedeem, .configureVault: return 1
        default: break
        }
        let gain = has.shareWorth - had.shareWorth
        let isOfOldEpisode = sum.takenByVault.contains { waitedAtDeposit.contains($0) }
        if gain > 0 && (isOfOldEpisode || (depositAtNoPrice && has.isVaultPriced)) { return 0 }
        return gain
    }

    private func overCap(_ has: CoalitionHoldings) -> String? {
        if cap == 0 { return nil }
        for long in [true, false] {
            let held = has.legs.reduce(Whole(0)) { $0 + (($1.size > 0) == long ? abs($1.size) : 0) }
            if held > cap { return "MG-9: an owner holds \(held) of at most \(cap)" }
        }
        return nil
    }

    // MARK: what is remembered

    private mutating func remember(_ timed: Command, _ status: Status, _ has: CoalitionHoldings) {
        if status != .ok { return }
        if case .offer(let c) = timed {
            let side: UInt8 = c.side == .sell ? 1 : 0
            offerSince[BalanceKey(account: c.account.raw, market: c.market.raw, side: side)] = command
        }
        if case .vaultDeposit(let c) = timed, members.contains(Int(c.account.raw)) {
            waitedAtDeposit.formUnion(had.waiting)
            if !had.isVaultPriced { depositAtNoPrice = true }
        }
    }

    private mutating func settle(_ has: CoalitionHoldings, _ sum: CoalitionSum) {
        var lots: [BalanceKey: Whole] = [:]
        for leg in has.legs { lots[leg.key] = leg.size }
        for leg in has.legs where has.isValid[leg.market] { validLots[leg.key] = leg.size }
        for key in validLots.keys where lots[key] == nil { validLots[key] = nil }
        let before = Dictionary(uniqueKeysWithValues: had.legs.map { ($0.key, $0.size) })
        for leg in has.legs where (before[leg.key] ?? 0) * leg.size <= 0 { positionSince[leg.key] = command }
        // Whoever was below zero in this command holds nothing any more that can be closed (WF-7).
        let held = Set(has.legs.map(\.bucket))
        let open = Set(has.legs.filter { !has.isClosable[$0.market] }.map(\.bucket))
        for key in sum.belowZero where members.contains(Int(key.account)) && !open.contains(key) {
            paid.insert(key)
        }
        paid = paid.intersection(held)
        waitedAtDeposit = waitedAtDeposit.intersection(has.waiting)
        if has.isVaultPriced { depositAtNoPrice = false }
    }
}

extension BalanceKey {
    /// The key of one position.
    init(_ account: AccountID, _ market: MarketID, _ side: PositionSide) {
        self.init(account: account.raw, market: market.raw, side: side.rawValue)
    }
}

/// What the accounts of a coalition hold, as the exchange shows it.
struct CoalitionHoldings {
    /// One position.
    struct Leg {
        var key: BalanceKey
        var bucket: BalanceKey
        var market: Int
        var size: Whole
    }

    /// Equity at the mark of each margin account.
    var equity: [BalanceKey: Whole] = [:]
    var legs: [Leg] = []
    var marks: [Whole] = []
    var units: [Whole] = []
    var isValid: [Bool] = []
    var isClosable: [Bool] = []
    /// What their shares of the vault are worth, and all that they have; a margin account below zero is
    /// nothing.
    var shareWorth: Whole = 0
    var worth: Whole = 0
    /// Accounts, of whomever, that wait in liquidation.
    var waiting: Set<Int> = []
    /// Whether each market in which the vault holds a position has a valid price.
    var isVaultPriced = true

    init() {}

    init(_ core: borrowing Exchange, _ members: [Int]) {
        for number in 0..<core.marketCount {
            guard let view = core.marketView(MarketID(number)) else { continue }
            marks.append(Whole(view.mark.ticks))
            units.append(Whole(view.unitValue))
            isValid.append(view.validity == .valid)
            let isRunning = view.state == .open || view.state == .reduceOnly
            isClosable.append(isRunning && view.validity == .valid)
        }
        for number in 0..<core.accountCount { read(core, number, isMember: members.contains(Int(number))) }
        let total = Whole(core.vaultTotalShares)
        for member in members where total > 0 {
            let shares = Whole(core.vaultShares(of: AccountID(Int32(member))))
            shareWorth += floorOf(shares, positivePart(Whole(core.vaultEquity.units)), over: total)
        }
        // Who is below zero has nothing: what is missing is somebody else's already.
        worth = equity.values.reduce(Whole(0)) { $0 + positivePart($1) } + shareWorth
    }

    private mutating func read(_ core: borrowing Exchange, _ number: Int32, isMember: Bool) {
        guard let view = core.accountView(AccountID(number)) else { return }
        if view.isInLiquidation { waiting.insert(Int(number)) }
        let cross = BalanceKey(account: number, market: -1, side: 0)
        if isMember { equity[cross] = view.crossEquity }
        core.forEachPosition(of: AccountID(number)) { p in
            if p.isInLiquidation { waiting.insert(Int(number)) }
            if number == AccountID.vault.raw && p.size != .zero && !isValid[Int(p.market.raw)] {
                isVaultPriced = false
            }
            if !isMember { return }
            let key = BalanceKey(AccountID(number), p.market, p.positionSide)
            let own = Whole(p.isolatedCash.units) + (p.mode == .isolated ? p.unrealized : 0)
            if p.mode == .isolated { equity[key] = own }
            if p.size == .zero { return }
            let bucket = p.mode == .isolated ? key : cross
            legs.append(Leg(key: key, bucket: bucket, market: Int(p.market.raw), size: Whole(p.size.lots)))
        }
    }
}

/// What the events of one command say of a coalition.
struct CoalitionSum {
    /// What came in and went out, and what was charged.
    var cash: Whole = 0
    /// Fills between one of them and somebody else.
    var trades: [Trade] = []
    var rates: [(market: Int, rate: Whole)] = []
    /// Closings with one of them, and those with a volunteer or an other side that is not of the same kind.
    var closings: Whole = 0
    var takings: [Closing] = []
    var takenByVault: [Int] = []
    var deficits: [Int64: Whole] = [:]
    /// Margin accounts that were below zero, and still have less than their maintenance.
    var belowZero: [BalanceKey] = []
    private var began: [Int64: BalanceKey] = [:]

    init() {}

    mutating func take(_ event: Event, _ members: [Int]) {
        switch event {
        case .ledgerEntry(let entry):
            if !members.contains(Int(entry.account.raw)) { return }
            let isInside = members.contains(Int(entry.counterparty.raw))
            switch entry.reason {
            case .deposit, .withdrawal, .tradingFee, .rebate, .liquidationFee, .debtRepayment,
                .rounding:
                cash += Whole(entry.amount.units)
            case .transfer, .recourse: if !isInside { cash += Whole(entry.amount.units) }
            default: break
            }
        case .trade(let trade):
            if members.contains(Int(trade.maker.raw)) != members.contains(Int(trade.taker.raw)) {
                trades.append(trade)
            }
        case .residualCharged(let c):
            if members.contains(Int(c.account.raw)) { cash -= Whole(c.amount.units) }
        case .fundingSettled(let f): rates.append((Int(f.market.raw), Whole(f.rate.units)))
        case .episodeBegan(let e):
            began[e.episode] = BalanceKey(
                account: e.account.raw,
                market: e.market.raw,
                side: e.market == .none ? 0 : e.positionSide.rawValue
            )
        case .episodeEnded(let e):
            deficits[e.episode] = Whole(e.deficit.units)
            // Units of rounding can be all the maintenance that a position of a few units needs.
            if e.deficit > .zero && e.outcome == .waiting, let key = began[e.episode] {
                belowZero.append(key)
            }
        case .closing(let c): take(c, members)
        default: break
        }
    }

    private mutating func take(_ c: Closing, _ members: [Int]) {
        if c.kind == .vault { takenByVault.append(Int(c.closed.raw)) }
        let isClosed = members.contains(Int(c.closed.raw))
        let isOther = members.contains(Int(c.counterparty.raw))
        if isClosed || isOther { closings += 1 }
        if c.kind == .volunteer ? isClosed || isOther : isClosed != isOther { takings.append(c) }
    }
}

extension Workload {
    /// Accounts of a world that belong together by lot, with bounds as wide as its markets' rules may be;
    /// none where prices are far apart, as marks that are held go in turns there.
    func coalition(_ seed: UInt64) -> CoalitionLaw? {
        if isWide { return nil }
        var random = SplitMix64(seed: seed &+ 19)
        var law = CoalitionLaw()
        law.members = (3..<16).filter { _ in random.chance(50) }
        law.bidLimit = one
        law.fairRate = one
        return law
    }
}
