import ExchangeCore
import Foundation
import Testing

/// The 34 edge cases of a public matching benchmark on which independent engines agree (BK-1 to BK-8).
///
/// They lie beside the project, not in it: without them the suite is skipped, and the scenario files
/// `order-*.jsonl` cover the same behaviours.
@Suite("Conformance: 34 cases that independent engines agree on (BK-1, BK-2, BK-3, BK-4, BK-7, BK-8)")
struct ConformanceTests {
    static let path = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("shared/data/matching/conformance-cases.json")

    static var isPresent: Bool { FileManager.default.fileExists(atPath: path.path) }

    struct File: Decodable { var cases: [Case] }
    struct Case: Decodable, CustomTestStringConvertible {
        var name: String
        var messages: [Message]
        var reports: [String]
        var testDescription: String { name }

        private enum Key: CodingKey { case name, messages, reports }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Key.self)
            name = try container.decode(String.self, forKey: .name)
            if let listed = try? container.decode([Message].self, forKey: .messages) {
                messages = listed
                reports = try container.decode([String].self, forKey: .reports)
                return
            }
            // The deep sweep is only described: 5,000 sells of one lot at one price, and a buy of them
            // all. The reports written here have the SHA-256 that the file gives for it,
            // 8c1ce06a623efd347e9bfd1321c9032e6910cd222058fffe2e48b977c773430f.
            messages = (1...5_000).map { Message("sell", 1, $0) } + [Message("buy", 5_000, 5_001)]
            reports =
                (0..<5_000).map { "0,\($0),1,\($0 + 1),100,1" } + ["0,5000,0,5001,100,5000"]
                + (1...5_000).map { "1,5000,100,1,\($0),5001" }
        }
    }
    struct Message: Decodable {
        var type: String
        var side: String
        var ioc: Bool
        var qty: Int64
        var orderID: Int64
        var priceTicks: Int64

        private enum CodingKeys: String, CodingKey {
            case type, side, ioc, qty
            case orderID = "order_id"
            case priceTicks = "price_ticks"
        }

        init(_ side: String, _ quantity: Int64, _ order: Int64) {
            type = "new"
            self.side = side
            ioc = false
            qty = quantity
            orderID = order
            priceTicks = 100
        }
    }

    static var cases: [Case] {
        guard let data = try? Data(contentsOf: path) else { return [] }
        return (try? JSONDecoder().decode(File.self, from: data).cases) ?? []
    }

    @Test("All 34 are there", .enabled(if: isPresent, "needs ../shared/data/matching"))
    func count() { #expect(Self.cases.count == 34) }

    @Test("A case's reports", .enabled(if: isPresent, "needs ../shared/data/matching"), arguments: cases)
    func conforms(_ it: Case) {
        var venue = Venue()
        for (number, message) in it.messages.enumerated() { venue.take(message, number) }
        #expect(venue.reports == it.reports)
    }

    /// An exchange on which every order has an account of its own, so that nobody meets himself.
    struct Venue: ~Copyable {
        var exchange = Exchange()
        var events = EventBuffer()
        private var lines: [(sequence: Int, type: Int, text: String)] = []
        /// What the benchmark calls an order: by our number.
        private var names: [Int64: Message] = [:]
        private var numbers: [Int64: OrderID] = [:]
        private var filled: [Int64: Int64] = [:]
        private var accounts: [Int64: AccountID] = [:]

        init() {
            var market = MarketSpecification()
            market.symbol.set(0, 84)
            market.tickSize = 1
            market.lotSize = 100_000_000
            market.fundingInterval = 0
            // Prices of the cases lie anywhere.
            market.priceBand = .zero
            _ = market.table.append(Tier(upTo: .unlimited, maintenance: Rate(500_000), leverage: 100))
            send(.createMarket(market))
            send(.price(PriceUpdate(market: MarketID(0), price: Price(100))))
        }

        private mutating func send(_ command: Command) {
            events.removeAll()
            _ = exchange.apply(command, sequence: exchange.nextSequence, at: Timestamp(0), into: &events)
        }

        var reports: [String] {
            lines.enumerated()
                .sorted {
                    ($0.element.sequence, $0.element.type, $0.offset) < (
                        $1.element.sequence, $1.element.type, $1.offset
                    )
                }
                .map(\.element.text)
        }

        private mutating func account(of order: Int64) -> AccountID {
            if let known = accounts[order] { return known }
            send(.openAccount(OpenAccount()))
            let made = AccountID(exchange.accountCount - 1)
            send(.deposit(Deposit(account: made, amount: Amount(1_000_000_000_000))))
            accounts[order] = made
            return made
        }

        mutating func take(_ message: Message, _ number: Int) {
            let account = account(of: message.orderID)
            let side: Side = message.side == "buy" ? .buy : .sell
            switch message.type {
            case "new":
                var order = PlaceOrder()
                order.account = account
                order.market = MarketID(0)
                order.side = side
                order.price = Price(message.priceTicks)
                order.quantity = Quantity(message.qty)
                order.timeInForce = message.ioc ? .ioc : .gtc
                // The benchmark's own name: one in use is refused, one that is free again is not.
                for byte in String(message.orderID).utf8 { _ = order.clientID.append(byte) }
                send(.placeOrder(order))
            case "cancel":
                var cancel = CancelOrder()
                cancel.account = account
                cancel.market = MarketID(0)
                cancel.order = numbers[message.orderID] ?? .none
                send(.cancelOrder(cancel))
            default:
                var amend = AmendOrder()
                amend.account = account
                amend.market = MarketID(0)
                amend.order = numbers[message.orderID] ?? .none
                amend.price = Price(message.priceTicks)
                amend.quantity = Quantity(message.qty + (filled[message.orderID] ?? 0))
                send(.amendOrder(amend))
            }
            report(message, number)
        }

        private mutating func report(_ message: Message, _ number: Int) {
            var seen: [Event] = []
            events.forEach { seen.append($0) }
            for event in seen { line(event, message, number) }
        }

        private mutating func add(_ number: Int, _ type: Int, _ rest: [Int64]) {
            let text = ([Int64(type), Int64(number)] + rest).map(String.init).joined(separator: ",")
            lines.append((number, type, text))
        }

        private mutating func line(_ event: Event, _ message: Message, _ number: Int) {
            switch event {
            case .orderAccepted(let it):
                numbers[message.orderID] = it.order
                names[it.order.raw] = message
                add(number, 0, [Int64(it.side.rawValue), message.orderID, it.price.ticks, it.quantity.lots])
            case .trade(let it):
                let maker = names[it.makerOrder.raw]?.orderID ?? 0
                filled[maker, default: 0] += it.quantity.lots
                filled[message.orderID, default: 0] += it.quantity.lots
                add(number, 1, [it.price.ticks, it.quantity.lots, maker, message.orderID])
            case .orderCanceled(let it):
                let name = names[it.order.raw] ?? message
                let price =
                    it.reason == .immediateOrCancel
                    ? message.priceTicks : lastPrice[it.order.raw] ?? name.priceTicks
                add(number, 2, [name.side == "buy" ? 0 : 1, name.orderID, price])
            case .orderAmended(let it):
                lastPrice[it.order.raw] = it.price.ticks
                add(
                    number,
                    3,
                    [message.side == "buy" ? 0 : 1, message.orderID, it.price.ticks, message.qty]
                )
            case .outcome(let it) where it.status != .ok && message.type == "cancel":
                add(number, 4, [message.orderID])
            case .outcome(let it) where it.status != .ok && message.type == "modify":
                add(number, 5, [message.orderID])
            default: break
            }
        }

        private var lastPrice: [Int64: Int64] = [:]
    }
}
