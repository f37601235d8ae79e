import ExchangeCore
import Glibc
import TestSupport

// campaign --allocations
// campaign --commands N [--seed S] [--seeds-from S] [--world-length L] [--failures F] [--shrink 0|1]

var total = 100_000
var only: UInt64?
var from: UInt64 = 1
var length = 400
var mostFailures = 3
var shrinks = true
var arguments = Array(CommandLine.arguments.dropFirst())
while let name = arguments.first {
    arguments.removeFirst()
    if name == "--allocations" { exit(AllocationCheck.run()) }
    guard let word = arguments.first, let value = UInt64(word) else {
        print("campaign: \(name) needs a number")
        exit(2)
    }
    arguments.removeFirst()
    switch name {
    case "--commands": total = Int(value)
    case "--seed": only = value
    case "--seeds-from": from = value
    case "--world-length": length = Int(value)
    case "--failures": mostFailures = Int(value)
    case "--shrink": shrinks = value != 0
    default:
        print("campaign: unknown argument \(name)")
        exit(2)
    }
}

/// Prints a failed world: the shrunk list of commands and the same as a scenario.
@MainActor func report(_ world: WorldResult, theorem: Bool) {
    print("seed \(world.seed), command \(world.commands.count): \(world.difference ?? "")")
    if !shrinks { return }
    let shrinker = Shrinker(limits: world.limits, demandsTheorem: theorem)
    guard let shrunk = shrinker.shrink(world.commands) else { return }
    print("shrunk to \(shrunk.commands.count) commands (waterfall steps \(world.limits.waterfallSteps)):")
    for command in shrunk.commands { print("  \(describe(command))") }
    print("as a scenario:")
    var writer = ScenarioWriter()
    for command in shrunk.commands { print("  \(writer.line(command))") }
    for line in lastEvents(of: shrunk.commands, limits: world.limits) { print("    \(line)") }
    print("  \(shrunk.difference)")
}

var audited = 0
var failed = 0
var worlds = 0
var coverage = Coverage()
var deleveraged = 0
var below = 0
var seed = only ?? from
let clock = ContinuousClock()
let start = clock.now
while audited < total && failed < mostFailures {
    let world = runWorld(seed: seed, length: length)
    worlds += 1
    audited += world.commands.count
    coverage.add(world.coverage)
    deleveraged += world.deleveraged
    below += world.below
    if world.difference != nil {
        failed += 1
        report(world, theorem: true)
    }
    if only != nil { break }
    seed += 1
}
let accepted = coverage.count("accepted")
print(
    "seeds \(only ?? from) to \(seed), \(worlds) worlds, \(audited) commands audited in \(clock.now - start)"
)
print("accepted \(accepted) of \(audited)")
print(coverage.text)
/// The same worlds with deficits laid by maintenance margin: shows that ADL-5 is not idle.
var otherDeleveraged = 0
var otherBelow = 0
var options = WorldOptions()
options.deficitShare = .byMaintenance
for number in 0..<min(worlds, 300) {
    let world = runWorld(
        seed: (only ?? from) + UInt64(number),
        length: length,
        options: options,
        demandsTheorem: false
    )
    otherDeleveraged += world.deleveraged
    otherBelow += world.below
    if let difference = world.difference {
        failed += 1
        print("by maintenance, seed \(world.seed), command \(world.commands.count): \(difference)")
    }
}
print("ADL-5 by loss: \(deleveraged) deleveraged accounts looked at, \(below) ended below")
print("ADL-5 by maintenance: \(otherDeleveraged) looked at, \(otherBelow) ended below (more than 0 expected)")
print("\(worlds - failed) passed, \(failed) failed")
exit(failed == 0 ? 0 : 1)
