import Testing

@testable import StressLab

/// Reads a tape from its text, as the command line does.
func tape(_ text: String) throws(TapeError) -> Tape {
    var tape = Tape()
    // Bytes, as a carriage return and a line feed are one character.
    for line in Array(text.utf8).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
        try tape.add(line)
    }
    return tape
}

@Suite("Tapes: three formats that are told apart by themselves")
struct TapeTests {
    private func bar(_ second: Int64, _ open: Int64, _ high: Int64, _ low: Int64, _ close: Int64) -> Bar {
        // Written by hand here: hundredths, which the tape keeps as 10⁻⁸.
        let unit: Int64 = 1_000_000
        return Bar(second: second, open: open * unit, high: high * unit, low: low * unit, close: close * unit)
    }

    @Test("One-second bars: several series, each with its own clock; columns behind the close are not read")
    func secondBars() throws {
        let made = try tape(
            """
            venue,symbol,sec,open,high,low,close,n,buy_amt,sell_amt
            north,ABCUSD_PERP,100,10,10.5,9.5,10.25,3,8,0\r
            north,ABCUSD_PERP,102,10.25,10.25,4,4,1,0,9

            south,ABC-USD,99,10.01,10.01,10.01,10.01
            """
        )
        #expect(made.series.map(\.name) == ["north:ABCUSD_PERP", "south:ABC-USD"])
        let bars = made.series.map(\.bars)
        #expect(bars[0] == [bar(100, 1_000, 1_050, 950, 1_025), bar(102, 1_025, 1_025, 400, 400)])
        #expect(bars[1] == [bar(99, 1_001, 1_001, 1_001, 1_001)])
    }

    @Test(
        "Klines: with a header and without, in milliseconds, microseconds and seconds",
        arguments: [
            "open_time,open,high,low,close,volume\n1700000000000,5,6,4,5.5,1,2\n1700000060000,5.5,7,5,7,1,2",
            "1700000000000,5,6,4,5.5,1,2\n1700000060000,5.5,7,5,7,1,2",
            "1700000000000000,5,6,4,5.5,1,2\n1700000060000000,5.5,7,5,7,1,2",
            "1700000000,5,6,4,5.5,1,2\n1700000060,5.5,7,5,7,1,2",
        ]
    )
    func klines(text: String) throws {
        let made = try tape(text)
        #expect(made.series.count == 1)
        let expected = [bar(1_700_000_000, 500, 600, 400, 550), bar(1_700_000_060, 550, 700, 500, 700)]
        #expect(made.series.first?.bars == expected)
        // A tape with one series has one perpetual, whatever the market is called.
        #expect(try made.perpetual(of: "ANY").bars == expected)
    }

    @Test("Trades become bars of a second: first, extremes, last; venues do not mix")
    func trades() throws {
        let made = try tape(
            """
            exchange,symbol,timestamp,local_timestamp,id,side,price,amount
            north,ABC_PERP,7000000,7000001,1,buy,10,1
            north,ABC_PERP,7200000,7200001,2,sell,9,1
            south,ABC_PERP,7300000,7300001,1,buy,50,1
            north,ABC_PERP,7999999,8000000,3,buy,12.5,1
            north,ABC_PERP,8000000,8000001,4,buy,11,1
            """
        )
        #expect(made.series.map(\.name) == ["north:ABC_PERP", "south:ABC_PERP"])
        #expect(
            made.series[0].bars == [bar(7, 1_000, 1_250, 900, 1_250), bar(8, 1_100, 1_100, 1_100, 1_100)]
        )
        #expect(made.series[1].bars == [bar(7, 5_000, 5_000, 5_000, 5_000)])
    }

    @Test("Digits behind the eighth are float noise and cut off")
    func noise() throws {
        let made = try tape("1700000000,0.123456789999,0.2,0.1,0.12345678,1")
        #expect(made.series.first?.bars.first?.open == 12_345_678)
    }

    private static let bars = "venue,symbol,sec,open,high,low,close\n"
    private static let trades = "exchange,symbol,timestamp,local_timestamp,id,side,price,amount\n"
    private static let priced = "a positive decimal number of up to 1,000,000,000"
    private static let timed = "a whole number of the time since 1970"

    /// (text, error): every way in which a line can be wrong, with its place.
    private static let wrong: [(String, TapeError)] = [
        (
            "hello",
            TapeError(
                line: 1,
                message: "the first line names no known format",
                expected: "one-second bars (venue,symbol,sec,…), Binance klines or Tardis trades"
            )
        ),
        (
            bars + "a,b,1,1,1,1",
            TapeError(
                line: 2,
                message: "columns are missing",
                expected: "venue,symbol,sec,open,high,low,close"
            )
        ),
        (
            "1,1,1,1,1,1\n2,1,1,1",
            TapeError(line: 2, message: "columns are missing", expected: "open time,open,high,low,close")
        ),
        (
            trades + "a,b,1,1,1,buy,1",
            TapeError(
                line: 2,
                message: "columns are missing",
                expected: "exchange,symbol,timestamp,local_timestamp,id,side,price,amount"
            )
        ),
        (bars + "a,b,1,1,1,0,1", TapeError(line: 2, message: "\"0\" is no price", expected: priced)),
        (bars + "a,b,1,1,1,1,-1", TapeError(line: 2, message: "\"-1\" is no price", expected: priced)),
        (bars + "a,b,1,1e3,1,1,1", TapeError(line: 2, message: "\"1e3\" is no price", expected: priced)),
        (
            bars + "a,b,1,1000000000.1,1,1,1",
            TapeError(line: 2, message: "\"1000000000.1\" is no price", expected: priced)
        ),
        (trades + "a,b,1,1,1,buy,,1", TapeError(line: 2, message: "\"\" is no price", expected: priced)),
        (bars + "a,b,x,1,1,1,1", TapeError(line: 2, message: "\"x\" is no time", expected: timed)),
        (bars + "a,b,-1,1,1,1,1", TapeError(line: 2, message: "\"-1\" is no time", expected: timed)),
        (
            bars + "a,b,100000000001,1,1,1,1",
            TapeError(line: 2, message: "\"100000000001\" is no time", expected: timed)
        ),
        (
            bars + "a,b,5,1,1,1,1\n\na,b,5,1,1,1,1",
            TapeError(
                line: 4,
                message: "a:b goes back to second 5",
                expected: "a second later than 5"
            )
        ),
        (
            trades + "a,b,9000000,1,1,buy,1,1\na,b,8999999,1,1,buy,1,1",
            TapeError(line: 3, message: "a:b goes back to second 8", expected: "a second later than 9")
        ),
        (
            bars + "a,b,5,1,2,1,3",
            TapeError(
                line: 2,
                message: "open or close lies outside of low and high",
                expected: "low ≤ open, close ≤ high"
            )
        ),
        (
            bars + "a,b,5,1,3,2,3",
            TapeError(
                line: 2,
                message: "open or close lies outside of low and high",
                expected: "low ≤ open, close ≤ high"
            )
        ),
    ]

    @Test("A bad line: its number, what is wrong and what was expected", arguments: wrong.indices)
    func badLine(_ place: Int) {
        let (text, expected) = Self.wrong[place]
        #expect(throws: expected, "\(text)") { try tape(text) }
    }

    @Test("The description names the line, unless it is about the whole")
    func description() {
        #expect(TapeError(line: 3, message: "a", expected: "b").description == "line 3: a; expected b")
        #expect(TapeError(line: 0, message: "a", expected: "b").description == "a; expected b")
    }
}

