/// Building an exchange from a snapshot (DET-2, DET-5). Whatever the bytes are, the answer is a
/// consistent exchange or nil: every reference and sum is checked before it is used.
extension Exchange {
    /// Reads a state that `snapshot(into:)` wrote; nil if the bytes hold anything else.
    ///
    /// - Parameter rules: those that the state was written under; older ones when a log is upgraded.
    public init?(restoring reader: inout ByteReader, rules: Int32 = Exchange.rules) {
        self.init()
        let start = reader.position
        if !restore(&reader, rules: rules) { return nil }
        // A state of older rules held what this program has no place for.
        if rules < Exchange.rules { return }
        if !reader.isReading(from: start, { self.encode(into: &$0) }) { return nil }
    }

    private mutating func restoreVersions(_ reader: inout ByteReader, rules expected: Int32) -> Bool {
        var magic: UInt64 = 0
        var format: Int32 = 0
        var rules: Int32 = 0
        reader.visit("magic", &magic)
        reader.visit("format", &format)
        reader.visit("rules", &rules)
        if magic != Exchange.magic || format != Exchange.format || rules != expected { return false }
        reader.rules = rules
        limits.fields(&reader)
        return !reader.failed && limits.isValid
    }

    private mutating func restore(_ reader: inout ByteReader, rules: Int32) -> Bool {
        if !restoreVersions(&reader, rules: rules) { return false }
        var header = StateHeader()
        header.fields(&reader)
        if reader.failed || !header.isValid { return false }
        take(header)
        return restoreLedger(header, &reader) && restoreMarkets(header, &reader)
            && restoreOrders(header, &reader) && restoreWaterfall(header, &reader, rules: rules)
            && finishRestore(header)
            && !reader.failed && reader.isAtEnd
    }

    private mutating func take(_ header: StateHeader) {
        lastSequence = header.sequence
        clock = header.clock
        totalDeposits = header.deposits
        totalWithdrawals = header.withdrawals
        debtRule = header.debtRule
        vault = header.vault
        lastOrder = header.lastOrder
        lastOffer = header.lastOffer
        lastEpisode = header.lastEpisode
    }

    // MARK: Ledger

    private mutating func restoreLedger(_ header: StateHeader, _ reader: inout ByteReader) -> Bool {
        accounts.truncate(to: 0)
        for _ in 0..<header.accounts {
            var account = Account()
            account.fields(&reader)
            if reader.failed || !account.cash.isBounded || account.owner.raw == Int32.min { return false }
            // The venue's own accounts choose nothing.
            let isVenue = accounts.count < Int(AccountID.firstUser.raw)
            if isVenue && (account.mode != .oneWay || account.isKilled) { return false }
            accounts.append(account)
            linkOwner(Int32(truncatingIfNeeded: accounts.count - 1))
        }
        for _ in 0..<header.legs where !restoreLeg(header, &reader) { return false }
        for _ in 0..<header.holdings {
            var holding = VaultHolding()
            holding.fields(&reader)
            let key = UInt64(UInt32(bitPattern: holding.account))
            if reader.failed || !hasUser(holding.account) || holding.shares < 0 { return false }
            if holdingTable.find(key) >= 0 { return false }
            holdings.append(holding)
            holdingTable.insert(key, Int32(truncatingIfNeeded: holdings.count - 1))
        }
        for _ in 0..<header.waiting {
            var bucket = Bucket(account: nowhere, leg: nowhere)
            bucket.fields(&reader)
            if reader.failed || !hasBucket(bucket) || isInLiquidation(bucket) { return false }
            if bucket.account < AccountID.vault.raw { return false }
            setInLiquidation(bucket, true)
        }
        for _ in 0..<header.requests {
            var request = Request()
            request.fields(&reader)
            let known = request.account == nowhere || hasAccount(request.account)
            if reader.failed || !known || remembered(request.key, of: request.account) != nil { return false }
            attach(request)
        }
        return true
    }

    private func hasAccount(_ account: Int32) -> Bool { account >= 0 && Int(account) < accounts.count }

    private func hasUser(_ account: Int32) -> Bool {
        hasAccount(account) && account >= AccountID.firstUser.raw
    }

