import ExchangeCore
import ExchangeText

/// `exchangeInfo` and `leverageBracket`: the rules of the markets.
extension Projection {
    func exchangeInfo(_ now: Int64, _ writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("timezone", "UTC")
        writer.field("serverTime", now)
        writer.key("rateLimits")
        writer.beginArray()
        Answers.limit("REQUEST_WEIGHT", "MINUTE", 1, options.weightPerMinute, nil, &writer)
        Answers.orderLimits(options, &writer)
        writer.endArray()
        writer.key("exchangeFilters")
        writer.beginArray()
        writer.endArray()
        writer.key("assets")
        writer.beginArray()
        writer.beginObject()
        writer.field("asset", options.asset)
        writer.field("marginAvailable", true)
        writer.field("autoAssetExchange", "0")
        writer.endObject()
        writer.endArray()
        writer.key("symbols")
        writer.beginArray()
        for entry in directory.markets { symbol(entry, &writer) }
        writer.endArray()
        writer.endObject()
    }

    private func symbol(_ entry: MarketEntry, _ writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("symbol", entry.symbol)
        writer.field("pair", entry.symbol)
        writer.field("contractType", "PERPETUAL")
        writer.field("deliveryDate", Answers.never)
        writer.field("onboardDate", entry.onboarded)
        writer.field("status", entry.statusTerm)
        let lowest = entry.table.count > 0 ? entry.table.tiers[0] : Tier()
        writer.key("maintMarginPercent")
        writer.fixed(Int128(lowest.maintenance.units) * 100, decimals: 4)
        writer.key("requiredMarginPercent")
        writer.fixed(
            entry.table.initial(100 * 100_000_000, leverage: entry.table.highestLeverage),
            decimals: 4
        )
        writer.field("baseAsset", entry.baseAsset)
        writer.field("quoteAsset", entry.quoteAsset)
        writer.field("marginAsset", options.asset)
        writer.field("pricePrecision", entry.pricePrecision)
        writer.field("quantityPrecision", entry.quantityPrecision)
        writer.field("baseAssetPrecision", 8)
        writer.field("quotePrecision", 8)
        writer.field("underlyingType", "COIN")
        writer.key("underlyingSubType")
        writer.beginArray()
        writer.endArray()
        writer.field("settlePlan", 0)
        writer.key("triggerProtect")
        writer.fixed(Int128(entry.specification.triggerProtect.units), decimals: 4)
        writer.key("filters")
        writer.beginArray()
        filters(entry, &writer)
        writer.endArray()
        terms(
            "orderTypes",
            [
                "LIMIT", "MARKET", "STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET",
                "TRAILING_STOP_MARKET",
            ],
            &writer
        )
        terms("timeInForce", ["GTC", "IOC", "FOK", "GTX", "GTD"], &writer)
        writer.key("liquidationFee")
        writer.fixed(Int128(entry.specification.liquidationFee.units), decimals: 6)
        writer.key("marketTakeBound")
        let band = Int128(entry.specification.priceBand.units)
        writer.fixed(band == 0 ? MarketEntry.unbounded : band, decimals: decimals(of: band, least: 2))
        writer.endObject()
    }

    private func terms(_ name: StaticString, _ words: [StaticString], _ writer: inout JSONWriter) {
        writer.key(name)
        writer.beginArray()
        for word in words { writer.term(word) }
        writer.endArray()
    }

    private func filters(_ entry: MarketEntry, _ writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("filterType", "PRICE_FILTER")
        writer.field("minPrice", Price(1), entry)
        writer.field("maxPrice", Price.highest, entry)
        writer.field("tickSize", Price(1), entry)
        writer.endObject()
        for name in ["LOT_SIZE", "MARKET_LOT_SIZE"] as [StaticString] {
            writer.beginObject()
            writer.field("filterType", name)
            writer.field("minQty", Quantity(1), entry)
            writer.field("maxQty", entry.largestQuantity, entry)
            writer.field("stepSize", Quantity(1), entry)
            writer.endObject()
        }
        for name in ["MAX_NUM_ORDERS", "MAX_NUM_ALGO_ORDERS"] as [StaticString] {
            writer.beginObject()
            writer.field("filterType", name)
            writer.field("limit", 200)
            writer.endObject()
        }
        writer.beginObject()
        writer.field("filterType", "MIN_NOTIONAL")
        writer.key("notional")
        writer.decimal(Int128(options.minimumNotional.units))
        writer.endObject()
        let band = Int128(entry.specification.priceBand.units)
        writer.beginObject()
        writer.field("filterType", "PERCENT_PRICE")
        let decimals = decimals(of: band, least: 4)
        writer.key("multiplierUp")
        writer.fixed(band == 0 ? MarketEntry.unbounded : 100_000_000 + band, decimals: decimals)
        writer.key("multiplierDown")
        writer.fixed(band == 0 ? 0 : 100_000_000 - band, decimals: decimals)
        writer.key("multiplierDecimal")
        writer.string(String(decimals))
        writer.endObject()
    }

    /// How many decimals state a rate in 10⁻⁸ exactly: what is stated is what holds (BK-13).
    private func decimals(of rate: Int128, least: Int) -> Int {
        var (decimals, rest) = (8, rate)
        while decimals > least && rest % 10 == 0 { (decimals, rest) = (decimals - 1, rest / 10) }
        return decimals
    }

    // MARK: Brackets

    func leverageBracket(_ id: MarketID?, _ writer: inout JSONWriter) {
        writer.beginArray()
        for entry in directory.markets where id == nil || entry.id == id {
            writer.beginObject()
            writer.field("symbol", entry.symbol)
            writer.field("notionalCoef", 1)
            writer.key("brackets")
            writer.beginArray()
            for index in 0..<Int(max(0, entry.table.count)) { bracket(entry, index, &writer) }
            writer.endArray()
            writer.endObject()
        }
        writer.endArray()
    }

    private func bracket(_ entry: MarketEntry, _ index: Int, _ writer: inout JSONWriter) {
        let tier = entry.table.tiers[index]
        writer.beginObject()
        writer.field("bracket", index + 1)
        writer.field("initialLeverage", tier.leverage)
        writer.key("notionalCap")
        // Without a bound: the largest whole number that an amount holds.
        writer.number(tier.upTo == .unlimited ? 9_223_372_036_800_000_000 : Int128(tier.upTo.units))
        writer.key("notionalFloor")
        writer.number(index == 0 ? 0 : Int128(entry.table.tiers[index - 1].upTo.units))
        writer.key("maintMarginRatio")
        writer.number(Int128(tier.maintenance.units))
        writer.key("cum")
        writer.number(entry.table.deduction(index), scale: 16)
        writer.endObject()
    }
}

extension MarketEntry {
    /// What stands for no bound, in 10⁻⁸: how many times the lowest price the highest is.
    static var unbounded: Int128 { Int128(Price.highest.ticks) * 100_000_000 }

    /// The largest quantity that the core takes at the lowest price.
    var largestQuantity: Quantity {
        let bound = quotient(Int128(Amount.pileLimit.units), Int128(max(1, unitValue)), .down)
        return Quantity(min(Quantity.highest.lots, Int64(clamping: bound)))
    }
}
