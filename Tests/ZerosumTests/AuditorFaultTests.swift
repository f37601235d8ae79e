import ExchangeCore
import TestSupport
import Testing

/// A checker that cannot fail proves nothing: each of these plants a fault into one number that the
/// comparison reads from the core, and must see it.
@Suite struct AuditorFaultTests {
    // LED-4, LED-5, RCP-5, BK-5, PX-3, VLT-2: a unit too many anywhere is found and named.
    @Test(arguments: [
        "cash", "LED-5 balance", "LED-4 sum of cash", "LED-4 sum of sizes", "LED-4 sum of equity", "mark",
        "requirement", "size", "open interest", "fund", "RCP-5", "lights", "next deadline", "vault equity",
        "filled", "isolated cash", "quote",
    ])
    func aUnitTooManyIsFound(_ name: String) {
        var found = false
        for seed in 1...12 as ClosedRange<UInt64> where !found {
            var workload = Workload(seed: seed)
            let comparison = Comparison(limits: workload.limits)
            comparison.fault = { what, value in what.contains(name) && value != 0 ? value + 1 : value }
            if name.hasPrefix("LED-4 sum of s") || name == "RCP-5" {
                comparison.fault = { what, value in what.contains(name) ? value + 1 : value }
            }
            for _ in 0..<300 {
                if let difference = comparison.step(workload.next(comparison.auditor)) {
                    #expect(difference.contains(name), "\(difference)")
                    found = true
                    break
                }
            }
        }
        #expect(found, "a fault in \(name) goes unnoticed")
    }
}