    /// Whether a leg is one that its account can have: the fund and the fee account none, the vault cross
    /// ones, a user's with a position or orders such as its mode has.
    private func isFitting(_ leg: Leg) -> Bool {
        if leg.account < AccountID.vault.raw { return false }
        if leg.account == AccountID.vault.raw && (leg.isIsolated || leg.side != .both) { return false }
        switch leg.side {
        case .both: break
        case .long: if leg.size.lots < 0 { return false }
        case .short: if leg.size.lots > 0 { return false }
        }
        let isIdle = !leg.hasPosition && leg.orderCount == 0
        return isIdle || (accounts[leg.account].mode == .hedge) == (leg.side != .both)
    }

    private func hasBucket(_ bucket: Bucket) -> Bool {
        if !hasAccount(bucket.account) { return false }
        if bucket.leg == nowhere { return true }
        if bucket.leg < 0 || Int(bucket.leg) >= legs.count { return false }
        return legs[bucket.leg].isIsolated && legs[bucket.leg].account == bucket.account
    }

    private mutating func restoreLeg(_ header: StateHeader, _ reader: inout ByteReader) -> Bool {
        var leg = Leg()
        leg.fields(&reader)
        if reader.failed || !hasAccount(leg.account) || leg.market < 0 || leg.market >= header.markets {
            return false
        }
        if leg.leverage < 1 || leg.leverage > Int32(truncatingIfNeeded: Rate.one.units) { return false }
        if !leg.isolatedCash.isBounded || !leg.quote.isWithin(1 << 61) || !leg.size.isBounded { return false }
        if !isFitting(leg) || findLeg(leg.account, leg.market, leg.side) >= 0 { return false }
        if leg.countdown >= 0 {
            var deadline = Timestamp(0)
            reader.visit("deadline", &deadline)
            let number = Int64(leg.account) << 32 | Int64(leg.market)
            leg.countdown = deadlines.add(deadline, .countdown, number)
        }
        var group: Int32 = 0
        reader.visit("hedge", &group)
        if group < 0 || group > 1_000 { return false }
        legs.append(leg)
        attach(Int32(truncatingIfNeeded: legs.count - 1))
        putIntoHedge(Int32(truncatingIfNeeded: legs.count - 1), group)
        return !reader.failed
    }

    // MARK: Markets

    private mutating func restoreMarkets(_ header: StateHeader, _ reader: inout ByteReader) -> Bool {
        for number in 0..<header.markets {
            var market = Market()
            market.fields(&reader)
            if reader.failed || specificationRefusal(market.specification) != nil { return false }
            if !market.specification.symbol.isValid || marketID(of: market.specification.symbol) != nil {
                return false
            }
            if !market.hasValidPrices || market.lastSample > clock { return false }
            for source in 0..<16 where market.sources[source].at > clock { return false }
            market.derive()
            if market.funding >= 0 { market.funding = restoreDeadline(.funding, number, &reader) }
            if market.staleness >= 0 { market.staleness = restoreDeadline(.staleness, number, &reader) }
            let positions = market.positions
            let sells = market.sellOfferCount
            let buys = market.buyOfferCount
            market.positions = 0
            market.sellOfferCount = 0
            market.buyOfferCount = 0
            markets.append(market)
            enterSymbol(number)
            if !restoreMemory(number, &reader) { return false }
            if !restorePositions(number, positions, &reader) { return false }
            if !restoreOffers(number, .sell, sells, &reader) || !restoreOffers(number, .buy, buys, &reader) {
                return false
            }
        }
        return !reader.failed
    }

    private mutating func restoreMemory(_ market: Int32, _ reader: inout ByteReader) -> Bool {
        addMemory(market)
        if markets[market].memory < 0 { return true }
        var memory = MarkMemory()
        memory.fields(&reader)
        let time = markets[market].specification.averageTime
        if reader.failed || !memory.isMade(averageTime: time, now: clock) { return false }
        memories[markets[market].memory] = memory
        return true
    }

    private mutating func restoreDeadline(
        _ kind: DeadlineKind,
        _ market: Int32,
        _ reader: inout ByteReader
    ) -> Int32 {
        var deadline = Timestamp(0)
        reader.visit("deadline", &deadline)
        return deadlines.add(deadline, kind, Int64(market))
    }

