import ExchangeCore

/// Many trailing stops that fall due at one price.
///
/// A command makes at most so many of them active (LIM-1), so prices follow each other until none is left.
struct StopBench: ~Copyable {
    /// What becomes of the stops when they are due.
    enum Ending: Sendable {
        /// Nobody holds anything: each is triggered and cancelled, as it has nothing to reduce.
        case cancelled
        /// Each sells a lot of a position into bids at two hundred prices.
        case traded
        /// Each sells a lot of a position at a price of its own.
        case walked
    }

    /// What a storm was.
    struct Storm: Sendable {
        /// Time of all price commands until no stop is left.
        var nanoseconds = 0
        /// Time of the longest of them.
        var longest = 0
        /// How many price commands that took.
        var prices = 0
        /// Stops that were triggered.
        var triggered = 0
        /// Lots that they sold.
        var sold = 0
        /// Bytes of events.
        var eventBytes = 0
    }

    private var exchange = Exchange()
    private var events = EventBuffer(capacity: 1 << 24)
    private static let ordersOfAnAccount = 200
    private static let market = MarketID(0)
    private static let mark: Int64 = 10_000_000
    private static let highestBid = mark * 79 / 100

    private init(_ stops: Int, _ ending: Ending) {
        createMarket()
        price(StopBench.mark)
        open(StopBench.other)
        var left = stops
        var index = 0
        while left > 0 {
            let holder = StopBench.holder(index)
            let count = min(left, StopBench.ordersOfAnAccount)
            open(holder)
            if ending != .cancelled { give(holder, lots: count) }
            for _ in 0..<count { placeStop(holder) }
            left -= count
            index += 1
        }
        if ending != .cancelled {
            let prices = ending == .traded ? StopBench.ordersOfAnAccount : stops
            placeBids(stops, prices: prices, firstBidder: index)
        }
    }

    /// Places so many trailing stops, lets the mark fall below the trigger of all, and measures until none
    /// waits.
    static func storm(stops: Int, _ ending: Ending) -> Storm {
        var bench = StopBench(stops, ending)
        return bench.storm(stops)
    }

    private mutating func storm(_ stops: Int) -> Storm {
        var storm = Storm()
        while storm.triggered < stops {
            events.removeAll()
            var update = PriceUpdate()
            update.market = StopBench.market
            update.price = Price(StopBench.mark * 8 / 10 - Int64(storm.prices))
            var applied = 0
            let began = ThreadClock.now
            _ = exchange.submit(.price(update), at: Timestamp(0), applied: &applied, into: &events)
            let took = ThreadClock.now - began
            storm.nanoseconds += took
            storm.longest = max(storm.longest, took)
            storm.prices += 1
            storm.eventBytes += events.count
            let before = storm.triggered
            events.forEach { event in
                switch event {
                case .orderTriggered: storm.triggered += 1
                case .trade(let trade): storm.sold += Int(trade.quantity.lots)
                default: break
                }
            }
            precondition(storm.triggered > before, "a price made no stop active")
        }
        return storm
    }

    // MARK: The world

    /// Stands against all holders.
    private static let other = AccountID.firstUser

    private static func holder(_ index: Int) -> AccountID {
        AccountID(AccountID.firstUser.raw + 1 + Int32(index))
    }

    private mutating func send(_ command: Command) {
        events.removeAll()
        let sequence = exchange.nextSequence
        let status = exchange.apply(command, sequence: sequence, at: Timestamp(0), into: &events)
        precondition(status == .ok, "the benchmark's own command is refused")
    }

    private mutating func createMarket() {
        var specification = MarketSpecification()
        var symbol = Symbol(low: 0, high: 0)
        symbol.set(0, UInt8(ascii: "M"))
        specification.symbol = symbol
        specification.tickSize = 10_000
        specification.lotSize = 100_000
        _ = specification.table.append(Tier(upTo: .unlimited, maintenance: Rate(500_000), leverage: 100))
        specification.fundingInterval = 0
        specification.priceBand = .zero
        specification.staleAfter = Timestamp.latest.microseconds
        send(.createMarket(specification))
    }

    private mutating func price(_ ticks: Int64) {
        send(.price(PriceUpdate(market: StopBench.market, price: Price(ticks))))
    }

    private mutating func open(_ account: AccountID) {
        send(.openAccount(OpenAccount()))
        send(.deposit(Deposit(account: account, amount: Amount(1 << 48))))
    }

    private mutating func order(_ account: AccountID, _ side: Side, _ price: Int64, _ lots: Int) {
        var order = PlaceOrder()
        order.account = account
        order.market = StopBench.market
        order.side = side
        order.price = Price(price)
        order.quantity = Quantity(Int64(lots))
        send(.placeOrder(order))
    }

    private mutating func give(_ holder: AccountID, lots: Int) {
        order(StopBench.other, .sell, StopBench.mark, lots)
        order(holder, .buy, StopBench.mark, lots)
    }

    private mutating func placeStop(_ holder: AccountID) {
        var order = PlaceOrder()
        order.account = holder
        order.market = StopBench.market
        order.side = .sell
        order.quantity = Quantity(1)
        order.type = .trailingStopMarket
        order.workingType = .mark
        order.callbackRate = Rate(10_000_000)
        order.reduceOnly = true
        send(.placeOrder(order))
    }

    /// Bids for so many lots at so many prices, a tick apart, as many an account as it may have.
    private mutating func placeBids(_ lots: Int, prices: Int, firstBidder: Int) {
        for step in 0..<prices {
            let bidder = StopBench.holder(firstBidder + step / StopBench.ordersOfAnAccount)
            if step % StopBench.ordersOfAnAccount == 0 { open(bidder) }
            let share = lots / prices + (step < lots % prices ? 1 : 0)
            if share > 0 { order(bidder, .buy, StopBench.highestBid - Int64(step), share) }
        }
    }
}
