import ArgumentParser
import ExchangeCore
import ExchangeJournal
import ExchangeText

/// Says what a log or a file would not do, and ends with exit status 2.
private func refusing(_ body: () throws -> Void) throws {
    do {
        try body()
    } catch let error where error is JournalError || error is StorageError || error is FileError {
        fail("\(error)")
        throw ExitCode(2)
    }
}

/// `zerosum verify`: does a log say the truth?
struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Execute a venue's log again and compare every hash that it states.",
        discussion: """
            Checks the chain of all groups, the events that they gave, the state of every snapshot, and that
            nothing was made or lost, and says whether the end is known to be the one that was acknowledged.
            Changes nothing. Exit status 2 at the first thing that is not as stated,
            with file, byte and reason.
            """
    )

    @Argument(help: "The venue's directory; a venue may be running on it.")
    var directory: String

    @Flag(help: "Look at every invariant of the state behind each group; takes the state's size for each.")
    var deep = false

    func run() throws {
        try refusing {
            let disk = try DirectoryStorage(path: directory, readOnly: true)
            let result = try Journal.verify(on: disk, isDeep: deep)
            var text = "commands \(result.from + 1) to \(result.last): \(result.executed) executed in "
            text += "\(result.groups) groups\n"
            text += "events    as stated in every group\n"
            if deep { text += "state     every invariant holds behind every group\n" }
            text += "snapshots \(result.snapshots.map(String.init).joined(separator: ", "))\n"
            for seal in result.seals {
                text += "sealed    segment \(seal.segment) to command \(seal.lastSequence): \(seal.chain)\n"
            }
            text += "chain     \(result.chain)\n"
            text += "state     \(result.stateHash)\n"
            text += "head      \(result.head)\n"
            if result.torn > 0 { text += "\(result.torn) bytes at the end were never acknowledged\n" }
            text += "deposits - withdrawals - what all accounts have = \(result.missing)\n"
            let output = OutputFile.standardOutput
            output.bytes = Array(text.utf8)
            try output.flush()
            if result.missing != 0 { throw ExitCode(2) }
        }
    }
}

/// `zerosum upgrade`: lets a log go on under newer rules.
struct Upgrade: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Let a log that an older program wrote go on under this program's rules.",
        discussion: """
            Stop the venue with the old program first: it leaves a snapshot at the end. A new segment then
            begins in the same chain. Done twice, it is done once.
            """
    )

    @Argument(help: "The venue's directory, while no venue runs on it.")
    var directory: String

    func run() throws {
        try refusing {
            let report = try Journal.upgrade(on: try DirectoryStorage(path: directory))
            let isDone = report.from == report.to
            let text =
                isDone
                ? "nothing to do: the log is of \(report.to)\n"
                : "\(report.from) up to command \(report.sequence), \(report.to) from there on\n"
            let output = OutputFile.standardOutput
            output.bytes = Array(text.utf8)
            try output.flush()
        }
    }
}

/// `zerosum inspect`: what is in a log.
struct Inspect: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the commands of a venue's log as JSON Lines, or with --events what each did."
    )

    @Argument(help: "The venue's directory; a venue may be running on it.")
    var directory: String

    @Flag(help: "Print events instead of commands.")
    var events = false

    @Option(help: "The first command to print.")
    var from: UInt64 = 1

    @Option(help: "The last command to print.")
    var to: UInt64 = .max

    func run() throws {
        try refusing {
            let disk = try DirectoryStorage(path: directory, readOnly: true)
            let output = OutputFile.standardOutput
            var printer = LogPrinter(events: events, range: from...max(from, to))
            var failure: FileError?
            try Journal.read(
                on: disk,
                observe: { commands, buffer in
                    printer.take(commands, buffer, &output.bytes)
                    do throws(FileError) { try output.flushIfLarge() } catch { failure = failure ?? error }
                }
            )
            if let failure { throw failure }
            try output.flush()
        }
    }
}

/// Writes groups of a log as lines.
private struct LogPrinter {
    let events: Bool
    let range: ClosedRange<UInt64>
    private var names = NameTable()
    private var writer = EventJSON()

    init(events: Bool, range: ClosedRange<UInt64>) {
        self.events = events
        self.range = range
    }

    mutating func take(_ commands: [Command], _ buffer: borrowing EventBuffer, _ bytes: inout [UInt8]) {
        var number = 0
        var some: [Event] = []
        var found: [(Command, Outcome, [Event])] = []
        buffer.forEach { event in
            some.append(event)
            guard case .outcome(let outcome) = event, number < commands.count else { return }
            found.append((commands[number], outcome, some))
            number += 1
            some.removeAll(keepingCapacity: true)
        }
        for (command, outcome, some) in found { write(command, outcome, some, &bytes) }
    }

    private mutating func write(
        _ command: Command,
        _ outcome: Outcome,
        _ some: [Event],
        _ bytes: inout [UInt8]
    ) {
        for event in some {
            if case .marketCreated(let it) = event {
                names.addMarket(symbol: it.symbol.text, tickSize: it.tickSize, lotSize: it.lotSize)
            }
            // Told again when its owner changes.
            if case .accountOpened(let it) = event, it.account >= names.nextAccount {
                names.addAccount("account-\(it.account.raw)")
            }
        }
        let sequence = UInt64(outcome.sequence)
        if !range.contains(sequence) { return }
        if events {
            for event in some {
                writer.append(event, names: names, to: &bytes)
                bytes.append(UInt8(ascii: "\n"))
            }
        } else {
            var line = CommandJSON(names: names)
            bytes += line.write(command, at: outcome.at, sequence: sequence, status: outcome.status)
            bytes.append(UInt8(ascii: "\n"))
        }
    }
}
