internal import ExchangeCore
internal import ExchangeText

/// Prices of one instrument on one venue in one second, in 10⁻⁸ of the quote currency.
public struct Bar: Sendable, Equatable {
    /// Seconds since 1970.
    public var second: Int64
    /// First price.
    public var open: Int64
    /// Highest.
    public var high: Int64
    /// Lowest.
    public var low: Int64
    /// Last.
    public var close: Int64

    /// Open, the two extremes in the likelier order, close: a falling second visits its high first.
    var path: [Int64] { close < open ? [open, high, low, close] : [open, low, high, close] }
}

/// One instrument on one venue.
public struct Series: Sendable {
    /// Venue, as the tape has it.
    public var venue: String
    /// Symbol, as the tape has it.
    public var symbol: String
    /// Bars by second, rising; a second without a trade has none.
    public var bars: [Bar] = []

    /// `venue:symbol`.
    public var name: String { "\(venue):\(symbol)" }
    var isPerpetual: Bool { symbol.uppercased().contains("PERP") }
}

/// What is wrong with a tape.
public struct TapeError: Error, CustomStringConvertible, Equatable {
    /// Line of the file, from 1; 0 if it is about the whole.
    public var line: Int
    /// What is wrong.
    public var message: String
    /// What was expected.
    public var expected: String

    /// All of it in one line.
    public var description: String {
        (line > 0 ? "line \(line): " : "") + message + "; expected " + expected
    }
}

/// A recorded market: several series, in one of three formats that are told apart by themselves.
///
/// - one-second bars: `venue,symbol,sec,open,high,low,close,n,buy_amt,sell_amt` with that header;
/// - Binance klines: `open time,open,high,low,close,…`, with or without a header;
/// - Tardis trades: `exchange,symbol,timestamp,local_timestamp,id,side,price,amount` with that header.
public struct Tape: Sendable {
    /// The formats.
    public enum Format: Sendable, Equatable { case secondBars, klines, trades }

    /// The series, in the order in which they were met.
    public internal(set) var series: [Series] = []
    private var format: Format?
    private var lines = 0

    /// The last second of a tape, which is the exchange's last too, in the year 4253, and the highest price,
    /// in 10⁻⁸: what a replay works out from them fits 64 bits.
    static let latest = Timestamp.latest.microseconds / 1_000_000
    static let highest: Int64 = 100_000_000_000_000_000

    /// An empty tape.
    public init() {}

    /// Takes the next line of a file. Lines must come in the order of the file.
    public mutating func add(_ line: ArraySlice<UInt8>) throws(TapeError) {
        lines += 1
        let fields = Tape.split(line)
        if fields.count == 1 && fields[0].isEmpty { return }
        guard let format else {
            try recognise(fields)
            return
        }
        switch format {
        case .secondBars: try addSecondBar(fields)
        case .klines: try addKline(fields)
        case .trades: try addTrade(fields)
        }
    }

    private mutating func recognise(_ fields: [ArraySlice<UInt8>]) throws(TapeError) {
        let names = fields.map { String(decoding: $0, as: UTF8.self).lowercased() }
        if names.starts(with: ["venue", "symbol", "sec"]) {
            format = .secondBars
        } else if names.starts(with: ["exchange", "symbol", "timestamp"]) {
            format = .trades
        } else if names.count >= 6 && (names[0] == "open_time" || Int64(names[0]) != nil) {
            format = .klines
            if Int64(names[0]) != nil { try addKline(fields) }
        } else {
            throw TapeError(
                line: lines,
                message: "the first line names no known format",
                expected: "one-second bars (venue,symbol,sec,…), Binance klines or Tardis trades"
            )
        }
    }

    private mutating func addSecondBar(_ fields: [ArraySlice<UInt8>]) throws(TapeError) {
        if fields.count < 7 { throw missing("venue,symbol,sec,open,high,low,close") }
        let bar = Bar(
            second: try integer(fields[2]),
            open: try price(fields[3]),
            high: try price(fields[4]),
            low: try price(fields[5]),
            close: try price(fields[6])
        )
        let venue = String(decoding: fields[0], as: UTF8.self)
        try append(bar, venue, String(decoding: fields[1], as: UTF8.self))
    }

    private mutating func addKline(_ fields: [ArraySlice<UInt8>]) throws(TapeError) {
        if fields.count < 5 { throw missing("open time,open,high,low,close") }
        var time = try integer(fields[0])
        // Binance writes milliseconds, and since 2025 microseconds for spot.
        while time > 100_000_000_000 { time /= 1_000 }
        let bar = Bar(
            second: time,
            open: try price(fields[1]),
            high: try price(fields[2]),
            low: try price(fields[3]),
            close: try price(fields[4])
        )
        try append(bar, "klines", "PERP")
    }

