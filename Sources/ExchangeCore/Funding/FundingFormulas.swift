/// Formulas of funding.md as functions of values: rates in 10⁻⁸, amounts in 10⁻⁸ of the quote currency.
enum Funding {
    /// How far trading `lots` for `worth` lots·ticks lies beyond an index: for a sell above it, for a buy
    /// below it, as a rate rounded toward zero; 0 within it, and for no lots (FUND-1).
    static func beyond(index: Int128, worth: Int128, lots: Int128, _ side: Side) -> Int128 {
        assert(index > 0 && lots >= 0 && worth >= lots, "a lot is worth a tick at least")
        if lots == 0 { return 0 }
        let distance = (worth - index * lots) * Int128(side == .sell ? 1 : -1)
        return distance <= 0 ? 0 : scaled(distance, by: unit, over: index * lots, .towardZero)
    }

    /// `((impactBid − index)⁺ − (index − impactAsk)⁺) / index` (FUND-1).
    static func premium(bidAbove: Int128, askBelow: Int128) -> Int128 {
        assert(bidAbove >= 0 && askBelow >= 0, "a price beyond the index counts, one within it does not")
        assert(bidAbove == 0 || askBelow == 0, "bids above the index leave no asks below it")
        return bidAbove - askBelow
    }

    /// The notional whose average price is the impact price: a share of the open interest, and no less than a
    /// fixed one (FUND-1).
    static func impactNotional(least: Int128, share: Int128, openInterest: Int128) -> Int128 {
        assert(least >= 0 && share >= 0 && share <= unit && openInterest >= 0, "parts are not negative")
        let notional = share == 0 ? least : max(least, scaled(openInterest, by: share, over: unit, .up))
        assert(notional >= least, "open interest only raises it")
        return notional
    }

    /// A rate of eight hours over another interval, toward zero (FUND-2).
    static func over(_ interval: Int128, _ rate: Rate) -> Int128 {
        assert(interval >= 0, "an interval is not negative")
        return quotient(Int128(rate.units) * interval, 28_800_000_000, .towardZero)
    }

    /// The rate of a payment: the average premium, drawn toward the interest by at most 0.05 %, within ±bound
    /// (FUND-2).
    static func rate(average: Int128, interest: Int128, bound: Int128) -> Int128 {
        assert(bound >= 0 && bound <= unit, "a rate is at most one")
        let damped = min(max(interest - average, -50_000), 50_000)
        let rate = min(max(average + damped, -bound), bound)
        assert(absolute(rate) <= bound, "a rate lies within its bound")
        return rate
    }

    /// What a position at the highest leverage has between initial and maintenance margin, as a rate of its
    /// notional rounded down (FUND-2).
    static func marginRoom(leverage: Int32, maintenance: Rate) -> Int128 {
        assert(leverage >= 1 && maintenance.units >= 0, "the first bracket is one that is accepted")
        let room = max(0, quotient(unit, Int128(leverage), .down) - Int128(maintenance.units))
        assert(room <= unit, "initial margin is at most the notional")
        return room
    }

    /// What a position pays at a rate, rounded up; negative is received, which is thereby rounded down
    /// (FUND-3).
    ///
    /// - Parameter worth: of the position at the mark, negative for a short.
    static func payment(worth: Int128, rate: Int128) -> Int128 {
        assert(absolute(worth) <= Int128(1) << 61, "a position is worth at most 2⁶¹")
        let signed = rate < 0 ? -worth : worth
        return scaled(signed, by: Int128(rate.magnitude), over: unit, .up)
    }
}
