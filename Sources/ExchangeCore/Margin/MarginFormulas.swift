/// Formulas of margin.md as functions of values. Amounts are whole 10⁻⁸ of the quote currency and a rate
/// whole 10⁻⁸ of one; what rounds says which way. None reads a state, and none allocates.
enum Margin {
    /// Initial margin of a notional: `⌈notional / leverage⌉` (MG-1).
    @inline(__always)
    static func initial(_ notional: Int128, leverage: Int64) -> Int128 {
        assert(notional >= 0 && leverage >= 1, "a notional is not negative, a leverage at least one")
        let margin = notional == 0 ? 0 : quotientUp(notional, leverage)
        assert(margin <= notional && margin * Int128(leverage) >= notional, "a margin is its part, or more")
        return margin
    }

    /// Maintenance margin of a notional in its bracket: `⌈notional·rate − deduction⌉` (MG-5).
    ///
    /// - Parameter deduction: the bracket's, in 10⁻¹⁶; 0 in the first one.
    @inline(__always)
    static func maintenance(_ notional: Int128, rate: Rate, deduction: Int128) -> Int128 {
        assert(notional >= 0 && rate.units >= 0 && deduction >= 0, "parts of a margin are not negative")
        return overUnit(product(notional, rate.units) - deduction, .up)
    }

    /// The bracket of a notional: the first that reaches it, or the last. At most ten comparisons (MG-5).
    static func bracket(of notional: Int128, in table: TierTable) -> Int {
        let last = Int(table.count) - 1
        assert(last >= 0 && notional >= 0, "a market has brackets, and a notional is not negative")
        var index = 0
        while index < last && notional > Int128(table.tiers[index].upTo.units) { index += 1 }
        assert(
            index == last || notional <= Int128(table.tiers[index].upTo.units),
            "a bracket holds its notional"
        )
        return index
    }

    /// The largest notional that a position can come to when all its orders of one side are filled (MG-1).
    ///
    /// - Parameters:
    ///   - held: notional of the position, negative for a short.
    ///   - buys, sells: notional of the open orders.
    @inline(__always)
    static func exposure(held: Int128, buys: Int128, sells: Int128, side: PositionSide) -> Int128 {
        assert(buys >= 0 && sells >= 0, "orders are worth no less than nothing")
        switch side {
        case .both: return max(absolute(held + buys), absolute(held - sells))
        case .long: return absolute(held) + buys
        case .short: return absolute(held) + sells
        }
    }

    /// What a position and its orders require: the initial margin of the exposure, less what an isolated
    /// position holds already, and the fees and losses that the orders would bring (MG-1).
    @inline(__always)
    static func requirement(ofExposure initial: Int128, held: Int128, fees: Int128, loss: Int128) -> Int128 {
        assert(initial >= 0 && held >= 0 && fees >= 0 && loss >= 0, "parts of a requirement are not negative")
        let required = max(0, initial - held) + fees + loss
        assert(
            required >= fees + loss && required <= initial + fees + loss,
            "a requirement is between its parts"
        )
        return required
    }

    /// Equity that no requirement binds (MG-1): what opening an order, a withdrawal or a transfer draws on.
    @inline(__always)
    static func available(equity: Int128, requirements: Int128) -> Int128 {
        assert(requirements >= 0, "nothing requires less than nothing")
        return equity - requirements
    }

    /// How far, in ticks, a price may go before a position's part of the slack is used up, rounded down
    /// (MG-7).
    ///
    /// A margin account that lacks margin waits for a price at which one of its positions can be closed, and
    /// any price is one: what one position gains back may not make good what another one lacks.
    ///
    /// - Parameters:
    ///   - room: the part of the slack.
    ///   - tickWorth: what a tick is worth to the position; positive.
    ///   - rate: the market's highest maintenance rate.
    static func triggerDistance(room: Int128, tickWorth: Int128, rate: Rate) -> Int128 {
        assert(tickWorth > 0 && rate.units >= 0, "a tick is worth something")
        if room < 0 { return -Int128(Price.highest.ticks) }
        let ticks = scaled(room, by: unit, over: tickWorth * (unit + Int128(rate.units)), .down)
        assert(ticks >= 0 && ticks * tickWorth <= room, "a price goes no further than the room")
        return ticks
    }

    /// Whether `equity / maintenance` lies below the takeover fraction (waterfall.md).
    static func isPastTakeover(equity: Int128, maintenance: Int128, _ numerator: Int32, _ denominator: Int32)
        -> Bool
    {
        assert(denominator > 0 && numerator >= 0, "a part has a whole")
        assert(maintenance >= 0, "maintenance is not negative")
        return equity * Int128(denominator) < maintenance * Int128(numerator)
    }
}
