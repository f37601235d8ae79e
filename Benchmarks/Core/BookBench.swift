import ExchangeCore

/// Messages per second of the book alone, and the digest of what it reports.
final class BookBench {
    /// What was measured.
    struct Result: Sendable {
        /// Messages played in each run.
        var messages = 0
        /// Trades in one run.
        var trades = 0
        /// Reports in one run.
        var reports = 0
        /// Most orders that rested, looked at every 4,096 messages.
        var peak = 0
        /// Of each run.
        var nanoseconds: [Int] = []
        /// Messages per second of the median run.
        var rate: Double { Double(messages) * 1e9 / Double(max(1, middle(nanoseconds))) }
    }

    let messages: [BookMessage]

    /// Draws the messages of a scenario.
    init(_ scenario: BookScenario, orders: Int = 1_000_000, seed: UInt32 = 23) {
        messages = scenario.messages(orders: orders, seed: seed)
    }

    /// The messages as text: a line a message, `kind,side,order,price,quantity`.
    var lines: [UInt8] {
        var text: [UInt8] = []
        for message in messages {
            let fields = [
                Int64(message.kind.rawValue), message.side == .buy ? 0 : 1, message.order, message.price,
                message.quantity,
            ]
            text.append(contentsOf: fields.map(String.init).joined(separator: ",").utf8)
            text.append(UInt8(ascii: "\n"))
        }
        return text
    }

    /// Plays the messages into a fresh book `runs` times; what it reports is written and forgotten.
    func run(runs: Int) -> Result {
        var result = Result()
        result.messages = messages.count
        for run in 0..<runs {
            var book = MatchingBook()
            let began = ThreadClock.now
            play(&book, isFirst: run == 0, &result)
            result.nanoseconds.append(ThreadClock.now - began)
        }
        return result
    }

    private func play(_ book: inout MatchingBook, isFirst: Bool, _ result: inout Result) {
        var next = 0
        while next < messages.count {
            let end = min(next + 4_096, messages.count)
            book.removeReports()
            for index in next..<end { apply(messages[index], &book) }
            next = end
            if !isFirst { continue }
            result.reports += book.reports.count
            for index in 0..<book.reports.count where book.reports[index].kind == .trade {
                result.trades += 1
            }
            result.peak = max(result.peak, book.count)
        }
    }

    @inline(__always)
    func apply(_ message: BookMessage, _ book: inout MatchingBook) {
        let id = OrderID(message.order)
        switch message.kind {
        case .place: book.place(id, message.side, Price(message.price), Quantity(message.quantity))
        case .immediate:
            book.place(id, message.side, Price(message.price), Quantity(message.quantity), isImmediate: true)
        case .cancel: book.cancel(id)
        case .modify: book.modify(id, Price(message.price), Quantity(message.quantity))
        }
    }
}

/// The median of some durations.
func middle(_ values: [Int]) -> Int {
    values.isEmpty ? 0 : values.sorted()[values.count / 2]
}