    private mutating func restorePositions(_ market: Int32, _ count: Int32, _ reader: inout ByteReader)
        -> Bool
    {
        if count < 0 { return false }
        for _ in 0..<count {
            var leg = nowhere
            reader.visit("position", &leg)
            if reader.failed || leg < 0 || Int(leg) >= legs.count { return false }
            if legs[leg].market != market || !legs[leg].hasPosition || legs[leg].isChanged { return false }
            // Marks the leg as seen, so that a list that names one twice is refused.
            legs[leg].isChanged = true
            appendPosition(leg)
        }
        return true
    }

    private mutating func restoreOffers(
        _ market: Int32,
        _ side: Side,
        _ count: Int32,
        _ reader: inout ByteReader
    ) -> Bool {
        if count < 0 { return false }
        for _ in 0..<count {
            var offer = StandingOffer()
            offer.fields(&reader)
            if reader.failed || !hasUser(offer.account) || offer.quantity.lots < 1 { return false }
            if offer.edge.units < 0 || offer.edge > .one || offer.quantity > .highest { return false }
            insertOffer(market, side, offer)
        }
        return true
    }

    // MARK: Orders

    private mutating func restoreOrders(_ header: StateHeader, _ reader: inout ByteReader) -> Bool {
        for _ in 0..<header.orders {
            var saved = SavedOrder()
            saved.fields(&reader)
            if reader.failed || saved.leg < 0 || Int(saved.leg) >= legs.count || !saved.isValid {
                return false
            }
            if saved.order.id.raw < 1 || saved.order.id.raw > lastOrder { return false }
            if book.find(saved.order.id) >= 0 { return false }
            if saved.restedAt > clock || saved.restedAt.microseconds < 0 { return false }
            restoreOrder(saved)
            if !isFitting(legs[saved.leg]) { return false }
        }
        for _ in 0..<header.resting {
            var id = OrderID.none
            reader.visit("order", &id)
            let order = book.find(id)
            if reader.failed || order < 0 || !book.orders[order].isResting || book.orders[order].level >= 0 {
                return false
            }
            let it = book.orders[order]
            let u = markets[legs[it.leg].market].u
            let worth = Int128(it.quantity.lots) * Int128(it.price.ticks) * u
            if worth > Int128(Amount.pileLimit.units) { return false }
            if isOutOfRange(it.leg, it.side, it.price.ticks, it.remaining, counts: !it.reduceOnly) {
                return false
            }
            let since = restedAt(order)
            rest(order)
            setRestedAt(order, since)
        }
        return true
    }

    private mutating func restoreOrder(_ saved: SavedOrder) {
        var order = saved.order
        order.leg = saved.leg
        order.price = saved.price
        let index = book.insert(order)
        setRestedAt(index, saved.restedAt)
        enter(index, saved.clientID, goodTill: saved.goodTill)
        if saved.isConditional {
            book.orders[index].condition = conditions.insert(saved.condition)
            if order.type == .trailingStopMarket { enterTrailing(index) }
            if saved.condition.trigger.ticks > 0 { watch(index) }
        }
    }

    // MARK: Waterfall

    private mutating func restoreWaterfall(
        _ header: StateHeader,
        _ reader: inout ByteReader,
        rules: Int32
    ) -> Bool {
        if !header.isPending { return header.queue == 0 && header.touched == 0 && header.active == 0 }
        waterfall.fields(&reader)
        if reader.failed || waterfall.phase == .idle || waterfall.cursor < 0
            || waterfall.cursor > header.queue
        {
            return false
        }
        if waterfall.trigger < 0 || Int(waterfall.trigger) >= markets.count { return false }
        waterfall.isPending = true
        if rules >= 2 { heldMark.fields(&reader) }
        let range = 0...Price.highest.ticks
        if heldMark.market < nowhere || heldMark.market >= header.markets { return false }
        if !range.contains(heldMark.price.ticks) || heldMark.turns < 0 { return false }
        for _ in 0..<header.queue {
            var bucket = Bucket(account: nowhere, leg: nowhere)
            bucket.fields(&reader)
            if reader.failed || !hasBucket(bucket) || isQueued(bucket) { return false }
            putBackInQueue(bucket)
        }
        for _ in 0..<header.touched {
            var bucket = Bucket(account: nowhere, leg: nowhere)
            bucket.fields(&reader)
            if reader.failed || !hasBucket(bucket) { return false }
            touch(bucket)
        }
        for _ in 0..<header.active {
            var market = nowhere
            reader.visit("active", &market)
            if reader.failed || market < 0 || Int(market) >= markets.count { return false }
            activate(market)
        }
        return touched.count == Int(header.touched) && activeMarkets.count == Int(header.active)
    }

