public import ExchangeCore
import ReadModel

/// Trades and closings: what they make of orders, own trades, positions and public prints.
extension Projection {
    mutating func positionChanged(_ event: PositionChanged) {
        let change = updateLeg(event)
        guard let fill = work.fill else {
            settledPosition(change)
            return
        }
        guard let first = fill.first else {
            work.fill?.first = change
            return
        }
        work.fill = nil
        if let trade = fill.trade {
            traded(trade, maker: first, taker: change)
        } else if let closing = fill.closing {
            closed(closing, own: first, other: change)
        }
    }

    private mutating func updateLeg(_ event: PositionChanged) -> LegChange {
        var change = LegChange(event: event)
        let number = Int(event.account.raw)
        if number < 0 || number >= accounts.count { return change }
        let place = accounts[number].place(event.market, event.positionSide)
        let before = accounts[number].legs[place]
        change.before = before.size
        accounts[number].legs[place].size = event.size
        accounts[number].legs[place].entryNotional = event.entryNotional
        accounts[number].legs[place].isolatedCash = event.isolatedCash
        accounts[number].legs[place].realized += Int128(event.realized.units)
        accounts[number].legs[place].updated = work.time
        // What it cost moves by what was paid: the new cost at entry plus what was realised less the old.
        let paid =
            Int128(event.entryNotional.units) - Int128(before.entryNotional.units)
            - Int128(event.realized.units)
        let isFlat = event.size.lots == 0
        let isNew = before.size.lots == 0 || (before.size.lots > 0) != (event.size.lots > 0)
        accounts[number].legs[place].cost =
            isFlat ? 0 : isNew ? Int128(event.entryNotional.units) : before.cost + paid
        if let market = self.place(event.market) {
            markets[market].openInterest += max(0, event.size.lots) - max(0, before.size.lots)
        }
        if !isUser(event.account) { return change }
        accounts[number].updated = work.time
        let told = work.touch(event.account, .order)
        if work.changes[told].market == .none { work.changes[told].market = event.market }
        let key = LegKey(market: event.market, side: event.positionSide)
        if !work.changes[told].legs.contains(key) { work.changes[told].legs.append(key) }
        return change
    }

    /// A fee makes a position dearer.
    private mutating func addCost(_ fee: Int128, _ change: PositionChanged) {
        if fee == 0 { return }
        let number = Int(change.account.raw)
        if number < 0 || number >= accounts.count || change.size.lots == 0 { return }
        let place = accounts[number].place(change.market, change.positionSide)
        accounts[number].legs[place].cost += fee
    }

    // MARK: Trades

    private mutating func traded(_ trade: Trade, maker: LegChange, taker: LegChange) {
        guard let place = place(trade.market), let entry = directory[trade.market] else { return }
        markets[place].lastTrade += 1
        let number = markets[place].lastTrade
        printTrade(trade, number, place, entry)
        fillOrder(trade, number, entry, isMaker: true, maker.event)
        if trade.kind == .liquidation {
            work.liquidation.append(LiquidationFill(trade: trade, number: number, change: taker))
        } else {
            fillOrder(trade, number, entry, isMaker: false, taker.event)
        }
    }

    /// The public side of a trade: print, aggregate, klines.
    private mutating func printTrade(_ trade: Trade, _ number: Int64, _ place: Int, _ entry: MarketEntry) {
        var record = PublicTrade()
        record.id = number
        record.price = trade.price
        record.quantity = trade.quantity
        record.takerSide = trade.takerSide
        record.time = work.time
        if isKeeping { kept.prints.append(Placed(trade.market, markets[place].trades.total, record)) }
        markets[place].trades.append(record)
        markets[place].lastPrice = trade.price
        markets[place].lastQuantity = trade.quantity
        markets[place].lastTime = work.time
        let quote = entry.worth(trade.quantity, trade.price)
        let lots = trade.quantity.lots
        let isBuy = trade.takerSide == .buy
        markets[place].klines[KlineSeries.last.rawValue].take(trade.price.ticks, at: work.time) { bar in
            bar.add(lots, ofTaker: isBuy ? lots : 0)
            bar.quote += quote
            if isBuy { bar.takerQuote += quote }
            bar.count += 1
            if bar.first < 0 { bar.first = number }
            bar.last = number
        }
        keepBars(place, .last)
        aggregate(trade, number)
        tradeMessage(record, trade.market)
    }

    private mutating func aggregate(_ trade: Trade, _ number: Int64) {
        if var open = work.aggregate, open.taker == trade.taker, open.order == trade.takerOrder,
            open.price == trade.price, open.takerSide == trade.takerSide, open.last == number - 1,
            open.market == trade.market
        {
            open.quantity += trade.quantity
            open.last = number
            work.aggregate = open
            return
        }
        flushAggregate()
        var open = AggregateTrade()
        open.market = trade.market
        open.price = trade.price
        open.quantity = trade.quantity
        open.takerSide = trade.takerSide
        open.first = number
        open.last = number
        open.taker = trade.taker
        open.order = trade.takerOrder
        open.time = work.time
        work.aggregate = open
    }

