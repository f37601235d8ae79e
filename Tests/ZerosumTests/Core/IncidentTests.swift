import ExchangeCore
import TestSupport
import Testing

/// Incidents that are too large for a scenario file.
@Suite("Incidents") struct IncidentTests {
    private struct World: ~Copyable {
        var exchange = Exchange()
        var events = EventBuffer()
        var losers: [AccountID] = []
        var shorts: [AccountID] = []
        var hedger = AccountID.none

        mutating func apply(_ command: Command) -> Status {
            events.removeAll()
            var applied = 0
            return exchange.submit(command, at: exchange.now, applied: &applied, into: &events)
        }

        mutating func open(_ amount: Int64) -> AccountID {
            #expect(apply(.openAccount(OpenAccount())) == .ok)
            var deposit = Deposit()
            deposit.account = AccountID(exchange.accountCount - 1)
            deposit.amount = Amount(amount * 100_000_000)
            #expect(apply(.deposit(deposit)) == .ok)
            return deposit.account
        }

        mutating func price(_ market: Int32, _ ticks: Int64) {
            #expect(apply(.price(PriceUpdate(market: MarketID(market), price: Price(ticks)))) == .ok)
        }

        mutating func trade(
            _ market: Int32,
            seller: AccountID,
            buyer: AccountID,
            _ price: Int64,
            _ lots: Int64
        ) {
            for (account, side) in [(seller, Side.sell), (buyer, Side.buy)] {
                var order = PlaceOrder()
                order.account = account
                order.market = MarketID(market)
                order.side = side
                order.type = .limit
                order.price = Price(price)
                order.quantity = Quantity(lots)
                #expect(apply(.placeOrder(order)) == .ok)
            }
        }

        func size(_ account: AccountID, _ market: Int32) -> Int64 {
            var found: Int64 = 0
            exchange.forEachPosition(of: account) {
                if $0.market == MarketID(market) { found = $0.size.lots }
            }
            return found
        }
    }

    /// One book of 44 markets, no bids, no fund: the same three people in each.
    private func world(_ markets: Int32) -> World {
        var world = World()
        let hedger = world.open(100_000)
        let rich = world.open(10_000_000)
        world.hedger = hedger
        for market in 0..<markets {
            var it = MarketSpecification()
            it.symbol.set(0, 65 + UInt8(market / 10))
            it.symbol.set(1, 48 + UInt8(market % 10))
            it.tickSize = 100_000_000
            it.lotSize = 100_000_000
            it.selection = market.isMultiple(of: 2) ? .whale : .hyperliquid
            it.hedges = .honoured
            _ = it.table.append(Tier(upTo: .unlimited, maintenance: Rate(1_000_000), leverage: 20))
            #expect(world.apply(.createMarket(it)) == .ok)
            let loser = world.open(60)
            let short = world.open(500)
            world.losers.append(loser)
            world.shorts.append(short)
            world.price(market, 100)
            world.trade(market, seller: short, buyer: loser, 100, 10)
            // The hedger is long the even markets and short the odd ones.
            let isLong = market.isMultiple(of: 2)
            world.trade(market, seller: isLong ? rich : hedger, buyer: isLong ? hedger : rich, 100, 5)
            let hedge = SetHedge(account: hedger, market: MarketID(market), group: 1)
            #expect(world.apply(.setHedge(hedge)) == .ok)
        }
        return world
    }

    @Test("INC-1010: 44 markets fall by a third at one moment; who is deleveraged, where, and for how much")
    func cascade() {
        var world = self.world(44)
        let losers = world.losers
        let shorts = world.shorts
        let hedger = world.hedger
        let sum = world.exchange.deposits
        for market in 0..<44 as Range<Int32> {
            let hedged = world.size(hedger, market)
            world.price(market, 67)
            var markets: Set<Int32> = []
            var closed: Int64 = 0
            var givenUp: Int64 = 0
            world.events.forEach { event in
                if case .closing(let it) = event {
                    markets.insert(it.market.raw)
                    closed += it.quantity.lots
                    givenUp -= it.adjustment.units
                    #expect(it.kind == .deleveraging)
                }
            }
            // 330 lost, 60 there: 270 are missing, and the ten lots are closed against that market's short.
            #expect(markets == [market] && closed == 10 && givenUp == 27_000_000_000)
            #expect(world.size(losers[Int(market)], market) == 0)
            #expect(world.exchange.accountView(losers[Int(market)])?.equity == .zero)
            #expect(world.exchange.accountView(shorts[Int(market)])?.cash == Amount(56_000_000_000))
            // The hedged leg comes behind the short that is free, so no leg is left naked.
            #expect(world.size(hedger, market) == hedged)
        }
        #expect(world.exchange.episodes == 44)
        #expect(world.exchange.debt == .zero && world.exchange.fund == .zero)
        #expect(world.exchange.deposits == sum)
    }
}
