import ExchangeCore
import ExchangeJournal
import ExchangeRuntime
import ExchangeText
import Glibc
import JournalSupport
import Playground
import Synchronization
import TestSupport
import Testing

/// Counts what is published.
private final class CountingSink: GroupSink {
    struct Seen {
        var sequences: [UInt64] = []
        var finished = 0
        var delay: UInt32 = 0
    }
    let seen = Mutex(Seen())

    func publish(_ group: Group) {
        seen.withLock { seen in seen.sequences += group.entries.map(\.sequence) }
    }
    func pulse(at: Timestamp) {}
}

@Suite("The sequencer")
struct SequencerTests {
    private static func start(
        _ disk: SimulatedStorage,
        _ sink: CountingSink,
        options: SequencerOptions = SequencerOptions(),
        failure: @escaping @Sendable (JournalError) -> Void = { _ in }
    ) throws -> Sequencer<SimulatedStorage> {
        if try !Journal.exists(on: disk) {
            try Journal.create(on: disk, id: JournalID(low: 1, high: 2), exchange: Exchange())
        }
        return Sequencer(
            try Journal.open(on: disk),
            clock: SystemClock(),
            options: options,
            sink: sink,
            onFailure: failure
        )
    }

    private static func deposit(_ account: Int32, _ amount: Int64) -> Command {
        return .deposit(Deposit(account: AccountID(account), amount: Amount(amount)))
    }

    @Test("RUN-1, RUN-2 Jobs are applied in order, published, answered, and there at the next start")
    func order() throws {
        let disk = SimulatedStorage()
        let sink = CountingSink()
        let sequencer = try Self.start(disk, sink)
        let answers = Mutex<[Int64]>([])
        try sequencer.submit(Job([.openAccount(OpenAccount())]))
        for number in 1...500 {
            try sequencer.submit(
                Job(
                    [Self.deposit(3, Int64(number))],
                    read: { exchange, applied in
                        #expect(applied[0].status == .ok)
                        return exchange.accountView(AccountID(3))?.cash.units ?? 0
                    },
                    finish: { result in
                        guard case .success(let (applied, cash)) = result else { return }
                        // What it rests on was published before.
                        #expect(sink.seen.withLock { $0.sequences.last ?? 0 } >= applied[0].sequence)
                        answers.withLock { $0.append(cash) }
                    }
                )
            )
        }
        sequencer.stop()
        let expected = (1...500).reduce(into: [Int64]()) { $0.append(($0.last ?? 0) + Int64($1)) }
        #expect(answers.withLock { $0 } == expected)
        #expect(sink.seen.withLock { $0.sequences } == Array(1...501))
        let again = try Self.start(disk, CountingSink())
        let found = Mutex<Int64>(0)
        try again.submit(
            Job(
                [],
                read: { exchange, _ in exchange.accountView(AccountID(3))?.cash.units ?? 0 },
                finish: {
                    if case .success(let (_, cash)) = $0 { found.withLock { $0 = cash } }
                }
            )
        )
        again.stop()
        #expect(found.withLock { $0 } == 125_250)
        #expect(again.progress.snapshot == 501)
    }

    @Test("RUN-3 Too much waiting is refused, and cancels go first")
    func overload() throws {
        let disk = SimulatedStorage()
        var options = SequencerOptions()
        options.queueCapacity = 4
        options.groupSize = 2
        let sequencer = try Self.start(disk, CountingSink(), options: options)
        let gate = Mutex(false)
        let order = Mutex<[String]>([])
        let entered = Mutex(false)
        // Holds the core until the queues are full.
        try sequencer.submit(
            Job(
                [],
                read: { _, _ in
                    entered.withLock { $0 = true }
                    while !gate.withLock({ $0 }) {}
                    return true
                },
                finish: { _ in }
            )
        )
        while !entered.withLock({ $0 }) {}
        func job(_ name: String, _ urgency: Urgency) -> Job {
            Job([], urgency: urgency, read: { _, _ in order.withLock { $0.append(name) } }, finish: { _ in })
        }
        for _ in 0..<4 { try sequencer.submit(job("order", .ordinary)) }
        #expect(throws: Refusal.overloaded) { try sequencer.submit(job("order", .ordinary)) }
        for _ in 0..<4 { try sequencer.submit(job("cancel", .cancel)) }
        #expect(throws: Refusal.overloaded) { try sequencer.submit(job("cancel", .cancel)) }
        gate.withLock { $0 = true }
        sequencer.stop()
        let expected = [String](repeating: "cancel", count: 4) + [String](repeating: "order", count: 4)
        #expect(order.withLock { $0 } == expected)
        #expect(sequencer.progress.overloaded == 2)
        #expect(throws: Refusal.stopped) { try sequencer.submit(job("order", .ordinary)) }
    }

