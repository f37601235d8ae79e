import ExchangeCore
import TestSupport
import Testing

/// The core against a second implementation that was written from the specification alone.
@Suite struct AuditorTests {
    // LED-4, LED-5, MG-1, MG-3, MG-8, BK-5, BK-8, PX-2, FUND-3, WF-0, WF-3, WF-4, WF-5, WF-6, WF-8,
    // ADL-1, ADL-2, ADL-5, VLT-3, RCP-5
    @Test func shortCampaignAgrees() {
        var coverage = Coverage()
        for seed in 1...20 as ClosedRange<UInt64> {
            let world = runWorld(seed: seed, length: 300)
            coverage.add(world.coverage)
            #expect(world.difference == nil, "seed \(seed), command \(world.commands.count)")
        }
        #expect(coverage.count("closing deleveraging") > 0)
        #expect(coverage.count("liquidation fill") > 0)
    }

    // ADL-5: with the deficit laid by loss nobody ends below; laid by maintenance margin some do.
    @Test func nobodyDeleveragedEndsBelow() {
        var counts = [0, 0]
        var options = WorldOptions()
        for (place, share) in [DeficitShare.byLoss, .byMaintenance].enumerated() {
            options.deficitShare = share
            for seed in 90...120 as ClosedRange<UInt64> {
                let world = runWorld(
                    seed: seed,
                    length: 400,
                    options: options,
                    demandsTheorem: share == .byLoss
                )
                #expect(world.difference == nil, "seed \(seed), command \(world.commands.count)")
                counts[place] += world.below.all
            }
        }
        print("ADL-5: \(counts[0]) below by loss, \(counts[1]) by maintenance margin")
        #expect(counts[0] == 0)
        #expect(counts[1] > 0)
    }

    // LED-8, MG-7, WF-8, WF-10, VLT-2: what the scenarios do, the auditor does too.
    @Test(arguments: StoredScenario.files + StoredScenario.blocks)
    func scenariosAgree(_ scenario: StoredScenario) throws {
        let difference = try AuditedScenario.difference(in: scenario.lines)
        #expect(difference == nil)
    }

    // LED-4, BK-8, MG-8, ADL-1, WF-8: every small world.
    @Test func allSmallWorlds() {
        let worlds = SmallWorlds()
        var failures = 0
        for number in 0..<SmallWorlds.count {
            if let difference = worlds.run(number) {
                failures += 1
                if failures < 3 { Issue.record("small world \(number): \(difference)") }
            }
        }
        print("\(SmallWorlds.count) small worlds")
        #expect(failures == 0)
    }

    // DET-1: the same commands give the same bytes and the same hash, also when continued from a
    // snapshot. DET-5: a snapshot taken again is the same.
    @Test func sameCommandsSameBytes() throws {
        for seed in 1...6 as ClosedRange<UInt64> {
            let world = runWorld(seed: seed, length: 300)
            let first = try digests(world, snapshotEvery: nil)
            let second = try digests(world, snapshotEvery: nil)
            let continued = try digests(world, snapshotEvery: 37)
            #expect(!differsWhenContinued(world))
            #expect(first == second)
            #expect(first == continued)
        }
    }

    /// Digest of the events of every command, and at the end the hash of the state.
    private func digests(_ world: WorldResult, snapshotEvery: Int?) throws -> [Digest] {
        var core = Exchange(limits: world.limits.forCore)
        var list: [Digest] = []
        var buffer = EventBuffer()
        for (place, timed) in world.commands.enumerated() {
            if let snapshotEvery, place % snapshotEvery == snapshotEvery - 1 {
                var writer = ByteWriter()
                core.snapshot(into: &writer)
                var reader = writer.reader()
                core = try Exchange(restoring: &reader)
                var again = ByteWriter()
                core.snapshot(into: &again)
                #expect(again.count == writer.count)
                for byte in 0..<min(writer.count, again.count) where writer[byte] != again[byte] {
                    Issue.record("byte \(byte) of a restored snapshot differs")
                    break
                }
            }
            buffer.removeAll()
            let sequence = UInt64(
                truncatingIfNeeded: Int64(truncatingIfNeeded: core.nextSequence) + timed.distance
            )
            _ = core.apply(timed.command, sequence: sequence, at: Timestamp(timed.at), into: &buffer)
            list.append(buffer.digest)
        }
        list.append(core.stateHash())
        return list
    }

    // MG-7: after a command nobody is liquidatable but those that wait in liquidation.
    @Test func fullScanFindsNobodyElse() {
        var looked = 0
        for seed in 100...130 as ClosedRange<UInt64> {
            let world = runWorld(seed: seed, length: 300)
            var core = Exchange(limits: world.limits.forCore)
            var buffer = EventBuffer()
            for timed in world.commands where timed.distance == 0 {
                buffer.removeAll()
                let status = core.apply(
                    timed.command,
                    sequence: core.nextSequence,
                    at: Timestamp(timed.at),
                    into: &buffer
                )
                guard case .price(let price) = timed.command, status == .ok, !core.isWaterfallPending else {
                    continue
                }
                var found: [(AccountID, MarketID, PositionSide)] = []
                core.scanForLiquidatable { found.append(($0, $1, $2)) }
                for (account, market, side) in found {
                    var holds = false
                    var waits = core.accountView(account)?.isInLiquidation ?? false
                    core.forEachPosition(of: account) { p in
                        if p.market == price.market && p.size != .zero { holds = true }
                        if p.market == market && p.positionSide == side && p.isInLiquidation { waits = true }
                    }
                    if !holds { continue }
                    looked += 1
                    #expect(waits, "seed \(seed): account \(account.raw) is liquidatable and not found")
                }
            }
        }
        print("MG-7: \(looked) waiting buckets found by a full scan")
        #expect(looked > 0)
    }
}
