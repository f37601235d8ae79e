import ExchangeCore
import Glibc
import TestSupport

/// What a campaign is asked for.
struct CampaignOptions {
    /// Commands to audit; worlds are not cut off.
    var commands = 100_000
    /// Minutes to go on instead, with worlds of all kinds and lengths.
    var minutes: Int?
    /// The only world to run.
    var only: UInt64?
    var from: UInt64?
    var length = 400
    var mostFailures = 3
    var shrinks = true
    /// A command of the shell that reads the ledger lines of all worlds, and whose word counts.
    var checker: String?

    /// Takes one argument; false if there is none of that name.
    mutating func take(_ name: String, _ value: UInt64) -> Bool {
        switch name {
        case "--commands": commands = Int(value)
        case "--minutes": minutes = Int(value)
        case "--seed": only = value
        case "--seeds-from": from = value
        case "--world-length": length = Int(value)
        case "--failures": mostFailures = Int(value)
        case "--shrink": shrinks = value != 0
        default: return false
        }
        return true
    }
}

/// Random worlds, core and auditor side by side, until enough was audited or something differs.
struct Campaign {
    let options: CampaignOptions
    private var audited = 0
    private var failed = 0
    private var worlds = 0
    private var coverage = Coverage()
    /// ADL-5, with deficits by loss and otherwise: deleveraged margin accounts looked at, and those below.
    private var looked = (byLoss: TheoremCount(), otherwise: TheoremCount())
    private var below = (byLoss: TheoremCount(), otherwise: TheoremCount())
    /// Worlds of a coalition (ADL-19).
    private var coalitions = 0
    private var pipe: CheckerPipe?

    init(options: CampaignOptions) { self.options = options }

    /// Runs it and prints what was found. Returns an exit status.
    mutating func run() -> Int32 {
        if let command = options.checker {
            pipe = CheckerPipe(command)
            if pipe == nil { return 2 }
        }
        let clock = ContinuousClock()
        let start = clock.now
        // A long run looks at worlds that no run before it did; the seeds that it prints repeat it.
        let first = options.only ?? options.from ?? (options.minutes == nil ? 1 : UInt64(time(nil)) << 20)
        var seed = first
        while failed < options.mostFailures {
            if let minutes = options.minutes {
                if clock.now - start >= .seconds(minutes * 60) { break }
                runWide(seed)
            } else {
                if audited >= options.commands { break }
                var kind = WorldOptions()
                kind.crashes = seed % 4 == 1
                audit(seed, kind, length: options.length)
            }
            seed += 1
            if options.only != nil { break }
        }
        let last = options.only ?? seed - 1
        let elapsed = clock.now - start
        print("seeds \(first) to \(last), \(worlds) worlds, \(audited) commands audited in \(elapsed)")
        print("accepted \(coverage.count("accepted")) of \(audited)")
        print(options.minutes == nil ? coverage.text : Marks.report(coverage))
        if options.minutes == nil {
            runByMaintenance(from: first)
            for number in 0..<UInt64(min(20_000, options.commands / 50)) where failed < options.mostFailures {
                runTogether(first + number)
            }
        }
        print("ADL-5 by loss, deleveraged margin accounts looked at: \(looked.byLoss.text)")
        print("ADL-5 by loss, ended below: \(below.byLoss.text)")
        print(
            "ADL-5 otherwise: \(looked.otherwise.text) looked at, \(below.otherwise.text) ended below "
                + "(more than 0 expected)"
        )
        print(
            "ADL-19: \(coalitions) worlds of a coalition, \(coverage.count("coalition looked at")) commands "
                + "looked at, \(coverage.count("coalition put to the test")) put to the test, "
                + "\(coverage.count("coalition gained")) gained"
        )
        print(
            "ADL-19 of accounts drawn by lot in all worlds: "
                + "\(coverage.count("anybody's coalition looked at")) commands looked at, "
                + "\(coverage.count("anybody's coalition put to the test")) put to the test"
        )
        print(coverage.text(of: "coalition by attack: "))
        let refused = pipe.map { $0.close() != 0 } ?? false
        if refused { print("the checker refuses what it read") }
        print(failed == 0 ? "\(worlds) passed" : "\(failed) failed")
        return failed == 0 && !refused ? 0 : 1
    }

    /// A world of any kind: of any length, in every fourth one deficits lie by another rule.
    private mutating func runWide(_ seed: UInt64) {
        var kind = WorldOptions()
        if seed % 4 == 3 { kind.deficitShare = seed % 8 == 3 ? .byMaintenance : nil }
        kind.crashes = seed % 5 == 4
        audit(seed, kind, length: [150, 400, 400, 1_500][Int(seed / 4 % 4)])
        if seed % 2 == 0 && failed < options.mostFailures { runTogether(seed) }
    }

    /// A world of accounts that belong together.
    private mutating func runTogether(_ seed: UInt64) {
        let world = runCoalition(seed: seed, ledger: pipe?.stream)
        coalitions += 1
        coverage.add(world.coverage)
        if world.difference != nil {
            failed += 1
            if world.difference?.contains("ADL-19") == true { coverage.mark("coalition gained") }
            print("a coalition's world: ", terminator: "")
            report(world, theorem: true)
        }
    }

    /// The same worlds with deficits laid by maintenance margin: shows that ADL-5 is not idle.
    private mutating func runByMaintenance(from seed: UInt64) {
        var kind = WorldOptions()
        kind.deficitShare = .byMaintenance
        for number in 0..<min(worlds, 300) where failed < options.mostFailures {
            audit(seed + UInt64(number), kind, length: options.length)
        }
    }

    private mutating func audit(_ seed: UInt64, _ kind: WorldOptions, length: Int) {
        let byLoss = kind.deficitShare == .byLoss
        let world = runWorld(
            seed: seed,
            length: length,
            options: kind,
            demandsTheorem: byLoss,
            ledger: pipe?.stream
        )
        worlds += 1
        audited += world.commands.count
        coverage.add(world.coverage)
        if byLoss {
            looked.byLoss.add(world.deleveraged)
            below.byLoss.add(world.below)
        } else {
            looked.otherwise.add(world.deleveraged)
            below.otherwise.add(world.below)
        }
        if world.difference != nil {
            failed += 1
            report(world, theorem: byLoss)
        }
    }

    /// Prints a failed world: the shrunk list of commands and the same as a scenario.
    private func report(_ world: WorldResult, theorem: Bool) {
        let rule = theorem ? "" : ", deficits not by loss"
        print("seed \(world.seed)\(rule), command \(world.commands.count): \(world.difference ?? "")")
        if !options.shrinks { return }
        if world.isCoalition {
            var writer = ScenarioWriter()
            for command in world.commands { print("  \(writer.line(command))") }
            for line in lastEvents(of: world.commands, limits: world.limits) { print("    \(line)") }
            return
        }
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
}
