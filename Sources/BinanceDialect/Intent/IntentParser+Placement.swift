import ExchangeCore
import ExchangeText

/// One order out of its parameters. The order of the checks is that of WIRE-9.
extension IntentParser {
    func placement(
        _ parameters: WireParameters,
        _ account: AccountID,
        isAlgo: Bool
    ) throws(BinanceError) -> PlaceOrder {
        let market = try market(parameters)
        var command = PlaceOrder()
        command.account = account
        command.market = market.id
        command.side = try side(parameters)
        command.type = try type(parameters, isAlgo: isAlgo)
        command.positionSide = try positionSide(parameters)
        command.timeInForce = try timeInForce(parameters, command.type)
        command.workingType = try workingType(parameters)
        command.closePosition = try parameters.bool("closePosition") ?? false
        command.reduceOnly = try reduceOnly(parameters, command)
        command.selfTrade = try selfTrade(parameters)
        command.priceProtect = try priceProtect(parameters, command.type)
        if let name = parameters[isAlgo ? "clientAlgoId" : "newClientOrderId"] {
            command.clientID = try newClientID(name)
        }
        command.quantity = try orderQuantity(parameters, market, command)
        if command.type.isConditional {
            command.priceMatch = try priceMatch(parameters, hasLimit: command.type.hasLimit)
        }
        command.price = try limit(parameters, market, command)
        try setTrigger(parameters, market, isAlgo: isAlgo, &command)
        command.goodTill = try goodTill(parameters, command.timeInForce)
        try checkNotional(command, market)
        return command
    }

    // MARK: What it is

    func side(_ parameters: WireParameters) throws(BinanceError) -> Side {
        switch try parameters.required("side").asciiUppercased {
        case "BUY": return .buy
        case "SELL": return .sell
        default: throw .badSide
        }
    }

    private func type(_ parameters: WireParameters, isAlgo: Bool) throws(BinanceError) -> OrderType {
        let type: OrderType
        switch try parameters.required("type").asciiUppercased {
        case "LIMIT": type = .limit
        case "MARKET": type = .market
        case "STOP": type = .stop
        case "STOP_MARKET": type = .stopMarket
        case "TAKE_PROFIT": type = .takeProfit
        case "TAKE_PROFIT_MARKET": type = .takeProfitMarket
        case "TRAILING_STOP_MARKET": type = .trailingStopMarket
        default: throw .badOrderType
        }
        if isAlgo && !type.isConditional { throw .badOrderType }
        if !isAlgo && type.isConditional && !options.legacyConditionalOrders { throw .useAlgo }
        return type
    }

    private func positionSide(_ parameters: WireParameters) throws(BinanceError) -> PositionSide {
        try IntentParser.positionSide(parameters["positionSide"])
    }

    static func positionSide(_ text: String?) throws(BinanceError) -> PositionSide {
        switch text?.asciiUppercased {
        case nil, "BOTH": return .both
        case "LONG": return .long
        case "SHORT": return .short
        default: throw .badPositionSide
        }
    }

    private func timeInForce(
        _ parameters: WireParameters,
        _ type: OrderType
    ) throws(BinanceError) -> TimeInForce {
        let text = parameters["timeInForce"]
        if type == .market && text != nil { throw .notRequired("timeInForce") }
        switch text?.asciiUppercased {
        case nil:
            if type == .limit { throw .mandatory("timeInForce") }
            return .gtc
        case "GTC": return .gtc
        case "GTE_GTC": return .gte
        case "IOC": return .ioc
        case "FOK": return .fok
        case "GTX": return .gtx
        case "GTD": return .gtd
        default: throw .badTimeInForce
        }
    }

    private func workingType(_ parameters: WireParameters) throws(BinanceError) -> WorkingType {
        switch parameters["workingType"]?.asciiUppercased {
        case nil, "CONTRACT_PRICE": return .last
        case "MARK_PRICE": return .mark
        default: throw .invalid("workingType")
        }
    }

    private func reduceOnly(
        _ parameters: WireParameters,
        _ command: PlaceOrder
    ) throws(BinanceError) -> Bool {
        guard let value = try parameters.bool("reduceOnly") else { return false }
        // In hedge mode the side says it, and neither value may be sent; with close-position it is what the
        // order does anyway.
        if command.positionSide != .both || (value && command.closePosition) {
            throw .notRequired("reduceOnly")
        }
        return value
    }

