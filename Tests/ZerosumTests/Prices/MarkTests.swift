import Foundation
import Testing

@testable import ExchangeCore

@Suite("Marks that are made of more than the index")
struct MarkTests {
    private struct World: ~Copyable {
        var exchange = Exchange()
        var events = EventBuffer()
        var formed: [MarkFormed] = []

        mutating func apply(_ command: Command, at: Int64 = 0) -> Status {
            events.removeAll()
            var applied = 0
            let time = Timestamp(max(at, exchange.now.microseconds))
            let status = exchange.submit(command, at: time, applied: &applied, into: &events)
            formed = []
            var list: [MarkFormed] = []
            events.forEach { if case .markFormed(let it) = $0 { list.append(it) } }
            formed = list
            return status
        }

        mutating func price(_ ticks: Int64, source: Int32 = 0, at: Int64) -> Status {
            let price = PriceUpdate(market: MarketID(0), source: source, price: Price(ticks))
            return apply(.price(price), at: at)
        }

        mutating func order(_ account: Int32, _ side: Side, _ price: Int64, _ quantity: Int64 = 1) -> Status {
            var order = PlaceOrder()
            order.account = AccountID(account)
            order.market = MarketID(0)
            order.side = side
            order.type = .limit
            order.price = Price(price)
            order.quantity = Quantity(quantity)
            return apply(.placeOrder(order))
        }

        var mark: Int64 { exchange.marketView(MarketID(0))?.mark.ticks ?? -1 }
    }

    private func market(_ change: (inout MarketSpecification) -> Void = { _ in }) -> MarketSpecification {
        var payload = MarketSpecification()
        payload.symbol.set(0, 84)
        payload.tickSize = 100_000_000
        payload.lotSize = 100_000_000
        _ = payload.table.append(Tier(upTo: .unlimited, maintenance: Rate(1_000_000), leverage: 20))
        payload.priceBand = .zero
        payload.deviationLimit = .zero
        change(&payload)
        return payload
    }

    private func world(_ specification: MarketSpecification) -> World {
        var world = World()
        #expect(world.apply(.createMarket(specification)) == .ok)
        for number in 0..<2 {
            #expect(world.apply(.openAccount(OpenAccount())) == .ok)
            var deposit = Deposit()
            deposit.account = AccountID(AccountID.firstUser.raw + Int32(number))
            deposit.amount = Amount(1_000_000_000_000_000)
            #expect(world.apply(.deposit(deposit)) == .ok)
        }
        return world
    }

    @Test("PX-8: the factor of decay is within 2⁻⁵⁰ of e^(−t/τ)")
    func decayFactor() {
        let whole = Double(1 << 60)
        for time in [1, 30_000_000, 150_000_000, 28_800_000_000, 604_800_000_000] as [Int64] {
            for part in [0, 1, 3, 7, 50, 333, 1_000, 2_500, 7_777, 20_000, 41_000, 41_999] as [Int64] {
                let elapsed = Int64(Int128(time) * Int128(part) / 1_000)
                let exact = exp(-Double(elapsed) / Double(time))
                let found = Double(decay(elapsed, over: time)) / whole
                #expect(abs(found - exact) < 1 / Double(1 << 50), "\(elapsed) over \(time)")
            }
        }
        #expect(decay(0, over: 5) == 1 << 60)
        #expect(decay(42, over: 1) == 0 && decay(.max, over: 1) == 0)
        #expect(decay(41, over: 1) == 1)
    }

