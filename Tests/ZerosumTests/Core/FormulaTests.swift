import Testing

@testable import ExchangeCore

/// One row of a table: what goes in, and what comes out, both worked out by hand.
struct Row: Sendable, CustomStringConvertible {
    let input: [Int128]
    let output: Int128

    init(_ input: Int128..., gives output: Int128) {
        self.input = input
        self.output = output
    }

    var description: String { "\(input) gives \(output)" }
}

@Suite("Core: formulas of margin.md")
struct MarginFormulaTests {
    @Test(
        "MG-1 initial margin: ⌈notional / leverage⌉",
        arguments: [
            Row(0, 10, gives: 0), Row(100, 3, gives: 34), Row(99, 3, gives: 33), Row(1, 125, gives: 1),
            Row(1_000_000, 20, gives: 50_000),
        ]
    )
    func initial(_ row: Row) {
        #expect(Margin.initial(row.input[0], leverage: Int64(row.input[1])) == row.output)
    }

    @Test(
        "MG-5 maintenance: ⌈notional·rate − deduction⌉",
        arguments: [
            // 1,000 at 0.4 %; a unit; 100,000 at 0.5 % in the bracket above 50,000 at 0.4 %; half a unit off.
            Row(100_000_000_000, 400_000, 0, gives: 400_000_000), Row(1, 400_000, 0, gives: 1),
            Row(10_000_000_000_000, 500_000, 500_000_000_000_000_000, gives: 45_000_000_000),
            Row(100, 1_000_000, 50_000_000, gives: 1), Row(0, 400_000, 0, gives: 0),
        ]
    )
    func maintenance(_ row: Row) {
        let rate = Rate(Int64(row.input[1]))
        #expect(Margin.maintenance(row.input[0], rate: rate, deduction: row.input[2]) == row.output)
    }

    @Test(
        "MG-5 bracket: the first that reaches a notional, or the last",
        arguments: [
            Row(0, gives: 0), Row(100, gives: 0), Row(101, gives: 1), Row(200, gives: 1), Row(201, gives: 2),
            Row(9_999, gives: 2),
        ]
    )
    func bracket(_ row: Row) {
        var table = TierTable()
        for (upTo, leverage) in [(100, 50), (200, 20), (300, 10)] as [(Int64, Int32)] {
            let isTaken = table.append(
                Tier(upTo: Amount(upTo), maintenance: Rate(400_000), leverage: leverage)
            )
            #expect(isTaken)
        }
        #expect(Margin.bracket(of: row.input[0], in: table) == Int(row.output))
    }

    @Test(
        "MG-1 exposure: position, buys, sells, by the side of the position",
        arguments: [
            (Row(10, 5, 0, gives: 15), PositionSide.both), (Row(10, 0, 25, gives: 15), .both),
            (Row(-10, 4, 3, gives: 13), .both), (Row(0, 4, 9, gives: 9), .both),
            (Row(10, 5, 99, gives: 15), .long), (Row(-10, 99, 5, gives: 15), .short),
        ]
    )
    func exposure(_ row: Row, _ side: PositionSide) {
        let (held, buys, sells) = (row.input[0], row.input[1], row.input[2])
        #expect(Margin.exposure(held: held, buys: buys, sells: sells, side: side) == row.output)
    }

    @Test(
        "MG-1 requirement: initial margin less what an isolated position holds, fees, losses",
        arguments: [
            Row(34, 0, 1, 2, gives: 37), Row(34, 40, 1, 0, gives: 1), Row(34, 30, 0, 0, gives: 4),
            Row(0, 0, 0, 0, gives: 0),
        ]
    )
    func requirement(_ row: Row) {
        let it = row.input
        #expect(Margin.requirement(ofExposure: it[0], held: it[1], fees: it[2], loss: it[3]) == row.output)
    }

    @Test("MG-1 available", arguments: [Row(10, 3, gives: 7), Row(-4, 0, gives: -4), Row(2, 5, gives: -3)])
    func available(_ row: Row) {
        #expect(Margin.available(equity: row.input[0], requirements: row.input[1]) == row.output)
    }

    @Test(
        "MG-7 ticks to the trigger, rounded down",
        arguments: [
            Row(1_000, 10, 0, gives: 100), Row(1_000, 10, 1_000_000, gives: 99), Row(9, 10, 0, gives: 0),
            Row(0, 10, 0, gives: 0), Row(-1, 10, 0, gives: -1_073_741_823),
        ]
    )
    func trigger(_ row: Row) {
        let rate = Rate(Int64(row.input[2]))
        #expect(Margin.triggerDistance(room: row.input[0], tickWorth: row.input[1], rate: rate) == row.output)
    }