    /// Only what waits for a trigger can be kept from firing (BK-26).
    private func priceProtect(
        _ parameters: WireParameters,
        _ type: OrderType
    ) throws(BinanceError) -> Bool {
        let value = try parameters.bool("priceProtect") ?? false
        if value && !type.isConditional { throw .notRequired("priceProtect") }
        return value
    }

    private func selfTrade(_ parameters: WireParameters) throws(BinanceError) -> SelfTrade {
        switch parameters["selfTradePreventionMode"]?.asciiUppercased {
        // An account never trades with itself here: NONE is the usual mode.
        case nil, "EXPIRE_TAKER", "NONE": return .expireTaker
        case "EXPIRE_MAKER": return .expireMaker
        case "EXPIRE_BOTH": return .expireBoth
        default: throw .badSelfTrade
        }
    }

    /// A name for a new order: of the right characters, and none of those that the venue gives itself.
    private func newClientID(_ text: String) throws(BinanceError) -> ClientID {
        guard let name = IntentParser.clientID(text) else { throw .badClientID }
        for prefix in [IntentParser.namePrefix, "autoclose-", "adl_autoclose", "settlement_autoclose-"]
        where text.hasPrefix(prefix) {
            throw .badClientID
        }
        return name
    }

    // MARK: Numbers

    /// A price in ticks; nil if it was not sent.
    func price(
        _ name: String,
        _ parameters: WireParameters,
        _ market: MarketEntry,
        isTrigger: Bool = false
    ) throws(BinanceError) -> Price? {
        let tooHigh: BinanceError = isTrigger ? .highTrigger : .highPrice
        guard let units = try parameters.decimal(name, tooLarge: tooHigh) else { return nil }
        if units < 0 { throw isTrigger ? .negativeTrigger : .negativePrice }
        if units == 0 { throw .lowPrice }
        if !isPrecise(units, market.pricePrecision) { throw .precision }
        let (ticks, rest) = units.quotientAndRemainder(dividingBy: max(1, market.tickSize))
        if rest != 0 { throw .tick }
        if ticks > Price.highest.ticks { throw tooHigh }
        return Price(ticks)
    }

    /// A quantity in lots; nil if it was not sent.
    func quantity(_ parameters: WireParameters, _ market: MarketEntry) throws(BinanceError) -> Quantity? {
        guard let units = try parameters.decimal("quantity", tooLarge: .largeQuantity) else { return nil }
        if units <= 0 { throw .noQuantity }
        if !isPrecise(units, market.quantityPrecision) { throw .precision }
        let (lots, rest) = units.quotientAndRemainder(dividingBy: max(1, market.lotSize))
        if rest != 0 { throw .step }
        if lots > Quantity.highest.lots { throw .largeQuantity }
        return Quantity(lots)
    }

    private func isPrecise(_ units: Int64, _ decimals: Int) -> Bool {
        var step: Int64 = 1
        for _ in decimals..<max(decimals, DecimalText.scale) { step *= 10 }
        return units % step == 0
    }

    private func orderQuantity(
        _ parameters: WireParameters,
        _ market: MarketEntry,
        _ command: PlaceOrder
    ) throws(BinanceError) -> Quantity {
        if command.closePosition {
            if command.type != .stopMarket && command.type != .takeProfitMarket { throw .badCloseType }
            if let text = parameters["quantity"], text != "0" { throw .closeWithQuantity }
            return .zero
        }
        guard let quantity = try quantity(parameters, market) else { throw .mandatory("quantity") }
        return quantity
    }

    private func limit(
        _ parameters: WireParameters,
        _ market: MarketEntry,
        _ command: PlaceOrder
    ) throws(BinanceError) -> Price {
        // A conditional order takes its price when it fires (BK-27).
        if command.priceMatch != .none { return .none }
        let hasLimit = command.type.hasLimit
        if let matched = try matchedPrice(parameters, market, command.side, hasLimit: hasLimit) {
            return matched
        }
        if !command.type.hasLimit {
            // Some clients send a zero with every order.
            if let text = parameters["price"], text.contains(where: { $0 != "0" && $0 != "." }) {
                throw .notRequired("price")
            }
            return .none
        }
        guard let price = try price("price", parameters, market) else { throw .mandatory("price") }
        return price
    }

