import ExchangeCore
import ExchangeText

/// What a new venue begins with: lines of the scenario language, as commands.
enum Configuration {
    /// µs of a venue's lock-up where its vault states none: four days (VLT-2a).
    static let lockUp: Int64 = 4 * 86_400_000_000

    /// The commands, tried out on an exchange that is thrown away: a venue begins with all of them, or is not
    /// begun at all.
    ///
    /// - Parameters:
    ///   - name: where the text is from, for whoever has to mend it.
    ///   - lockUp: µs for which shares of the vault are locked up where its line does not say.
    /// - Throws: `VenueError` with the name and the first line that cannot be read or is refused.
    static func commands(
        of text: String,
        named name: String,
        lockUp: Int64,
        at now: Timestamp
    ) throws(VenueError) -> [Command] {
        var names = NameTable()
        var exchange = Exchange()
        var events = EventBuffer()
        var count = 0
        var all: [Command] = []
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let number = index + 1
            let parsed: ScenarioLine
            do throws(ScenarioError) {
                let bytes = Array(line.utf8)[...]
                parsed = try ScenarioParser.parse(bytes, line: number, names: names, lockUp: lockUp)
            } catch {
                throw VenueError("\(name):\(error)")
            }
            guard case .apply(let commands) = parsed.action else { continue }
            for name in parsed.newAccounts { names.addAccount(name) }
            if let owner = parsed.newOwner { names.addOwner(owner) }
            if let source = parsed.newSource { names.addSource(source.name, of: source.market) }
            if let market = parsed.newMarket {
                names.addMarket(symbol: market.symbol, tickSize: market.tickSize, lotSize: market.lotSize)
            }
            let opened = parsed.newAccounts.map { _ in Command.openAccount(OpenAccount()) }
            for command in opened + commands {
                let status = exchange.submit(command, at: now, applied: &count, into: &events)
                events.removeAll()
                if status != .ok {
                    throw VenueError(
                        "\(name):\(number): \(command.kind.term) was refused: \(status.term)"
                    )
                }
                all.append(command)
            }
        }
        return all
    }
}
