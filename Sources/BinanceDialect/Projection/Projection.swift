public import ExchangeCore
public import ReadModel

/// What clients are shown: made of the core's events alone, bounded, and thrown away and made again at
/// will (WIRE-17).
///
/// One thread owns it. The same commands give the same rows and the same stream bytes (DET-1).
public struct Projection: ReadPart {
    /// The markets; copied by whoever parses requests.
    public internal(set) var directory: MarketDirectory
    /// The forms that are sent.
    public let options: DialectOptions
    let limits: ProjectionLimits

    var markets: [MarketRecord] = []
    /// By account number.
    var accounts: [AccountRecord] = []
    var orders: [Int64: OrderRecord] = [:]
    var names: [OrderName: OrderID] = [:]
    /// When cash of the fund last changed, in ms.
    var fundTime: Int64 = 0
    /// Numbers of what the venue itself made: far behind the core's own, below 2⁵³.
    var lastForced: Int64 = Projection.firstForced
    var lastForcedName: Int64 = 0
    var lastIncome: Int64 = 0
    /// The highest number of an order of a client.
    var lastOrder: Int64 = 0
    var lastAmendment: Int64 = 0
    /// The command behind which it began: 0 unless it began in the middle. Numbers that it counts itself are
    /// comparable only with those of one that began there too.
    public internal(set) var origin: UInt64 = 0
    /// Whether rows that nothing will change any more are collected for a history (HIST-2).
    public var isKeeping = false
    var kept = KeptRows()

    /// Which streams are listened to.
    var interest = StreamInterest()
    /// What the present command did so far.
    var work = CommandWork()
    /// What is to be sent.
    var messages: [StreamMessage] = []

    /// Numbers from here on are of orders that the venue made.
    public static let firstForced: Int64 = 4_000_000_000_000_000

    /// A projection of an exchange without markets and accounts.
    public init(options: DialectOptions = DialectOptions(), limits: ProjectionLimits = ProjectionLimits()) {
        self.options = options
        self.limits = limits
        directory = MarketDirectory(asset: options.asset)
        growAccounts(to: AccountID.firstUser.raw - 1)
    }

    /// Takes in what one command did. Returns what is to be sent at once (WIRE-20).
    public mutating func apply(_ applied: AppliedCommand) -> [StreamMessage] {
        take(applied)
        return takeMessages()
    }

    /// Hands over what is to be sent.
    public mutating func takeMessages() -> [StreamMessage] {
        let sent = messages
        messages.removeAll(keepingCapacity: true)
        return sent
    }

    /// Takes in what one command did.
    public mutating func take(_ applied: AppliedCommand) {
        work = CommandWork()
        work.at = applied.at
        work.time = applied.at.microseconds / 1_000
        if case .adjustIsolatedMargin = applied.command { work.isOwnMargin = true }
        for event in applied.events { take(event, applied.command) }
        finishCommand()
    }

    /// Takes in a group: the events of several commands in one buffer, each ending with its outcome.
    ///
    /// - Parameter commands: the commands that had their place in the sequence, in the buffer's order.
    public mutating func apply(
        _ events: borrowing EventBuffer,
        of commands: [Command?]
    ) -> [StreamMessage] {
        var sent: [StreamMessage] = []
        var number = 0
        var some: [Event] = []
        events.forEach { event in
            some.append(event)
            guard case .outcome(let outcome) = event else { return }
            let command = number < commands.count ? commands[number] : nil
            let sequence = UInt64(clamping: outcome.sequence)
            sent += apply(AppliedCommand(command: command, at: outcome.at, sequence: sequence, events: some))
            number += 1
            some.removeAll(keepingCapacity: true)
        }
        return sent
    }