    @Test("RUN-4, DUR-5 When the log fails, nothing that rests on it is answered")
    func failingLog() throws {
        let disk = SimulatedStorage()
        let failed = Mutex<String?>(nil)
        let sequencer = try Self.start(
            disk,
            CountingSink(),
            failure: { error in
                failed.withLock { $0 = "\(error)" }
            }
        )
        let answered = Mutex(0)
        try sequencer.submit(
            Job(
                [.openAccount(OpenAccount())],
                read: { _, _ in true },
                finish: { _ in
                    answered.withLock { $0 += 1 }
                }
            )
        )
        while answered.withLock({ $0 }) < 1 {}
        // A second round: when it is answered, the first one's commit is over, however it was answered.
        try sequencer.submit(Job([], read: { _, _ in true }, finish: { _ in answered.withLock { $0 += 1 } }))
        while answered.withLock({ $0 }) < 2 {}
        disk.isDead = true
        disk.reason = "No space left on device"
        try sequencer.submit(
            Job(
                [Self.deposit(3, 5)],
                read: { _, _ in true },
                finish: { _ in
                    answered.withLock { $0 += 1 }
                }
            )
        )
        while failed.withLock({ $0 }) == nil {}
        #expect(failed.withLock { $0 }?.contains("No space left on device") == true)
        #expect(throws: Refusal.stopped) { try sequencer.submit(Job([])) }
        sequencer.stop()
        #expect(answered.withLock { $0 } == 2)
        disk.revive()
        #expect(try Journal.open(on: disk).exchange.nextSequence == 2)
    }

    @Test("RUN-5, RUN-7 What is due is done without a job, and ticks are in the log")
    func deadlines() throws {
        let disk = SimulatedStorage()
        let sink = CountingSink()
        let sequencer = try Self.start(disk, sink)
        var market = MarketSpecification()
        market.symbol = try #require(Symbol("BTCUSDT"))
        market.tickSize = 10_000_000
        market.lotSize = 100_000
        _ = market.table.append(Tier(upTo: .unlimited, maintenance: Rate(1_000_000), leverage: 50))
        market.staleAfter = 100_000
        let price = PriceUpdate(market: MarketID(0), price: Price(500_000))
        try sequencer.submit(Job([.createMarket(market), .price(price)]))
        var waited = 0
        while sink.seen.withLock({ $0.sequences.count }) < 3 && waited < 30_000 {
            usleep(20_000)
            waited += 1
        }
        let validity = Mutex<PriceValidity>(.none)
        try sequencer.submit(
            Job(
                [],
                read: { exchange, _ in exchange.marketView(MarketID(0))?.validity ?? .none },
                finish: { result in
                    if case .success(let (_, found)) = result { validity.withLock { $0 = found } }
                }
            )
        )
        sequencer.stop()
        #expect(sink.seen.withLock { $0.sequences } == [1, 2, 3])
        #expect(validity.withLock { $0 } == .stale)
    }

    @Test("RUN-6 A seed gives the same path everywhere; a crash goes as deep as it was told, and stays")
    func path() {
        var path = SyntheticPath(seed: 7, from: Price(600_000))
        var again = SyntheticPath(seed: 7, from: Price(600_000))
        let prices = (0..<500).map { _ in path.step().ticks }
        #expect(prices == (0..<500).map { _ in again.step().ticks })
        #expect(Set(prices).count > 100)
        let before = path.now.ticks
        path.begin(Crash(depth: 200_000, duration: 10_000_000, liquidity: 10))
        #expect(path.liquidity == 10)
        for _ in 0..<10 { _ = path.step() }
        #expect(path.now.ticks < before * 85 / 100 && path.now.ticks > before * 75 / 100)
        for _ in 0..<60 { _ = path.step() }
        #expect(path.liquidity == 100)
        #expect(path.now.ticks < before * 90 / 100)
        let bounded = Crash(depth: 900_000, duration: 1, liquidity: 100)
        #expect(Crash(depth: 2_000_000, duration: 0, liquidity: 400) == bounded)
    }
}
