import BinanceDialect
import ExchangeCore
import ExchangeText

/// Who may call a route.
enum Access: String, Sendable {
    /// Anybody.
    case open
    /// A signed request of a key that may read, or trade.
    case reads, trades
    /// The operator's token in `X-Zerosum-Token`.
    case operates
}

/// One parameter of a route, as the OpenAPI document states it.
struct RouteParameter: Sendable {
    var name: String
    var kind: Kind
    var isRequired: Bool
    var meaning: String

    enum Kind: String, Sendable { case decimal, integer, symbol, side, text }

    static func required(_ name: String, _ kind: Kind, _ meaning: String) -> RouteParameter {
        RouteParameter(name: name, kind: kind, isRequired: true, meaning: meaning)
    }
    static func optional(_ name: String, _ kind: Kind, _ meaning: String) -> RouteParameter {
        RouteParameter(name: name, kind: kind, isRequired: false, meaning: meaning)
    }
}

/// A request that was let in.
struct VenueRequest: Sendable {
    var parameters: WireParameters
    /// Whose it is; nobody's on open routes and the operator's.
    var account: AccountID
    var venue: Venue
    /// The headers that say what its sender used, where it was counted.
    var used: [(String, String)] = []

    /// The market that is named.
    func market() throws(VenueAPIError) -> MarketEntry {
        guard let market = try optionalMarket() else { throw .missing("symbol") }
        return market
    }

    /// The market that is named, if one is.
    func optionalMarket() throws(VenueAPIError) -> MarketEntry? {
        guard let symbol = parameters["symbol"] else { return nil }
        guard let market = venue.publisher.directory.market(named: symbol) else {
            throw VenueAPIError(.unknownMarket, "There is no market \(symbol.prefix(20)).")
        }
        return market
    }

    /// A decimal in 10⁻⁸.
    func units(_ name: String) throws(VenueAPIError) -> Int64 {
        guard let value = try optionalUnits(name) else { throw .missing(name) }
        return value
    }

    /// A decimal in 10⁻⁸; nil if it is left out.
    func optionalUnits(_ name: String) throws(VenueAPIError) -> Int64? {
        do throws(BinanceError) { return try parameters.decimal(name) } catch { throw .invalid(name) }
    }

    /// A whole number; nil if it is left out.
    func integer(_ name: String) throws(VenueAPIError) -> Int64? {
        do throws(BinanceError) { return try parameters.integer(name) } catch { throw .invalid(name) }
    }

    /// A whole number within bounds, or what stands for it.
    func integer(
        _ name: String,
        in range: ClosedRange<Int64>,
        else other: Int64
    ) throws(VenueAPIError) -> Int64 {
        guard let value = try integer(name) else { return other }
        if !range.contains(value) { throw .invalid(name) }
        return value
    }

    /// Lots of a market.
    func lots(_ name: String, _ market: MarketEntry) throws(VenueAPIError) -> Quantity {
        let units = try units(name)
        if units < 0 || units % market.lotSize != 0 { throw .invalid(name) }
        return Quantity(units / market.lotSize)
    }

    /// true or false; false if it is left out.
    func flag(_ name: String) throws(VenueAPIError) -> Bool {
        switch parameters[name] {
        case nil, "false": return false
        case "true": return true
        default: throw .invalid(name)
        }
    }

    /// The side that is named.
    func side() throws(VenueAPIError) -> Side {
        switch parameters["side"]?.uppercased() {
        case "BUY": return .buy
        case "SELL": return .sell
        case nil: throw .missing("side")
        default: throw .invalid("side")
        }
    }
}

/// What a route answers.
struct VenueReply: Sendable {
    var status = 200
    var body: [UInt8]

    static func json(_ write: (inout JSONWriter) -> Void) -> VenueReply {
        var writer = JSONWriter()
        writer.beginObject()
        write(&writer)
        writer.endObject()
        return VenueReply(body: writer.bytes)
    }

    /// The refusal of a command, by its own term.
    static func refused(_ status: Status) -> VenueReply {
        var reply = json {
            $0.key("status")
            $0.term(status.term)
        }
        reply.status = 400
        return reply
    }
}

/// A route of the venue's own interface.
struct VenueRoute: Sendable {
    var method: String
    var path: String
    var access: Access
    var summary: String
    /// What it answers with 200.
    var answer: AnswerSchema
    var parameters: [RouteParameter] = []
    var perform: @Sendable (VenueRequest) async throws -> VenueReply
}
