import ArgumentParser

/// The command line. Each subcommand is a file of its own beside this one.
@main
struct Zerosum: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "zerosum",
        abstract: "A perpetual-futures exchange that liquidates and deleverages in the open.",
        subcommands: [
            Serve.self, Run.self, ReplayCommand.self, Verify.self, Inspect.self, Upgrade.self, Bench.self,
        ]
    )
}
