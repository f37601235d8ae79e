import ExchangeCore

// The draws of single commands: what a user or the venue would do, sometimes out of all bounds.

extension Workload {
    mutating func draw(_ auditor: Auditor) -> Command {
        if options.crashes { return drawBeforeCrash(auditor) }
        // A debt is rare and soon repaid: meanwhile people want their cash.
        if auditor.debt > 0 && random.chance(30) { return drawUnderDebt(auditor) }
        switch random.below(1_000) {
        case 0..<150: return drawPrice(auditor)
        case 150..<460: return .placeOrder(drawLimit(auditor))
        case 460..<550: return .placeOrder(drawMarketOrder(auditor))
        case 550..<610: return .placeOrder(drawConditional(auditor))
        case 610..<650: return drawCancel(auditor)
        case 650..<690: return .amendOrder(drawAmend(auditor))
        case 690..<760: return drawSetting(auditor)
        case 760..<800: return .offer(drawOffer(auditor))
        case 800..<890: return drawCash(auditor)
        case 890..<930: return drawVaultCommand(auditor)
        case 930..<950: return .funding(drawFunding(auditor))
        case 950..<958: return .tick(Tick())
        default:
            if random.chance(50) {
                burst = random.within(2...6)
                down = random.chance(50)
                burstMarket = random.below(auditor.markets.count)
                return drawPrice(auditor)
            }
            return drawAdmin(auditor)
        }
    }

    // MARK: who, where, how much

    mutating func someAccount(_ auditor: Auditor) -> AccountID {
        if random.chance(1) { return AccountID(Int32(random.pick([-1, 0, 1, 2, 99, 2_000_000_000]))) }
        return AccountID(Int32(3 + random.below(auditor.accounts.count - 3)))
    }

    mutating func someMarket(_ auditor: Auditor) -> MarketID {
        if random.chance(1) { return MarketID(Int32(random.pick([-1, 7, 2_000_000_000]))) }
        return MarketID(Int32(random.below(auditor.markets.count)))
    }

    func at(_ market: MarketID, _ auditor: Auditor) -> Int {
        market.raw >= 0 && Int(market.raw) < auditor.markets.count ? Int(market.raw) : 0
    }

    /// The price that things happen around.
    func around(_ market: Int, _ auditor: Auditor) -> Int64 {
        if market >= auditor.markets.count { return 100 }
        let mark = Int64(auditor.markets[market].mark)
        if mark > 0 { return mark }
        return market < scale.count ? scale[market] : 100
    }

    mutating func somePrice(_ market: Int, _ auditor: Auditor) -> Price {
        if random.chance(1) { return Price(random.pick([0, -1, 1, 1 << 30 - 1, 1 << 30, .max, .min])) }
        let mark = around(market, auditor)
        let spread = max(2, mark * Int64(random.pick([1, 1, 3, 10])) / 100)
        return Price(max(1, mark + Int64(random.within(-Int(spread)...Int(spread)))))
    }

    mutating func someQuantity(_ market: Int, _ auditor: Auditor, _ account: AccountID) -> Quantity {
        if random.chance(1) { return Quantity(random.pick([0, -1, 1, 1 << 50 - 1, 1 << 50, .max, .min])) }
        if random.chance(10) { return Quantity(1) }
        let typicalLots = market < lots.count ? lots[market] : 10
        if random.chance(25) { return Quantity(Int64(random.within(1...Int(typicalLots)))) }
        guard account.raw >= 3, Int(account.raw) < auditor.accounts.count else { return Quantity(1) }
        let cash = auditor.accounts[Int(account.raw)].cash
        let lot = Whole(around(market, auditor)) * auditor.markets[market].u
        let leverage = auditor.setting(auditor.accounts[Int(account.raw)], market).leverage
        let most = max(1, cash * leverage / lot)
        let part = most * Whole(random.within(5...105)) / 100
        return Quantity(Int64(clamping: max(1, min(part, Whole(1) << 40))))
    }

