import ExchangeCore
import Foundation
import StressLab

/// exchange-core's stream, over one market or many, through the book alone or through the whole core.
final class StreamBench {
    /// What was measured.
    struct Result: Sendable {
        /// Markets.
        var markets = 0
        /// User accounts.
        var users = 0
        /// Commands that count, in each run.
        var commands = 0
        /// Of them accepted.
        var accepted = 0
        /// Trades in one run.
        var trades = 0
        /// Orders that rest at the end.
        var resting = 0
        /// Bytes of events; 0 for the book alone.
        var eventBytes = 0
        /// Of each run.
        var nanoseconds: [Int] = []
        /// Commands per second of the median run.
        var rate: Double { Double(commands) * 1e9 / Double(max(1, middle(nanoseconds))) }
    }

    /// A user keeps to so many markets.
    private static let marketsOfUser = 4
    private static let batch = 1_024

    private let markets: Int
    private let users: Int
    private var firstPrices: [Int32] = []
    private var fill: [StreamCommand] = []
    private var commands: [StreamCommand] = []
    /// Trades on the book that the stream was drawn on.
    private(set) var drawnTrades = 0

    /// Draws a stream: `target` resting orders, then `count` commands, shared out over the markets by a
    /// Pareto distribution and shuffled.
    init(markets: Int, users: Int, target: Int, count: Int, seed: Int32 = 101_572_685) {
        self.markets = markets
        self.users = users
        let weights = StreamBench.weights(markets, seed)
        var fills: [[StreamCommand]] = []
        var streams: [[StreamCommand]] = []
        for market in 0..<markets {
            let share = max(2, Int(Double(target) * weights[market] + 0.5))
            let length = max(1, Int(Double(count) * weights[market] + 0.5))
            let traders = markets == 1 ? users : max(2, users * StreamBench.marketsOfUser / markets)
            var stream = OrderStream(symbol: Int32(market), target: share, users: traders, seed: seed)
            firstPrices.append(stream.firstPrice)
            let made = stream.make(target: share, count: length)
            fills.append(made.fill)
            streams.append(made.commands)
            drawnTrades += stream.trades
        }
        fill = StreamBench.merge(fills, seed: 1)
        commands = StreamBench.merge(streams, seed: 2)
    }

    private static func weights(_ count: Int, _ seed: Int32) -> [Double] {
        var random = JavaRandom(seed: Int64(seed))
        var weights: [Double] = []
        for _ in 0..<count { weights.append(exp(-log(1 - random.nextDouble()) / 1.5)) }
        let sum = weights.reduce(0, +)
        return weights.map { $0 / sum }
    }

    /// Shuffles streams into one; each keeps its own order.
    private static func merge(_ streams: [[StreamCommand]], seed: UInt64) -> [StreamCommand] {
        if streams.count == 1 { return streams[0] }
        var turns: [Int32] = []
        for (index, stream) in streams.enumerated() {
            turns.append(contentsOf: repeatElement(Int32(index), count: stream.count))
        }
        var random = Random(seed: seed)
        for index in stride(from: turns.count - 1, to: 0, by: -1) {
            turns.swapAt(index, Int(random.next() % UInt64(index + 1)))
        }
        var next = Array(repeating: 0, count: streams.count)
        return turns.map { turn in
            defer { next[Int(turn)] += 1 }
            return streams[Int(turn)][next[Int(turn)]]
        }
    }

    /// The stream as text: a line a command, `kind,side,user,order,price,size`, the orders of the fill first.
    var lines: [UInt8] {
        var text: [UInt8] = []
        for command in fill + commands where command.kind != .price {
            let side = command.isBid ? 0 : 1
            let fields = [
                Int(command.kind.rawValue), side, Int(command.user), Int(command.order), Int(command.price),
                Int(command.size),
            ]
            text.append(contentsOf: fields.map(String.init).joined(separator: ",").utf8)
            text.append(UInt8(ascii: "\n"))
        }
        return text
    }

    // MARK: The book alone

    /// Plays a stream of one market through a book by itself.
    func runBook(runs: Int) -> Result {
        var result = Result(markets: 1, users: users, commands: fill.count + commands.count)
        for run in 0..<runs {
            var book = MatchingBook()
            let began = ThreadClock.now
            play(fill, &book, isFirst: run == 0, &result)
            play(commands, &book, isFirst: run == 0, &result)
            result.nanoseconds.append(ThreadClock.now - began)
            result.resting = book.count
        }
        return result
    }

    private func play(
        _ commands: [StreamCommand],
        _ book: inout MatchingBook,
        isFirst: Bool,
        _ result: inout Result
    ) {
        var next = 0
        while next < commands.count {
            let end = min(next + StreamBench.batch, commands.count)
            book.removeReports()
            for index in next..<end { StreamBench.apply(commands[index], &book) }
            next = end
            if !isFirst { continue }
            for index in 0..<book.reports.count {
                switch book.reports[index].kind {
                case .trade: result.trades += 1
                case .cancelRefused, .modifyRefused: break
                default: result.accepted += 1
                }
            }
        }
    }

    @inline(__always)
    private static func apply(_ command: StreamCommand, _ book: inout MatchingBook) {
        let id = OrderID(Int64(command.order))
        let side: Side = command.isBid ? .buy : .sell
        let price = Price(Int64(command.price))
        let size = Quantity(Int64(command.size))
        switch command.kind {
        case .gtc: book.place(id, side, price, size)
        case .ioc: book.place(id, side, price, size, isImmediate: true)
        case .fok: if book.fills(side, price, size) { book.place(id, side, price, size, isImmediate: true) }
        case .cancel: book.cancel(id)
        case .reduce: book.reduce(id, by: size)
        case .move: book.move(id, to: price)
        case .price: break
        }
    }

    // MARK: The whole core

    /// Plays the stream through an exchange, margin and ledger on, in batches; commands are made, and
    /// outcomes read, between the batches.
    func runCore(runs: Int) -> Result {
        var result = Result(markets: markets, users: users, commands: commands.count)
        for run in 0..<runs {
            var player = StreamPlayer(prices: firstPrices, users: users)
            _ = player.play(fill, batch: StreamBench.batch)
            let before = player.counts
            result.nanoseconds.append(player.play(commands, batch: StreamBench.batch))
            if run > 0 { continue }
            result.accepted = player.counts.accepted - before.accepted
            result.trades = player.counts.trades - before.trades
            result.eventBytes = player.counts.eventBytes - before.eventBytes
            result.resting = player.resting
        }
        return result
    }

    /// Gives `body` an exchange whose books are filled, and the commands ready to be applied. Fill-or-kill
    /// orders are left out: one that is refused has no number, and would shift those behind it.
    func withReadyCommands(_ body: (inout Exchange, [Command]) -> Void) {
        var player = StreamPlayer(prices: firstPrices, users: users)
        _ = player.play(fill, batch: StreamBench.batch)
        player.withReadyCommands(commands.filter { $0.kind != .fok }, body)
    }
}
