import BinanceDialect
import ExchangeCore
import ExchangeHistory
import ExchangeRuntime
import ExchangeText
import ReadModel

/// The routes of the venue's own interface.
enum VenueRoutes {
    private static let symbol = RouteParameter.optional(
        "symbol",
        .symbol,
        "one market; all if it is left out"
    )
    private static let limit = RouteParameter.optional(
        "limit",
        .integer,
        "rows at most, 1 to 1,000; 100 if it is left out"
    )

    /// What anybody may read.
    static let open: [VenueRoute] = [
        VenueRoute(
            method: "GET",
            path: "/status",
            access: .open,
            summary: "Log, chain and load",
            answer: .status
        ) {
            status($0)
        },
        VenueRoute(
            method: "GET",
            path: "/conservation",
            access: .open,
            summary: "Where every unit is: an equation that ends in 0",
            answer: .conservation
        ) {
            try await conservation($0)
        },
        VenueRoute(
            method: "GET",
            path: "/markets",
            access: .open,
            summary: "Prices, validity and parameters in force",
            answer: .markets,
            parameters: [symbol]
        ) {
            try await markets($0)
        },
        VenueRoute(
            method: "GET",
            path: "/parameters/history",
            access: .open,
            summary: "What administrators did, newest last",
            answer: .commands,
            parameters: [limit]
        ) {
            try await history($0)
        },
        VenueRoute(
            method: "GET",
            path: "/receipts",
            access: .open,
            summary: "Receipts of liquidations, newest first",
            answer: .receipts,
            parameters: [
                .optional("episode", .integer, "one episode"),
                .optional(
                    "account",
                    .integer,
                    "one account: liquidated, or deleveraged, a volunteer or a maker in it"
                ),
                limit,
            ]
        ) { try await receipts($0) },
        VenueRoute(
            method: "GET",
            path: "/fills",
            access: .open,
            summary: "Every fill of the waterfall by its gapless number, oldest first",
            answer: .fills,
            parameters: [.optional("from", .integer, "the first number wanted"), limit]
        ) { try await fills($0) },
        VenueRoute(
            method: "GET",
            path: "/fund",
            access: .open,
            summary: "The insurance fund and what moved it",
            answer: .fund,
            parameters: [limit]
        ) {
            try await fund($0)
        },
        VenueRoute(
            method: "GET",
            path: "/vault",
            access: .open,
            summary: "The backstop vault: equity, shares, inventory",
            answer: .vault
        ) {
            try await vault($0)
        },
        VenueRoute(
            method: "GET",
            path: "/volunteers",
            access: .open,
            summary: "Standing offers to take over what is liquidated",
            answer: .offers,
            parameters: [symbol]
        ) {
            try await volunteers($0)
        },
    ]

    private static func status(_ request: VenueRequest) -> VenueReply {
        let counts = request.venue.sequencer.progress
        return .json { json in
            json.key("sequence")
            json.integer(Int128(counts.durable))
            json.key("chain")
            json.string(counts.chain)
            json.key("snapshot")
            json.integer(Int128(counts.snapshot))
            json.key("waiting")
            json.integer(Int128(counts.waiting))
            json.key("commands")
            json.integer(Int128(counts.commands))
            json.key("rejected")
            json.integer(Int128(counts.rejected))
            json.key("overloaded")
            json.integer(Int128(counts.overloaded))
            json.key("commitMicroseconds")
            json.integer(Int128(counts.commitLast))
            json.key("startedAt")
            json.integer(Int128(request.venue.started) * 1_000)
            json.key("playground")
            json.bool(request.venue.options.isPlayground)
            json.key("now")
            json.integer(Int128(request.venue.clock.now().microseconds))
            json.key("listeners")
            json.integer(Int128(request.venue.publisher.listeners))
            for (name, times) in [
                ("commits", request.venue.sequencer.commits), ("requests", request.venue.requests),
            ] {
                json.key(name)
                let summary = times.summary
                json.beginObject()
                json.key("count")
                json.integer(Int128(summary.count))
                for (name, value) in [
                    ("p50", summary.median), ("p99", summary.p99), ("longest", summary.longest),
                ] {
                    json.key(name)
                    if let value { json.integer(Int128(value)) } else { json.null() }
                }
                json.endObject()
            }
            json.key("history")
            history(request.venue.history?.progress, &json)
        }
    }

    /// Sums over all accounts, taken at one moment.
    private struct Pile: Sendable {
        var sequence: UInt64 = 0
        var deposits: Int128 = 0
        var withdrawals: Int128 = 0
        /// Cash and the quote legs of positions, by holder.
        var users: Int128 = 0
        var fund: Int128 = 0
        var vault: Int128 = 0
        var fees: Int128 = 0
        var missing: Int128 = 0
        var sizes: [(symbol: String, long: Int128, short: Int128)] = []
        var hash = Digest(low: 0, high: 0)
    }