    @Test(
        "WF-4 past takeover: below the fraction, not at it",
        arguments: [
            Row(50, 100, gives: 0), Row(49, 100, gives: 1), Row(-1, 0, gives: 1), Row(0, 0, gives: 0),
        ]
    )
    func takeover(_ row: Row) {
        let isPast = Margin.isPastTakeover(equity: row.input[0], maintenance: row.input[1], 1, 2)
        #expect(isPast == (row.output == 1))
    }
}

@Suite("Core: formulas of waterfall.md")
struct LiquidationFormulaTests {
    @Test(
        "WF-3 just enough: size, equity, maintenance, own part, notional, buffer, fee",
        arguments: [
            Row(10, 50, 100, 100, 10_000, 0, 0, gives: 5),
            Row(10, 50, 100, 100, 10_000, 10_000_000, 0, gives: 6),
            // A fee of half the margin leaves nothing to free; a second position bears half of the margin.
            Row(10, 50, 100, 100, 10_000, 0, 500_000, gives: 10), Row(10, 60, 100, 50, 5_000, 0, 0, gives: 8),
            Row(10, 100, 100, 100, 10_000, 0, 0, gives: 0), Row(3, 99, 100, 100, 100, 0, 0, gives: 1),
        ]
    )
    func justEnough(_ row: Row) {
        let it = row.input
        let lots = Liquidation.justEnough(
            size: it[0],
            equity: it[1],
            maintenance: it[2],
            own: it[3],
            notional: it[4],
            buffer: Rate(Int64(it[5])),
            fee: Rate(Int64(it[6]))
        )
        #expect(lots == row.output)
    }

    /// A position of ten lots that is all of its margin account.
    private func zero(_ equity: Int128, share: Int128 = 1, of whole: Int128 = 1) -> BankruptcyPrice {
        var zero = BankruptcyPrice()
        (zero.equity, zero.part, zero.whole, zero.size) = (equity, share, whole, 10)
        return zero
    }

    @Test(
        "MG-6 bankruptcy price: a long's rounded up, a short's down",
        arguments: [
            (Row(105, gives: 990), true), (Row(105, gives: 1_010), false), (Row(-105, gives: 1_011), true),
            (Row(-105, gives: 989), false), (Row(0, gives: 1_000), true), (Row(20_000, gives: -1_000), true),
        ]
    )
    func bankruptcyPrice(_ row: Row, _ isLong: Bool) {
        let zero = zero(row.input[0])
        let price = Liquidation.bankruptcyPrice(mark: 1_000, isLong: isLong, zero, unitValue: 1)
        #expect(price == row.output)
    }

    @Test(
        "MG-6 the part of some lots: a surplus rounded down, a deficit away from zero",
        arguments: [
            Row(105, 5, gives: 26), Row(-105, 5, gives: -27), Row(105, 10, gives: 52), Row(0, 5, gives: 0),
        ]
    )
    func adjustment(_ row: Row) {
        #expect(zero(row.input[0], share: 1, of: 2).adjustment(Int64(row.input[1])) == row.output)
    }

    @Test(
        "MG-6 loss by a move of the mark",
        arguments: [
            Row(100, 90, 5, gives: 100), Row(90, 100, 5, gives: 0), Row(90, 100, -5, gives: 100),
            Row(100, 100, 5, gives: 0),
        ]
    )
    func loss(_ row: Row) {
        let it = row.input.map { Int64($0) }
        #expect(Liquidation.loss(from: it[0], to: it[1], lots: it[2], unitValue: 2) == row.output)
    }

    @Test(
        "WF-4 what the fund may pay: balance, paid, per event, drawn, per market",
        arguments: [
            Row(100, 10, 50, 0, 1_000, gives: 40), Row(100, 60, 50, 0, 1_000, gives: 0),
            Row(5, 0, 50, 0, 1_000, gives: 5), Row(100, 0, 50, 990, 1_000, gives: 10),
            Row(100, 0, 50, 1_200, 1_000, gives: 0),
        ]
    )
    func fundRoom(_ row: Row) {
        let it = row.input
        let room = Liquidation.fundRoom(
            balance: it[0],
            paid: it[1],
            perEvent: it[2],
            drawn: it[3],
            perMarket: it[4]
        )
        #expect(room == row.output)
    }

    @Test(
        "WF-5, VLT-4 what an offer asks, rounded up",
        arguments: [Row(1_000_000, 1_001, gives: 11), Row(0, 1_001, gives: 0), Row(100_000_000, 7, gives: 7)]
    )
    func discount(_ row: Row) {
        #expect(Liquidation.discount(Rate(Int64(row.input[0])), of: row.input[1]) == row.output)
    }

