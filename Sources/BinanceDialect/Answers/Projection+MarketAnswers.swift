import ExchangeCore
import ExchangeText
import ReadModel

/// Answers about markets.
extension Projection {
    func depth(_ id: MarketID, _ limit: Int, _ now: Int64, _ writer: inout JSONWriter) {
        guard let place = place(id), let entry = directory[id] else { return }
        writer.beginObject()
        writer.field("lastUpdateId", markets[place].updateID)
        writer.field("E", now)
        writer.field("T", markets[place].bookTime)
        Answers.levels("bids", markets[place].bids, limit, entry, &writer)
        Answers.levels("asks", markets[place].asks, limit, entry, &writer)
        writer.endObject()
    }

    func trades(_ id: MarketID, _ page: Page, _ writer: inout JSONWriter) {
        guard let place = place(id), let entry = directory[id] else { return }
        writer.beginArray()
        for trade in markets[place].trades.rows(page, number: { $0.id }, time: { $0.time }) {
            writer.beginObject()
            writer.field("id", trade.id)
            writer.field("price", trade.price, entry)
            writer.field("qty", trade.quantity, entry)
            writer.key("quoteQty")
            writer.decimal(entry.worth(trade.quantity, trade.price))
            writer.field("time", trade.time)
            writer.field("isBuyerMaker", trade.takerSide == .sell)
            writer.field("isRPITrade", false)
            writer.endObject()
        }
        writer.endArray()
    }

    func aggregateTrades(_ id: MarketID, _ page: Page, _ writer: inout JSONWriter) {
        guard let place = place(id), let entry = directory[id] else { return }
        writer.beginArray()
        for trade in markets[place].aggregates.rows(page, number: { $0.id }, time: { $0.time }) {
            writer.beginObject()
            writer.field("a", trade.id)
            writer.field("p", trade.price, entry)
            writer.field("q", trade.quantity, entry)
            writer.field("nq", trade.quantity, entry)
            writer.field("f", trade.first)
            writer.field("l", trade.last)
            writer.field("T", trade.time)
            writer.field("m", trade.takerSide == .sell)
            writer.endObject()
        }
        writer.endArray()
    }

    func klines(
        _ series: KlineSeries,
        _ id: MarketID,
        _ interval: Interval,
        _ page: Page,
        _ now: Int64,
        _ writer: inout JSONWriter
    ) {
        guard let place = place(id), let entry = directory[id] else { return }
        writer.beginArray()
        for bar in markets[place].klines[series.rawValue].rows(interval, page, now: now) {
            writer.beginArray()
            writer.integer(Int128(bar.start))
            for price in [bar.open, bar.high, bar.low, bar.close] {
                if series == .premium {
                    writer.fixed(Int128(price), decimals: DecimalText.scale)
                } else {
                    let units = entry.units(Price(price))
                    writer.fixed(units, decimals: series == .last ? entry.pricePrecision : DecimalText.scale)
                }
            }
            let isLast = series == .last
            writer.fixed(entry.units(Quantity(bar.lots)), decimals: isLast ? entry.quantityPrecision : 0)
            writer.integer(Int128(interval.next(after: bar.start) - 1))
            writer.decimal(bar.quote)
            writer.integer(Int128(bar.count))
            writer.fixed(entry.units(Quantity(bar.takerLots)), decimals: isLast ? entry.quantityPrecision : 0)
            writer.decimal(bar.takerQuote)
            writer.string("0")
            writer.endArray()
        }
        writer.endArray()
    }

    func premiumIndex(
        _ id: MarketID?,
        _ value: CoreValue,
        _ now: Int64,
        _ writer: inout JSONWriter
    ) {
        guard case .markets(let snapshots) = value else { return }
        if id == nil { writer.beginArray() }
        for snapshot in snapshots {
            guard let entry = directory[snapshot.id] else { continue }
            let mark = entry.units(snapshot.view.mark)
            writer.beginObject()
            writer.field("symbol", entry.symbol)
            writer.field("markPrice", amount: mark)
            writer.field("indexPrice", amount: entry.units(snapshot.view.index))
            writer.field("estimatedSettlePrice", amount: mark)
            writer.field("lastFundingRate", amount: Int128(snapshot.expectedFunding.units))
            writer.field("interestRate", amount: entry.perInterval(entry.specification.interest))
            writer.field("nextFundingTime", nextFunding(entry, now: now))
            writer.field("time", now)
            writer.endObject()
        }
        if id == nil { writer.endArray() }
    }

