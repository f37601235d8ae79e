/// What a fill does to a position, worked out before anything changes (LED-3, LED-8).
struct FillResult: BitwiseCopyable {
    var size = Quantity.zero
    var quote: Int128 = 0
    /// Lots closed, and opened.
    var reduced: Int64 = 0
    var opened: Int64 = 0
    var realized: Int128 = 0
    /// Isolated: what goes back to cross, and what opening takes from it.
    var toCross: Int128 = 0
    var fromCross: Int128 = 0
}

/// A position and its cash as they were before a trial.
struct UndoEntry: BitwiseCopyable {
    var position: Int32
    var size: Quantity
    var quote: Amount
    /// Of its margin account, and of the cross one.
    var cash: Amount
    var crossCash: Amount
}

extension Exchange {
    /// What buying (selling, if negative) `delta` lots at `price` makes of a position. Pure.
    ///
    /// - Parameters:
    ///   - keepsMargin: while its margin account is being liquidated an isolated position returns nothing to
    ///     cross.
    ///   - costs: the fee, and what is given up for a deficit: a part of what the lots realise (LED-8).
    func result(
        of delta: Int64,
        at price: Int64,
        on position: Int32,
        keepsMargin: Bool = false,
        costs: Int128 = 0
    ) -> FillResult {
        let market = positions[position].market
        let u = markets[market].u
        let size = positions[position].size.lots
        let sign: Int64 = delta > 0 ? 1 : -1
        assert(delta != 0 && price > 0, "a fill has lots and a price")
        let lots = delta * sign
        var result = FillResult()
        result.reduced = size * sign < 0 ? min(lots, size < 0 ? -size : size) : 0
        result.opened = lots - result.reduced
        result.size = Quantity(size + delta)
        result.quote = Int128(positions[position].quote.units)
        if result.reduced > 0 {
            let whole = Int128(size < 0 ? -size : size)
            let released = quotient(result.quote * Int128(result.reduced), whole, .towardZero)
            assert(absolute(released) <= absolute(result.quote), "a part of a quote is no more than it")
            result.quote -= released
            result.realized = released - Int128(sign) * Int128(price) * Int128(result.reduced) * u
            if positions[position].isIsolated && !keepsMargin {
                let cash = Int128(margins[positions[position].margin].cash.units)
                let part =
                    result.reduced == Int64(whole)
                    ? cash : quotient(cash * Int128(result.reduced), whole, .down)
                // A flip pays its fee lot by lot: the part of the lots that close leaves with them.
                let own = result.opened == 0 ? costs : scaledFee(costs, result.reduced, of: lots)
                result.toCross = max(0, part + result.realized - own)
            }
        }
        assert(
            result.reduced >= 0 && result.opened >= 0 && result.reduced + result.opened == lots,
            "a fill closes, opens, or both"
        )
        if result.opened > 0 {
            let cost = Int128(price) * Int128(result.opened) * u
            result.quote -= Int128(sign) * cost
            if positions[position].isIsolated {
                let worth = notional(market, result.size, Amount(Int64(clamping: result.quote)), .cautious)
                result.fromCross = quotientUp(
                    cost,
                    effectiveLeverage(market, positions[position].leverage, worth)
                )
            }
        }
        assert(result.toCross >= 0 && result.fromCross >= 0, "margin moves one way at a time")
        return result
    }

    /// `⌈fee·part/lots⌉`; a rebate, which is negative, is thereby rounded down.
    private func scaledFee(_ fee: Int128, _ part: Int64, of lots: Int64) -> Int128 {
        assert(part >= 0 && part <= lots && lots > 0, "a part is no more than the whole")
        return quotient(fee * Int128(part), Int128(lots), .up)
    }