    @Test(
        "WF-8 a charge: shortfall, left, notional, sum, equity",
        arguments: [
            Row(100, 100, 1, 3, 1_000, gives: 34), Row(100, 100, 1, 3, 20, gives: 20),
            Row(100, 5, 1, 3, 1_000, gives: 5), Row(100, 100, 0, 3, 10, gives: 0),
        ]
    )
    func charge(_ row: Row) {
        let it = row.input
        let charge = Liquidation.charge(of: it[0], left: it[1], notional: it[2], sum: it[3], equity: it[4])
        #expect(charge == row.output)
    }
}

@Suite("Core: formulas of funding.md")
struct FundingFormulaTests {
    @Test(
        "FUND-1 beyond the index: index, worth, lots",
        arguments: [
            (Row(100, 1_010, 10, gives: 1_000_000), Side.sell), (Row(100, 1_010, 10, gives: 0), .buy),
            (Row(100, 990, 10, gives: 1_000_000), .buy), (Row(100, 0, 0, gives: 0), .sell),
            (Row(3, 10, 3, gives: 11_111_111), .sell),
        ]
    )
    func beyond(_ row: Row, _ side: Side) {
        let (index, worth, lots) = (row.input[0], row.input[1], row.input[2])
        #expect(Funding.beyond(index: index, worth: worth, lots: lots, side) == row.output)
    }

    @Test("FUND-1 premium", arguments: [Row(3, 0, gives: 3), Row(0, 4, gives: -4), Row(0, 0, gives: 0)])
    func premium(_ row: Row) {
        #expect(Funding.premium(bidAbove: row.input[0], askBelow: row.input[1]) == row.output)
    }

    @Test(
        "FUND-1 impact notional: least, share, open interest",
        arguments: [
            Row(100, 0, 20_000, gives: 100), Row(100, 1_000_000, 20_000, gives: 200),
            Row(100, 1_000_000, 5_001, gives: 100), Row(10, 1_000_000, 5_001, gives: 51),
        ]
    )
    func impactNotional(_ row: Row) {
        let it = row.input
        #expect(Funding.impactNotional(least: it[0], share: it[1], openInterest: it[2]) == row.output)
    }

    @Test(
        "FUND-2 a rate of eight hours over another time, toward zero",
        arguments: [
            Row(28_800_000_000, 10_000, gives: 10_000), Row(3_600_000_000, 10_000, gives: 1_250),
            Row(14_400_000_000, -3, gives: -1), Row(14_400_000_000, 3, gives: 1),
        ]
    )
    func over(_ row: Row) {
        #expect(Funding.over(row.input[0], Rate(Int64(row.input[1]))) == row.output)
    }

    @Test(
        "FUND-2 the rate: average premium, interest, bound",
        arguments: [
            Row(0, 10_000, 1_000_000, gives: 10_000), Row(100_000, 10_000, 1_000_000, gives: 50_000),
            Row(100_000, 10_000, 20_000, gives: 20_000), Row(-100_000, 10_000, 20_000, gives: -20_000),
            Row(-100_000, 10_000, 1_000_000, gives: -50_000), Row(5_000, 10_000, 0, gives: 0),
        ]
    )
    func rate(_ row: Row) {
        let (average, interest, bound) = (row.input[0], row.input[1], row.input[2])
        #expect(Funding.rate(average: average, interest: interest, bound: bound) == row.output)
    }

    @Test(
        "FUND-2 between the margins at the highest leverage",
        arguments: [
            Row(20, 400_000, gives: 4_600_000), Row(125, 400_000, gives: 400_000),
            Row(3, 0, gives: 33_333_333),
            Row(1_000, 400_000, gives: 0),
        ]
    )
    func marginRoom(_ row: Row) {
        let maintenance = Rate(Int64(row.input[1]))
        #expect(Funding.marginRoom(leverage: Int32(row.input[0]), maintenance: maintenance) == row.output)
    }

    @Test(
        "FUND-3 a payment: rounded up where it is paid, down where it is received",
        arguments: [
            Row(1_000, 1_000_000, gives: 10), Row(1_001, 1_000_000, gives: 11),
            Row(-1_001, 1_000_000, gives: -10),
            Row(1_001, -1_000_000, gives: -10), Row(-1_001, -1_000_000, gives: 11), Row(1_001, 0, gives: 0),
        ]
    )
    func payment(_ row: Row) {
        #expect(Funding.payment(worth: row.input[0], rate: row.input[1]) == row.output)
    }
}
