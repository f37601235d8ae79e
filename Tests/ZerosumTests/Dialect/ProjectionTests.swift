import ExchangeCore
import ExchangeText
import TestSupport
import Testing

@testable import BinanceDialect

@Suite("Dialect: the projection agrees with the core (WIRE-17, WIRE-23)")
struct ProjectionTests {
    /// Replays a world of the workload; calls `look` every so often.
    private func run(
        _ seed: UInt64,
        _ count: Int,
        setUp: (inout Projection) -> Void = { _ in },
        look: (borrowing Exchange, inout Projection, [StreamMessage]) -> Void
    ) {
        let world = runWorld(seed: seed, length: count)
        var exchange = Exchange(limits: world.limits.forCore)
        var projection = Projection()
        var events = EventBuffer()
        var sent: [StreamMessage] = []
        var isSetUp = false
        for (number, timed) in world.commands.enumerated() {
            let sequence = Int64(exchange.nextSequence) + timed.distance
            events.removeAll()
            _ = exchange.apply(
                timed.command,
                sequence: UInt64(max(0, sequence)),
                at: Timestamp(timed.at),
                into: &events
            )
            if events.count == 0 { continue }
            sent += projection.apply(events, of: [timed.command])
            if !isSetUp && exchange.accountCount > 5 {
                setUp(&projection)
                isSetUp = true
            }
            sent += projection.flush(at: exchange.now)
            if number % 10 == 9 || number == world.commands.count - 1 {
                look(exchange, &projection, sent)
                sent.removeAll()
            }
        }
    }

    private func reply(_ projection: Projection, _ query: Query, _ account: AccountID = .none) -> JSONValue {
        let intent = Intent(operation: .ping, account: account, form: .query(query))
        let reply = projection.reply(to: intent, at: Timestamp(0))
        return (try? JSONParser.parse(reply.body[...], stringLimit: 4_096)) ?? .null
    }

    @Test("Its books are the core's after random commands", arguments: [1, 2, 3] as [UInt64])
    func books(_ seed: UInt64) {
        run(seed, 800) { exchange, projection, _ in
            for number in 0..<exchange.marketCount {
                let id = MarketID(number)
                guard let entry = projection.directory[id] else { return }
                // Every print is in one aggregate, of its own market.
                let record = projection.markets[Int(number)]
                #expect(record.trades.last?.id == record.aggregates.last?.last)
                #expect(record.openInterest == exchange.marketView(id)?.openInterest.lots)
                #expect(record.mark == exchange.marketView(id)?.mark)
                for (side, name) in [(Side.buy, "bids"), (.sell, "asks")] {
                    var levels: [[JSONValue]] = []
                    exchange.forEachLevel(id, side, count: 1_000) { price, lots in
                        var writer = JSONWriter()
                        writer.beginArray()
                        writer.fixed(entry.units(price), decimals: entry.pricePrecision)
                        writer.fixed(entry.units(lots), decimals: entry.quantityPrecision)
                        writer.endArray()
                        levels.append((try? JSONParser.parse(writer.bytes))?.elements ?? [])
                    }
                    let shown = reply(projection, .depth(id, limit: 1_000))[name]?.elements.map(\.elements)
                    #expect(shown == levels)
                }
            }
        }
    }

    @Test(
        "Diffs applied to a snapshot are the book, whenever the snapshot was taken",
        arguments: [1, 3, 14] as [UInt64]
    )
    func diffs(_ seed: UInt64) throws {
        let id = MarketID(0)
        let name = StreamName.depth(id, .atOnce)
        var books: [String: [String: String]] = [:]
        var lastID: Int64 = -1
        var applied = 0
        run(seed, 1_600, setUp: { $0.listen(to: name, now: 0) }) { _, projection, sent in
            for message in sent where message.audience == .stream(name) {
                guard let diff = try? JSONParser.parse(message.bytes[...], stringLimit: 4_096),
                    let first = diff["U"]?.text.flatMap({ Int64($0) }),
                    let last = diff["u"]?.text.flatMap({ Int64($0) }), lastID >= 0, last >= lastID
                else { continue }
                #expect(first <= lastID)
                #expect(applied == 0 || diff["pu"]?.text == String(lastID))
                lastID = last
                applied += 1
                for (key, side) in [("b", "bids"), ("a", "asks")] {
                    for level in diff[key]?.elements ?? [] {
                        let price = level[path: "0"]?.text ?? ""
                        let lots = level[path: "1"]?.text ?? ""
                        books[side, default: [:]][price] =
                            lots.contains { $0 != "0" && $0 != "." } ? lots : nil
                    }
                }
            }
            let snapshot = reply(projection, .depth(id, limit: 1_000))
            func sides() -> [String: [String: String]] {
                var sides: [String: [String: String]] = [:]
                for side in ["bids", "asks"] {
                    for level in snapshot[side]?.elements ?? [] {
                        sides[side, default: [:]][level[path: "0"]?.text ?? ""] = level[path: "1"]?.text ?? ""
                    }
                }
                return sides
            }
            let number = snapshot["lastUpdateId"]?.text.flatMap { Int64($0) } ?? 0
            if lastID < 0 {
                lastID = number
                books = sides()
            } else if number == lastID {
                #expect(books["bids"] ?? [:] == sides()["bids"] ?? [:])
                #expect(books["asks"] ?? [:] == sides()["asks"] ?? [:])
            }
        }
        #expect(applied > 20)
    }

