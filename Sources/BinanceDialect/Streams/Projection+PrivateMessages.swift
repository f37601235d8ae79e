public import ExchangeCore
import ExchangeText

/// Why an account is told of an order: Binance's `x`.
enum ExecutionType: String, Sendable {
    case new = "NEW"
    case trade = "TRADE"
    case canceled = "CANCELED"
    case expired = "EXPIRED"
    case amendment = "AMENDMENT"
}

/// Messages of user data streams (WIRE-24).
extension Projection {
    mutating func send(_ account: AccountID, _ writer: JSONWriter) {
        messages.append(StreamMessage(audience: .account(account), bytes: writer.bytes))
    }

    /// The forms of an order that the venue made, by the options; nil for an account's own.
    private func form(_ record: OrderRecord) -> (type: StaticString, execution: StaticString)? {
        switch record.forced {
        case nil, .volunteer, .settlement: return nil
        case .liquidation:
            return (
                options.liquidationType == .limit ? "LIMIT" : "LIQUIDATION",
                options.liquidationExecution == .trade ? "TRADE" : "CALCULATED"
            )
        case .takeover:
            return (
                options.liquidationType == .limit ? "LIMIT" : "LIQUIDATION",
                options.takeoverExecution == .trade ? "TRADE" : "CALCULATED"
            )
        case .deleveraging:
            let type: StaticString =
                switch options.deleveragingType {
                case .limit: "LIMIT"
                case .market: "MARKET"
                case .adl: "ADL"
                }
            return (type, options.deleveragingExecution == .trade ? "TRADE" : "CALCULATED")
        }
    }

    /// ORDER_TRADE_UPDATE.
    mutating func orderUpdate(_ record: OrderRecord, _ execution: ExecutionType, _ trade: UserTrade? = nil) {
        guard interest.wants(record.account), let market = directory[record.market] else { return }
        let form = form(record)
        var writer = JSONWriter()
        head(&writer, "ORDER_TRADE_UPDATE")
        writer.key("o")
        writer.beginObject()
        writer.field("s", market.symbol)
        writer.field("c", clientText(record))
        writer.field("S", record.side.wire)
        writer.field("o", form?.type ?? record.type.wire)
        writer.field("f", record.timeInForce.term)
        writer.field("q", record.quantity, market)
        writer.field("p", priceUnits: record.priceUnits(market), market)
        writer.field("ap", average: record.averagePrice(market), market)
        writer.field("sp", record.triggerPrice, market)
        writer.key("x")
        if trade != nil, let form { writer.term(form.execution) } else { writer.string(execution.rawValue) }
        let isNewADL =
            record.forced == .deleveraging && trade != nil && options.deleveragingStatus == .newADL
        writer.field("X", isNewADL ? "NEW_ADL" : record.status.rawValue)
        writer.field("i", record.id.raw)
        writer.field("l", trade?.quantity ?? .zero, market)
        writer.field("z", record.filled, market)
        writer.field("L", priceUnits: trade?.price ?? 0, market)
        if let trade {
            writer.field("N", options.asset)
            writer.field("n", amount: trade.commission)
        }
        writer.field("T", work.time)
        writer.field("t", trade?.id ?? 0)
        writer.field("b", "0")
        writer.field("a", "0")
        writer.field("m", trade?.isMaker ?? false)
        orderTail(&writer, record, market, trade)
        writer.endObject()
        writer.endObject()
        send(record.account, writer)
    }

