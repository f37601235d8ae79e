import ExchangeCore

/// An exchange that a stream is played into: makes commands of it, and keeps the numbers that the
/// exchange gave its orders.
struct StreamPlayer: ~Copyable {
    /// What was seen in the events.
    struct Counts {
        var accepted = 0
        var trades = 0
        var eventBytes = 0
    }

    /// An order of the stream as the exchange knows it.
    private struct Known {
        var id = OrderID.none
        var account = AccountID.none
        var quantity = Quantity.zero
    }

    private var exchange = Exchange()
    private var events = EventBuffer(capacity: 1 << 20)
    private var batch: [Command] = []
    /// By market, by number in the stream.
    private var known: [[Known]]
    private let users: Int
    private let markets: Int
    private(set) var counts = Counts()

    /// Orders that rest.
    var resting: Int { exchange.restingOrders }

    /// An exchange with markets whose prices the stream's fit, and users with more than enough.
    init(prices: [Int32], users: Int) {
        markets = prices.count
        self.users = users
        known = Array(repeating: [Known()], count: markets)
        for market in 0..<markets {
            send(.createMarket(StreamPlayer.specification(market)))
            send(.price(StreamPlayer.price(market, prices[market])))
        }
        for user in 0..<users {
            send(.openAccount(OpenAccount()))
            var deposit = Deposit()
            deposit.account = StreamPlayer.account(user)
            deposit.amount = Amount(min(1_000_000_000_000, Amount.pileLimit.units / Int64(users)))
            send(.deposit(deposit))
        }
    }

    private static func account(_ user: Int) -> AccountID { AccountID(AccountID.firstUser.raw + Int32(user)) }

    private static func specification(_ market: Int) -> MarketSpecification {
        var specification = MarketSpecification()
        var symbol = Symbol(low: 0, high: 0)
        for (place, byte) in "M\(market)".utf8.enumerated() { symbol.set(place, byte) }
        specification.symbol = symbol
        specification.tickSize = 10_000
        specification.lotSize = 100_000
        _ = specification.table.append(Tier(upTo: .unlimited, maintenance: Rate(500_000), leverage: 100))
        specification.maker = Rate(20_000)
        specification.taker = Rate(50_000)
        specification.fundingInterval = 0
        // What is drawn lies anywhere round the mark.
        specification.priceBand = .zero
        specification.staleAfter = Timestamp.latest.microseconds
        return specification
    }

    private static func price(_ market: Int, _ ticks: Int32) -> PriceUpdate {
        return PriceUpdate(market: MarketID(Int32(market)), price: Price(Int64(ticks)))
    }

    private mutating func send(_ command: Command) {
        events.removeAll()
        _ = exchange.apply(command, sequence: exchange.nextSequence, at: Timestamp(0), into: &events)
    }

    /// Applies commands in batches. Returns the nanoseconds of this thread inside of the exchange.
    mutating func play(_ commands: [StreamCommand], batch size: Int) -> Int {
        var nanoseconds = 0
        var next = 0
        while next < commands.count {
            let end = min(next + size, commands.count)
            make(commands[next..<end])
            events.removeAll()
            let ready = batch
            let began = ThreadClock.now
            _ = exchange.apply(batch: ready.span, at: Timestamp(0), into: &events)
            nanoseconds += ThreadClock.now - began
            read(commands[next..<end])
            next = end
        }
        return nanoseconds
    }

    /// Makes all commands at once, by the numbers that the orders will get if all are accepted.
    mutating func withReadyCommands(_ commands: [StreamCommand], _ body: (inout Exchange, [Command]) -> Void)
    {
        make(commands[...])
        let ready = batch
        body(&exchange, ready)
    }

    // MARK: Commands

    private mutating func make(_ commands: ArraySlice<StreamCommand>) {
        batch.removeAll(keepingCapacity: true)
        var nextOrder = exchange.nextOrder
        for command in commands {
            let market = Int(command.symbol)
            switch command.kind {
            case .gtc, .ioc, .fok:
                let account = account(of: command)
                // The number that it will get if it is accepted; `read` says what it did get.
                let id = OrderID(nextOrder)
                nextOrder += 1
                let quantity = Quantity(Int64(command.size))
                let place = Int(command.order)
                while known[market].count <= place { known[market].append(Known()) }
                known[market][place] = Known(id: id, account: account, quantity: quantity)
                batch.append(.placeOrder(StreamPlayer.order(command, account)))
            case .cancel, .reduce, .move: batch.append(change(command))
            case .price: batch.append(.price(StreamPlayer.price(market, command.price)))
            }
        }
    }

    /// The account of a user of a market: users are dealt out so that each keeps to four markets.
    private func account(of command: StreamCommand) -> AccountID {
        let user = Int(command.user)
        if markets == 1 { return StreamPlayer.account(user) }
        let place = (Int(command.symbol) + user % 4 * (markets / 4)) % markets
        return StreamPlayer.account((place + user / 4 * markets) % users)
    }

    private static func order(_ command: StreamCommand, _ account: AccountID) -> PlaceOrder {
        var order = PlaceOrder()
        order.account = account
        order.market = MarketID(command.symbol)
        order.side = command.isBid ? .buy : .sell
        order.price = Price(Int64(command.price))
        order.quantity = Quantity(Int64(command.size))
        order.timeInForce = command.kind == .gtc ? .gtc : command.kind == .ioc ? .ioc : .fok
        return order
    }

    private mutating func change(_ command: StreamCommand) -> Command {
        let market = Int(command.symbol)
        let place = Int(command.order)
        let order = known[market][place]
        if command.kind == .cancel {
            var cancel = CancelOrder()
            cancel.account = order.account
            cancel.market = MarketID(command.symbol)
            cancel.order = order.id
            return .cancelOrder(cancel)
        }
        var amend = AmendOrder(account: order.account, market: MarketID(command.symbol), order: order.id)
        if command.kind == .move {
            amend.price = Price(Int64(command.price))
        } else {
            let quantity = Quantity(order.quantity.lots - Int64(command.size))
            known[market][place].quantity = quantity
            // Nothing left: the exchange cancels what is amended to what is filled.
            amend.quantity = quantity.lots > 0 ? quantity : Quantity(1)
            if quantity.lots <= 0 {
                var cancel = CancelOrder()
                cancel.account = order.account
                cancel.market = MarketID(command.symbol)
                cancel.order = order.id
                return .cancelOrder(cancel)
            }
        }
        return .amendOrder(amend)
    }

    private mutating func read(_ commands: ArraySlice<StreamCommand>) {
        var place = commands.startIndex
        var trades = 0
        var accepted = 0
        var placed: [(market: Int, order: Int, id: Int64)] = []
        events.forEach { event in
            switch event {
            case .trade: trades += 1
            case .outcome(let outcome):
                let command = commands[place]
                place += 1
                if outcome.status == .ok { accepted += 1 }
                if outcome.command == .placeOrder {
                    placed.append((Int(command.symbol), Int(command.order), outcome.result))
                }
            default: break
            }
        }
        for order in placed { known[order.market][order.order].id = OrderID(order.id) }
        counts.trades += trades
        counts.accepted += accepted
        counts.eventBytes += events.count
    }
}
