/// Pro rata by profit: everybody in profit gives up a part of the remainder (ADL-4).
extension Exchange {
    /// Each candidate in profit at the execution price takes ⌊r·profit/Σ profit⌋, at most what it can bear.
    mutating func placeProRata(_ leg: Int32, _ zero: ZeroPrice, _ events: inout EventBuffer) {
        let remainder = Int128(legs[leg].size.lots.magnitude)
        var sum: Int128 = 0
        var place = 0
        while place < ranking.count {
            if !ranking[place].isPastTakeover && isInProfit(ranking[place].leg, zero) {
                sum += ranking[place].profit
            }
            place += 1
        }
        if sum == 0 { return }
        place = 0
        while place < ranking.count && legs[leg].hasPosition {
            let candidate = ranking[place].leg
            // Profits were summed before anybody was closed; a candidate stands in the queue once.
            if !ranking[place].isPastTakeover && isInProfit(candidate, zero) {
                let share = scaled(remainder, by: ranking[place].profit, over: sum, .down)
                let bound = smaller(Int64(share), Int64(legs[candidate].size.lots.magnitude))
                let quantity = bearable(candidate, bound, zero, keepsMaintenance: true)
                if quantity > 0 { closeWithCandidate(quantity, leg, place, zero, &events) }
            }
            place += 1
        }
    }
}
