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

    @Test("DET-2, DUR-9 The log of rules 2 gives the chain and the state that it gave when it was written")
    func second() throws {
        let disk = try Self.disk("rules-2")
        let result = try Journal.verify(on: disk)
        #expect(result.last == Self.second.last)
        #expect(result.chain == Self.second.chain)
        #expect(result.stateHash == Self.second.state)
        #expect(result.missing == 0)
        let opened = try Journal.open(on: disk)
        #expect(opened.exchange.nextSequence == result.last + 1)
    }

    /// As `zerosum verify` printed them when the log was written.
    private static let second: (last: UInt64, chain: String, state: String) = (
        400, "cd583783d6bb9444889e63df571ffabd743303c2814ea16996028028e0612030",
        "ec50a5bc7d7180d08dd2a77d865083cf"
    )

    @Test("DET-2, DUR-10 The log that a program of rules 1 left goes on under these, with what it had")
    func first() throws {
        let disk = try Self.disk("rules-1")
        #expect(throws: JournalError.self) { try Journal.open(on: disk) }
        let report = try Journal.upgrade(on: disk)
        #expect(report == UpgradeReport(from: 1, to: 2, sequence: 398))
        let verified = try Journal.verify(on: disk)
        #expect(verified.from == 398 && verified.last == 398 && verified.missing == 0)
        let opened = try Journal.open(on: disk)
        let exchange = opened.take()
        // Nothing is gained or lost by the coming of the new rules.
        #expect(exchange.deposits.units - exchange.withdrawals.units == Self.first.pile)
        #expect(exchange.accountCount == Self.first.accounts)
        #expect(exchange.marketCount == Self.first.markets)
        #expect(exchange.restingOrders == Self.first.resting)
        #expect(exchange.vaultTotalShares == Self.first.shares)
        var cash: Int64 = 0
        for number in 0..<exchange.accountCount {
            cash += exchange.accountView(AccountID(number))?.cash.units ?? 0
        }
        #expect(cash == Self.first.cash)
    }

    /// The sums of its last snapshot, in units, as they are read without upgrading it.
    private static let first:
        (
            pile: Int64, accounts: Int32, markets: Int32, resting: Int, shares: Int64, cash: Int64
        ) = (2_652_034_138_886, 7, 3, 4, 552_999_999_999, 2_615_225_805_553)

    @Test("DET-2 A log of other rules, or of another format, is refused by name")
    func others() throws {
        let disk = try Self.disk("rules-2")
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
