import BinanceDialect
import ExchangeCore
import ExchangeRuntime

/// Does what requests of the Binance wire ask for, whichever way they came: from an endpoint and its
/// parameters to a reply.
final class DialectService: Sendable {
    private let venue: Venue

    init(_ venue: Venue) { self.venue = venue }

    /// ms.
    var now: Int64 { venue.clock.now().microseconds / 1_000 }

    /// Does it; `done` is called once, from any thread.
    func perform(
        _ endpoint: Endpoint,
        _ parameters: WireParameters,
        key: APIKey?,
        done: @escaping @Sendable (Reply) -> Void
    ) {
        if let reply = userStream(endpoint.operation, parameters, key) { return done(reply) }
        let intent: Intent
        do throws(BinanceError) {
            intent = try parser().parse(endpoint, parameters, account: key?.accountID ?? .none)
        } catch {
            return done(Reply(error))
        }
        guard let prelude = intent.prelude else { return submit(intent, done) }
        // What is to be cancelled is looked up first.
        let job = Job(
            [],
            urgency: .cancel,
            read: { exchange, _ in exchange.read(prelude) },
            finish: { [self] result in
                switch result {
                case .success(let (_, value)): submit(intent.resolved(with: value), done)
                case .failure: done(Reply(.overloaded))
                }
            }
        )
        submit(job, done)
    }

    private func parser() -> IntentParser {
        let published = venue.publisher.shown
        return IntentParser(
            directory: published.directory,
            options: venue.options.dialect,
            now: now,
            mark: { market in
                let number = Int(market.raw)
                return number >= 0 && number < published.marks.count ? published.marks[number] : .none
            },
            level: { market, side, rank in
                let all = side == .buy ? published.bids : published.asks
                let number = Int(market.raw)
                guard number >= 0, number < all.count, rank >= 1, rank <= all[number].count else {
                    return nil
                }
                return all[number][rank - 1]
            }
        )
    }

    private func submit(_ intent: Intent, _ done: @escaping @Sendable (Reply) -> Void) {
        if case .ready(let bytes) = intent.form { return done(Reply(body: bytes)) }
        let read = intent.read
        let job = Job(
            intent.commands,
            urgency: intent.commands.isEmpty || !intent.commands.allSatisfy(\.isCancel) ? .ordinary : .cancel,
            read: { exchange, _ in exchange.read(read) },
            finish: { [self] result in
                switch result {
                case .success(let (applied, value)):
                    let now = venue.clock.now()
                    let outcomes = applied.map(\.outcome)
                    venue.publisher.answer(intent, outcomes, value, at: now, done)
                case .failure: done(Reply(.overloaded))
                }
            }
        )
        submit(job, done)
    }

    private func submit(_ job: Job, _ done: @escaping @Sendable (Reply) -> Void) {
        do throws(Refusal) {
            try venue.sequencer.submit(job)
        } catch {
            done(Reply(.overloaded))
        }
    }

    /// User data streams are the server's own: it has the keys.
    private func userStream(
        _ operation: BinanceDialect.Operation,
        _ parameters: WireParameters,
        _ key: APIKey?
    ) -> Reply? {
        guard let key else { return nil }
        switch operation {
        case .startUserStream:
            guard let name = venue.listenKeys.start(key, now: now) else { return Reply(.badKey) }
            return .listenKey(name)
        case .keepUserStream:
            guard let name = venue.listenKeys.keep(key, now: now) else { return Reply(.noListenKey) }
            return .listenKey(name)
        case .closeUserStream:
            venue.listenKeys.close(key)
            return Reply(body: Array("{}".utf8))
        default: return nil
        }
    }
}

extension Command {
    /// Whether it only takes orders back: such commands go first.
    var isCancel: Bool {
        switch self {
        case .cancelOrder, .cancelAll: true
        default: false
        }
    }
}

extension Applied {
    /// The same as the core's own record of it.
    fileprivate var outcome: Outcome {
        var outcome = Outcome.zero
        outcome.sequence = Int64(truncatingIfNeeded: sequence)
        outcome.at = at
        outcome.status = status
        outcome.result = result
        outcome.repeated = isRepeated
        return outcome
    }
}
