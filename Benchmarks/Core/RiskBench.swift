import ExchangeCore
import StressLab

/// How fast risk is looked at: prices over a million accounts, a burst of liquidations and
/// deleveragings, snapshot, restore, replay.
struct RiskBench: ~Copyable {
    private var exchange = Exchange()
    private var events = EventBuffer(capacity: 1 << 24)
    private var random: Random
    private let markets: Int
    private let accounts: Int
    private var prices: [Int64]
    private var log: [Command] = []

    /// Makes accounts with three positions each, at leverages from 2 to 20, evenly over the markets.
    init(markets: Int, accounts: Int, seed: UInt64 = 1) {
        self.markets = markets
        self.accounts = accounts
        random = Random(seed: seed)
        prices = Array(repeating: 100_000, count: markets)
        for market in 0..<markets { send(.createMarket(RiskBench.specification(market))) }
        for market in 0..<markets { send(RiskBench.price(market, prices[market])) }
        for account in 0..<accounts {
            send(.openAccount(OpenAccount()))
            let leverage = 2 + random.uniform() * 18
            // Three positions of 100,000 ticks × 100 lots × u.
            deposit(account, Int64(3 * 100_000 * 100 * 10 / leverage))
        }
        for index in 0..<3 { open(index) }
    }

    private static func account(_ account: Int) -> AccountID {
        AccountID(AccountID.firstUser.raw + Int32(account))
    }

    private static func specification(_ market: Int) -> MarketSpecification {
        var specification = MarketSpecification()
        var symbol = Symbol(low: 0, high: 0)
        for (place, byte) in "M\(market)".utf8.enumerated() { symbol.set(place, byte) }
        specification.symbol = symbol
        specification.tickSize = 10_000
        specification.lotSize = 100_000
        _ = specification.table.append(Tier(upTo: .unlimited, maintenance: Rate(500_000), leverage: 100))
        specification.liquidationFee = Rate(100_000)
        specification.fundingInterval = 0
        // What is drawn lies anywhere round the mark.
        specification.priceBand = .zero
        specification.staleAfter = Timestamp.latest.microseconds
        return specification
    }

    private static func price(_ market: Int, _ ticks: Int64) -> Command {
        return .price(PriceUpdate(market: MarketID(Int32(market)), price: Price(ticks)))
    }

    private mutating func send(_ command: Command) {
        events.removeAll()
        log.append(command)
        var applied = 0
        _ = exchange.submit(command, at: Timestamp(0), applied: &applied, into: &events)
    }

    private mutating func deposit(_ account: Int, _ units: Int64) {
        send(.deposit(Deposit(account: RiskBench.account(account), amount: Amount(units))))
    }

    /// Gives each account its position number `index`, a long and a short at a time.
    private mutating func open(_ index: Int) {
        var account = 0
        while account + 1 < accounts {
            let market = (account / 2 * 3 + index) % markets
            trade(market, seller: account, buyer: account + 1, lots: 100)
            account += 2
        }
    }

    private mutating func trade(_ market: Int, seller: Int, buyer: Int, lots: Int64) {
        var order = PlaceOrder()
        order.market = MarketID(Int32(market))
        order.price = Price(prices[market])
        order.quantity = Quantity(lots)
        order.account = RiskBench.account(seller)
        order.side = .sell
        send(.placeOrder(order))
        order.account = RiskBench.account(buyer)
        order.side = .buy
        order.timeInForce = .ioc
        send(.placeOrder(order))
    }

    // MARK: Measures

    /// Average time of a price command that moves a market by `basisPoints`, up or down at random, and how
    /// many accounts were liquidated by all of them.
    mutating func prices(basisPoints: Int, count: Int) -> (nanoseconds: Double, liquidated: Int) {
        var nanoseconds = 0
        var liquidated = 0
        var left = count
        while left > 0 {
            // So many at a time, as looking at the clock takes as long as a price that moves nobody.
            var commands: [Command] = []
            for _ in 0..<min(100, left) { commands.append(move(basisPoints)) }
            left -= commands.count
            events.removeAll()
            var applied = 0
            let began = ThreadClock.now
            for command in commands {
                _ = exchange.submit(command, at: Timestamp(0), applied: &applied, into: &events)
            }
            nanoseconds += ThreadClock.now - began
            events.forEach { event in
                if case .episodeBegan = event { liquidated += 1 }
            }
        }
        return (Double(nanoseconds) / Double(count), liquidated)
    }

