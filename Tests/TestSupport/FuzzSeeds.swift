import ExchangeCore
import ExchangeText

/// What a fuzzer begins with: the commands of a scenario, and the state that they lead to, as bytes.
public struct FuzzSeeds {
    /// A byte of time and a command, one behind the other.
    public private(set) var commands: [UInt8] = []
    /// The snapshot at the end.
    public private(set) var snapshot: [UInt8] = []

    /// Runs the lines; nil if they are no scenario.
    public init?(lines: [String]) {
        var names = NameTable()
        for (index, line) in lines.enumerated() {
            guard
                let parsed = try? ScenarioParser.parse(Array(line.utf8)[...], line: index + 1, names: names)
            else { return nil }
            guard case .apply(let list) = parsed.action else { continue }
            for name in parsed.newAccounts {
                append(.openAccount(OpenAccount()))
                names.addAccount(name)
            }
            if let owner = parsed.newOwner { names.addOwner(owner) }
            if let source = parsed.newSource { names.addSource(source.name, of: source.market) }
            for command in list { append(command) }
            if let market = parsed.newMarket {
                names.addMarket(symbol: market.symbol, tickSize: market.tickSize, lotSize: market.lotSize)
            }
        }
        var runner = ScenarioRunner()
        var events = EventBuffer()
        for (index, line) in lines.enumerated() {
            events.removeAll()
            do {
                try runner.run(Array(line.utf8)[...], line: index + 1, into: &events)
            } catch {
                return nil
            }
        }
        var writer = ByteWriter(capacity: 1 << 14)
        runner.exchange.snapshot(into: &writer)
        snapshot = (0..<writer.count).map { writer[$0] }
    }

    private mutating func append(_ command: Command) {
        commands.append(0)
        commands += AllCommands.encode(command)
    }
}
