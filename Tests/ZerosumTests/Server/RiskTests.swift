import ExchangeCore
import ExchangeRuntime
import ExchangeText
import Foundation
import ReadModel
import Testing

@testable import ExchangeServer

/// What the page and its interface say of the market's edge, against the exchange itself.
@Suite("Server: tape, queue, vault and episodes")
struct RiskTests {
    private static func eachLine(
        of lines: [String],
        _ body: (borrowing Exchange, [Event]) throws -> Void
    ) throws {
        var runner = ScenarioRunner()
        var events = EventBuffer()
        for (index, line) in lines.enumerated() {
            events.removeAll()
            try runner.run(Array(line.utf8)[...], line: index + 1, into: &events)
            var all: [Event] = []
            events.forEach { all.append($0) }
            try body(runner.exchange, all)
        }
    }

    private static func side(_ exchange: borrowing Exchange, _ market: MarketID, isLong: Bool) -> QueueSide {
        var queued: [QueuedView] = []
        var others: [ExposureView] = []
        exchange.forEachQueued(market, longs: isLong) { queued.append($0) }
        exchange.forEachExposure(market, longs: !isLong) { others.append($0) }
        let view = exchange.marketView(market) ?? MarketView()
        return QueueSide(
            isLong: isLong,
            mark: Int128(max(0, view.mark.ticks)),
            unit: Int128(view.unitValue),
            queued: queued,
            others: others
        )
    }

    @Test("RCP-7, API-11 The tape prints a closing at what was paid, not at the mark")
    func closingOnTheTape() {
        var tape = TapeRecord()
        var closing = Closing.zero
        closing.market = MarketID(0)
        closing.kind = .deleveraging
        closing.quantity = Quantity(150)
        closing.price = Price(460_000)
        closing.paid = Price(470_000)
        tape.take(AppliedCommand(command: nil, at: Timestamp(1), events: [.closing(closing)]))
        let prints = tape.prints(of: MarketID(0), from: nil, limit: 5, isForced: false)
        #expect(prints.map(\.price) == [Price(470_000)])
    }

    @Test(
        "API-13 The board's lights are the exchange's, and its rows add up",
        arguments: StoredScenario.files
    )
    func lights(_ scenario: StoredScenario) throws {
        try Self.eachLine(of: scenario.lines) { exchange, _ in
            for market in (0..<exchange.marketCount).map({ MarketID($0) }) {
                for isLong in [true, false] {
                    let side = Self.side(exchange, market, isLong: isLong)
                    var ahead: Int128 = 0
                    for (place, row) in side.rows.enumerated() {
                        #expect(row.rank == place + 1)
                        #expect(row.ahead == ahead)
                        ahead += Int128(row.view.size.lots)
                        let lights = exchange.lights(row.view.account, market, row.view.positionSide)
                        #expect(row.lights == lights)
                    }
                    #expect(side.total == ahead)
                }
            }
        }
    }

