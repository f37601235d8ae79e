import Synchronization

/// What an account may have waiting, and how often it may be wrong, over all its connections and keys
/// (API-18): what one of them does to everybody else is bounded by whose it is, not by how many sockets it
/// has.
final class AccountBounds: Sendable {
    /// Requests that may wait for their answers.
    static let waitingLimit = 512
    /// Requests that may be refused a second, and at once.
    static let wrongPerSecond: Int64 = 200
    static let wrongBurst: Int64 = 2_000

    private struct Account {
        var waiting = 0
        /// Refusals that count, in thousandths, at the time of the last look.
        var wrong: Int64 = 0
        var at: Int64 = 0

        /// As time passes they count less.
        mutating func settle(_ now: Int64) {
            let passed = min(max(0, now - at), 3_600_000)
            wrong = max(0, wrong - passed * AccountBounds.wrongPerSecond)
            at = now
        }
    }
    private let accounts = Mutex<[Int32: Account]>([:])

    /// Notes that it waits for one answer more; false, and nothing is noted, if it waits for too many.
    func begin(_ account: Int32) -> Bool {
        accounts.withLock { accounts in
            if accounts[account]?.waiting ?? 0 >= AccountBounds.waitingLimit { return false }
            accounts[account, default: Account()].waiting += 1
            return true
        }
    }

    /// Notes that it was answered.
    func end(_ account: Int32, wasWrong: Bool, now: Int64) {
        accounts.withLock { accounts in
            guard var known = accounts[account] else { return }
            known.waiting -= 1
            known.settle(now)
            if wasWrong { known.wrong += 1_000 }
            // Of those who are right nothing is remembered.
            accounts[account] = known.waiting == 0 && known.wrong == 0 ? nil : known
        }
    }

    /// Whether it was refused so often that it is not looked at.
    func isTooOftenWrong(_ account: Int32, now: Int64) -> Bool {
        accounts.withLock { accounts in
            guard var known = accounts[account] else { return false }
            known.settle(now)
            accounts[account] = known
            return known.wrong >= AccountBounds.wrongBurst * 1_000
        }
    }
}
