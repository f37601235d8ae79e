import ExchangeCore
import Glibc

/// Orders, cancels, amendments, trades and prices of a few thousand resting orders, over and over, with every
/// request for memory counted by the library that `Tests/allocations.sh` preloads.
struct AllocationCheck: ~Copyable {
    private typealias Counter = @convention(c) () -> UInt

    private static let users = 200
    private static let markets = 4
    private static let batch = 1_024

    private var exchange = Exchange()
    private var events = EventBuffer(capacity: 1 << 20)
    private var state: UInt64 = 1
    private var middles = [Int64](repeating: 10_000, count: markets)
    /// Orders that were resting or waiting when last heard of.
    private var live: [(order: OrderID, account: AccountID, market: MarketID)] = []
    private var batchCommands: [Command] = []
    /// How many of a thousand commands cancel everything of an account.
    private var cancelAllShare = 10
    private var kinds = (placed: 0, taken: 0, canceled: 0, amended: 0, triggered: 0, refused: 0)

    /// Runs it; the exit status of the program.
    static func run() -> Int32 {
        guard let symbol = dlsym(nil, "zerosum_allocations") else {
            print("allocations: nothing counts; run Tests/allocations.sh")
            return 2
        }
        let counter = unsafeBitCast(symbol, to: Counter.self)
        // A counter that counts nothing would make the check pass whatever the core does.
        let before = counter()
        let probe = UnsafeMutableRawPointer.allocate(
            byteCount: CommandLine.arguments.count * 64,
            alignment: 8
        )
        probe.storeBytes(of: 1, as: UInt8.self)
        let isCounting = counter() > before
        probe.deallocate()
        if !isCounting {
            print("allocations: the counter does not see a request that was made")
            return 2
        }
        var check = AllocationCheck()
        check.setUp()
        return check.measure(counter)
    }

    private mutating func measure(_ counter: Counter) -> Int32 {
        // Warm: it was larger than it will be, and was empty, as the lists of free places grow when many are
        // freed.
        let warm = step(300, counter)
        for user in 0..<AllocationCheck.users {
            send(.cancelAll(CancelAll(account: account(user))))
        }
        live.removeAll(keepingCapacity: true)
        cancelAllShare = 30
        kinds = (0, 0, 0, 0, 0, 0)
        let count = step(300, counter)
        let commands = 300 * AllocationCheck.batch
        print(
            "\(count) allocations in \(commands) commands once warm (\(warm) while warming up): "
                + "\(kinds.placed) rested, \(kinds.taken) trades, \(kinds.canceled) canceled, "
                + "\(kinds.amended) amended, \(kinds.triggered) triggered, \(kinds.refused) refused"
        )
        let least = min(kinds.placed, kinds.taken, kinds.canceled, kinds.amended, kinds.triggered)
        if least < 100 {
            print("allocations: the stream lacks one of the kinds")
            return 1
        }
        return count == 0 ? 0 : 1
    }

    /// Applies batches; how often memory was asked for while the core had the word.
    private mutating func step(_ batches: Int, _ counter: Counter) -> UInt {
        var sum: UInt = 0
        for _ in 0..<batches {
            batchCommands.removeAll(keepingCapacity: true)
            for _ in 0..<AllocationCheck.batch { batchCommands.append(makeCommand()) }
            events.removeAll()
            let before = counter()
            for command in batchCommands {
                _ = exchange.apply(
                    command,
                    sequence: exchange.nextSequence,
                    at: Timestamp(0),
                    into: &events
                )
            }
            sum += counter() - before
            read()
        }
        return sum
    }

    private mutating func read() {
        var live = self.live
        var kinds = self.kinds
        events.forEach { event in
            switch event {
            case .orderRested(let rested):
                kinds.placed += 1
                live.append((rested.order, rested.account, rested.market))
            case .orderAccepted(let accepted) where accepted.type == .stopMarket:
                live.append((accepted.order, accepted.account, accepted.market))
            case .trade: kinds.taken += 1
            case .orderCanceled: kinds.canceled += 1
            case .orderAmended: kinds.amended += 1
            case .orderTriggered: kinds.triggered += 1
            case .outcome(let outcome) where outcome.status != .ok: kinds.refused += 1
            default: break
            }
        }
        self.live = live
        self.kinds = kinds
    }

