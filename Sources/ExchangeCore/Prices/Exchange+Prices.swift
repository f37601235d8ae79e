/// Outside prices, index and mark (prices.md).
extension Exchange {
    mutating func configureSource(_ command: ConfigureSource, _ events: inout EventBuffer) -> Status {
        let market = command.market.raw
        if market < 0 || Int(market) >= markets.count { return .unknownMarket }
        if command.source < 0 || command.source > 15 { return .sourceLimit }
        if command.weight < 0 || command.weight > 1_000 { return .invalidField }
        if command.kind == .perp && markets[market].specification.mark != .hyperliquid {
            return .invalidCombination
        }
        assert(command.weight >= 0 && command.weight <= 1_000, "a weight is in range")
        assert((0...15).contains(command.source), "a market has sixteen sources")
        markets[market].sources[Int(command.source)].weight = command.weight
        markets[market].sources[Int(command.source)].kind = command.kind
        armStaleness(market)
        events.append(.rulesChanged, RulesChanged(market: command.market, command: .configureSource))
        return .ok
    }

    /// A price from one source: sets index and mark, then everything that follows from a new mark.
    mutating func updatePrice(_ command: PriceUpdate, _ events: inout EventBuffer) -> Status {
        let market = command.market.raw
        if market < 0 || Int(market) >= markets.count { return .unknownMarket }
        if command.source < 0 || command.source > 15 { return .sourceLimit }
        if command.price > .highest { return .invalidPrice }
        if markets[market].state == .settled { return .marketSettled }
        let source = Int(command.source)
        markets[market].sources[source].price = command.price
        markets[market].sources[source].at = clock
        markets[market].sources[source].isKnown = true
        let reading = readIndex(market)
        var mark = reading.index
        if markets[market].memory >= 0 { mark = formMark(market, reading) }
        var validity = reading.validity
        if markets[market].specification.mark == .last {
            mark = command.price.ticks > 0 ? command.price : .none
            validity = mark == .none ? .notPositive : .valid
        }

        precondition(validity != .valid || mark.ticks > 0, "a valid price makes a mark")
        assert(mark <= .highest, "a mark is a price")
        // From here on the price is taken.
        armStaleness(market)
        if markets[market].memory >= 0 { keepFormed(market, isValid: validity == .valid, &events) }
        let first = setMark(market, held(mark, in: market), reading, validity, &events)
        samplePremium(market)
        assert(validity != .valid || markets[market].hasMark, "a valid price makes a mark")
        assert(markets[market].sources[source].at == clock, "a source has spoken now")
        if first { lookAtAll(market) }
        if validity == .valid { heldMark = HeldMark(market: market, price: mark) }
        lookAfterPrice(market, &events)
        goOnHeld(&events)
        return .ok
    }

    /// Where the mark was held back, those who are closed at it make room, and it goes on at once (PX-6);
    /// after a waterfall that is pending the command that ends it goes on.
    mutating func goOnHeld(_ events: inout EventBuffer) {
        while heldMark.market >= 0 && !waterfall.isPending {
            let market = heldMark.market
            let next = held(heldMark.price, in: market)
            assert(next.ticks >= 1 && next <= heldMark.price, "a mark that is held back lies below its price")
            assert(heldMark.turns >= 0, "turns are counted from 0")
            if next == markets[market].mark || heldMark.turns >= Exchange.heldTurns {
                heldMark = HeldMark()
                return
            }
            heldMark.turns += 1
            moveMark(market, to: next)
            reportMark(market, &events)
            lookAfterPrice(market, &events)
        }
    }

    /// Sets the mark of a market whose price is valid.
    private mutating func moveMark(_ market: Int32, to mark: Price) {
        precondition(mark.ticks >= 1 && mark <= .highest, "a mark is a price")
        assert(markets[market].validity == .valid, "only a valid price moves a mark")
        markets[market].markBefore = markets[market].mark
        markets[market].isMoved = true
        markets[market].previousMark = markets[market].mark
        markets[market].mark = mark
        markets[market].latestMark = mark
        activate(market)
    }

