/// The fields of internal records that belong to the logical state, in canonical order (DET-1).

extension Account {
    /// Its fields, and in format 1 the cash of its cross margin account.
    mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V, _ cash: inout Amount) {
        if visitor.format < 2 { visitor.visit("cash", &cash) }
        visitor.visit("owner", &owner)
        visitor.visit("mode", &mode)
        visitor.visit("isKilled", &isKilled)
    }
}

extension Position {
    /// Its fields, and in format 1 the cash of its margin account if it is isolated.
    mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V, _ isolatedCash: inout Amount) {
        holding(&visitor)
        if visitor.format < 2 { visitor.visit("isolatedCash", &isolatedCash) }
        choices(&visitor)
    }

    private mutating func holding<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("account", &account)
        visitor.visit("market", &market)
        visitor.visit("side", &side)
        visitor.visit("size", &size)
        visitor.visit("quote", &quote)
        visitor.visit("isIsolated", &isIsolated)
    }

    private mutating func choices<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("leverage", &leverage)
        if visitor.rules >= 2 { visitor.visit("lastOfferBefore", &lastOfferBefore) }
        var hasCountdown = countdown >= 0
        visitor.visit("hasCountdown", &hasCountdown)
        // A decoder reads the deadline behind the position and arms it; 0 stands for "there is one".
        countdown = hasCountdown ? max(0, countdown) : nowhere
    }
}

extension VaultHolding {
    mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("account", &account)
        visitor.visit("shares", &shares)
        visitor.visit("lockedUntil", &lockedUntil)
    }
}

/// A margin account as a state names it: by its account, and by its position if it is isolated.
struct SavedMargin: FieldRecord, Equatable {
    var account = nowhere
    /// The isolated position, or `nowhere` for the cross one.
    var position = nowhere

    static var zero: SavedMargin { SavedMargin() }
    init() {}

    init(account: Int32, position: Int32 = nowhere) {
        self.account = account
        self.position = position
    }

    init(of margin: MarginAccount.Index, in exchange: borrowing Exchange) {
        account = exchange.margins[margin].account
        if exchange.margins[margin].isIsolated { position = exchange.margins[margin].firstPosition }
    }

    mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("account", &account)
        visitor.visit("position", &position)
    }
}

extension Request {
    mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("key", &key)
        visitor.visit("account", &account)
        visitor.visit("status", &status)
        visitor.visit("result", &result)
    }
}

extension StandingOffer {
    mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("account", &account)
        visitor.visit("quantity", &quantity)
        visitor.visit("edge", &edge)
        visitor.visit("number", &number)
    }
}

extension VaultState {
    mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("exists", &exists)
        visitor.visit("leverage", &leverage)
        visitor.visit("firstLoss", &firstLoss)
        visitor.visit("lossLimit", &lossLimit)
        visitor.visit("lockUp", &lockUp)
        visitor.visit("totalShares", &totalShares)
        visitor.visit("venueShares", &venueShares)
        visitor.visit("netCapital", &netCapital)
    }
}

extension WaterfallState {
    mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        var code = Int32(phase.rawValue)
        visitor.visit("phase", &code)
        phase = Phase(rawValue: UInt8(truncatingIfNeeded: code)) ?? .idle
        visitor.visit("cursor", &cursor)
        visitor.visit("round", &round)
        visitor.visit("trigger", &trigger)
    }
}

extension HeldMark {
    mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("heldMarket", &market)
        visitor.visit("heldPrice", &price)
        visitor.visit("heldTurns", &turns)
    }
}

extension Source {
    mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("price", &price)
        visitor.visit("at", &at)
        visitor.visit("weight", &weight)
        visitor.visit("isKnown", &isKnown)
        visitor.visit("kind", &kind)
    }
}

