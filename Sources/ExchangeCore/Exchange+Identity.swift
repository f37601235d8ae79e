/// What distinguishes two states for everything that can still happen, as one number: an explorer of worlds
/// looks at states of the same identity once.
///
/// Left out is what no rule compares but by its order: numbers of commands, orders, offers, episodes and
/// trades, and what was ever paid in and out. In their place stand ranks: an order's place in its queue, an
/// offer's age among those that stand.
extension Exchange {
    /// The identity of this state. States that differ in something a rule can tell apart differ in it, but
    /// for an accident of 64 bits. Request keys are none of it: a world must not use them.
    ///
    /// - Parameter interchangeable: user accounts, at most 8, that may be exchanged for one another: states
    ///   that are equal but for which of them is which have one identity. Rules break ties by number of
    ///   account, so that such states may go on differently, though only where two accounts tie.
    /// - Complexity: O(state), and O(n²) in orders that wait.
    public func identity(interchangeable: Range<Int32> = 0..<0) -> UInt64 {
        precondition(interchangeable.count <= 8 && requests.live == 0)
        var hasher = IdentityHasher()
        addVenue(to: &hasher)
        let ranks = addAccounts(to: &hasher, interchangeable)
        addMarkets(to: &hasher)
        addLists(to: &hasher, ranks)
        return hasher.value
    }

    private func addVenue(to hasher: inout IdentityHasher) {
        var (rule, vault, limits) = (debtRule, vault, limits)
        limits.fields(&hasher)
        hasher.add(clock.microseconds)
        hasher.visit("debtRule", &rule)
        vault.fields(&hasher)
        // The only rule that reads the number of an episode (ADL-14).
        for index in 0..<markets.count where markets[index].specification.selection == .lottery {
            hasher.add(lastEpisode)
        }
        hasher.add(waterfall.isPending)
        if !waterfall.isPending { return }
        var (state, held) = (waterfall, heldMark)
        state.fields(&hasher)
        held.fields(&hasher)
    }

    // MARK: Accounts

    /// Numbers of interchangeable accounts: the rank of each by what it has.
    private struct Ranks {
        var first: Int32 = 0
        var count: Int32 = 0
        var digests = InlineArray<8, UInt64>(repeating: 0)

        /// The account's own number, or that of its rank.
        func number(of account: Int32) -> Int32 {
            if account < first || account >= first + count { return account }
            let own = digests[Int(account - first)]
            var rank: Int32 = 0
            for other in 0..<count {
                let isBefore =
                    digests[Int(other)] < own || (digests[Int(other)] == own && first + other < account)
                if isBefore { rank += 1 }
            }
            return first + rank
        }
    }

    private func addAccounts(to hasher: inout IdentityHasher, _ group: Range<Int32>) -> Ranks {
        var ranks = Ranks(first: group.lowerBound, count: Int32(group.count))
        var sum: UInt64 = 0
        for account in 0..<Int32(truncatingIfNeeded: accounts.count) {
            let digest = digest(of: account)
            if group.contains(account) {
                ranks.digests[Int(account - ranks.first)] = digest
                // In no order: which account it is does not count.
                sum = IdentityHasher.sum(sum, digest)
            } else {
                hasher.add(digest)
            }
        }
        hasher.add(sum)
        return ranks
    }

    /// All that an account has, but for its number.
    private func digest(of account: Int32) -> UInt64 {
        var hasher = IdentityHasher()
        var record = accounts[account]
        var cash = margins[record.margin].cash
        // Who names no owner is one of its own.
        if record.owner == OwnerID(-account) { record.owner = OwnerID(.min) }
        record.fields(&hasher, &cash)
        hasher.add(cash.units)
        hasher.add(margins[record.margin].isInLiquidation)
        let held = holdingTable.find(UInt64(UInt32(bitPattern: account)))
        if held >= 0 {
            hasher.add(holdings[held].shares)
            hasher.add(holdings[held].lockedUntil.microseconds)
        }
        var position = record.firstPosition
        while position >= 0 {
            addPosition(position, to: &hasher)
            position = positions[position].next
        }
        return hasher.value
    }