    private mutating func lookAfterPrice(_ market: Int32, _ events: inout EventBuffer) {
        assert(queue.count == 0 && affected.count == 0, "a waterfall begins with an empty queue")
        beginWaterfall(at: market)
        requeueWaiting(market)
        lookAtDueTriggers(market)
        runWaterfall(&events)
    }

    /// An opening fill leaves room for a mark four times as high (PX-6).
    static var markRoom: Int128 { 2 }
    /// So many times a price lets a held mark go on.
    static var heldTurns: Int32 { 8 }

    /// A price as far as the open interest allows: at most the highest at which it is worth 2⁶¹ (PX-6).
    func held(_ price: Price, in market: Int32) -> Price {
        assert(markets[market].openInterest.lots >= 0, "open interest is not negative")
        return Pricing.held(price, interest: Int128(markets[market].openInterest.lots) * markets[market].u)
    }

    /// What the sources of a market say at the present time (PX-1, PX-2).
    struct IndexReading: BitwiseCopyable {
        var index = Price.none
        var validity = PriceValidity.none
        /// Sources that are left, and those that were fresh before the far ones went.
        var count: Int32 = 0
        var fresh: Int32 = 0
    }

    func readIndex(_ market: Int32) -> IndexReading {
        // One copy of all sources, read through a span: an element by itself would copy them all each time.
        let all = markets[market].sources
        let sources = all.span
        var isLeft = InlineArray<16, Bool>(repeating: false)
        var known: Int32 = 0
        var fresh: Int32 = 0
        var stale: Int32 = 0
        var notPositive: Int32 = 0
        for index in 0..<16 {
            let source = sources[index]
            if !source.isKnown || source.weight == 0 || source.kind == .perp { continue }
            known += 1
            switch source.standing(at: clock, markets[market].specification.staleAfter) {
            case .notPositive: notPositive += 1
            case .stale: stale += 1
            default:
                isLeft[index] = true
                fresh += 1
            }
        }
        assert(fresh + stale + notPositive == known, "a source is fresh, stale or not positive")
        assert(known <= 16, "a market has sixteen sources")
        var reading = IndexReading()
        if known == 0 { return reading }
        reading.count = fresh
        reading.fresh = fresh
        let limit = markets[market].specification.deviationLimit
        if limit.units > 0 && fresh > 0 {
            let center = Pricing.median(sources, isLeft)
            let parts = Pricing.limitParts(sources, isLeft)
            for index in 0..<16 where isLeft[index] && sources[index].isFar(from: center, limit, parts) {
                isLeft[index] = false
                reading.count -= 1
            }
        }
        if reading.count > 0 { reading.index = Pricing.median(sources, isLeft) }
        assert(reading.count >= 0 && reading.count <= fresh, "who is too far was fresh")
        assert(fresh == 0 || reading.index != .none || reading.count == 0, "who is left makes an index")
        let quorum = markets[market].specification.quorum
        if reading.count >= quorum {
            reading.validity = .valid
        } else if fresh >= quorum {
            reading.validity = .tooFar
        } else if fresh + stale >= quorum {
            reading.validity = .stale
        } else if fresh + stale + notPositive >= quorum {
            reading.validity = .notPositive
        } else {
            reading.validity = .tooFew
        }
        return reading
    }

    /// Sets mark, latest mark, index and validity. Returns whether this is the first valid mark.
    private mutating func setMark(
        _ market: Int32,
        _ mark: Price,
        _ reading: IndexReading,
        _ validity: PriceValidity,
        _ events: inout EventBuffer
    ) -> Bool {
        let first = !markets[market].hasMark && validity == .valid
        markets[market].markBefore = markets[market].mark
        markets[market].isMoved = true
        assert(reading.count >= 0 && reading.count <= 16, "a market has sixteen sources")
        assert(validity != .valid || mark.ticks > 0, "a valid price makes a mark")
        markets[market].validSources = reading.count
        if reading.index != .none { markets[market].index = reading.index }
        markets[market].validity = validity
        if validity == .valid {
            moveMark(market, to: mark)
            if markets[market].funding < 0 { armFunding(market) }
        } else if markets[market].hasMark && mark != .none {
            markets[market].latestMark = mark
        }
        reportMark(market, &events)
        return first
    }