    /// Five longs with less and less behind them, and three shorts who gain what they lose.
    ///
    /// With a hedged account besides, long thirty and short twenty, that has the margin of its net ten.
    private static func crowd(fund: String, isHedged: Bool = false) -> [String] {
        var lines = [
            #"{"do":"market","symbol":"XUSDT","tickSize":"0.01","lotSize":"1","#
                + #""maker":"0","taker":"0","#
                + #""tiers":[{"maintenance":"0.01","leverage":50}]}"#,
            #"{"do":"price","symbol":"XUSDT","source":"one","price":"100"}"#,
        ]
        if fund != "0" { lines.insert(#"{"do":"fund","amount":"\#(fund)"}"#, at: 1) }
        for (name, deposit) in [
            ("a", 60), ("b", 85), ("c", 120), ("d", 180), ("e", 260), ("x", 500), ("y", 900), ("z", 4_000),
        ] { lines.append(#"{"do":"deposit","account":"\#(name)","amount":"\#(deposit)"}"#) }
        for (long, short) in [("a", "x"), ("b", "x"), ("c", "y"), ("d", "y"), ("e", "z")] {
            for (side, name) in [("sell", short), ("buy", long)] {
                lines.append(
                    #"{"do":"order","account":"\#(name)","symbol":"XUSDT","side":"\#(side)","#
                        + #""type":"limit","price":"100","quantity":"10"}"#
                )
            }
        }
        if isHedged { lines += hedge }
        // Shorts are in profit from here on, and nobody is liquidated yet.
        return lines + [#"{"do":"price","symbol":"XUSDT","source":"one","price":"99.99"}"#]
    }

    private static let hedge: [String] = {
        var lines = [
            #"{"do":"deposit","account":"h","amount":"150"}"#,
            #"{"do":"deposit","account":"w","amount":"90000"}"#,
            #"{"do":"positionMode","account":"h","mode":"hedge"}"#,
            #"{"do":"leverage","account":"h","symbol":"XUSDT","leverage":50}"#,
        ]
        for (seller, buyer, lots) in [("z", "h", 30), ("h", "w", 20)] {
            for (side, name) in [("sell", seller), ("buy", buyer)] {
                let of = name == "h" ? #""positionSide":"\#(side == "buy" ? "LONG" : "SHORT")","# : ""
                lines.append(
                    #"{"do":"order","account":"\#(name)","symbol":"XUSDT","side":"\#(side)","# + of
                        + #""type":"limit","price":"100","quantity":"\#(lots)"}"#
                )
            }
        }
        return lines
    }()

    /// Lots that each account is deleveraged of when the mark goes to a number of ticks.
    private static func deleveraged(_ lines: [String], at ticks: Int128) throws -> [AccountID: Int64] {
        var found: [AccountID: Int64] = [:]
        let price = #"{"do":"price","symbol":"XUSDT","source":"one","price":"\#(ticks / 100)."#
        let cents = ticks % 100
        let line = price + (cents < 10 ? "0" : "") + "\(cents)\"}"
        try eachLine(of: lines + [line]) { _, events in
            for case .closing(let it) in events where it.kind == .deleveraging {
                found[it.counterparty, default: 0] += it.quantity.lots
            }
        }
        return found
    }

    @Test(
        "API-13 Where it reaches you is where the exchange deleverages you, not a tick before",
        arguments: ["0", "40", "300"],
        [false, true]
    )
    func reach(_ fund: String, isHedged: Bool) throws {
        let lines = Self.crowd(fund: fund, isHedged: isHedged)
        var side: QueueSide?
        try Self.eachLine(of: lines) { exchange, _ in
            side = Self.side(exchange, MarketID(0), isLong: false)
        }
        let board = try #require(side)
        #expect(board.rows.count == 3)
        for row in board.rows {
            let reach = try #require(board.reach(past: row.ahead))
            let there = try Self.deleveraged(lines, at: reach.price)
            let before = try Self.deleveraged(lines, at: reach.price + 1)
            let lots = (there.values.reduce(0, +), before.values.reduce(0, +))
            #expect(lots.0 > row.ahead && lots.1 <= row.ahead, "rank \(row.rank) at \(reach.price): \(lots)")
            // The first is the first whatever comes behind; each remainder is placed by scores of its own.
            if row.rank == 1 { #expect(there[row.view.account] != nil && before.isEmpty) }
            #expect(reach.deficit > 0)
        }
        #expect(board.reach(past: board.total) == nil)
    }

    @Test(
        "API-15, API-19, ADL-10 An owner's other account that paid finds receipt and episode"
    )
    func recourse() async throws {
        let lines = [
            #"{"do":"market","symbol":"XUSDT","tickSize":"1","lotSize":"1","maker":"0","taker":"0","#
                + #""tiers":[{"maintenance":"0.01","leverage":20}]}"#,
            #"{"do":"owner","account":"alice","owner":"firm"}"#,
            #"{"do":"owner","account":"ann","owner":"firm"}"#,
            #"{"do":"deposit","account":"alice","amount":"100"}"#,
            #"{"do":"deposit","account":"ann","amount":"150"}"#,
            #"{"do":"deposit","account":"bob","amount":"1000"}"#,
            #"{"do":"price","symbol":"XUSDT","source":"one","price":"100"}"#,
            #"{"do":"order","account":"bob","symbol":"XUSDT","side":"sell","price":"100","quantity":"10"}"#,
            #"{"do":"order","account":"alice","symbol":"XUSDT","side":"buy","price":"100","quantity":"10"}"#,
            #"{"do":"price","symbol":"XUSDT","source":"one","price":"80"}"#,
        ]
        try await ServerVenue.run {
            $0.configuration = lines.joined(separator: "\n")
        } _: { server in
            let receipts = try await server.own("/receipts?account=4")["receipts"]?.elements ?? []
            #expect(receipts.count == 1 && receipts.first?["account"] == .string("account-3"))
            #expect(receipts.first?[path: "sum", "recourse"] == .string("100"))
            let step = receipts.first?["steps"]?.elements.first { $0["step"] == .string("recoursePaid") }
            #expect(step?["account"] == .string("account-4") && step?["amount"] == .string("100"))
            let closing = receipts.first?["steps"]?.elements.first { $0["step"] == .string("closing") }
            #expect(closing?["paid"] == .string("80") && closing?["kept"] == .string("200"))
            let episodes = try await server.own("/episodes?account=4")["episodes"]?.elements ?? []
            #expect(episodes.first?[path: "yours", "step"] == .string("recourse"))
            #expect(episodes.first?["recourse"] == .string("100") && episodes.first?["debt"] == .string("0"))
            #expect(episodes.first?["steps"]?["recourse"] == nil)
        }
    }

    @Test(
        "API-12 The vault's record has the exchange's equity after every line",
        arguments: StoredScenario.files
    )
    func vault(_ scenario: StoredScenario) throws {
        var record = VaultRecord()
        try Self.eachLine(of: scenario.lines) { exchange, events in
            record.take(AppliedCommand(command: nil, at: exchange.now, events: events))
            var isValid = true
            for raw in 0..<exchange.marketCount {
                guard let view = exchange.marketView(MarketID(raw)) else { continue }
                if view.validity != .valid || view.latestMark != view.mark { isValid = false }
            }
            if isValid { #expect(record.equity == Int128(exchange.vaultEquity.units)) }
            #expect(
                record.flows.reduce(0) { $0 + $1.amount }
                    == (exchange.accountView(.vault).map {
                        Int128($0.cash.units)
                    } ?? 0)
            )
        }
    }

    @Test(
        "API-15 Episodes add up: steps to what was filled, shares to the deficit",
        arguments: StoredScenario.files
    )
    func episodes(_ scenario: StoredScenario) throws {
        var record = EpisodeRecord()
        var filled: Int128 = 0
        var ended = 0
        try Self.eachLine(of: scenario.lines) { exchange, events in
            let sequence = exchange.nextSequence - 1
            record.take(
                AppliedCommand(command: nil, at: exchange.now, sequence: sequence, events: events)
            )
            for event in events {
                switch event {
                case .trade(let it) where it.kind == .liquidation:
                    filled += Self.worth(exchange, it.market, it.price, it.quantity)
                case .closing(let it) where it.episode > 0:
                    filled += Self.worth(exchange, it.market, it.price, it.quantity)
                case .episodeEnded: ended += 1
                default: break
                }
            }
        }
        let rows = record.newest(.max) { _ in true }
        #expect(rows.count == ended)
        #expect(rows.reduce(0) { $0 + $1.parts.reduce(0) { $0 + $1.notional } } == filled)
        for row in rows {
            let it = row.ended
            let shares =
                it.recourse.units + it.fund.units + it.vault.units + it.givenUp.units + it.residual.units
            #expect(it.deficit.units == shares - it.rounding.units)
        }
    }

    private static func worth(
        _ exchange: borrowing Exchange,
        _ market: MarketID,
        _ price: Price,
        _ quantity: Quantity
    ) -> Int128 {
        let unit = exchange.marketView(market)?.unitValue ?? 0
        return Int128(price.ticks) * Int128(quantity.lots) * Int128(unit)
    }

    @Test(
        "API-2 Sources that count are those that the exchange takes the index of",
        arguments: StoredScenario.files
    )
    func sources(_ scenario: StoredScenario) throws {
        try Self.eachLine(of: scenario.lines) { exchange, events in
            for case .episodeBegan(let it) in events where it.round == 1 {
                var counting = 0
                exchange.forEachSource(it.trigger, at: exchange.now) { source in
                    if source.standing == .counts { counting += 1 }
                }
                #expect(counting == Int(it.sources))
            }
        }
    }

    @Test("API-11 The tape counts without gaps, names what each print was, and is the same after a restart")
    func tape() async throws {
        let directory = ServerVenue.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let told = try await ServerVenue.run(in: directory) { server in
            try await server.cascade()
            return try await server.own("/tape?symbol=TUSDT&limit=1000")["prints"]?.elements ?? []
        }
        #expect(told.compactMap { Int($0["number"]?.text ?? "") } == Array(1...told.count))
        let tags = Set(told.compactMap { $0["tag"] })
        #expect(tags.contains(.null) && tags.contains(.string("ADL")))
        try await ServerVenue.run(in: directory) { server in
            let again = try await server.own("/tape?symbol=TUSDT&limit=1000")["prints"]?.elements ?? []
            #expect(again == told)
            let some = try await server.own("/tape?symbol=TUSDT&from=2&limit=1")["prints"]?.elements ?? []
            #expect(some == [told[1]])
            let forced = try await server.own("/tape?symbol=TUSDT&forced=true")["prints"]?.elements ?? []
            #expect(forced == told.filter { $0["episode"] != .null })
            // What comes next has the next number, and episodes go on beside those from before.
            let before = try await server.own("/episodes")["episodes"]?.elements.count ?? 0
            try await server.cascade()
            let all = try await server.own("/tape?symbol=TUSDT&limit=1000")["prints"]?.elements ?? []
            #expect(all.compactMap { Int($0["number"]?.text ?? "") } == Array(1...all.count))
            #expect(all.count > told.count)
            let after = try await server.own("/episodes")["episodes"]?.elements.count ?? 0
            #expect(before > 0 && after > before)
            // A long that is closed is being sold.
            for print in forced { #expect(print["side"] == .string("SELL")) }
        }
    }

    @Test("API-10 Of recent times each value is one that was noted, by nearest rank; none is unknown")
    func times() {
        let times = RecentTimes()
        #expect(times.summary.count == 0 && times.summary.median == nil && times.summary.p99 == nil)
        for time in (1...200).shuffled() { times.note(Int64(time)) }
        #expect(times.summary.count == 200)
        #expect([times.summary.median, times.summary.p99, times.summary.longest] == [100, 198, 200])
        for _ in 0..<RecentTimes.kept { times.note(7) }
        #expect(times.summary.count == RecentTimes.kept)
        #expect([times.summary.median, times.summary.p99, times.summary.longest] == [7, 7, 7])
    }
}