    /// The level that `priceMatch` names, which goes with types that have a limit and without a price.
    private func priceMatch(
        _ parameters: WireParameters,
        hasLimit: Bool
    ) throws(BinanceError) -> PriceMatch {
        guard let text = parameters["priceMatch"]?.asciiUppercased, text != "NONE" else { return .none }
        guard let match = PriceMatch(wire: text) else { throw .badPriceMatch }
        if !hasLimit { throw .priceMatchType }
        if parameters.has("price") { throw .notRequired("price") }
        return match
    }

    /// The price that `priceMatch` stands for now; nil if it was not sent, or is NONE.
    func matchedPrice(
        _ parameters: WireParameters,
        _ market: MarketEntry,
        _ side: Side,
        hasLimit: Bool
    ) throws(BinanceError) -> Price? {
        let match = try priceMatch(parameters, hasLimit: hasLimit)
        if match == .none { return nil }
        let book = match.isOwnSide ? side : side.opposite
        guard let price = level(market.id, book, match.rank) else { throw .noDepth }
        return price
    }

    private func setTrigger(
        _ parameters: WireParameters,
        _ market: MarketEntry,
        isAlgo: Bool,
        _ command: inout PlaceOrder
    ) throws(BinanceError) {
        let name = isAlgo || parameters.has("triggerPrice") ? "triggerPrice" : "stopPrice"
        if command.type == .trailingStopMarket {
            // Per cent in tenths, 0.1 to 10.
            guard let percent = try parameters.decimal("callbackRate") else {
                throw .mandatory("callbackRate")
            }
            if percent % 100 != 0 { throw .precision }
            let rate = Rate(percent / 100)
            if rate.units < 100_000 || rate.units > 10_000_000 { throw .badCallbackRate }
            command.callbackRate = rate
            let activate = parameters.has("activatePrice") ? "activatePrice" : "activationPrice"
            command.activatePrice = try price(activate, parameters, market, isTrigger: true) ?? .none
        } else if command.type.isConditional {
            guard let trigger = try price(name, parameters, market, isTrigger: true) else {
                throw .mandatory(name)
            }
            command.triggerPrice = trigger
        } else if let text = parameters["stopPrice"], text.contains(where: { $0 != "0" && $0 != "." }) {
            throw .notRequired("stopPrice")
        }
    }

    private func goodTill(
        _ parameters: WireParameters,
        _ timeInForce: TimeInForce
    ) throws(BinanceError) -> Timestamp {
        guard timeInForce == .gtd else { return Timestamp(0) }
        let milliseconds = try parameters.requiredInteger("goodTillDate")
        let latest = Timestamp.latest.microseconds / 1_000
        if milliseconds > latest || milliseconds - now <= options.minimumGoodTill { throw .badGoodTill }
        // Binance keeps whole seconds.
        return Timestamp(milliseconds / 1_000 * 1_000_000)
    }

    /// An order that may open has a least notional, at its price or at the mark.
    private func checkNotional(_ command: PlaceOrder, _ market: MarketEntry) throws(BinanceError) {
        let least = options.minimumNotional
        if least.units <= 0 || command.reduceOnly || command.closePosition { return }
        switch (command.positionSide, command.side) {
        case (.long, .sell), (.short, .buy): return
        default: break
        }
        var price = command.price
        if price == .none { price = command.triggerPrice == .none ? mark(market.id) : command.triggerPrice }
        if price == .none { return }
        if market.worth(command.quantity, price) < Int128(least.units) {
            throw .smallNotional(DecimalText.string(Int128(least.units)))
        }
    }
}

extension PriceMatch {
    /// The level with that name on the wire, nil if there is none.
    init?(wire text: String) {
        var raw: UInt8 = 0
        while let match = PriceMatch(rawValue: raw) {
            if "\(match.term)" == text {
                self = match
                return
            }
            raw += 1
        }
        return nil
    }
}
