/// An order, or a liquidation, on its way through the book.
struct Taker: BitwiseCopyable {
    var position: Int32
    var side: Side
    /// The worst price it takes, in ticks.
    var limit: Int64
    var remaining: Quantity
    var reduceOnly: Bool
    var selfTrade: SelfTrade
    /// The order, or `nowhere` for a liquidation and a trial.
    var order = nowhere
    /// Why matching ended before the book did.
    var stopped: CancelReason?
    /// The episode that it liquidates for, or 0.
    var episode: Int64 = 0
    /// In a liquidation: bound on the fee (WF-3).
    var bankruptcy = BankruptcyPrice()

    init(
        position: Int32,
        side: Side,
        limit: Int64,
        remaining: Quantity,
        reduceOnly: Bool,
        selfTrade: SelfTrade
    ) {
        self.position = position
        self.side = side
        self.limit = limit
        self.remaining = remaining
        self.reduceOnly = reduceOnly
        self.selfTrade = selfTrade
    }

    @inline(__always) var isLiquidation: Bool { episode > 0 }
}

/// Matching: price, then time; the maker's price (BK-8).
extension Exchange {
    /// Takes the book until the taker is filled, meets its limit, or is stopped.
    mutating func match(_ taker: inout Taker, _ events: inout EventBuffer) {
        let market = positions[taker.position].market
        while taker.remaining.lots > 0 {
            let maker = book.bestMaker(markets[market].roots, taker.side, taker.limit)
            if maker < 0 { return }
            if positions[book.orders[maker].position].account == positions[taker.position].account {
                if expireSelf(maker, &taker, &events) { return }
                continue
            }
            let quantity = fillQuantity(maker, &taker)
            if taker.stopped != nil { return }
            if quantity == 0 {
                cancel(maker, book.orders[maker].reduceOnly ? .reduceOnly : .noPrice, &events)
                continue
            }
            let price = book.orders[maker].price.ticks
            let makerFee =
                taker.isLiquidation
                ? 0 : tradingFee(market, quantity, price, markets[market].maker)
            let takerFee = self.takerFee(taker, quantity, price)
            if !passes(book.orders[maker].position, quantity * -taker.side.sign, price, makerFee) {
                cancel(maker, .margin, &events)
                continue
            }
            let delta = quantity * taker.side.sign
            let mayTake =
                taker.isLiquidation
                ? fits(delta, at: price, on: taker.position, besides: -takerFee)
                : passes(taker.position, delta, price, takerFee)
            if !mayTake {
                taker.stopped = .margin
                return
            }
            trade(maker, &taker, Quantity(quantity), makerFee, takerFee, &events)
        }
    }

    /// Self-trade prevention. Returns whether the taker is gone.
    private mutating func expireSelf(
        _ maker: Int32,
        _ taker: inout Taker,
        _ events: inout EventBuffer
    ) -> Bool {
        if taker.selfTrade != .expireTaker { cancel(maker, .selfTrade, &events) }
        if taker.selfTrade == .expireMaker { return false }
        taker.stopped = .selfTrade
        return true
    }

    /// Lots of the next fill: the smaller remainder, capped at positions for reduce-only orders, and for all
    /// while the market has no valid price (PX-5). Zero: the maker can no longer reduce. Sets `stopped` if
    /// the taker cannot.
    @inline(__always)
    func fillQuantity(_ maker: Int32, _ taker: inout Taker) -> Int64 {
        var quantity = min(taker.remaining.lots, book.orders[maker].remaining.lots)
        let onlyReduces = markets[positions[taker.position].market].validity != .valid
        if taker.reduceOnly || onlyReduces {
            let cap = oppositeSize(taker.position, taker.side)
            if cap == 0 { taker.stopped = taker.reduceOnly ? .reduceOnly : .noPrice }
            quantity = min(quantity, cap)
        }
        if book.orders[maker].reduceOnly || onlyReduces {
            quantity = min(quantity, oppositeSize(book.orders[maker].position, book.orders[maker].side))
        }
        return quantity
    }

