/// An account as the outside sees it.
public struct AccountView: Sendable {
    /// Its number.
    public var account = AccountID.none
    /// Whose it is.
    public var owner = OwnerID(0)
    /// One position a market, or one a side.
    public var positionMode = PositionMode.oneWay
    /// Whether its kill switch is on.
    public var isKilled = false
    /// Whether the cross margin account is in liquidation.
    public var isInLiquidation = false
    /// Cash of the cross margin account.
    public var cash = Amount.zero
    /// Equity of the cross margin account.
    public var crossEquity: Int128 = 0
    /// Equity of cross and isolated margin accounts together.
    public var equity = Amount.zero
    /// Maintenance margin of the cross margin account.
    public var maintenance: Int128 = 0
    /// What positions and open orders require of the cross margin account (MG-1).
    public var requirement: Int128 = 0
    /// Equity of the cross margin account as the gates count it (PX-4), less what is required.
    public var available: Int128 = 0
    /// One with nothing in it, for who fills it in.
    public init() {}
}

/// A position as the outside sees it; its size may be zero.
public struct PositionView: Sendable {
    /// The market.
    public var market = MarketID.none
    /// Which position of the market.
    public var positionSide = PositionSide.both
    /// Lots, positive is long.
    public var size = Quantity.zero
    /// The quote: minus what the position cost (LED-3).
    public var quote = Amount.zero
    /// What the position cost: minus the quote; positive for a long.
    public var entryNotional = Amount.zero
    /// Cross or isolated.
    public var mode = MarginMode.cross
    /// Cash of its own margin account; zero in cross mode.
    public var isolatedCash = Amount.zero
    /// Unrealised profit at the valuation price.
    public var unrealized: Int128 = 0
    /// Maintenance margin.
    public var maintenance: Int128 = 0
    /// The user's choice.
    public var leverage: Int32 = 0
    /// Whether the position's margin account is in liquidation.
    public var isInLiquidation = false
    /// The hedge that the account marked it for (ADL-18); 0 for none.
    public var hedge: Int32 = 0
    /// One with nothing in it, for who fills it in.
    public init() {}
}

/// An open order as the outside sees it.
public struct OrderView: Sendable {
    /// Its number.
    public var id = OrderID.none
    /// Whose it is.
    public var account = AccountID.none
    /// The market.
    public var market = MarketID.none
    /// Which position of the market.
    public var positionSide = PositionSide.both
    /// Buy or sell.
    public var side = Side.buy
    /// What it is.
    public var type = OrderType.limit
    /// How long it may wait.
    public var timeInForce = TimeInForce.gtc
    /// Its limit; none without.
    public var price = Price.none
    /// Where a conditional order fires; none for a trailing order that is not active.
    public var triggerPrice = Price.none
    /// Lots altogether, filled ones included.
    public var quantity = Quantity.zero
    /// Lots filled.
    public var filled = Quantity.zero
    /// Whether it never opens or adds.
    public var reduceOnly = false
    /// Whether it lies in the book; otherwise it waits for a trigger.
    public var isResting = false
    /// The client's own name for it.
    public var clientID = ClientID.none
    /// One with nothing in it, for who fills it in.
    public init() {}
}

/// A market as the outside sees it.
public struct MarketView: Sendable {
    /// Its name.
    public var symbol = Symbol(low: 0, high: 0)
    /// Quote currency a tick, in 10⁻⁸.
    public var tickSize: Int64 = 0
    /// Base currency a lot, in 10⁻⁸.
    public var lotSize: Int64 = 0
    /// u: the worth of one lot at one tick, in 10⁻⁸.
    public var unitValue: Int64 = 0
    /// What it takes.
    public var state = MarketState.open
    /// The last valid mark.
    public var mark = Price.none
    /// The mark before it.
    public var previousMark = Price.none
    /// What positions count at besides while the price is not valid (PX-4).
    public var latestMark = Price.none
    /// The index price.
    public var index = Price.none
    /// What the index is worth.
    public var validity = PriceValidity.none
    /// Lots long, which is lots short.
    public var openInterest = Quantity.zero
    /// Price of the last trade.
    public var lastPrice = Price.none
    /// The highest bid.
    public var bestBid = Price.none
    /// The lowest ask.
    public var bestAsk = Price.none
    /// One with nothing in it, for who fills it in.
    public init() {}
}

