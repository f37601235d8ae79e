import ArgumentParser
import Benchmarks
import Dispatch

/// The command line. Each subcommand is a file of its own beside this one.
struct Zerosum: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "zerosum",
        abstract: "A perpetual-futures exchange that liquidates and deleverages in the open.",
        subcommands: [
            Serve.self, Run.self, ReplayCommand.self, Verify.self, Inspect.self, Upgrade.self, Bench.self,
        ]
    )
}

/// Runs a command on the thread that the program starts with; only what waits for sockets runs elsewhere.
///
/// A program that is asynchronous as a whole gives that thread up, and tools that count the instructions of
/// a benchmark do not follow it there.
@main
enum Program {
    static func main() {
        do {
            var command = try Zerosum.parseAsRoot()
            if let command = command as? any AsyncParsableCommand {
                runAndWait(command)
            } else {
                try command.run()
            }
        } catch {
            Zerosum.exit(withError: error)
        }
    }

    private static func runAndWait(_ command: any AsyncParsableCommand) {
        let done = DispatchSemaphore(value: 0)
        // Handed over to one task, and not touched here again.
        nonisolated(unsafe) var command = command
        Task {
            do {
                try await command.run()
            } catch {
                Zerosum.exit(withError: error)
            }
            done.signal()
        }
        done.wait()
    }
}
