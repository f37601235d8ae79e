public import ExchangeCore

/// What a reply needs to know of the core, to be read on its thread (WIRE-15).
public enum CoreRead: Sendable {
    /// Nothing.
    case nothing
    /// One market's prices and open interest, or all markets'.
    case markets(MarketID?)
    /// An account with its positions, and whether their lights are wanted, which cost O(positions of the
    /// market) each.
    case account(AccountID, lights: Bool)
    /// The open orders of an account in a market: the conditional ones, or the others.
    case openOrders(AccountID, MarketID, conditional: Bool)
    /// A conditional order by its number or name.
    case conditionalOrder(AccountID, OrderReference)
}

/// What was read.
public enum CoreValue: Sendable {
    case nothing
    case markets([MarketSnapshot])
    case account(AccountSnapshot)
    case orders([OpenOrder])
}

/// An open order's number and market.
public struct OpenOrder: Hashable, Sendable {
    /// Its number.
    public var id: OrderID
    /// Its market.
    public var market: MarketID
    /// Its client's name.
    public var clientID = ClientID.none
}

/// A market's prices as the core has them.
public struct MarketSnapshot: Sendable {
    /// Its number.
    public var id = MarketID.none
    /// Marks, index, open interest, best prices.
    public var view = MarketView()
    /// The rate that a funding payment would have now.
    public var expectedFunding = Rate.zero
}

/// An account with its positions as the core has them.
public struct AccountSnapshot: Sendable {
    /// Cash, equity, margins of the cross bucket.
    public var view = AccountView()
    /// All legs that the account ever touched, with what their open orders need.
    public var legs: [LegSnapshot] = []
    /// The market's view of every leg above, by market number.
    public var markets: [MarketID: MarketView] = [:]
}

/// A leg and its open orders.
public struct LegSnapshot: Sendable {
    /// The position.
    public var position = PositionView()
    /// Lights, 0 to 5; 0 if they were not asked for.
    public var lights: Int32 = 0
    /// Worth of the open buys that may open, each at the higher of its price and the mark.
    public var bidNotional: Int128 = 0
    /// Worth of the open sells that may open, at their prices.
    public var askNotional: Int128 = 0
    /// What those orders would lose at the mark at once.
    public var lossAtMark: Int128 = 0
    /// Open orders, conditional ones included.
    public var orders = 0
}

extension Query {
    /// What the core has to be asked for.
    func read(of account: AccountID) -> CoreRead {
        switch self {
        case .premiumIndex(let market): .markets(market)
        case .openInterest(let market): .markets(market)
        case .adlRisk(let market): .markets(market)
        case .account, .balance: .account(account, lights: false)
        case .accountConfig, .positionMode, .symbolConfig: .account(account, lights: false)
        case .positionRisk(let version, _): .account(account, lights: version == 3)
        case .adlQuantile: .account(account, lights: true)
        default: .nothing
        }
    }
}

extension Exchange {
    /// Reads what a reply needs. Changes nothing; O(legs and orders of the account).
    public func read(_ wanted: CoreRead) -> CoreValue {
        switch wanted {
        case .nothing: return .nothing
        case .markets(let market):
            if let market { return .markets(snapshot(of: market).map { [$0] } ?? []) }
            return .markets((0..<max(0, marketCount)).compactMap { snapshot(of: MarketID($0)) })
        case .account(let account, let lights): return .account(snapshot(of: account, lights: lights))
        case .openOrders(let account, let market, let conditional):
            var orders: [OpenOrder] = []
            forEachOrder(of: account) { order in
                if order.market == market && order.isResting != conditional {
                    orders.append(OpenOrder(id: order.id, market: market, clientID: order.clientID))
                }
            }
            return .orders(orders)
        case .conditionalOrder(let account, let reference):
            var found: [OpenOrder] = []
            forEachOrder(of: account) { order in
                let isIt =
                    reference.id == .none ? order.clientID == reference.clientID : order.id == reference.id
                if isIt && !order.isResting && !(reference.id == .none && reference.clientID.isEmpty) {
                    found.append(OpenOrder(id: order.id, market: order.market))
                }
            }
            return .orders(Array(found.prefix(1)))
        }
    }

    private func snapshot(of market: MarketID) -> MarketSnapshot? {
        guard let view = marketView(market) else { return nil }
        var snapshot = MarketSnapshot()
        snapshot.id = market
        snapshot.view = view
        snapshot.expectedFunding = expectedFunding(market) ?? .zero
        return snapshot
    }

    private func snapshot(of account: AccountID, lights: Bool) -> AccountSnapshot {
        var snapshot = AccountSnapshot()
        guard let view = accountView(account) else { return snapshot }
        snapshot.view = view
        var legs: [LegSnapshot] = []
        forEachPosition(of: account) { position in
            var leg = LegSnapshot()
            leg.position = position
            legs.append(leg)
        }
        for index in legs.indices {
            let position = legs[index].position
            if let market = marketView(position.market) { snapshot.markets[position.market] = market }
            if lights && position.size.lots != 0 {
                legs[index].lights = self.lights(account, position.market, position.positionSide)
            }
        }
        let markets = snapshot.markets
        forEachOrder(of: account) { order in
            guard
                let index = legs.firstIndex(where: {
                    $0.position.market == order.market && $0.position.positionSide == order.positionSide
                }), let market = markets[order.market]
            else { return }
            legs[index].orders += 1
            if order.isResting && !order.reduceOnly { legs[index].add(order, market) }
        }
        snapshot.legs = legs
        return snapshot
    }
}

extension LegSnapshot {
    /// Counts a resting order as the core does (MG-1).
    mutating func add(_ order: OrderView, _ market: MarketView) {
        let lots = Int128((order.quantity - order.filled).lots)
        let mark = market.mark.ticks
        let price = order.price.ticks
        let u = Int128(market.unitValue)
        if order.side == .buy {
            bidNotional += lots * Int128(max(price, mark)) * u
            if mark > 0 && price > mark { lossAtMark += lots * Int128(price - mark) * u }
        } else {
            askNotional += lots * Int128(price) * u
            if price < mark { lossAtMark += lots * Int128(mark - price) * u }
        }
    }
}