    private mutating func addTrade(_ fields: [ArraySlice<UInt8>]) throws(TapeError) {
        if fields.count < 8 {
            throw missing("exchange,symbol,timestamp,local_timestamp,id,side,price,amount")
        }
        let second = try integer(fields[2]) / 1_000_000
        let price = try price(fields[6])
        let venue = String(decoding: fields[0], as: UTF8.self)
        let symbol = String(decoding: fields[1], as: UTF8.self)
        let place = place(of: venue, symbol)
        if let last = series[place].bars.last, last.second == second {
            let end = series[place].bars.count - 1
            series[place].bars[end].high = max(last.high, price)
            series[place].bars[end].low = min(last.low, price)
            series[place].bars[end].close = price
        } else {
            try append(Bar(second: second, open: price, high: price, low: price, close: price), venue, symbol)
        }
    }

    private mutating func append(_ bar: Bar, _ venue: String, _ symbol: String) throws(TapeError) {
        if bar.low > min(bar.open, bar.close) || bar.high < max(bar.open, bar.close) {
            throw TapeError(
                line: lines,
                message: "open or close lies outside of low and high",
                expected: "low ≤ open, close ≤ high"
            )
        }
        let place = place(of: venue, symbol)
        if let last = series[place].bars.last, last.second >= bar.second {
            throw TapeError(
                line: lines,
                message: "\(series[place].name) goes back to second \(bar.second)",
                expected: "a second later than \(last.second)"
            )
        }
        series[place].bars.append(bar)
    }

    private mutating func place(of venue: String, _ symbol: String) -> Int {
        if let last = series.last, last.venue == venue, last.symbol == symbol { return series.count - 1 }
        if let known = series.firstIndex(where: { $0.venue == venue && $0.symbol == symbol }) { return known }
        series.append(Series(venue: venue, symbol: symbol))
        return series.count - 1
    }

    // MARK: Fields

    private func missing(_ columns: String) -> TapeError {
        TapeError(line: lines, message: "columns are missing", expected: columns)
    }

    private func integer(_ field: ArraySlice<UInt8>) throws(TapeError) -> Int64 {
        // A time beyond the exchange's clock, in microseconds, would not fit it.
        guard let value = Int64(String(decoding: field, as: UTF8.self)), value >= 0,
            value <= Tape.latest * (format == .secondBars ? 1 : 1_000_000)
        else {
            throw TapeError(
                line: lines,
                message: "\"\(String(decoding: field, as: UTF8.self))\" is no time",
                expected: "a whole number of the time since 1970"
            )
        }
        return value
    }

    /// A price in 10⁻⁸; digits beyond the eighth are cut off, as tapes carry float noise there.
    private func price(_ field: ArraySlice<UInt8>) throws(TapeError) -> Int64 {
        var kept = field
        if let point = field.firstIndex(of: UInt8(ascii: ".")), field.endIndex - point > 9 {
            kept = field[..<(point + 9)]
        }
        if let value = try? DecimalText.parse(kept, scale: 8), value > 0, value <= Tape.highest {
            return value
        }
        throw TapeError(
            line: lines,
            message: "\"\(String(decoding: field, as: UTF8.self))\" is no price",
            expected: "a positive decimal number of up to 1,000,000,000"
        )
    }

    private static func split(_ line: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        var line = line
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        return line.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
    }

    // MARK: Choosing

    /// The perpetual of a market: the series whose name is `market`, else the first perpetual whose
    /// symbol begins with it, else the only series.
    public func perpetual(of market: String) throws(TapeError) -> Series {
        if let named = series.first(where: { $0.name == market || $0.symbol == market }) { return named }
        let prefix = market.uppercased()
        if let found = series.first(where: { $0.isPerpetual && $0.symbol.uppercased().hasPrefix(prefix) }) {
            return found
        }
        if series.count == 1 { return series[0] }
        if series.isEmpty {
            throw TapeError(line: 0, message: "the tape is empty", expected: "at least one bar or trade")
        }
        throw TapeError(
            line: 0,
            message: "the tape has no perpetual of \"\(market)\"",
            expected: "one of " + series.filter(\.isPerpetual).map(\.symbol).joined(separator: ", ")
        )
    }

    /// The series that make the index: those named, else all others whose symbol begins with the market.
    public func index(of market: String, from names: [String], besides perpetual: Series) throws(TapeError)
        -> [Series]
    {
        if names.isEmpty {
            let prefix = market.uppercased().prefix { $0 != "_" && $0 != "-" }
            let coin = prefix.hasSuffix("USD") ? prefix.dropLast(3) : prefix
            return series.filter {
                !$0.isPerpetual && $0.symbol.uppercased().hasPrefix(coin) && $0.name != perpetual.name
            }
        }
        var chosen: [Series] = []
        for name in names {
            guard let found = series.first(where: { $0.name == name || $0.symbol == name }) else {
                throw TapeError(
                    line: 0,
                    message: "the tape has no series \"\(name)\"",
                    expected: "one of " + series.map(\.name).joined(separator: ", ")
                )
            }
            chosen.append(found)
        }
        return chosen
    }
}
