public import ExchangeCore

/// What the demo needs to know of a market.
public struct DemoMarket: Sendable {
    /// The market.
    public var market: MarketID
    /// How many price sources it has.
    public var sources: Int32
    /// Lots that are worth about a thousand of the quote currency.
    public var thousand: Quantity
    /// Where its price begins.
    public var start: Price

    /// A market of the demo.
    public init(market: MarketID, sources: Int32, thousand: Quantity, start: Price) {
        self.market = market
        self.sources = sources
        self.thousand = thousand
        self.start = start
    }
}

/// Makers, takers and leveraged holders, and the prices that they live by: what happens in a playground
/// when nobody does anything.
///
/// A pure machine: each `second` it says what is to be done, and looks at nothing but what it is told.
public struct DemoPopulation: Sendable {
    /// Accounts that quote.
    public static let makers = 3
    /// Accounts that buy and sell a little.
    public static let takers = 5
    /// Accounts with positions of many times their money.
    public static let holders = 36
    /// Accounts that offer to take over what is liquidated.
    public static let volunteers = 2
    /// All of them.
    public static var accounts: Int { makers + takers + holders + volunteers }
    /// Seconds within which the holders take their first positions.
    private static let opening = 30

    private let markets: [DemoMarket]
    private let accounts: [AccountID]
    private var paths: [SyntheticPath]
    private var numbers: SeededNumbers
    private var second = 0

    /// - Parameters:
    ///   - accounts: `DemoPopulation.accounts` of them, which nobody else uses.
    ///   - marks: the latest price of each market, or none; paths go on from there.
    public init(seed: UInt64, markets: [DemoMarket], accounts: [AccountID], marks: [Price]) {
        self.markets = markets
        self.accounts = accounts
        numbers = SeededNumbers(seed: seed ^ 0xDE30)
        paths = markets.indices.map { index in
            SyntheticPath(
                seed: seed &+ UInt64(index),
                from: marks[index] == .none ? markets[index].start : marks[index]
            )
        }
    }

    /// What every account of the demo gets when it is opened, in 10⁻⁸.
    public static func deposit(of index: Int) -> Amount {
        index < makers
            ? Amount(2_000_000_00000000)
            : index < makers + takers || index >= makers + takers + holders
                ? Amount(20_000_00000000) : Amount(2_000_00000000)
    }

    /// Shocks a market, or all.
    public mutating func begin(_ crash: Crash, in market: MarketID?) {
        for index in markets.indices where market == nil || markets[index].market == market {
            paths[index].begin(crash)
        }
    }

    /// What is done in the next second: at most about `budget` commands, prices first.
    ///
    /// - Parameter positions: size of the position of each account in each market, by index.
    public mutating func step(budget: Int, sizes: (Int, Int) -> Quantity) -> [Command] {
        second += 1
        var commands: [Command] = []
        for index in markets.indices { commands += prices(index) }
        if second == 1 { commands += offers() }
        for index in markets.indices where paths[index].liquidity < 100 {
            commands += retreat(index) + quotes(second % DemoPopulation.makers, index)
        }
        for maker in 0..<DemoPopulation.makers where commands.count + 11 <= budget {
            let index = (second + maker) % max(1, markets.count)
            if maker == second / max(1, markets.count) % DemoPopulation.makers || second <= markets.count {
                commands += quotes(maker, index)
            }
        }
        if second > 2 && second <= DemoPopulation.opening && commands.count + 2 <= budget {
            commands += [hold(sizes), hold(sizes)]
        }
        while commands.count < budget {
            commands.append(numbers.below(3) == 0 ? hold(sizes) : take())
            if numbers.below(3) == 0 { break }
        }
        return commands
    }

    private mutating func prices(_ index: Int) -> [Command] {
        let price = paths[index].step()
        return (0..<markets[index].sources).map { source in
            var update = PriceUpdate(market: markets[index].market, source: source)
            // Sources differ by a few hundredths of a per cent.
            let noise = price.ticks / 10_000 * numbers.around(2) / 2
            update.price = Price(min(max(1, price.ticks + noise), Price.highest.ticks))
            return .price(update)
        }
    }

    /// A maker takes its quotes back and puts new ones round the price.
    private mutating func quotes(_ maker: Int, _ index: Int) -> [Command] {
        let market = markets[index]
        var commands: [Command] = [.cancelAll(CancelAll(account: accounts[maker], market: market.market))]
        let middle = paths[index].now.ticks
        let liquidity = paths[index].liquidity
        let step = max(1, middle / 8_000)
        for level in 0..<5 {
            let lots = market.thousand.lots * Int64(2 + level * level * 2) * liquidity / 100
            if lots < 1 { continue }
            let distance = step * Int64(level * level + 1) + numbers.below(step + 1)
            for side in [Side.buy, .sell] {
                var order = order(accounts[maker], market.market, side, lots)
                order.type = .limit
                order.timeInForce = .gtx
                order.price = Price(max(1, middle - side.sign * distance))
                commands.append(.placeOrder(order))
            }
        }
        return commands
    }

    /// While a price crashes no maker leaves a quote where it was.
    private func retreat(_ index: Int) -> [Command] {
        accounts.prefix(DemoPopulation.makers).map { maker in
            return .cancelAll(CancelAll(account: maker, market: markets[index].market))
        }
    }

    /// What volunteers offer, on both sides of every market: the first of them for less than the second.
    private func offers() -> [Command] {
        var commands: [Command] = []
        for (place, volunteer) in accounts.suffix(DemoPopulation.volunteers).enumerated() {
            for market in markets {
                for side in [Side.buy, .sell] {
                    let offer = Offer(
                        account: volunteer,
                        market: market.market,
                        side: side,
                        quantity: Quantity(market.thousand.lots * 15),
                        edge: Rate(Int64(place + 1) * 200_000)
                    )
                    commands.append(.offer(offer))
                }
            }
        }
        return commands
    }

    private func order(_ account: AccountID, _ market: MarketID, _ side: Side, _ lots: Int64) -> PlaceOrder {
        return PlaceOrder(
            account: account,
            market: market,
            side: side,
            type: .market,
            timeInForce: .ioc,
            quantity: Quantity(max(1, lots))
        )
    }

    /// A taker buys or sells a little.
    private mutating func take() -> Command {
        let index = Int(numbers.below(Int64(markets.count)))
        let taker = DemoPopulation.makers + Int(numbers.below(Int64(DemoPopulation.takers)))
        let lots = markets[index].thousand.lots * (1 + numbers.below(20)) / 10
        return .placeOrder(
            order(accounts[taker], markets[index].market, numbers.below(2) == 0 ? .buy : .sell, lots)
        )
    }

    /// A holder opens a position of many times its money, or now and then closes it.
    private mutating func hold(_ sizes: (Int, Int) -> Quantity) -> Command {
        let first = DemoPopulation.makers + DemoPopulation.takers
        let holder = first + Int(numbers.below(Int64(DemoPopulation.holders)))
        let index = holder % markets.count
        let size = sizes(holder, index)
        if size.lots != 0 {
            if numbers.below(30) != 0 { return take() }
            var close = order(
                accounts[holder],
                markets[index].market,
                size.lots > 0 ? .sell : .buy,
                abs(size.lots)
            )
            close.reduceOnly = true
            return .placeOrder(close)
        }
        let lots = markets[index].thousand.lots * (15 + numbers.below(23))
        let side: Side = numbers.below(4) == 0 ? .sell : .buy
        return .placeOrder(order(accounts[holder], markets[index].market, side, lots))
    }
}
