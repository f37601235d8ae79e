/// The trial of a fill-or-kill order (BK-11).
extension Exchange {
    /// Whether BK-8 would fill all of a taker in the present state. Nothing stays changed.
    ///
    /// Size, quote and cash of the legs it goes through, and the open interest, are written and put back, so
    /// that several orders of one maker are tried just as they would be filled one after the other.
    mutating func fillsCompletely(_ order: Taker) -> Bool {
        var taker = order
        let market = legs[taker.leg].market
        var level = taker.side == .buy ? markets[market].roots.bestAsk : markets[market].roots.bestBid
        walk: while level >= 0 && taker.remaining.lots > 0 {
            let price = book.levels[level].price
            if taker.side == .buy ? price > taker.limit : price < taker.limit { break }
            var maker = book.levels[level].first
            while maker >= 0 && taker.remaining.lots > 0 {
                if legs[book.orders[maker].leg].account == legs[taker.leg].account {
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
        let makerLeg = book.orders[maker].leg
        let market = legs[makerLeg].market
        let quantity = fillQuantity(maker, &taker)
        if taker.stopped != nil { return false }
        if quantity == 0 { return true }
        let makerFee = tradingFee(market, quantity, price, markets[market].maker)
        let takerFee = tradingFee(market, quantity, price, markets[market].taker)
        if !passes(makerLeg, quantity * -taker.side.sign, price, makerFee) { return true }
        if !passes(taker.leg, quantity * taker.side.sign, price, takerFee) { return false }
        let sold = result(of: quantity * -taker.side.sign, at: price, on: makerLeg, costs: makerFee)
        let bought = result(of: quantity * taker.side.sign, at: price, on: taker.leg, costs: takerFee)
        bookTrial(sold, on: makerLeg, makerFee)
        bookTrial(bought, on: taker.leg, takerFee)
        taker.remaining -= Quantity(quantity)
        return true
    }

    private mutating func bookTrial(_ result: FillResult, on leg: Int32, _ fee: Int128) {
        let own = legs[leg].margin
        let cross = accounts[legs[leg].account].margin
        undo.append(
            UndoEntry(
                leg: leg,
                size: legs[leg].size,
                quote: legs[leg].quote,
                cash: margins[own].cash,
                crossCash: margins[cross].cash
            )
        )
        // Nothing moves where the two are one.
        let moved = result.toCross - result.fromCross
        margins[own].cash = Amount(Int64(Int128(margins[own].cash.units) + result.realized - fee - moved))
        margins[cross].cash = Amount(Int64(Int128(margins[cross].cash.units) + moved))
        resize(leg, result.size)
        legs[leg].quote = Amount(Int64(result.quote))
    }

    /// The open interest goes along: what a fill closes makes room for the next (PX-6).
    private mutating func resize(_ leg: Int32, _ size: Quantity) {
        let opened = larger(size.lots, 0) - larger(legs[leg].size.lots, 0)
        markets[legs[leg].market].openInterest += Quantity(opened)
        legs[leg].size = size
    }

    private mutating func takeBack() {
        while undo.count > 0 {
            let entry = undo.removeLast()
            resize(entry.leg, entry.size)
            legs[entry.leg].quote = entry.quote
            margins[accounts[legs[entry.leg].account].margin].cash = entry.crossCash
            margins[legs[entry.leg].margin].cash = entry.cash
        }
    }
}
