import ExchangeCore

// Worlds in which nearly everything that happens is deleveraging: positions from hand to hand, hedges,
// and prices that jump.

extension Workload {
    mutating func drawBeforeCrash(_ auditor: Auditor) -> Command {
        switch random.below(100) {
        case 0..<62: return drawPair(auditor)
        case 62..<72: return markEverything(auditor)
        case 72..<73: return drawSetting(auditor)
        case 73..<78: return drawCash(auditor)
        case 78..<80: return drawAdmin(auditor)
        case 80..<83: return .placeOrder(drawLimit(auditor))
        default:
            let market = random.below(auditor.markets.count)
            let mark = around(market, auditor)
            // One market without a price while positions stand in the others.
            if random.chance(6) { return .price(drawPrice(market, Price(0), source: 0)) }
            if isWide && random.chance(15) {
                return .price(drawPrice(market, Price(farPrice(mark)), source: 0))
            }
            let move = max(1, mark * Int64(random.within(1...45)) / 100)
            let price = random.chance(50) ? mark + move : max(1, mark - move)
            // A market that ends while positions stand in the others, of which one is always left.
            let open = auditor.markets.count { $0.state != .settled }
            if !options.tame && open > 1 && auditor.markets[market].state != .settled && random.chance(2) {
                return .settle(Settle(market: MarketID(Int32(market)), price: Price(price)))
            }
            return .price(drawPrice(market, Price(price), source: 0))
        }
    }

    /// One account sells to another at the mark.
    private mutating func drawPair(_ auditor: Auditor) -> Command {
        let market = random.below(auditor.markets.count)
        var orders: [PlaceOrder] = []
        for side in [Side.sell, .buy] {
            var c = PlaceOrder(account: someAccount(auditor), market: MarketID(Int32(market)))
            someSide(auditor, &c)
            c.side = side
            c.price = Price(around(market, auditor))
            c.quantity = someQuantity(market, auditor, c.account)
            c.timeInForce = side == .buy ? .ioc : .gtc
            orders.append(c)
        }
        let least = min(orders[0].quantity.lots, orders[1].quantity.lots)
        if least > 0 && random.chance(80) {
            orders[0].quantity = Quantity(least)
            orders[1].quantity = Quantity(least)
        }
        following.append(.placeOrder(orders[1]))
        return .placeOrder(orders[0])
    }

    /// An account puts all its legs into one hedge.
    private mutating func markEverything(_ auditor: Auditor) -> Command {
        let account = someAccount(auditor)
        let known = account.raw >= 3 && Int(account.raw) < auditor.accounts.count
        let isHedge = known && auditor.accounts[Int(account.raw)].hedge
        for market in auditor.markets.indices {
            for side in isHedge ? [PositionSide.long, .short] : [.both] {
                var c = SetHedge()
                c.account = account
                c.market = MarketID(Int32(market))
                c.positionSide = side
                c.group = 1
                following.append(.setHedge(c))
            }
        }
        return .setHedge(drawHedge(auditor, account, someMarket(auditor)))
    }
}
