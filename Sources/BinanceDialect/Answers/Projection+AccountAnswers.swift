import ExchangeCore
import ExchangeText

/// Answers about an account's balance, positions and settings.
extension Projection {
    func accountAnswer(
        _ query: Query,
        _ account: AccountID,
        _ value: CoreValue,
        _ now: Int64,
        _ writer: inout JSONWriter
    ) throws(BinanceError) {
        var snapshot = AccountSnapshot()
        if case .account(let read) = value { snapshot = read }
        let values = AccountValues(snapshot, directory)
        switch query {
        case .accountConfig: accountConfiguration(values, &writer)
        case .account(let version): self.account(values, version, account, now, &writer)
        case .balance: balance(values, account, now, &writer)
        case .commissionRate(let market): commissionRate(market, &writer)
        case .leverageBracket(let market): leverageBracket(market, &writer)
        case .positionMode:
            writer.beginObject()
            writer.field("dualSidePosition", snapshot.view.positionMode == .hedge)
            writer.endObject()
        case .symbolConfig(let market): symbolConfiguration(values, market, &writer)
        case .tradingStatus:
            writer.beginObject()
            writer.key("indicators")
            writer.beginObject()
            writer.endObject()
            writer.field("updateTime", now)
            writer.endObject()
        case .positionRisk(let version, let market):
            positionRisk(values, version, market, account, now, &writer)
        case .adlQuantile(let market): adlQuantile(values, market, &writer)
        default: throw .unknown
        }
    }

    private func accountConfiguration(_ values: AccountValues, _ writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("feeTier", 0)
        writer.field("canTrade", !values.view.isKilled)
        writer.field("canDeposit", true)
        writer.field("canWithdraw", true)
        writer.field("dualSidePosition", values.view.positionMode == .hedge)
        writer.field("updateTime", 0)
        writer.field("multiAssetsMargin", false)
        writer.field("tradeGroupId", -1)
        writer.endObject()
    }

    private func commissionRate(_ market: MarketID, _ writer: inout JSONWriter) {
        guard let entry = directory[market] else { return }
        writer.beginObject()
        writer.field("symbol", entry.symbol)
        writer.field("makerCommissionRate", rate: entry.specification.maker)
        writer.field("takerCommissionRate", rate: entry.specification.taker)
        writer.field("rpiCommissionRate", rate: entry.specification.maker)
        writer.endObject()
    }

    private func symbolConfiguration(
        _ values: AccountValues,
        _ market: MarketID?,
        _ writer: inout JSONWriter
    ) {
        writer.beginArray()
        for entry in directory.markets where market == nil || entry.id == market {
            let known = values.positions.first { $0.position.market == entry.id }?.position
            let leverage = known?.leverage ?? entry.table.usualLeverage
            writer.beginObject()
            writer.field("symbol", entry.symbol)
            writer.field("marginType", known?.mode == .isolated ? "ISOLATED" : "CROSSED")
            writer.field("isAutoAddMargin", false)
            writer.field("leverage", leverage)
            writer.field("maxNotionalValue", entry.mostNotionalText(at: leverage))
            writer.endObject()
        }
        writer.endArray()
    }

    // MARK: Balance and account

    /// When an account last changed, never 0: clients leave out what never did.
    private func updated(_ account: AccountID, _ now: Int64) -> Int64 {
        let time = isUser(account) ? accounts[Int(account.raw)].updated : 0
        return time > 0 ? time : now
    }

    private func balance(
        _ values: AccountValues,
        _ account: AccountID,
        _ now: Int64,
        _ writer: inout JSONWriter
    ) {
        writer.beginArray()
        writer.beginObject()
        writer.field("accountAlias", "zs\(account.raw)")
        writer.field("asset", options.asset)
        writer.field("balance", amount: values.wallet)
        writer.field("crossWalletBalance", amount: Int128(values.view.cash.units))
        writer.field("crossUnPnl", amount: values.crossUnrealized)
        writer.field("availableBalance", amount: values.available)
        writer.field("maxWithdrawAmount", amount: values.withdrawable)
        writer.field("marginAvailable", true)
        writer.field("updateTime", updated(account, now))
        writer.endObject()
        writer.endArray()
    }

