public import ExchangeCore
import ExchangeText

/// A reply: a body of JSON and the HTTP status that goes with it.
public struct Reply: Sendable {
    /// The JSON.
    public var body: [UInt8]
    /// 200, or the error's.
    public var httpStatus = 200

    /// A reply that all went well.
    public init(body: [UInt8]) { self.body = body }

    /// The reply that an error makes.
    public init(_ error: BinanceError) {
        body = error.body
        httpStatus = error.httpStatus
    }

    /// The reply to `startUserStream` and `keepUserStream`.
    public static func listenKey(_ key: String) -> Reply {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("listenKey", key)
        writer.endObject()
        return Reply(body: writer.bytes)
    }

    /// The reply to `closeUserStream` and to `session.logout`: an empty object.
    public static var empty: Reply { Reply(body: Array("{}".utf8)) }
}

/// Functions that write parts of replies: nothing but bytes comes out of them.
enum Answers {
    /// The end of a perpetual: 25 December 2100, as on Binance.
    static let never: Int64 = 4_133_404_800_000

    /// How many per cent `part` is of `whole`, with three decimals.
    static func percent(_ part: Int64, of whole: Int64) -> String {
        if whole <= 0 { return "0.000" }
        var bytes: [UInt8] = []
        let value = quotient(Int128(part) * 100_000, Int128(whole), .towardZero)
        DecimalText.append(value, scale: 3, decimals: 3, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The best levels of a side, as an array under a name.
    static func levels(
        _ name: StaticString,
        _ side: BookSide,
        _ count: Int,
        _ market: MarketEntry,
        _ writer: inout JSONWriter
    ) {
        writer.key(name)
        writer.beginArray()
        for rank in 0..<min(count, side.count) {
            if let level = side.level(rank) { writer.level(level.price, level.lots, market) }
        }
        writer.endArray()
    }

    /// The limits on orders.
    static func orderLimits(_ options: DialectOptions, _ writer: inout JSONWriter) {
        limit("ORDERS", "SECOND", 10, options.ordersPerTenSeconds, nil, &writer)
        limit("ORDERS", "MINUTE", 1, options.ordersPerMinute, nil, &writer)
    }

    /// All limits with what is used of them.
    static func usedLimits(_ counts: RateCounts, _ options: DialectOptions, _ writer: inout JSONWriter) {
        limit("REQUEST_WEIGHT", "MINUTE", 1, options.weightPerMinute, counts.weight, &writer)
        if counts.minute > 0 {
            limit("ORDERS", "SECOND", 10, options.ordersPerTenSeconds, counts.tenSeconds, &writer)
            limit("ORDERS", "MINUTE", 1, options.ordersPerMinute, counts.minute, &writer)
        }
    }

    static func limit(
        _ type: StaticString,
        _ interval: StaticString,
        _ number: Int,
        _ limit: Int,
        _ count: Int?,
        _ writer: inout JSONWriter
    ) {
        writer.beginObject()
        writer.field("rateLimitType", type)
        writer.field("interval", interval)
        writer.field("intervalNum", number)
        writer.field("limit", limit)
        if let count { writer.field("count", count) }
        writer.endObject()
    }
}

extension Projection {
    /// The reply to an intent (WIRE-8).
    ///
    /// - Parameters:
    ///   - outcomes: of the intent's commands, in their order; short if not all were applied.
    ///   - value: what `intent.read` asked for.
    ///   - now: the time that replies show.
    public func reply(
        to intent: Intent,
        outcomes: [Outcome] = [],
        value: CoreValue = .nothing,
        at now: Timestamp
    ) -> Reply {
        let time = now.microseconds / 1_000
        switch intent.form {
        case .ready(let bytes): return Reply(body: bytes)
        case .query(let query):
            var writer = JSONWriter()
            do throws(BinanceError) {
                try answer(query, intent.account, value, time, &writer)
            } catch {
                return Reply(error)
            }
            return Reply(body: writer.bytes)
        case .orders(let form, let isBatch): return orderReply(intent, outcomes, form, isBatch)
        case .canceledAll:
            return done(200, "The operation of cancel all open order is done.")
        case .done(let message):
            if let error = firstError(intent, outcomes) { return Reply(error) }
            return done(200, message)
        case .leverage, .positionMargin, .countdown, .transfer:
            if let error = firstError(intent, outcomes) { return Reply(error) }
            return settingReply(intent)
        }
    }

    private func done(_ code: Int, _ message: String) -> Reply {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("code", code)
        writer.field("msg", message)
        writer.endObject()
        return Reply(body: writer.bytes)
    }

    private func settingReply(_ intent: Intent) -> Reply {
        var writer = JSONWriter()
        writer.beginObject()
        switch intent.form {
        case .leverage(let leverage, let market):
            let entry = directory[market]
            writer.field("leverage", leverage)
            writer.field("maxNotionalValue", entry?.mostNotionalText(at: leverage) ?? "0")
            writer.field("symbol", entry?.symbol ?? "")
        case .positionMargin(let amount, let type):
            writer.key("amount")
            writer.number(Int128(amount.units))
            writer.field("code", 200)
            writer.field("msg", "Successfully modify position margin.")
            writer.field("type", type)
        case .countdown(let time, let market):
            writer.field("symbol", directory[market]?.symbol ?? "")
            writer.field("countdownTime", String(time))
        default: writer.field("tranId", lastIncome)
        }
        writer.endObject()
        return Reply(body: writer.bytes)
    }

    /// The error of the first step that was refused, here or by the core.
    private func firstError(_ intent: Intent, _ outcomes: [Outcome]) -> BinanceError? {
        var place = 0
        for step in intent.steps {
            switch step {
            case .refused(let error): return error
            case .command(_, let context):
                guard place < outcomes.count else { return .overloaded }
                let status = outcomes[place].status
                if let error = BinanceError(status, for: completed(context, intent.account)) { return error }
                place += 1
            }
        }
        return nil
    }

    /// The context with what only the projection knows.
    private func completed(_ context: RequestContext, _ account: AccountID) -> RequestContext {
        let hasOrders = isUser(account) && !accounts[Int(account.raw)].open.isEmpty
        switch context {
        case .marginType: return .marginType(hasOrders: hasOrders)
        case .positionMode: return .positionMode(hasOrders: hasOrders)
        default: return context
        }
    }

    // MARK: Orders

    private func orderReply(
        _ intent: Intent,
        _ outcomes: [Outcome],
        _ form: OrderForm,
        _ isBatch: Bool
    ) -> Reply {
        var writer = JSONWriter()
        var place = 0
        if isBatch { writer.beginArray() }
        for step in intent.steps {
            let result: Result<OrderRecord, BinanceError>
            switch step {
            case .refused(let error): result = .failure(error)
            case .command(let command, let context):
                result =
                    place < outcomes.count
                    ? row(command, context, outcomes[place], intent.account) : .failure(.overloaded)
                place += 1
            }
            switch result {
            case .success(let record):
                if let market = directory[record.market] { write(record, market, form, &writer) }
            case .failure(let error):
                if !isBatch { return Reply(error) }
                error.write(to: &writer)
            }
        }
        if isBatch { writer.endArray() }
        return Reply(body: writer.bytes)
    }

    /// The order that a command placed, changed or cancelled, or why it did not.
    private func row(
        _ command: Command,
        _ context: RequestContext,
        _ outcome: Outcome,
        _ account: AccountID
    ) -> Result<OrderRecord, BinanceError> {
        if let error = BinanceError(outcome.status, for: context) { return .failure(error) }
        var reference = OrderReference()
        switch command {
        case .placeOrder: reference.id = OrderID(outcome.result)
        case .amendOrder(let it): reference = OrderReference(id: it.order, clientID: it.clientID)
        case .cancelOrder(let it): reference = OrderReference(id: it.order, clientID: it.clientID)
        default: return .failure(.unknown)
        }
        guard let record = find(account, reference) else { return .failure(.noOrder) }
        return .success(record)
    }

    private func write(
        _ record: OrderRecord,
        _ market: MarketEntry,
        _ form: OrderForm,
        _ writer: inout JSONWriter
    ) {
        switch form {
        case .algo: Answers.algoOrder(record, market, isDetailed: false, &writer)
        case .canceledAlgo:
            writer.beginObject()
            writer.field("algoId", record.id.raw)
            writer.field("clientAlgoId", record.clientText)
            writer.field("code", "200")
            writer.field("msg", "success")
            writer.endObject()
        case .acknowledged:
            var fresh = record
            fresh.filled = .zero
            fresh.quote = 0
            fresh.status = .new
            Answers.order(fresh, market, form, &writer)
        case .result, .amended, .canceled, .tested: Answers.order(record, market, form, &writer)
        }
    }
}

extension MarketEntry {
    /// The most notional that a leverage allows, as text without decimals that are not needed.
    func mostNotionalText(at leverage: Int32) -> String {
        let most = table.mostNotional(at: leverage)
        // Without a bound in its bracket: the largest whole number that an amount holds.
        let units = most == .unlimited ? most.units / 100_000_000 * 100_000_000 : most.units
        return DecimalText.string(Int128(units))
    }
}