/// Reading the state. Nothing here changes it.
extension Exchange {
    /// The number that the next accepted order will get.
    public var nextOrder: Int64 { lastOrder + 1 }

    /// Orders that rest in books, conditional ones left out.
    public var restingOrders: Int { book.orders.live - conditions.live }

    /// The number that the next command must carry.
    public var nextSequence: UInt64 { lastSequence + 1 }
    /// The time of the last command.
    public var now: Timestamp { clock }
    /// When something is due next, or never.
    public var nextDeadline: Timestamp { deadlines.earliest }
    /// Whether nothing but `continue` is taken.
    public var isWaterfallPending: Bool { waterfall.isPending }
    /// Number of accounts, the venue's three included.
    public var accountCount: Int32 { Int32(truncatingIfNeeded: accounts.count) }
    /// Number of markets.
    public var marketCount: Int32 { Int32(truncatingIfNeeded: markets.count) }
    /// What the insurance fund has.
    public var fund: Amount { Amount(Int64(fundBalance)) }
    /// What the insurance fund owes.
    public var debt: Amount { Amount(Int64(fundDebt)) }
    /// Cash of the fee account.
    public var fees: Amount { margins[venue(.fees)].cash }
    /// Equity of the backstop vault.
    public var vaultEquity: Amount { Amount(Int64(clamping: vaultHealth.equity)) }
    /// All vault shares.
    public var vaultTotalShares: Int64 { vault.totalShares }
    /// Everything that ever came in from outside.
    public var deposits: Amount { totalDeposits }
    /// Everything that ever went out.
    public var withdrawals: Amount { totalWithdrawals }
    /// Number of episodes of the waterfall so far.
    public var episodes: Int64 { lastEpisode }

    /// An account, or nil if there is none. O(positions).
    public func accountView(_ id: AccountID) -> AccountView? {
        if id.raw < 0 || Int(id.raw) >= accounts.count { return nil }
        let margin = accounts[id.raw].margin
        let cross = health(margin)
        var view = AccountView()
        view.account = id
        view.owner = accounts[id.raw].owner
        view.positionMode = accounts[id.raw].mode
        view.isKilled = accounts[id.raw].isKilled
        view.isInLiquidation = margins[margin].isInLiquidation
        view.cash = margins[margin].cash
        view.crossEquity = cross.equity
        view.maintenance = cross.maintenance
        view.requirement = requirements(id.raw)
        view.available = available(id.raw)
        var equity = cross.equity
        var position = accounts[id.raw].firstPosition
        while position >= 0 {
            if positions[position].isIsolated {
                equity +=
                    Int128(isolatedCash(position).units)
                    + (positions[position].isOpen ? unrealized(position) : 0)
            }
            position = positions[position].next
        }
        view.equity = Amount(Int64(clamping: equity))
        return view
    }

    /// Calls `body` for every position of an account, in the order in which they were first touched.
    public func forEachPosition(of id: AccountID, _ body: (PositionView) -> Void) {
        if id.raw < 0 || Int(id.raw) >= accounts.count { return }
        var position = accounts[id.raw].firstPosition
        while position >= 0 {
            body(view(position))
            position = positions[position].next
        }
    }

    private func view(_ position: Int32) -> PositionView {
        var view = PositionView()
        view.market = MarketID(positions[position].market)
        view.positionSide = positions[position].side
        view.size = positions[position].size
        view.quote = positions[position].quote
        view.entryNotional = -positions[position].quote
        view.mode = positions[position].isIsolated ? .isolated : .cross
        view.isolatedCash = isolatedCash(position)
        if positions[position].isOpen {
            view.unrealized = unrealized(position)
            view.maintenance = maintenance(positions[position].market, notional(position))
        }
        view.leverage = positions[position].leverage
        view.isInLiquidation = margins[positions[position].margin].isInLiquidation
        view.hedge = hedge(of: position)
        return view
    }

    /// Calls `body` for every open order of an account, by position, oldest first.
    public func forEachOrder(of id: AccountID, _ body: (OrderView) -> Void) {
        if id.raw < 0 || Int(id.raw) >= accounts.count { return }
        var position = accounts[id.raw].firstPosition
        while position >= 0 {
            var order = positions[position].firstOrder
            while order >= 0 {
                body(orderView(order))
                order = book.orders[order].nextOfPosition
            }
            position = positions[position].next
        }
    }

