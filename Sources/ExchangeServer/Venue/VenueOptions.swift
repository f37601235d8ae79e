public import BinanceDialect
public import ExchangeEdge
import ExchangeHistory
import ReadModel

/// How a venue is run.
public struct VenueOptions: Sendable {
    /// Where log, snapshots and keys lie.
    public var directory: String
    /// The address that it listens on.
    public var host = "127.0.0.1"
    /// The port; 0 for any that is free.
    public var port = 8_080
    /// Lines of the scenario language that a new venue begins with: markets, fund, vault. Nil: those of the
    /// playground.
    public var configuration: String?
    /// Where those lines are from: what a bad one among them is told with.
    public var configurationName = "configuration"
    /// Whether accounts, money and crashes are given to whoever asks with the operator's token.
    public var isPlayground = false
    /// Whether a demo population trades.
    public var hasDemo = false
    /// Commands a second of the demo at most, prices included.
    public var demoRate = 50
    /// Where prices from outside come from.
    public var feeds: [PriceFeedOptions] = []
    /// ms between two questions to an address.
    public var feedInterval = 1_000
    /// From what the demo draws.
    public var seed: UInt64 = 20_251_010
    /// How connections are encrypted.
    public var tls = TLSOption.none
    /// The forms of the wire.
    public var dialect = DialectOptions()
    /// Whether too much weight and too many orders are refused; otherwise they are only counted.
    public var enforcesLimits = false
    /// The chart library that the page uses, if it is there; without it the page does without candles.
    public var chart: [UInt8]?
    /// Where the page's files are read from at each request, for whoever works on them; nil: the ones that
    /// are a part of the program.
    public var pageDirectory: String?
    /// The operator's token; made up if there is none.
    public var operatorToken: String?
    /// Whether everything is kept, so that anybody can verify it from the first command.
    public var keepsAll = true
    /// Bytes of a segment of the log.
    public var segmentSize = 16 << 20
    /// Whether there is a database of histories beside the log (HIST-1).
    public var keepsHistory = true
    /// Receipts, forced fills and rows of history that are in memory, the newest of each (API-4).
    var kept = VenueRecord.usuallyKept
    /// How much of everything else is in memory (WIRE-17).
    var limits = ProjectionLimits()
    /// How the history works.
    var history = HistoryOptions()
    /// Bytes that may wait for a client of a WebSocket to read them (API-9).
    var unreadLimit = WebSocketConnection.usualLimit
    /// How long a stream of prices may take (RUN-10).
    var streamTiming = StreamTiming()
    /// Called with the port once it listens, before the log is recovered.
    var whenListening: (@Sendable (Int) async -> Void)?
    /// Jobs that may wait, in each of the two queues (RUN-3).
    var queueCapacity = 8_192

    /// A venue in a directory.
    public init(directory: String) { self.directory = directory }
}

/// Why a venue does not start.
public struct VenueError: Error, CustomStringConvertible, Sendable {
    /// What is wrong, and what was expected.
    public var description: String
    /// An error with that text.
    public init(_ description: String) { self.description = description }
}
