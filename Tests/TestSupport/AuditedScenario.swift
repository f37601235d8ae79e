import ExchangeCore
import ExchangeText

/// A scenario with the auditor beside the exchange: what its lines do is applied to both.
public struct AuditedScenario {
    private let comparison: Comparison
    private var names = NameTable()
    private var at = Timestamp(0)

    /// Nothing applied yet.
    public init(limits: AuditedLimits = AuditedLimits()) {
        comparison = Comparison(limits: limits)
        // Some scenarios show what happens where ADL-5's premises do not hold.
        comparison.demandsTheorem = false
    }

    /// Applies all lines; nil, or the first line at which the two differ and how. Lines that only expect
    /// do nothing here.
    public static func difference(in lines: [String]) throws -> String? {
        var scenario = AuditedScenario()
        for (index, line) in lines.enumerated() {
            let parsed = try ScenarioParser.parse(
                Array(line.utf8)[...],
                line: index + 1,
                names: scenario.names
            )
            if let difference = scenario.run(parsed) { return "line \(index + 1): \(difference)" }
        }
        return nil
    }

    private mutating func run(_ line: ScenarioLine) -> String? {
        if let at = line.at { self.at = at }
        guard case .apply(let commands) = line.action else { return nil }
        for name in line.newAccounts {
            if let difference = apply(.openAccount(OpenAccount())) { return difference }
            names.addAccount(name)
        }
        if let owner = line.newOwner { names.addOwner(owner) }
        if let source = line.newSource { names.addSource(source.name, of: source.market) }
        for command in commands {
            if let difference = apply(command) { return difference }
            if comparison.lastStatus != .ok { return nil }
            if case .createMarket = command, let market = line.newMarket {
                names.addMarket(symbol: market.symbol, tickSize: market.tickSize, lotSize: market.lotSize)
            }
        }
        return nil
    }

    /// What is due before, the command, and what is left of its waterfall (SCN-4).
    private func apply(_ command: Command) -> String? {
        while comparison.auditor.nextDeadline <= Whole(at.microseconds) {
            let due = max(Int64(comparison.auditor.nextDeadline), Int64(comparison.auditor.now))
            if let difference = step(.tick(Tick()), at: due) { return difference }
        }
        return step(command, at: at.microseconds)
    }

    private func step(_ command: Command, at: Int64) -> String? {
        if let difference = comparison.step(TimedCommand(command: command, at: at)) { return difference }
        let status = comparison.lastStatus
        while comparison.auditor.isWaterfallPending {
            let goOn = TimedCommand(command: .continue(Continue()), at: at)
            if let difference = comparison.step(goOn) { return difference }
        }
        comparison.lastStatus = status
        return nil
    }
}
