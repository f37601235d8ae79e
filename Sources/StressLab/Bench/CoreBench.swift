internal import ExchangeCore

/// Commands per second of the whole core, margin and ledger on.
///
/// A steady stream on one thread: limit orders round a walking price, cancels of resting ones, market
/// orders that take, price commands. Commands are made, and outcomes read, between the batches and
/// outside of the time that is counted; each batch enters the core at once.
public final class CoreBench {
    /// What was measured.
    public struct Result: Sendable {
        /// Markets that were traded.
        public var markets: Int
        /// Accounts that traded.
        public var users: Int
        /// Commands applied.
        public var commands = 0
        /// Of these, with the status `ok`.
        public var accepted = 0
        /// Fills.
        public var trades = 0
        /// Orders that rested at the end.
        public var resting = 0
        /// Wall time of the batches alone.
        public var seconds = 0.0
        /// Bytes of events a command wrote on average.
        public var eventBytes = 0
        /// Commands per second.
        public var rate: Double { seconds > 0 ? Double(commands) / seconds : 0 }
    }

    private static let batch = 1_024
    private var exchange = Exchange()
    private var events = EventBuffer(capacity: 1 << 20)
    private var random: Random
    private var commands: [Command] = []
    /// Orders that were resting when last heard of, with account and market.
    private var live: [(order: OrderID, account: AccountID, market: MarketID)] = []
    private var middles: [Int64]
    private var result: Result

    /// Sets up markets and users, each with deposits and a share of resting orders.
    public init(markets: Int, users: Int, seed: UInt64) {
        random = Random(seed: seed)
        middles = Array(repeating: 100_000, count: markets)
        result = Result(markets: markets, users: users)
        commands.reserveCapacity(CoreBench.batch)
        for market in 0..<markets { send(.createMarket(CoreBench.specification(market))) }
        for _ in 0..<users { send(.openAccount(OpenAccount())) }
        for user in 0..<users {
            var deposit = Deposit()
            deposit.account = CoreBench.account(user)
            deposit.amount = Amount(1_000_000_000_000)
            send(.deposit(deposit))
        }
        for market in 0..<markets { send(price(MarketID(Int32(market)), 100_000)) }
    }

    private static func account(_ user: Int) -> AccountID { AccountID(AccountID.firstUser.raw + Int32(user)) }

    private static func specification(_ market: Int) -> MarketSpecification {
        var specification = MarketSpecification()
        var symbol = Symbol(low: 0, high: 0)
        for (place, byte) in "M\(market)".utf8.enumerated() { symbol.set(place, byte) }
        specification.symbol = symbol
        specification.tickSize = 10_000_000
        specification.lotSize = 100_000
        _ = specification.table.append(Tier(upTo: .unlimited, maintenance: Rate(500_000), leverage: 100))
        specification.maker = Rate(20_000)
        specification.taker = Rate(50_000)
        specification.fundingInterval = 0
        specification.staleAfter = Timestamp.latest.microseconds
        return specification
    }

    private func send(_ command: Command) {
        events.removeAll()
        _ = exchange.apply(command, sequence: exchange.nextSequence, at: Timestamp(0), into: &events)
    }

    // MARK: The stream

    private func price(_ market: MarketID, _ ticks: Int64) -> Command {
        var update = PriceUpdate()
        update.market = market
        update.price = Price(ticks)
        return .price(update)
    }

    private func makeBatch() {
        commands.removeAll(keepingCapacity: true)
        for _ in 0..<CoreBench.batch { commands.append(makeCommand()) }
    }

    private func makeCommand() -> Command {
        let draw = random.next() % 1_000
        // Short of its share of resting orders the stream adds; otherwise it adds and cancels alike.
        let short = live.count < max(1_000, result.markets * 50)
        if draw < 10 {
            let market = Int(random.next() % UInt64(middles.count))
            middles[market] += Int64(random.next() % 21) - 10
            return price(MarketID(Int32(market)), middles[market])
        }
        if draw < (short ? 100 : 480) && !live.isEmpty {
            let place = Int(random.next() % UInt64(live.count))
            let target = live[place]
            live[place] = live[live.count - 1]
            live.removeLast()
            var cancel = CancelOrder()
            cancel.account = target.account
            cancel.market = target.market
            cancel.order = target.order
            return .cancelOrder(cancel)
        }
        return .placeOrder(makeOrder(takes: draw >= 920))
    }

    private func makeOrder(takes: Bool) -> PlaceOrder {
        var order = PlaceOrder()
        let user = Int(random.next() % UInt64(result.users))
        order.account = CoreBench.account(user)
        // A user keeps to four markets.
        let market = (user * 7 + Int(random.next() % 4)) % middles.count
        order.market = MarketID(Int32(market))
        order.side = random.next() & 1 == 0 ? .buy : .sell
        order.quantity = Quantity(1 + Int64(random.next() % 100))
        if takes {
            order.type = .market
        } else {
            let distance = 1 + Int64(random.next() % 200)
            order.price = Price(middles[market] - order.side.sign * distance)
        }
        return order
    }

    /// Applies about `count` commands and returns what was measured.
    public func run(commands count: Int, warmUp: Int) -> Result {
        var left = warmUp
        while left > 0 {
            runBatch(isCounted: false)
            left -= CoreBench.batch
        }
        left = count
        while left > 0 {
            runBatch(isCounted: true)
            left -= CoreBench.batch
        }
        result.resting = live.count
        return result
    }

    private func runBatch(isCounted: Bool) {
        makeBatch()
        events.removeAll()
        let clock = ContinuousClock()
        let began = clock.now
        _ = exchange.apply(batch: commands.span, at: Timestamp(0), into: &events)
        let elapsed = clock.now - began
        var place = 0
        var trades = 0
        var accepted = 0
        events.forEach { event in
            switch event {
            case .trade: trades += 1
            case .orderRested(let rested):
                live.append((rested.order, rested.account, rested.market))
            case .outcome(let outcome):
                place += 1
                if outcome.status == .ok { accepted += 1 }
            default: break
            }
        }
        if !isCounted { return }
        result.commands += place
        result.accepted += accepted
        result.trades += trades
        result.eventBytes += events.count
        result.seconds += Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
    }
}