    // PX-8: against the same sums in floating point, at spacings from 1 µs to minutes.
    @Test(
        "PX-8: an average is what real numbers give, within the stated error",
        arguments: [1, 999, 3_000_000, 200_000_000]
    )
    func averages(spacing: Int64) {
        var average = Average()
        var sum = 0.0
        var weight = 0.0
        var state: UInt64 = 9
        for _ in 0..<20_000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let sample = Int64(state >> 44) - 300_000
            average.age(spacing, over: 150_000_000)
            average.add(Int128(sample), spacing, over: 150_000_000)
            let factor = exp(-Double(spacing) / 150_000_000)
            let share = Double(min(spacing, 150_000_000))
            sum = sum * factor + Double(sample) * share
            weight = weight * factor + share
        }
        let found = Double(average.sum) / Double(average.weight)
        #expect(abs(found - sum / weight) < 1 / Double(1 << 20) + 1_048_576 / Double(1 << 24))
    }

    @Test("PX-8: an average is forgotten once it weighs less than a µs, and a window after 150 s")
    func forgetting() {
        var average = Average()
        #expect(!average.isThere)
        average.add(7, 1_000_000, over: 30_000_000)
        #expect(average.isThere)
        average.age(13 * 30_000_000, over: 30_000_000)
        #expect(average.isThere)
        average.age(30_000_000, over: 30_000_000)
        #expect(!average.isThere)
        var window = BasisWindow()
        window.add(10, 1, at: Timestamp(4_999_999))
        window.add(20, 3, at: Timestamp(5_000_000))
        #expect(window.total(at: Timestamp(149_999_999)).sum == 70)
        #expect(window.total(at: Timestamp(150_000_000)).sum == 60)
        window.add(1, 500_000_000, at: Timestamp(150_000_000))
        let total = window.total(at: Timestamp(150_000_000))
        #expect(total.sum == 60 + 150_000_000 && total.weight == 3 + 150_000_000)
        #expect(window.total(at: Timestamp(300_000_000)).weight == 0)
    }

    @Test("PX-9, PX-10: one part is taken, of two the mean, of three the middle")
    func choices() {
        for (parts, mark) in [
            ([7], 7), ([7, 8], 7), ([9, 4], 6), ([1, 2, 3], 2), ([3, 1, 2], 2), ([2, 3, 1], 2),
        ] {
            var choice = MarkChoice()
            for part in parts { choice.add(Int128(part)) }
            #expect(choice.price == Price(Int64(mark)), "\(parts)")
        }
        var choice = MarkChoice()
        choice.add(-5)
        #expect(choice.price == Price(1))
    }

    @Test("PX-10, PX-12: what was there and what stood in is told")
    func formed() {
        var world = world(market { $0.mark = .hyperliquid })
        var perp = ConfigureSource(market: MarketID(0), source: 3)
        perp.kind = .perp
        #expect(world.apply(.configureSource(perp)) == .ok)
        // Nothing but an outside perpetual: no index, so no mark and nothing told.
        #expect(world.price(90, source: 3, at: 0) == .ok)
        #expect(world.formed.isEmpty && world.mark == 0)
        #expect(world.price(100, at: 1_000_000) == .ok)
        #expect(world.formed.map(\.third) == [Price(90)] && world.mark == 95)
        #expect(world.formed.map(\.first) == [Price(100)] && world.formed.map(\.second) == [.none])
        // Without a bid there is no middle of the book, and time counts for nothing.
        #expect(world.order(3, .sell, 110) == .ok)
        #expect(world.price(100, at: 2_000_000) == .ok)
        #expect(world.mark == 95)
        #expect(world.order(4, .buy, 110) == .ok)
        #expect(world.order(3, .sell, 120) == .ok)
        #expect(world.order(4, .buy, 104) == .ok)
        #expect(world.price(100, at: 3_000_000) == .ok)
        // (1) 100 + (104 + 120 − 200)/2 = 112, (2) the last print 110, (3) 90.
        #expect(world.formed.map(\.first) == [Price(112)] && world.formed.map(\.second) == [Price(110)])
        #expect(world.formed.map(\.third) == [Price(90)] && world.formed.map(\.fourth) == [.none])
        #expect(world.mark == 110)
        // At 60 s the perpetual is as old as it may be, then (4) stands in.
        #expect(world.price(100, at: 60_000_000) == .ok)
        #expect(world.formed.map(\.third) == [Price(90)])
        #expect(world.price(100, at: 60_000_001) == .ok)
        #expect(world.formed.map(\.third) == [.none] && world.formed.map(\.fourth) == [Price(110)])
    }

    @Test("PX-7: a perpetual has no part in index, quorum, validity and deadlines")
    func perpetuals() {
        var world = world(
            market {
                $0.mark = .hyperliquid
                $0.quorum = 2
            }
        )
        var perp = ConfigureSource(market: MarketID(0), source: 1)
        perp.kind = .perp
        #expect(world.apply(.configureSource(perp)) == .ok)
        #expect(world.price(100, at: 0) == .ok)
        #expect(world.price(100, source: 1, at: 0) == .ok)
        #expect(world.exchange.marketView(MarketID(0))?.validity == .tooFew)
        #expect(world.price(102, source: 2, at: 5) == .ok)
        #expect(world.exchange.marketView(MarketID(0))?.validity == .valid)
        #expect(world.exchange.marketView(MarketID(0))?.index == Price(101))
        #expect(world.exchange.nextDeadline == Timestamp(60_000_001))
        // In a market that does not read one it is refused.
        var other = self.world(market())
        #expect(other.apply(.configureSource(perp)) == .invalidCombination)
        perp.kind = .index
        #expect(other.apply(.configureSource(perp)) == .ok)
    }

    @Test("PX-11: what a market may ask of its bands")
    func configuration() {
        var world = World()
        let refused: [((inout MarketSpecification) -> Void, Status)] = [
            ({ $0.indexBand = Rate(-1) }, .invalidRate), ({ $0.indexBand = .one }, .invalidRate),
            ({ $0.averageBand = Rate(-1) }, .invalidRate), ({ $0.averageBand = .one }, .invalidRate),
            ({ $0.averageTime = 999_999 }, .invalidTime),
            ({ $0.averageTime = 604_800_000_001 }, .invalidTime),
            (
                {
                    $0.mark = .last
                    $0.indexBand = Rate(1)
                }, .invalidCombination
            ),
            (
                {
                    $0.mark = .last
                    $0.averageBand = Rate(1)
                }, .invalidCombination
            ),
        ]
        for (change, status) in refused { #expect(world.apply(.createMarket(market(change))) == status) }
        let widest = market {
            $0.mark = .binance
            $0.indexBand = Rate(99_999_999)
            $0.averageBand = Rate(99_999_999)
            $0.averageTime = 604_800_000_000
        }
        #expect(world.apply(.createMarket(widest)) == .ok)
        // The dearest and the cheapest price there are, as far apart in time as may be.
        #expect(world.price(Price.highest.ticks, at: 0) == .ok)
        #expect(world.price(1, at: 1 << 55) == .ok)
        #expect(world.price(Price.highest.ticks, at: 1 << 56) == .ok)
        #expect(world.mark >= 1)
    }

    @Test("PX-11: the average's band comes first, the index has the last word")
    func bands() {
        var world = world(
            market {
                $0.averageBand = Rate(10_000_000)
                $0.indexBand = Rate(20_000_000)
            }
        )
        #expect(world.price(1_000, at: 0) == .ok)
        #expect(world.price(1_500, at: 1_000_000) == .ok)
        // The average would hold it at 1,100; within 20 % of the index is 1,200 at least.
        #expect(world.mark == 1_200 && world.formed.map(\.isClamped) == [true])
    }

    @Test("FUND-1: a side that would need more than 1,000 levels counts nothing", arguments: [1_000, 1_001])
    func impactLevels(count: Int64) {
        let base: Int64 = 10_000
        var notional: Int64 = 0
        for step in 0..<count { notional += base + 5_000 - step }
        var world = world(
            market {
                $0.impactNotional = Amount(notional * 100_000_000)
                $0.fundingCap = .one
                $0.interest = .zero
                // A rate of nearly one lies between its margins.
                $0.table = TierTable()
                _ = $0.table.append(Tier(upTo: .unlimited, maintenance: Rate(10_000), leverage: 1))
                $0.liquidationFee = .zero
            }
        )
        #expect(world.price(base, at: 0) == .ok)
        // The bids of one account are limited to 200, so that several have to make the book.
        for step in 0..<count {
            let account = 3 + Int32(step / 200)
            while world.exchange.accountCount <= account {
                #expect(world.apply(.openAccount(OpenAccount())) == .ok)
                var deposit = Deposit()
                deposit.account = AccountID(world.exchange.accountCount - 1)
                deposit.amount = Amount(1_000_000_000_000_000)
                #expect(world.apply(.deposit(deposit)) == .ok)
            }
            #expect(world.order(account, .buy, base + 5_000 - step) == .ok)
        }
        #expect(world.price(base, at: 10_000_000) == .ok)
        #expect(world.price(base, at: 20_000_000) == .ok)
        #expect(world.apply(.funding(FundingUpdate(market: MarketID(0)))) == .ok)
        var rates: [Int64] = []
        world.events.forEach { if case .fundingSettled(let it) = $0 { rates.append(it.rate.units) } }
        // The average of 14,001 … 15,000 is 4,500.5 above 10,000, for the second half of the time; the rate
        // is half of that less 0.0005.
        #expect(rates == [count == 1_000 ? 22_502_500 - 50_000 : 0])
    }
}