    private mutating func putBackInQueue(_ bucket: Bucket) {
        let health = health(bucket)
        var entry = QueueEntry(
            bucket: bucket,
            equity: health.equity,
            maintenance: larger(1, health.maintenance)
        )
        if bucket.isIsolated {
            legs[bucket.leg].isQueued = true
            entry.market = legs[bucket.leg].market
            entry.side = legs[bucket.leg].side.rawValue
        } else {
            accounts[bucket.account].isQueued = true
        }
        queue.append(entry)
    }

    /// Checks the sums of the ledger and arms all triggers.
    private mutating func finishRestore(_ header: StateHeader) -> Bool {
        if book.orders.live != Int(header.orders) || book.orders.live - conditions.live != Int(header.resting)
        {
            return false
        }
        var total = Int128(totalWithdrawals.units) - Int128(totalDeposits.units)
        for index in 0..<accounts.count { total += Int128(accounts[index].cash.units) }
        for index in 0..<legs.count {
            total += Int128(legs[index].quote.units) + Int128(legs[index].isolatedCash.units)
            if legs[index].hasPosition != legs[index].isChanged { return false }
            legs[index].isChanged = false
        }
        if total != 0 || !hasAllShares { return false }
        for market in 0..<header.markets {
            var size: Int128 = 0
            var long: Int128 = 0
            var leg = markets[market].firstPosition
            while leg >= 0 {
                size += Int128(legs[leg].size.lots)
                long += Int128(larger(0, legs[leg].size.lots))
                disarm(bucket(of: leg))
                leg = legs[leg].nextPosition
            }
            if size != 0 || long != Int128(markets[market].openInterest.lots) { return false }
            let highest = larger(markets[market].mark.ticks, markets[market].latestMark.ticks)
            if long * Int128(highest) * markets[market].u > Int128(1) << 61 { return false }
            if newestTime(market) > deadlines.earliest { return false }
        }
        armDisarmed()
        return true
    }

    /// When a market last learned a price or took a sample. What was due before came before (DET-4), also
    /// where a tick had to stop: a deadline lets the time go back to its own, and no further than that.
    private func newestTime(_ market: Int32) -> Timestamp {
        var newest = markets[market].lastSample
        for source in 0..<16 { newest = larger(newest, markets[market].sources[source].at) }
        let memory = markets[market].memory
        return memory < 0 ? newest : larger(newest, memories[memory].lastLook)
    }

    /// Whether the venue's shares and the depositors' are all that there are.
    private var hasAllShares: Bool {
        var shares = Int128(vault.venueShares)
        for index in 0..<holdings.count { shares += Int128(holdings[index].shares) }
        return shares == Int128(vault.totalShares)
    }
}

extension StateHeader {
    /// Whether counts and totals are such as a state can have.
    var isValid: Bool {
        clock.microseconds >= 0 && clock <= .latest && sequence < 1 << 62
            && deposits.isBounded && withdrawals.isBounded && deposits.units >= 0 && withdrawals.units >= 0
            && Int128(deposits.units) - Int128(withdrawals.units) <= Int128(Amount.pileLimit.units)
            && vault.firstLoss.units >= 0 && vault.lossLimit.units >= 0 && vault.lockUp >= 0
            && vault.lockUp <= Timestamp.latest.microseconds && vault.leverage >= 1
            && vault.leverage <= 125 && vault.totalShares <= 1 << 62
            && Amount(vault.netCapital).isBounded
            && vault.totalShares >= 0 && vault.venueShares >= 0 && vault.venueShares <= vault.totalShares
            && lastOrder >= 0 && lastOffer >= 0 && lastEpisode >= 0 && lastEpisode < 1 << 62
            // A command makes one order or one offer at most.
            && lastOrder <= Int64(sequence) && lastOffer <= Int64(sequence)
            && accounts >= AccountID.firstUser.raw && legs >= 0 && holdings >= 0 && waiting >= 0
            && requests >= 0 && markets >= 0 && orders >= 0 && resting >= 0 && resting <= orders
            && queue >= 0 && touched >= 0 && active >= 0
    }
}

