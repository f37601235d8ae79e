import ExchangeText

/// Recorded prices of one source, in the order of their times (RUN-9).
public struct PriceTape: Sendable, Hashable {
    /// A price at a time.
    struct Row: Sendable, Hashable {
        /// µs from the first row's time.
        var at: Int64
        /// 10⁻⁸.
        var price: Int64
    }

    /// Rows of a tape at most: 80 MB.
    static let limit = 5_000_000
    /// Speeds in 10⁻⁸: from a thousandth to a thousand times as fast as it was.
    static let speeds: ClosedRange<Int64> = 100_000...100_000_000_000

    private(set) var rows: [Row] = []
    private var lines = 0
    private var first: Int64 = 0

    /// Whether it has no prices.
    public var isEmpty: Bool { rows.isEmpty }

    /// An empty tape.
    public init() {}

    /// Takes the next line of a file: seconds as a decimal, a comma, a price. A first line of two names and
    /// empty lines are passed over.
    ///
    /// - Throws: `VenueError` with the line's number, what is wrong and what was expected.
    public mutating func add(_ line: ArraySlice<UInt8>) throws(VenueError) {
        lines += 1
        let text = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
        if text.isEmpty { return }
        let fields = text.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        if fields.count != 2 { throw wrong("\(fields.count) fields") }
        if lines == 1, let letter = fields[0].first, letter >= UInt8(ascii: "A") { return }
        // In 10⁻⁸ s, of which µs count.
        guard let time = try? DecimalText.parse(fields[0]), time >= 0 else { throw wrong("no time") }
        guard let price = try? DecimalText.parse(fields[1]), price > 0 else { throw wrong("no price") }
        let at = time / 100
        if rows.isEmpty { first = at }
        if at - first < rows.last?.at ?? 0 { throw wrong("a time before the last one") }
        if rows.count == PriceTape.limit { throw wrong("more than \(PriceTape.limit) prices") }
        rows.append(Row(at: at - first, price: price))
    }

    private func wrong(_ what: String) -> VenueError {
        VenueError(
            "line \(lines): \(what); SECONDS,PRICE is expected, such as 1760130000.25,60000.5,"
                + " times not falling, prices above 0"
        )
    }
}

/// Plays a tape to a source: each price when its time has come, and nothing behind the last.
struct TapePlayer: Sendable {
    /// Prices handed in at once at most: of more that are due, the newest.
    static let burst = 1_000

    let tape: PriceTape
    /// 10⁻⁸.
    let speed: Int64
    let target: FeedTarget

    /// µs from the start at which a row is due.
    private func due(_ row: Int) -> Int64 {
        Int64(clamping: Int128(tape.rows[row].at) * 100_000_000 / Int128(speed))
    }

    /// Plays it to its end, or until the task is cancelled.
    func play() async {
        let clock = ContinuousClock()
        let start = clock.now
        var next = 0
        while next < tape.rows.count {
            let wait = start + .microseconds(due(next))
            do { try await clock.sleep(until: wait) } catch { return }
            let now = (clock.now - start).components
            let elapsed = now.seconds * 1_000_000 + now.attoseconds / 1_000_000_000_000
            var end = next + 1
            while end < tape.rows.count && due(end) <= elapsed { end += 1 }
            for row in max(next, end - TapePlayer.burst)..<end {
                target.tell(target.hand(tape.rows[row].price))
            }
            next = end
        }
        target.tell("the tape has ended: no more prices")
    }
}
