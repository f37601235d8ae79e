import ExchangeCore
import ExchangeText

/// Rows of orders.
extension Answers {
    /// The reply to placing, changing or cancelling an order.
    static func order(
        _ record: OrderRecord,
        _ market: MarketEntry,
        _ form: OrderForm,
        _ writer: inout JSONWriter
    ) {
        writer.beginObject()
        writer.field("orderId", record.id.raw)
        writer.field("symbol", market.symbol)
        if case .amended(let modifyID) = form {
            writer.field("pair", market.symbol)
            if let modifyID { writer.field("modifyId", modifyID) }
        }
        writer.field("status", record.status.rawValue)
        writer.field("clientOrderId", record.clientText)
        writer.field("price", priceUnits: record.priceUnits(market), market)
        writer.field("avgPrice", average: record.averagePrice(market), market)
        writer.field("origQty", record.quantity, market)
        writer.field("executedQty", record.filled, market)
        writer.field("cumQty", record.filled, market)
        writer.field("cumQuote", amount: record.quote)
        common(record, market, &writer)
        writer.field("updateTime", record.updated)
        writer.endObject()
    }

    /// What all rows of orders have.
    private static func common(_ record: OrderRecord, _ market: MarketEntry, _ writer: inout JSONWriter) {
        writer.field("timeInForce", record.timeInForce.term)
        writer.field("type", record.type.wire)
        writer.field("reduceOnly", record.reduceOnly)
        writer.field("closePosition", record.closePosition)
        writer.field("side", record.side.wire)
        writer.field("positionSide", record.positionSide.term)
        writer.field("stopPrice", record.triggerPrice, market)
        writer.field("workingType", record.workingType.wire)
        writer.field("priceProtect", record.priceProtect)
        writer.field("origType", record.originalType.wire)
        writer.field("priceMatch", record.priceMatch.term)
        writer.field("selfTradePreventionMode", record.selfTrade.wire)
        writer.field("goodTillDate", record.goodTill)
        if record.originalType == .trailingStopMarket {
            writer.field("activatePrice", record.activatePrice, market)
            writer.key("priceRate")
            writer.decimal(Int128(record.callbackRate.units) * 100)
        }
    }

    /// A row of a query.
    ///
    /// - Parameter isHistory: whether `pair` and `cumBase` are shown, as in `allOrders`.
    static func orderRow(
        _ record: OrderRecord,
        _ market: MarketEntry,
        name: String,
        isHistory: Bool,
        _ writer: inout JSONWriter
    ) {
        writer.beginObject()
        writer.field("orderId", record.id.raw)
        writer.field("symbol", market.symbol)
        if isHistory { writer.field("pair", market.symbol) }
        writer.field("status", record.status.rawValue)
        writer.field("clientOrderId", name)
        writer.field("price", priceUnits: record.priceUnits(market), market)
        writer.field("avgPrice", average: record.averagePrice(market), market)
        writer.field("origQty", record.quantity, market)
        writer.field("executedQty", record.filled, market)
        writer.field("cumQuote", amount: record.quote)
        if isHistory { writer.field("cumBase", record.filled, market) }
        common(record, market, &writer)
        writer.field("time", record.created)
        writer.field("updateTime", record.updated)
        writer.endObject()
    }

    /// A row of `forceOrders`.
    static func forceOrder(
        _ record: OrderRecord,
        _ market: MarketEntry,
        name: String,
        _ writer: inout JSONWriter
    ) {
        writer.beginObject()
        writer.field("orderId", record.id.raw)
        writer.field("symbol", market.symbol)
        writer.field("pair", market.symbol)
        writer.field("status", record.status.rawValue)
        writer.field("clientOrderId", name)
        writer.field("price", priceUnits: record.priceUnits(market), market)
        writer.field("avgPrice", average: record.averagePrice(market), market)
        writer.field("origQty", record.quantity, market)
        writer.field("executedQty", record.filled, market)
        writer.field("cumQuote", amount: record.quote)
        writer.field("cumBase", record.filled, market)
        writer.field("timeInForce", record.timeInForce.term)
        writer.field("type", record.type.wire)
        writer.field("reduceOnly", record.reduceOnly)
        writer.field("closePosition", record.closePosition)
        writer.field("side", record.side.wire)
        writer.field("positionSide", record.positionSide.term)
        writer.field("stopPrice", record.triggerPrice, market)
        writer.field("workingType", record.workingType.wire)
        writer.field("origType", record.originalType.wire)
        writer.field("time", record.created)
        writer.field("updateTime", record.updated)
        writer.endObject()
    }

    /// A conditional order: the reply to placing it, or with what became of it.
    static func algoOrder(
        _ record: OrderRecord,
        _ market: MarketEntry,
        isDetailed: Bool,
        _ writer: inout JSONWriter
    ) {
        writer.beginObject()
        writer.field("algoId", record.id.raw)
        writer.field("clientAlgoId", record.clientText)
        writer.field("algoType", "CONDITIONAL")
        writer.field("orderType", record.originalType.wire)
        writer.field("symbol", market.symbol)
        writer.field("side", record.side.wire)
        writer.field("positionSide", record.positionSide.term)
        writer.field("timeInForce", record.timeInForce.term)
        writer.field("quantity", record.quantity, market)
        writer.field("algoStatus", record.algoStatus.rawValue)
        if isDetailed { algoDetails(record, market, &writer) }
        writer.field("triggerPrice", record.triggerPrice, market)
        writer.field("price", record.price, market)
        writer.key("icebergQuantity")
        writer.null()
        writer.field("selfTradePreventionMode", record.selfTrade.wire)
        writer.field("workingType", record.workingType.wire)
        writer.field("priceMatch", record.priceMatch.term)
        writer.field("closePosition", record.closePosition)
        writer.field("priceProtect", record.priceProtect)
        writer.field("reduceOnly", record.reduceOnly)
        let isTrailing = record.originalType == .trailingStopMarket
        if isTrailing {
            writer.field("activatePrice", record.activatePrice, market)
            writer.key("callbackRate")
            writer.decimal(Int128(record.callbackRate.units) * 100)
        } else if !isDetailed {
            writer.field("activatePrice", "")
            writer.field("callbackRate", "")
        }
        writer.field("createTime", record.created)
        writer.field("updateTime", record.updated)
        writer.field("triggerTime", record.triggered)
        writer.field("goodTillDate", record.goodTill)
        writer.endObject()
    }

    private static func algoDetails(
        _ record: OrderRecord,
        _ market: MarketEntry,
        _ writer: inout JSONWriter
    ) {
        let isPlaced = record.triggered > 0 && record.algoStatus != .rejected
        writer.field("actualOrderId", isPlaced ? String(record.id.raw) : "")
        writer.field("actualPrice", average: record.averagePrice(market), market)
        writer.field("actualType", isPlaced ? record.type.wire : "")
        writer.field("actualQty", record.filled, market)
        writer.field("tpTriggerPrice", Price.none, market)
        writer.field("tpPrice", Price.none, market)
        writer.field("slTriggerPrice", Price.none, market)
        writer.field("slPrice", Price.none, market)
        writer.field("tpOrderType", "")
    }
}
