/// What a margin account is worth and what it needs, at the present marks.
struct Health: BitwiseCopyable {
    var equity: Int128 = 0
    var maintenance: Int128 = 0
    var initial: Int128 = 0
    /// Number of open positions.
    var positions: Int128 = 0
    /// Whether one of them can be closed (MG-5).
    var canClose = false

    @inline(__always) var isUnderMaintenance: Bool { equity < maintenance }
}

/// What positions count at (PX-4). The two differ only while a market's price is not valid.
enum Valuation: UInt8, BitwiseCopyable {
    /// The last valid mark: for liquidation and everything that follows from it.
    case mark
    /// The worse of the last valid mark and the latest one: for new risk, withdrawals and vault shares.
    case cautious
}

/// The values of margin.md: pure functions of the state.
extension Exchange {
    /// The price that a position of a direction is valued at; 0 before the first valid mark (PX-4).
    @inline(__always)
    func price(_ market: Int32, long: Bool, _ valuation: Valuation) -> Int64 {
        assert(
            (markets[market].mark.ticks == 0) == (markets[market].latestMark.ticks == 0),
            "the marks are there together"
        )
        let mark = markets[market].mark.ticks
        if valuation == .mark { return mark }
        let latest = markets[market].latestMark.ticks
        return long ? min(mark, latest) : max(mark, latest)
    }

    /// |size|·v·u, or |quote| before the first valid mark.
    @inline(__always)
    func notional(_ market: Int32, _ size: Quantity, _ quote: Amount, _ valuation: Valuation) -> Int128 {
        let price = price(market, long: size.lots > 0, valuation)
        if price == 0 { return Int128(quote.units.magnitude) }
        assert(price >= 0 && markets[market].unitValue > 0, "a price and a unit are not negative")
        return worth(size.magnitude.lots, price, markets[market].unitValue)
    }

    /// Unrealised PnL: size·v·u + quote (LED-3), 0 before the first valid mark.
    @inline(__always)
    func unrealized(_ market: Int32, _ size: Quantity, _ quote: Amount, _ valuation: Valuation) -> Int128 {
        let price = price(market, long: size.lots > 0, valuation)
        if price == 0 { return 0 }
        assert(size.lots != 0 || quote.units == 0, "what is closed has no quote")
        return worth(size.lots, price, markets[market].unitValue) + Int128(quote.units)
    }

    @inline(__always) func notional(_ position: Int32, _ valuation: Valuation = .mark) -> Int128 {
        notional(positions[position].market, positions[position].size, positions[position].quote, valuation)
    }
    @inline(__always) func unrealized(_ position: Int32, _ valuation: Valuation = .mark) -> Int128 {
        unrealized(positions[position].market, positions[position].size, positions[position].quote, valuation)
    }

    /// Whether a notional lies in the first bracket, whose deduction is nothing.
    @inline(__always)
    private func isInFirstTier(_ market: Int32, _ notional: Int128) -> Bool {
        notional <= Int128(markets[market].firstTier.upTo.units)
    }

    /// Maintenance margin of a notional, rounded up (MG-5).
    @inline(__always)
    func maintenance(_ market: Int32, _ notional: Int128) -> Int128 {
        if isInFirstTier(market, notional) {
            return Margin.maintenance(notional, rate: markets[market].firstTier.maintenance, deduction: 0)
        }
        return maintenanceAbove(market, notional)
    }

    @inline(never)
    private func maintenanceAbove(_ market: Int32, _ notional: Int128) -> Int128 {
        let index = Margin.bracket(of: notional, in: markets[market].specification.table)
        // A snapshot that was damaged may have a notional beyond all brackets until it is refused.
        let isBeyond = notional > Int128(Amount.unlimited.units)
        assert(index > 0 || isBeyond, "a deduction is that of a higher bracket")
        assert(markets[market].deductions[index] >= 0, "a deduction is not negative")
        let rate = markets[market].specification.table.tiers[index].maintenance
        return Margin.maintenance(notional, rate: rate, deduction: markets[market].deductions[index])
    }

    /// The highest leverage of the bracket of a notional.
    @inline(__always)
    func highestLeverage(_ market: Int32, _ notional: Int128) -> Int32 {
        isInFirstTier(market, notional)
            ? markets[market].firstTier.leverage
            : highestLeverageAbove(market, notional)
    }

    @inline(never)
    private func highestLeverageAbove(_ market: Int32, _ notional: Int128) -> Int32 {
        let bracket = Margin.bracket(of: notional, in: markets[market].specification.table)
        return markets[market].specification.table.tiers[bracket].leverage
    }

    /// The smaller of the user's leverage and that of the bracket of a notional.
    @inline(__always)
    func effectiveLeverage(_ market: Int32, _ leverage: Int32, _ notional: Int128) -> Int64 {
        Int64(min(leverage, highestLeverage(market, notional)))
    }

