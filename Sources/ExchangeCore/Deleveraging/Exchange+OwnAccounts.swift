/// An owner's other accounts bear its deficit before the fund and before anybody else (ADL-10).
extension Exchange {
    /// Closes what is left of a bucket below zero against its owner's other accounts, as far as they can
    /// bear it.
    mutating func askOwnAccounts(_ bucket: Bucket, _ events: inout EventBuffer) {
        orderLegs(bucket, .byLoss)
        var index = 0
        while index < legOrder.count {
            let leg = legOrder[index]
            index += 1
            let market = legs[leg].market
            let health = health(bucket)
            if health.equity >= 0 { return }
            if markets[market].specification.ownAccounts != .first { continue }
            rankOwn(market, longs: !legs[leg].isLong, of: bucket)
            if ranking.count == 0 { continue }
            placeRanked(leg, zeroPrice(leg, health), &events)
        }
    }

    /// Ranks the positions of one direction of a market that the owner of a bucket holds besides it.
    /// O(positions of the market) for an owner with a name, O(1) for an account that is its own.
    private mutating func rankOwn(_ market: Int32, longs: Bool, of bucket: Bucket) {
        ranking.truncate(to: 0)
        let owner = accounts[bucket.account].owner
        if owner.raw <= 0 {
            for index in 0..<3 {
                let leg = leg(bucket.account, market, at: index)
                if leg >= 0 { addOwn(leg, longs: longs, of: bucket) }
            }
        } else {
            var leg = markets[market].firstPosition
            while leg >= 0 {
                if accounts[legs[leg].account].owner == owner { addOwn(leg, longs: longs, of: bucket) }
                leg = legs[leg].nextPosition
            }
        }
        ranking.sort { $0.isBefore($1) }
    }

    private mutating func addOwn(_ leg: Int32, longs: Bool, of bucket: Bucket) {
        let own = self.bucket(of: leg)
        if !legs[leg].hasPosition || legs[leg].isLong != longs || own == bucket { return }
        let health = health(own)
        var ranked = score(leg, health, episode: lastEpisode)
        ranked.isPastTakeover = isPastTakeover(health, ruleMarket(own))
        ranked.isOwn = true
        ranking.append(ranked)
    }
}
