import BinanceDialect
import ExchangeCore
import ExchangeText
import Testing

/// A venue without sockets: an exchange, its projection, and requests as text.
final class DialectVenue {
    var exchange: Exchange
    var projection: Projection
    var options: DialectOptions
    /// Now, in µs.
    var at: Int64 = 1_760_000_000_000_000
    /// What was sent since it was last looked at.
    var sent: [StreamMessage] = []
    private var events = EventBuffer()

    init(options: DialectOptions = DialectOptions(), limits: ProjectionLimits = ProjectionLimits()) {
        exchange = Exchange()
        self.options = options
        projection = Projection(options: options, limits: limits)
    }

    static let alice = AccountID(3)
    static let bob = AccountID(4)
    static let carol = AccountID(5)

    /// Two markets, three accounts with cash, and prices.
    static func usual(options: DialectOptions = DialectOptions(), cash: Int64 = 10_000) -> DialectVenue {
        let venue = DialectVenue(options: options)
        venue.addMarket("BTCUSDT", tick: 10_000_000, lot: 100_000)
        venue.addMarket("ETHUSDT", tick: 1_000_000, lot: 100_000)
        for _ in 0..<3 { venue.apply(.openAccount(OpenAccount())) }
        for account in [alice, bob, carol] { venue.deposit(account, cash) }
        venue.price("50000")
        venue.price("3000", market: 1)
        return venue
    }

    func addMarket(
        _ symbol: String,
        tick: Int64,
        lot: Int64,
        _ change: (inout MarketSpecification) -> Void = { _ in }
    ) {
        var market = MarketSpecification()
        market.symbol = Symbol(symbol) ?? market.symbol
        market.tickSize = tick
        market.lotSize = lot
        market.maker = Rate(20_000)
        market.taker = Rate(50_000)
        var tier = Tier()
        tier.upTo = Amount(50_000 * 100_000_000)
        tier.maintenance = Rate(400_000)
        tier.leverage = 125
        _ = market.table.append(tier)
        tier.upTo = .unlimited
        tier.maintenance = Rate(1_000_000)
        tier.leverage = 50
        _ = market.table.append(tier)
        change(&market)
        apply(.createMarket(market))
    }

    func deposit(_ account: AccountID, _ whole: Int64) {
        apply(.deposit(Deposit(account: account, amount: Amount(whole * 100_000_000))))
    }

    func price(_ text: String, market: Int32 = 0) {
        var update = PriceUpdate(market: MarketID(market))
        let tick = projection.directory[MarketID(market)]?.tickSize ?? 1
        update.price = Price((try? DecimalText.parse(text.utf8, inStepsOf: tick)) ?? 0)
        apply(.price(update))
    }

    /// Applies what is due, the command, and the rest of its waterfall; feeds all to the projection.
    @discardableResult
    func apply(_ command: Command) -> Outcome {
        at += 1_000
        while exchange.nextDeadline <= Timestamp(at) && exchange.nextDeadline <= .latest {
            let due = max(exchange.nextDeadline, exchange.now)
            _ = one(.tick(Tick()), due)
            while exchange.isWaterfallPending { _ = one(.continue(Continue()), exchange.now) }
        }
        let outcome = one(command, Timestamp(at))
        while exchange.isWaterfallPending { _ = one(.continue(Continue()), exchange.now) }
        return outcome
    }

    private func one(_ command: Command, _ at: Timestamp) -> Outcome {
        events.removeAll()
        _ = exchange.apply(command, sequence: exchange.nextSequence, at: at, into: &events)
        var outcome = Outcome.zero
        events.forEach { if case .outcome(let it) = $0 { outcome = it } }
        sent += projection.apply(events, of: [command])
        return outcome
    }

    // MARK: Requests

    var now: Int64 { at / 1_000 }

    var parser: IntentParser {
        let book = projection
        return IntentParser(
            directory: projection.directory,
            options: options,
            now: now,
            mark: { [mark = marks] in mark[$0] ?? .none },
            level: { book.price(of: $0, $1, rank: $2) }
        )
    }

    private var marks: [MarketID: Price] {
        var marks: [MarketID: Price] = [:]
        for number in 0..<exchange.marketCount {
            marks[MarketID(number)] = exchange.marketView(MarketID(number))?.mark
        }
        return marks
    }

    /// What a request is answered with: as the server would do it.
    func reply(_ endpoint: Endpoint, _ parameters: WireParameters, as account: AccountID) -> Reply {
        do {
            var intent = try parser.parse(endpoint, parameters, account: account)
            if let prelude = intent.prelude { intent = intent.resolved(with: exchange.read(prelude)) }
            let outcomes = intent.commands.map { apply($0) }
            let value = exchange.read(intent.read)
            return projection.reply(to: intent, outcomes: outcomes, value: value, at: Timestamp(at))
        } catch {
            return Reply(error)
        }
    }

    func raw(_ method: String, _ path: String, _ text: String = "", as account: AccountID = alice) -> Reply {
        guard case .found(let endpoint) = Endpoint.find(method, path) else { return Reply(.notFound) }
        let isBody = method == "POST" || method == "PUT"
        do {
            let bytes = Array(text.utf8)
            return reply(
                endpoint,
                try WireParameters(query: isBody ? [] : bytes, body: isBody ? bytes : []),
                as: account
            )
        } catch {
            return Reply(error)
        }
    }

    /// The JSON of a reply.
    @discardableResult
    func call(_ method: String, _ path: String, _ text: String = "", as account: AccountID = alice)
        -> JSONValue
    {
        (try? JSONParser.parse(raw(method, path, text, as: account).body[...], stringLimit: 4_096)) ?? .null
    }

    /// Places an order; the usual one is a limit order for BTCUSDT.
    @discardableResult
    func order(_ text: String, as account: AccountID = alice) -> JSONValue {
        call("POST", "/fapi/v1/order", "symbol=BTCUSDT&newOrderRespType=RESULT&" + text, as: account)
    }

    /// Messages of an account since it was last asked, with this event's name.
    func take(_ account: AccountID, _ name: String? = nil) -> [JSONValue] {
        let wanted = sent.filter { $0.audience == .account(account) }
        sent.removeAll { $0.audience == .account(account) }
        return wanted.compactMap { try? JSONParser.parse($0.bytes[...], stringLimit: 4_096) }
            .filter { name == nil || $0["e"] == .string(name ?? "") }
    }
}

extension JSONValue {
    /// The member of a member, and so on; elements by number.
    subscript(path keys: String...) -> JSONValue? {
        var value: JSONValue? = self
        for key in keys {
            if case .array(let elements)? = value, let index = Int(key) {
                value = index < elements.count ? elements[index] : nil
            } else {
                value = value?[key]
            }
        }
        return value
    }

    var elements: [JSONValue] {
        if case .array(let elements) = self { return elements }
        return []
    }

    var keys: Set<String> {
        if case .object(let members) = self { return Set(members.map(\.key)) }
        return []
    }

    /// Text, or the text of a number.
    var text: String? {
        switch self {
        case .string(let text), .number(let text): text
        case .bool(let flag): flag ? "true" : "false"
        default: nil
        }
    }
}