    // MARK: The stream

    /// SplitMix64.
    private mutating func draw(_ bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((z ^ (z >> 31)) % UInt64(bound))
    }

    private mutating func send(_ command: Command) {
        events.removeAll()
        _ = exchange.apply(command, sequence: exchange.nextSequence, at: Timestamp(0), into: &events)
    }

    private func account(_ user: Int) -> AccountID { AccountID(AccountID.firstUser.raw + Int32(user)) }

    private mutating func setUp() {
        for market in 0..<AllocationCheck.markets {
            var specification = MarketSpecification()
            var symbol = Symbol(low: 0, high: 0)
            for (place, byte) in "M\(market)".utf8.enumerated() { symbol.set(place, byte) }
            specification.symbol = symbol
            specification.tickSize = 10_000_000
            specification.lotSize = 100_000
            _ = specification.table.append(Tier(upTo: .unlimited, maintenance: Rate(500_000), leverage: 100))
            specification.maker = Rate(20_000)
            specification.taker = Rate(50_000)
            specification.staleAfter = Timestamp.latest.microseconds
            send(.createMarket(specification))
        }
        for user in 0..<AllocationCheck.users {
            send(.openAccount(OpenAccount()))
            send(.deposit(Deposit(account: account(user), amount: Amount(1_000_000_000_000_000))))
        }
        for market in 0..<AllocationCheck.markets { send(price(market)) }
    }

    private func price(_ market: Int) -> Command {
        return .price(PriceUpdate(market: MarketID(Int32(market)), price: Price(middles[market])))
    }

    private mutating func makeCommand() -> Command {
        let kind = draw(1_000)
        if kind < 10 {
            let market = draw(AllocationCheck.markets)
            // Back to the middle, so that the stream stays the same.
            let pull: Int64 = middles[market] > 10_000 ? -1 : 1
            middles[market] += Int64(draw(21)) - 10 + pull
            return price(market)
        }
        if kind < 10 + cancelAllShare {
            return .cancelAll(CancelAll(account: account(draw(AllocationCheck.users))))
        }
        if kind < 460 && live.count > 2_000 {
            let target = live.remove(at: draw(live.count))
            if live.count > 8_000 { live.removeFirst(4_000) }
            if kind < 400 {
                let cancel = CancelOrder(account: target.account, market: target.market, order: target.order)
                return .cancelOrder(cancel)
            }
            live.append(target)
            var amend = AmendOrder()
            amend.account = target.account
            amend.market = target.market
            amend.order = target.order
            amend.quantity = Quantity(1 + Int64(draw(100)))
            return .amendOrder(amend)
        }
        return .placeOrder(makeOrder())
    }

    private mutating func makeOrder() -> PlaceOrder {
        var order = PlaceOrder(account: account(draw(AllocationCheck.users)))
        let market = draw(AllocationCheck.markets)
        order.market = MarketID(Int32(market))
        order.side = draw(2) == 0 ? .buy : .sell
        order.quantity = Quantity(1 + Int64(draw(100)))
        for _ in 0..<8 { _ = order.clientID.append(UInt8(ascii: "a") + UInt8(draw(26))) }
        let distance = Int64(1 + draw(200))
        switch draw(20) {
        case 0..<3: order.type = .market
        case 3:
            order.type = .stopMarket
            order.workingType = .mark
            order.triggerPrice = Price(middles[market] + order.side.sign * (distance / 8 + 1))
        case 4:
            order.price = Price(middles[market] + order.side.sign * distance)
            order.timeInForce = .ioc
        case 5:
            order.price = Price(middles[market] - order.side.sign * distance)
            order.reduceOnly = true
        default: order.price = Price(middles[market] - order.side.sign * distance)
        }
        return order
    }
}