    mutating func someAmount(_ base: Whole) -> Amount {
        switch random.below(40) {
        case 0: return Amount(random.pick([0, -1, .max, .min, 1 << 60]))
        case 1..<4: return Amount(1)
        case 4..<6: return Amount(Int64(clamping: base))
        default: return Amount(Int64(clamping: max(1, base * Whole(random.within(1...70)) / 100)))
        }
    }

    mutating func someKey(_ account: AccountID) -> RequestKey {
        if !random.chance(15) { return .none }
        return RequestKey(
            low: UInt64(1_000 + random.below(6)),
            high: UInt64(bitPattern: Int64(account.raw)) &+ 5
        )
    }

    mutating func someSide(_ auditor: Auditor, _ c: inout PlaceOrder) {
        c.side = random.chance(50) ? .buy : .sell
        let hedge =
            c.account.raw >= 3 && Int(c.account.raw) < auditor.accounts.count
            && auditor.accounts[Int(c.account.raw)].hedge
        if hedge != random.chance(1) { c.positionSide = random.chance(50) ? .long : .short }
    }

    mutating func someName(_ account: AccountID) -> ClientID {
        var name = ClientID()
        if !random.chance(12) { return name }
        _ = name.append(UInt8(97 + random.below(4)))
        _ = name.append(UInt8(33 + (Int(truncatingIfNeeded: account.raw) & 15)))
        return name
    }

    // MARK: orders

    mutating func drawLimit(_ auditor: Auditor) -> PlaceOrder {
        var c = PlaceOrder(account: someAccount(auditor), market: someMarket(auditor))
        let market = at(c.market, auditor)
        someSide(auditor, &c)
        c.price = somePrice(market, auditor)
        c.quantity = someQuantity(market, auditor, c.account)
        c.timeInForce = random.pick([.gtc, .gtc, .gtc, .gtc, .gtc, .gte, .ioc, .fok, .gtx, .gtd])
        if c.timeInForce == .gtd {
            c.goodTill = Timestamp(at + Int64(random.pick([1, 1_000_000, 60_000_000, 600_000_000])))
        }
        c.reduceOnly = random.chance(10)
        c.selfTrade = random.pick([.expireTaker, .expireMaker, .expireBoth])
        c.clientID = someName(c.account)
        return c
    }

    mutating func drawMarketOrder(_ auditor: Auditor) -> PlaceOrder {
        var c = drawLimit(auditor)
        c.type = .market
        if c.timeInForce == .gte { c.timeInForce = random.chance(5) ? .gte : .gtc }
        c.price = random.chance(1) ? Price(5) : .none
        c.goodTill = Timestamp(0)
        if c.timeInForce == .gtx || c.timeInForce == .gtd { c.timeInForce = .gtc }
        return c
    }

    mutating func drawConditional(_ auditor: Auditor) -> PlaceOrder {
        var c = drawLimit(auditor)
        let market = at(c.market, auditor)
        c.goodTill = Timestamp(0)
        if c.timeInForce == .gtd { c.timeInForce = .gtc }
        c.type = random.pick([
            .stop, .stopMarket, .stopMarket, .takeProfit, .takeProfitMarket, .trailingStopMarket,
        ])
        if !c.type.hasLimit {
            c.price = .none
            if c.timeInForce == .gtx { c.timeInForce = .gtc }
        }
        c.workingType = random.chance(50) ? .last : .mark
        c.reduceOnly = random.chance(40)
        c.priceProtect = random.chance(25)
        if c.type == .trailingStopMarket {
            c.callbackRate = Rate(Int64(random.pick([100_000, 1_000_000, 10_000_000, 99_999])))
            if random.chance(40) { c.activatePrice = somePrice(market, auditor) }
        } else {
            let mark = around(market, auditor)
            let away = max(1, mark * Int64(random.within(1...12)) / 100)
            let above = (c.side == .buy) == (c.type == .stop || c.type == .stopMarket)
            c.triggerPrice = Price(max(1, above != random.chance(8) ? mark + away : mark - away))
            if c.type.hasLimit {
                c.price = Price(max(1, c.triggerPrice.ticks + Int64(random.within(-3...3))))
                if random.chance(30) {
                    c.priceMatch = random.pick([.opponent, .opponent5, .queue, .queue5, .queue20])
                    if !random.chance(3) { c.price = .none }
                }
            }
            if !c.type.hasLimit && random.chance(30) {
                c.closePosition = true
                c.reduceOnly = false
                c.quantity = .zero
            }
        }
        return c
    }