    /// The events of the core, each to the room that it belongs to.
    private mutating func take(_ event: Event, _ command: Command?) {
        switch event {
        case .marketCreated(let it): marketCreated(it, command)
        case .accountOpened(let it): growAccounts(to: it.account.raw)
        case .ledgerEntry(let it): ledgerEntry(it)
        case .orderAccepted(let it): orderAccepted(it, command)
        case .orderCanceled(let it): orderCanceled(it)
        case .orderAmended(let it): orderAmended(it)
        case .orderTriggered(let it): orderTriggered(it)
        case .orderRested(let it): orderRested(it)
        case .trade(let it): work.fill = PendingFill(trade: it)
        case .closing(let it): work.fill = PendingFill(closing: it)
        case .positionChanged(let it): positionChanged(it)
        case .liquidationOrder(let it): liquidationOrder(it)
        case .episodeBegan(let it): episodeBegan(it)
        case .fundPaid(let it): work.assign(it.market, to: .insurance, &accounts, &kept)
        case .residualCharged(let it): work.market = it.market
        case .markChanged(let it): markChanged(it)
        case .fundingSettled(let it): fundingSettled(it)
        case .settingChanged(let it): settingChanged(it)
        case .marketStateChanged(let it): marketStateChanged(it)
        case .rulesChanged(let it): rulesChanged(it, command)
        case .episodeEnded: work.market = .none
        case .outcome, .countdownArmed, .killSwitched, .offerChanged, .vaultShares, .vaultQuote, .queueRanked,
            .waterfallPending, .marketSettled, .markFormed, .volunteersAsked,
            .hedgeMarked, .recoursePaid:
            // Nothing of it is shown on this wire; the venue's own interface has it all.
            break
        }
    }

    mutating func growAccounts(to number: Int32) {
        while accounts.count <= Int(number) { accounts.append(AccountRecord(limits)) }
    }

    /// Whether an account is a user's that is known.
    func isUser(_ account: AccountID) -> Bool {
        account >= .firstUser && Int(account.raw) < accounts.count
    }

    /// The place of a market; nil if it is not known.
    func place(_ market: MarketID) -> Int? {
        market.raw >= 0 && Int(market.raw) < markets.count ? Int(market.raw) : nil
    }

    // MARK: Markets and accounts

    private mutating func marketCreated(_ event: MarketCreated, _ command: Command?) {
        var specification = MarketSpecification()
        if case .createMarket(let asked) = command { specification = asked }
        specification.symbol = event.symbol
        specification.tickSize = event.tickSize
        specification.lotSize = event.lotSize
        directory.add(specification, onboarded: work.time)
        markets.append(MarketRecord(id: event.market, limits))
        contractInfo(event.market)
    }

    private mutating func rulesChanged(_ event: RulesChanged, _ command: Command?) {
        guard case .setTiers(let tiers) = command, tiers.market == event.market else { return }
        directory.setTiers(tiers.table, of: event.market)
        contractInfo(event.market)
    }

    private mutating func marketStateChanged(_ event: MarketStateChanged) {
        directory.setState(event.state, of: event.market)
        contractInfo(event.market)
    }

    private mutating func settingChanged(_ event: SettingChanged) {
        guard isUser(event.account) else { return }
        let number = Int(event.account.raw)
        if event.market == .none { return }
        let isIsolated = event.mode == .isolated
        if isIsolated != accounts[number].isolated.contains(event.market) {
            if isIsolated {
                accounts[number].isolated.insert(event.market)
            } else {
                accounts[number].isolated.remove(event.market)
            }
            work.touch(event.account, .marginType)
        } else {
            accountConfig(event)
        }
    }

    /// The events of a command are over.
    private mutating func finishCommand() {
        flushAggregate()
        finishBooks()
        accountUpdates()
    }
}

/// A client's name for an order of an account.
struct OrderName: Hashable, Sendable {
    var account: AccountID
    var clientID: ClientID
}

/// A trade or a closing whose two changes of position are still to come.
struct PendingFill: Sendable {
    var trade: Trade?
    var closing: Closing?
    /// The first of the two.
    var first: LegChange?

    init(trade: Trade) { self.trade = trade }
    init(closing: Closing) { self.closing = closing }

    var market: MarketID { trade?.market ?? closing?.market ?? .none }
}

/// Why an account is told of its balance and positions: groups of the core's reasons.
enum UpdateReason: String, Sendable, CaseIterable {
    case funding = "FUNDING_FEE"
    case deposit = "DEPOSIT"
    case withdrawal = "WITHDRAW"
    case transfer = "ASSET_TRANSFER"
    case marginTransfer = "MARGIN_TRANSFER"
    case marginType = "MARGIN_TYPE_CHANGE"
    case insurance = "INSURANCE_CLEAR"
    case order = "ORDER"
}

