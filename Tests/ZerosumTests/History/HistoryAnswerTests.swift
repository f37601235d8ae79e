import ExchangeCore
import ExchangeText
import Foundation
import ReadModel
import TestSupport
import Testing

@testable import BinanceDialect
@testable import ExchangeHistory
@testable import ExchangeServer

@Suite("History: answers")
struct HistoryAnswerTests {
    private static let identity = HistoryIdentity(journal: "a", origin: 0, format: 1)

    /// A world seen by a projection that keeps nearly nothing and has a history, and by one that keeps all.
    private final class World {
        var small: Projection
        var large: Projection
        var exchange: Exchange
        let database: HistoryDatabase
        let directory = ServerVenue.temporaryDirectory()
        var random: SplitMix64
        /// Questions that memory had no answer to.
        var beyond: [String: Int] = [:]
        private var groups: UInt64 = 0

        static var tight: ProjectionLimits {
            var limits = ProjectionLimits()
            limits.endedOrders = 3
            limits.userTrades = 2
            limits.income = 3
            limits.changes = 1
            limits.trades = 3
            limits.klines = 2
            limits.funding = 1
            return limits
        }

        init(_ seed: UInt64, _ limits: Limits) throws {
            exchange = Exchange(limits: limits)
            small = Projection(limits: World.tight)
            large = Projection(limits: .none)
            random = SplitMix64(seed: seed)
            database = try HistoryDatabase(
                creating: directory + "/history.sqlite",
                HistoryAnswerTests.identity,
                from: HistoryMark(sequence: 0, chain: "")
            )
        }

        deinit {
            database.close()
            try? FileManager.default.removeItem(atPath: directory)
        }

        func apply(_ timed: TimedCommand) {
            var events = EventBuffer()
            let sequence = max(0, Int64(exchange.nextSequence) + timed.distance)
            _ = exchange.apply(
                timed.command,
                sequence: UInt64(sequence),
                at: Timestamp(timed.at),
                into: &events
            )
            if events.count == 0 { return }
            small.isKeeping = true
            _ = small.apply(events, of: [timed.command])
            _ = large.apply(events, of: [timed.command])
        }

        /// Writes what was collected; now and then the small one is put down and taken up again as a view.
        func write() throws {
            groups += 1
            let rows = ViewRows(dialect: small.takeKept())
            try database.add([rows], upTo: HistoryMark(sequence: groups, chain: "\(groups)"), isSynced: false)
            if random.chance(40) {
                var writer = ByteWriter()
                small.encodeView(into: &writer)
                let limits = World.tight
                let taken = writer.withBytes { bytes -> Projection? in
                    var reader = ByteReader(copying: bytes)
                    return Projection(view: &reader, limits: limits)
                }
                small = try #require(taken)
            }
        }

        /// What memory with the history behind it says.
        func answer(_ query: Query, _ account: AccountID, _ now: Timestamp) throws -> [UInt8] {
            let intent = Intent(operation: .ping, account: account, form: .query(query))
            guard let more = small.beyond(intent, at: now) else {
                return small.reply(to: intent, at: now).body
            }
            beyond["\(query)".prefix { $0 != "(" }.description, default: 0] += 1
            let found = try database.read(more.questions).rows
            return more.reply(found).body
        }

        func page(_ numbers: ClosedRange<Int64>?, _ now: Int64) -> Page {
            var page = Page(limit: random.pick([1, 2, 3, 7, 30, 500]))
            // Often at the very moment of a row: bounds are exact or wrong.
            let times = large.markets.flatMap { market in
                (0..<market.trades.count).map { market.trades[$0].time }
            }
            let past = {
                self.random.chance(60) && !times.isEmpty
                    ? self.random.pick(times) + Int64(self.random.within(-1...1))
                    : now - Int64(self.random.below(Int(max(1, min(now, 4_000_000)))))
            }
            switch random.below(6) {
            case 0: break
            case 1:
                if let numbers {
                    page.from = numbers.lowerBound + Int64(random.below(Int(numbers.count)))
                }
            case 2: page.span.start = past()
            case 3: page.span.end = past()
            case 4:
                let (one, other) = (past(), past())
                page.span = TimeSpan(start: min(one, other), end: max(one, other))
            default:
                page.span.start = 0
            }
            return page
        }

