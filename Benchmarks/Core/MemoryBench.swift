import ExchangeCore
import Foundation

/// Bytes of resident memory an account with one position, and a resting order, add to an exchange.
enum MemoryBench {
    /// Resident bytes of this process.
    private static var resident: Int {
        guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return 0 }
        let fields = text.split(separator: " ")
        return fields.count > 1 ? (Int(fields[1]) ?? 0) * 4_096 : 0
    }

    /// Opens `accounts` accounts, gives each one position, then each `orders` resting orders spread over
    /// 1,000 prices. Returns bytes an account and an order.
    static func run(accounts: Int, orders: Int) -> (account: Double, order: Double) {
        var venue = MemoryVenue()
        let empty = resident
        for account in 0..<accounts { venue.open(account) }
        var account = 0
        while account + 1 < accounts {
            venue.trade(seller: account, buyer: account + 1)
            account += 2
        }
        let held = resident
        for index in 0..<(accounts * orders) { venue.rest(index % accounts, index) }
        let full = resident
        let count = Double(accounts)
        return (Double(held - empty) / count, Double(full - held) / (count * Double(orders)))
    }
}

/// An exchange with one market that is filled command by command, keeping nothing else.
private struct MemoryVenue: ~Copyable {
    private var exchange = Exchange()
    private var events = EventBuffer(capacity: 1 << 16)

    init() {
        var specification = MarketSpecification()
        var symbol = Symbol(low: 0, high: 0)
        symbol.set(0, UInt8(ascii: "M"))
        specification.symbol = symbol
        specification.tickSize = 10_000
        specification.lotSize = 100_000
        _ = specification.table.append(Tier(upTo: .unlimited, maintenance: Rate(500_000), leverage: 100))
        specification.fundingInterval = 0
        specification.staleAfter = Timestamp.latest.microseconds
        send(.createMarket(specification))
        send(.price(PriceUpdate(market: MarketID(0), price: Price(100_000))))
    }

    private mutating func send(_ command: Command) {
        events.removeAll()
        let sequence = exchange.nextSequence
        let status = exchange.apply(command, sequence: sequence, at: Timestamp(0), into: &events)
        precondition(status == .ok, "the benchmark's own command is refused")
    }

    mutating func open(_ account: Int) {
        send(.openAccount(OpenAccount()))
        var deposit = Deposit()
        deposit.account = AccountID(AccountID.firstUser.raw + Int32(account))
        deposit.amount = Amount(1_000_000_000)
        send(.deposit(deposit))
    }

    private func order(_ account: Int, _ side: Side, _ price: Int64) -> PlaceOrder {
        var order = PlaceOrder()
        order.account = AccountID(AccountID.firstUser.raw + Int32(account))
        order.market = MarketID(0)
        order.side = side
        order.price = Price(price)
        order.quantity = Quantity(10)
        return order
    }

    mutating func trade(seller: Int, buyer: Int) {
        send(.placeOrder(order(seller, .sell, 100_000)))
        send(.placeOrder(order(buyer, .buy, 100_000)))
    }

    mutating func rest(_ account: Int, _ index: Int) {
        send(.placeOrder(order(account, .buy, 99_000 - Int64(index % 1_000))))
    }
}
