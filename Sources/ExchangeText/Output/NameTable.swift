public import ExchangeCore

/// What texts need to know of a market: its name and the size of its units.
public struct MarketText: Hashable, Sendable {
    /// The market's number.
    public var id: MarketID
    /// Its name.
    public var symbol: String
    /// Quote currency a tick, in 10⁻⁸.
    public var tickSize: Int64
    /// Base currency a lot, in 10⁻⁸.
    public var lotSize: Int64

    /// A market's names and units.
    public init(id: MarketID, symbol: String, tickSize: Int64, lotSize: Int64) {
        self.id = id
        self.symbol = symbol
        self.tickSize = tickSize
        self.lotSize = lotSize
    }

    /// The price in units of 10⁻⁸.
    public func units(_ price: Price) -> Int128 { Int128(price.ticks) * Int128(tickSize) }
    /// The quantity in units of 10⁻⁸.
    public func units(_ quantity: Quantity) -> Int128 { Int128(quantity.lots) * Int128(lotSize) }
}

/// The names behind the core's numbers: markets, accounts, owners and price sources.
///
/// The core knows numbers only; who feeds it keeps this table, in step with what the core has accepted.
public struct NameTable: Sendable {
    /// The markets in order of their numbers.
    public private(set) var markets: [MarketText] = []
    /// The names of user accounts in order of their numbers.
    public private(set) var accounts: [String] = []
    private var owners: [String] = []
    private var sources: [[String]] = []
    private var marketNumbers: [String: Int] = [:]
    private var accountNumbers: [String: Int] = [:]
    private var ownerNumbers: [String: Int] = [:]

    /// The most price sources of a market.
    public static let sourceLimit = 16
    /// Names that stand for the venue's own accounts.
    public static let reserved = ["fund", "fees", "vault"]

    /// A table without names.
    public init() {}

    /// The market with that number.
    public func market(_ id: MarketID) -> MarketText? {
        id.raw >= 0 && Int(id.raw) < markets.count ? markets[Int(id.raw)] : nil
    }

    /// The market with that name.
    public func market(named symbol: String) -> MarketText? { marketNumbers[symbol].map { markets[$0] } }

    /// Adds the next market.
    public mutating func addMarket(symbol: String, tickSize: Int64, lotSize: Int64) {
        let number = markets.count
        marketNumbers[symbol] = number
        markets.append(
            MarketText(
                id: MarketID(Int32(number)),
                symbol: symbol,
                tickSize: tickSize,
                lotSize: lotSize
            )
        )
        sources.append([])
    }

    /// The account with that name.
    public func account(named name: String) -> AccountID? {
        accountNumbers[name].map { AccountID(AccountID.firstUser.raw + Int32($0)) }
    }

    /// The number that the next account will have.
    public var nextAccount: AccountID { AccountID(AccountID.firstUser.raw + Int32(accounts.count)) }

    /// Adds the next account.
    public mutating func addAccount(_ name: String) {
        accountNumbers[name] = accounts.count
        accounts.append(name)
    }

    /// An account's name; `#` and its number if it has none.
    public func name(of account: AccountID) -> String {
        switch account {
        case .fund: return "fund"
        case .fees: return "fees"
        case .vault: return "vault"
        default:
            let index = Int(account.raw) - Int(AccountID.firstUser.raw)
            return index >= 0 && index < accounts.count ? accounts[index] : "#\(account.raw)"
        }
    }

    /// The owner with that name.
    public func owner(named name: String) -> OwnerID? { ownerNumbers[name].map { OwnerID(Int32($0 + 1)) } }

    /// The number that the next owner will have.
    public var nextOwner: OwnerID { OwnerID(Int32(owners.count + 1)) }

    /// Adds the next owner.
    public mutating func addOwner(_ name: String) {
        ownerNumbers[name] = owners.count
        owners.append(name)
    }

    /// An owner's name, if it has one.
    public func name(of owner: OwnerID) -> String? {
        owner.raw >= 1 && Int(owner.raw) <= owners.count ? owners[Int(owner.raw) - 1] : nil
    }

    /// The number of a market's source.
    public func source(named name: String, of market: MarketID) -> Int32? {
        if market.raw < 0 || Int(market.raw) >= sources.count { return nil }
        return sources[Int(market.raw)].firstIndex(of: name).map { Int32($0) }
    }

    /// The number that the next source of a market will have; nil if it has all it may have.
    public func nextSource(of market: MarketID) -> Int32? {
        if market.raw < 0 || Int(market.raw) >= sources.count { return nil }
        let count = sources[Int(market.raw)].count
        return count < NameTable.sourceLimit ? Int32(count) : nil
    }

    /// Adds the next source of a market.
    public mutating func addSource(_ name: String, of market: MarketID) {
        sources[Int(market.raw)].append(name)
    }
}

extension Symbol {
    /// The symbol that `text` spells; nil if it does not fit into 16 bytes.
    public init?(_ text: String) {
        self.init(low: 0, high: 0)
        if text.isEmpty || text.utf8.count > 16 { return nil }
        for (index, byte) in text.utf8.enumerated() { set(index, byte) }
    }

    /// The symbol as text.
    public var text: String {
        var bytes: [UInt8] = []
        for index in 0..<16 where byte(index) != 0 { bytes.append(byte(index)) }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension ClientID {
    /// The client id that `text` spells; nil if it is not 1 to 36 printable ASCII characters.
    public init?(_ text: String) {
        self.init()
        for byte in text.utf8 where !append(byte) { return nil }
        if isEmpty || !isValid { return nil }
    }

    /// The client id as text.
    public var text: String {
        var bytes: [UInt8] = []
        for index in 0..<Swift.min(count, 36) { bytes.append(byte(index)) }
        return String(decoding: bytes, as: UTF8.self)
    }
}
