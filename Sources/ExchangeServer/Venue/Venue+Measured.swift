package import ExchangeCore
import ExchangeHistory
package import ExchangeRuntime

/// What a benchmark asks of the venue that it measures.
extension Venue {
    /// What the sequencer has done since the start.
    package var counts: SequencerCounts { sequencer.progress }

    /// Commands whose rows the history has not written yet.
    package var historyBehind: Int { Int(history?.progress.behind ?? 0) }

    /// Applies one command, which must be taken.
    package func apply(_ command: Command) async throws { try await perform(all: [command]) }

    /// Opens an account with money and gives it a key.
    package func newKey(deposit: Amount, label: String) async throws -> (name: String, secret: String) {
        let opened = try await openAccount(deposit: deposit)
        if opened.status != .ok { throw VenueError("an account was refused: \(opened.status.term)") }
        let created = clock.now().microseconds / 1_000
        let key = APIKey.generate(for: opened.account, label: label, created: created)
        try keys.add(key)
        return (key.name, key.material)
    }

    /// The listen key of a key; nil if there is no such key.
    package func listenKey(of name: String) -> String? {
        keys.key(named: name).flatMap { listenKeys.start($0, now: clock.now().microseconds / 1_000) }
    }
}
