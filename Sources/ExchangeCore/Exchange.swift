/// A perpetual-futures exchange: matching, margin, funding, and the waterfall, in whole numbers.
///
/// An exchange is a value that changes only through `apply`. The same commands give the same state and
/// the same event bytes everywhere (DET-1). It knows no clock, no randomness, no file and no thread;
/// whoever owns it brings time in with each command and takes events out.
///
/// Records lie in slabs and refer to each other by index. `margins` hold the cash
/// and the positions that are margined together, `positions` hold size and quote, `markets` hold rules,
/// prices and the roots of their books; each room of this module (a folder) is an extension that owns the
/// operations on its part.
public struct Exchange: ~Copyable {
    /// Bounds on every count, fixed for the life of the exchange.
    public internal(set) var limits: Limits

    /// Keeps the exchange at one address, so that functions that only read it are handed no copy.
    let place = ByAddress()

    // The sequence.
    var lastSequence: UInt64 = 0
    var clock = Timestamp(0)
    /// Up to when the present tick does what is due; funding goes on behind it (FUND-4).
    var tickEnd = Timestamp(0)

    // The ledger.
    var accounts = Slab<Account>()
    var margins = Pool<MarginAccount>()
    var positions = Slab<Position>()
    var positionTable = KeyTable()
    var hedgeTable = KeyTable()
    var ownerTable = KeyTable()
    var requests = Pool<Request>()
    var requestTable = KeyTable()
    var venueRequests = Account()
    var totalDeposits = Amount.zero
    var totalWithdrawals = Amount.zero
    var debtRule = DebtRule.refuse

    // The vault.
    var vault = VaultState()
    var holdings = Slab<VaultHolding>()
    var holdingTable = KeyTable()

    // Markets and books.
    var markets = Slab<Market>()
    var memories = Slab<MarkMemory>()
    var symbolTable = KeyTable()
    var book = OrderBook()
    /// Since when each resting order has stood, by its index: apart, as only impact prices read it.
    var restTimes = Slab<Timestamp>()
    var conditions = Pool<Condition>()
    var clients = Pool<ClientName>()
    var clientTable = KeyTable()
    var offers = Pool<StandingOffer>()
    var deadlines = DeadlineQueue()
    var lastOrder: Int64 = 0
    var lastOffer: Int64 = 0

    // The waterfall.
    var waterfall = WaterfallState()
    var heldMark = HeldMark()
    var inLiquidation = Slab<MarginAccount.Index>()
    var queue = Slab<QueueEntry>()
    var affected = Slab<MarginAccount.Index>()
    var lastEpisode: Int64 = 0

    /// What looking ahead last read; means nothing.
    var reached: Int32 = 0

    // Lists of a command, empty behind it; but for active markets while a waterfall is pending.
    var dueTriggers = Slab<Int32>()
    var toRearm = Slab<MarginAccount.Index>()
    var changedPositions = Slab<Int32>()
    var activeMarkets = Slab<Int32>()

    // Scratch space: what a command leaves there means nothing.
    var ranking = Slab<RankedPosition>()
    var rankedQueue = RankedQueue()
    var shares = Slab<Share>()
    var formed = MarkReading()
    var positionOrder = Slab<Int32>()
    var ownerAccounts = Slab<Int32>()
    var undo = Slab<UndoEntry>()

    /// An exchange without markets and users, and with the venue's three accounts.
    public init(limits: Limits = Limits()) {
        // Bounds below the least with which work goes on are raised to it.
        self.limits = limits.clamped
        for number in 0..<AccountID.firstUser.raw {
            accounts.append(Account())
            openCross(number)
        }
    }

    /// Applies one command: the only way in which an exchange changes.
    ///
    /// - Parameters:
    ///   - command: what is to be done.
    ///   - sequence: its number; must be `nextSequence` (CMD-1).
    ///   - at: its time; must not be earlier than that of the command before it.
    ///   - events: takes what happened, ending with the outcome.
    /// - Returns: what became of it; see `Status` for the order of precedence.
    /// - Complexity: O(positions of the account) for an order that rests, plus its fills; bounded for all.
    public mutating func apply(
        _ command: Command,
        sequence: UInt64,
        at: Timestamp,
        into events: inout EventBuffer
    ) -> Status {
        let kind = command.kind
        return apply(kind, sequence, at, &events) { exchange, outcome, events in
            if kind.isKeyed {
                exchange.executeOnce(command, &outcome, &events)
            } else {
                (outcome.status, outcome.result) = exchange.execute(command, &events)
            }
        }
    }

    /// The frame of every command: its envelope, its time, what it does, its outcome.
    @inline(__always)
    mutating func apply(
        _ kind: CommandKind,
        _ sequence: UInt64,
        _ at: Timestamp,
        _ events: inout EventBuffer,
        _ execute: (inout Exchange, inout Outcome, inout EventBuffer) -> Void
    ) -> Status {
        if let refusal = envelopeRefusal(kind, sequence: sequence, at: at) { return refusal }

        // From here on the command has its place in the sequence and ends with an outcome.
        lastSequence = sequence
        var outcome = Outcome(sequence: Int64(truncatingIfNeeded: sequence), at: at, command: kind)
        if at > .latest {
            outcome.status = .invalidTime
        } else {
            clock = at
            execute(&self, &outcome, &events)
        }
        events.append(.outcome, outcome)
        return outcome.status
    }

    /// Executes a command that may carry a request key, or answers as it was answered before (DET-3).
    @inline(never)
    private mutating func executeOnce(
        _ command: Command,
        _ outcome: inout Outcome,
        _ events: inout EventBuffer
    ) {
        let (key, account) = requestKey(of: command)
        if let earlier = remembered(key, of: account) {
            outcome.status = earlier.status
            outcome.result = earlier.result
            outcome.repeated = true
        } else {
            (outcome.status, outcome.result) = execute(command, &events)
            remember(key, of: account, outcome)
        }
    }

    /// The refusals that leave a command without a place in the sequence, in order (CMD-1).
    @inline(__always)
    private func envelopeRefusal(_ kind: CommandKind, sequence: UInt64, at: Timestamp) -> Status? {
        if sequence <= lastSequence { return .alreadyApplied }
        if sequence != lastSequence + 1 { return .sequenceGap }
        if at < clock { return .timeBackwards }
        if waterfall.isPending && kind != .continue { return .continueFirst }
        if deadlines.earliest <= at && kind != .tick && kind != .continue && at <= .latest {
            return .tickFirst
        }
        return nil
    }
}
