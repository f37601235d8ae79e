public import ExchangeCore
public import ExchangeJournal
public import TestSupport

/// Commands of a drawn world that have a place in the sequence, run through a journal.
public struct JournaledWorld: Sendable {
    /// What is applied, with the time of each.
    public let commands: [TimedCommand]
    let limits: AuditedLimits

    /// The first commands of the world with that seed.
    public init(seed: UInt64, length: Int) {
        let world = runWorld(seed: seed, length: length)
        limits = world.limits
        var exchange = Exchange(limits: world.limits.forCore)
        var events = EventBuffer()
        var kept: [TimedCommand] = []
        for timed in world.commands {
            let status = exchange.apply(
                timed.command,
                sequence: exchange.nextSequence,
                at: Timestamp(timed.at),
                into: &events
            )
            events.removeAll()
            if status.consumesSequence { kept.append(timed) }
        }
        commands = kept
    }

    /// The exchange before the first command.
    public var genesis: Exchange { Exchange(limits: limits.forCore) }

    /// The state hash behind so many commands, worked out without a journal.
    public func stateHash(behind count: Int) -> Digest {
        var exchange = genesis
        var events = EventBuffer()
        for timed in commands.prefix(count) {
            _ = exchange.apply(
                timed.command,
                sequence: exchange.nextSequence,
                at: Timestamp(timed.at),
                into: &events
            )
            events.removeAll()
        }
        return exchange.stateHash()
    }

    /// Applies `range` of the commands and commits them as one group.
    public func commit<Disk: Storage>(
        _ range: Range<Int>,
        on exchange: inout Exchange,
        to journal: Journal<Disk>
    ) throws(JournalError) {
        var events = EventBuffer()
        for timed in commands[range] {
            let status = exchange.apply(
                timed.command,
                sequence: exchange.nextSequence,
                at: Timestamp(timed.at),
                into: &events
            )
            precondition(status.consumesSequence)
            journal.add(timed.command, at: Timestamp(timed.at))
        }
        try journal.commit(events)
    }
}

/// What a run with losses of power saw.
public struct PowerLosses: Sendable {
    /// How often power was lost.
    public var losses = 0
    /// Groups that were cut off because they were never acknowledged.
    public var cutOff = 0
    /// Times at which the journal refused to open.
    public var refused = 0
    /// Snapshots that were passed over.
    public var passedOver = 0
    /// Segments begun.
    public var segments: UInt64 = 0
    /// The first thing that was not as it must be.
    public var fault: String?
}

extension JournaledWorld {
    /// Runs all commands in groups, with snapshots, losing power again and again at a drawn call.
    ///
    /// What was acknowledged must be there afterwards, in order and once; what was not may be there, but
    /// only in whole groups (DUR-1). With damage to places that were synced the journal may refuse
    /// instead, and only then.
    public func run(
        _ random: inout SplitMix64,
        damage: SimulatedStorage.Damage = SimulatedStorage.Damage(),
        mayRefuse: Bool = false
    ) -> PowerLosses {
        var result = PowerLosses()
        let disk = SimulatedStorage()
        var options = JournalOptions()
        options.segmentSize = 1 << 14
        options.keepsAll = random.chance(50)
        var acknowledged = 0
        var applied = 0
        var groups: Set<Int> = [0]
        do throws(JournalError) {
            try Journal.create(on: disk, id: JournalID(low: 7, high: 9), exchange: genesis, options: options)
        } catch {
            result.fault = "\(error)"
            return result
        }
        while acknowledged < commands.count && result.fault == nil {
            do throws(JournalError) {
                disk.failingCall = Int.max
                let opened = try Journal.open(on: disk, options: options)
                result.passedOver += opened.report.passedOver.count
                result.cutOff += opened.report.torn > 0 ? 1 : 0
                let journal = opened.journal
                var exchange = opened.take()
                let found = Int(exchange.nextSequence) - 1
                if found < acknowledged || found > applied || !groups.contains(found) {
                    result.fault = "\(found) commands, \(acknowledged) acknowledged, \(applied) applied"
                } else if exchange.stateHash() != stateHash(behind: found) {
                    result.fault = "another state behind \(found) commands"
                }
                if result.fault != nil { break }
                acknowledged = found
                applied = found
                disk.failingCall = disk.calls + 1 + random.below(40)
                while acknowledged < commands.count {
                    let end = min(commands.count, acknowledged + random.within(1...7))
                    applied = end
                    groups.insert(end)
                    try commit(acknowledged..<end, on: &exchange, to: journal)
                    acknowledged = end
                    if random.chance(8) { try journal.snapshot(exchange) }
                    if journal.needsSpare && random.chance(50) {
                        try journal.makeSpare()
                        journal.takeSpare()
                    }
                }
            } catch {
                if case .storage = error {
                    result.losses += 1
                    disk.losePower(&random, damage)
                } else if mayRefuse {
                    result.refused += 1
                    return result
                } else {
                    result.fault = "\(error)"
                }
            }
        }
        result.segments = UInt64((try? disk.names().count { $0.hasPrefix("log-") }) ?? 0)
        return result
    }
}
