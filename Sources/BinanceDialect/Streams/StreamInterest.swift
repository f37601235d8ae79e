public import ExchangeCore

/// A message to whoever listens: encoded once, sent to all (WIRE-20).
public struct StreamMessage: Hashable, Sendable {
    /// Who is to get it.
    public enum Audience: Hashable, Sendable {
        /// All who subscribed to the stream.
        case stream(StreamName)
        /// The user data streams of an account.
        case account(AccountID)
    }
    /// Who is to get it.
    public var audience: Audience
    /// The event's JSON, without the wrapper of combined streams.
    public var bytes: [UInt8]

    /// A message to that audience.
    public init(audience: Audience, bytes: [UInt8]) {
        self.audience = audience
        self.bytes = bytes
    }

    /// The message as combined streams wrap it: `{"stream":…,"data":…}`.
    public static func combined(_ stream: String, _ bytes: [UInt8]) -> [UInt8] {
        var wrapped = Array("{\"stream\":\"".utf8)
        wrapped.reserveCapacity(bytes.count + stream.utf8.count + 24)
        for byte in stream.utf8 where byte >= 32 && byte != 34 && byte != 92 { wrapped.append(byte) }
        wrapped += "\",\"data\":".utf8
        wrapped += bytes
        wrapped.append(UInt8(ascii: "}"))
        return wrapped
    }
}

/// Which streams are listened to, and what is to be told with the next flush. Nothing is encoded that
/// nobody listens to.
struct StreamInterest: Sendable {
    /// Names in the order in which they are sent: by their text.
    private(set) var names: [(text: String, name: StreamName)] = []
    private var known: Set<StreamName> = []
    /// Accounts whose user data streams are listened to.
    private(set) var listeners: Set<AccountID> = []
    /// When each bucket in danger was last told of, in ms, of those who listen.
    var calls: [AccountID: [CallBucket: Int64]] = [:]
    /// When a periodic stream was last sent, in ms.
    var lastSent: [StreamName: Int64] = [:]
    var books: [StreamName: BookDiff] = [:]
    /// The streams of a market's book, in no order that shows.
    private var bookNames: [MarketID: [StreamName]] = [:]
    /// The bar of klines that was last told.
    var bars: [StreamName: Int64] = [:]
    /// The newest liquidation of a market since the last flush.
    var forceOrders: [StreamName: [MarketID: ForceOrder]] = [:]

    func wants(_ name: StreamName) -> Bool { known.contains(name) }
    func wants(_ account: AccountID) -> Bool { listeners.contains(account) }

    mutating func add(_ name: StreamName, _ text: String, updateID: Int64, now: Int64) {
        if !known.insert(name).inserted { return }
        let place = names.firstIndex { $0.text > text } ?? names.count
        names.insert((text, name), at: place)
        lastSent[name] = now
        switch name {
        case .depth(let market, _), .partialDepth(let market, _, _), .rpiDepth(let market):
            books[name] = BookDiff(last: updateID)
            bookNames[market, default: []].append(name)
        case .forceOrder, .allForceOrders: forceOrders[name] = [:]
        default: break
        }
    }

    mutating func remove(_ name: StreamName) {
        if known.remove(name) == nil { return }
        names.removeAll { $0.name == name }
        lastSent[name] = nil
        books[name] = nil
        bars[name] = nil
        switch name {
        case .depth(let market, _), .partialDepth(let market, _, _), .rpiDepth(let market):
            bookNames[market]?.removeAll { $0 == name }
        default: break
        }
        forceOrders[name] = nil
    }

    mutating func set(_ account: AccountID, _ isWanted: Bool) {
        if isWanted {
            listeners.insert(account)
        } else {
            listeners.remove(account)
            calls[account] = nil
        }
    }

    /// A book changed: what listens to it has more to tell.
    mutating func noteBook(_ change: BookChange, _ updateID: Int64) {
        for name in bookNames[change.market] ?? [] { books[name]?.take(change, updateID) }
    }

    mutating func noteForceOrder(_ order: ForceOrder) {
        if forceOrders.isEmpty { return }
        let market = order.record.market
        forceOrders[.forceOrder(market)]?[market] = order
        forceOrders[.allForceOrders]?[market] = order
    }
}

/// What changed in a book since it was last told.
struct BookDiff: Sendable {
    /// The number of the last change that was told.
    var last: Int64
    /// The number of the last change.
    var now: Int64
    var bids: Set<Int64> = []
    var asks: Set<Int64> = []

    init(last: Int64) {
        self.last = last
        now = last
    }

    mutating func take(_ change: BookChange, _ updateID: Int64) {
        now = updateID
        bids.formUnion(change.bids)
        asks.formUnion(change.asks)
    }
}

extension Projection {
    /// Begins to make the messages of a stream. What is asked for twice is made once.
    ///
    /// - Parameter now: the time in ms, from which periods count.
    public mutating func listen(to name: StreamName, now: Int64) {
        var updateID: Int64 = 0
        switch name {
        case .depth(let market, _), .partialDepth(let market, _, _), .rpiDepth(let market):
            updateID = place(market).map { markets[$0].updateID } ?? 0
        default: break
        }
        interest.add(name, name.text(directory), updateID: updateID, now: now)
    }

    /// Stops making the messages of a stream that nobody listens to any more.
    public mutating func stopListening(to name: StreamName) { interest.remove(name) }

    /// Begins, or stops, to make the messages of an account's user data stream.
    public mutating func listen(to account: AccountID, isWanted: Bool = true) {
        interest.set(account, isWanted)
    }
}
