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

    @Test(
        "DET-2, DUR-9 The log of this version gives the chain and the state that it gave when it was written"
    )
    func newest() throws {
        let disk = try Self.disk("format-2-rules-3")
        let result = try Journal.verify(on: disk, isDeep: true)
        #expect(result.last == Self.newest.last)
        #expect(result.chain == Self.newest.chain)
        #expect(result.stateHash == Self.newest.state)
        #expect(result.missing == 0)
        let opened = try Journal.open(on: disk)
        #expect(opened.exchange.nextSequence == result.last + 1)
    }

    /// As `zerosum verify` printed them when the log was written.
    private static let newest: (last: UInt64, chain: String, state: String) = (
        1_015, "bba61172acc678fa65b9050a0104e0295b2fc4de8ffe4fd97270c301ce964d65",
        "0652812ccfe78656891e219ffe194f0f"
    )

    @Test("DET-2, DUR-10 What a venue of the version before wrote under load gives here what it gave there")
    func underLoad() throws {
        let disk = try Self.disk("format-1-rules-3")
        let before = LogVersion(state: 1, rules: 3)
        // Its commands, executed here from its beginning.
        var exchange = try disk.anySnapshot(0, of: nil).exchange()
        let segment = try disk.segment(1)
        var events = EventBuffer()
        var running = ChainHash.zero
        var place = Layout.sector
        var groups = 0
        while case .frame(let frame) = segment.reading(at: place) {
            var reader = ByteReader(copying: segment.bytes.span.bytes.extracting(frame.payload))
            events.removeAll()
            for _ in 0..<frame.header.commands {
                var at = Timestamp(0)
                reader.visit("at", &at)
                guard let command = Command(from: &reader) else {
                    Issue.record("no command in the group at byte \(place)")
                    return
                }
                _ = exchange.apply(command, sequence: exchange.nextSequence, at: at, into: &events)
            }
            running = events.withBytes { running.extended(by: $0) }
            #expect(running == frame.header.events, "events of the group at byte \(place)")
            (place, groups) = (frame.end, groups + 1)
        }
        #expect(groups == 107 && exchange.nextSequence == 1_609)
        // And its last state, taken over.
        let report = try Journal.upgrade(on: disk)
        #expect(report == UpgradeReport(from: before, to: .current, sequence: 1_608))
        let opened = try Journal.open(on: disk)
        let taken = opened.take()
        #expect(taken.stateHash() == exchange.stateHash())
        #expect(taken.checkInvariants() == nil)
        #expect(taken.accountCount > 40 && taken.restingOrders > 0)
    }

    /// What a log of an older version holds, in units, as its last snapshot says without being upgraded.
    struct Sums: Sendable {
        var folder: String
        var version: LogVersion
        var last: UInt64
        var pile: Int64
        var accounts: Int32
        var markets: Int32
        var resting: Int
        var shares: Int64
        var cash: Int64
    }

    @Test(
        "DET-2, DUR-10 The log that an older program left goes on under this one, with what it had",
        arguments: [
            Sums(
                folder: "rules-1",
                version: LogVersion(state: 1, rules: 1),
                last: 398,
                pile: 2_652_034_138_886,
                accounts: 7,
                markets: 3,
                resting: 4,
                shares: 552_999_999_999,
                cash: 2_615_225_805_553
            ),
            Sums(
                folder: "rules-2",
                version: LogVersion(state: 1, rules: 2),
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
        let disk = try Self.disk(sums.folder)
        #expect(throws: JournalError.self) { try Journal.open(on: disk) }
        let report = try Journal.upgrade(on: disk)
        #expect(report == UpgradeReport(from: sums.version, to: .current, sequence: sums.last))
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
        let disk = try Self.disk("format-2-rules-3")
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
            guard case .versions(let path, let found)? = GoldenTests.error(changed) else {
                Issue.record("not refused")
                continue
            }
            #expect(path.hasSuffix(name))
            #expect(found != .current)
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