    mutating func drawAmend(_ auditor: Auditor) -> AmendOrder {
        var c = AmendOrder()
        guard let order = auditor.orders.randomElement(using: &random) else { return c }
        c.account = AccountID(Int32(order.account))
        c.market = MarketID(Int32(order.market))
        if order.clientID.isEmpty || random.chance(50) {
            c.order = OrderID(order.id)
        } else {
            c.clientID = order.clientID
        }
        if random.chance(60) { c.price = somePrice(order.market, auditor) }
        c.hasSide = random.chance(40)
        c.side = order.buy != random.chance(5) ? .buy : .sell
        switch random.below(5) {
        case 0: c.quantity = Quantity(Int64(clamping: order.quantity / 2))
        case 1: c.quantity = Quantity(Int64(clamping: order.quantity * 2))
        case 2: c.quantity = Quantity(Int64(clamping: order.filled))
        default: break
        }
        return c
    }

    mutating func drawCancel(_ auditor: Auditor) -> Command {
        if random.chance(15) {
            var c = CancelAll()
            c.account = someAccount(auditor)
            c.market = random.chance(50) ? .none : someMarket(auditor)
            return .cancelAll(c)
        }
        if random.chance(20) {
            var c = Countdown()
            c.account = someAccount(auditor)
            c.market = someMarket(auditor)
            c.milliseconds = Int64(random.pick([0, 1, 5_000, 60_000, 86_400_000, 86_400_001, -1]))
            return .countdown(c)
        }
        var c = CancelOrder()
        guard let order = auditor.orders.randomElement(using: &random) else { return .cancelOrder(c) }
        c.account = AccountID(Int32(order.account))
        c.market = MarketID(Int32(order.market))
        if order.clientID.isEmpty || random.chance(50) {
            c.order = OrderID(random.chance(3) ? order.id + 50 : order.id)
        } else {
            c.clientID = order.clientID
        }
        return .cancelOrder(c)
    }

    // MARK: settings

    mutating func drawHedge(
        _ auditor: Auditor,
        _ account: AccountID,
        _ market: MarketID
    ) -> SetHedge {
        var c = SetHedge()
        c.account = account
        c.market = market
        c.group = Int32(random.pick([1, 1, 1, 1, 2, 0, -1, 1_001]))
        let known = account.raw >= 3 && Int(account.raw) < auditor.accounts.count
        let hedge = known && auditor.accounts[Int(account.raw)].hedge
        if hedge != random.chance(3) { c.positionSide = random.chance(50) ? .long : .short }
        return c
    }

    mutating func drawSetting(_ auditor: Auditor) -> Command {
        let account = someAccount(auditor)
        let market = someMarket(auditor)
        if random.chance(25) { return .setHedge(drawHedge(auditor, account, market)) }
        switch random.below(options.tame ? 8 : 14) {
        case 0..<7:
            var c = SetLeverage(account: account, market: market)
            let most = Int(auditor.markets[at(market, auditor)].tiers[0].leverage)
            c.leverage = Int32(random.chance(60) ? most : random.within(0...(most + 1)))
            return .setLeverage(c)
        case 7:
            let c = SetPositionMode(account: account, mode: random.chance(60) ? .hedge : .oneWay)
            return .setPositionMode(c)
        case 8..<11:
            var c = SetMarginMode()
            c.account = account
            c.market = market
            c.mode = random.chance(70) ? .isolated : .cross
            return .setMarginMode(c)
        default:
            var c = AdjustIsolatedMargin(account: account, market: market)
            for other in auditor.accounts.indices where other > 2 {
                let legs = auditor.accounts[other].legs.filter { $0.isolatedCash > 0 }
                if let leg = legs.first, random.chance(50) {
                    c.account = AccountID(Int32(other))
                    c.market = MarketID(Int32(leg.market))
                    c.positionSide = leg.side
                }
            }
            c.amount = someAmount(Whole(typical) / 20)
            if random.chance(50) && c.amount.units != .min { c.amount = Amount(-c.amount.units) }
            c.key = someKey(c.account)
            return .adjustIsolatedMargin(c)
        }
    }

