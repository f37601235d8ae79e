import ExchangeCore

/// All worlds of three accounts in one market, with sizes −2 to 2, prices 1 to 5 and four commands:
/// two trades that make positions, a price, and a second price or a trade.
public struct SmallWorlds: Sendable {
    /// Signed size, 1 or 2 lots, of the accounts that trade with each other.
    private static let pairs: [(Int, Int)] = [(0, 1), (1, 2), (2, 0)]
    private static let sizes = [-2, -1, 1, 2]
    private static let prices = [1, 2, 3, 4, 5]
    /// Two trades, each one of pair × size at price 3; then two prices.
    public static let count = 12 * 12 * 5 * 5

    public init() {}

    /// Runs one; the first difference, or nil.
    public func run(_ number: Int) -> String? {
        var rest = number
        func draw(_ bound: Int) -> Int {
            defer { rest /= bound }
            return rest % bound
        }
        let comparison = Comparison()
        for command in SmallWorlds.setUp {
            if let difference = comparison.step(TimedCommand(command: command, at: 0)) { return difference }
        }
        var commands: [Command] = []
        for _ in 0..<2 {
            let pair = SmallWorlds.pairs[draw(3)]
            let size = SmallWorlds.sizes[draw(4)]
            commands.append(.placeOrder(order(pair.0, buy: size > 0, abs(size), resting: true)))
            commands.append(.placeOrder(order(pair.1, buy: size < 0, abs(size), resting: false)))
        }
        commands.append(.price(price(SmallWorlds.prices[draw(5)])))
        commands.append(.price(price(SmallWorlds.prices[draw(5)])))
        for command in commands {
            if let difference = comparison.step(TimedCommand(command: command, at: 0)) { return difference }
        }
        return nil
    }

    private func order(_ account: Int, buy: Bool, _ size: Int, resting: Bool) -> PlaceOrder {
        var c = PlaceOrder()
        c.account = AccountID(Int32(3 + account))
        c.market = MarketID(0)
        c.side = buy ? .buy : .sell
        c.price = Price(3)
        c.quantity = Quantity(Int64(size))
        c.timeInForce = resting ? .gtc : .ioc
        return c
    }

    private func price(_ ticks: Int) -> PriceUpdate {
        return PriceUpdate(market: MarketID(0), price: Price(Int64(ticks)))
    }

    /// A market at 20× with a unit of 100, three accounts that can just bear their positions.
    private static var setUp: [Command] {
        var market = MarketSpecification()
        market.symbol.set(0, 65)
        market.tickSize = 100
        market.lotSize = 100_000_000
        _ = market.table.append(Tier(upTo: .unlimited, maintenance: Rate(5_000_000), leverage: 20))
        market.fundingInterval = 0
        market.taker = Rate(50_000)
        var commands: [Command] = [.createMarket(market)]
        for (number, cash) in [50, 120, 400].enumerated() {
            commands.append(.openAccount(OpenAccount()))
            let deposit = Deposit(account: AccountID(Int32(3 + number)), amount: Amount(Int64(cash)))
            commands.append(.deposit(deposit))
        }
        commands.append(.price(PriceUpdate(market: MarketID(0), price: Price(3))))
        return commands
    }
}