    /// The price of some market after a move up or down.
    private mutating func move(_ basisPoints: Int) -> Command {
        let market = Int(random.next() % UInt64(markets))
        let step = prices[market] * Int64(basisPoints) / 10_000
        prices[market] += random.next() & 1 == 0 ? step : -step
        return RiskBench.price(market, prices[market])
    }

    /// Nanoseconds of a snapshot and of a restore, and the snapshot's bytes.
    func snapshot() -> (write: Int, read: Int, bytes: Int) {
        var writer = ByteWriter(capacity: 1 << 20)
        let began = ThreadClock.now
        exchange.snapshot(into: &writer)
        let written = ThreadClock.now
        var position = 0
        let count = writer.count
        var reader = ByteReader {
            if position == count { return nil }
            position += 1
            return writer[position - 1]
        }
        let loaded = ThreadClock.now
        let isRestored = (try? Exchange(restoring: &reader)) != nil
        let restored = ThreadClock.now
        precondition(isRestored, "the core does not read what it wrote")
        return (written - began, restored - loaded, count)
    }

    /// Nanoseconds of applying all commands again to an empty exchange, and how many they are.
    mutating func replay() -> (nanoseconds: Int, commands: Int) {
        var fresh = Exchange()
        let commands = log
        var nanoseconds = 0
        var next = 0
        while next < commands.count {
            let end = min(next + 1_024, commands.count)
            events.removeAll()
            let began = ThreadClock.now
            _ = fresh.apply(batch: commands.span.extracting(next..<end), at: Timestamp(0), into: &events)
            nanoseconds += ThreadClock.now - began
            next = end
        }
        return (nanoseconds, commands.count)
    }

    /// Time of copying one side of a market with `positions` in profit, and of working out their lights.
    static func lights(positions: Int) -> (copy: Int, workOut: Int, lit: Int) {
        var bench = RiskBench(markets: 1, accounts: 0)
        for pair in 0..<positions {
            for isLong in [false, true] {
                bench.send(.openAccount(OpenAccount()))
                bench.deposit(pair * 2 + (isLong ? 1 : 0), 100_000 * Int64(200 + bench.random.next() % 1_000))
            }
            bench.prices[0] = 90_000 + Int64(bench.random.next() % 10_000)
            bench.trade(0, seller: pair * 2, buyer: pair * 2 + 1, lots: 1 + Int64(bench.random.next() % 100))
            bench.log.removeAll(keepingCapacity: true)
        }
        var queue = QueueCopy()
        var copying: [Int] = []
        var working: [Int] = []
        for _ in 0..<5 {
            let began = ThreadClock.now
            bench.exchange.copyQueue(MarketID(0), longs: true, into: &queue)
            let copied = ThreadClock.now
            queue.workOut()
            copying.append(copied - began)
            working.append(ThreadClock.now - copied)
        }
        return (middle(copying), middle(working), queue.count)
    }

    /// What a burst did.
    struct Burst: Sendable {
        /// Time of all price commands, their `continue` included.
        var nanoseconds = 0
        /// Episodes that began.
        var liquidated = 0
        /// Fills of auto-deleveraging.
        var deleveraged = 0
        /// Bytes of events, receipts included.
        var eventBytes = 0
    }

    /// One fall of a fifth in each of `markets` markets, with so many longs that have nothing left, an
    /// empty book, no fund and no vault: each is liquidated and somebody deleveraged for it. Receipts are
    /// written.
    static func burst(markets: Int, liquidations: Int) -> Burst {
        var bench = RiskBench(markets: markets, accounts: 0)
        var made = 0
        for market in 0..<markets {
            let share = liquidations / markets + (market < liquidations % markets ? 1 : 0)
            for _ in 0..<share {
                for isLong in [false, true] {
                    bench.send(.openAccount(OpenAccount()))
                    bench.deposit(made + (isLong ? 1 : 0), isLong ? 100_000 * 100 : 100_000 * 1_000)
                }
                bench.trade(market, seller: made, buyer: made + 1, lots: 100)
                made += 2
            }
        }
        var burst = Burst()
        for market in 0..<markets {
            bench.events.removeAll()
            var applied = 0
            let command = RiskBench.price(market, 80_000)
            let began = ThreadClock.now
            _ = bench.exchange.submit(command, at: Timestamp(0), applied: &applied, into: &bench.events)
            burst.nanoseconds += ThreadClock.now - began
            burst.eventBytes += bench.events.count
            bench.events.forEach { event in
                switch event {
                case .episodeBegan: burst.liquidated += 1
                case .closing(let closing): if closing.kind == .deleveraging { burst.deleveraged += 1 }
                default: break
                }
            }
        }
        return burst
    }
}