    func fundingRates(_ id: MarketID?, _ page: Page, _ writer: inout JSONWriter) {
        var rows: [(market: MarketEntry, row: FundingRecord)] = []
        for (place, entry) in directory.markets.enumerated() where place < markets.count {
            if let id, entry.id != id { continue }
            let found = markets[place].funding.rows(page, number: { $0.time }, time: { $0.time })
            rows += found.map { (entry, $0) }
        }
        rows.sort { ($0.row.time, $0.market.id.raw) < ($1.row.time, $1.market.id.raw) }
        writer.beginArray()
        for (entry, row) in page.span.start == nil ? rows.suffix(page.limit) : rows.prefix(page.limit) {
            writer.beginObject()
            writer.field("symbol", entry.symbol)
            writer.field("fundingRate", amount: Int128(row.rate.units))
            writer.field("fundingTime", row.time)
            writer.field("markPrice", amount: entry.units(row.mark))
            writer.field("rateType", "Regular")
            writer.endObject()
        }
        writer.endArray()
    }

    func fundingInfo(_ writer: inout JSONWriter) {
        writer.beginArray()
        for entry in directory.markets {
            let cap = entry.perInterval(entry.specification.fundingCap)
            writer.beginObject()
            writer.field("symbol", entry.symbol)
            writer.field("adjustedFundingRateCap", amount: cap)
            writer.field("adjustedFundingRateFloor", amount: -cap)
            writer.field("fundingIntervalHours", entry.specification.fundingInterval / 3_600_000_000)
            writer.field("disclaimer", false)
            writer.endObject()
        }
        writer.endArray()
    }

    func ticker(_ market: MarketRecord, _ entry: MarketEntry, _ now: Int64, _ writer: inout JSONWriter) {
        let day = market.day(now: now)
        let change = market.lastPrice.ticks - day.open
        writer.beginObject()
        writer.field("symbol", entry.symbol)
        writer.field("priceChange", Price(change), entry)
        writer.field("priceChangePercent", Answers.percent(change, of: day.open))
        let average = averageUnits(day.quote, entry.units(Quantity(day.lots)))
        writer.field("weightedAvgPrice", average: average, entry)
        writer.field("lastPrice", market.lastPrice, entry)
        writer.field("lastQty", market.lastQuantity, entry)
        writer.field("openPrice", Price(day.open), entry)
        writer.field("highPrice", Price(day.high), entry)
        writer.field("lowPrice", Price(day.low), entry)
        writer.field("volume", Quantity(day.lots), entry)
        writer.key("quoteVolume")
        writer.decimal(day.quote)
        writer.field("openTime", day.start)
        writer.field("closeTime", now)
        writer.field("firstId", max(0, day.first))
        writer.field("lastId", max(0, day.last))
        writer.field("count", day.count)
        writer.endObject()
    }

    func tickerPrice(_ market: MarketRecord, _ entry: MarketEntry, _ writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("symbol", entry.symbol)
        writer.field("price", market.lastPrice, entry)
        writer.field("time", market.lastTime)
        writer.endObject()
    }

    func bookTicker(
        _ market: MarketRecord,
        _ entry: MarketEntry,
        isNumbered: Bool,
        _ writer: inout JSONWriter
    ) {
        let bid = market.bids.level(0)
        let ask = market.asks.level(0)
        writer.beginObject()
        writer.field("symbol", entry.symbol)
        writer.field("bidPrice", Price(bid?.price ?? 0), entry)
        writer.field("bidQty", Quantity(bid?.lots ?? 0), entry)
        writer.field("askPrice", Price(ask?.price ?? 0), entry)
        writer.field("askQty", Quantity(ask?.lots ?? 0), entry)
        if isNumbered { writer.field("lastUpdateId", market.updateID) }
        writer.field("time", market.bookTime)
        writer.endObject()
    }

    func openInterest(_ id: MarketID, _ value: CoreValue, _ now: Int64, _ writer: inout JSONWriter) {
        guard case .markets(let snapshots) = value, let snapshot = snapshots.first,
            let entry = directory[id]
        else { return }
        writer.beginObject()
        writer.field("openInterest", snapshot.view.openInterest, entry)
        writer.field("symbol", entry.symbol)
        writer.field("time", now)
        writer.endObject()
    }

    /// All markets share one fund.
    func insuranceBalance(_ id: MarketID?, _ now: Int64, _ writer: inout JSONWriter) {
        let fund = accounts[Int(AccountID.fund.raw)].cash
        if id == nil { writer.beginArray() }
        writer.beginObject()
        writer.key("symbols")
        writer.beginArray()
        for entry in directory.markets { writer.string(entry.symbol) }
        writer.endArray()
        writer.key("assets")
        writer.beginArray()
        writer.beginObject()
        writer.field("asset", options.asset)
        writer.field("marginBalance", amount: max(0, Int128(fund.units)))
        writer.field("updateTime", fundTime > 0 ? fundTime : now)
        writer.endObject()
        writer.endArray()
        writer.endObject()
        if id == nil { writer.endArray() }
    }