@Suite("Tapes: choosing the perpetual and its index")
struct TapeChoiceTests {
    private let made: Tape
    init() throws {
        made = try tape(
            """
            venue,symbol,sec,open,high,low,close
            coins,ABCUSD_PERP,1,1,1,1,1
            coins,ABDUSD_PERP,1,1,1,1,1
            north,ABC-USD,1,1,1,1,1
            south,ABCUSDT,1,1,1,1,1
            south,ABDUSDT,1,1,1,1,1
            """
        )
    }

    @Test("By name, by symbol, by the symbol's beginning in any case")
    func perpetual() throws {
        #expect(try made.perpetual(of: "coins:ABDUSD_PERP").symbol == "ABDUSD_PERP")
        #expect(try made.perpetual(of: "ABDUSD_PERP").symbol == "ABDUSD_PERP")
        #expect(try made.perpetual(of: "abd").symbol == "ABDUSD_PERP")
        #expect(try made.perpetual(of: "ABC").symbol == "ABCUSD_PERP")
    }

    @Test("An unknown market or series names those that there are; an empty tape says so")
    func unknown() throws {
        let market = TapeError(
            line: 0,
            message: "the tape has no perpetual of \"XYZ\"",
            expected: "one of ABCUSD_PERP, ABDUSD_PERP"
        )
        #expect(throws: market) { try made.perpetual(of: "XYZ") }
        let series = TapeError(
            line: 0,
            message: "the tape has no series \"east:ABC\"",
            expected: "one of coins:ABCUSD_PERP, coins:ABDUSD_PERP, north:ABC-USD, south:ABCUSDT, "
                + "south:ABDUSDT"
        )
        let perpetual = try made.perpetual(of: "ABC")
        #expect(throws: series) {
            try made.index(of: "ABC", from: ["south:ABCUSDT", "east:ABC"], besides: perpetual)
        }
        let empty = TapeError(
            line: 0,
            message: "the tape is empty",
            expected: "at least one bar or trade"
        )
        #expect(throws: empty) { try tape("").perpetual(of: "ABC") }
    }

    @Test("The index is all spot series of the coin, or those named, in that order")
    func index() throws {
        let perpetual = try made.perpetual(of: "ABC")
        for market in ["ABC", "ABCUSD", "ABCUSD_PERP", "abc"] {
            let found = try made.index(of: market, from: [], besides: perpetual)
            #expect(found.map(\.name) == ["north:ABC-USD", "south:ABCUSDT"], "\(market)")
        }
        let named = try made.index(of: "ABC", from: ["ABDUSDT", "north:ABC-USD"], besides: perpetual)
        #expect(named.map(\.name) == ["south:ABDUSDT", "north:ABC-USD"])
    }
}