    private func addPosition(_ index: Int32, to hasher: inout IdentityHasher) {
        var position = positions[index]
        var cash = isolatedCash(index)
        let (market, wasAt) = (position.market, position.lastOfferBefore)
        position.account = 0
        position.lastOfferBefore = 0
        position.fields(&hasher, &cash)
        hasher.add(cash.units)
        hasher.add(margins[position.margin].isInLiquidation)
        hasher.add(hedge(of: index))
        if position.countdown >= 0 { hasher.add(deadlines.time(of: position.countdown).microseconds) }
        if position.isOpen {
            hasher.add(place(of: index))
            hasher.add(youngerOffers(markets[market].sellOffers, than: Int64(wasAt)))
            hasher.add(youngerOffers(markets[market].buyOffers, than: Int64(wasAt)))
        }
        addOffer(from: markets[market].sellOffers, of: positions[index].account, to: &hasher)
        addOffer(from: markets[market].buyOffers, of: positions[index].account, to: &hasher)
        var order = position.firstOrder
        while order >= 0 {
            addOrder(order, to: &hasher)
            order = book.orders[order].nextOfPosition
        }
        hasher.add(UInt64(0))
    }

    /// How many positions stand before one in the market's list.
    private func place(of position: Int32) -> Int64 {
        var place: Int64 = 0
        var before = positions[position].previousPosition
        while before >= 0 {
            place += 1
            before = positions[before].previousPosition
        }
        return place
    }

    private func youngerOffers(_ first: Int32, than number: Int64) -> Int64 {
        var (count, index) = (Int64(0), first)
        while index >= 0 {
            if offers[index].number > number { count += 1 }
            index = offers[index].next
        }
        return count
    }

    /// The account's offer in a list: what it is, its place, and how many of the list are older.
    private func addOffer(from first: Int32, of account: Int32, to hasher: inout IdentityHasher) {
        var (place, index) = (Int64(0), first)
        while index >= 0 {
            let offer = offers[index]
            if offer.account == account {
                hasher.add(place)
                hasher.add(youngerOffers(first, than: offer.number))
                hasher.add(offer.quantity.lots)
                hasher.add(offer.edge.units)
            }
            place += 1
            index = offers[index].next
        }
    }

    private func addOrder(_ index: Int32, to hasher: inout IdentityHasher) {
        var order = SavedOrder(of: index, in: self)
        order.position = 0
        if order.isConditional { hasher.add(olderConditions(than: order.order.id)) }
        order.order.id = .none
        order.fields(&hasher)
        var (place, before) = (Int64(0), book.orders[index].previous)
        while before >= 0 {
            place += 1
            before = book.orders[before].previous
        }
        hasher.add(place)
    }

    /// How many orders that wait for a trigger are older than one.
    private func olderConditions(than id: OrderID) -> Int64 {
        var count: Int64 = 0
        for position in 0..<positions.count {
            var order = positions[position].firstOrder
            while order >= 0 {
                if book.orders[order].condition >= 0 && book.orders[order].id < id { count += 1 }
                order = book.orders[order].nextOfPosition
            }
        }
        return count
    }

    // MARK: Markets and lists

    private func addMarkets(to hasher: inout IdentityHasher) {
        for index in 0..<markets.count {
            var market = markets[index]
            market.trades = 0
            market.fields(&hasher)
            if market.funding >= 0 { hasher.add(deadlines.time(of: market.funding).microseconds) }
            if market.staleness >= 0 { hasher.add(deadlines.time(of: market.staleness).microseconds) }
            if market.memory >= 0 {
                var memory = memories[market.memory]
                memory.fields(&hasher)
            }
        }
    }

    private func addLists(to hasher: inout IdentityHasher, _ ranks: Ranks) {
        for index in 0..<inLiquidation.count { addMargin(inLiquidation[index], to: &hasher, ranks) }
        if !waterfall.isPending { return }
        hasher.add(UInt64(1))
        for index in 0..<queue.count { addMargin(queue[index].margin, to: &hasher, ranks) }
        hasher.add(UInt64(2))
        for index in 0..<affected.count { addMargin(affected[index], to: &hasher, ranks) }
        for index in 0..<activeMarkets.count { hasher.add(activeMarkets[index]) }
    }

    private func addMargin(_ margin: MarginAccount.Index, to hasher: inout IdentityHasher, _ ranks: Ranks) {
        hasher.add(ranks.number(of: margins[margin].account))
        let isolated = margins[margin].isIsolated ? margins[margin].firstPosition : nowhere
        hasher.add(isolated < 0 ? nowhere : positions[isolated].market)
        if isolated >= 0 { hasher.add(Int64(positions[isolated].side.rawValue)) }
    }
}
