import ExchangeCore
import ExchangeText

/// Fields as the wire has them: numbers of money are texts with the market's decimals, amounts have
/// eight (WIRE-22).
extension JSONWriter {
    mutating func field(_ name: StaticString, _ value: String) {
        key(name)
        string(value)
    }
    mutating func field(_ name: StaticString, _ value: StaticString) {
        key(name)
        term(value)
    }
    mutating func field(_ name: StaticString, _ value: Bool) {
        key(name)
        bool(value)
    }
    mutating func field(_ name: StaticString, _ value: some BinaryInteger) {
        key(name)
        integer(Int128(value))
    }
    /// A price in ticks with the market's decimals.
    mutating func field(_ name: StaticString, _ price: Price, _ market: MarketEntry) {
        key(name)
        fixed(market.units(price), decimals: market.pricePrecision)
    }
    /// A price in 10⁻⁸ with the market's decimals at least.
    mutating func field(_ name: StaticString, priceUnits: Int128, _ market: MarketEntry) {
        key(name)
        var step: Int128 = 1
        for _ in market.pricePrecision..<max(market.pricePrecision, DecimalText.scale) { step *= 10 }
        fixed(priceUnits, decimals: priceUnits % step == 0 ? market.pricePrecision : DecimalText.scale)
    }
    /// A quantity in lots with the market's decimals.
    mutating func field(_ name: StaticString, _ quantity: Quantity, _ market: MarketEntry) {
        key(name)
        fixed(market.units(quantity), decimals: market.quantityPrecision)
    }
    /// An amount in 10⁻⁸, or a price that is no order's, with eight decimals.
    mutating func field(_ name: StaticString, amount: Int128) {
        key(name)
        fixed(amount, decimals: DecimalText.scale)
    }
    /// An average price in 10⁻¹², with four decimals more than a price of the market, five at least.
    mutating func field(_ name: StaticString, average: Int128, _ market: MarketEntry) {
        key(name)
        fixed(average, scale: 12, decimals: max(5, min(12, market.pricePrecision + 4)))
    }
    /// A rate in 10⁻⁸ as the shortest decimal text.
    mutating func field(_ name: StaticString, rate: Rate) {
        key(name)
        decimal(Int128(rate.units))
    }
    /// A level: price and lots.
    mutating func level(_ price: Int64, _ lots: Int64, _ market: MarketEntry) {
        beginArray()
        fixed(market.units(Price(price)), decimals: market.pricePrecision)
        fixed(market.units(Quantity(lots)), decimals: market.quantityPrecision)
        endArray()
    }
}

extension Side {
    var wire: StaticString { self == .buy ? "BUY" : "SELL" }
}

extension OrderType {
    var wire: StaticString {
        switch self {
        case .limit: "LIMIT"
        case .market: "MARKET"
        case .stop: "STOP"
        case .stopMarket: "STOP_MARKET"
        case .takeProfit: "TAKE_PROFIT"
        case .takeProfitMarket: "TAKE_PROFIT_MARKET"
        case .trailingStopMarket: "TRAILING_STOP_MARKET"
        }
    }
}

extension SelfTrade {
    var wire: StaticString {
        switch self {
        case .expireTaker: "EXPIRE_TAKER"
        case .expireMaker: "EXPIRE_MAKER"
        case .expireBoth: "EXPIRE_BOTH"
        }
    }
}

extension WorkingType {
    var wire: StaticString { self == .last ? "CONTRACT_PRICE" : "MARK_PRICE" }
}

extension MarketEntry {
    /// Its state by Binance's names, of which strict clients know no others.
    var statusTerm: StaticString {
        switch state {
        case .open, .reduceOnly: "TRADING"
        case .halted: "PENDING_TRADING"
        case .settled: "CLOSE"
        }
    }
}

extension Projection {
    /// An order's name: the client's, one that says what the venue did, or its number.
    func clientText(_ record: OrderRecord) -> String {
        switch record.forced {
        case .liquidation, .takeover: return "autoclose-\(record.forcedName)"
        case .deleveraging:
            return options.deleveragingClientID == .plain
                ? "adl_autoclose" : "adl_autoclose-\(record.forcedName)"
        case .settlement: return "settlement_autoclose-\(record.forcedName)"
        case .volunteer: return "volunteer-\(record.forcedName)"
        case nil: return record.clientText
        }
    }
}

extension OrderRecord {
    /// The client's name, or the one that stands for the number.
    var clientText: String { clientID.isEmpty ? "\(IntentParser.namePrefix)\(id.raw)" : clientID.text }
}
