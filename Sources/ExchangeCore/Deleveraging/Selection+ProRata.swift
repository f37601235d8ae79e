/// Pro rata: everybody in profit gives up a part of the remainder (ADL-4, ADL-15).
extension Exchange {
    /// Each candidate in profit takes ⌊r·weight/Σ weight⌋ of the remainder r, at most what it can bear.
    mutating func placeProRata(_ leg: Int32, _ zero: ZeroPrice, _ events: inout EventBuffer) {
        let remainder = Int128(legs[leg].size.lots.magnitude)
        var sum: Int128 = 0
        var place = 0
        while place < ranking.count {
            if ranking[place].isInProfit { sum += ranking[place].score }
            place += 1
        }
        assert(sum >= 0 && remainder > 0, "weights of those in profit are not negative")
        if sum == 0 { return }
        place = 0
        while place < ranking.count && legs[leg].hasPosition {
            if ranking[place].isInProfit {
                let share = scaled(remainder, by: ranking[place].score, over: sum, .down)
                precondition(share >= 0 && share <= remainder, "a part is no more than the whole")
                let quantity = bearable(
                    place,
                    smaller(Int64(share), freeLots(place)),
                    zero,
                    toMaintenance: true
                )
                closeIfFits(quantity, leg, place, zero, &events)
            }
            place += 1
        }
    }
}