    private func account(
        _ values: AccountValues,
        _ version: Int,
        _ account: AccountID,
        _ now: Int64,
        _ writer: inout JSONWriter
    ) {
        writer.beginObject()
        if version == 2 {
            writer.field("feeTier", 0)
            writer.field("feeBurn", false)
            writer.field("canTrade", !values.view.isKilled)
            writer.field("canDeposit", true)
            writer.field("canWithdraw", true)
            writer.field("updateTime", 0)
            writer.field("multiAssetsMargin", false)
            writer.field("tradeGroupId", -1)
        }
        writer.field("totalInitialMargin", amount: values.positionInitial + values.orderInitial)
        writer.field("totalMaintMargin", amount: values.maintenance)
        writer.field("totalWalletBalance", amount: values.wallet)
        writer.field("totalUnrealizedProfit", amount: values.unrealized)
        writer.field("totalMarginBalance", amount: values.wallet + values.unrealized)
        writer.field("totalPositionInitialMargin", amount: values.positionInitial)
        writer.field("totalOpenOrderInitialMargin", amount: values.orderInitial)
        writer.field("totalCrossWalletBalance", amount: Int128(values.view.cash.units))
        writer.field("totalCrossUnPnl", amount: values.crossUnrealized)
        writer.field("availableBalance", amount: values.available)
        writer.field("maxWithdrawAmount", amount: values.withdrawable)
        asset(values, updated(account, now), &writer)
        writer.key("positions")
        writer.beginArray()
        for row in rows(values, isComplete: version == 2, nil) {
            accountPosition(row, version, account, &writer)
        }
        writer.endArray()
        writer.endObject()
    }

    private func asset(_ values: AccountValues, _ updated: Int64, _ writer: inout JSONWriter) {
        writer.key("assets")
        writer.beginArray()
        writer.beginObject()
        writer.field("asset", options.asset)
        writer.field("walletBalance", amount: values.wallet)
        writer.field("unrealizedProfit", amount: values.unrealized)
        writer.field("marginBalance", amount: values.wallet + values.unrealized)
        writer.field("maintMargin", amount: values.maintenance)
        writer.field("initialMargin", amount: values.positionInitial + values.orderInitial)
        writer.field("positionInitialMargin", amount: values.positionInitial)
        writer.field("openOrderInitialMargin", amount: values.orderInitial)
        writer.field("crossWalletBalance", amount: Int128(values.view.cash.units))
        writer.field("crossUnPnl", amount: values.crossUnrealized)
        writer.field("availableBalance", amount: values.available)
        writer.field("maxWithdrawAmount", amount: values.withdrawable)
        writer.field("marginAvailable", true)
        writer.field("updateTime", updated)
        writer.endObject()
        writer.endArray()
    }

    /// Positions that a reply shows, with their place among the values: those with a size or orders, or one
    /// (in hedge mode two) a market (WIRE-29).
    private func rows(
        _ values: AccountValues,
        isComplete: Bool,
        _ market: MarketID?
    ) -> [PositionRow] {
        var rows: [PositionRow] = []
        let sides: [PositionSide] = values.view.positionMode == .hedge ? [.long, .short] : [.both]
        for entry in directory.markets where market == nil || entry.id == market {
            let places = values.positions.indices.filter {
                values.positions[$0].position.market == entry.id
                    && (values.positions[$0].isUsed
                        || (isComplete && sides.contains(values.positions[$0].position.positionSide)))
            }
            for place in places { rows.append(PositionRow(values: values, place: place)) }
            if !isComplete { continue }
            for side in sides
            where !places.contains(where: { values.positions[$0].position.positionSide == side }) {
                var leg = LegSnapshot()
                let sibling = values.positions.first { $0.position.market == entry.id }?.position
                leg.position.market = entry.id
                leg.position.positionSide = side
                leg.position.leverage = sibling?.leverage ?? entry.table.usualLeverage
                leg.position.mode = sibling?.mode ?? .cross
                rows.append(PositionRow(empty: PositionValues(leg, entry, MarketView())))
            }
        }
        return rows
    }

    private func accountPosition(
        _ row: PositionRow,
        _ version: Int,
        _ account: AccountID,
        _ writer: inout JSONWriter
    ) {
        let it = row.it
        let market = it.entry
        writer.beginObject()
        writer.field("symbol", market.symbol)
        if version == 2 {
            writer.field("leverage", String(it.position.leverage))
            writer.field("isolated", it.position.mode == .isolated)
            writer.field("entryPrice", average: entryPrice(it), market)
            writer.field("breakEvenPrice", average: breakEven(it, account), market)
            writer.field("maxNotional", market.mostNotionalText(at: it.position.leverage))
            writer.field("positionInitialMargin", amount: it.positionInitial)
            writer.field("openOrderInitialMargin", amount: it.orderInitial)
            writer.field("bidNotional", amount: it.leg.bidNotional)
            writer.field("askNotional", amount: it.leg.askNotional)
        } else {
            writer.field("isolatedMargin", amount: it.isolatedMargin)
            writer.field("notional", amount: it.notional)
            writer.field("isolatedWallet", amount: Int128(it.position.isolatedCash.units))
        }
        writer.field("initialMargin", amount: it.positionInitial + it.orderInitial)
        writer.field("maintMargin", amount: it.maintenance)
        writer.field("unrealizedProfit", amount: it.unrealized)
        writer.field("positionSide", it.position.positionSide.term)
        writer.field("positionAmt", it.position.size, market)
        writer.field("updateTime", updated(it, account))
        writer.endObject()
    }

    private func entryPrice(_ it: PositionValues) -> Int128 {
        averageUnits(Int128(it.position.entryNotional.units), it.entry.units(it.position.size))
    }

