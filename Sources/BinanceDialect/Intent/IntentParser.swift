public import ExchangeCore
import ExchangeText

/// Turns parameters into intents (WIRE-8). Pure: what it knows of the world is given to it.
public struct IntentParser: Sendable {
    /// The markets.
    public var directory: MarketDirectory
    /// What the venue allows.
    public var options: DialectOptions
    /// Now, in ms.
    public var now: Int64
    /// The mark of a market, none if there is none: for the least notional of a market order.
    public var mark: @Sendable (MarketID) -> Price
    /// The n-th best price of a side of the book, from 1, or nil: for `priceMatch`.
    public var level: @Sendable (MarketID, Side, Int) -> Price?

    /// A parser for requests that arrive now.
    public init(
        directory: MarketDirectory,
        options: DialectOptions = DialectOptions(),
        now: Int64,
        mark: @escaping @Sendable (MarketID) -> Price = { _ in .none },
        level: @escaping @Sendable (MarketID, Side, Int) -> Price? = { _, _, _ in nil }
    ) {
        self.directory = directory
        self.options = options
        self.now = now
        self.mark = mark
        self.level = level
    }

    /// What a request asks for.
    ///
    /// - Parameters:
    ///   - account: who asks, as the key says; none for public requests.
    /// - Throws: what Binance answers to parameters that are missing, malformed or do not go together.
    public func parse(
        _ endpoint: Endpoint,
        _ parameters: WireParameters,
        account: AccountID = .none
    ) throws(BinanceError) -> Intent {
        if !endpoint.isInScope { throw .unsupported }
        if endpoint.security.isSigned && account < .firstUser { throw .badKey }
        let operation = endpoint.operation
        if let query = try marketQuery(operation, parameters) {
            return ask(operation, account, query)
        }
        if let query = try accountQuery(operation, parameters) { return ask(operation, account, query) }
        if let query = try orderQuery(operation, parameters) { return ask(operation, account, query) }
        if let intent = try order(operation, parameters, account) { return intent }
        if let intent = try setting(operation, parameters, account) { return intent }
        return try fixed(operation, account)
    }

    private func ask(_ operation: Operation, _ account: AccountID, _ query: Query) -> Intent {
        var intent = Intent(operation: operation, account: account, form: .query(query))
        intent.read = query.read(of: account)
        return intent
    }

    /// Answers that depend on nothing.
    private func fixed(_ operation: Operation, _ account: AccountID) throws(BinanceError) -> Intent {
        let text: String
        switch operation {
        case .ping: text = "{}"
        case .feeBurn: text = "{\"feeBurn\":false}"
        case .multiAssetsMargin: text = "{\"multiAssetsMargin\":false}"
        case .systemStatus: text = "{\"status\":0,\"msg\":\"normal\"}"
        case .walletCoins, .walletPairs, .indexInfo, .deliveryPrice: text = "[]"
        case .orderRateLimit: text = rateLimits
        default: throw .unsupported
        }
        return Intent(operation: operation, account: account, form: .ready(Array(text.utf8)))
    }

    private var rateLimits: String {
        var writer = JSONWriter()
        writer.beginArray()
        Answers.orderLimits(options, &writer)
        writer.endArray()
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    // MARK: Parts that many requests have

    /// The market that a request names.
    func market(_ parameters: WireParameters) throws(BinanceError) -> MarketEntry {
        try directory.required(parameters)
    }

    /// An order's number, or its name.
    func reference(
        _ parameters: WireParameters,
        _ number: String,
        _ name: String
    ) throws(BinanceError) -> OrderReference {
        if let id = try parameters.integer(number) { return OrderReference(id: OrderID(id)) }
        guard let text = parameters[name] else { throw .either(name, number) }
        return IntentParser.reference(named: text)
    }

    /// The order with a name; a name that the venue gave is its number.
    static func reference(named text: String) -> OrderReference {
        if text.hasPrefix(namePrefix), let number = WireParameters.integer(String(text.dropFirst(3))) {
            return OrderReference(id: OrderID(number))
        }
        // A name that cannot be one names no order: the core answers so to number 0 without a name.
        return OrderReference(clientID: clientID(text) ?? .none)
    }

    /// What the names begin with that the venue gives to orders without one.
    static let namePrefix = "zs-"

    /// A client id, or nil if it has other characters than `A-Z a-z 0-9 . _ : / -` or more than 36.
    static func clientID(_ text: String) -> ClientID? {
        for byte in text.utf8 {
            switch byte {
            case 45...58, 65...90, 95, 97...122: continue
            default: return nil
            }
        }
        return ClientID(text)
    }
}
