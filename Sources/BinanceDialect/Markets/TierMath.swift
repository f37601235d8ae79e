import ExchangeCore

/// Margins of a notional by a market's brackets, as the core works them out (MG-1, MG-5).
extension TierTable {
    /// The bracket of a notional; the last is open.
    func tier(of notional: Int128) -> Int {
        var index = 0
        while index < Int(count) - 1 && notional > Int128(tiers[index].upTo.units) { index += 1 }
        return index
    }

    /// `notional·rate − deduction`, rounded up: the sum over the brackets below and the part in its own.
    func maintenance(_ notional: Int128) -> Int128 {
        if count < 1 || notional <= 0 { return 0 }
        // Beyond this no notional of an exchange lies, and products still fit.
        let bounded = min(notional, Int128(1) << 95)
        var sum: Int128 = 0
        var below: Int128 = 0
        for index in 0...tier(of: bounded) {
            let top = min(bounded, Int128(tiers[index].upTo.units))
            let end = index == Int(count) - 1 ? bounded : top
            sum += (end - below) * Int128(tiers[index].maintenance.units)
            below = end
        }
        return quotient(sum, 100_000_000, .up)
    }

    /// Initial margin of a notional at the smaller of the chosen leverage and its bracket's.
    func initial(_ notional: Int128, leverage: Int32) -> Int128 {
        if count < 1 || notional <= 0 { return 0 }
        let highest = tiers[tier(of: notional)].leverage
        return quotient(notional, Int128(max(1, min(leverage, highest))), .up)
    }

    /// The highest leverage of the market.
    var highestLeverage: Int32 { count < 1 ? 1 : tiers[0].leverage }

    /// The leverage of an account that chose none.
    var usualLeverage: Int32 { min(20, highestLeverage) }

    /// The most notional that a leverage allows.
    func mostNotional(at leverage: Int32) -> Amount {
        var most = Amount.zero
        for index in 0..<Int(max(0, count)) where tiers[index].leverage >= leverage {
            most = tiers[index].upTo
        }
        return most
    }

    /// What makes a bracket continuous with those below it, in 10⁻¹⁶.
    func deduction(_ index: Int) -> Int128 {
        var sum: Int128 = 0
        for place in 1..<max(1, Int(count)) where place <= index {
            let step = Int128(tiers[place].maintenance.units) - Int128(tiers[place - 1].maintenance.units)
            sum += Int128(tiers[place - 1].upTo.units) * step
        }
        return sum
    }
}
