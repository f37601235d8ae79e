import TestSupport
import Testing

@testable import ExchangeCore

@Suite("Selections")
struct SelectionTests {
    /// Weights, caps and a remainder to be given up.
    private struct Case {
        var remainder: Int64
        var weights: [Int128]
        var caps: [Int64]

        /// Lots by candidate, as the core works them out.
        func shares(_ rule: Selection) -> [Int64] {
            var exchange = Exchange()
            for place in weights.indices where caps[place] > 0 {
                var share = Share()
                share.place = Int32(place)
                share.weight = weights[place]
                share.cap = caps[place]
                exchange.shares.append(share)
            }
            if rule == .cappedProRata {
                exchange.fillToLevel(remainder)
            } else {
                exchange.spreadEvenly(remainder)
            }
            var lots = weights.map { _ in Int64(0) }
            for index in 0..<exchange.shares.count {
                let share = exchange.shares[index]
                lots[Int(share.place)] = share.lots
            }
            return lots
        }

        /// Overshoots beyond the exact shares, largest first, times the sum of the weights of all that can
        /// give something.
        func overshoots(_ lots: [Int64]) -> [Int128] {
            let able = weights.indices.filter { caps[$0] > 0 }
            let sum = able.reduce(Int128(0)) { $0 + weights[$1] }
            return able.map { Int128(lots[$0]) * sum - Int128(remainder) * weights[$0] }.sorted(by: >)
        }

        /// Every way to give up the remainder within the caps.
        func everyWay(_ body: ([Int64]) -> Void) {
            var lots = weights.map { _ in Int64(0) }
            let total = min(remainder, caps.reduce(0, +))
            func place(_ index: Int, _ left: Int64) {
                if index == lots.count {
                    if left == 0 { body(lots) }
                    return
                }
                for count in 0...min(left, caps[index]) {
                    lots[index] = count
                    place(index + 1, left - count)
                }
                lots[index] = 0
            }
            place(0, total)
        }
    }

    private func drawn(_ seed: UInt64) -> Case {
        var random = SplitMix64(seed: seed)
        let count = random.within(1...4)
        return Case(
            remainder: Int64(random.within(1...9)),
            weights: (0..<count).map { _ in Int128(random.pick([1, 2, 3, 7, 10, 100])) },
            caps: (0..<count).map { _ in Int64(random.within(0...7)) }
        )
    }

