import BinanceDialect
import ExchangeCore
import ExchangeRuntime
import ExchangeText
import Foundation
import Logging
import NIOCore

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// Where a source's price is to be had: an address that answers with JSON, and the way to the number in it.
public struct PriceFeedOptions: Sendable, Hashable {
    /// The market's name.
    public var symbol: String
    /// The source's number, 0 to 15.
    public var source: Int32
    /// The address, `http` or `https`.
    public var address: String
    /// Names of members and numbers of elements, from the outermost in, with dots: `result.0.price`.
    public var path: String

    /// A feed as the command line writes it: SYMBOL,SOURCE,URL,PATH.
    ///
    /// - Throws: `VenueError` saying what was expected.
    public init(_ text: String) throws(VenueError) {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 4, let source = Int32(parts[1]), (0...15).contains(source),
            parts[2].hasPrefix("http://") || parts[2].hasPrefix("https://"), !parts[3].isEmpty
        else {
            throw VenueError(
                "\(text): SYMBOL,SOURCE,URL,PATH is expected, such as BTCUSDT,0,https://…,result.price"
            )
        }
        symbol = parts[0]
        self.source = source
        address = parts[2]
        path = parts[3]
    }
}

/// Asks addresses for prices, again and again, and hands each to the exchange as its source's.
///
/// An address that does not answer, or not with a price, gives none: its source goes stale by the rules of
/// the market (PX-1), and that is told once.
final class PriceFeed: Sendable {
    /// Bytes of an answer at most.
    static let answerLimit = 1 << 16

    private let tasks: [Task<Void, Never>]

    init(_ feeds: [PriceFeedOptions], every milliseconds: Int, _ venue: Venue) throws(VenueError) {
        var tasks: [Task<Void, Never>] = []
        for feed in feeds {
            guard let market = venue.hub.directory.market(named: feed.symbol) else {
                throw VenueError("--feed: there is no market \(feed.symbol)")
            }
            guard let url = URL(string: feed.address) else {
                throw VenueError("--feed: \(feed.address) is no address")
            }
            let (id, tick) = (market.id, market.tickSize)
            let venue = Weak(venue)
            tasks.append(
                Task {
                    var isGood = true
                    while !Task.isCancelled {
                        let fault = await PriceFeed.ask(url, feed, id, tick, venue)
                        if isGood != (fault == nil) {
                            isGood = fault == nil
                            venue.value?.log.warning(
                                "\(feed.symbol) source \(feed.source): \(fault ?? "prices again")"
                            )
                        }
                        try? await Task.sleep(for: .milliseconds(milliseconds))
                    }
                }
            )
        }
        self.tasks = tasks
    }

    /// Asks no more.
    func stop() { for task in tasks { task.cancel() } }

    /// Asks once; what was wrong, if anything was.
    private static func ask(
        _ url: URL,
        _ feed: PriceFeedOptions,
        _ market: MarketID,
        _ tick: Int64,
        _ venue: Weak
    ) async -> String? {
        var request = URLRequest(url: url, cachePolicy: .reloadIgnoringLocalCacheData, timeoutInterval: 5)
        request.setValue("application/json", forHTTPHeaderField: "accept")
        let answer: (Data, URLResponse)
        do {
            answer = try await URLSession.shared.data(for: request)
        } catch {
            return "no answer: \(error.localizedDescription)"
        }
        if let status = (answer.1 as? HTTPURLResponse)?.statusCode, status != 200 {
            return "status \(status)"
        }
        if answer.0.count > answerLimit { return "an answer of more than \(answerLimit) bytes" }
        guard let units = price(Array(answer.0), at: feed.path) else { return "no price at \(feed.path)" }
        var update = PriceUpdate()
        update.market = market
        update.source = feed.source
        update.price = Price(units / tick)
        do {
            try venue.value?.sequencer.submit(Job([.price(update)]))
        } catch {
            return "the venue is busy"
        }
        return nil
    }

    /// The decimal at the end of a path, in 10⁻⁸; digits behind the eighth are dropped.
    static func price(_ bytes: [UInt8], at path: String) -> Int64? {
        guard var value = try? JSONParser.parse(bytes[...]) else { return nil }
        for step in path.split(separator: ".") {
            switch value {
            case .object:
                guard let member = value[String(step)] else { return nil }
                value = member
            case .array(let elements):
                guard let index = Int(step), elements.indices.contains(index) else { return nil }
                value = elements[index]
            default: return nil
            }
        }
        switch value {
        case .string(let text), .number(let text):
            var digits = text
            if let point = digits.firstIndex(of: ".") {
                digits = String(digits[...point]) + digits[digits.index(after: point)...].prefix(8)
            }
            return try? DecimalText.parse(digits.utf8)
        default: return nil
        }
    }

    /// The venue, as long as it is there.
    private final class Weak: @unchecked Sendable {
        weak var value: Venue?
        init(_ value: Venue) { self.value = value }
    }
}
