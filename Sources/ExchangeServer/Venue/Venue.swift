import BinanceDialect
import ExchangeCore
import ExchangeEdge
import ExchangeHistory
public import ExchangeJournal
import ExchangeRuntime
import ExchangeText
public import Logging
import NIOCore
import NIOPosix
import Playground
import ReadModel
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A venue that runs: log, sequencer, what goes out, and the socket it listens on.
public final class Venue: @unchecked Sendable {
    let options: VenueOptions
    let keys: KeyStore
    let sequencer: Sequencer<DirectoryStorage>
    let publisher: Publisher
    /// The database of histories, if there is one.
    let history: History?
    let listenKeys: ListenKeys
    let clock: SystemClock
    /// What the operator's calls carry.
    public let operatorToken: String
    /// What start-up found.
    public let recovery: RecoveryReport
    let log: Logger
    let admission: Admission
    /// How long the newest requests of the wire took, from whole to answered.
    let requests = RecentTimes()
    let queues = QueueBoards()
    let sockets: OpenSockets
    private let feed = Mutex<PriceFeed?>(nil)
    private let demo = Mutex<DemoDriver<DirectoryStorage>?>(nil)
    private let group: MultiThreadedEventLoopGroup
    private let server: SocketServer
    private let isOpen = Atomic<Bool>(false)
    /// When it was started, in ms.
    let started: Int64

    /// The address and port that it listens on.
    public var address: String { server.address }
    /// The port.
    public var port: Int { server.port }
    /// Whether it takes requests.
    var isReady: Bool { isOpen.load(ordering: .acquiring) }

    /// Recovers the log, or begins one, and listens.
    ///
    /// - Throws: `VenueError`, `JournalError`, `StorageError`, `KeyStoreError` or `TLSError`; each says what
    ///   is wrong.
    public static func start(_ options: VenueOptions, log: Logger) async throws -> Venue {
        if options.isPlayground && !isLoopback(options.host) {
            throw VenueError(
                "a playground gives money away and listens on loopback alone, not on \(options.host)"
            )
        }
        _ = try OperatorToken.checked(options.operatorToken)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let responder = StartupResponder(unreadLimit: options.unreadLimit)
        let server: SocketServer
        let venue: Venue
        do {
            // It listens before it has recovered, and says so.
            server = try await SocketServer(
                host: options.host,
                port: options.port,
                tls: try TLSContext.make(options.tls),
                group: group,
                responder: responder
            )
            await options.whenListening?(server.port)
            do {
                venue = try Venue(options, log, server, group, responder.sockets)
            } catch {
                await server.close()
                throw error
            }
        } catch {
            try? await group.shutdownGracefully()
            throw error
        }
        do {
            try await venue.begin(responder)
        } catch {
            // Whoever asks again finds the directory free.
            await venue.stop()
            throw error
        }
        return venue
    }

