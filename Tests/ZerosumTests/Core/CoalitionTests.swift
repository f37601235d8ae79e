import TestSupport
import Testing

@Suite("ADL-19: no coalition gains")
struct CoalitionTests {
    @Test("Accounts that belong together gain nothing by any of the attacks, and auditor and core agree")
    func nobodyGains() {
        var coverage = Coverage()
        for seed: UInt64 in 1...300 {
            let world = runCoalition(seed: seed)
            #expect(world.difference == nil, "seed \(seed): \(world.difference ?? "")")
            coverage.add(world.coverage)
        }
        #expect(coverage.count("coalition looked at") > 5_000)
        #expect(coverage.count("coalition put to the test") > 500)
    }
}
