import ExchangeCore
internal import ExchangeText

/// A world to explore: a state to begin from, and what may be done there again and again.
///
/// It is a file of the scenario language. Notes that begin with `explore:` say the rest:
/// `explore: interchangeable a b c` names accounts that may be exchanged for one another, `explore: steps N`
/// bounds the steps of a waterfall in one command (WF-11), `explore: each selection` makes a world of each
/// selection (ADL-4), and behind `explore: commands` each line is a command that may be given at any time:
/// its `at` is how many µs pass before, and `tick` lets time pass to the next deadline.
public struct ExploredWorld {
    /// One line that may be given at any time.
    struct Letter {
        /// The line as it stands in the file.
        var text: String
        var commands: [Command]
        /// Whether it lets time pass to the next deadline.
        var isTick: Bool
        /// µs that pass before it.
        var delay: Int64
        /// Whether it moves the time.
        var isTimed: Bool { isTick || delay > 0 }
    }

    /// What is wrong with a file, and where.
    public struct Failure: Error {
        /// Where and what, and what was expected.
        public var text: String
    }

    /// The file's name, and the variant's behind a slash.
    public var name: String
    /// The lines in front of the commands, as they stand in the file.
    var lines: [String] = []
    var setup: [TimedLine] = []
    var letters: [Letter] = []
    var interchangeable: Range<Int32> = 0..<0
    var limits = Limits()
    private var names = NameTable()

    /// Commands of the setup at their time.
    struct TimedLine {
        var line: Int
        var commands: [Command]
        var at: Timestamp
    }

    /// Whether ADL-5's third premise holds: deficits lie by loss in all markets.
    var isTheoremDemanded: Bool {
        setup.allSatisfy { line in
            line.commands.allSatisfy { command in
                if case .createMarket(let market) = command { return market.deficitShare == .byLoss }
                return true
            }
        }
    }

    /// Reads a file: one world, or one of each selection.
    public static func read(_ name: String, _ text: String) throws(Failure) -> [ExploredWorld] {
        let lines = text.split(separator: "\n").map(String.init)
        if !lines.contains(where: { directive($0) == "each selection" }) {
            return [try ExploredWorld(name, lines)]
        }
        var worlds: [ExploredWorld] = []
        for number in UInt8.min...UInt8.max {
            guard let selection = Selection(rawValue: number) else { break }
            let term = "\(selection.term)"
            let varied = lines.map { line in
                line.hasPrefix("{\"do\":\"market\"")
                    ? line.dropLast() + ",\"selection\":\"\(term)\"}" : line
            }
            worlds.append(try ExploredWorld("\(name)/\(term)", varied))
        }
        return worlds
    }

    private init(_ name: String, _ lines: [String]) throws(Failure) {
        self.name = name
        var at = Timestamp(0)
        var group: [String] = []
        var isAlphabet = false
        for (index, text) in lines.enumerated() {
            if let said = ExploredWorld.directive(text) {
                let words = said.split(separator: " ").map(String.init)
                switch words.first {
                case "interchangeable": group = Array(words.dropFirst())
                case "steps": limits.waterfallSteps = words.count == 2 ? Int32(words[1]) ?? 0 : 0
                case "commands": isAlphabet = true
                case "each": break
                default:
                    throw fail(
                        index,
                        "explore: \(said)",
                        "interchangeable, steps, each selection or commands"
                    )
                }
                if limits.waterfallSteps < 1 {
                    throw fail(index, "explore: \(said)", "a number of steps from 1")
                }
                continue
            }
            if isAlphabet {
                var delay = Timestamp(0)
                let commands = try parse(text, index, &delay)
                if commands.isEmpty { continue }
                var isTick = false
                if case .tick? = commands.first { isTick = true }
                let letter = Letter(text: text, commands: commands, isTick: isTick, delay: delay.microseconds)
                letters.append(letter)
            } else {
                let commands = try parse(text, index, &at)
                self.lines.append(text)
                if !commands.isEmpty { setup.append(TimedLine(line: index + 1, commands: commands, at: at)) }
            }
        }
        if letters.isEmpty {
            throw fail(lines.count - 1, "no commands", "lines behind \"explore: commands\"")
        }
        if letters.count > 255 { throw fail(lines.count - 1, "\(letters.count) commands", "at most 255") }
        interchangeable = try numbers(of: group)
    }

    private func fail(_ index: Int, _ found: String, _ expected: String) -> Failure {
        Failure(text: "\(name):\(index + 1): \(found); expected \(expected)")
    }

    /// What a note says to the explorer.
    private static func directive(_ line: String) -> String? {
        let start = "{\"do\":\"note\",\"text\":\"explore: "
        if !line.hasPrefix(start) || !line.hasSuffix("\"}") { return nil }
        return String(line.dropFirst(start.count).dropLast(2))
    }

    private mutating func parse(_ text: String, _ index: Int, _ at: inout Timestamp) throws(Failure)
        -> [Command]
    {
        let line: ScenarioLine
        do throws(ScenarioError) {
            line = try ScenarioParser.parse(Array(text.utf8)[...], line: index + 1, names: names)
        } catch {
            throw Failure(text: "\(name):\(error.line): \(error.message); expected \(error.expected)")
        }
        if let time = line.at { at = time }
        guard case .apply(let commands) = line.action else { return [] }
        for account in line.newAccounts { names.addAccount(account) }
        if let owner = line.newOwner { names.addOwner(owner) }
        if let source = line.newSource { names.addSource(source.name, of: source.market) }
        if let market = line.newMarket {
            names.addMarket(symbol: market.symbol, tickSize: market.tickSize, lotSize: market.lotSize)
        }
        return line.newAccounts.map { _ in Command.openAccount(OpenAccount()) } + commands
    }

    private func numbers(of group: [String]) throws(Failure) -> Range<Int32> {
        if group.isEmpty { return 0..<0 }
        var found: [Int32] = []
        for account in group {
            guard let id = names.account(named: account) else {
                throw fail(0, "no account \(account)", "accounts that the setup opens")
            }
            found.append(id.raw)
        }
        for (place, number) in found.enumerated() where number != found[0] + Int32(place) {
            throw fail(0, "accounts that are not opened one behind the other", "neighbours, in order")
        }
        if found.count > 8 { throw fail(0, "\(found.count) interchangeable accounts", "at most 8") }
        return found[0]..<found[0] + Int32(found.count)
    }

    /// The setup and these commands as a scenario file (SCN-1). Ticks stand at their times.
    func scenario(_ note: String, _ path: [(letter: Letter, at: Timestamp)]) -> String {
        let escaped = note.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "'")
        var text = "{\"do\":\"note\",\"text\":\"\(escaped)\"}\n"
        for line in lines { text += line + "\n" }
        for step in path { text += ExploredWorld.line(step.letter, at: step.at) + "\n" }
        return text
    }

    /// A letter as a line of a scenario; one that moves the time stands at that time.
    private static func line(_ letter: Letter, at: Timestamp) -> String {
        if !letter.isTimed { return letter.text }
        let text = letter.text.split(separator: ",").filter { !$0.hasPrefix("\"at\":") }.joined(
            separator: ","
        )
        let isClosed = text.hasSuffix("}")
        return (isClosed ? String(text.dropLast()) : text) + ",\"at\":\(at.microseconds)}"
    }
}