    /// High after a deleveraging within 8 hours or without a fund, medium while the fund is less than a
    /// hundredth of the open interest at mark, else low (WIRE-28).
    func adlRisk(_ market: MarketRecord, _ entry: MarketEntry, _ now: Int64, _ writer: inout JSONWriter) {
        let fund = Int128(accounts[Int(AccountID.fund.raw)].cash.units)
        let interest = entry.worth(Quantity(market.openInterest), market.mark)
        let wasDeleveraged = market.deleveraged > 0 && now - market.deleveraged < 28_800_000
        let risk: StaticString
        if wasDeleveraged || (fund <= 0 && interest > 0) {
            risk = "high"
        } else if fund * 100 < interest {
            risk = "medium"
        } else {
            risk = "low"
        }
        writer.beginObject()
        writer.field("symbol", entry.symbol)
        writer.field("adlRisk", risk)
        writer.field("updateTime", now)
        writer.endObject()
    }

    /// The sources of an index have numbers, not names: none is listed.
    func constituents(_ id: MarketID, _ now: Int64, _ writer: inout JSONWriter) {
        guard let entry = directory[id] else { return }
        writer.beginObject()
        writer.field("symbol", entry.symbol)
        writer.field("time", now)
        writer.key("constituents")
        writer.beginArray()
        writer.endArray()
        writer.endObject()
    }

    // MARK: Statistics

    func interestHistory(
        _ id: MarketID,
        _ interval: Interval,
        _ page: Page,
        _ now: Int64,
        _ writer: inout JSONWriter
    ) {
        guard let place = place(id), let entry = directory[id] else { return }
        var samples: [InterestSample] = []
        let ring = markets[place].interest
        for index in 0..<ring.count where page.span.contains(ring[index].start) {
            let start = interval.start(of: ring[index].start)
            if let last = samples.last, interval.start(of: last.start) == start { samples.removeLast() }
            samples.append(ring[index])
        }
        writer.beginArray()
        for sample in samples.suffix(page.limit) {
            writer.beginObject()
            writer.field("symbol", entry.symbol)
            writer.field("sumOpenInterest", amount: entry.units(Quantity(sample.lots)))
            writer.field("sumOpenInterestValue", amount: entry.worth(Quantity(sample.lots), sample.mark))
            writer.field("CMCCirculatingSupply", "0")
            writer.field("timestamp", interval.start(of: sample.start))
            writer.endObject()
        }
        writer.endArray()
    }

    func takerRatio(
        _ id: MarketID,
        _ interval: Interval,
        _ page: Page,
        _ now: Int64,
        _ writer: inout JSONWriter
    ) {
        guard let place = place(id), let entry = directory[id] else { return }
        writer.beginArray()
        for bar in markets[place].klines[KlineSeries.last.rawValue].rows(interval, page, now: now) {
            let sold = bar.lots - bar.takerLots
            let ratio = sold == 0 ? 0 : scaled(Int128(bar.takerLots), by: 10_000, over: Int128(sold), .down)
            writer.beginObject()
            writer.key("buySellRatio")
            writer.fixed(ratio, scale: 4, decimals: 4)
            writer.field("buyVol", Quantity(bar.takerLots), entry)
            writer.field("sellVol", Quantity(sold), entry)
            writer.field("timestamp", bar.start)
            writer.endObject()
        }
        writer.endArray()
    }

    func basis(
        _ id: MarketID,
        _ interval: Interval,
        _ page: Page,
        _ now: Int64,
        _ writer: inout JSONWriter
    ) {
        guard let place = place(id), let entry = directory[id] else { return }
        let lasts = markets[place].klines[KlineSeries.last.rawValue].rows(interval, page, now: now)
        let indices = markets[place].klines[KlineSeries.index.rawValue].rows(interval, page, now: now)
        writer.beginArray()
        for bar in lasts {
            guard let index = indices.first(where: { $0.start == bar.start }), index.close > 0 else {
                continue
            }
            let basis = bar.close - index.close
            let rate = scaled(Int128(basis), by: 10_000, over: Int128(index.close), .towardZero)
            writer.beginObject()
            writer.field("indexPrice", amount: entry.units(Price(index.close)))
            writer.field("contractType", "PERPETUAL")
            writer.key("basisRate")
            writer.fixed(rate, scale: 4, decimals: 4)
            writer.field("futuresPrice", Price(bar.close), entry)
            writer.field("annualizedBasisRate", "")
            writer.field("basis", amount: entry.units(Price(basis)))
            writer.field("pair", entry.symbol)
            writer.field("timestamp", bar.start)
            writer.endObject()
        }
        writer.endArray()
    }
}

extension MarketEntry {
    /// A rate of eight hours, for the market's own interval, as the core scales it (FUND-2).
    func perInterval(_ rate: Rate) -> Int128 {
        let interval = specification.fundingInterval
        if interval <= 0 { return Int128(rate.units) }
        return quotient(Int128(rate.units) * Int128(interval), 28_800_000_000, .towardZero)
    }
}
