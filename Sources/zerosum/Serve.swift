import ArgumentParser
import BinanceDialect
import ExchangeEdge
import ExchangeJournal
import ExchangeServer
import Foundation
import Logging
import ServiceLifecycle
import UnixSignals

/// `zerosum serve`: a venue.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Run a venue: matching, margin, liquidation and the waterfall, over the Binance USD-M wire.",
        discussion: """
            The directory holds the log of all commands, snapshots, and the keys of the interface. Starting is
            recovering: whatever happened before, what was acknowledged is there.

            A new venue begins with the lines of --config, in the language of `zerosum run`: markets, fund,
            vault (its shares are locked up for four days, in a playground for a minute, if there is no
            lockUpSeconds). Without it, and in a playground, with three markets.

            A playground gives accounts, money and crashes to whoever has the operator's token, and listens on
            loopback alone.
            """
    )

    @Option(help: "Where log, snapshots and keys lie.")
    var data: String

    @Option(help: "Address and port; port 0 for any that is free.")
    var listen = "127.0.0.1:8080"

    @Option(help: "What a new venue begins with, in the scenario language.")
    var config: String?

    @Option(help: "CERTIFICATE,KEY as PEM files, or self-signed.")
    var tls: String?

    @Flag(help: "Accounts, money and crashes for whoever asks.")
    var playground = false

    @Flag(help: "A playground without a demo population, and so without prices of its own.")
    var noDemo = false

    @Option(help: "Commands a second of the demo population at most.")
    var demoRate = 50

    @Option(
        help:
            """
            Where a source's prices come from. SYMBOL,SOURCE,URL,PATH: an address that is asked (https) \
            or a stream that is listened to (wss, with a message behind PATH if it wants one); PATH leads \
            to the number in a JSON text, such as result.price. SYMBOL,SOURCE,tape:FILE,SPEED: recorded \
            prices, a line SECONDS,PRICE each, also .gz.
            """
    )
    var feed: [String] = []

    @Option(help: "Milliseconds between two questions to an address.")
    var feedInterval = 1_000

    @Option(help: "From what the demo population draws.")
    var seed: UInt64 = 20_251_010

    @Flag(help: "Take conditional orders on /fapi/v1/order, as before December 2025.")
    var legacyConditionalOrders = false

    @Option(
        help:
            """
            What a liquidation or deleveraging looks like on the wire, as NAME=VALUE: \
            \(Serve.forms). The first of each is the usual one.
            """
    )
    var form: [String] = []

    @Flag(help: "Refuse too much weight and too many orders, not only count them.")
    var enforceLimits = false

    @Flag(help: "Keep two snapshots and what is behind them, not the whole log.")
    var forget = false

    @Option(help: "Bytes of a segment of the log: a file that is made at once; 1 MiB at least.")
    var segmentSize = 16 << 20

    @Option(help: "The chart library of the page, a file; without it the page does without candles.")
    var chart: String?

    @Option(help: "Read the page's files from a directory at each request, to work on them.")
    var pageFiles: String?
    @Flag(help: "No database of histories: what falls out of memory is gone for clients.")
    var noHistory = false

    @Option(help: "The operator's token; made up if there is none.")
    var token: String?

    private static var forms: String {
        DialectOptions.forms.map { "\($0.name)=\($0.values.joined(separator: "|"))" }.joined(separator: ", ")
    }

    func run() async throws {
        Serve.prepare()
        LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
        let log = Logger(label: "zerosum")
        do {
            let venue = try await Venue.start(try options(), log: log)
            let running = RunningVenue(venue: venue) { try await announce(venue) }
            try await ServiceGroup(
                services: [running],
                gracefulShutdownSignals: Serve.endSignals,
                logger: log
            ).run()
        } catch {
            fail("\(error)")
            throw ExitCode(2)
        }
    }

    /// An interrupt, a request to end, or the end of the terminal, unless that is ignored from the start, as
    /// `nohup` asks for.
    private static var endSignals: [UnixSignal] {
        let before = signal(SIGHUP, SIG_IGN)
        return [.sigint, .sigterm] + (unsafeBitCast(before, to: Int.self) == 1 ? [] : [.sighup])
    }

    /// What the process needs before it opens anything.
    private static func prepare() {
        // A file that may not grow, or a reader that has gone, is an error like any other, not the end of the
        // process.
        signal(SIGXFSZ, SIG_IGN)
        signal(SIGPIPE, SIG_IGN)
        // What is made from here on is its owner's alone: log, histories and keys.
        umask(0o077)
        // Closed, these numbers would be given to the next files, and messages be written into the log.
        for descriptor in Int32(0)...2 where fcntl(descriptor, F_GETFD) == -1 {
            let opened = open("/dev/null", O_RDWR)
            if opened >= 0 && opened != descriptor {
                dup2(opened, descriptor)
                close(opened)
            }
        }
    }

    private func options() throws -> VenueOptions {
        var options = VenueOptions(directory: data)
        guard let colon = listen.lastIndex(of: ":"), let port = Int(listen[listen.index(after: colon)...]),
            (0...65_535).contains(port)
        else {
            throw VenueError("--listen \(listen): an address and a port are expected, such as 127.0.0.1:8080")
        }
        options.host = String(listen[..<colon]).trimmingCharacters(in: ["[", "]"])
        options.port = port
        if let config {
            guard let text = try? String(contentsOfFile: config, encoding: .utf8) else {
                throw VenueError("--config \(config): a file of text is expected")
            }
            options.configuration = text
            options.configurationName = config
        }
        switch tls {
        case nil: break
        case "self-signed": options.tls = .selfSigned
        case let text?:
            let parts = text.split(separator: ",")
            guard parts.count == 2 else {
                throw VenueError("--tls \(text): CERTIFICATE,KEY or self-signed is expected")
            }
            options.tls = .files(certificate: String(parts[0]), key: String(parts[1]))
        }
        options.isPlayground = playground
        options.hasDemo = playground && !noDemo
        options.demoRate = max(12, demoRate)
        options.feeds = try feed.map { try PriceFeedOptions($0, tape: Serve.tape) }
        options.feedInterval = max(100, feedInterval)
        options.seed = seed
        options.dialect.legacyConditionalOrders = legacyConditionalOrders
        for text in form {
            do throws(FormError) {
                try options.dialect.choose(text)
            } catch {
                throw VenueError("--form \(error)")
            }
        }
        options.dialect.allowsWalletTransfers = playground
        options.enforcesLimits = enforceLimits
        options.operatorToken = token
        options.pageDirectory = pageFiles
        if let chart {
            guard let data = FileManager.default.contents(atPath: chart) else {
                throw VenueError("--chart \(chart): there is no such file")
            }
            options.chart = [UInt8](data)
        }
        guard (1 << 20...1 << 32).contains(segmentSize) else {
            throw VenueError("--segment-size \(segmentSize): 1048576 to 4294967296 bytes are expected")
        }
        options.segmentSize = segmentSize
        options.keepsAll = !forget
        options.keepsHistory = !noHistory
        return options
    }

    /// Reads recorded prices.
    private static func tape(_ path: String) throws -> PriceTape {
        var tape = PriceTape()
        do {
            try TapeFile.forEachLine(of: path) { try tape.add($0) }
        } catch let error as VenueError {
            throw VenueError("--feed: \(path), \(error)")
        }
        if tape.isEmpty { throw VenueError("--feed: \(path) has no prices") }
        return tape
    }

    /// Says where it is, and how to begin.
    private func announce(_ venue: Venue) async throws {
        let scheme = tls == nil ? "http" : "https"
        let host = venue.address.contains(":") ? "[\(venue.address)]" : venue.address
        let base = "\(scheme)://\(host):\(venue.port)"
        var text = "zerosum listens on \(base)\n"
        // Behind the # it stays in the browser: it is in no request, and so in no log.
        text += "its page          \(base)/\(playground ? "#token=\(venue.operatorToken)" : "")\n"
        if venue.recovery.executed > 0 {
            text += "recovered \(venue.recovery.executed) commands"
            text +=
                venue.recovery.torn > 0
                ? ", cut off \(venue.recovery.torn) bytes that were never acknowledged\n" : "\n"
        }
        for reason in venue.recovery.passedOver { text += "passed over a snapshot: \(reason)\n" }
        text += "operator's token  \(venue.operatorToken)\n"
        if playground {
            text += playgroundText(venue, try await venue.playgroundKey(), base, host)
        }
        let output = OutputFile.standardOutput
        output.bytes = Array(text.utf8)
        try output.flush()
    }

    /// How to begin with a playground: an account, the whole of what ccxt needs, and a crash.
    private func playgroundText(
        _ venue: Venue,
        _ key: (account: Int32, name: String, secret: String),
        _ base: String,
        _ host: String
    ) -> String {
        let socket = "\(tls == nil ? "ws" : "wss")://\(host):\(venue.port)"
        let unchecked = tls == "self-signed" ? "\n    exchange.verify = False" : ""
        return """
            account           \(key.account)
            API key           \(key.name)
            secret            \(key.secret)

            With ccxt (and with "import ccxt.pro as ccxt" for its sockets):

                import ccxt
                base, socket = "\(base)", "\(socket)"
                exchange = ccxt.binanceusdm({"apiKey": "\(key.name)",
                    "secret": "\(key.secret)",
                    "options": {"fetchCurrencies": False}})\(unchecked)
                exchange.urls["api"].update({
                    "fapiPublic": base + "/fapi/v1", "fapiPublicV2": base + "/fapi/v2",
                    "fapiPublicV3": base + "/fapi/v3", "fapiPrivate": base + "/fapi/v1",
                    "fapiPrivateV2": base + "/fapi/v2", "fapiPrivateV3": base + "/fapi/v3",
                    "fapiData": base + "/futures/data", "sapi": base + "/sapi/v1",
                    "ws": {"linear": socket + "/ws", "ws-api": {"linear": socket + "/ws-fapi/v1"}}})
                exchange.exceptions["exact"].update(exchange.exceptions["linear"]["exact"])

            What happened to this account: \(base)/zerosum/v1/receipts?account=\(key.account)
            Crash the market by a fifth within twenty seconds, with a thin book:

                curl -X POST -H "X-Zerosum-Token: \(venue.operatorToken)" \\
                    "\(base)/zerosum/v1/crash?depth=0.2"

            """
    }
}

/// A venue as a service of the program: it says where it is, and ends in order when the program is to end,
/// whether or not it has said all of it by then.
private struct RunningVenue: Service {
    let venue: Venue
    let announce: @Sendable () async throws -> Void

    func run() async throws {
        do {
            try await announce()
        } catch let error as FileError {
            // Nobody reads what it says: that is no reason not to run.
            fail("\(error); the venue goes on")
        } catch {
            await venue.stop()
            throw error
        }
        try await gracefulShutdown()
        fail("stopping")
        await venue.stop()
    }
}
