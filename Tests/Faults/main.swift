import ExchangeCore
import ExchangeJournal
import Glibc
import JournalSupport
import TestSupport

// faults DIRECTORY SEED [GROUP [all]]: recovers the journal in DIRECTORY, or begins it, and goes on with the
// commands of the world SEED, saying on standard output what was recovered and, one line each, what is
// acknowledged; with "all" nothing is dropped. Somebody else kills it. Exit status 0 at the end of the world,
// 3 if what was recovered is not what it must be, 4 if the journal refuses, 5 if the disk failed.

/// Says something at once.
func say(_ text: String) {
    let bytes = Array("\(text)\n".utf8)
    _ = bytes.withUnsafeBytes { write(1, $0.baseAddress, $0.count) }
}

/// One run of the process.
struct FaultRun {
    var directory: String
    var world: JournaledWorld
    var group: Int
    var keepsAll: Bool

    func run() -> Int32 {
        do throws(JournalError) {
            return try recoverAndGoOn()
        } catch {
            say("error \(error)")
            if case .storage = error { return 5 }
            return 4
        }
    }

    private func recoverAndGoOn() throws(JournalError) -> Int32 {
        let disk: DirectoryStorage
        do throws(StorageError) { disk = try DirectoryStorage(path: directory) } catch {
            throw .storage(error)
        }
        var options = JournalOptions()
        // Small, so that segments are begun often.
        options.segmentSize = 1 << 15
        options.keepsAll = keepsAll
        if try !Journal.exists(on: disk) {
            try Journal.clear(unfinishedOn: disk)
            try Journal.create(
                on: disk,
                id: JournalID(low: 5, high: 6),
                exchange: world.genesis,
                options: options
            )
        }
        let opened = try Journal.open(on: disk, options: options)
        let journal = opened.journal
        var exchange = opened.take()
        var done = Int(exchange.nextSequence) - 1
        if done > world.commands.count || exchange.stateHash() != world.stateHash(behind: done) {
            say("wrong \(done)")
            return 3
        }
        say("recovered \(done)")
        var number = done
        while done < world.commands.count {
            let end = min(world.commands.count, done + 1 + number % group)
            try world.commit(done..<end, on: &exchange, to: journal)
            done = end
            number += 1
            say("acknowledged \(done)")
            if number % 11 == 0 { try journal.snapshot(exchange) }
            if journal.needsSpare {
                try journal.makeSpare()
                journal.takeSpare()
            }
        }
        return 0
    }
}

let words = CommandLine.arguments
guard words.count >= 3, let seed = UInt64(words[2]) else {
    print("faults DIRECTORY SEED [GROUP]")
    exit(2)
}
// A write beyond a limit on file sizes is an error like others, not the end.
signal(SIGXFSZ, SIG_IGN)
let world = JournaledWorld(seed: seed, length: 400)
let group = words.count > 3 ? max(1, Int(words[3]) ?? 5) : 5
exit(FaultRun(directory: words[1], world: world, group: group, keepsAll: words.count > 4).run())
