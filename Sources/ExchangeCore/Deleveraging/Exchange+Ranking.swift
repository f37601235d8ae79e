/// The queue of one side of a market as it was last ranked in a waterfall, and who changed since (ADL-6).
///
/// While a waterfall runs the marks stand still, so that a score changes only with what its own account
/// holds. Not a part of the state: without it the queue is ranked anew.
struct StandingQueue: ~Copyable {
    /// The market, or `nowhere` if nothing stands.
    var market = nowhere
    var longs = false
    /// Whether those past takeover stand in it too.
    var all = false
    var entries = Slab<RankedLeg>()
    /// Accounts whose cash or positions changed.
    var changed = Slab<Int32>()

    @inline(__always)
    mutating func note(_ account: Int32) {
        assert(account >= 0, "who changed is an account")
        if market >= 0 { changed.append(account) }
    }

    mutating func forget() {
        market = nowhere
        changed.truncate(to: 0)
    }

    /// Takes an account's entry out. An account has one leg at most on a side of a market.
    mutating func remove(_ account: Int32) {
        var place = 0
        assert(account >= 0, "who is taken out is an account")
        while place < entries.count && entries[place].account != account { place += 1 }
        if place == entries.count { return }
        while place + 1 < entries.count {
            entries[place] = entries[place + 1]
            place += 1
        }
        assert(place + 1 == entries.count, "one entry goes")
        entries.truncate(to: place)
    }

    /// Puts an entry where its score belongs.
    mutating func insert(_ entry: RankedLeg) {
        var low = 0
        var high = entries.count
        assert(entry.leg >= 0 && entry.account >= 0, "an entry is one of a position")
        while low < high {
            let middle = (low + high) >> 1
            if entries[middle].isBefore(entry) { low = middle + 1 } else { high = middle }
        }
        entries.append(entry)
        var place = entries.count - 1
        while place > low {
            entries[place] = entries[place - 1]
            place -= 1
        }
        assert(
            place == low && (low == 0 || !entry.isBefore(entries[low - 1])),
            "an entry stands behind those before it"
        )
        entries[low] = entry
    }
}

/// Ranking the other side of a market (ADL-2, ADL-6).
extension Exchange {
    /// Ranks the positions of one direction of a market into `ranking`, those of a bucket left out.
    ///
    /// - Parameter all: also those past takeover, as step 8 and the rule `everybody` need them.
    mutating func rank(_ market: Int32, longs: Bool, exceptFor margin: MarginAccount.Index, all: Bool) {
        let stands = standing.market == market && standing.longs == longs && standing.all == all
        // A draw is made anew for each episode, and many changes are dearer than a new queue.
        let isDrawn = markets[market].specification.selection.rule.isDrawn
        if stands && !isDrawn && standing.changed.count <= 16 {
            rankChanged()
        } else {
            rankAnew(market, longs: longs, all: all)
        }
        assert(
            standing.market == market && standing.longs == longs,
            "the queue is that of the side that is asked"
        )
        assert(standing.changed.count == 0, "every change is taken up")
        ranking.truncate(to: 0)
        var place = 0
        while place < standing.entries.count {
            let isOwn = legs[standing.entries[place].leg].margin == margin
            if !isOwn { ranking.append(standing.entries[place]) }
            place += 1
        }
    }

    private mutating func rankAnew(_ market: Int32, longs: Bool, all: Bool) {
        assert(market >= 0 && Int(market) < markets.count, "a queue is one of a market")
        standing.forget()
        standing.market = market
        standing.longs = longs
        standing.all = all
        standing.entries.truncate(to: 0)
        var leg = markets[market].firstPosition
        while leg >= 0 {
            if let entry = ranked(leg) { standing.entries.append(entry) }
            leg = legs[leg].nextPosition
        }
        assert(standing.entries.count <= Int(markets[market].positions), "no position stands twice")
        standing.entries.sort { $0.isBefore($1) }
    }

    /// Scores anew who changed since the queue was ranked.
    private mutating func rankChanged() {
        while standing.changed.count > 0 {
            let account = standing.changed.removeLast()
            assert(hasAccount(account), "who changed is an account")
            standing.remove(account)
            for index in 0..<3 {
                let leg = leg(account, standing.market, at: index)
                if leg >= 0 && legs[leg].hasPosition, let entry = ranked(leg) { standing.insert(entry) }
            }
        }
    }

    /// The entry of a leg in the standing queue; nil if it does not belong there.
    @inline(__always)
    private func ranked(_ leg: Int32) -> RankedLeg? {
        if legs[leg].isLong != standing.longs { return nil }
        let lots = netLots(leg)
        if lots == 0 { return nil }
        assert(
            lots > 0 && legs[leg].market == standing.market,
            "who stands in the queue holds lots of the market"
        )
        let own = legs[leg].margin
        let health = health(own)
        let isPast = isPastTakeover(health, ruleMarket(own))
        if isPast && !standing.all { return nil }
        var entry = score(leg, health, lots: lots, episode: lastEpisode)
        assert(entry.lots == lots && entry.leg == leg, "an entry is one of its position")
        entry.isPastTakeover = isPast
        return entry
    }
}
