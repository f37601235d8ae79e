/// One world run to its end or to its first difference.
public struct WorldResult: Sendable {
    /// The seed it was drawn from.
    public var seed: UInt64
    /// All commands, the last one being where the two differed.
    public var commands: [TimedCommand] = []
    /// The bounds of the world.
    public var limits = AuditedLimits()
    /// The first difference; nil if there is none.
    public var difference: String?
    /// What happened.
    public var coverage = Coverage()
    /// ADL-5: deleveraged accounts that were looked at, and those that ended below.
    public var deleveraged = 0
    public var below = 0
}

/// Draws a world and runs `length` commands of it against core and auditor.
public func runWorld(
    seed: UInt64,
    length: Int,
    options: WorldOptions = WorldOptions(),
    demandsTheorem: Bool = true
) -> WorldResult {
    var workload = Workload(seed: seed, options: options)
    let comparison = Comparison(limits: workload.limits)
    comparison.demandsTheorem = demandsTheorem
    var result = WorldResult(seed: seed)
    result.limits = workload.limits
    for _ in 0..<length {
        let command = workload.next(comparison.auditor)
        result.commands.append(command)
        if let difference = comparison.step(command) {
            result.difference = difference
            break
        }
    }
    result.coverage = comparison.coverage
    result.deleveraged = comparison.deleveraged
    result.below = comparison.below
    return result
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
