import BinanceDialect
import ExchangeCore
import ExchangeEdge
import ExchangeHistory
import ExchangeJournal
import ExchangeRuntime
import ReadModel
import Synchronization

/// Where everything that is durable goes out: keeps what clients are shown, and tells whoever listens.
///
/// `publish`, `pulse` and the answers of jobs run on the publishing thread, which owns the projection and
/// the record; everything else may be called from anywhere.
final class Publisher: GroupSink, @unchecked Sendable {
    private var view: ClientView
    private let options: ClientView.Options
    private let history = Mutex<History?>(nil)
    /// The last command that was published, and the chain there.
    private var published: HistoryMark?
    private let listenKeys: ListenKeys
    private let subscribers = Subscribers()
    private let fills = FillListeners()
    private let shared: Mutex<Shared>
    private let deferredWork = Mutex<[@Sendable (inout Projection) -> Void]>([])
    private let clock = Mutex<(any WallClock)?>(nil)

    /// What other threads read: a copy, made anew with each group.
    struct Shared: Sendable {
        var directory: MarketDirectory
        var marks: [Price] = []
        /// The best twenty prices of each market's bids and asks.
        var bids: [[Price]] = []
        var asks: [[Price]] = []
        var groups: UInt64 = 0
    }

    init(_ options: ClientView.Options, _ listenKeys: ListenKeys) {
        self.options = options
        view = ClientView(options)
        self.listenKeys = listenKeys
        shared = Mutex(Shared(directory: view.projection.directory))
    }

    /// Time begins: the log has been taken in. Rows of what comes go into the history, if there is one.
    func start(_ clock: any WallClock, _ history: History?, from mark: HistoryMark) {
        self.clock.withLock { $0 = clock }
        self.history.withLock { $0 = history }
        published = mark
        // What the log held is known before anybody asks, not with the first group.
        share()
    }

    /// The command behind which what is shown began to be counted.
    var origin: UInt64 { view.projection.origin }

    private var now: Int64 { clock.withLock { $0?.now().microseconds ?? 0 } / 1_000 }

    /// The markets as they were published last.
    var directory: MarketDirectory { shared.withLock { $0.directory } }
    /// The same with their marks.
    var shown: Shared { shared.withLock { $0 } }
    /// How many subscriptions there are.
    var listeners: Int { subscribers.count + fills.count }

    // MARK: The publishing thread

    /// Begins with an exchange whose earlier log is gone: of what happened before, nothing is shown.
    func adopt(_ exchange: borrowing Exchange) {
        view = ClientView(of: exchange, options)
        share()
    }

    /// Begins with what clients were shown.
    func adopt(_ view: ClientView) {
        self.view = view
        share()
    }

    /// Takes in what the log holds already, before anything else.
    func rebuild(_ commands: [Command], _ events: borrowing EventBuffer) { view.take(commands, events) }

    func publish(_ group: Group) {
        doDeferredWork()
        let history = history.withLock { $0 }
        if group.followsSnapshot, let history, let published {
            let copy = view
            history.take(HistoryView(mark: published) { copy.bytes })
        }
        guard let first = group.entries.first, let last = group.entries.last, let chain = group.chain else {
            return share()
        }
        let isKept = history?.willTake() ?? false
        if view.isKeeping != isKept { view.isKeeping = isKept }
        var messages: [StreamMessage] = []
        for entry in group.entries {
            var events: [Event] = []
            group.forEachEvent(of: entry) { events.append($0) }
            let told = view.take(
                AppliedCommand(command: entry.command, at: entry.at, sequence: entry.sequence, events: events)
            )
            fills.send(told.fills)
            messages += told.messages
        }
        let mark = HistoryMark(sequence: last.sequence, chain: chain.description)
        published = mark
        if isKept {
            history?.take(HistoryBatch(first: first.sequence, mark: mark, rows: view.takeKept()))
        } else {
            history?.pass(mark)
        }
        share()
        subscribers.send(messages, view.projection.directory)
    }

    func pulse(at: Timestamp) {
        doDeferredWork()
        subscribers.send(view.projection.flush(at: at), view.projection.directory)
        listenKeys.expire(now: at.microseconds / 1_000) { Projection.listenKeyExpired($0, at: at) }
    }

    private func share() {
        let marks = view.projection.marks
        let (bids, asks) = (
            view.projection.bestPrices(.buy, count: 20), view.projection.bestPrices(.sell, count: 20)
        )
        let directory = view.projection.directory
        shared.withLock { shared in
            shared.marks = marks
            shared.bids = bids
            shared.asks = asks
            shared.groups += 1
            if shared.directory.version != directory.version { shared.directory = directory }
        }
    }