    /// ⌈rate·notional⌉; a rebate, with a negative rate, is thereby rounded down (LED-6).
    @inline(__always)
    func tradingFee(_ market: Int32, _ lots: Int64, _ price: Int64, _ rate: Rate) -> Int128 {
        overUnit(product(worth(lots, price, markets[market].unitValue), rate.units), .up)
    }

    @inline(__always)
    private func takerFee(_ taker: Taker, _ lots: Int64, _ price: Int64) -> Int128 {
        let market = positions[taker.position].market
        if !taker.isLiquidation {
            return tradingFee(market, lots, price, markets[market].taker)
        }
        // Never more than what the fill got above the bankruptcy price (WF-3).
        let full = tradingFee(market, lots, price, markets[market].specification.liquidationFee)
        let above =
            Int128(-taker.side.sign) * Int128(price - markets[market].mark.ticks) * Int128(lots)
            * markets[market].u
        return min(full, max(0, above + taker.bankruptcy.adjustment(lots)))
    }

    /// MG-8: whether a position may take a fill of `delta` lots at `price` with its fee.
    func passes(_ position: Int32, _ delta: Int64, _ price: Int64, _ fee: Int128) -> Bool {
        let market = positions[position].market
        let result = result(of: delta, at: price, on: position, costs: fee)
        let bound = Int128(1) << 61
        if result.quote > bound || result.quote < -bound { return false }
        let quote = Amount(Int64(result.quote))
        let worth = result.size.lots == 0 ? 0 : notional(market, result.size, quote, .cautious)
        if worth > bound { return false }
        if result.opened > 0 {
            let open = Int128(markets[market].openInterest.lots) + Int128(result.opened)
            let mark = markets[market].hasMark ? markets[market].mark.ticks : price
            // Room for the mark to move, so that no price has to be held back for it (PX-6).
            if open * Int128(mark) * markets[market].u > bound >> Exchange.markRoom { return false }
        }
        if positions[position].isIsolated { return passesIsolated(position, result, quote, worth, fee) }

        let cash = Int128(margins[positions[position].margin].cash.units) + result.realized - fee
        if absolute(cash) > bound { return false }
        let before = health(positions[position].margin, .cautious)
        let had = positions[position].isOpen
        let worthBefore = had ? notional(position, .cautious) : 0
        let equity =
            before.equity - (had ? unrealized(position, .cautious) : 0)
            + unrealized(market, result.size, quote, .cautious) + result.realized - fee
        let leverage = positions[position].leverage
        let initial =
            before.initial - initialMargin(market, leverage, worthBefore)
            + initialMargin(market, leverage, worth)
        if equity >= initial { return true }
        if result.opened > 0 || equity < 0 { return false }
        let after = before.maintenance - maintenance(market, worthBefore) + maintenance(market, worth)
        return equity * before.maintenance >= before.equity * after
    }

    private func passesIsolated(
        _ position: Int32,
        _ result: FillResult,
        _ quote: Amount,
        _ worth: Int128,
        _ fee: Int128
    ) -> Bool {
        let market = positions[position].market
        let had = positions[position].isOpen
        let worthBefore = had ? notional(position, .cautious) : 0
        let unrealizedBefore = had ? unrealized(position, .cautious) : 0
        let equityBefore = Int128(margins[positions[position].margin].cash.units) + unrealizedBefore
        let unrealizedAfter = unrealized(market, result.size, quote, .cautious)
        let gain = unrealizedAfter - unrealizedBefore + result.realized - fee
        // Both margin accounts as they are after the moves (LED-8).
        let own = equityBefore + gain + result.fromCross - result.toCross
        let after = maintenance(market, worth)
        let moved = result.toCross - result.fromCross
        let bound = Int128(1) << 61
        let ownCash = Int128(margins[positions[position].margin].cash.units) + result.realized - fee - moved
        let crossCash = Int128(margins[accounts[positions[position].account].margin].cash.units) + moved
        if absolute(ownCash) > bound || absolute(crossCash) > bound { return false }
        if result.opened == 0 {
            if own < 0 { return false }
            return own >= after || own * maintenance(market, worthBefore) >= equityBefore * after
        }
        let cross = health(accounts[positions[position].account].margin, .cautious)
        if own < after { return false }
        let left = cross.equity + moved - cross.initial
        let lacking = initialMargin(market, positions[position].leverage, worth) - own
        return left >= max(0, lacking)
    }