    private func orderView(_ order: Int32) -> OrderView {
        let position = book.orders[order].position
        var view = OrderView()
        view.id = book.orders[order].id
        view.account = AccountID(positions[position].account)
        view.market = MarketID(positions[position].market)
        view.positionSide = positions[position].side
        view.side = book.orders[order].side
        view.type = book.orders[order].type
        view.timeInForce = book.orders[order].timeInForce
        view.price = book.orders[order].price
        view.quantity = book.orders[order].quantity
        view.filled = book.orders[order].filled
        view.reduceOnly = book.orders[order].reduceOnly
        view.isResting = book.orders[order].isResting
        if book.orders[order].condition >= 0 {
            view.triggerPrice = conditions[book.orders[order].condition].trigger
        }
        if book.orders[order].client >= 0 { view.clientID = clients[book.orders[order].client].id }
        return view
    }

    /// A market, or nil if there is none.
    public func marketView(_ id: MarketID) -> MarketView? {
        if id.raw < 0 || Int(id.raw) >= markets.count { return nil }
        var view = MarketView()
        view.symbol = markets[id.raw].specification.symbol
        view.tickSize = markets[id.raw].specification.tickSize
        view.lotSize = markets[id.raw].specification.lotSize
        view.unitValue = markets[id.raw].unitValue
        view.state = markets[id.raw].state
        view.mark = markets[id.raw].mark
        view.previousMark = markets[id.raw].previousMark
        view.latestMark = markets[id.raw].latestMark
        view.index = markets[id.raw].index
        view.validity = markets[id.raw].validity
        view.openInterest = markets[id.raw].openInterest
        view.lastPrice = markets[id.raw].lastPrice
        let bid = markets[id.raw].roots.bestBid
        let ask = markets[id.raw].roots.bestAsk
        if bid >= 0 { view.bestBid = Price(book.levels[bid].price) }
        if ask >= 0 { view.bestAsk = Price(book.levels[ask].price) }
        return view
    }

    /// The rules of a market as they stand, brackets included, or nil if there is none.
    public func marketSpecification(_ id: MarketID) -> MarketSpecification? {
        if id.raw < 0 || Int(id.raw) >= markets.count { return nil }
        return markets[id.raw].specification
    }

    /// The rate that a funding payment would have now (FUND-2), or nil if there is no such market.
    public func expectedFunding(_ id: MarketID) -> Rate? {
        if id.raw < 0 || Int(id.raw) >= markets.count { return nil }
        return Rate(Int64(fundingRate(id.raw)))
    }

    /// Calls `body` with price and lots of the best levels of a side, best first, at most `count`.
    public func forEachLevel(_ id: MarketID, _ side: Side, count: Int, _ body: (Price, Quantity) -> Void) {
        if id.raw < 0 || Int(id.raw) >= markets.count { return }
        var level = side == .buy ? markets[id.raw].roots.bestBid : markets[id.raw].roots.bestAsk
        var left = count
        while level >= 0 && left > 0 {
            body(Price(book.levels[level].price), book.levels[level].quantity)
            left -= 1
            level = nextLevel(id.raw, side, level)
        }
    }

    /// Calls `body` for every resting order of a side in the order in which a taker meets them (BK-2).
    public func forEachResting(_ id: MarketID, _ side: Side, _ body: (OrderView) -> Void) {
        if id.raw < 0 || Int(id.raw) >= markets.count { return }
        var level = side == .buy ? markets[id.raw].roots.bestBid : markets[id.raw].roots.bestAsk
        while level >= 0 {
            var order = book.levels[level].first
            while order >= 0 {
                body(orderView(order))
                order = book.orders[order].next
            }
            level = nextLevel(id.raw, side, level)
        }
    }

    /// The next level of a side behind one, further from the best, or -1.
    private func nextLevel(_ market: Int32, _ side: Side, _ level: Int32) -> Int32 {
        let price = book.levels[level].price
        return side == .buy
            ? book.prices.below(markets[market].roots.bids, price)
            : book.prices.above(markets[market].roots.asks, price)
    }
}