    @Test("ADL-17: no way to give up the remainder has a smaller largest overshoot, then next largest …")
    func leastOvershootIsLeast() {
        for seed in 1...1_500 as ClosedRange<UInt64> {
            let it = drawn(seed)
            let lots = it.shares(.leastOvershoot)
            let own = it.overshoots(lots)
            #expect(lots.reduce(0, +) == min(it.remainder, it.caps.reduce(0, +)))
            var ways = 0
            it.everyWay { way in
                ways += 1
                #expect(
                    !it.overshoots(way).lexicographicallyPrecedes(own),
                    "seed \(seed): \(way) beats \(lots)"
                )
            }
            #expect(ways > 0)
        }
    }

    @Test("ADL-16: one level for all that are not full, within what rounding to lots leaves")
    func cappedProRataIsLevel() {
        for seed in 1...1_500 as ClosedRange<UInt64> {
            let it = drawn(seed)
            let lots = it.shares(.cappedProRata)
            let total = lots.reduce(0, +)
            let most = it.caps.reduce(0, +)
            let open = lots.indices.filter { it.caps[$0] > 0 && lots[$0] < it.caps[$0] }
            #expect(total <= min(it.remainder, most))
            #expect(min(it.remainder, most) - total <= Int64(open.count), "seed \(seed)")
            // Whoever is full is so at the level of everybody who is not: cap/w ≤ (lots + 1)/w.
            for full in lots.indices where it.caps[full] > 0 && lots[full] == it.caps[full] {
                for other in open {
                    let level = Int128(it.caps[full]) * it.weights[other]
                    #expect(level <= Int128(lots[other] + 1) * it.weights[full], "seed \(seed)")
                }
            }
            for one in open {
                for other in open {
                    #expect(
                        Int128(lots[one]) * it.weights[other] <= Int128(lots[other] + 1) * it.weights[one]
                    )
                }
            }
        }
    }

    @Test("ADL-16, ADL-17: the largest numbers that a market allows")
    func largest() {
        let most = Int64(1) << 61
        let it = Case(
            remainder: most,
            weights: [1 << 61, 1, 1 << 61, 1 << 40],
            caps: [most, 1, most / 3, 7]
        )
        #expect(it.shares(.leastOvershoot).reduce(0, +) == most)
        #expect(it.shares(.cappedProRata).reduce(0, +) >= most - 4)
        let none = Case(remainder: 5, weights: [3], caps: [0])
        #expect(none.shares(.leastOvershoot) == [0] && none.shares(.cappedProRata) == [0])
    }

    // ADL-2, ADL-4, ADL-10, ADL-11, ADL-12, ADL-13, ADL-14, ADL-15, ADL-16, ADL-17, ADL-18
    @Test("Every selection against the auditor, where crashes are frequent", arguments: Workload.selections)
    func agrees(_ selection: Selection) {
        var options = WorldOptions()
        options.selection = selection
        options.crashes = true
        var coverage = Coverage()
        for seed in 1...40 as ClosedRange<UInt64> {
            let world = runWorld(seed: 70_000 + seed, length: 300, options: options)
            #expect(world.difference == nil, "seed \(70_000 + seed), command \(world.commands.count)")
            coverage.add(world.coverage)
        }
        let deleveraged = coverage.count("closing deleveraging")
        let hedged = coverage.count("hedged candidate")
        let own = coverage.count("own account bears")
        print("\(selection.term): \(deleveraged) closings, \(hedged) of hedgers, \(own) of own accounts")
        #expect(deleveraged > 20 && hedged > 0 && own > 0)
    }

    @Test("ADL-18: what a hedge must be, and that it is kept by a snapshot")
    func hedgeCommand() throws {
        var exchange = Exchange()
        var events = EventBuffer()
        var specification = MarketSpecification()
        specification.symbol.set(0, 84)
        specification.tickSize = 100_000_000
        specification.lotSize = 100_000_000
        _ = specification.table.append(Tier(upTo: .unlimited, maintenance: Rate(1_000_000), leverage: 20))
        func apply(_ command: Command, _ exchange: inout Exchange) -> Status {
            exchange.apply(command, sequence: exchange.nextSequence, at: Timestamp(0), into: &events)
        }
        #expect(apply(.createMarket(specification), &exchange) == .ok)
        #expect(apply(.openAccount(OpenAccount()), &exchange) == .ok)
        var hedge = SetHedge(account: .firstUser, market: MarketID(0), group: 7)
        let refused: [((inout SetHedge) -> Void, Status)] = [
            ({ $0.market = MarketID(1) }, .unknownMarket), ({ $0.account = AccountID(9) }, .unknownAccount),
            ({ $0.account = .vault }, .venueAccount), ({ $0.group = -1 }, .invalidField),
            ({ $0.group = 1_001 }, .invalidField), ({ $0.positionSide = .long }, .positionSideMismatch),
        ]
        for (change, status) in refused {
            var wrong = hedge
            change(&wrong)
            #expect(apply(.setHedge(wrong), &exchange) == status)
        }
        let before = exchange.stateHash()
        #expect(apply(.setHedge(hedge), &exchange) == .ok)
        #expect(exchange.hedge(of: 0) == 7)
        #expect(exchange.stateHash() != before)
        var writer = ByteWriter()
        exchange.snapshot(into: &writer)
        var reader = writer.reader()
        let restored = try Exchange(restoring: &reader)
        #expect(restored.hedge(of: 0) == 7)
        hedge.group = 0
        #expect(apply(.setHedge(hedge), &exchange) == .ok)
        #expect(exchange.hedge(of: 0) == 0)
    }
}