    /// Books a fill on both sides and in the book, payer first (LED-7).
    private mutating func trade(
        _ maker: Int32,
        _ taker: inout Taker,
        _ quantity: Quantity,
        _ makerFee: Int128,
        _ takerFee: Int128,
        _ events: inout EventBuffer
    ) {
        let makerPosition = book.orders[maker].position
        let market = positions[makerPosition].market
        let price = book.orders[maker].price
        markets[market].trades += 1
        markets[market].lastPrice = price
        // What a mark may follow: no print of a liquidation and none of the vault's (PX-9).
        let vault = AccountID.vault.raw
        if !taker.isLiquidation && positions[makerPosition].account != vault
            && positions[taker.position].account != vault
        {
            markets[market].lastOrderPrice = price
        }
        activate(market)

        let trade = Trade(
            market: MarketID(market),
            trade: markets[market].trades,
            price: price,
            quantity: quantity,
            takerSide: taker.side,
            maker: AccountID(positions[makerPosition].account),
            taker: AccountID(positions[taker.position].account),
            makerOrder: book.orders[maker].id,
            takerOrder: taker.order >= 0 ? book.orders[taker.order].id : .none,
            makerFee: Amount(Int64(makerFee)),
            takerFee: Amount(Int64(takerFee)),
            kind: taker.isLiquidation ? .liquidation : .order,
            episode: taker.episode
        )
        events.append(.trade, trade)

        bookTrade(maker, taker, quantity, makerFee, takerFee, &events)
        fillResting(maker, quantity)
        taker.remaining -= quantity
        if taker.order >= 0 { book.orders[taker.order].filled += quantity }
        if book.orders[maker].remaining.lots == 0 {
            unrest(maker)
            leave(maker)
        }
    }

    /// Moves the money and the positions of a fill.
    private mutating func bookTrade(
        _ maker: Int32,
        _ taker: Taker,
        _ quantity: Quantity,
        _ makerFee: Int128,
        _ takerFee: Int128,
        _ events: inout EventBuffer
    ) {
        let makerPosition = book.orders[maker].position
        let market = positions[makerPosition].market
        let price = book.orders[maker].price.ticks
        let sign = taker.side.sign
        let ownFee = taker.isLiquidation ? 0 : takerFee
        let makerResult = result(of: quantity.lots * -sign, at: price, on: makerPosition, costs: makerFee)
        let takerResult = result(
            of: quantity.lots * sign,
            at: price,
            on: taker.position,
            keepsMargin: taker.isLiquidation,
            costs: ownFee
        )
        let makerBefore = positions[makerPosition].size
        let takerBefore = positions[taker.position].size
        let makerAccount = positions[makerPosition].account
        let takerAccount = positions[taker.position].account
        if makerResult.realized < takerResult.realized {
            book(makerResult, on: makerPosition, fee: makerFee, .trade, takerAccount, &events)
            book(takerResult, on: taker.position, fee: ownFee, .trade, makerAccount, &events)
        } else {
            book(takerResult, on: taker.position, fee: ownFee, .trade, makerAccount, &events)
            book(makerResult, on: makerPosition, fee: makerFee, .trade, takerAccount, &events)
        }
        if taker.isLiquidation {
            move(takerFee, from: positions[taker.position].margin, to: venue(.fund), .liquidationFee, &events)
        } else {
            repayDebt(from: makerFee + takerFee, market, &events)
        }
        linkPosition(makerPosition, from: makerBefore, realized: makerResult.realized, &events)
        linkPosition(taker.position, from: takerBefore, realized: takerResult.realized, &events)
    }
}