    /// Initial margin of a position's notional: ⌈n/l⌉.
    @inline(__always)
    func initialMargin(_ market: Int32, _ leverage: Int32, _ notional: Int128) -> Int128 {
        assert(notional >= 0 && leverage >= 1, "a notional is not negative, a leverage at least one")
        if notional == 0 { return 0 }
        return Margin.initial(notional, leverage: effectiveLeverage(market, leverage, notional))
    }

    /// Equity, margins and count of positions of a margin account. O(positions of the margin account).
    func health(_ margin: MarginAccount.Index, _ valuation: Valuation = .mark) -> Health {
        assert(hasMargin(margin), "a health is that of a margin account")
        var health = Health()
        health.equity = Int128(margins[margin].cash.units)
        var position = margins[margin].firstPosition
        while position >= 0 {
            addPosition(position, valuation, to: &health)
            position = positions[position].nextOfMargin
        }
        assert(health.initial >= health.maintenance && health.maintenance >= 0, "margins are not negative")
        return health
    }

    @inline(__always)
    private func addPosition(_ position: Int32, _ valuation: Valuation, to health: inout Health) {
        if !positions[position].isOpen { return }
        let market = positions[position].market
        let worth = notional(position, valuation)
        health.equity += unrealized(position, valuation)
        assert(worth >= 0, "a notional is not negative")
        health.maintenance += maintenance(market, worth)
        health.initial += initialMargin(market, positions[position].leverage, worth)
        health.positions += 1
        assert(health.initial >= health.maintenance, "initial margin is at least maintenance")
        if markets[market].isClosable { health.canClose = true }
    }

    /// Whether `equity·θden < θnum·maintenance`, by the rule of one market (waterfall.md).
    func isPastTakeover(_ health: Health, _ market: Int32) -> Bool {
        Margin.isPastTakeover(
            equity: health.equity,
            maintenance: health.maintenance,
            markets[market].specification.takeoverNumerator,
            markets[market].specification.takeoverDenominator
        )
    }

    // MARK: Requirements (MG-1)

    /// An order that is not in the book yet, as the gate counts it.
    struct Prospect: BitwiseCopyable {
        var side = Side.buy
        var quantity = Quantity.zero
        var price: Int64 = 0
        static var nothing: Prospect { Prospect() }
    }

    /// What a position and open orders require, and the notional that decides its bracket.
    struct Requirement: BitwiseCopyable {
        var amount: Int128 = 0
        var notional: Int128 = 0
    }

    /// The requirement of a position with its open orders and one more (margin.md).
    /// O(1) unless an order lies on the wrong side of the mark, then O(orders of the position).
    func requirement(_ position: Int32, with prospect: Prospect = .nothing, leverage: Int32 = 0)
        -> Requirement
    {
        requirement(
            position,
            with: prospect,
            leverage: leverage > 0 ? leverage : positions[position].leverage,
            positions[position].size,
            positions[position].quote
        )
    }

    /// The same, with another size and quote than its present ones.
    func requirement(
        _ position: Int32,
        with prospect: Prospect,
        leverage: Int32,
        _ size: Quantity,
        _ quote: Amount
    ) -> Requirement {
        assert(leverage >= 1 && prospect.quantity.lots >= 0, "a leverage is at least one")
        assert(
            positions[position].buyNotional.units >= 0 && positions[position].sellNotional.units >= 0,
            "sums are not negative"
        )
        let market = positions[position].market
        let mark = markets[market].mark.ticks
        let u = markets[market].unitValue
        var buys = Int128(positions[position].buyNotional.units)
        var sells = Int128(positions[position].sellNotional.units)
        var loss: Int128 = 0
        if positions[position].buyQuantity.lots != 0 && mark > 0 {
            let above = Int64(positions[position].highestBuy) > mark ? beyondMark(position, .buy, mark) : 0
            buys = worth(positions[position].buyQuantity.lots, mark, u) + above
            loss += above
        }
        if positions[position].sellQuantity.lots != 0 && mark > 0
            && Int64(positions[position].lowestSell) < mark
        {
            loss += beyondMark(position, .sell, mark)
        }
        let lots = prospect.quantity.lots
        if lots > 0 {
            let price = prospect.price
            if prospect.side == .buy {
                buys += worth(lots, max(price, mark), u)
                if mark > 0 && price > mark { loss += worth(lots, price - mark, u) }
            } else {
                sells += worth(lots, price, u)
                if price < mark { loss += worth(lots, mark - price, u) }
            }
        }
        let held = size.lots == 0 ? 0 : notional(market, size, quote, .cautious)
        let signed = size.lots > 0 ? held : -held
        assert(loss >= 0, "nothing requires less than nothing")
        return sum(position, held: signed, buys: buys, sells: sells, leverage: leverage, loss: loss)
    }