    private func orderTail(
        _ writer: inout JSONWriter,
        _ record: OrderRecord,
        _ market: MarketEntry,
        _ trade: UserTrade?
    ) {
        writer.field("R", record.reduceOnly)
        writer.field("wt", record.workingType.wire)
        writer.field("ot", record.originalType.wire)
        writer.field("ps", record.positionSide.term)
        writer.field("cp", record.closePosition)
        if record.originalType == .trailingStopMarket {
            writer.field("AP", record.activatePrice, market)
            writer.key("cr")
            writer.decimal(Int128(record.callbackRate.units) * 100)
        }
        writer.field("pP", record.priceProtect)
        // The conditional order that it came of; with the old interface there is no such number.
        writer.field("si", record.isConditional && !options.legacyConditionalOrders ? record.id.raw : 0)
        writer.field("ss", 0)
        writer.field("rp", amount: trade?.realized ?? 0)
        writer.field("V", record.selfTrade.wire)
        writer.field("pm", record.priceMatch.term)
        writer.field("gtd", record.goodTill)
        writer.field("er", String(record.expiryReason))
    }

    private func head(_ writer: inout JSONWriter, _ name: StaticString) {
        writer.beginObject()
        writer.field("e", name)
        writer.field("E", work.time)
        writer.field("T", work.time)
    }

    /// TRADE_LITE, which goes before the order's own update.
    mutating func tradeLite(_ trade: UserTrade, _ record: OrderRecord) {
        guard interest.wants(record.account), let market = directory[record.market] else { return }
        var writer = JSONWriter()
        head(&writer, "TRADE_LITE")
        writer.field("s", market.symbol)
        writer.field("q", record.quantity, market)
        writer.field("p", priceUnits: record.priceUnits(market), market)
        writer.field("m", trade.isMaker)
        writer.field("c", clientText(record))
        writer.field("S", record.side.wire)
        writer.field("L", priceUnits: trade.price, market)
        writer.field("l", trade.quantity, market)
        writer.field("t", trade.id)
        writer.field("i", record.id.raw)
        writer.endObject()
        send(record.account, writer)
    }

    /// ALGO_UPDATE; none with the interface of before there were any.
    mutating func algoUpdate(_ record: OrderRecord) {
        if options.legacyConditionalOrders { return }
        guard interest.wants(record.account), let market = directory[record.market] else { return }
        var writer = JSONWriter()
        head(&writer, "ALGO_UPDATE")
        writer.key("o")
        writer.beginObject()
        writer.field("caid", record.clientText)
        writer.field("aid", record.id.raw)
        writer.field("at", "CONDITIONAL")
        writer.field("o", record.originalType.wire)
        writer.field("s", market.symbol)
        writer.field("S", record.side.wire)
        writer.field("ps", record.positionSide.term)
        writer.field("f", record.timeInForce.term)
        writer.field("q", record.quantity, market)
        writer.field("X", record.algoStatus.rawValue)
        let isPlaced = record.triggered > 0 && record.algoStatus != .rejected
        writer.field("ai", isPlaced ? String(record.id.raw) : "")
        writer.field("ap", average: record.averagePrice(market), market)
        writer.field("aq", record.filled, market)
        writer.field("act", isPlaced ? record.type.wire : "")
        writer.field("tp", record.triggerPrice, market)
        writer.field("p", record.price, market)
        writer.field("V", record.selfTrade.wire)
        writer.field("wt", record.workingType.wire)
        writer.field("pm", record.priceMatch.term)
        writer.field("cp", record.closePosition)
        writer.field("pP", record.priceProtect)
        writer.field("R", record.reduceOnly)
        writer.field("tt", record.triggered)
        writer.field("gtd", record.goodTill)
        writer.field("rm", record.algoStatus == .rejected ? "Order was refused when it was triggered." : "")
        writer.field("ia", record.triggered > 0)
        writer.endObject()
        writer.endObject()
        send(record.account, writer)
    }

    /// CONDITIONAL_ORDER_TRIGGER_REJECT.
    mutating func triggerReject(_ record: OrderRecord, _ reason: CancelReason) {
        guard interest.wants(record.account), let market = directory[record.market] else { return }
        var writer = JSONWriter()
        head(&writer, "CONDITIONAL_ORDER_TRIGGER_REJECT")
        writer.key("or")
        writer.beginObject()
        writer.field("s", market.symbol)
        writer.field("i", record.id.raw)
        writer.field("r", reason == .reduceOnly ? "No position to reduce." : "Refused by the order's gate.")
        writer.endObject()
        writer.endObject()
        send(record.account, writer)
    }

