import ExchangeCore
import Foundation
import JournalSupport
import Testing

@testable import ExchangeJournal

@Suite("Logs of every version")
struct GoldenTests {
    /// A disk with the files of a folder under Tests/Golden.
    private static func disk(_ version: String) throws -> SimulatedStorage {
        let folder = Repository.root.appending(path: "Tests/Golden/\(version)")
        let disk = SimulatedStorage()
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
            disk.set(name, Array(try Data(contentsOf: folder.appending(path: name))))
        }
        return disk
    }

    @Test("DET-2, DUR-9 The log of rules 1 gives the chain and the state that it gave when it was written")
    func first() throws {
        let disk = try Self.disk("rules-1")
        let result = try Journal.verify(on: disk)
        #expect(result.last == 400)
        #expect(result.chain == "5692c70fa7dffd6ca80281a070e13d1c9cde79dc0e2b2852ef0299bb04a04b2b")
        #expect(result.stateHash == "c619d544648ad1b1f8755b4a5c086560")
        #expect(result.missing == 0)
        let opened = try Journal.open(on: disk)
        #expect(opened.exchange.nextSequence == result.last + 1)
    }

    @Test("DET-2 A log of other rules, or of another format, is refused by name")
    func others() throws {
        let disk = try Self.disk("rules-1")
        let name = try #require(try disk.names().last { $0.hasPrefix("snapshot-") })
        let bytes = try disk.read(name, at: 0, count: disk.size(of: name))
        for (format, rules) in [(0, 1), (1, 0)] as [(Int32, Int32)] {
            guard var header = SnapshotHeader(guarded: bytes.span.bytes) else {
                Issue.record("no header")
                return
            }
            header.format += 1 - format
            header.rules += 1 - rules
            var state = ByteWriter()
            for byte in bytes[SnapshotHeader.guardedSize..<bytes.count - ChainHash.size] {
                state.append(byte: byte)
            }
            // Everything else is right: guard and hash are made anew.
            let file = SnapshotFile.layOut(header, state: state)
            let changed = disk.copy()
            changed.set(name, (0..<file.count).map { file[$0] })
            guard case .versions(let path, let found, let ruled)? = GoldenTests.error(changed) else {
                Issue.record("not refused")
                continue
            }
            #expect(path.hasSuffix(name))
            #expect(LogVersion(format: found, rules: ruled) != .current)
        }
    }

    private static func error(_ disk: SimulatedStorage) -> JournalError? {
        do throws(JournalError) {
            _ = try Journal.open(on: disk)
            return nil
        } catch {
            return error
        }
    }
}
