import ExchangeCore

// Lines about orders and offers.
extension ScenarioParser {
    mutating func order() throws(ScenarioError) -> PlaceOrder {
        var payload = PlaceOrder(account: try account())
        let market = try market()
        payload.market = market.id
        payload.positionSide = try fields.term("positionSide", default: .both)
        payload.side = try fields.term("side")
        payload.type = try fields.term("type", default: .limit)
        payload.timeInForce = try fields.term("timeInForce", default: .gtc)
        payload.closePosition = try fields.bool("closePosition", default: false)
        // What an order of its type cannot do without is asked for here, so that the message names the
        // field; what it must not have is the core's to refuse.
        payload.priceProtect = try fields.bool("priceProtect", default: false)
        payload.priceMatch = try fields.term("priceMatch", default: .none)
        let hasPrice = payload.type.hasLimit && payload.priceMatch == .none
        payload.price = try fields.price("price", market, default: hasPrice ? nil : Price.none)
        payload.quantity = try fields.quantity(
            "quantity",
            market,
            default: payload.closePosition ? .zero : nil
        )
        let isTrailing = payload.type == .trailingStopMarket
        payload.triggerPrice = try fields.price(
            "triggerPrice",
            market,
            default: payload.type.isConditional && !isTrailing ? nil : Price.none
        )
        payload.activatePrice = try fields.price("activatePrice", market, default: Price.none)
        payload.callbackRate =
            isTrailing ? try fields.rate("callbackRate") : try fields.rate("callbackRate", default: .zero)
        payload.workingType = try fields.term("workingType", default: .last)
        payload.goodTill = try time("goodTill") ?? Timestamp(0)
        payload.reduceOnly = try fields.bool("reduceOnly", default: false)
        payload.selfTrade = try fields.term("selfTrade", default: .expireTaker)
        payload.clientID = try clientID() ?? .none
        return payload
    }

    /// Which order is meant: `id`, the client's name for it, or `order`, its number.
    private mutating func whichOrder() throws(ScenarioError) -> (OrderID, ClientID) {
        let id = try clientID()
        let number = try fields.optionalInteger("order", in: 1...Int64.max)
        if (id == nil) == (number == nil) {
            throw fields.error(
                id == nil ? "neither \"id\" nor \"order\"" : "both \"id\" and \"order\"",
                expected: "one of id, order"
            )
        }
        return (number.map { OrderID($0) } ?? .none, id ?? .none)
    }

    mutating func amend() throws(ScenarioError) -> AmendOrder {
        let account = try account()
        let market = try market()
        let (order, clientID) = try whichOrder()
        var payload = AmendOrder(account: account, market: market.id, order: order, clientID: clientID)
        payload.price = try fields.price("price", market, default: Price.none)
        payload.quantity = try fields.quantity("quantity", market, default: .zero)
        if let side = try fields.optionalTerm("side", Side.self) {
            (payload.hasSide, payload.side) = (true, side)
        }
        return payload
    }

    mutating func cancel() throws(ScenarioError) -> CancelOrder {
        var payload = CancelOrder(account: try account(), market: try market().id)
        (payload.order, payload.clientID) = try whichOrder()
        return payload
    }

    mutating func countdown() throws(ScenarioError) -> Countdown {
        let (account, market) = (try account(), try market().id)
        let milliseconds = try fields.integer("milliseconds", in: 0...Int64.max)
        return Countdown(account: account, market: market, milliseconds: milliseconds)
    }

    mutating func volunteer() throws(ScenarioError) -> Offer {
        let account = try account()
        let market = try market()
        return Offer(
            account: account,
            market: market.id,
            side: try fields.term("side"),
            quantity: try fields.quantity("quantity", market),
            edge: try fields.rate("edge", default: .zero)
        )
    }
}
