import Foundation
import Glibc
import Testing

@testable import ExchangeServer

/// The program as a process: what ends it, and what does not.
@Suite("zerosum serve as a process")
struct ProcessTests {
    /// A venue as a process, with its output where it is told.
    private final class Running {
        let process = Process()
        let data: String
        private let errors: String

        init(_ data: String, output: String) throws {
            self.data = data
            errors = data + ".errors"
            let tests = URL(filePath: CommandLine.arguments[0]).standardizedFileURL
            process.executableURL = tests.deletingLastPathComponent().appending(path: "zerosum")
            process.arguments = [
                "serve", "--data", data, "--listen", "127.0.0.1:0", "--playground", "--no-demo",
                "--token", ServerVenue.token,
            ]
            try Data().write(to: URL(filePath: errors))
            process.standardInput = FileHandle.nullDevice
            process.standardOutput = try FileHandle(forWritingTo: URL(filePath: output))
            process.standardError = try FileHandle(forWritingTo: URL(filePath: errors))
            // Whoever runs the tests may ignore the end of a terminal, as `nohup` does.
            let before = signal(SIGHUP, SIG_DFL)
            defer { signal(SIGHUP, before) }
            try process.run()
        }

        deinit {
            if process.isRunning { kill(process.processIdentifier, SIGKILL) }
            try? FileManager.default.removeItem(atPath: errors)
        }

        var said: String { (try? String(contentsOfFile: errors, encoding: .utf8)) ?? "" }

        /// Whether its own account is there: what it says comes behind that.
        var isStarted: Bool { FileManager.default.fileExists(atPath: data + "/keys") }
    }

    @Test(
        "RUN-12 SIGHUP, SIGTERM and SIGINT end it gracefully, whether anybody reads what it prints or not",
        arguments: [SIGHUP, SIGTERM, SIGINT]
    )
    func ends(_ number: Int32) async throws {
        let directory = ServerVenue.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        // Nothing can be written there.
        let running = try Running(directory + "/venue", output: "/dev/full")
        try await eventually("it says that it goes on") { running.said.contains("the venue goes on") }
        #expect(running.isStarted && running.process.isRunning)
        kill(running.process.processIdentifier, number)
        try await eventually("it ends") { !running.process.isRunning }
        // Asked how it ended, one that runs would end the tests.
        if running.process.isRunning { return }
        #expect(running.process.terminationReason == .exit && running.process.terminationStatus == 0)
        #expect(running.said.contains("stopping"))
        let names = try FileManager.default.contentsOfDirectory(atPath: directory + "/venue")
        #expect(names.count { $0.hasPrefix("snapshot-") } == 2, "\(names)")
    }
}
