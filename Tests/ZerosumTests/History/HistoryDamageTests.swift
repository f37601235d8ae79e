import ExchangeHistory
import ExchangeJournal
import ExchangeText
import Foundation
import Testing

@testable import ExchangeServer

/// A history beside snapshots and views that are not what was written.
@Suite("The history beside what is damaged")
struct HistoryDamageTests {
    private static func tight(_ options: inout VenueOptions) {
        options.kept = 2
        options.history.interval = 20
        options.history.lookEvery = 50
    }

    private static func isComplete(_ server: ServerVenue) async throws {
        try await eventually("the history is complete") {
            guard let progress = server.venue.history?.progress else { return false }
            return progress.phase == .live && progress.behind == 0
        }
    }

    /// All receipts there ever were.
    private static func told(_ server: ServerVenue) async throws -> [String] {
        var told: [String] = []
        for path in ["/receipts?limit=1000", "/fills?from=1&limit=1000", "/fund?limit=1000"] {
            told.append(try await server.send("GET", "/zerosum/v1" + path).text)
        }
        return told
    }

    private static func names(_ directory: String, _ prefix: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory).filter { $0.hasPrefix(prefix) }
            .sorted()
    }

    private static func damage(_ directory: String, _ name: String) throws {
        let url = URL(filePath: directory + "/" + name)
        var bytes = try Data(contentsOf: url)
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: url)
    }

    /// A venue that was started and stopped three times, and what it told at the end.
    private static func lived(_ directory: String, _ change: (inout VenueOptions) -> Void) async throws
        -> [String]
    {
        var told: [String] = []
        for _ in 0..<3 {
            try await ServerVenue.run(in: directory, change) { server in
                try await server.cascade()
                try await isComplete(server)
                told = try await Self.told(server)
            }
        }
        return told
    }

    @Test(
        "HIST-5, HIST-7, DUR-8 With the newest snapshot or view damaged it goes on from the one before",
        arguments: ["snapshot-", "view-"],
        [true, false]
    )
    func newest(_ kind: String, _ keepsAll: Bool) async throws {
        let directory = ServerVenue.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let change: (inout VenueOptions) -> Void = {
            Self.tight(&$0)
            $0.keepsAll = keepsAll
        }
        let told = try await Self.lived(directory, change)
        try Self.damage(directory, try #require(try Self.names(directory, kind).last))
        try await ServerVenue.run(in: directory, change) { server in
            try await Self.isComplete(server)
            #expect(try await Self.told(server) == told)
            #expect(server.venue.history?.progress.rebuilds == 0)
            #expect(server.venue.recovery.passedOver.isEmpty == (kind == "view-"))
            #expect(try await server.send("GET", "/ready").text == "ready\n")
            try await server.cascade()
            try await Self.isComplete(server)
        }
    }

    @Test("HIST-7 Without its first snapshot the history begins with the oldest view that is whole")
    func first() async throws {
        let directory = ServerVenue.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        _ = try await Self.lived(directory, Self.tight)
        let snapshots = try Self.names(directory, "snapshot-")
        try Self.damage(directory, snapshots[0])
        try FileManager.default.removeItem(atPath: directory + "/history.sqlite")
        try await ServerVenue.run(in: directory, Self.tight) { server in
            try await Self.isComplete(server)
            let begins = server.venue.history?.progress.begins ?? 0
            #expect(begins == UInt64(snapshots[1].dropFirst(9)))
            // What the log cannot give again is not made anew, and what is there stays.
            #expect(try await server.operate("POST", "/history/rebuild").status == 409)
        }
    }

    @Test(
        "HIST-7, API-10 One that cannot go on says why and what to do in /ready, and goes on when it can"
    )
    func failed() async throws {
        let directory = ServerVenue.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let file = directory + "/history.sqlite"
        try FileManager.default.createDirectory(
            atPath: file + "/in-the-way",
            withIntermediateDirectories: true
        )
        // What cannot be taken away stays in the way.
        try FileManager.default.setAttributes([.posixPermissions: 0o500], ofItemAtPath: file)
        try await ServerVenue.run(in: directory, Self.tight) { server in
            try await server.cascade()
            if server.venue.history?.progress.phase == .live { return }
            try await eventually("it says so") {
                let ready = try await server.send("GET", "/ready")
                return ready.status == 200 && ready.text.hasPrefix("ready\nthe history does not work: ")
            }
            try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: file)
            try? FileManager.default.removeItem(atPath: file)
            try await Self.isComplete(server)
            #expect(try await server.send("GET", "/ready").text == "ready\n")
        }
    }
}
