import ExchangeCore

/// One world run to its end or to its first difference.
public struct WorldResult: Sendable {
    /// The seed it was drawn from.
    public var seed: UInt64
    /// All commands, the last one being where the two differed.
    public var commands: [TimedCommand] = []
    /// Whether it is a world of accounts that belong together (ADL-19).
    public var isCoalition = false
    /// The bounds of the world.
    public var limits = AuditedLimits()
    /// The first difference; nil if there is none.
    public var difference: String?
    /// What happened.
    public var coverage = Coverage()
    /// ADL-5: deleveraged accounts that were looked at, and those that ended below.
    public var deleveraged = TheoremCount()
    public var below = TheoremCount()
}

/// Draws a world and runs `length` commands of it against core and auditor.
///
/// - Parameter goesOn: behind a difference too, for who else reads the ledger.
public func runWorld(
    seed: UInt64,
    length: Int,
    options: WorldOptions = WorldOptions(),
    demandsTheorem: Bool = true,
    ledger: LedgerStream? = nil,
    goesOn: Bool = false
) -> WorldResult {
    var workload = Workload(seed: seed, options: options)
    let comparison = Comparison(limits: workload.limits)
    comparison.demandsTheorem = demandsTheorem
    comparison.ledger = ledger
    ledger?.begin()
    comparison.coalition = workload.coalition(seed)
    var result = WorldResult(seed: seed)
    result.limits = workload.limits
    for _ in 0..<length {
        let command = workload.next(comparison.auditor)
        result.commands.append(command)
        var difference = comparison.step(command)
        // In some worlds the exchange is put down and taken up again.
        if difference == nil && seed % 4 == 1 && result.commands.count % 61 == 60 {
            difference = comparison.reload()
        }
        if let difference {
            result.difference = result.difference ?? difference
            if !goesOn { break }
        }
    }
    result.coverage = comparison.coverage
    if let law = comparison.coalition {
        result.coverage.mark("anybody's coalition looked at", law.looked)
        result.coverage.mark("anybody's coalition put to the test", law.tested)
    }
    result.deleveraged = comparison.deleveraged
    result.below = comparison.below
    return result
}

/// Whether a world's commands lead to another state when the exchange is put down and taken up again every
/// 37 commands (DET-1).
public func differsWhenContinued(_ world: WorldResult) -> Bool {
    var plain = Exchange(limits: world.limits.forCore)
    var continued = Exchange(limits: world.limits.forCore)
    var events = EventBuffer()
    for (place, timed) in world.commands.enumerated() {
        if place % 37 == 36 {
            var writer = ByteWriter(capacity: 1 << 14)
            continued.snapshot(into: &writer)
            var reader = writer.reader()
            do throws(StateFault) {
                continued = try Exchange(restoring: &reader)
            } catch {
                return true
            }
        }
        let sequence = UInt64(
            truncatingIfNeeded: Int64(truncatingIfNeeded: plain.nextSequence) + timed.distance
        )
        events.removeAll()
        let status = plain.apply(timed.command, sequence: sequence, at: Timestamp(timed.at), into: &events)
        let digest = events.digest
        events.removeAll()
        let again = continued.apply(
            timed.command,
            sequence: sequence,
            at: Timestamp(timed.at),
            into: &events
        )
        if status != again || digest != events.digest { return true }
    }
    return plain.stateHash() != continued.stateHash()
}

/// Runs a given list of commands; nil, or the first difference and where it was.
public func replay(
    _ commands: [TimedCommand],
    limits: AuditedLimits,
    demandsTheorem: Bool = true
) -> (place: Int, difference: String)? {
    let comparison = Comparison(limits: limits)
    comparison.demandsTheorem = demandsTheorem
    for (place, command) in commands.enumerated() {
        if let difference = comparison.step(command) { return (place, difference) }
    }
    return nil
}