    @Test("Its balances, positions and orders are the core's", arguments: [6, 7, 8] as [UInt64])
    func balances(_ seed: UInt64) {
        run(seed, 800) { exchange, projection, _ in compare(exchange, projection) }
    }

    @Test("One that begins in the middle agrees from there on", arguments: [10, 11] as [UInt64])
    func adopting(_ seed: UInt64) {
        let world = runWorld(seed: seed, length: 600)
        var exchange = Exchange(limits: world.limits.forCore)
        var events = EventBuffer()
        var projection = Projection()
        for (number, timed) in world.commands.enumerated() {
            let sequence = UInt64(max(0, Int64(exchange.nextSequence) + timed.distance))
            events.removeAll()
            _ = exchange.apply(timed.command, sequence: sequence, at: Timestamp(timed.at), into: &events)
            if number == 300 {
                projection = Projection(of: exchange, at: exchange.now)
            } else if number > 300 && events.count > 0 {
                _ = projection.apply(events, of: [timed.command])
            }
            if number >= 300 && number % 20 == 0 { compare(exchange, projection) }
        }
        for number in 0..<exchange.marketCount {
            let book = projection.markets[Int(number)].bids
            var levels = 0
            exchange.forEachLevel(MarketID(number), .buy, count: Int.max) { price, lots in
                #expect(book.lots(at: price.ticks) == lots.lots)
                levels += 1
            }
            #expect(book.count == levels)
        }
    }

    private func compare(_ exchange: borrowing Exchange, _ projection: Projection) {
        for number in AccountID.firstUser.raw..<exchange.accountCount {
            let account = AccountID(number)
            let held = projection.holdings(of: account)
            #expect(held.cash == exchange.accountView(account)?.cash)
            var positions: Set<HeldPosition> = []
            exchange.forEachPosition(of: account) { leg in
                if leg.size.lots == 0 && leg.isolatedCash.units == 0 { return }
                positions.insert(
                    HeldPosition(
                        market: leg.market,
                        side: leg.positionSide,
                        size: leg.size,
                        entryNotional: leg.entryNotional,
                        isolatedCash: leg.isolatedCash
                    )
                )
            }
            let known = held.positions.filter { $0.size.lots != 0 || $0.isolatedCash.units != 0 }
            #expect(Set(known) == positions)
            var orders: Set<HeldOrder> = []
            exchange.forEachOrder(of: account) { order in
                orders.insert(
                    HeldOrder(
                        id: order.id,
                        quantity: order.quantity,
                        filled: order.filled,
                        price: order.price
                    )
                )
            }
            #expect(Set(held.openOrders) == orders)
        }
    }

    @Test("The same commands give the same messages, in the same order (DET-1)")
    func deterministic() {
        func messages() -> [StreamMessage] {
            var all: [StreamMessage] = []
            run(
                9,
                1_000,
                setUp: { projection in
                    for text in StreamTests.names {
                        // Markets of these worlds are named A, B, C.
                        let own = "a" + text.dropFirst(text.hasPrefix("btcusdt") ? 7 : 0)
                        let known = text.hasPrefix("btcusdt") ? own : text
                        if let name = StreamName(known, projection.directory) {
                            projection.listen(to: name, now: 0)
                        }
                    }
                    for account in AccountID.firstUser.raw..<(AccountID.firstUser.raw + 6) {
                        projection.listen(to: AccountID(account))
                    }
                },
                look: { _, _, sent in all += sent }
            )
            return all
        }
        let first = messages()
        #expect(first.count > 1_000)
        #expect(first == messages())
        for message in first {
            #expect((try? JSONParser.parse(message.bytes[...], stringLimit: 4_096)) != nil)
        }
    }

    @Test("Orders that ended long ago are forgotten, and their names with them")
    func bounded() {
        var limits = ProjectionLimits()
        limits.endedOrders = 5
        limits.trades = 3
        limits.userTrades = 4
        limits.income = 2
        let venue = DialectVenue(limits: limits)
        venue.addMarket("BTCUSDT", tick: 10_000_000, lot: 100_000)
        for _ in 0..<3 { venue.apply(.openAccount(OpenAccount())) }
        venue.deposit(DialectVenue.alice, 10_000)
        venue.deposit(DialectVenue.bob, 10_000)
        venue.price("50000")
        for number in 0..<20 {
            venue.order(
                "side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.001&price=50000",
                as: DialectVenue.bob
            )
            venue.order("side=BUY&type=MARKET&quantity=0.001&newClientOrderId=n\(number)")
        }
        #expect(venue.call("GET", "/fapi/v1/allOrders", "symbol=BTCUSDT").elements.count == 5)
        #expect(venue.call("GET", "/fapi/v1/userTrades", "symbol=BTCUSDT").elements.count == 4)
        #expect(venue.call("GET", "/fapi/v1/trades", "symbol=BTCUSDT").elements.count == 3)
        #expect(venue.call("GET", "/fapi/v1/income").elements.count == 2)
        let old = venue.call("GET", "/fapi/v1/order", "symbol=BTCUSDT&origClientOrderId=n3")
        #expect(old["code"] == .number("-2013"))
        let new = venue.call("GET", "/fapi/v1/order", "symbol=BTCUSDT&origClientOrderId=n19")
        #expect(new["status"] == .string("FILLED"))
    }
}
