public import ExchangeCore
import ExchangeText

/// A market as the wire sees it: names, units, decimals, rules (WIRE-6).
public struct MarketEntry: Sendable {
    /// The market's number.
    public var id: MarketID
    /// Its name, in capitals as it was created.
    public var symbol: String
    /// Its name in small letters, as streams have it.
    public var lowercased: String
    /// What is bought and sold: the symbol without the collateral's name at its end.
    public var baseAsset: String
    /// What it is paid with.
    public var quoteAsset: String
    /// Its rules as they stand.
    public var specification: MarketSpecification
    /// Decimals of a price.
    public var pricePrecision: Int
    /// Decimals of a quantity.
    public var quantityPrecision: Int
    /// u: the worth of one lot at one tick, in 10⁻⁸.
    public var unitValue: Int64
    /// When it was created, in ms.
    public var onboarded: Int64
    /// What it takes.
    public var state = MarketState.open

    /// Quote currency a tick, in 10⁻⁸.
    public var tickSize: Int64 { specification.tickSize }
    /// Base currency a lot, in 10⁻⁸.
    public var lotSize: Int64 { specification.lotSize }
    /// The brackets.
    public var table: TierTable { specification.table }

    /// A market with these rules.
    public init(id: MarketID, specification: MarketSpecification, asset: String, onboarded: Int64) {
        self.id = id
        self.specification = specification
        self.onboarded = onboarded
        symbol = specification.symbol.text
        lowercased = symbol.asciiLowercased
        quoteAsset = asset
        let isPaidSo = symbol.hasSuffix(asset) && symbol.utf8.count > asset.utf8.count
        baseAsset = isPaidSo ? String(symbol.dropLast(asset.count)) : symbol
        pricePrecision = MarketEntry.decimals(of: specification.tickSize)
        quantityPrecision = MarketEntry.decimals(of: specification.lotSize)
        unitValue = Int64(
            clamping: quotient(
                Int128(specification.tickSize) * Int128(specification.lotSize),
                100_000_000,
                .down
            )
        )
    }

    /// Decimals that a step of so many 10⁻⁸ needs.
    private static func decimals(of step: Int64) -> Int {
        var rest = step
        var decimals = DecimalText.scale
        while decimals > 0 && rest % 10 == 0 && rest != 0 {
            rest /= 10
            decimals -= 1
        }
        return decimals
    }

    /// The price in units of 10⁻⁸.
    public func units(_ price: Price) -> Int128 { Int128(price.ticks) * Int128(tickSize) }
    /// The quantity in units of 10⁻⁸.
    public func units(_ quantity: Quantity) -> Int128 { Int128(quantity.lots) * Int128(lotSize) }
    /// The worth of lots at a price, in units of 10⁻⁸.
    public func worth(_ quantity: Quantity, _ price: Price) -> Int128 {
        Int128(quantity.lots) * Int128(price.ticks) * Int128(unitValue)
    }
}

/// The markets of a venue by name and number. A value: whoever parses requests holds a copy, and takes a
/// new one when `version` has moved.
public struct MarketDirectory: Sendable {
    /// The markets in order of their numbers.
    public private(set) var markets: [MarketEntry] = []
    /// Moves with every change.
    public private(set) var version = 0
    private var numbers: [String: Int] = [:]
    private var lowercaseNumbers: [String: Int] = [:]
    private let asset: String

    /// A directory without markets.
    public init(asset: String = "USDT") { self.asset = asset }

    /// The market with that number.
    public subscript(id: MarketID) -> MarketEntry? {
        id.raw >= 0 && Int(id.raw) < markets.count ? markets[Int(id.raw)] : nil
    }

    /// The market with that name, exactly.
    public func market(named symbol: String) -> MarketEntry? { numbers[symbol].map { markets[$0] } }

    /// The market whose name in small letters this is.
    public func market(lowercased name: String) -> MarketEntry? {
        lowercaseNumbers[name].map { markets[$0] }
    }

    /// Adds the next market, created at a time in ms.
    public mutating func add(_ specification: MarketSpecification, onboarded: Int64) {
        let number = markets.count
        let entry = MarketEntry(
            id: MarketID(Int32(clamping: number)),
            specification: specification,
            asset: asset,
            onboarded: onboarded
        )
        numbers[entry.symbol] = number
        lowercaseNumbers[entry.lowercased] = number
        markets.append(entry)
        version += 1
    }

    /// Replaces a market's brackets.
    public mutating func setTiers(_ table: TierTable, of id: MarketID) {
        if self[id] == nil { return }
        markets[Int(id.raw)].specification.table = table
        version += 1
    }

    /// Notes what a market takes.
    public mutating func setState(_ state: MarketState, of id: MarketID) {
        if self[id] == nil { return }
        markets[Int(id.raw)].state = state
        version += 1
    }

    /// The market that a request names.
    ///
    /// - Throws: -1102 without a symbol, -1121 for one that is not known.
    func required(_ parameters: WireParameters) throws(BinanceError) -> MarketEntry {
        guard let market = market(named: try parameters.required("symbol")) else { throw .badSymbol }
        return market
    }

    /// The market that a request names, or nil if it names none.
    func optional(_ parameters: WireParameters) throws(BinanceError) -> MarketEntry? {
        guard let symbol = parameters["symbol"] else { return nil }
        guard let market = market(named: symbol) else { throw .badSymbol }
        return market
    }
}

extension Exchange {
    /// The directory of an exchange that exists already, as after a recovery.
    ///
    /// - Parameter onboarded: what to show as the markets' time of creation, in ms.
    public func marketDirectory(asset: String = "USDT", onboarded: Int64 = 0) -> MarketDirectory {
        var directory = MarketDirectory(asset: asset)
        for number in 0..<max(0, marketCount) {
            let id = MarketID(number)
            guard let specification = marketSpecification(id) else { continue }
            directory.add(specification, onboarded: onboarded)
            if let view = marketView(id) { directory.setState(view.state, of: id) }
        }
        return directory
    }
}
