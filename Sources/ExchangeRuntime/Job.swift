public import ExchangeCore

/// What became of a command that was applied.
public struct Applied: Sendable, Hashable {
    /// Its place in the log.
    public var sequence: UInt64
    /// Its time.
    public var at: Timestamp
    /// What the exchange said.
    public var status: Status
    /// The number of what it made: account, market or order.
    public var result: Int64
    /// Whether it is the answer to an earlier command with the same request key (DET-3).
    public var isRepeated: Bool
}

/// Why a job was not done.
public enum Refusal: Error, Sendable, Hashable {
    /// More is waiting than is allowed; nothing was done (LIM-1).
    case overloaded
    /// The venue is stopping, or its log failed.
    case stopped
}

/// Which of the waiting jobs go first.
public enum Urgency: Sendable {
    /// Cancels: they reduce what can go wrong, and have a queue of their own.
    case cancel
    /// Everything else.
    case ordinary
}

/// Something to be done on the core's thread: commands one after another, then a look at the exchange.
public struct Job: Sendable {
    /// Which queue it waits in.
    public var urgency = Urgency.ordinary
    /// Applied in order, each by itself; those behind a refused one are applied all the same.
    public var commands: [Command]
    /// Decides on one command after another on the core's thread, knowing what became of those before it,
    /// until there is none: for what must be done whole or not at all. Short, bounded, and without waiting.
    public var plan: (@Sendable (borrowing Exchange, [Applied]) -> Command?)?
    /// Looks at the exchange behind the commands. Runs on the core's thread: short, and without waiting.
    public var read: @Sendable (borrowing Exchange, [Applied]) -> any Sendable
    /// Takes the answer, on the publishing thread, once everything that it rests on is durable and published.
    public var finish: @Sendable (Result<([Applied], any Sendable), Refusal>) -> Void

    /// A job whose answer has a type of its own.
    public init<Answer: Sendable>(
        _ commands: [Command],
        urgency: Urgency = .ordinary,
        plan: (@Sendable (borrowing Exchange, [Applied]) -> Command?)? = nil,
        read: @escaping @Sendable (borrowing Exchange, [Applied]) -> Answer,
        finish: @escaping @Sendable (Result<([Applied], Answer), Refusal>) -> Void
    ) {
        self.commands = commands
        self.urgency = urgency
        self.plan = plan
        self.read = { (exchange, applied) in read(exchange, applied) }
        self.finish = { result in
            finish(
                result.map { (applied, answer) in
                    guard let answer = answer as? Answer else {
                        preconditionFailure("an answer of another type")
                    }
                    return (applied, answer)
                }
            )
        }
    }

    /// Commands whose outcomes nobody waits for.
    public init(_ commands: [Command], urgency: Urgency = .ordinary) {
        self.init(commands, urgency: urgency, read: { _, _ in true }, finish: { _ in })
    }
}