    // MARK: Account

    /// ACCOUNT_CONFIG_UPDATE, on a choice of leverage.
    mutating func accountConfig(_ event: SettingChanged) {
        guard interest.wants(event.account), let market = directory[event.market] else { return }
        var writer = JSONWriter()
        head(&writer, "ACCOUNT_CONFIG_UPDATE")
        writer.key("ac")
        writer.beginObject()
        writer.field("s", market.symbol)
        writer.field("l", event.leverage)
        writer.endObject()
        writer.endObject()
        send(event.account, writer)
    }

    /// ACCOUNT_UPDATE for everything that changed, one for each account and reason.
    mutating func accountUpdates() {
        let wanted = work.changes.filter { interest.wants($0.account) }
        if wanted.isEmpty { return }
        for reason in UpdateReason.allCases {
            for change in wanted where change.reason == reason { accountUpdate(change) }
        }
    }

    private mutating func accountUpdate(_ change: AccountChange) {
        let it = accounts[Int(change.account.raw)]
        var writer = JSONWriter()
        head(&writer, "ACCOUNT_UPDATE")
        writer.key("a")
        writer.beginObject()
        let isADL = change.isDeleveraged && options.deleveragingReason == .adl
        writer.field("m", isADL ? "ADL" : change.reason.rawValue)
        writer.key("B")
        writer.beginArray()
        writer.beginObject()
        writer.field("a", options.asset)
        let cross = Int128(it.cash.units)
        let balance = change.balance ?? (cross + it.isolatedCash, cross)
        writer.field("wb", amount: balance.wallet)
        writer.field("cw", amount: balance.cross)
        writer.field("bc", amount: change.other)
        writer.endObject()
        writer.endArray()
        writer.key("P")
        writer.beginArray()
        for key in change.legs {
            if let leg = it.leg(key.market, key.side) { position(leg, it, &writer) }
        }
        writer.endArray()
        if change.reason == .funding, let market = directory[change.market] {
            writer.field("S", market.symbol)
        }
        writer.endObject()
        writer.endObject()
        send(change.account, writer)
    }

    private func position(_ leg: LegRecord, _ account: AccountRecord, _ writer: inout JSONWriter) {
        guard let market = directory[leg.market] else { return }
        let isIsolated = account.isolated.contains(leg.market)
        writer.beginObject()
        writer.field("s", market.symbol)
        writer.field("pa", leg.size, market)
        writer.field("ep", average: leg.entryPrice(market), market)
        writer.field("bep", average: averageUnits(leg.cost, market.units(leg.size)), market)
        writer.field("cr", amount: leg.realized)
        writer.field("up", amount: unrealized(leg, market))
        writer.field("mt", isIsolated ? "isolated" : "cross")
        writer.field("iw", amount: Int128(leg.isolatedCash.units))
        writer.field("ps", leg.side.term)
        writer.endObject()
    }

    /// Unrealised profit at the mark; nothing before the first.
    func unrealized(_ leg: LegRecord, _ market: MarketEntry) -> Int128 {
        guard let place = place(leg.market), markets[place].mark != .none else { return 0 }
        return market.worth(leg.size, markets[place].mark) - Int128(leg.entryNotional.units)
    }

    /// The event that tells a user data stream of its own end.
    public static func listenKeyExpired(_ listenKey: String, at time: Timestamp) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("e", "listenKeyExpired")
        writer.field("E", time.microseconds / 1_000)
        writer.field("listenKey", listenKey)
        writer.endObject()
        return writer.bytes
    }
}

extension LegRecord {
    /// What a unit cost on average, in 10⁻¹².
    func entryPrice(_ market: MarketEntry) -> Int128 {
        averageUnits(Int128(entryNotional.units), market.units(size))
    }
}
