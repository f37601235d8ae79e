public import ExchangeCore

/// A stream's name, taken apart (WIRE-21).
public enum StreamName: Hashable, Sendable {
    /// How often a diff or a partial book is sent; `usual` is 250 ms without being named.
    public enum DepthSpeed: String, Hashable, Sendable {
        case usual = "", hundred = "@100ms", quarter = "@250ms", half = "@500ms", atOnce = "@0ms"
    }
    /// How often a mark is sent; `usual` is 3 s without being named.
    public enum MarkSpeed: String, Hashable, Sendable {
        case usual = "", second = "@1s", threeSeconds = "@3s"
    }

    case aggregateTrade(MarketID)
    case trade(MarketID)
    case kline(MarketID, Interval)
    case continuousKline(MarketID, Interval)
    case miniTicker(MarketID)
    case ticker(MarketID)
    case bookTicker(MarketID)
    case forceOrder(MarketID)
    case markPrice(MarketID, MarkSpeed)
    case depth(MarketID, DepthSpeed)
    case partialDepth(MarketID, Int, DepthSpeed)
    case rpiDepth(MarketID)
    case allMiniTickers, allTickers, allBookTickers, allForceOrders
    case allMarkPrices(MarkSpeed)
    case contractInfo
    /// Streams that Binance has and on which nothing is ever said here.
    case silent(String)

    /// The stream with that name; nil if there is none. The symbol stands in small letters.
    public init?(_ text: String, _ directory: MarketDirectory) {
        if text.utf8.count > 64 { return nil }
        switch text {
        case "!miniTicker@arr": self = .allMiniTickers
        case "!ticker@arr": self = .allTickers
        case "!bookTicker": self = .allBookTickers
        case "!forceOrder@arr": self = .allForceOrders
        case "!markPrice@arr": self = .allMarkPrices(.usual)
        case "!markPrice@arr@1s": self = .allMarkPrices(.second)
        case "!markPrice@arr@3s": self = .allMarkPrices(.threeSeconds)
        case "!contractInfo": self = .contractInfo
        case "!assetIndex@arr", "tradingSession": self = .silent(text)
        default:
            guard let name = StreamName.named(text, directory) else { return nil }
            self = name
        }
    }

    private static func named(_ text: String, _ directory: MarketDirectory) -> StreamName? {
        let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        let rest = String(parts[1])
        if rest.hasPrefix("continuousKline_") {
            let pair = parts[0].split(separator: "_", maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2, pair[1] == "perpetual",
                let market = directory.market(lowercased: String(pair[0]))?.id,
                let interval = Interval(rawValue: String(rest.dropFirst(16)))
            else { return nil }
            return .continuousKline(market, interval)
        }
        guard let market = directory.market(lowercased: String(parts[0]))?.id else { return nil }
        switch rest {
        case "aggTrade": return .aggregateTrade(market)
        case "trade": return .trade(market)
        case "miniTicker": return .miniTicker(market)
        case "ticker": return .ticker(market)
        case "bookTicker": return .bookTicker(market)
        case "forceOrder": return .forceOrder(market)
        case "rpiDepth@500ms": return .rpiDepth(market)
        case "compositeIndex": return .silent(text)
        default: break
        }
        if rest.hasPrefix("kline_") {
            return Interval(rawValue: String(rest.dropFirst(6))).map { .kline(market, $0) }
        }
        if rest.hasPrefix("markPrice") {
            return MarkSpeed(rawValue: String(rest.dropFirst(9))).map { .markPrice(market, $0) }
        }
        return depth(rest, market)
    }

    private static func depth(_ rest: String, _ market: MarketID) -> StreamName? {
        guard rest.hasPrefix("depth") else { return nil }
        let tail = rest.dropFirst(5)
        let levels = tail.prefix { $0 != "@" }
        guard let speed = DepthSpeed(rawValue: String(tail.dropFirst(levels.count))) else { return nil }
        switch levels {
        case "": return .depth(market, speed)
        case "5": return .partialDepth(market, 5, speed)
        case "10": return .partialDepth(market, 10, speed)
        case "20": return .partialDepth(market, 20, speed)
        default: return nil
        }
    }

    /// The name as text.
    public func text(_ directory: MarketDirectory) -> String {
        switch self {
        case .aggregateTrade(let market): symbol(market, directory) + "@aggTrade"
        case .trade(let market): symbol(market, directory) + "@trade"
        case .kline(let market, let interval): symbol(market, directory) + "@kline_" + interval.rawValue
        case .continuousKline(let market, let interval):
            symbol(market, directory) + "_perpetual@continuousKline_" + interval.rawValue
        case .miniTicker(let market): symbol(market, directory) + "@miniTicker"
        case .ticker(let market): symbol(market, directory) + "@ticker"
        case .bookTicker(let market): symbol(market, directory) + "@bookTicker"
        case .forceOrder(let market): symbol(market, directory) + "@forceOrder"
        case .markPrice(let market, let speed): symbol(market, directory) + "@markPrice" + speed.rawValue
        case .depth(let market, let speed): symbol(market, directory) + "@depth" + speed.rawValue
        case .partialDepth(let market, let levels, let speed):
            symbol(market, directory) + "@depth\(levels)" + speed.rawValue
        case .rpiDepth(let market): symbol(market, directory) + "@rpiDepth@500ms"
        case .allMiniTickers: "!miniTicker@arr"
        case .allTickers: "!ticker@arr"
        case .allBookTickers: "!bookTicker"
        case .allForceOrders: "!forceOrder@arr"
        case .allMarkPrices(let speed): "!markPrice@arr" + speed.rawValue
        case .contractInfo: "!contractInfo"
        case .silent(let text): text
        }
    }

    private func symbol(_ market: MarketID, _ directory: MarketDirectory) -> String {
        directory[market]?.lowercased ?? "unknown"
    }

    /// How often it is sent, in ms; 0 for with each command. Those in real time, and the aggregates of
    /// trades, are sent with the command.
    var period: Int64 {
        switch self {
        case .aggregateTrade, .trade, .bookTicker, .contractInfo, .silent: 0
        case .kline, .continuousKline: 250
        case .miniTicker, .ticker: 2_000
        case .allMiniTickers, .allTickers, .forceOrder, .allForceOrders: 1_000
        case .markPrice(_, let speed), .allMarkPrices(let speed): speed == .second ? 1_000 : 3_000
        case .allBookTickers: 5_000
        case .rpiDepth: 500
        case .depth(_, let speed), .partialDepth(_, _, let speed): speed.period
        }
    }
}

extension StreamName.DepthSpeed {
    var period: Int64 {
        switch self {
        case .usual, .quarter: 250
        case .hundred: 100
        case .half: 500
        case .atOnce: 0
        }
    }
}
