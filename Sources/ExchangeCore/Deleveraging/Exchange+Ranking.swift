/// The queue of one side of a market as it was last ranked in a waterfall, and who changed since (ADL-6).
///
/// While a waterfall runs the marks stand still, so that a score changes only with what its own account
/// holds. Not a part of the state: without it the queue is ranked again.
struct RankedQueue: ~Copyable {
    /// The market, or `nowhere` if nothing stands.
    var market = nowhere
    var longs = false
    /// Whether those past takeover stand in it too.
    var all = false
    var entries = Slab<RankedPosition>()
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
        assert(changed.count == 0 && market < 0, "nothing is known of a queue that is forgotten")
    }

    /// Takes an account's entry out. An account has one position at most on a side of a market.
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
    mutating func insert(_ entry: RankedPosition) {
        var low = 0
        var high = entries.count
        assert(entry.position >= 0 && entry.account >= 0, "an entry is one of a position")
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
    /// Ranks the positions of one direction of a market into `ranking`, those of a margin account left out.
    ///
    /// - Parameter all: also those past takeover, as step 8 and the rule `everybody` need them (ADL-1a).
    mutating func rank(_ market: Int32, longs: Bool, exceptFor margin: MarginAccount.Index, all: Bool) {
        let stands = rankedQueue.market == market && rankedQueue.longs == longs && rankedQueue.all == all
        // A draw is made again for each episode, and many changes are dearer than a new queue.
        let isDrawn = markets[market].specification.selection.rule.isDrawn
        if stands && !isDrawn && rankedQueue.changed.count <= 16 {
            rankChanged()
        } else {
            rankAll(market, longs: longs, all: all)
        }
        assert(
            rankedQueue.market == market && rankedQueue.longs == longs,
            "the queue is that of the side that is asked"
        )
        assert(rankedQueue.changed.count == 0, "every change is taken up")
        ranking.truncate(to: 0)
        var place = 0
        while place < rankedQueue.entries.count {
            let isOwn = positions[rankedQueue.entries[place].position].margin == margin
            if !isOwn { ranking.append(rankedQueue.entries[place]) }
            place += 1
        }
    }

    private mutating func rankAll(_ market: Int32, longs: Bool, all: Bool) {
        assert(market >= 0 && Int(market) < markets.count, "a queue is one of a market")
        rankedQueue.forget()
        rankedQueue.market = market
        rankedQueue.longs = longs
        rankedQueue.all = all
        rankedQueue.entries.truncate(to: 0)
        var position = markets[market].firstPosition
        while position >= 0 {
            if let entry = ranked(position) { rankedQueue.entries.append(entry) }
            position = positions[position].nextPosition
        }
        assert(rankedQueue.entries.count <= Int(markets[market].positions), "no position stands twice")
        rankedQueue.entries.sort { $0.isBefore($1) }
    }

    /// Scores again who changed since the queue was ranked.
    private mutating func rankChanged() {
        while rankedQueue.changed.count > 0 {
            let account = rankedQueue.changed.removeLast()
            assert(hasAccount(account), "who changed is an account")
            rankedQueue.remove(account)
            for index in 0..<3 {
                let position = position(account, rankedQueue.market, at: index)
                if position >= 0 && positions[position].isOpen, let entry = ranked(position) {
                    rankedQueue.insert(entry)
                }
            }
        }
    }

    /// The entry of a position in the ranked queue; nil if it does not belong there.
    @inline(__always)
    private func ranked(_ position: Int32) -> RankedPosition? {
        if positions[position].isLong != rankedQueue.longs { return nil }
        let lots = netLots(position)
        if lots == 0 { return nil }
        assert(
            lots > 0 && positions[position].market == rankedQueue.market,
            "who stands in the queue holds lots of the market"
        )
        let own = positions[position].margin
        let health = health(own)
        let isPast = isPastTakeover(health, ruleMarket(own))
        if isPast && !rankedQueue.all { return nil }
        var entry = score(position, health, lots: lots, episode: lastEpisode)
        assert(entry.lots == lots && entry.position == position, "an entry is one of its position")
        entry.isPastTakeover = isPast
        return entry
    }
}
