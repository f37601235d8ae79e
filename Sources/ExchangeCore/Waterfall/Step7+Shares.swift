/// Step 7 by shares: everybody in profit gives up a part (ADL-15 to ADL-17).
extension Exchange {
    /// Each candidate in profit takes ⌊r·weight/Σ weight⌋ of the remainder r, at most what it can bear.
    mutating func placeProRata(_ position: Int32, _ bankruptcy: BankruptcyPrice, _ events: inout EventBuffer)
    {
        let remainder = Int128(positions[position].size.lots.magnitude)
        var sum: Int128 = 0
        var place = 0
        while place < ranking.count {
            if ranking[place].isInProfit { sum += ranking[place].score }
            place += 1
        }
        assert(sum >= 0 && remainder > 0, "weights of those in profit are not negative")
        if sum == 0 { return }
        place = 0
        while place < ranking.count && positions[position].isOpen {
            if ranking[place].isInProfit {
                let share = Share.part(of: remainder, weight: ranking[place].score, sum: sum)
                precondition(share >= 0 && share <= remainder, "a part is no more than the whole")
                let quantity = bearable(
                    place,
                    min(Int64(share), freeLots(place)),
                    bankruptcy,
                    toMaintenance: true
                )
                closeIfFits(quantity, position, place, bankruptcy, &events)
            }
            place += 1
        }
    }

    /// Works out the shares of all candidates in profit, and closes them in the order of the queue.
    mutating func placeShares(_ position: Int32, _ bankruptcy: BankruptcyPrice, _ events: inout EventBuffer) {
        assert(positions[position].isOpen, "what is shared is open")
        let remainder = Int64(positions[position].size.lots.magnitude)
        shares.truncate(to: 0)
        var place = 0
        while place < ranking.count {
            if ranking[place].isInProfit {
                var share = Share()
                share.place = Int32(truncatingIfNeeded: place)
                share.weight = ranking[place].score
                share.cap = bearable(place, min(remainder, freeLots(place)), bankruptcy, toMaintenance: true)
                if share.cap > 0 { shares.append(share) }
            }
            place += 1
        }
        if markets[positions[position].market].specification.selection.rule.placing == .toLevel {
            fillToLevel(remainder)
        } else {
            spreadEvenly(remainder)
        }
        shares.sort { $0.place < $1.place }
        var index = 0
        while index < shares.count && positions[position].isOpen {
            let share = shares[index]
            // Fewer lots than the most it can bear may still be more than it can bear, as each lot that is
            // closed also frees maintenance.
            precondition(share.lots >= 0 && share.lots <= share.cap, "a share is no more than what is borne")
            let quantity = bearable(Int(share.place), share.lots, bankruptcy, toMaintenance: true)
            closeIfFits(quantity, position, Int(share.place), bankruptcy, &events)
            index += 1
        }
    }
}
