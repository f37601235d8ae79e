import BinanceDialect
import ExchangeCore
import ExchangeRuntime
import ExchangeText
import Synchronization

/// Where everything that is durable goes out: keeps what clients are shown, and tells whoever listens.
///
/// `publish`, `pulse` and the answers of jobs run on the publishing thread, which owns the projection and
/// the record; everything else may be called from anywhere.
final class Hub: GroupSink, @unchecked Sendable {
    private var projection: Projection
    private var record: VenueRecord
    private var tape = TapeRecord()
    private var vault = VaultRecord()
    private var episodes = EpisodeRecord()
    private let kept: Int
    private let listenKeys: ListenKeys
    private let subscribers = Subscribers()
    private let fills = FillListeners()
    private let shared: Mutex<Shared>
    private let wishes = Mutex<[@Sendable (inout Projection) -> Void]>([])
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

    init(_ options: DialectOptions, _ listenKeys: ListenKeys, kept: Int = VenueRecord.usuallyKept) {
        self.kept = kept
        record = VenueRecord(kept: kept)
        projection = Projection(options: options)
        self.listenKeys = listenKeys
        shared = Mutex(Shared(directory: projection.directory))
    }

    /// Time begins: the log has been taken in.
    func start(_ clock: any WallClock) { self.clock.withLock { $0 = clock } }

    private var now: Int64 { clock.withLock { $0?.now().microseconds ?? 0 } / 1_000 }

    /// The markets as they were published last.
    var directory: MarketDirectory { shared.withLock { $0.directory } }
    /// The same with their marks.
    var published: Shared { shared.withLock { $0 } }
    /// How many subscriptions there are.
    var listeners: Int { subscribers.count + fills.count }

    // MARK: The publishing thread

    /// Begins with an exchange whose earlier log is gone: of what happened before, nothing is shown.
    func adopt(_ exchange: borrowing Exchange) {
        if exchange.nextSequence == 1 { return }
        projection = Projection(of: exchange, at: exchange.now, options: projection.options)
        record = VenueRecord(of: exchange, kept: kept)
        tape = TapeRecord(of: exchange)
        vault = VaultRecord(of: exchange)
        episodes = EpisodeRecord(of: exchange)
        share()
    }

    /// Takes in what the log holds already, before anything else.
    func rebuild(_ commands: [Command], _ events: borrowing EventBuffer) {
        var number = 0
        var some: [Event] = []
        events.forEach { event in
            some.append(event)
            guard case .outcome(let outcome) = event, number < commands.count else { return }
            _ = take(commands[number], at: outcome.at, sequence: UInt64(outcome.sequence), some)
            number += 1
            some.removeAll(keepingCapacity: true)
        }
        share()
    }

    func publish(_ group: Group) {
        grantWishes()
        var messages: [StreamMessage] = []
        for entry in group.entries {
            var events: [Event] = []
            group.forEachEvent(of: entry) { events.append($0) }
            messages += take(entry.command, at: entry.at, sequence: entry.sequence, events)
        }
        share()
        subscribers.send(messages, projection.directory)
    }

    func pulse(at: Timestamp) {
        grantWishes()
        subscribers.send(projection.flush(at: at), projection.directory)
        for (name, account) in listenKeys.expire(now: at.microseconds / 1_000) {
            let bytes = Projection.listenKeyExpired(name, at: at)
            let event = StreamMessage(audience: .account(account), bytes: bytes)
            subscribers.send([event], projection.directory)
        }
    }

    private func take(
        _ command: Command,
        at: Timestamp,
        sequence: UInt64,
        _ events: [Event]
    ) -> [StreamMessage] {
        tape.take(events, at: at)
        vault.take(events, at: at)
        episodes.take(events, at: at, sequence: sequence)
        fills.send(record.take(command, at: at, sequence: sequence, events))
        return projection.apply(AppliedCommand(command: command, at: at, events: events))
    }

    private func share() {
        let marks = projection.marks
        let (bids, asks) = (projection.bestPrices(.buy, count: 20), projection.bestPrices(.sell, count: 20))
        let directory = projection.directory
        shared.withLock { shared in
            shared.marks = marks
            shared.bids = bids
            shared.asks = asks
            shared.groups += 1
            if shared.directory.version != directory.version { shared.directory = directory }
        }
    }

    private func grantWishes() {
        let wishes = wishes.withLock { wishes in
            defer { wishes.removeAll() }
            return wishes
        }
        for wish in wishes { wish(&projection) }
    }

    /// Takes in what funding would be now. On the publishing thread only.
    func setExpectedFunding(_ rates: [(MarketID, Rate)]) {
        for (market, rate) in rates { projection.setExpectedFunding(rate, of: market) }
    }

    /// What clients are shown. On the publishing thread only.
    func withProjection<R>(_ body: (borrowing Projection) -> R) -> R { body(projection) }

    /// What happened. On the publishing thread only.
    func withRecord<R>(_ body: (borrowing VenueRecord) -> R) -> R { body(record) }

    /// The tape of each market. On the publishing thread only.
    func withTape<R>(_ body: (borrowing TapeRecord) -> R) -> R { body(tape) }

    /// How the vault fared. On the publishing thread only.
    func withVault<R>(_ body: (borrowing VaultRecord) -> R) -> R { body(vault) }

    /// What episodes came to. On the publishing thread only.
    func withEpisodes<R>(_ body: (borrowing EpisodeRecord) -> R) -> R { body(episodes) }

    // MARK: Listening

    private func wish(_ wish: @escaping @Sendable (inout Projection) -> Void) {
        wishes.withLock { $0.append(wish) }
    }

    func listen(_ name: StreamName, _ connection: WebSocketConnection, wrapping: String?) {
        let now = now
        if subscribers.add(name, connection, wrapping: wrapping) == .first {
            wish { $0.listen(to: name, now: now) }
        }
    }

    func forget(_ name: StreamName, _ connection: WebSocketConnection) {
        if subscribers.remove(name, connection) == .last { wish { $0.stopListening(to: name) } }
    }

    func listen(_ account: AccountID, _ connection: WebSocketConnection, wrapping: String?) {
        if subscribers.add(account, connection, wrapping: wrapping) == .first {
            wish { $0.listen(to: account) }
        }
    }

    func forget(_ account: AccountID, _ connection: WebSocketConnection) {
        if subscribers.remove(account, connection) == .last {
            wish { $0.listen(to: account, isWanted: false) }
        }
    }

    /// What a connection that wants forced fills from a number on gets next.
    enum Resumption {
        /// Some, after which more follow.
        case some([VenueRecord.ForcedFill])
        /// The last; new ones come as they become durable.
        case last([VenueRecord.ForcedFill])
        /// The wanted ones are no longer kept; this is the oldest number there is.
        case gone(oldest: UInt64)
    }

    /// Hands out forced fills from a number on, at most `limit` bytes of them at once; a connection that has
    /// got all listens from there. On the publishing thread only.
    func resumeFills(from number: UInt64?, limit: Int, _ connection: WebSocketConnection) -> Resumption {
        var wanted: [VenueRecord.ForcedFill] = []
        if let number {
            let oldest = record.fills.first?.number ?? record.nextFill
            if number < oldest { return .gone(oldest: oldest) }
            var size = 0
            for fill in record.fills.dropFirst(Int(clamping: number - oldest)) {
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
