import ExchangeCore
import ExchangeRuntime
import Playground

/// An account that a playground opens for itself, once in its life (RUN-11).
///
/// That it was opened is a fact of the log: its owner's number says what the account is. What else could be
/// asked, whether a request key is remembered, is forgotten when a thousand others came behind it (DET-3).
struct OwnAccount: Sendable {
    /// The owner's number that nobody else has: the highest there are.
    var owner: OwnerID
    /// By which programs before this one opened it.
    var key: RequestKey
    /// What is paid into it when it is opened.
    var deposit: Amount

    /// Owners up to this number are users.
    static let lastUser = Int32.max - 100_000

    /// Whom the venue prints a key for.
    static let playground = OwnAccount(
        owner: OwnerID(Int32.max - 1),
        key: RequestKey(low: 0x504C_4159, high: 1),
        deposit: Amount(10_000_00000000)
    )

    /// One of the demo population.
    static func demo(_ index: Int) -> OwnAccount {
        OwnAccount(
            owner: OwnerID(Int32.max - 1_000 - Int32(index)),
            key: RequestKey(low: 0x4445_4D4F, high: UInt64(index)),
            deposit: DemoPopulation.deposit(of: index)
        )
    }

    /// What opens it: the account and its money, whole or not at all. The owner's number comes with the
    /// account; behind one that an earlier program opened it is added.
    func next(_ applied: [Applied]) -> Command? {
        guard let first = applied.first else {
            return .openAccount(OpenAccount(owner: owner, key: key))
        }
        let account = AccountID(Int32(clamping: first.result))
        switch applied.count {
        case _ where first.status != .ok: return nil
        case 1:
            let own = RequestKey(low: key.low, high: key.high ^ 1 << 63)
            return .deposit(Deposit(account: account, amount: deposit, key: own))
        case 2 where first.isRepeated:
            return .setOwner(SetOwner(account: account, owner: owner))
        default: return nil
        }
    }
}

extension Venue {
    /// The accounts that a playground has of its own, each opened if it is not there.
    ///
    /// - Complexity: O(accounts), once at the start.
    func openOnce(_ wanted: [OwnAccount]) async throws -> [AccountID] {
        let known = try await perform([]) { exchange, _ in
            var known: [OwnerID: AccountID] = [:]
            for raw in AccountID.firstUser.raw..<max(AccountID.firstUser.raw, exchange.accountCount) {
                guard let view = exchange.accountView(AccountID(raw)), view.owner.raw > OwnAccount.lastUser
                else { continue }
                if known[view.owner] == nil { known[view.owner] = view.account }
            }
            return known
        }.answer
        var accounts: [AccountID] = []
        for one in wanted {
            if let account = known[one.owner] {
                accounts.append(account)
            } else {
                accounts.append(try await open(one))
            }
        }
        return accounts
    }

    private func open(_ one: OwnAccount) async throws -> AccountID {
        let applied: [Applied] = try await withCheckedThrowingContinuation { continuation in
            let job = Job(
                [],
                plan: { _, applied in one.next(applied) },
                read: { _, _ in true },
                finish: { (result: Result<([Applied], Bool), Refusal>) in
                    continuation.resume(with: result.map(\.0).mapError { $0 as any Error })
                }
            )
            do throws(Refusal) {
                try sequencer.submit(job)
            } catch {
                continuation.resume(throwing: error)
            }
        }
        if let refused = applied.first(where: { $0.status != .ok }) {
            throw VenueError("an account of the playground could not be opened: \(refused.status.term)")
        }
        return AccountID(Int32(clamping: applied[0].result))
    }

    /// The playground's own account and key: the same ones at each start.
    public func playgroundKey() async throws -> (account: Int32, name: String, secret: String) {
        let account = try await openOnce([.playground])[0]
        let label = "playground"
        let known = keys.keys(of: account).filter { $0.kind == .hmac && $0.label == label }
        if let first = known.min(by: { ($0.created, $0.name) < ($1.created, $1.name) }) {
            return (account.raw, first.name, first.material)
        }
        let made = APIKey.generate(for: account, label: label, created: clock.now().microseconds / 1_000)
        try keys.add(made)
        return (account.raw, made.name, made.material)
    }
}