    /// Books a fill: size, quote, realised PnL, the fee, and the moves of an isolated margin account.
    ///
    /// The caller has tried it (MG-8), or a rule of the waterfall decided it.
    mutating func book(
        _ result: FillResult,
        on position: Int32,
        fee: Int128,
        _ reason: LedgerReason,
        _ counterparty: Int32,
        _ events: inout EventBuffer
    ) {
        let account = positions[position].account
        let cross = accounts[account].margin
        let own = positions[position].margin
        precondition(result.quote == Int128(Int64(truncatingIfNeeded: result.quote)), "a quote is in range")
        assert(result.size.isBounded, "a size is in range")
        credit(own, result.realized, reason, counterparty, &events)
        // What a reduction costs is paid before the rest goes to cross; an opening pays out of its margin.
        if result.opened == 0 { payFee(fee, from: own, &events) }
        if result.toCross > 0 { move(result.toCross, from: own, to: cross, .isolatedMargin, &events) }
        if result.fromCross > 0 { move(result.fromCross, from: cross, to: own, .isolatedMargin, &events) }
        positions[position].size = result.size
        positions[position].quote = Amount(Int64(result.quote))
        assert(
            positions[position].isOpen || positions[position].quote == .zero,
            "what is closed has no quote"
        )
        if result.opened > 0 { payFee(fee, from: own, &events) }
    }

    /// What a booked fill changes outside of the position: open interest, the market's list of positions,
    /// what is to be looked at when the command ends.
    mutating func linkPosition(
        _ position: Int32,
        from before: Quantity,
        realized: Int128,
        _ events: inout EventBuffer
    ) {
        let market = positions[position].market
        let after = positions[position].size
        markets[market].openInterest += Quantity(max(after.lots, 0) - max(before.lots, 0))
        assert(markets[market].openInterest.lots >= 0, "open interest is not negative")
        assert(positions[position].triggerLevel < 0 || before.lots != 0, "what was flat has no trigger")
        if before.lots == 0 && after.lots != 0 { appendPosition(position) }
        if before.lots == 0 || (before.lots ^ after.lots) < 0 {
            // Beyond the range of the field every later offer counts as younger.
            positions[position].lastOfferBefore = Int32(clamping: lastOffer)
        }
        if before.lots != 0 && after.lots == 0 { removePosition(position) }
        // What could reduce a position can reduce any other of its direction (BK-9).
        let turned = before.lots.signum() != after.lots.signum()
        if (turned || positions[position].mayEndWithPosition) && !positions[position].isChanged {
            positions[position].isChanged = true
            changedPositions.append(position)
        }
        rankedQueue.note(positions[position].account)
        markForRearm(positions[position].margin)
        let changed = PositionChanged(
            account: AccountID(positions[position].account),
            market: MarketID(market),
            positionSide: positions[position].side,
            size: after,
            entryNotional: -positions[position].quote,
            isolatedCash: isolatedCash(position),
            realized: Amount(Int64(realized))
        )
        events.append(.positionChanged, changed)
    }

    private mutating func removePosition(_ position: Int32) {
        let market = positions[position].market
        let previous = positions[position].previousPosition
        let next = positions[position].nextPosition
        if previous >= 0 {
            positions[previous].nextPosition = next
        } else {
            markets[market].firstPosition = next
        }
        if next >= 0 {
            positions[next].previousPosition = previous
        } else {
            markets[market].lastPosition = previous
        }
        assert(markets[market].positions > 0 && !positions[position].isOpen, "what is closed leaves the list")
        markets[market].positions -= 1
        removeTrigger(position)
    }

    /// The same for one position, whose margin account gets something besides the price.
    func fits(_ delta: Int64, at price: Int64, on position: Int32, besides: Int128) -> Bool {
        assert(delta != 0 && price > 0, "a closing has lots and a price")
        let realized = result(of: delta, at: price, on: position).realized
        let after = absolute(Int128(margins[positions[position].margin].cash.units) + realized + besides)
        if absolute(besides) >= Amount.cashLimit || after >= Amount.cashLimit { return false }
        if !positions[position].isIsolated { return true }
        return absolute(Int128(margins[accounts[positions[position].account].margin].cash.units)) + after
            < Amount.cashLimit
    }
}