    private static func pile(_ exchange: borrowing Exchange) -> Pile {
        var pile = Pile()
        pile.sequence = exchange.nextSequence - 1
        pile.deposits = Int128(exchange.deposits.units)
        pile.withdrawals = Int128(exchange.withdrawals.units)
        var long = [Int128](repeating: 0, count: Int(exchange.marketCount))
        var short = long
        for raw in 0..<exchange.accountCount {
            let id = AccountID(raw)
            var held = Int128(exchange.accountView(id)?.cash.units ?? 0)
            exchange.forEachPosition(of: id) { leg in
                held += Int128(leg.isolatedCash.units) + Int128(leg.quote.units)
                if leg.size.lots > 0 { long[Int(leg.market.raw)] += Int128(leg.size.lots) }
                if leg.size.lots < 0 { short[Int(leg.market.raw)] -= Int128(leg.size.lots) }
            }
            switch id {
            case .fund: pile.fund = held
            case .vault: pile.vault = held
            case .fees: pile.fees = held
            default: pile.users += held
            }
        }
        pile.missing = pile.deposits - pile.withdrawals - pile.users - pile.fund - pile.vault - pile.fees
        for raw in 0..<exchange.marketCount {
            guard let view = exchange.marketView(MarketID(raw)) else { continue }
            let size = Int128(view.lotSize)
            pile.sizes.append((view.symbol.text, long[Int(raw)] * size, short[Int(raw)] * size))
        }
        pile.hash = exchange.stateHash()
        return pile
    }

    private static func conservation(_ request: VenueRequest) async throws -> VenueReply {
        let pile = try await request.venue.perform([]) { exchange, _ in VenueRoutes.pile(exchange) }.answer
        return .json { json in
            json.key("sequence")
            json.integer(Int128(pile.sequence))
            for (name, value) in [
                ("deposits", pile.deposits), ("withdrawals", pile.withdrawals), ("users", pile.users),
                ("fund", pile.fund), ("vault", pile.vault), ("fees", pile.fees), ("missing", pile.missing),
            ] {
                json.key(name)
                json.decimal(value)
            }
            json.key("equation")
            json.string("deposits - withdrawals - users - fund - vault - fees = missing")
            json.key("markets")
            json.beginArray()
            for market in pile.sizes {
                json.beginObject()
                json.key("symbol")
                json.string(market.symbol)
                json.key("long")
                json.decimal(market.long)
                json.key("short")
                json.decimal(market.short)
                json.key("missing")
                json.decimal(market.long - market.short)
                json.endObject()
            }
            json.endArray()
            json.key("stateHash")
            json.digest(pile.hash)
        }
    }

    private static func markets(_ request: VenueRequest) async throws -> VenueReply {
        let wanted = try request.optionalMarket()
        let entries = wanted.map { [$0] } ?? request.venue.publisher.directory.markets
        let ids = entries.map(\.id)
        let views = try await request.venue.perform([]) { exchange, _ in
            var views: [MarketView?] = []
            for id in ids { views.append(exchange.marketView(id)) }
            return views
        }.answer
        return .json { json in
            json.key("markets")
            json.beginArray()
            for (entry, view) in zip(entries, views) {
                guard let view else { continue }
                json.beginObject()
                json.key("symbol")
                json.string(entry.symbol)
                json.key("state")
                json.term(view.state.term)
                json.key("validity")
                json.term(view.validity.term)
                for (name, price) in [
                    ("mark", view.mark), ("previousMark", view.previousMark), ("index", view.index),
                ] {
                    json.key(name)
                    // A price that is not known is null, never 0.
                    if price == .none { json.null() } else { json.decimal(entry.units(price)) }
                }
                json.key("openInterest")
                json.decimal(entry.units(view.openInterest))
                json.key("parameters")
                var names = NameTable()
                for other in request.venue.publisher.directory.markets {
                    names.addMarket(symbol: other.symbol, tickSize: other.tickSize, lotSize: other.lotSize)
                }
                var writer = CommandJSON(names: names)
                json.raw(
                    writer.write(
                        .createMarket(entry.specification),
                        at: Timestamp(entry.onboarded * 1_000),
                        sequence: 0,
                        status: nil
                    )
                )
                json.endObject()
            }
            json.endArray()
        }
    }

    private static func volunteers(_ request: VenueRequest) async throws -> VenueReply {
        let wanted = try request.optionalMarket()?.id
        let directory = request.venue.publisher.directory
        return try await rows(request, "offers") { record in
            record.offers.filter { wanted == nil || $0.market == wanted }.compactMap { offer in
                guard let market = directory[offer.market] else { return nil }
                return VenueReply.json { json in
                    json.key("account")
                    json.integer(Int128(offer.account.raw))
                    json.key("symbol")
                    json.string(market.symbol)
                    json.key("side")
                    json.string(offer.side == .buy ? "BUY" : "SELL")
                    json.key("quantity")
                    json.decimal(market.units(offer.quantity))
                    json.key("edge")
                    json.decimal(Int128(offer.edge.units))
                }.body
            }
        }
    }
}