    private func sum(
        _ position: Int32,
        held: Int128,
        buys: Int128,
        sells: Int128,
        leverage: Int32,
        loss: Int128
    ) -> Requirement {
        let market = positions[position].market
        let most = Margin.exposure(held: held, buys: buys, sells: sells, side: positions[position].side)
        assert(most >= absolute(held) || positions[position].side == .both, "orders only add to one side")
        let taker = markets[market].taker
        let fees = taker.units > 0 && buys + sells > 0 ? overUnit(product(buys + sells, taker.units), .up) : 0
        let amount = Margin.requirement(
            ofExposure: initialMargin(market, leverage, most),
            held: positions[position].isIsolated ? initialMargin(market, leverage, absolute(held)) : 0,
            fees: fees,
            loss: loss
        )
        return Requirement(amount: amount, notional: most)
    }

    /// Σ (p − mark)⁺·q·u over open buys, or Σ (mark − p)⁺·q·u over open sells.
    private func beyondMark(_ position: Int32, _ side: Side, _ mark: Int64) -> Int128 {
        assert(mark > 0, "an order lies beyond a mark that is there")
        var sum: Int128 = 0
        var order = positions[position].firstOrder
        while order >= 0 {
            // An order on its way through the book, or being amended, is in the list but in no level.
            let counts =
                book.orders[order].level >= 0 && book.orders[order].isResting
                && !book.orders[order].reduceOnly
            if counts && book.orders[order].side == side {
                let beyond = (book.orders[order].price.ticks - mark) * side.sign
                if beyond > 0 { sum += Int128(beyond) * Int128(book.orders[order].remaining.lots) }
            }
            order = book.orders[order].nextOfPosition
        }
        assert(sum >= 0, "what lies beyond the mark is not negative")
        return sum * markets[positions[position].market].u
    }

    /// Σ requirements of all positions of an account. O(positions).
    func requirements(_ account: Int32) -> Int128 {
        assert(hasAccount(account), "requirements are those of an account")
        var sum: Int128 = 0
        var position = accounts[account].firstPosition
        while position >= 0 {
            if positions[position].isUsed { sum += requirement(position).amount }
            position = positions[position].next
        }
        return sum
    }

    /// Equity of the cross margin account less all requirements, those of one position left out.
    /// O(positions).
    func available(_ account: Int32, exceptFor excepted: Int32 = nowhere) -> Int128 {
        assert(
            excepted < 0 || positions[excepted].account == account,
            "what is left out is the account's own"
        )
        var equity = Int128(margins[accounts[account].margin].cash.units)
        var sum: Int128 = 0
        var position = accounts[account].firstPosition
        while position >= 0 {
            if positions[position].isUsed {
                if positions[position].isOpen && !positions[position].isIsolated {
                    equity += unrealized(position, .cautious)
                }
                if position != excepted { sum += requirement(position).amount }
            }
            position = positions[position].next
        }
        return Margin.available(equity: equity, requirements: sum)
    }

    /// Equity and margins of the vault's margin account as its shares count them (PX-4).
    var vaultHealth: Health { health(venue(.vault), .cautious) }

    func isClosable(_ position: Int32) -> Bool {
        positions[position].isOpen && markets[positions[position].market].isClosable
    }

    /// What a position pays at a rate, rounded up; negative is received, and rounding up then rounds what is
    /// received down.
    func fundingPayment(_ position: Int32, _ rate: Int128) -> Int128 {
        let market = positions[position].market
        assert(positions[position].isOpen, "a position pays")
        let worth =
            Int128(positions[position].size.lots) * Int128(markets[market].mark.ticks) * markets[market].u
        return Funding.payment(worth: worth, rate: rate)
    }

    /// The market whose rules a margin account goes by: that of its position with the largest maintenance
    /// margin.
    func ruleMarket(_ margin: MarginAccount.Index) -> Int32 {
        var best = nowhere
        var most: Int128 = -1
        var position = margins[margin].firstPosition
        while position >= 0 {
            if positions[position].isOpen {
                assert(positions[position].margin == margin, "a list has its margin account's positions")
                let maintenance = maintenance(positions[position].market, notional(position))
                if maintenance > most || (maintenance == most && comesBefore(position, best)) {
                    most = maintenance
                    best = position
                }
            }
            position = positions[position].nextOfMargin
        }
        return best < 0 ? homeMarket(margin) : positions[best].market
    }

    /// The market that stands for a margin account without a position: an isolated one's own, else the one
    /// that began the waterfall.
    func homeMarket(_ margin: MarginAccount.Index) -> Int32 {
        assert(hasMargin(margin) && waterfall.trigger >= 0, "a waterfall is begun by a market")
        return margins[margin].isIsolated ? margins[margin].market : waterfall.trigger
    }

    /// Ties between positions of a margin account: market, then `LONG`.
    func comesBefore(_ a: Int32, _ b: Int32) -> Bool {
        assert(a >= 0 && a != b, "two positions are compared")
        if b < 0 { return true }
        if positions[a].market != positions[b].market { return positions[a].market < positions[b].market }
        return positions[a].side.rawValue < positions[b].side.rawValue
    }
}
