internal import ExchangeCore

/// Writes commands as lines of the scenario language, as well as that language can say them (SCN-1).
/// What it has no line for becomes a note, so that nothing is left out silently.
public struct ScenarioWriter {
    private var ticks: [Int64] = []
    private var lots: [Int64] = []
    public init() {}

    /// One line for a command.
    public mutating func line(_ timed: TimedCommand) -> String {
        var fields: [String]
        switch timed.command {
        case .createMarket(let c): fields = market(c)
        case .openAccount: fields = [note(timed)]
        case .deposit(let c):
            fields =
                c.account == .fund
                ? [text("do", "fund"), text("amount", decimal(c.amount.units))]
                : [text("do", "deposit"), account(c.account), text("amount", decimal(c.amount.units))]
        case .withdraw(let c):
            fields = [text("do", "withdraw"), account(c.account), text("amount", decimal(c.amount.units))]
        case .price(let c):
            fields = [
                text("do", "price"), symbol(c.market), text("source", "s\(c.source)"),
                text("price", price(c.market, c.price)),
            ]
        case .configureSource(let c):
            fields = [
                text("do", "source"), symbol(c.market), text("source", "s\(c.source)"),
                "\"weight\":\(c.weight)", text("kind", "\(c.kind.term)"),
            ]
        case .placeOrder(let c): fields = order(c)
        case .setLeverage(let c):
            fields = [
                text("do", "leverage"), account(c.account), symbol(c.market), "\"leverage\":\(c.leverage)",
            ]
        case .setMarginMode(let c):
            fields = [
                text("do", "marginMode"), account(c.account), symbol(c.market),
                text("mode", "\(c.mode.term)"),
            ]
        case .setPositionMode(let c):
            fields = [text("do", "positionMode"), account(c.account), text("mode", "\(c.mode.term)")]
        case .funding(let c):
            fields = [text("do", "funding"), symbol(c.market)]
            if c.hasRate { fields.append(text("rate", decimal(c.rate.units))) }
        case .offer(let c):
            fields = [
                text("do", "volunteer"), account(c.account), symbol(c.market), text("side", "\(c.side.term)"),
                text("quantity", quantity(c.market, c.quantity)), text("edge", decimal(c.edge.units)),
            ]
        case .tick: fields = [text("do", "tick")]
        case .settle(let c):
            fields = [text("do", "settle"), symbol(c.market), text("price", price(c.market, c.price))]
        default: fields = [note(timed)]
        }
        fields.append("\"at\":\(timed.at)")
        return "{" + fields.joined(separator: ",") + "}"
    }

    // MARK: parts

    private func text(_ name: String, _ value: String) -> String { "\"\(name)\":\"\(value)\"" }
    private func account(_ id: AccountID) -> String { text("account", "a\(id.raw)") }
    private func symbol(_ id: MarketID) -> String { text("symbol", "M\(id.raw)") }
    private func note(_ timed: TimedCommand) -> String {
        text("do", "note") + "," + text("text", describe(timed))
    }

    private func price(_ market: MarketID, _ price: Price) -> String {
        decimal(inUnits(price.ticks, ticks, market))
    }

    private func quantity(_ market: MarketID, _ quantity: Quantity) -> String {
        decimal(inUnits(quantity.lots, lots, market))
    }

    private func inUnits(_ value: Int64, _ sizes: [Int64], _ market: MarketID) -> Int64 {
        let known = market.raw >= 0 && Int(market.raw) < sizes.count
        let (product, over) = value.multipliedReportingOverflow(by: known ? sizes[Int(market.raw)] : 1)
        return over ? value : product
    }

    /// Units of 10⁻⁸ as a decimal without needless zeros.
    private func decimal(_ units: Int64) -> String {
        let magnitude = units.magnitude
        var fraction = String(magnitude % 100_000_000 + 100_000_000).dropFirst()
        while fraction.last == "0" { fraction.removeLast() }
        let whole = String(magnitude / 100_000_000)
        return (units < 0 ? "-" : "") + whole + (fraction.isEmpty ? "" : "." + fraction)
    }

    private mutating func market(_ c: MarketSpecification) -> [String] {
        let number = ticks.count
        ticks.append(c.tickSize)
        lots.append(c.lotSize)
        var tiers: [String] = []
        for index in 0..<Int(max(0, c.table.count)) {
            let tier = c.table.tiers[index]
            let upTo = tier.upTo == .unlimited ? "" : text("upTo", decimal(tier.upTo.units)) + ","
            let rate = text("maintenance", decimal(tier.maintenance.units))
            tiers.append("{\(upTo)\(rate),\"leverage\":\(tier.leverage)}")
        }
        return [
            text("do", "market"), text("symbol", "M\(number)"), text("tickSize", decimal(c.tickSize)),
            text("lotSize", decimal(c.lotSize)), "\"tiers\":[\(tiers.joined(separator: ","))]",
            text("maker", decimal(c.maker.units)), text("taker", decimal(c.taker.units)),
            text("liquidationFee", decimal(c.liquidationFee.units)), text("mark", "\(c.mark.term)"),
            text("indexBand", decimal(c.indexBand.units)), text("averageBand", decimal(c.averageBand.units)),
            text("averageSeconds", decimal(c.averageTime * 100)),
            text("triggerProtect", decimal(c.triggerProtect.units)),
        ]
    }

    private func order(_ c: PlaceOrder) -> [String] {
        var fields = [
            text("do", "order"), account(c.account), symbol(c.market), text("side", "\(c.side.term)"),
            text("type", "\(c.type.term)"), text("quantity", quantity(c.market, c.quantity)),
        ]
        if c.price != .none { fields.append(text("price", price(c.market, c.price))) }
        if c.triggerPrice != .none { fields.append(text("triggerPrice", price(c.market, c.triggerPrice))) }
        if c.activatePrice != .none { fields.append(text("activatePrice", price(c.market, c.activatePrice))) }
        if c.callbackRate != .zero { fields.append(text("callbackRate", decimal(c.callbackRate.units))) }
        if c.positionSide != .both { fields.append(text("positionSide", "\(c.positionSide.term)")) }
        if c.timeInForce != .gtc { fields.append(text("timeInForce", "\(c.timeInForce.term)")) }
        if c.goodTill.microseconds != 0 { fields.append("\"goodTill\":\(c.goodTill.microseconds)") }
        if c.type.isConditional { fields.append(text("workingType", "\(c.workingType.term)")) }
        if c.selfTrade != .expireTaker { fields.append(text("selfTrade", "\(c.selfTrade.term)")) }
        if c.reduceOnly { fields.append("\"reduceOnly\":true") }
        if c.closePosition { fields.append("\"closePosition\":true") }
        if c.priceProtect { fields.append("\"priceProtect\":true") }
        if c.priceMatch != .none { fields.append(text("priceMatch", "\(c.priceMatch.term)")) }
        return fields
    }
}