extension Market {
    mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        specification.fields(&visitor)
        visitor.visit("state", &state)
        for index in 0..<16 { sources[index].fields(&visitor) }
        visitor.visit("mark", &mark)
        visitor.visit("latestMark", &latestMark)
        visitor.visit("previousMark", &previousMark)
        visitor.visit("index", &index)
        visitor.visit("validity", &validity)
        visitor.visit("validSources", &validSources)
        visitor.visit("lastPrice", &lastPrice)
        visitor.visit("lastOrderPrice", &lastOrderPrice)
        visitor.visit("lastFunding", &lastFunding)
        visitor.visit("trades", &trades)
        visitor.visit("positions", &positions)
        visitor.visit("openInterest", &openInterest)
        visitor.visit("premiumSum", &premiumSum)
        visitor.visit("premiumWeight", &premiumWeight)
        visitor.visit("lastSample", &lastSample)
        visitor.visit("hasSample", &hasSample)
        visitor.visit("sellOfferCount", &sellOfferCount)
        visitor.visit("buyOfferCount", &buyOfferCount)
        visitor.visit("fundDrawn", &fundDrawn)
        visitor.visit("openInterestCap", &openInterestCap)
        visitor.visit("positionCap", &positionCap)
        visitor.visit("backstopRate", &backstopRate)
        visitor.visit("vaultCap", &vaultCap)
        visitor.visit("vaultEdge", &vaultEdge)
        if visitor.rules >= 2 {
            visitor.visit("lastPremium", &lastPremium)
            visitor.visit("isSampling", &isSampling)
        }
        visitor.visit("markBefore", &markBefore)
        if visitor.rules < 2 {
            // Rules 1 measured losses by it.
            var latestBefore = Price.none
            visitor.visit("latestBefore", &latestBefore)
        }
        visitor.visit("isMoved", &isMoved)
        visitor.visit("fundingPaid", &fundingPaid)
        visitor.visit("vaultTookOver", &vaultTookOver)
        // A decoder reads the deadlines behind the market and arms them; 0 stands for "there is one".
        var hasFunding = funding >= 0
        var hasStaleness = staleness >= 0
        visitor.visit("hasFunding", &hasFunding)
        visitor.visit("hasStaleness", &hasStaleness)
        funding = hasFunding ? max(0, funding) : nowhere
        staleness = hasStaleness ? max(0, staleness) : nowhere
    }
}

/// Feeds the canonical encoding to a hash without keeping it.
struct StateHasher: FieldVisitor, ~Copyable {
    var hash = Hash128()

    @inline(__always)
    private mutating func add<I: FixedWidthInteger>(_ value: I) {
        hash.add(littleEndian: I.Magnitude(truncatingIfNeeded: value))
    }

    mutating func visit(_ name: StaticString, _ value: inout Int64) { add(value) }
    mutating func visit(_ name: StaticString, _ value: inout Int32) { add(value) }
    mutating func visit(_ name: StaticString, _ value: inout UInt64) { add(value) }
    mutating func visit(_ name: StaticString, _ value: inout Int128) { add(value) }
    mutating func visit(_ name: StaticString, _ value: inout Bool) { hash.add(value ? 1 : 0) }
    mutating func visit(_ name: StaticString, _ value: inout Price) { add(value.ticks) }
    mutating func visit(_ name: StaticString, _ value: inout Quantity) { add(value.lots) }
    mutating func visit(_ name: StaticString, _ value: inout Amount) { add(value.units) }
    mutating func visit(_ name: StaticString, _ value: inout Rate) { add(value.units) }
    mutating func visit(_ name: StaticString, _ value: inout Timestamp) { add(value.microseconds) }
    mutating func visit(_ name: StaticString, _ value: inout AccountID) { add(value.raw) }
    mutating func visit(_ name: StaticString, _ value: inout OwnerID) { add(value.raw) }
    mutating func visit(_ name: StaticString, _ value: inout MarketID) { add(value.raw) }
    mutating func visit(_ name: StaticString, _ value: inout OrderID) { add(value.raw) }
    mutating func visit(_ name: StaticString, _ value: inout Symbol) {
        add(value.low)
        add(value.high)
    }
    mutating func visit(_ name: StaticString, _ value: inout ClientID) {
        let length = min(value.count, 36)
        hash.add(UInt8(truncatingIfNeeded: length))
        for index in 0..<length { hash.add(value.byte(index)) }
    }
    mutating func visit(_ name: StaticString, _ value: inout RequestKey) {
        add(value.low)
        add(value.high)
    }
    mutating func visit<E: CodedEnum>(_ name: StaticString, _ value: inout E) { hash.add(value.rawValue) }
}
