import ExchangeText
import Foundation
import NIOCore

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// Where a source's prices come from.
public struct PriceFeedOptions: Sendable, Hashable {
    /// The market's name.
    public var symbol: String
    /// The source's number, 0 to 15.
    public var source: Int32
    /// Where they come from.
    public var origin: Origin

    /// Where prices come from. A path is the names of members and numbers of elements that lead to the number
    /// in a JSON text, from the outermost in, with dots: `result.0.price`.
    public enum Origin: Sendable, Hashable {
        /// An address, `http` or `https`, that is asked again and again (RUN-8).
        case address(String, path: String)
        /// Recorded prices, and how much faster than they were, in 10⁻⁸ (RUN-9).
        case tape(PriceTape, speed: Int64)
        /// A WebSocket, `ws` or `wss`, and what is sent to it first (RUN-10).
        case stream(String, path: String, subscribe: String?)
    }

    /// A feed as the command line writes it: SYMBOL,SOURCE,URL,PATH with a message behind it if the URL is
    /// that of a WebSocket and wants one, or SYMBOL,SOURCE,tape:FILE with a speed behind it.
    ///
    /// - Throws: `VenueError` saying what was expected, or what `tape` throws when it reads a file.
    public init(_ text: String, tape: (String) throws -> PriceTape) throws {
        var parts = text.split(separator: ",", maxSplits: 3, omittingEmptySubsequences: false).map(
            String.init
        )
        guard parts.count >= 3, let source = Int32(parts[1]), (0...15).contains(source) else {
            throw PriceFeedOptions.wrong(text)
        }
        symbol = parts[0]
        self.source = source
        let place = parts[2]
        if place.hasPrefix("tape:") {
            let speed = parts.count == 4 ? try? DecimalText.parse(parts[3].utf8) : 100_000_000
            guard let speed, PriceTape.speeds.contains(speed), place.utf8.count > 5 else {
                throw VenueError(
                    "\(text): SYMBOL,SOURCE,tape:FILE,SPEED is expected, a speed of 0.001 to 1000"
                )
            }
            origin = .tape(try tape(String(place.dropFirst(5))), speed: speed)
            return
        }
        if parts.count < 4 { throw PriceFeedOptions.wrong(text) }
        if StreamAddress(place) != nil {
            parts = parts[3].split(separator: ",", maxSplits: 1).map(String.init)
            if parts.isEmpty { throw PriceFeedOptions.wrong(text) }
            origin = .stream(place, path: parts[0], subscribe: parts.count > 1 ? parts[1] : nil)
            return
        }
        guard place.hasPrefix("http://") || place.hasPrefix("https://"), !parts[3].isEmpty,
            !parts[3].contains(",")
        else { throw PriceFeedOptions.wrong(text) }
        origin = .address(place, path: parts[3])
    }

    private static func wrong(_ text: String) -> VenueError {
        VenueError(
            "\(text): SYMBOL,SOURCE,URL,PATH is expected, such as BTCUSDT,0,https://…,result.price, the same"
                + " with wss://…, or BTCUSDT,0,tape:FILE"
        )
    }
}

/// Where prices from outside come in: addresses that are asked, tapes, streams.
///
/// One that says nothing, or no price, gives none: its source goes stale by the rules of the market (PX-1),
/// and that is told once.
final class PriceFeed: Sendable {
    /// Bytes of an answer or a message at most.
    static let answerLimit = 1 << 16

    private let tasks: [Task<Void, Never>]
    private let streams: [StreamFeed]

    init(_ feeds: [PriceFeedOptions], _ venue: Venue, on group: any EventLoopGroup) throws {
        var tasks: [Task<Void, Never>] = []
        var streams: [StreamFeed] = []
        // All are looked at before any begins.
        var beginnings: [@Sendable () async -> Void] = []
        for feed in feeds {
            let target = try FeedTarget(feed.symbol, feed.source, venue)
            switch feed.origin {
            case .address(let address, let path):
                guard let url = URL(string: address) else {
                    throw VenueError("--feed: \(address) is no address")
                }
                let pause = venue.options.feedInterval
                beginnings.append { await PriceFeed.poll(url, path, every: pause, target) }
            case .tape(let tape, let speed):
                let player = TapePlayer(tape: tape, speed: speed, target: target)
                beginnings.append { await player.play() }
            case .stream(let text, let path, let subscribe):
                guard let address = StreamAddress(text) else {
                    throw VenueError("--feed: \(text) is no address")
                }
                streams.append(
                    try StreamFeed(
                        address,
                        path: path,
                        subscribe: subscribe,
                        target,
                        venue.options.streamTiming,
                        on: group.next()
                    )
                )
            }
        }
        for begin in beginnings { tasks.append(Task { await begin() }) }
        for stream in streams { stream.start() }
        self.tasks = tasks
        self.streams = streams
    }

    /// Takes no more prices in.
    func stop() {
        for task in tasks { task.cancel() }
        for stream in streams { stream.stop() }
    }

    /// Asks an address again and again.
    private static func poll(_ url: URL, _ path: String, every pause: Int, _ target: FeedTarget) async {
        while !Task.isCancelled {
            target.tell(await ask(url, path, target))
            try? await Task.sleep(for: .milliseconds(pause))
        }
    }

    /// Asks once; what was wrong, if anything was.
    private static func ask(_ url: URL, _ path: String, _ target: FeedTarget) async -> String? {
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
        guard let units = price(Array(answer.0), at: path) else { return "no price at \(path)" }
        return target.hand(units)
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
}
