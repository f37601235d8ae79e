import BinanceDialect
import ExchangeCore
import ExchangeText

/// Lines as a client might send them, on a venue of their own: WIRE-1 to WIRE-3, WIRE-25, WIRE-26.
///
/// A request is `METHOD path parameters`; `W` begins a frame of the WS-API, `S` one of a stream socket, `N` a
/// stream's name, `P` a socket's path, `X` what a signature is taken off. Whatever is answered must be JSON.
func fuzzWire(_ bytes: [UInt8]) {
    var venue = WireVenue()
    for line in bytes.split(separator: 10).prefix(64) { venue.take(Array(line)) }
    venue.finish()
}

/// An exchange with its projection.
private struct WireVenue: ~Copyable {
    var exchange = Exchange()
    var projection = Projection()
    var events = EventBuffer()
    var at: Int64 = 1_000_000

    init() {
        for command in opening {
            var command = command
            if case .createMarket(var market) = command {
                market.symbol = Symbol("ZUSDT") ?? market.symbol
                command = .createMarket(market)
            }
            _ = apply(command)
        }
        for account in 3..<7 as Range<Int32> { projection.listen(to: AccountID(account)) }
    }

    mutating func apply(_ command: Command) -> Outcome {
        at += 1_000
        var outcome = Outcome.zero
        while exchange.nextDeadline <= Timestamp(at) { outcome = one(.tick(Tick())) }
        outcome = one(command)
        while exchange.isWaterfallPending { _ = one(.continue(Continue())) }
        return outcome
    }

    private mutating func one(_ command: Command) -> Outcome {
        events.removeAll()
        _ = exchange.apply(command, sequence: exchange.nextSequence, at: Timestamp(at), into: &events)
        var outcome = Outcome.zero
        events.forEach { if case .outcome(let it) = $0 { outcome = it } }
        for message in projection.apply(events, of: [command]) { check(message.bytes) }
        return outcome
    }

    mutating func take(_ line: [UInt8]) {
        let rest = Array(line.dropFirst())
        switch line.first {
        case UInt8(ascii: "W"): webSocket(rest)
        case UInt8(ascii: "S"):
            do {
                let frame = try SubscriptionFrame(rest)
                check(frame.list(["a"]))
            } catch {
                check(error.bytes)
            }
        case UInt8(ascii: "N"):
            let text = String(decoding: rest, as: UTF8.self)
            if let name = StreamName(text, projection.directory) {
                demand(name.text(projection.directory) == text, "WIRE-21: a name has two texts")
                projection.listen(to: name, now: at / 1_000)
            }
        case UInt8(ascii: "P"):
            let parts = rest.split(separator: 32, maxSplits: 1)
            let path = String(decoding: parts.first ?? [], as: UTF8.self)
            _ = SubscriptionFrame.streams(path: path, query: Array(parts.count > 1 ? parts[1] : []))
        case UInt8(ascii: "X"):
            _ = try? WireParameters.signaturePayload(query: rest, body: rest)
            _ = try? WireParameters(query: rest).checkTime(serverTime: at / 1_000)
        default: request(line)
        }
    }

    private mutating func request(_ line: [UInt8]) {
        let parts = line.split(separator: 32, maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3 else { return }
        let method = String(decoding: parts[0], as: UTF8.self)
        let path = String(decoding: parts[1], as: UTF8.self)
        guard case .found(let endpoint) = Endpoint.find(method, path) else { return }
        do {
            answer(endpoint, try WireParameters(query: Array(parts[2])))
        } catch {
            check(error.body)
        }
    }

    private mutating func webSocket(_ bytes: [UInt8]) {
        do {
            let request = try WebSocketRequest(bytes)
            _ = try? WireParameters.signaturePayload(parameters: request.members)
            answer(try request.endpoint(), request.parameters)
        } catch {
            check(error.bytes)
        }
    }

    private mutating func answer(_ endpoint: Endpoint, _ parameters: WireParameters) {
        _ = endpoint.weight(of: parameters)
        let book = projection
        let parser = IntentParser(
            directory: projection.directory,
            now: at / 1_000,
            mark: { book.mark(of: $0) },
            level: { book.price(of: $0, $1, rank: $2) }
        )
        do {
            var intent = try parser.parse(endpoint, parameters, account: AccountID(3 + Int32(at / 1_000 % 4)))
            if let prelude = intent.prelude { intent = intent.resolved(with: exchange.read(prelude)) }
            var outcomes: [Outcome] = []
            for command in intent.commands { outcomes.append(apply(command)) }
            let value = exchange.read(intent.read)
            check(projection.reply(to: intent, outcomes: outcomes, value: value, at: Timestamp(at)).body)
        } catch {
            check(error.body)
        }
    }

    /// Sends what is due, and compares balances with the core's.
    mutating func finish() {
        for message in projection.flush(at: Timestamp(at + 10_000_000)) { check(message.bytes) }
        for number in 3..<7 as Range<Int32> {
            let account = AccountID(number)
            demand(
                projection.holdings(of: account).cash == exchange.accountView(account)?.cash,
                "WIRE-17: a balance differs"
            )
        }
    }

    private func check(_ bytes: [UInt8]) {
        demand(
            (try? JSONParser.parse(bytes[...], stringLimit: 65_536)) != nil,
            "WIRE-22: what is answered is no JSON"
        )
    }
}