    mutating func flushAggregate() {
        guard var done = work.aggregate, let place = place(done.market) else { return }
        work.aggregate = nil
        markets[place].lastAggregate += 1
        done.id = markets[place].lastAggregate
        if isKeeping { kept.aggregates.append(Placed(done.market, markets[place].aggregates.total, done)) }
        markets[place].aggregates.append(done)
        aggregateMessage(done, done.market)
    }

    /// One order's side of a trade. The vault's order, and a liquidation, have no number.
    private mutating func fillOrder(
        _ trade: Trade,
        _ number: Int64,
        _ entry: MarketEntry,
        isMaker: Bool,
        _ change: PositionChanged
    ) {
        let fee = isMaker ? trade.makerFee : trade.takerFee
        addCost(Int128(fee.units), change)
        let id = isMaker ? trade.makerOrder : trade.takerOrder
        if isMaker && orders[id.raw] == nil {
            // A maker that is not kept here still stood in the book.
            changeBook(trade.market, trade.takerSide.opposite, trade.price, by: -trade.quantity.lots)
            return
        }
        guard var record = orders[id.raw] else { return }
        let quote = entry.worth(trade.quantity, trade.price)
        record.filled += trade.quantity
        record.quote += quote
        record.updated = work.time
        if isMaker {
            record.resting = max(0, record.resting - trade.quantity.lots)
            changeBook(record.market, record.side, record.price, by: -trade.quantity.lots)
        }
        let isDone = record.filled >= record.quantity
        record.status = isDone ? .filled : .partiallyFilled
        if isDone && record.isConditional { record.algoStatus = .finished }
        if isDone { end(&record) } else { orders[id.raw] = record }

        var own = UserTrade()
        own.market = trade.market
        own.id = number
        own.order = id.raw
        own.side = record.side
        own.positionSide = record.positionSide
        own.price = entry.units(trade.price)
        own.quantity = trade.quantity
        own.quote = quote
        own.realized = Int128(change.realized.units)
        own.commission = Int128(fee.units)
        own.isMaker = isMaker
        own.time = work.time
        addTrade(own, record)
        if isDone && record.isConditional { algoUpdate(record) }
    }

    /// Keeps an own trade and tells its account.
    mutating func addTrade(_ trade: UserTrade, _ record: OrderRecord) {
        guard isUser(record.account) else { return }
        let number = Int(record.account.raw)
        if isKeeping { kept.trades.append(Placed(record.account, accounts[number].trades.total, trade)) }
        accounts[number].trades.append(trade)
        tradeLite(trade, record)
        orderUpdate(record, .trade, trade)
    }

    // MARK: The book

    /// Adds lots to a price of a market's book, or takes them off.
    mutating func changeBook(_ market: MarketID, _ side: Side, _ price: Price, by lots: Int64) {
        guard lots != 0, let place = place(market) else { return }
        let change: Int
        if let known = work.books.firstIndex(where: { $0.market == market }) {
            change = known
        } else {
            var fresh = BookChange(market: market)
            (fresh.bestBid, fresh.bestBidLots) = Projection.best(markets[place].bids)
            (fresh.bestAsk, fresh.bestAskLots) = Projection.best(markets[place].asks)
            work.books.append(fresh)
            change = work.books.count - 1
        }
        if side == .buy {
            markets[place].bids.add(lots, at: price.ticks)
            work.books[change].bids.append(price.ticks)
        } else {
            markets[place].asks.add(lots, at: price.ticks)
            work.books[change].asks.append(price.ticks)
        }
    }

    /// The price of a level of a market's book, 1 for the best; nil beyond the last. For `priceMatch`.
    public func price(of market: MarketID, _ side: Side, rank: Int) -> Price? {
        guard let place = place(market) else { return nil }
        let level = side == .buy ? markets[place].bids.level(rank - 1) : markets[place].asks.level(rank - 1)
        return level.map { Price($0.price) }
    }

    /// The mark of a market; none before the first.
    public func mark(of market: MarketID) -> Price { place(market).map { markets[$0].mark } ?? .none }

    private static func best(_ side: BookSide) -> (Int64?, Int64) {
        guard let level = side.level(0) else { return (nil, 0) }
        return (level.price, level.lots)
    }

    /// Gives every book that changed its next number, and tells who listens.
    mutating func finishBooks() {
        for change in work.books {
            guard let place = place(change.market) else { continue }
            markets[place].updateID += 1
            markets[place].bookTime = work.time
            interest.noteBook(change, markets[place].updateID)
            let (bid, bidLots) = Projection.best(markets[place].bids)
            let (ask, askLots) = Projection.best(markets[place].asks)
            let isBestChanged =
                bid != change.bestBid || ask != change.bestAsk || bidLots != change.bestBidLots
                || askLots != change.bestAskLots
            bookMessages(place, isBestChanged: isBestChanged)
        }
    }
}
