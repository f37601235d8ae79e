/// The trial of a fill-or-kill order (BK-11).
extension Exchange {
    /// Whether BK-8 would fill all of a taker in the present state. Nothing stays changed.
    ///
    /// Size, quote and cash of the positions it goes through, and the open interest, are written and put
    /// back, so that several orders of one maker are tried just as they would be filled one after the other.
    mutating func fillsCompletely(_ order: Taker) -> Bool {
        var taker = order
        let market = positions[taker.position].market
        var level = taker.side == .buy ? markets[market].roots.bestAsk : markets[market].roots.bestBid
        walk: while level >= 0 && taker.remaining.lots > 0 {
            let price = book.levels[level].price
            if taker.side == .buy ? price > taker.limit : price < taker.limit { break }
            var maker = book.levels[level].first
            while maker >= 0 && taker.remaining.lots > 0 {
                if positions[book.orders[maker].position].account == positions[taker.position].account {
                    if taker.selfTrade != .expireMaker { break walk }
                } else if !tryFill(maker, &taker, price) {
                    break walk
                }
                maker = book.orders[maker].next
            }
            level =
                taker.side == .buy
                ? book.prices.above(markets[market].roots.asks, price)
                : book.prices.below(markets[market].roots.bids, price)
        }
        takeBack()
        return taker.remaining.lots == 0
    }

    /// Tries one maker. Returns false if the taker would be stopped there.
    private mutating func tryFill(_ maker: Int32, _ taker: inout Taker, _ price: Int64) -> Bool {
        let makerPosition = book.orders[maker].position
        let market = positions[makerPosition].market
        let quantity = fillQuantity(maker, &taker)
        if taker.stopped != nil { return false }
        if quantity == 0 { return true }
        let makerFee = tradingFee(market, quantity, price, markets[market].maker)
        let takerFee = tradingFee(market, quantity, price, markets[market].taker)
        if !passes(makerPosition, quantity * -taker.side.sign, price, makerFee) { return true }
        if !passes(taker.position, quantity * taker.side.sign, price, takerFee) { return false }
        let sold = result(of: quantity * -taker.side.sign, at: price, on: makerPosition, costs: makerFee)
        let bought = result(of: quantity * taker.side.sign, at: price, on: taker.position, costs: takerFee)
        bookTrial(sold, on: makerPosition, makerFee)
        bookTrial(bought, on: taker.position, takerFee)
        taker.remaining -= Quantity(quantity)
        return true
    }

    private mutating func bookTrial(_ result: FillResult, on position: Int32, _ fee: Int128) {
        let own = positions[position].margin
        let cross = accounts[positions[position].account].margin
        undo.append(
            UndoEntry(
                position: position,
                size: positions[position].size,
                quote: positions[position].quote,
                cash: margins[own].cash,
                crossCash: margins[cross].cash
            )
        )
        // Nothing moves where the two are one.
        let moved = result.toCross - result.fromCross
        margins[own].cash = Amount(Int64(Int128(margins[own].cash.units) + result.realized - fee - moved))
        margins[cross].cash = Amount(Int64(Int128(margins[cross].cash.units) + moved))
        resize(position, result.size)
        positions[position].quote = Amount(Int64(result.quote))
    }

    /// The open interest goes along: what a fill closes makes room for the next (PX-6).
    private mutating func resize(_ position: Int32, _ size: Quantity) {
        let opened = max(size.lots, 0) - max(positions[position].size.lots, 0)
        markets[positions[position].market].openInterest += Quantity(opened)
        positions[position].size = size
    }

    private mutating func takeBack() {
        while undo.count > 0 {
            let entry = undo.removeLast()
            resize(entry.position, entry.size)
            positions[entry.position].quote = entry.quote
            margins[accounts[positions[entry.position].account].margin].cash = entry.crossCash
            margins[positions[entry.position].margin].cash = entry.cash
        }
    }
}
