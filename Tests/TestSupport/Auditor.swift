public import ExchangeCore

/// A second exchange, written from the specification alone: plain arrays, linear scans, exact
/// fractions. It exists to disagree with the core when one of the two is wrong.
///
/// It shares no function with the core, only the types of commands, events and quantities.
public final class Auditor {
    var s = AuditedState()
    let limits: AuditedLimits
    /// The number that the next command must have.
    public internal(set) var nextSequence: UInt64
    /// Time of the last command.
    public internal(set) var now: Whole = 0
    var waterfall: Waterfall?
    var steps = 0
    /// Conditional orders made active by this command (LIM-1).
    var activations = 0
    /// A price that a mark has not reached because it was held back, and how often it went on (PX-6).
    var heldMark: (market: Int, mark: Whole, turns: Int)?
    /// The market whose price may make the vault work off (VLT-6), until that is done.
    var workOff: Int?
    var countdowns: [(account: Int, market: Int, at: Whole)] = []
    var memory: [Int: [(key: RequestKey, status: Status, result: Int64)]] = [:]

    /// Fills of the last command.
    public internal(set) var trades: [AuditedTrade] = []
    /// Closings of the last command.
    public internal(set) var closings: [AuditedClosing] = []
    /// Episodes that ended in the last command.
    public internal(set) var episodes: [AuditedEpisode] = []
    /// What the vault was asked in the last command.
    public internal(set) var quotes: [AuditedQuote] = []
    /// Charges of WF-8 in the last command.
    public internal(set) var charges: [AuditedCharge] = []
    /// What else the last command would tell.
    public internal(set) var told = AuditedEvents()
    /// Rare branches that the last command took, by name (Marks).
    public internal(set) var marks: [String] = []
    /// Marks that the last price set one after the other, each with the one before it (PX-6).
    public internal(set) var turns: [Whole: Whole] = [:]
    /// The number of what the last command made.
    public internal(set) var result: Int64 = 0

    /// An exchange without markets and users. `first` is the number of its first command.
    public init(limits: AuditedLimits = AuditedLimits(), first: UInt64 = 1) {
        self.limits = limits
        nextSequence = first
    }

    /// An auditor of its own that knows the same: for trials.
    public func copy() -> Auditor {
        let other = Auditor(limits: limits, first: nextSequence)
        other.s = s
        other.now = now
        other.waterfall = waterfall
        other.workOff = workOff
        other.heldMark = heldMark
        other.countdowns = countdowns
        other.memory = memory
        return other
    }

    // MARK: state to read

    /// All accounts, the venue's three first.
    public var accounts: [AuditedAccount] { s.accounts }
    /// All markets.
    public var markets: [AuditedMarket] { s.markets }
    /// All open orders, resting and conditional.
    public var orders: [AuditedOrder] { s.orders }
    /// All offers.
    public var offers: [AuditedOffer] { s.offers }
    /// What the insurance fund has.
    public var fund: Whole { positivePart(s.accounts[0].cash) }
    /// What it owes.
    public var debt: Whole { positivePart(-s.accounts[0].cash) }
    /// What the fee account has.
    public var fees: Whole { s.accounts[1].cash }
    /// Paid in from outside.
    public var deposits: Whole { s.deposits }
    /// Paid out.
    public var withdrawals: Whole { s.withdrawals }
    /// The vault's equity.
    public var vaultEquity: Whole { equity(s.accounts[2], nil, cautious: true) }
    /// All shares of the vault.
    public var vaultTotalShares: Whole { s.vault?.totalShares ?? 0 }
    /// Whether a waterfall goes on in `continue`.
    public var isWaterfallPending: Bool { waterfall != nil }
    /// Number of episodes so far.
    public var episodeCount: Int64 { s.nextEpisode - 1 }

    /// Lots held long in a market, which is lots held short.
    public func openInterest(_ market: Int) -> Whole {
        var sum: Whole = 0
        for account in s.accounts {
            for leg in account.legs where leg.market == market && leg.size > 0 { sum += leg.size }
        }
        return sum
    }

    // MARK: envelope (CMD-1, CMD-2, DET-3)

    /// Applies one command; what came of it is in the readable state afterwards.
    public func apply(_ command: Command, sequence: UInt64, at: Timestamp) -> Status {
        let time = Whole(at.microseconds)
        trades = []
        closings = []
        episodes = []
        quotes = []
        charges = []
        told = AuditedEvents()
        marks = []
        turns = [:]
        // A command that goes on with a waterfall begins at the mark that stands.
        if let heldMark {
            let held = s.markets[heldMark.market]
            turns[held.mark] = held.previous
        }
        result = 0
        if sequence < nextSequence { return .alreadyApplied }
        if sequence > nextSequence { return .sequenceGap }
        if time < now { return .timeBackwards }
        var goesOn = false
        var isTick = false
        if case .continue = command { goesOn = true }
        if case .tick = command { isTick = true }
        if waterfall != nil && !goesOn { return .continueFirst }
        let isValidTime = time >= 0 && time <= Whole(1) << 56
        if !goesOn && !isTick && isValidTime && time >= nextDeadline { return .tickFirst }
        nextSequence += 1
        if !isValidTime { return .invalidTime }
        now = time
        steps = 0
        activations = 0
        if let owner = keyOwner(command), owner.key != .none {
            for old in memory[owner.account] ?? [] where old.key == owner.key {
                result = old.result
                return old.status
            }
            if !goesOn { begin() }
            let status = run(command)
            remember(owner.account, owner.key, status)
            return status
        }
        if !goesOn { begin() }
        return run(command)
    }