/// What one command did to an account, for one reason.
struct AccountChange: Sendable {
    var account: AccountID
    var reason: UpdateReason
    /// Cash that came or went otherwise than as profit or commission.
    var other: Int128 = 0
    /// Positions that changed, in order.
    var legs: [LegKey] = []
    var market = MarketID.none
    /// Whether the account was deleveraged.
    var isDeleveraged = false
    /// Cash of all buckets and of the cross one as they were behind this, where more may have followed.
    var balance: (wallet: Int128, cross: Int128)?
}

/// An account and a reason to tell it.
struct ChangeKey: Hashable, Sendable {
    var account: AccountID
    var reason: UpdateReason
}

/// A position of an account.
struct LegKey: Hashable, Sendable {
    var market: MarketID
    var side: PositionSide
}

/// What the present command did so far.
struct CommandWork: Sendable {
    var at = Timestamp(0)
    /// In ms.
    var time: Int64 = 0
    /// Whether the command is its owner's change of an isolated position's margin.
    var isOwnMargin = false
    var fill: PendingFill?
    /// The market that cash moves for, where an entry does not say it.
    var market = MarketID.none
    /// Fills of the liquidation that is in the book.
    var liquidation: [LiquidationFill] = []
    var aggregate: AggregateTrade?
    /// Markets whose books changed, with the prices.
    var books: [BookChange] = []
    var changes: [AccountChange] = []
    /// Orders that were triggered by this command.
    var triggered: [OrderID] = []
    /// Rows of income whose market is still to come: the account, the row's number, and where it stands among
    /// those that are collected, below 0 if it does not.
    var unassigned: [(account: AccountID, row: Int64, reason: LedgerReason, kept: Int)] = []

    /// Where the changes stand, once there are too many to be looked through.
    private var places: [ChangeKey: Int] = [:]
    private static let fewChanges = 16

    /// Notes that an account is to be told; returns where. A crash touches thousands of accounts at once.
    ///
    /// Funding is told for each market by itself: a change whose market is known is not another market's.
    @discardableResult
    mutating func touch(
        _ account: AccountID,
        _ reason: UpdateReason,
        _ market: MarketID = .none
    ) -> Int {
        let key = ChangeKey(account: account, reason: reason)
        let known =
            changes.count <= CommandWork.fewChanges
            ? changes.lastIndex { $0.account == account && $0.reason == reason } : places[key]
        if let known, reason != .funding || changes[known].market == market || changes[known].market == .none
        {
            return known
        }
        changes.append(AccountChange(account: account, reason: reason))
        if changes.count == CommandWork.fewChanges + 1 {
            for (place, change) in changes.enumerated() {
                places[ChangeKey(account: change.account, reason: change.reason)] = place
            }
        } else if changes.count > CommandWork.fewChanges {
            places[key] = changes.count - 1
        }
        return changes.count - 1
    }

    /// Tells rows of income which market they were for.
    mutating func assign(
        _ market: MarketID,
        to reason: LedgerReason,
        _ accounts: inout [AccountRecord],
        _ rows: inout KeptRows
    ) {
        for entry in unassigned where entry.reason == reason {
            let number = Int(entry.account.raw)
            let place = accounts[number].income.firstPlace { $0.id >= entry.row }
            if place < accounts[number].income.count && accounts[number].income[place].id == entry.row {
                accounts[number].income[place].market = market
            }
            if entry.kept >= 0 { rows.income[entry.kept].it.market = market }
        }
        unassigned.removeAll { $0.reason == reason }
    }
}

/// A fill of a liquidation, until its order is known.
struct LiquidationFill: Sendable {
    var trade: Trade
    var number: Int64
    var change: LegChange
}

/// A change of a position, and its size before.
struct LegChange: Sendable {
    var event: PositionChanged
    var before = Quantity.zero

    /// What was done to it.
    var side: Side { event.size > before ? .buy : .sell }
    /// How much.
    var lots: Quantity { (event.size - before).magnitude }
}

/// Prices of a market's book that changed.
struct BookChange: Sendable {
    var market: MarketID
    var bids: [Int64] = []
    var asks: [Int64] = []
    var bestBid: Int64?
    var bestAsk: Int64?
    var bestBidLots: Int64 = 0
    var bestAskLots: Int64 = 0
}
