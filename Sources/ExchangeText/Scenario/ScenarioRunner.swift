public import ExchangeCore

/// Runs a scenario line by line on an exchange of its own.
///
/// It does what the runtime of a venue does: numbers the commands, puts in the ticks that are due before
/// them (DET-4), and continues a waterfall until it is done before anything else (WF-11). After a line
/// that failed it applies nothing more.
public struct ScenarioRunner: ~Copyable {
    /// The exchange.
    public private(set) var exchange: Exchange
    /// The names behind its numbers.
    public private(set) var names = NameTable()
    /// The moment of the last line.
    public private(set) var now = Timestamp(0)
    /// The market whose book the last line asks for (SCN-8).
    public private(set) var shown: MarketText?
    private var failure: ScenarioError?
    /// Commands applied so far, ticks and `continue` included.
    private var applied = 0

    /// A runner of a fresh exchange.
    public init(limits: Limits = Limits()) { exchange = Exchange(limits: limits) }

    /// Applies the bytes of line `number`, without its line feed, and appends its events.
    public mutating func run(
        _ bytes: ArraySlice<UInt8>,
        line number: Int,
        into events: inout EventBuffer
    ) throws(ScenarioError) {
        shown = nil
        if let failure { throw failure }
        do throws(ScenarioError) {
            let line = try ScenarioParser.parse(bytes, line: number, names: names)
            let at = line.at ?? now
            if at < now {
                throw ScenarioError(
                    line: number,
                    message: "\"at\" goes back to \(at.microseconds)",
                    expected: "\(now.microseconds) or later"
                )
            }
            try perform(line, number, at: at, into: &events)
        } catch {
            failure = error
            throw error
        }
    }

    private mutating func perform(
        _ line: ScenarioLine,
        _ number: Int,
        at: Timestamp,
        into events: inout EventBuffer
    ) throws(ScenarioError) {
        now = at
        switch line.action {
        case .nothing: break
        case .apply(let commands):
            exchange.advance(to: at, applied: &applied, into: &events)
            try openAccounts(line, number, at: at, into: &events)
            if let owner = line.newOwner { names.addOwner(owner) }
            if let source = line.newSource { names.addSource(source.name, of: source.market) }
            var status = Status.ok
            for command in commands {
                status = try apply(command, number, at: at, into: &events)
                if status != .ok { break }
                if case .createMarket = command, let market = line.newMarket {
                    names.addMarket(
                        symbol: market.symbol,
                        tickSize: market.tickSize,
                        lotSize: market.lotSize
                    )
                }
            }
            if let expected = line.status, expected != status {
                throw ScenarioError(
                    line: number,
                    message: "\"\(line.form)\" came back with the status \(status.term)",
                    expected: "\(expected.term)"
                )
            }
        case .expect(let expectation):
            exchange.advance(to: at, applied: &applied, into: &events)
            try check(expectation, line: number)
        case .show(let market):
            exchange.advance(to: at, applied: &applied, into: &events)
            shown = market
        }
    }

    private mutating func openAccounts(
        _ line: ScenarioLine,
        _ number: Int,
        at: Timestamp,
        into events: inout EventBuffer
    ) throws(ScenarioError) {
        for name in line.newAccounts {
            let status = try apply(.openAccount(OpenAccount()), number, at: at, into: &events)
            if status != .ok {
                throw ScenarioError(
                    line: number,
                    message: "the account \"\(name)\" could not be opened: \(status.term)",
                    expected: "an account mentioned before"
                )
            }
            names.addAccount(name)
        }
    }

    /// Applies one command and what the exchange asks for behind it.
    private mutating func apply(
        _ command: Command,
        _ number: Int,
        at: Timestamp,
        into events: inout EventBuffer
    ) throws(ScenarioError) -> Status {
        let status = exchange.submit(command, at: at, applied: &applied, into: &events)
        if !status.consumesSequence { throw internalError(number, "a command", status) }
        assert(exchange.checkInvariants() == nil, "line \(number): \(exchange.checkInvariants()?.text ?? "")")
        return status
    }

    private func internalError(_ number: Int, _ what: String, _ status: Status) -> ScenarioError {
        ScenarioError(
            line: number,
            message: "\(what) came back with the status \(status.term)",
            expected: "ok"
        )
    }
}
