public import ExchangeCore

/// Writes the orders that rest in a market as one JSON object: each side in the order in which a taker
/// meets them (SCN-8).
public enum BookJSON {
    /// Appends the book of a market, with a line feed behind it.
    public static func append(
        _ exchange: borrowing Exchange,
        _ market: MarketText,
        names: NameTable,
        to bytes: inout [UInt8]
    ) {
        var json = JSONWriter()
        json.beginObject()
        json.key("book")
        json.string(market.symbol)
        json.key("bids")
        orders(exchange, market, .buy, names, &json)
        json.key("asks")
        orders(exchange, market, .sell, names, &json)
        json.endObject()
        bytes.append(contentsOf: json.bytes)
        bytes.append(UInt8(ascii: "\n"))
    }

    private static func orders(
        _ exchange: borrowing Exchange,
        _ market: MarketText,
        _ side: Side,
        _ names: NameTable,
        _ json: inout JSONWriter
    ) {
        var resting: [OrderView] = []
        exchange.forEachResting(market.id, side) { resting.append($0) }
        json.beginArray()
        for order in resting {
            json.beginObject()
            json.key("order")
            json.integer(Int128(order.id.raw))
            json.key("account")
            json.string(names.name(of: order.account))
            json.key("price")
            json.decimal(market.units(order.price))
            json.key("quantity")
            json.decimal(market.units(order.quantity))
            json.key("filled")
            json.decimal(market.units(order.filled))
            if !order.clientID.isEmpty {
                json.key("clientID")
                json.string(order.clientID.text)
            }
            json.endObject()
        }
        json.endArray()
    }
}
