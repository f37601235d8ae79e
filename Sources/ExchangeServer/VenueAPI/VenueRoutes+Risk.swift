import BinanceDialect
import ExchangeCore
import ExchangeRuntime
import ExchangeText
import ReadModel

/// The tape, the queue and the sources of a market: what a page shows of a market besides the wire.
extension VenueRoutes {
    private static let market = RouteParameter.required("symbol", .symbol, "the market")

    static let risk: [VenueRoute] = [
        VenueRoute(
            method: "GET",
            path: "/tape",
            access: .open,
            summary: "Prints of a market with what each was, oldest first",
            answer: .tape,
            parameters: [
                market, .optional("from", .integer, "the first number wanted"),
                .optional("forced", .text, "true: those of the waterfall alone"),
                .optional("limit", .integer, "rows at most, 1 to 1,000; 100 if it is left out"),
            ]
        ) { try await tape($0) },
        VenueRoute(
            method: "GET",
            path: "/queue",
            access: .open,
            summary: "Who would be deleveraged first, on both sides of a market",
            answer: .queue,
            parameters: [
                market,
                .optional("limit", .integer, "rows a side at most, 1 to 1,000; 100 if it is left out"),
            ]
        ) { try await queue($0) },
        VenueRoute(
            method: "GET",
            path: "/sources",
            access: .open,
            summary: "Where a market's price comes from: each source, its age, and whether it counts",
            answer: .sources,
            parameters: [market]
        ) { try await sources($0) },
        VenueRoute(
            method: "GET",
            path: "/episodes",
            access: .open,
            summary: "What each episode of the waterfall came to, newest first",
            answer: .episodes,
            parameters: [
                .optional("symbol", .symbol, "the market whose price began it"),
                .optional("account", .integer, "an account that was liquidated or stood on the other side"),
                .optional("deleveraged", .text, "true: those alone in which somebody was"),
                .optional("limit", .integer, "rows at most, 1 to 1,000; 100 if it is left out"),
            ]
        ) { try await episodes($0) },
    ]

    private static func episodes(_ request: VenueRequest) async throws -> VenueReply {
        let market = try request.optionalMarket()?.id
        let limit = Int(try request.integer("limit", in: 1...1_000, else: 100))
        let account = try request.integer("account").map { AccountID(Int32(clamping: $0)) }
        let isDeleveraged = try request.flag("deleveraged")
        let step = EpisodeRecord.Step.deleveraging.rawValue
        let rows = try await request.venue.lookAtPublisher { publisher in
            let names = publisher.withRecord { $0.names }
            return publisher.withEpisodes { record in
                record.newest(limit) { row in
                    (market == nil || row.began.trigger == market)
                        && (!isDeleveraged || row.parts[step].fills > 0)
                        && (account.map { row.began.account == $0 || row.others[$0] != nil } ?? true)
                }.map { EpisodeRecord.json($0, names, of: account) }
            }
        }
        return .json { json in
            json.key("episodes")
            json.beginArray()
            for row in rows { json.raw(row) }
            json.endArray()
        }
    }

    // MARK: Tape

    private static func tape(_ request: VenueRequest) async throws -> VenueReply {
        let market = try request.market()
        let limit = Int(try request.integer("limit", in: 1...1_000, else: 100))
        let from = try request.integer("from")
        if let from, from < 0 { throw VenueAPIError.invalid("from") }
        let isForced = try request.flag("forced")
        let id = market.id
        let prints = try await request.venue.lookAtPublisher { publisher in
            publisher.withTape {
                Array($0.prints(of: id, from: from.map(UInt64.init), limit: limit, isForced: isForced))
            }
        }
        return .json { json in
            json.key("symbol")
            json.string(market.symbol)
            json.key("prints")
            json.beginArray()
            for it in prints {
                json.beginObject()
                json.key("number")
                json.integer(Int128(it.number))
                json.key("at")
                json.integer(Int128(it.at.microseconds))
                json.key("price")
                json.decimal(market.units(it.price))
                json.key("quantity")
                json.decimal(market.units(it.quantity))
                json.key("side")
                json.string(it.side == .buy ? "BUY" : "SELL")
                json.key("tag")
                if it.tag == .order { json.null() } else { json.string(it.tag.rawValue) }
                json.key("episode")
                if it.episode > 0 { json.integer(Int128(it.episode)) } else { json.null() }
                json.endObject()
            }
            json.endArray()
        }
    }

    // MARK: Queue

    private static func queue(_ request: VenueRequest) async throws -> VenueReply {
        let market = try request.market()
        let limit = Int(try request.integer("limit", in: 1...1_000, else: 100))
        let board = try await request.venue.queues.board(of: market.id, in: request.venue)
        return .json { json in
            json.key("symbol")
            json.string(market.symbol)
            json.key("at")
            json.integer(Int128(board.at.microseconds))
            json.key("sequence")
            json.integer(Int128(board.sequence))
            json.key("selection")
            json.term(market.specification.selection.term)
            for (name, side) in [("longs", board.longs), ("shorts", board.shorts)] {
                json.key(name)
                json.beginObject()
                json.key("positions")
                json.integer(Int128(side.rows.count))
                json.key("size")
                json.decimal(side.total * Int128(market.lotSize))
                json.key("rows")
                json.beginArray()
                for row in side.rows.prefix(limit) {
                    json.beginObject()
                    json.key("account")
                    json.string("account-\(row.view.account.raw)")
                    place(row, market, &json)
                    json.endObject()
                }
                json.endArray()
                json.endObject()
            }
        }
    }