extension Limits {
    /// Whether every bound is such that the exchange can do its work.
    var isValid: Bool {
        accounts >= 0 && markets >= 0 && legsPerAccount >= 1 && ordersPerLeg >= 1
            && ordersPerLeg <= 65_535 && offersPerSide >= 0
            && requestKeys >= 0 && waterfallSteps >= 1 && activations >= 1
    }
}

extension SavedOrder {
    /// Whether the order is one that an exchange can hold.
    var isValid: Bool {
        let priced = price.ticks >= 1 && price <= .highest
        if goodTill.microseconds > 0 && order.timeInForce != .gtd { return false }
        if order.timeInForce == .gtd && order.type != .limit { return false }
        if !clientID.isValid || goodTill.microseconds < 0 { return false }
        if order.quantity.lots < 0 || order.quantity > .highest || order.filled.lots < 0 { return false }
        if isConditional {
            let trailing = order.type == .trailingStopMarket
            if !order.type.isConditional || order.filled.lots != 0 { return false }
            if (order.quantity.lots == 0) != condition.closePosition { return false }
            if condition.trigger.ticks < (trailing ? 0 : 1) || condition.trigger > .highest { return false }
            if condition.callback.units < 0 || condition.callback > .one { return false }
            if condition.priceMatch != .none && !order.type.hasLimit { return false }
            return order.type.hasLimit && condition.priceMatch == .none ? priced : price == .none
        }
        return order.type.hasLimit && priced && order.filled < order.quantity
    }
}

extension Market {
    /// Whether the prices of a decoded market are in range.
    var hasValidPrices: Bool {
        let range = 0...Price.highest.ticks
        if !range.contains(mark.ticks) || !range.contains(latestMark.ticks)
            || !range.contains(lastPrice.ticks) || !range.contains(lastOrderPrice.ticks)
        {
            return false
        }
        if !range.contains(index.ticks) || !range.contains(previousMark.ticks) { return false }
        if !range.contains(markBefore.ticks) { return false }
        if (mark.ticks == 0) != (latestMark.ticks == 0) || !openInterest.isBounded { return false }
        for number in 0..<16 {
            let source = sources[number]
            if source.price > .highest || source.weight < 0 || source.weight > 1_000 { return false }
            if source.at.microseconds < 0 || source.at > .latest { return false }
            if source.kind == .perp && specification.mark != .hyperliquid { return false }
        }
        return positionCap.lots >= 0 && openInterestCap.lots >= 0 && backstopRate.units >= 0
            && vaultCap.units >= 0 && vaultEdge.units >= 0 && vaultEdge <= .one && fundDrawn.units >= 0
            && fundingPaid <= .one && fundingPaid.units >= -Rate.one.units
            && fundDrawn.isBounded && trades >= 0 && trades < 1 << 62 && hasValidSamples
            && lastFunding <= .one && lastFunding.units >= -Rate.one.units
    }

    /// Whether the samples of the premium are such as prices can make (FUND-1).
    private var hasValidSamples: Bool {
        // Weights are times between samples, and the last of them ends there.
        if premiumWeight < 0 || premiumWeight > lastSample.microseconds { return false }
        if lastSample > .latest { return false }
        if !hasSample && (premiumWeight != 0 || premiumSum != 0) { return false }
        let most = Int128(premiumWeight) * Int128(Price.highest.ticks) * unit
        return premiumSum <= most && premiumSum >= -most
    }
}

extension Amount {
    /// Whether the amount lies within ±2⁶² (LED-1).
    var isBounded: Bool { isWithin(1 << 62) }

    /// Whether the amount lies within ± a bound.
    func isWithin(_ bound: Int64) -> Bool { units >= -bound && units <= bound }
}

extension Quantity {
    /// Whether the quantity lies within ±2⁶².
    var isBounded: Bool { lots >= -(1 << 62) && lots <= 1 << 62 }
}
