/// Formulas of waterfall.md as functions of values: amounts in 10⁻⁸, sizes in lots, prices in ticks.
enum Liquidation {
    /// The fewest lots whose closing brings a margin account back to `(1 + buffer)·maintenance`, the whole
    /// size if not fewer: `⌈((1+b)·MM − equity)·size / ((1+b)·own − φ·notional)⌉` (WF-3).
    ///
    /// - Parameters:
    ///   - size: lots of the position, at least 1.
    ///   - own: the position's part of the maintenance margin; `notional`: what it is worth.
    ///   - fee: φ, what closing costs of its notional.
    static func justEnough(
        size: Int128,
        equity: Int128,
        maintenance: Int128,
        own: Int128,
        notional: Int128,
        buffer: Rate,
        fee: Rate
    ) -> Int128 {
        assert(size > 0 && notional >= 0 && own <= maintenance, "who lacks margin holds something")
        assert(buffer.units >= 0 && fee.units >= 0, "a buffer only adds")
        let factor = unit + Int128(buffer.units)
        let wanted = factor * maintenance - unit * equity
        let divisor = factor * own - Int128(fee.units) * notional
        if wanted <= 0 { return 0 }
        if divisor <= 0 || wanted >= divisor { return size }
        return scaled(wanted, by: size, over: divisor, .up)
    }

    /// The bankruptcy price in whole ticks, rounded in favour of the account: for a long up, for a short down
    /// (MG-6). It may lie beyond the range of prices.
    static func bankruptcyPrice(mark: Int128, isLong: Bool, _ bankruptcy: BankruptcyPrice, unitValue: Int128)
        -> Int128
    {
        let divisor = bankruptcy.whole * bankruptcy.size * unitValue
        assert(divisor > 0 && mark > 0, "a bankruptcy price is a fraction")
        // Z = mark − s·share·equity/(size·u): above for a long means rounded up, for a short down.
        let distance = scaled(bankruptcy.equity, by: bankruptcy.part, over: divisor, .down)
        return isLong ? mark - distance : mark + distance
    }

    /// What a position lost by a move of the mark; a gain is none.
    static func loss(from before: Int64, to mark: Int64, lots: Int64, unitValue: Int128) -> Int128 {
        assert(before > 0 && mark > 0, "a move is one between prices")
        return max(0, Int128(before - mark) * Int128(lots) * unitValue)
    }

    /// What the fund may still pay: no more than it has, than the limit of an episode leaves, and than the
    /// limit of the market leaves (WF-4).
    static func fundRoom(
        balance: Int128,
        paid: Int128,
        perEvent: Int128,
        drawn: Int128,
        perMarket: Int128
    ) -> Int128 {
        assert(balance >= 0 && paid >= 0 && drawn >= 0, "what the fund has paid is not negative")
        return max(0, min(balance, min(perEvent - paid, perMarket - drawn)))
    }

    /// What an offer asks besides the mark: `⌈rate·notional⌉` (WF-5, VLT-4).
    static func discount(_ rate: Rate, of notional: Int128) -> Int128 {
        assert(rate.units >= 0 && notional >= 0, "a discount is not negative")
        return scaled(notional, by: Int128(rate.units), over: unit, .up)
    }

    /// A position's charge for a shortfall in one pass: its part by notional rounded up, no more than its
    /// equity and than what is left (WF-8).
    static func charge(of shortfall: Int128, left: Int128, notional: Int128, sum: Int128, equity: Int128)
        -> Int128
    {
        assert(sum > 0 && notional >= 0 && left <= shortfall, "a part is one of a whole")
        return min(scaled(shortfall, by: notional, over: sum, .up), min(equity, left))
    }
}
