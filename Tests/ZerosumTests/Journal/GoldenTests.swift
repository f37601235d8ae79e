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

    @Test("DET-2, DUR-9 The log of rules 3 gives the chain and the state that it gave when it was written")
    func third() throws {
        let disk = try Self.disk("rules-3")
        let result = try Journal.verify(on: disk, isDeep: true)
        #expect(result.last == Self.third.last)
        #expect(result.chain == Self.third.chain)
        #expect(result.stateHash == Self.third.state)
        #expect(result.missing == 0)
        let opened = try Journal.open(on: disk)
        #expect(opened.exchange.nextSequence == result.last + 1)
    }

    /// As `zerosum verify` printed them when the log was written.
    private static let third: (last: UInt64, chain: String, state: String) = (
        120, "7fd3c28f739f9bc6fb164ec420f6484d03da180d5196611470a7473a4233a619",
        "333a0bb5a38067e23619450b6f30060f"
    )

    /// What a log of older rules holds, in units, as its last snapshot says without being upgraded.
    struct Sums: Sendable {
        var rules: Int32
        var last: UInt64
        var pile: Int64
        var accounts: Int32
        var markets: Int32
        var resting: Int
        var shares: Int64
        var cash: Int64
    }

    @Test(
        "DET-2, DUR-10 The log that a program of older rules left goes on under these, with what it had",
        arguments: [
            Sums(
                rules: 1,
                last: 398,
                pile: 2_652_034_138_886,
                accounts: 7,
                markets: 3,
                resting: 4,
                shares: 552_999_999_999,
                cash: 2_615_225_805_553
            ),
            Sums(
                rules: 2,
                last: 400,
                pile: 1_991_980_792_941,
                accounts: 6,
                markets: 2,
                resting: 4,
                shares: 581_925_696_685,
                cash: 2_040_832_652_317
            ),
        ]
    )
    func older(_ sums: Sums) throws {
        let disk = try Self.disk("rules-\(sums.rules)")
        #expect(throws: JournalError.self) { try Journal.open(on: disk) }
        let report = try Journal.upgrade(on: disk)
        #expect(report == UpgradeReport(from: sums.rules, to: 3, sequence: sums.last))
        let verified = try Journal.verify(on: disk, isDeep: true)
        #expect(verified.from == sums.last && verified.last == sums.last && verified.missing == 0)
        let opened = try Journal.open(on: disk)
        let exchange = opened.take()
        // Nothing is gained or lost by the coming of the new rules.
        #expect(exchange.deposits.units - exchange.withdrawals.units == sums.pile)
        #expect(exchange.accountCount == sums.accounts)
        #expect(exchange.marketCount == sums.markets)
        #expect(exchange.restingOrders == sums.resting)
        #expect(exchange.vaultTotalShares == sums.shares)
        var cash: Int64 = 0
        for number in 0..<exchange.accountCount {
            cash += exchange.accountView(AccountID(number))?.cash.units ?? 0
        }
        #expect(cash == sums.cash)
    }

    @Test("DET-2 A log of other rules, or of another format, is refused by name")
    func others() throws {
        let disk = try Self.disk("rules-3")
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
