/// Makes a list of commands that fails small, by leaving commands out (delta debugging).
public struct Shrinker {
    let limits: AuditedLimits
    let demandsTheorem: Bool

    /// A shrinker for a world with these bounds.
    public init(limits: AuditedLimits, demandsTheorem: Bool = true) {
        self.limits = limits
        self.demandsTheorem = demandsTheorem
    }

    /// The first words of a difference: what has to stay the same while commands are left out.
    private func kind(_ difference: String) -> String {
        String(difference.prefix { !$0.isNumber && $0 != ":" })
    }

    /// A shorter list that still fails in the same way, and how it fails.
    public func shrink(_ commands: [TimedCommand]) -> (commands: [TimedCommand], difference: String)? {
        guard let first = replay(commands, limits: limits, demandsTheorem: demandsTheorem) else { return nil }
        let wanted = kind(first.difference)
        var best = Array(commands[...first.place])
        var said = first.difference
        var chunk = max(1, best.count / 2)
        while true {
            var removed = false
            var start = 0
            while start < best.count {
                var trial = best
                trial.removeSubrange(start..<min(start + chunk, best.count))
                if let found = replay(trial, limits: limits, demandsTheorem: demandsTheorem),
                    kind(found.difference) == wanted
                {
                    best = Array(trial[...found.place])
                    said = found.difference
                    removed = true
                } else {
                    start += chunk
                }
            }
            if chunk == 1 && !removed { break }
            if !removed || chunk > 1 { chunk = max(1, chunk / 2) }
        }
        return (best, said)
    }
}
