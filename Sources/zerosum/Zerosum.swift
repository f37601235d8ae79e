import ArgumentParser
import Benchmarks
import Dispatch
import ExchangeJournal
import ExchangeServer

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

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
            end(with: error)
        }
    }

    /// What the disk, a log or a venue would not do is told as it is, with exit status 2 whatever command it
    /// ends; the rest is about the command line.
    private static func end(with error: any Error) -> Never {
        switch error {
        case is FileError, is DataError, is StorageError, is JournalError, is VenueError, is KeyStoreError:
            fail("\(error)")
            exit(2)
        default: Zerosum.exit(withError: error)
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
                end(with: error)
            }
            done.signal()
        }
        done.wait()
    }
}