    /// Where a position stands: rank, lights, score and its parts, and what is before it.
    static func place(_ row: QueueSide.Row, _ market: MarketEntry, _ json: inout JSONWriter) {
        json.key("positionSide")
        json.term(row.view.positionSide.term)
        json.key("rank")
        json.integer(Int128(row.rank))
        json.key("lights")
        json.integer(Int128(row.lights))
        json.key("size")
        json.decimal(market.units(row.view.size))
        json.key("notional")
        json.decimal(row.view.notional)
        json.key("profit")
        json.decimal(row.view.profit)
        json.key("leverage")
        json.decimal(Int128(row.view.leverage), scale: 6)
        json.key("score")
        json.string(String(row.view.score))
        json.key("ahead")
        json.decimal(row.ahead * Int128(market.lotSize))
    }

    /// The signed counterpart: an account's own positions.
    static func lights(_ request: VenueRequest) async throws -> VenueReply {
        let account = request.account
        let legs = try await request.venue.perform([]) { exchange, _ in
            var legs: [PositionView] = []
            exchange.forEachPosition(of: account) { if $0.size.lots != 0 { legs.append($0) } }
            return legs
        }.answer
        var rows: [(PositionView, MarketEntry, QueueBoard)] = []
        for leg in legs {
            guard let market = request.venue.publisher.directory[leg.market] else { continue }
            let board = try await request.venue.queues.board(of: leg.market, in: request.venue)
            rows.append((leg, market, board))
        }
        let found = rows
        return .json { json in
            json.key("positions")
            json.beginArray()
            for (leg, market, board) in found { light(account, leg, market, board, &json) }
            json.endArray()
        }
    }

    private static func light(
        _ account: AccountID,
        _ leg: PositionView,
        _ market: MarketEntry,
        _ board: QueueBoard,
        _ json: inout JSONWriter
    ) {
        json.beginObject()
        json.key("symbol")
        json.string(market.symbol)
        json.key("at")
        json.integer(Int128(board.at.microseconds))
        let side = board.side(isLong: leg.size.lots > 0)
        json.key("of")
        json.integer(Int128(side.rows.count))
        guard let row = side.row(of: account, leg.positionSide) else {
            json.key("positionSide")
            json.term(leg.positionSide.term)
            json.key("size")
            json.decimal(market.units(leg.size))
            json.key("profit")
            json.decimal(max(0, leg.unrealized))
            json.key("lights")
            json.integer(0)
            for name in ["rank", "leverage", "score", "ahead", "aheadNotional", "reach"] {
                json.key(name)
                json.null()
            }
            return json.endObject()
        }
        place(row, market, &json)
        json.key("aheadNotional")
        json.decimal(row.ahead * side.mark * side.unit)
        json.key("reach")
        if let reach = side.reach(past: row.ahead) {
            json.beginObject()
            json.key("price")
            json.decimal(reach.price * Int128(market.tickSize))
            json.key("deficit")
            json.decimal(reach.deficit)
            json.endObject()
        } else {
            json.null()
        }
        json.endObject()
    }

    // MARK: Sources

    private static func sources(_ request: VenueRequest) async throws -> VenueReply {
        let market = try request.market()
        let id = market.id
        let now = request.venue.clock.now()
        let (view, all) = try await request.venue.perform([]) { exchange, _ in
            var all: [SourceView] = []
            exchange.forEachSource(id, at: max(now, exchange.now)) { all.append($0) }
            return (exchange.marketView(id) ?? MarketView(), all)
        }.answer
        return .json { json in
            json.key("symbol")
            json.string(market.symbol)
            json.key("at")
            json.integer(Int128(now.microseconds))
            json.key("validity")
            json.term(view.validity.term)
            json.key("quorum")
            json.integer(Int128(market.specification.quorum))
            json.key("staleAfter")
            json.integer(Int128(market.specification.staleAfter))
            json.key("index")
            if view.index == .none { json.null() } else { json.decimal(market.units(view.index)) }
            json.key("sources")
            json.beginArray()
            for source in all {
                json.beginObject()
                json.key("source")
                json.integer(Int128(source.source))
                json.key("kind")
                json.term(source.kind.term)
                json.key("weight")
                json.integer(Int128(source.weight))
                json.key("price")
                json.decimal(market.units(source.price))
                json.key("at")
                json.integer(Int128(source.at.microseconds))
                json.key("standing")
                json.term(source.standing.term)
                json.endObject()
            }
            json.endArray()
        }
    }
}