    /// Entry with fees and what was realised since the position was flat.
    private func breakEven(_ it: PositionValues, _ account: AccountID) -> Int128 {
        if it.position.size.lots == 0 || !isUser(account) { return 0 }
        guard let leg = accounts[Int(account.raw)].leg(it.position.market, it.position.positionSide),
            leg.size == it.position.size
        else { return entryPrice(it) }
        return averageUnits(leg.cost, it.entry.units(leg.size))
    }

    private func updated(_ it: PositionValues, _ account: AccountID) -> Int64 {
        if !isUser(account) { return 0 }
        return accounts[Int(account.raw)].leg(it.position.market, it.position.positionSide)?.updated ?? 0
    }

    // MARK: Positions

    private func positionRisk(
        _ values: AccountValues,
        _ version: Int,
        _ market: MarketID?,
        _ account: AccountID,
        _ now: Int64,
        _ writer: inout JSONWriter
    ) {
        writer.beginArray()
        for row in rows(values, isComplete: version == 2, market) {
            let it = row.it
            let mark = place(it.position.market).map { markets[$0].mark } ?? .none
            writer.beginObject()
            writer.field("symbol", it.entry.symbol)
            writer.field("positionSide", it.position.positionSide.term)
            writer.field("positionAmt", it.position.size, it.entry)
            writer.field("entryPrice", average: entryPrice(it), it.entry)
            writer.field("breakEvenPrice", average: breakEven(it, account), it.entry)
            writer.field(
                "markPrice",
                amount: it.entry.units(values.markets[it.position.market]?.mark ?? mark)
            )
            writer.field("unRealizedProfit", amount: it.unrealized)
            writer.key("liquidationPrice")
            if let ticks = row.liquidationPrice {
                writer.fixed(it.entry.units(Price(ticks)), decimals: DecimalText.scale)
            } else {
                writer.string("0")
            }
            writer.field("isolatedMargin", amount: it.isolatedMargin)
            writer.field("notional", amount: it.notional)
            writer.field("isolatedWallet", amount: Int128(it.position.isolatedCash.units))
            if version == 2 { riskV2(it, &writer) } else { riskV3(it, &writer) }
            writer.field("updateTime", updated(it, account))
            writer.endObject()
        }
        writer.endArray()
    }

    private func riskV2(_ it: PositionValues, _ writer: inout JSONWriter) {
        writer.field("marginType", it.position.mode == .isolated ? "isolated" : "cross")
        writer.field("isAutoAddMargin", "false")
        writer.field("leverage", String(it.position.leverage))
        writer.field("maxNotionalValue", it.entry.mostNotionalText(at: it.position.leverage))
    }

    private func riskV3(_ it: PositionValues, _ writer: inout JSONWriter) {
        writer.field("marginAsset", options.asset)
        writer.field("initialMargin", amount: it.positionInitial + it.orderInitial)
        writer.field("maintMargin", amount: it.maintenance)
        writer.field("positionInitialMargin", amount: it.positionInitial)
        writer.field("openOrderInitialMargin", amount: it.orderInitial)
        writer.field("adl", max(0, it.leg.lights - 1))
        writer.field("bidNotional", amount: it.leg.bidNotional)
        writer.field("askNotional", amount: it.leg.askNotional)
    }

    /// Quantiles of the markets with a position: `LONG`, `SHORT`, and `BOTH` or, in hedge mode with cross
    /// margin, `HEDGE`, where both sides show the same.
    private func adlQuantile(_ values: AccountValues, _ market: MarketID?, _ writer: inout JSONWriter) {
        writer.beginArray()
        for entry in directory.markets where market == nil || entry.id == market {
            let legs = values.positions.filter {
                $0.position.market == entry.id && $0.position.size.lots != 0
            }
            if legs.isEmpty { continue }
            func quantile(_ side: PositionSide) -> Int32 {
                max(0, (legs.first { $0.position.positionSide == side }?.leg.lights ?? 0) - 1)
            }
            var long = quantile(.long)
            var short = quantile(.short)
            let isHedge = values.view.positionMode == .hedge && legs.allSatisfy { $0.position.mode == .cross }
            if isHedge && legs.count > 1 {
                long = max(long, short)
                short = long
            }
            writer.beginObject()
            writer.field("symbol", entry.symbol)
            writer.key("adlQuantile")
            writer.beginObject()
            writer.field("LONG", long)
            writer.field("SHORT", short)
            if isHedge { writer.field("HEDGE", 0) } else { writer.field("BOTH", quantile(.both)) }
            writer.endObject()
            writer.endObject()
        }
        writer.endArray()
    }
}

/// A position that a reply shows.
private struct PositionRow {
    let it: PositionValues
    /// In ticks; nil if no price of its market alone would liquidate it.
    let liquidationPrice: Int64?

    init(values: AccountValues, place: Int) {
        it = values.positions[place]
        liquidationPrice = values.liquidationPrice(of: place)
    }

    init(empty: PositionValues) {
        it = empty
        liquidationPrice = nil
    }
}