    private func doDeferredWork() {
        let deferredWork = deferredWork.withLock { deferredWork in
            defer { deferredWork.removeAll() }
            return deferredWork
        }
        for work in deferredWork { work(&view.projection) }
    }

    /// Takes in what funding would be now. On the publishing thread only.
    func setExpectedFunding(_ rates: [(MarketID, Rate)]) {
        for (market, rate) in rates { view.projection.setExpectedFunding(rate, of: market) }
    }

    /// What clients are shown. On the publishing thread only.
    func withProjection<R>(_ body: (borrowing Projection) -> R) -> R { body(view.projection) }

    /// Answers an intent: out of memory, or out of the history where memory has not all of it (HIST-6).
    /// On the publishing thread only; `done` is called once, from any thread.
    func answer(
        _ intent: Intent,
        _ outcomes: [Outcome],
        _ value: CoreValue,
        at now: Timestamp,
        _ done: @escaping @Sendable (Reply) -> Void
    ) {
        if let history = history.withLock({ $0 }), let published,
            let beyond = view.projection.beyond(intent, at: now)
        {
            return history.read(beyond.questions, upTo: published.sequence) { done(beyond.reply($0)) }
        }
        done(view.projection.reply(to: intent, outcomes: outcomes, value: value, at: now))
    }

    /// The last command that was published. On the publishing thread only.
    var publishedSequence: UInt64 { published?.sequence ?? 0 }

    /// What happened. On the publishing thread only.
    func withRecord<R>(_ body: (borrowing VenueRecord) -> R) -> R { body(view.record) }

    /// The tape of each market. On the publishing thread only.
    func withTape<R>(_ body: (borrowing TapeRecord) -> R) -> R { body(view.tape) }

    /// How the vault fared. On the publishing thread only.
    func withVault<R>(_ body: (borrowing VaultRecord) -> R) -> R { body(view.vault) }

    /// What episodes came to. On the publishing thread only.
    func withEpisodes<R>(_ body: (borrowing EpisodeRecord) -> R) -> R { body(view.episodes) }

    // MARK: Listening

    private func doLater(_ work: @escaping @Sendable (inout Projection) -> Void) {
        deferredWork.withLock { $0.append(work) }
    }

    func listen(_ name: StreamName, _ connection: WebSocketConnection, wrapping: String?) {
        let now = now
        if subscribers.add(name, connection, wrapping: wrapping) == .first {
            doLater { $0.listen(to: name, now: now) }
        }
    }

    func forget(_ name: StreamName, _ connection: WebSocketConnection) {
        if subscribers.remove(name, connection) == .last { doLater { $0.stopListening(to: name) } }
    }

    func listen(
        _ account: AccountID,
        _ connection: WebSocketConnection,
        wrapping: String?,
        events: EventFilter?
    ) {
        if subscribers.add(account, connection, wrapping: wrapping, events: events) == .first {
            doLater { $0.listen(to: account) }
        }
    }

    func forget(_ account: AccountID, _ connection: WebSocketConnection) {
        if subscribers.remove(account, connection) == .last {
            doLater { $0.listen(to: account, isWanted: false) }
        }
    }

    /// What a connection that wants forced fills from a number on gets next.
    enum Resumption {
        /// Some, after which more follow.
        case some([VenueRecord.ForcedFill])
        /// The last; new ones come as they become durable.
        case last([VenueRecord.ForcedFill])
        /// The wanted ones are no longer in memory; this is the oldest number there, and the command up to
        /// which this is so.
        case gone(oldest: UInt64, at: UInt64)
    }

    /// Hands out forced fills from a number on, at most `limit` bytes of them at once; a connection that
    /// has got all listens from there. On the publishing thread only.
    func resumeFills(from number: UInt64?, limit: Int, _ connection: WebSocketConnection) -> Resumption {
        var wanted: [VenueRecord.ForcedFill] = []
        if let number {
            let oldest = view.record.fills.first?.number ?? view.record.nextFill
            if number < oldest { return .gone(oldest: oldest, at: publishedSequence) }
            var size = 0
            for fill in view.record.fills.dropFirst(Int(clamping: number - oldest)) {
                if size > 0 && size + fill.bytes.count > limit { return .some(wanted) }
                size += fill.bytes.count
                wanted.append(fill)
            }
        }
        fills.add(connection)
        return .last(wanted)
    }

    func forgetFills(_ connection: WebSocketConnection) { fills.remove(connection) }
}