    /// Whether a host is this machine: its name, or an address in figures (`127.example.org` is
    /// somebody's).
    static func isLoopback(_ host: String) -> Bool {
        if host == "localhost" || host == "::1" || host == "[::1]" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    /// What a new venue begins with; empty for one that has a log.
    private let beginning: [Command]

    private init(
        _ options: VenueOptions,
        _ log: Logger,
        _ server: SocketServer,
        _ group: MultiThreadedEventLoopGroup,
        _ sockets: OpenSockets
    ) throws {
        self.options = options
        self.log = log
        self.server = server
        self.group = group
        self.sockets = sockets
        let disk = try DirectoryStorage(path: options.directory)
        var journal = JournalOptions()
        journal.segmentSize = options.segmentSize
        journal.keepsAll = options.keepsAll
        let text = options.configuration ?? PlaygroundMarkets.text
        let lockUp = options.isPlayground ? PlaygroundMarkets.lockUp : Configuration.lockUp
        let name = options.configurationName
        let first = {
            try Configuration.commands(of: text, named: name, lockUp: lockUp, at: SystemClock().now())
        }
        if try Journal.exists(on: disk) == false {
            // What is refused is refused before there is anything.
            _ = try first()
            try Journal.clear(unfinishedOn: disk)
            let id = JournalID(low: .random(in: 0...UInt64.max), high: .random(in: 0...UInt64.max))
            try Journal.create(on: disk, id: id, exchange: Exchange(), options: journal)
        }
        keys = try KeyStore(directory: options.directory)
        listenKeys = ListenKeys(keys)
        var shown = ClientView.Options(dialect: options.dialect, limits: options.limits)
        shown.kept = options.kept
        let publisher = Publisher(shown, listenKeys)
        self.publisher = publisher
        let opened = try Venue.open(disk, journal, shown, publisher, options)
        recovery = opened.report
        let last = opened.exchange.now
        let isNew = opened.exchange.nextSequence == 1
        beginning = isNew ? try first() : []
        clock = SystemClock(notBefore: last)
        let mark = HistoryMark(
            sequence: opened.journal.durable,
            chain: opened.journal.recovered.description
        )
        history = Venue.history(opened.journal.id, publisher.origin, shown, options, mark, log)
        publisher.start(clock, history, from: mark)
        started = clock.now().microseconds / 1_000
        // A request that an earlier run took has a timestamp of at most a second behind its last command.
        admission = Admission(keys, options, earliest: isNew ? 0 : last.microseconds / 1_000 + 1_000)
        operatorToken = try OperatorToken.checked(options.operatorToken)
        var working = SequencerOptions()
        working.queueCapacity = options.queueCapacity
        sequencer = Sequencer(opened, clock: clock, options: working, sink: publisher) { error in
            log.critical(
                "the log failed; nothing that rests on it was answered",
                metadata: ["error": "\(error)"]
            )
            _exit(70)
        }
    }

    /// Recovers the log. With what clients were shown at a snapshot it begins there; otherwise all of the
    /// log is executed, and what clients are shown is made of it anew (HIST-5).
    private static func open(
        _ disk: DirectoryStorage,
        _ journal: JournalOptions,
        _ shown: ClientView.Options,
        _ publisher: Publisher,
        _ options: VenueOptions
    ) throws -> Opened<DirectoryStorage> {
        let files = ViewFiles(directory: options.directory)
        // Of those that are whole: where one is not, or its snapshot, the one before it will do.
        let views = (options.keepsHistory ? files.sequences : []).filter {
            files.read($0)?.identity.format == ClientView.format
        }
        var isOther = false
        let opened = try Journal.open(
            on: disk,
            options: journal,
            from: views.isEmpty ? .oldest : .newestOf(views),
            adopt: { exchange, chain in
                let sequence = exchange.nextSequence - 1
                isOther = false
                if let file = views.contains(sequence) ? files.read(sequence) : nil,
                    file.mark.chain == chain.description,
                    let view = ClientView(file.bytes, shown)
                {
                    publisher.adopt(view)
                } else {
                    // A view of another chain is worth nothing.
                    isOther = views.contains(sequence)
                    publisher.adopt(exchange)
                }
            },
            observe: { publisher.rebuild($0, $1) }
        )
        if !isOther { return opened }
        return try Journal.open(
            on: disk,
            options: journal,
            from: .oldest,
            adopt: { exchange, _ in publisher.adopt(exchange) },
            observe: { publisher.rebuild($0, $1) }
        )
    }

    private static func history(
        _ journal: JournalID,
        _ origin: UInt64,
        _ shown: ClientView.Options,
        _ options: VenueOptions,
        _ mark: HistoryMark,
        _ log: Logger
    ) -> History? {
        if !options.keepsHistory { return nil }
        let identity = HistoryIdentity(journal: journal.text, origin: origin, format: ClientView.format)
        let source = LogSource(
            directory: options.directory,
            identity: identity,
            options: shown,
            keepsAll: options.keepsAll
        )
        return History(
            directory: options.directory,
            identity,
            source,
            published: mark,
            options: options.history
        ) { log.warning("\($0)") }
    }

    private func begin(_ responder: StartupResponder) async throws {
        history?.start()
        try await configure()
        if options.hasDemo { try await startDemo() }
        if !options.feeds.isEmpty {
            let started = try PriceFeed(options.feeds, self, on: group)
            feed.withLock { $0 = started }
        }
        responder.open(Gateway(self))
        isOpen.store(true, ordering: .releasing)
        watchFunding()
    }

    /// Asks the core once a second what funding would be, for the streams that show it.
    private func watchFunding() {
        group.next().scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { [weak self] task in
            guard let self, isReady else { return task.cancel() }
            // While others wait it takes no place of theirs: what is shown is a second older.
            if sequencer.progress.waiting > 0 { return }
            let publisher = publisher
            // Too much waiting: what is shown is a second older.
            try? sequencer.submit(
                Job(
                    [],
                    read: { exchange, _ in
                        (0..<exchange.marketCount).map { raw in
                            (MarketID(raw), exchange.expectedFunding(MarketID(raw)) ?? .zero)
                        }
                    },
                    finish: { result in
                        if case .success(let (_, rates)) = result { publisher.setExpectedFunding(rates) }
                    }
                )
            )
        }
    }

    /// Takes no new requests, finishes those it has, makes everything durable, and ends.
    public func stop() async {
        isOpen.store(false, ordering: .releasing)
        await server.close()
        feed.withLock { $0 }?.stop()
        demo.withLock { $0 }?.stop()
        sequencer.stop()
        // Everything that happened is on its way to whoever listens.
        await sockets.close()
        history?.stop()
        try? await group.shutdownGracefully()
    }

    /// What does not work though requests are taken, a line each, and what to do.
    var complaints: String {
        guard let progress = history?.progress, progress.phase == .failed else { return "" }
        return
            "the history does not work: \(progress.reason ?? "unknown"). Old rows are answered with -1008; "
            + "mend what it names, or put it back from a backup, and it goes on by itself.\n"
    }

    /// Where connections and timers are served.
    var loop: any EventLoop { group.next() }

    // MARK: Jobs

    /// Runs something on the publishing thread, behind everything that was handed in before.
    ///
    /// - Throws: if too much waits; then it is not run.
    func onPublishingThread(_ body: @escaping @Sendable () -> Void) throws(Refusal) {
        try sequencer.submit(Job([], read: { _, _ in true }, finish: { _ in body() }))
    }

    /// Looks at what happened, on the thread that owns it.
    func look<Answer: Sendable>(
        _ read: @escaping @Sendable (borrowing VenueRecord) -> Answer
    ) async throws -> Answer {
        try await lookAtPublisher { $0.withRecord(read) }
    }

    /// Looks at anything that the publishing thread owns, there.
    func lookAtPublisher<Answer: Sendable>(
        _ read: @escaping @Sendable (Publisher) -> Answer
    ) async throws -> Answer {
        try await withCheckedThrowingContinuation { continuation in
            do throws(Refusal) {
                try onPublishingThread { [publisher] in continuation.resume(returning: read(publisher)) }
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }

    /// The same, with the last command that was published then.
    func lookWithSequence<Answer: Sendable>(
        _ read: @escaping @Sendable (borrowing VenueRecord) -> Answer
    ) async throws -> (Answer, UInt64) {
        try await withCheckedThrowingContinuation { continuation in
            do throws(Refusal) {
                try onPublishingThread { [publisher] in
                    continuation.resume(returning: (publisher.withRecord(read), publisher.publishedSequence))
                }
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }

    /// Applies commands and looks at the exchange; returns once it is durable and published.
    func perform<Answer: Sendable>(
        _ commands: [Command],
        read: @escaping @Sendable (borrowing Exchange, [Applied]) -> Answer
    ) async throws -> (applied: [Applied], answer: Answer) {
        try await withCheckedThrowingContinuation { continuation in
            let job = Job(commands, read: read) { (result: Result<([Applied], Answer), Refusal>) in
                continuation.resume(
                    with: result.map { (applied: $0.0, answer: $0.1) }.mapError { $0 as any Error }
                )
            }
            do throws(Refusal) {
                try sequencer.submit(job)
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }

    /// Applies commands, all of which must be taken.
    @discardableResult
    func perform(all commands: [Command]) async throws -> [Applied] {
        let applied = try await perform(commands) { _, _ in true }.applied
        for (command, applied) in zip(commands, applied) where applied.status != .ok {
            throw VenueError("\(command.kind.term) was refused: \(applied.status.term)")
        }
        return applied
    }

    // MARK: The beginning

    /// Puts the configuration into the log: what decides money enters through it (DET-1). As one group: it
    /// is there whole or not at all, and then the next start begins with it.
    private func configure() async throws {
        if !beginning.isEmpty { try await perform(all: beginning) }
    }

    /// Opens a new account with money in it, or does nothing: the status says why not.
    func openAccount(deposit: Amount) async throws -> (status: Status, account: AccountID) {
        let key = RequestKey(low: .random(in: 1...UInt64.max), high: .random(in: 0...UInt64.max >> 1))
        let open = OpenAccount(key: key)
        return try await withCheckedThrowingContinuation { continuation in
            let job = Job(
                [],
                plan: { [open] exchange, applied in
                    // What is refused is refused before there is anything.
                    if applied.isEmpty {
                        let refusal = deposit > .zero ? exchange.depositRefusal(deposit) : nil
                        return refusal == nil ? .openAccount(open) : nil
                    }
                    if applied.count > 1 || deposit == .zero || applied[0].status != .ok { return nil }
                    let pay = Deposit(account: AccountID(Int32(clamping: applied[0].result)), amount: deposit)
                    return .deposit(pay)
                },
                read: { exchange, applied in
                    applied.isEmpty ? exchange.depositRefusal(deposit) ?? .ok : applied[0].status
                },
                finish: { (result: Result<([Applied], Status), Refusal>) in
                    continuation.resume(
                        with: result.map { applied, status in
                            (status, AccountID(Int32(clamping: applied.first?.result ?? 0)))
                        }.mapError { $0 as any Error }
                    )
                }
            )
            do throws(Refusal) {
                try sequencer.submit(job)
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }

    private func startDemo() async throws {
        let (markets, marks) = try await perform([]) { exchange, _ in
            PlaygroundMarkets.markets.enumerated().compactMap {
                number,
                market -> (DemoMarket, Price)? in
                let id = MarketID(Int32(number))
                guard let view = exchange.marketView(id), view.symbol.text == market.symbol else {
                    return nil
                }
                let demo = DemoMarket(
                    market: id,
                    sources: 3,
                    thousand: Quantity(market.thousand),
                    start: Price(market.start)
                )
                return (demo, view.latestMark)
            }
        }.answer.reduce(into: ([DemoMarket](), [Price]())) {
            $0.0.append($1.0)
            $0.1.append($1.1)
        }
        if markets.isEmpty {
            throw VenueError("the demo trades the playground's markets, which are not here")
        }
        let accounts = try await openOnce((0..<DemoPopulation.accounts).map { .demo($0) })
        let population = DemoPopulation(
            seed: options.seed,
            markets: markets,
            accounts: accounts,
            marks: marks
        )
        let driver = DemoDriver(
            population,
            markets: markets.map(\.market),
            accounts: accounts,
            rate: options.demoRate,
            on: sequencer
        )
        demo.withLock { $0 = driver }
    }

    /// Begins a crash of the demo's prices; false if there is no demo.
    func begin(_ crash: Crash, in market: MarketID?) -> Bool {
        guard let driver = demo.withLock({ $0 }) else { return false }
        driver.begin(crash, in: market)
        return true
    }
}
