import ExchangeCore
import ReadModel

extension OrderRecord: KeptRecord {
    mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("id", &id)
        visitor.visit("account", &account)
        visitor.visit("market", &market)
        visitor.visit("positionSide", &positionSide)
        visitor.visit("side", &side)
        visitor.visit("type", &type)
        visitor.visit("originalType", &originalType)
        visitor.visit("timeInForce", &timeInForce)
        visitor.visit("price", &price)
        visitor.visit("quantity", &quantity)
        visitor.visit("filled", &filled)
        visitor.visit("quote", &quote)
        visitor.visit("triggerPrice", &triggerPrice)
        visitor.visit("activatePrice", &activatePrice)
        visitor.visit("callbackRate", &callbackRate)
        visitor.visit("workingType", &workingType)
        visitor.visit("goodTill", &goodTill)
        visitor.visit("reduceOnly", &reduceOnly)
        visitor.visit("closePosition", &closePosition)
        visitor.visit("selfTrade", &selfTrade)
        visitor.visit("clientID", &clientID)
        visitor.visit("status", place: &status)
        visitor.visit("algoStatus", place: &algoStatus)
        visitor.visit("created", &created)
        visitor.visit("updated", &updated)
        visitor.visit("triggered", &triggered)
        visitor.visit("resting", &resting)
        visitor.visit("amendments", count: &amendments)
        visitor.visit("expiryReason", count: &expiryReason)
        var isForced = forced != nil
        visitor.visit("isForced", &isForced)
        if isForced {
            var kind = forced ?? .liquidation
            visitor.visit("forced", place: &kind)
            forced = kind
            visitor.visit("forcedName", &forcedName)
        }
        var hasPrice = forcedPrice != nil
        visitor.visit("hasForcedPrice", &hasPrice)
        if hasPrice {
            var price = forcedPrice ?? 0
            visitor.visit("forcedPrice", &price)
            forcedPrice = price
        }
        visitor.visit("priceProtect", &priceProtect)
        visitor.visit("priceMatch", &priceMatch)
    }
}

extension UserTrade: KeptRecord {
    mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("market", &market)
        visitor.visit("id", &id)
        visitor.visit("order", &order)
        visitor.visit("side", &side)
        visitor.visit("positionSide", &positionSide)
        visitor.visit("price", &price)
        visitor.visit("quantity", &quantity)
        visitor.visit("quote", &quote)
        visitor.visit("realized", &realized)
        visitor.visit("commission", &commission)
        visitor.visit("isMaker", &isMaker)
        visitor.visit("time", &time)
    }
}

extension IncomeRow: KeptRecord {
    mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("id", &id)
        visitor.visit("kind", place: &kind)
        visitor.visit("market", &market)
        visitor.visit("amount", &amount)
        visitor.visit("trade", &trade)
        visitor.visit("reason", &reason)
        visitor.visit("time", &time)
    }
}

extension MarginChange: KeptRecord {
    mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("market", &market)
        visitor.visit("side", &side)
        visitor.visit("amount", &amount)
        visitor.visit("time", &time)
    }
}

extension AmendmentRecord: KeptRecord {
    mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("id", &id)
        visitor.visit("order", &order)
        visitor.visit("market", &market)
        visitor.visit("clientID", &clientID)
        visitor.visit("priceBefore", &priceBefore)
        visitor.visit("priceAfter", &priceAfter)
        visitor.visit("quantityBefore", &quantityBefore)
        visitor.visit("quantityAfter", &quantityAfter)
        visitor.visit("count", count: &count)
        visitor.visit("time", &time)
    }
}

extension PublicTrade: KeptRecord {
    mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("id", &id)
        visitor.visit("price", &price)
        visitor.visit("quantity", &quantity)
        visitor.visit("takerSide", &takerSide)
        visitor.visit("time", &time)
    }
}

extension AggregateTrade: KeptRecord {
    mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("id", &id)
        visitor.visit("market", &market)
        visitor.visit("price", &price)
        visitor.visit("quantity", &quantity)
        visitor.visit("takerSide", &takerSide)
        visitor.visit("first", &first)
        visitor.visit("last", &last)
        visitor.visit("taker", &taker)
        visitor.visit("order", &order)
        visitor.visit("time", &time)
    }
}

extension FundingRecord: KeptRecord {
    mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("rate", &rate)
        visitor.visit("mark", &mark)
        visitor.visit("time", &time)
    }
}

extension InterestSample: KeptRecord {
    mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("start", &start)
        visitor.visit("lots", &lots)
        visitor.visit("mark", &mark)
    }
}

extension Kline: KeptRecord {
    init() { self.init(start: 0, price: 0) }

    mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("start", &start)
        visitor.visit("open", &open)
        visitor.visit("high", &high)
        visitor.visit("low", &low)
        visitor.visit("close", &close)
        visitor.visit("lots", &lots)
        visitor.visit("quote", &quote)
        visitor.visit("takerLots", &takerLots)
        visitor.visit("takerQuote", &takerQuote)
        visitor.visit("count", &count)
        visitor.visit("first", &first)
        visitor.visit("last", &last)
    }
}

extension LegRecord: KeptRecord {
    mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("market", &market)
        visitor.visit("side", &side)
        visitor.visit("size", &size)
        visitor.visit("entryNotional", &entryNotional)
        visitor.visit("isolatedCash", &isolatedCash)
        visitor.visit("realized", &realized)
        visitor.visit("cost", &cost)
        visitor.visit("updated", &updated)
    }
}