    /// What "before the command" means to MG-6 and VLT-6.
    private func begin() {
        for index in s.markets.indices {
            s.markets[index].markBefore = s.markets[index].mark
            s.markets[index].ratePaid = 0
            s.markets[index].stirred = false
            s.markets[index].vaultTook = false
        }
        workOff = nil
    }

    private func remember(_ account: Int, _ key: RequestKey, _ status: Status) {
        if account >= s.accounts.count { return }
        var list = memory[account] ?? []
        list.append((key, status, result))
        if list.count > limits.requestKeys { list.removeFirst() }
        memory[account] = list
    }

    /// Whose memory a keyed command belongs to; −1 is the venue. Nil: not a keyed command, or the
    /// account is not known.
    private func keyOwner(_ command: Command) -> (account: Int, key: RequestKey)? {
        let found: (Int32, RequestKey)
        switch command {
        case .deposit(let c): found = (c.account.raw, c.key)
        case .withdraw(let c): found = (c.account.raw, c.key)
        case .transfer(let c): found = (c.source.raw, c.key)
        case .adjustIsolatedMargin(let c): found = (c.account.raw, c.key)
        case .vaultDeposit(let c): found = (c.account.raw, c.key)
        case .vaultRedeem(let c): found = (c.account.raw, c.key)
        case .createMarket(let c): return (-1, c.key)
        case .setTiers(let c): return (-1, c.key)
        case .openAccount(let c): return (-1, c.key)
        case .setOwner(let c): return (-1, c.key)
        case .configureSource(let c): return (-1, c.key)
        case .funding(let c): return (-1, c.key)
        case .configureVault(let c): return (-1, c.key)
        case .configureVaultMarket(let c): return (-1, c.key)
        case .kill(let c): return (-1, c.key)
        case .setMarketState(let c): return (-1, c.key)
        case .settle(let c): return (-1, c.key)
        case .setCaps(let c): return (-1, c.key)
        case .setDebtRule(let c): return (-1, c.key)
        case .placeOrder, .amendOrder, .cancelOrder, .cancelAll, .countdown, .setLeverage,
            .setMarginMode, .setPositionMode, .offer, .price, .tick, .continue, .setHedge:
            return nil
        }
        let account = Int(found.0)
        return account >= 0 && account < s.accounts.count ? (account, found.1) : nil
    }

    private func run(_ command: Command) -> Status {
        let status = execute(command)
        if waterfall == nil && status == .ok { finishCommand() }
        return status
    }

    // MARK: what is known (CMD-3)

    func unknownMarket(_ id: MarketID) -> Bool { id.raw < 0 || Int(id.raw) >= s.markets.count }
    func unknownAccount(_ id: AccountID) -> Bool { id.raw < 0 || Int(id.raw) >= s.accounts.count }

    /// The first refusals of a command of a user in a market.
    func refusal(_ account: AccountID, _ market: MarketID) -> Status? {
        if unknownMarket(market) { return .unknownMarket }
        return refusal(account)
    }

    func refusal(_ account: AccountID) -> Status? {
        if unknownAccount(account) { return .unknownAccount }
        return account.raw < 3 ? .venueAccount : nil
    }

    // MARK: deadlines (DET-4)

    /// The first moment at which something is due by itself.
    public var nextDeadline: Whole {
        var first = Whole(Int64.max)
        for index in s.markets.indices {
            first = min(first, staleAt(index) ?? first)
            first = min(first, fundingAt(index) ?? first)
        }
        for entry in countdowns { first = min(first, entry.at) }
        for order in s.orders where order.timeInForce == .gtd && order.resting {
            first = min(first, order.goodTill)
        }
        return first
    }

    func tick(_ c: Tick) -> Status {
        if c.unused { return .invalidField }
        while waterfall == nil {
            let due = nextDeadline
            if due > now { break }
            fire(due)
        }
        return .ok
    }

    /// Does the first thing due at `due`, by kind and number.
    private func fire(_ due: Whole) {
        steps = 0
        for index in s.markets.indices where staleAt(index) == due {
            goStale(index, at: due)
            return
        }
        for index in s.markets.indices where fundingAt(index) == due {
            dueFunding(index, at: due)
            return
        }
        var first: Int?
        for (index, entry) in countdowns.enumerated() where entry.at == due {
            if let old = first,
                (countdowns[old].account, countdowns[old].market) < (entry.account, entry.market)
            {
                continue
            }
            first = index
        }
        if let first {
            let entry = countdowns.remove(at: first)
            cancelOrders(.countdown) { $0.account == entry.account && $0.market == entry.market }
            return
        }
        let expired = s.orders.filter { $0.timeInForce == .gtd && $0.resting && $0.goodTill == due }
        if let id = expired.map(\.id).min() { cancelOrders(.expired) { $0.id == id } }
    }

    /// What comes after the waterfall: conditional orders, then the vault works off (BK-22, VLT-6).
    func finishCommand() {
        activateDueOrders()
        if let market = workOff {
            workOff = nil
            let before = trades.count
            vaultWorksOff(market)
            if trades.count == before { return }
            activations = 0
            activateDueOrders()
        }
    }

    func `continue`(_ c: Continue) -> Status {
        if c.unused { return .invalidField }
        if waterfall == nil { return .nothingPending }
        runWaterfall()
        goOnHeld()
        return .ok
    }
}
