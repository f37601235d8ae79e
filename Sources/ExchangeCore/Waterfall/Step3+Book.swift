/// Step 3, and the second try of step 4: into the book at the bankruptcy price (WF-3).
extension Exchange {
    /// One reduce-only IOC for each closable position, largest maintenance margin first, while needed.
    mutating func takeToBook(_ margin: MarginAccount.Index, retry: Bool, _ events: inout EventBuffer) {
        assert(margins[margin].isInLiquidation, "who is sold is in liquidation")
        orderPositions(margin, .byMaintenance)
        var index = 0
        while index < positionOrder.count {
            let health = health(margin)
            if !health.isUnderMaintenance { return }
            assert(!retry || waterfall.isCovered, "the book is tried once more when the deficit is covered")
            liquidate(positionOrder[index], health, retry: retry, &events)
            index += 1
        }
    }

    private mutating func liquidate(
        _ position: Int32,
        _ health: Health,
        retry: Bool,
        _ events: inout EventBuffer
    ) {
        let market = positions[position].market
        let long = positions[position].isLong
        let bankruptcy = bankruptcyPrice(position, health)
        let size = Int64(positions[position].size.lots.magnitude)
        let quantity =
            markets[market].specification.sizing == .whole
            ? size
            : min(size, justEnough(position, health, fee: markets[market].specification.liquidationFee))
        precondition(quantity >= 0 && quantity <= size, "no more is sold than there is")
        assert(markets[market].isClosable, "what is sold can be closed")
        var order = LiquidationOrder()
        order.episode = waterfall.episode.episode
        order.market = MarketID(market)
        order.side = long ? .sell : .buy
        order.quantity = Quantity(quantity)
        order.retry = retry
        let limit = retry ? Int128(markets[market].mark.ticks) : limit(of: bankruptcy, position)
        order.limit = Price(Int64(max(0, min(limit, Int128(Price.highest.ticks) + 1))))
        let bid = markets[market].roots.bestBid
        let ask = markets[market].roots.bestAsk
        order.bestBid = bid < 0 ? .none : Price(book.levels[bid].price)
        order.bestAsk = ask < 0 ? .none : Price(book.levels[ask].price)
        // Beyond the range of prices there is nobody: nothing is sent.
        if limit >= 1 && limit <= Int128(Price.highest.ticks) && quantity > 0 {
            waterfall.steps += 1
            order.depth = depth(market, order.side, Int64(limit))
            var taker = Taker(
                position: position,
                side: order.side,
                limit: Int64(limit),
                remaining: order.quantity,
                reduceOnly: true,
                selfTrade: .expireMaker
            )
            taker.episode = waterfall.episode.episode
            taker.bankruptcy = bankruptcy
            match(&taker, &events)
            precondition(
                taker.remaining.lots >= 0 && taker.remaining <= order.quantity,
                "no more is filled than was asked"
            )
            order.filled = order.quantity - taker.remaining
        }
        events.append(.liquidationOrder, order)
        expireUselessReduceOnly(&events)
    }

    /// The bankruptcy price in whole ticks, rounded in favour of the liquidated margin account (MG-6).
    private func limit(of bankruptcy: BankruptcyPrice, _ position: Int32) -> Int128 {
        let market = positions[position].market
        assert(positions[position].isOpen, "a bankruptcy price is one of a position")
        return Liquidation.bankruptcyPrice(
            mark: Int128(markets[market].mark.ticks),
            isLong: positions[position].isLong,
            bankruptcy,
            unitValue: markets[market].u
        )
    }

    /// Lots that stand at a limit or better.
    private func depth(_ market: Int32, _ side: Side, _ limit: Int64) -> Quantity {
        var depth: Int128 = 0
        var level = side == .buy ? markets[market].roots.bestAsk : markets[market].roots.bestBid
        while level >= 0
            && (side == .buy ? book.levels[level].price <= limit : book.levels[level].price >= limit)
        {
            depth += Int128(book.levels[level].quantity.lots)
            level =
                side == .buy
                ? book.prices.above(markets[market].roots.asks, book.levels[level].price)
                : book.prices.below(markets[market].roots.bids, book.levels[level].price)
        }
        assert(depth >= 0, "depth is not negative")
        assert(limit >= 1, "a limit is a price")
        return Quantity(Int64(clamping: depth))
    }

    /// `⌈((1+b)·MM − equity)·|size| / ((1+b)·MMposition − φ·notional)⌉`, the whole size if not smaller
    /// (WF-3).
    func justEnough(_ position: Int32, _ health: Health, fee: Rate) -> Int64 {
        let worth = notional(position)
        assert(health.isUnderMaintenance, "who lacks margin is closed")
        let lots = Liquidation.justEnough(
            size: Int128(positions[position].size.lots.magnitude),
            equity: health.equity,
            maintenance: health.maintenance,
            own: maintenance(positions[position].market, worth),
            notional: worth,
            buffer: markets[ruleMarket(positions[position].margin)].specification.buffer,
            fee: fee
        )
        return Int64(lots)
    }
}
