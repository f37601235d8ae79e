import BinanceDialect
import ExchangeCore
import ExchangeText
import ReadModel

/// The backstop vault in full: capital, shares, limits, inventory, and how it fared (API-12).
extension VenueRoutes {
    private struct Holding: Sendable {
        var leg: PositionView
        var mark: Price
        var cap: Amount
        var edge: Rate
    }

    static func vault(_ request: VenueRequest) async throws -> VenueReply {
        let (view, cash, terms) = try await request.venue.perform([]) { exchange, _ in
            var legs: [MarketID: PositionView] = [:]
            exchange.forEachPosition(of: .vault) { legs[$0.market] = $0 }
            var all: [Holding] = []
            for raw in 0..<exchange.marketCount {
                let id = MarketID(raw)
                guard let terms = exchange.vaultTerms(id), let market = exchange.marketView(id) else {
                    continue
                }
                var leg = legs[id] ?? PositionView()
                leg.market = id
                all.append(Holding(leg: leg, mark: market.mark, cap: terms.cap, edge: terms.edge))
            }
            return (exchange.vaultView, exchange.accountView(.vault)?.cash ?? .zero, all)
        }.answer
        let (history, flows) = try await request.venue.lookAtPublisher { publisher in
            publisher.withVault { (Array($0.history.suffix(600)), $0.flows) }
        }
        let directory = request.venue.publisher.directory
        return .json { json in
            capital(view, cash, &json)
            json.key("positions")
            json.beginArray()
            for holding in terms where view.exists {
                guard let market = directory[holding.leg.market] else { continue }
                self.holding(holding, market, &json)
            }
            json.endArray()
            fared(history, flows, &json)
        }
    }

    private static func capital(_ view: VaultView, _ cash: Amount, _ json: inout JSONWriter) {
        json.key("exists")
        json.bool(view.exists)
        json.key("equity")
        json.decimal(view.equity)
        json.key("cash")
        json.amount(cash)
        json.key("available")
        json.decimal(view.available)
        json.key("netCapital")
        json.decimal(view.netCapital)
        json.key("profit")
        json.decimal(view.equity - view.netCapital)
        json.key("shares")
        json.integer(Int128(view.shares))
        json.key("venueShares")
        json.integer(Int128(view.venueShares))
        json.key("leverage")
        json.integer(Int128(view.leverage))
        json.key("firstLoss")
        // No more than the venue's own shares are worth now (VLT-4).
        let worth = view.shares > 0 ? Int128(view.venueShares) * max(0, view.equity) / Int128(view.shares) : 0
        json.decimal(min(Int128(view.firstLoss.units), worth))
        json.key("lossLimit")
        if view.lossLimit == .unlimited { json.null() } else { json.amount(view.lossLimit) }
        json.key("lockUp")
        json.integer(Int128(view.lockUp))
        json.key("isInLiquidation")
        json.bool(view.isInLiquidation)
    }

    private static func fared(
        _ history: [VaultRecord.Point],
        _ flows: [(reason: LedgerReason, amount: Int128)],
        _ json: inout JSONWriter
    ) {
        json.key("flows")
        json.beginArray()
        for flow in flows {
            json.beginObject()
            json.key("reason")
            json.term(flow.reason.term)
            json.key("amount")
            json.decimal(flow.amount)
            json.endObject()
        }
        json.endArray()
        json.key("history")
        json.beginArray()
        for point in history {
            json.beginObject()
            json.key("at")
            json.integer(Int128(point.at.microseconds))
            json.key("equity")
            json.decimal(point.equity)
            json.endObject()
        }
        json.endArray()
    }

    private static func holding(_ holding: Holding, _ market: MarketEntry, _ json: inout JSONWriter) {
        let leg = holding.leg
        json.beginObject()
        json.key("symbol")
        json.string(market.symbol)
        json.key("size")
        json.decimal(market.units(leg.size))
        json.key("entryNotional")
        json.amount(leg.entryNotional)
        json.key("notional")
        let unit = Int128(market.unitValue)
        let mark = Int128(max(0, holding.mark.ticks))
        json.decimal(Int128(leg.size.lots.magnitude) * mark * unit)
        json.key("unrealized")
        json.decimal(leg.unrealized)
        json.key("cap")
        if holding.cap == .unlimited { json.null() } else { json.amount(holding.cap) }
        json.key("edge")
        json.decimal(Int128(holding.edge.units))
        json.endObject()
    }
}