    mutating func drawOffer(_ auditor: Auditor) -> Offer {
        var c = Offer()
        c.account = someAccount(auditor)
        c.market = someMarket(auditor)
        c.side = random.chance(50) ? .buy : .sell
        c.quantity = random.chance(8) ? .zero : someQuantity(at(c.market, auditor), auditor, c.account)
        c.edge = Rate(Int64(random.pick([0, 1, 100_000, 500_000, 5_000_000, 100_000_000])))
        if random.chance(1) { c.edge = Rate(-1) }
        return c
    }

    // MARK: prices and cash

    mutating func drawPrice(_ auditor: Auditor) -> Command {
        let id = someMarket(auditor)
        let market = at(id, auditor)
        let mark = around(market, auditor)
        var ticks = mark
        switch random.below(20) {
        case 0: ticks = random.pick([0, -1, -5, 1, 1 << 30 - 1, 1 << 30, .max, .min])
        case 1: ticks = market < scale.count ? scale[market] : mark
        case 2..<5: ticks = mark + mark * Int64(random.within(-25...25)) / 100
        case 5..<10: ticks = mark + mark * Int64(random.within(-50...50)) / 1_000
        default: ticks = mark + Int64(random.within(-3...3))
        }
        if ticks < 1 && mark < 10 && random.chance(90) { ticks = 1 }
        if isWide && random.chance(20) { ticks = farPrice(mark) }
        var source = random.chance(1) ? random.pick([-1, 16]) : random.pick([0, 0, 0, 0, 1, 2])
        if random.chance(3) {
            // A second source that says something else.
            source = 1
            ticks = mark + mark * Int64(random.pick([-60, -30, -11, -9, 9, 11, 30, 60])) / 100
        }
        var c = drawPrice(market, Price(ticks), source: source)
        c.market = id
        return .price(c)
    }

    /// A price many times the mark, or a small part of it.
    mutating func farPrice(_ mark: Int64) -> Int64 {
        let times = Int64(random.pick([3, 5, 9, 100, 600_000]))
        return max(1, min(1 << 30 - 1, random.chance(70) ? mark * times : mark / times))
    }

    mutating func drawFunding(_ auditor: Auditor) -> FundingUpdate {
        var c = FundingUpdate(market: someMarket(auditor), hasRate: random.chance(70))
        if c.hasRate { c.rate = Rate(Int64(random.within(-3_000_000...3_000_000))) }
        if c.hasRate && random.chance(3) { c.rate = Rate(random.pick([100_000_000, 100_000_001, .min])) }
        c.key = someKey(.none)
        return c
    }

    mutating func drawCash(_ auditor: Auditor) -> Command {
        let account = someAccount(auditor)
        let known = account.raw >= 3 && Int(account.raw) < auditor.accounts.count
        let cash = known ? auditor.accounts[Int(account.raw)].cash : 100
        switch random.below(20) {
        case 0..<9:
            var c = Deposit()
            c.account = random.chance(6) ? .fund : account
            c.amount = someAmount(Whole(typical) / 10)
            c.key = someKey(c.account)
            return .deposit(c)
        case 9..<15:
            let c = Withdraw(account: account, amount: someAmount(max(1, cash)), key: someKey(account))
            return .withdraw(c)
        default:
            var c = Transfer()
            c.source = account
            c.target = someAccount(auditor)
            c.amount = someAmount(max(1, cash))
            c.key = someKey(account)
            return .transfer(c)
        }
    }
}