        /// Any query of those that a history serves.
        func query(_ now: Int64) -> (Query, AccountID) {
            let account = AccountID(Int32(random.within(3...max(3, Int(exchange.accountCount)))))
            let market = MarketID(Int32(random.below(Int(max(1, exchange.marketCount)))))
            let some: MarketID? = random.chance(50) ? market : nil
            let orders: ClosedRange<Int64> = 0...max(1, large.lastOrder + 2)
            let all = Int(market.raw) < large.markets.count ? large.markets[Int(market.raw)].lastTrade : 0
            let trades: ClosedRange<Int64> = 0...max(1, all + 1)
            let interval = random.pick(Interval.allCases)
            switch random.below(16) {
            case 0: return (.order(market, reference(orders), isOpen: random.chance(10)), account)
            case 1: return (.algoOrder(reference(orders)), account)
            case 2, 3: return (.allOrders(some, page(orders, now)), account)
            case 4: return (.allAlgoOrders(market, page(orders, now)), account)
            case 5:
                let kind = random.pick([nil, ForceOrderKind.liquidation, .deleveraging])
                return (.forceOrders(some, kind, page(nil, now)), account)
            case 6, 7:
                let order = OrderID(random.chance(20) ? reference(orders).id.raw : 0)
                return (.userTrades(market, order: order, page(trades, now)), account)
            case 8:
                var filter = IncomeFilter()
                filter.market = some
                filter.kind = random.chance(50) ? random.pick(IncomeKind.allCases) : nil
                filter.page = page(nil, now)
                if random.chance(30) {
                    filter.page.span.start = filter.page.span.start ?? 0
                    filter.page.skipped = random.below(4) * filter.page.limit
                }
                return (.income(filter), account)
            case 9: return (.amendments(market, reference(orders), page(nil, now)), account)
            case 10:
                return (.marginHistory(market, type: random.pick([nil, 1, 2]), page(nil, now)), account)
            case 11: return (.trades(market, page(trades, now)), .none)
            case 12: return (.aggregateTrades(market, page(trades, now)), .none)
            case 13: return (.fundingRates(some, page(nil, now)), .none)
            case 14:
                let series = random.pick(KlineSeries.allCases)
                return (.klines(series, market, interval, page(nil, now)), .none)
            default:
                switch random.below(3) {
                case 0: return (.takerRatio(market, interval, page(nil, now)), .none)
                case 1: return (.basis(market, interval, page(nil, now)), .none)
                default: return (.openInterestHistory(market, interval, page(nil, now)), .none)
                }
            }
        }

        private func reference(_ orders: ClosedRange<Int64>) -> OrderReference {
            var reference = OrderReference()
            let named = large.names.keys.map(\.clientID.text).sorted()
            if random.chance(30), !named.isEmpty, let name = ClientID(random.pick(named)) {
                reference.clientID = name
            } else if random.chance(20) {
                let made = max(1, Int(large.lastForced - Projection.firstForced))
                reference.id = OrderID(Projection.firstForced + Int64(random.below(made + 1)))
            } else {
                reference.id = OrderID(Int64(random.below(orders.count)))
            }
            return reference
        }
    }

    @Test(
        "HIST-6, HIST-5, HIST-2 A little memory with a history says to the byte what unbounded memory says",
        arguments: [1, 2, 3, 5, 8, 21] as [UInt64]
    )
    func sameBytes(_ seed: UInt64) throws {
        var options = WorldOptions()
        options.crashes = seed % 2 == 0
        let drawn = runWorld(seed: seed, length: 1_800, options: options)
        let world = try World(seed, drawn.limits.forCore)
        for (number, timed) in drawn.commands.enumerated() {
            world.apply(timed)
            if number % 30 != 29 { continue }
            try world.write()
            let at = world.exchange.now
            for _ in 0..<60 {
                let (query, account) = world.query(at.microseconds / 1_000)
                let intent = Intent(operation: .ping, account: account, form: .query(query))
                let expected = world.large.reply(to: intent, at: at).body
                let told = try world.answer(query, account, at)
                if told != expected {
                    Issue.record(
                        """
                        command \(number), \(query) of \(account.raw):
                        \(String(decoding: told, as: UTF8.self))
                        and not
                        \(String(decoding: expected, as: UTF8.self))
                        """
                    )
                    return
                }
            }
        }
        // A comparison that memory alone passes would prove nothing.
        for kind in ["order", "allOrders", "userTrades", "income", "klines", "trades", "aggregateTrades"] {
            #expect(world.beyond[kind, default: 0] > 0, "\(kind) never went to the history")
        }
        try world.database.check { true }
    }

    @Test("HIST-6 Without the history the newest rows are told as far as they go, and nothing is called none")
    func pending() throws {
        let drawn = runWorld(seed: 3, length: 600)
        let world = try World(3, drawn.limits.forCore)
        for timed in drawn.commands { world.apply(timed) }
        let at = world.exchange.now
        var refused = 0
        var partial = 0
        for _ in 0..<2_000 {
            let (query, account) = world.query(at.microseconds / 1_000)
            let intent = Intent(operation: .ping, account: account, form: .query(query))
            guard let beyond = world.small.beyond(intent, at: at) else { continue }
            let told = beyond.reply(nil as [[HistoryRow]]?)
            if told.httpStatus == 503 {
                refused += 1
                continue
            }
            partial += 1
            // A true end of the whole answer: never an empty list, never a list from its start.
            #expect(query.page?.isFromStart == false)
            #expect(told.body.count > 2)
            let whole = world.large.reply(to: intent, at: at).body
            if case .amendments = query {
                // The newest come first.
                #expect(whole.starts(with: told.body.dropLast()), "\(query)")
                continue
            }
            #expect(whole.reversed().starts(with: told.body.dropFirst().reversed()), "\(query)")
        }
        #expect(refused > 0 && partial > 0)
    }
}