    func reportMark(_ market: Int32, _ events: inout EventBuffer) {
        var changed = MarkChanged()
        assert(markets[market].validity != .valid || markets[market].hasMark, "a valid price makes a mark")
        changed.market = MarketID(market)
        changed.mark = markets[market].mark
        changed.previous = markets[market].previousMark
        changed.index = markets[market].index
        changed.validity = markets[market].validity
        events.append(.markChanged, changed)
    }

    // MARK: Staleness

    /// Sets the deadline at which the next fresh source of a market goes stale (DET-4).
    mutating func armStaleness(_ market: Int32) {
        var earliest = Timestamp.never
        let isOver = markets[market].state == .settled
        let all = markets[market].sources
        let sources = all.span
        for index in 0..<16 where !isOver {
            let source = sources[index]
            if !source.isKnown || source.weight == 0 || source.price.ticks <= 0 { continue }
            // Another venue's perpetual has no say in the validity: its age is looked at when it is read.
            if source.kind == .perp { continue }
            let due = source.at.microseconds + markets[market].specification.staleAfter + 1
            if due > clock.microseconds && due < earliest.microseconds { earliest = Timestamp(due) }
        }
        assert(earliest > clock, "a source goes stale later")
        assert(!isOver || earliest == .never, "a settled market waits for no source")
        if markets[market].staleness >= 0 { deadlines.remove(markets[market].staleness) }
        markets[market].staleness =
            earliest == .never ? nowhere : deadlines.add(earliest, .staleness, Int64(market))
    }

    /// A source went stale: the validity may change, the mark does not (PX-2).
    mutating func goStale(_ market: Int32, _ events: inout EventBuffer) {
        assert(
            markets[market].staleness >= 0 && deadlines.time(of: markets[market].staleness) <= clock,
            "a source goes stale at its deadline"
        )
        armStaleness(market)
        let reading = readIndex(market)
        markets[market].validSources = reading.count
        if markets[market].specification.mark == .last && reading.fresh > 0 { return }
        let validity = markets[market].specification.mark == .last ? .stale : reading.validity
        assert(validity != .valid || markets[market].hasMark, "what goes stale makes no price valid")
        if validity == markets[market].validity { return }
        markets[market].validity = validity
        samplePremium(market)
        reportMark(market, &events)
        // Where two sources disagreed the other one decides now: what changed meanwhile, brackets or cash, is
        // looked at.
        if validity == .valid { lookAfterPrice(market, &events) }
    }

    /// Does everything that is due, in order; stops where a waterfall stays pending (DET-4).
    mutating func tick(_ command: Tick, _ events: inout EventBuffer) -> Status {
        if command.unused { return .invalidField }
        // Each deadline is judged at its own moment, so that nothing depends on when the tick came.
        let end = clock
        tickEnd = end
        var hasPaid = false
        while deadlines.earliest <= end && !waterfall.isPending {
            assert(deadlines.first.at <= end, "what is due is done")
            let due = deadlines.first
            clock = due.at
            switch due.kind {
            case .staleness: goStale(Int32(truncatingIfNeeded: due.number), &events)
            case .funding:
                fundingIsDue(Int32(truncatingIfNeeded: due.number), &events)
                hasPaid = true
            case .countdown: runOut(due.number, &events)
            case .expiry:
                let order = book.find(OrderID(due.number))
                assert(order >= 0 && book.orders[order].expiry >= 0, "an order that expires is open")
                cancel(order, .expired, &events)
            }
        }
        assert(clock <= end, "a tick ends at its own time")
        clock = end
        if hasPaid { forgetPayments() }
        return .ok
    }
}
