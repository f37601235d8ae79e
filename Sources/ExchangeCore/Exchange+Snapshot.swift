/// The canonical encoding of the logical state (DET-1, DET-2, DET-5): what a snapshot holds and what the
/// state hash is taken of. Free lists, tables, tries and liquidation triggers are not part of it; they
/// are built again.
extension Exchange {
    /// Version of the encoding.
    public static var format: Int32 { 2 }
    /// Version of the rules: raised whenever the same commands would give another result.
    public static var rules: Int32 { 3 }
    static var magic: UInt64 { 0x314D_5553_4F52_455A }

    /// SipHash-2-4-128 of the canonical encoding. O(state).
    public func stateHash() -> Digest {
        var hasher = StateHasher()
        encode(into: &hasher)
        return hasher.hash.digest
    }

    /// Appends the canonical encoding of the state.
    public func snapshot(into writer: inout ByteWriter) { encode(into: &writer) }

    /// The same as an older program wrote it, for tests of upgrades.
    func snapshot(into writer: inout ByteWriter, format: Int32 = Exchange.format, rules: Int32) {
        writer.rules = rules
        writer.format = format
        encode(into: &writer)
    }

    /// Presents the whole state to a visitor that does not change it.
    func encode<V: FieldVisitor & ~Copyable>(into visitor: inout V) {
        var magic = Self.magic
        var format = visitor.format
        var rules = visitor.rules
        visitor.visit("magic", &magic)
        visitor.visit("format", &format)
        visitor.visit("rules", &rules)
        var limits = limits
        limits.fields(&visitor)
        var header = StateHeader(of: self)
        header.fields(&visitor)
        encodeLedger(into: &visitor)
        encodeMarkets(into: &visitor)
        encodeLists(into: &visitor)
    }

    private func encodeLedger<V: FieldVisitor & ~Copyable>(into visitor: inout V) {
        for index in 0..<accounts.count {
            var account = accounts[index]
            var cash = margins[account.margin].cash
            account.fields(&visitor, &cash)
        }
        for index in 0..<positions.count {
            var position = positions[index]
            var cash = isolatedCash(Int32(truncatingIfNeeded: index))
            position.fields(&visitor, &cash)
            encodeDeadline(positions[index].countdown, into: &visitor)
            var group = hedge(of: Int32(truncatingIfNeeded: index))
            visitor.visit("hedge", &group)
        }
        if visitor.format >= 2 { encodeMargins(into: &visitor) }
        for index in 0..<holdings.count {
            var holding = holdings[index]
            holding.fields(&visitor)
        }
        for index in 0..<inLiquidation.count {
            var margin = SavedMargin(of: inLiquidation[index], in: self)
            margin.fields(&visitor)
        }
        encodeRequests(of: venueRequests, into: &visitor)
        for index in 0..<accounts.count { encodeRequests(of: accounts[index], into: &visitor) }
    }

    /// The cross margin accounts by account, then the isolated ones by position: whose, and their cash.
    private func encodeMargins<V: FieldVisitor & ~Copyable>(into visitor: inout V) {
        for index in 0..<accounts.count { encode(accounts[index].margin, into: &visitor) }
        for index in 0..<positions.count where positions[index].isIsolated {
            encode(positions[index].margin, into: &visitor)
        }
    }

    private func encode<V: FieldVisitor & ~Copyable>(_ margin: MarginAccount.Index, into visitor: inout V) {
        var saved = SavedMargin(of: margin, in: self)
        saved.fields(&visitor)
        var cash = margins[margin].cash
        visitor.visit("cash", &cash)
    }

    private func encodeRequests<V: FieldVisitor & ~Copyable>(of list: Account, into visitor: inout V) {
        var index = list.firstRequest
        while index >= 0 {
            var request = requests[index]
            request.fields(&visitor)
            index = request.next
        }
    }

    private func encodeMarkets<V: FieldVisitor & ~Copyable>(into visitor: inout V) {
        for index in 0..<markets.count {
            var market = markets[index]
            market.fields(&visitor)
            encodeDeadline(market.funding, into: &visitor)
            encodeDeadline(market.staleness, into: &visitor)
            if market.memory >= 0 {
                var memory = memories[market.memory]
                memory.fields(&visitor)
            }
            // Positions in the order of the market's list, which funding follows.
            var position = market.firstPosition
            while position >= 0 {
                var number = position
                visitor.visit("position", &number)
                position = positions[position].nextPosition
            }
            encodeOffers(from: market.sellOffers, into: &visitor)
            encodeOffers(from: market.buyOffers, into: &visitor)
        }
    }

    private func encodeDeadline<V: FieldVisitor & ~Copyable>(_ handle: Int32, into visitor: inout V) {
        if handle < 0 { return }
        var deadline = deadlines.time(of: handle)
        visitor.visit("deadline", &deadline)
    }

    private func encodeOffers<V: FieldVisitor & ~Copyable>(from first: Int32, into visitor: inout V) {
        var index = first
        while index >= 0 {
            var offer = offers[index]
            offer.fields(&visitor)
            index = offer.next
        }
    }

    /// Open orders by position, oldest first, then the queues of the books by price, each by place.
    private func encodeLists<V: FieldVisitor & ~Copyable>(into visitor: inout V) {
        for index in 0..<positions.count {
            var order = positions[index].firstOrder
            while order >= 0 {
                var record = SavedOrder(of: order, in: self)
                record.fields(&visitor)
                order = book.orders[order].nextOfPosition
            }
        }
        for index in 0..<markets.count {
            encodeLevels(markets[index].roots.bids, into: &visitor)
            encodeLevels(markets[index].roots.asks, into: &visitor)
        }
        if !waterfall.isPending { return }
        var state = waterfall
        state.fields(&visitor)
        if visitor.rules >= 2 {
            var held = heldMark
            held.fields(&visitor)
        }
        for index in 0..<queue.count {
            var margin = SavedMargin(of: queue[index].margin, in: self)
            margin.fields(&visitor)
        }
        for index in 0..<affected.count {
            var margin = SavedMargin(of: affected[index], in: self)
            margin.fields(&visitor)
        }
        for index in 0..<activeMarkets.count {
            var market = activeMarkets[index]
            visitor.visit("active", &market)
        }
    }

    private func encodeLevels<V: FieldVisitor & ~Copyable>(_ root: Int32, into visitor: inout V) {
        var level = book.prices.lowest(root)
        while level >= 0 {
            var order = book.levels[level].first
            while order >= 0 {
                var id = book.orders[order].id
                visitor.visit("order", &id)
                order = book.orders[order].next
            }
            level = book.prices.above(root, book.levels[level].price)
        }
    }
}

/// Counts and totals: the first record of a state behind its versions.
struct StateHeader: FieldRecord {
    var sequence: UInt64 = 0
    var clock = Timestamp(0)
    var deposits = Amount.zero
    var withdrawals = Amount.zero
    var debtRule = DebtRule.refuse
    var vault = VaultState()
    var lastOrder: Int64 = 0
    var lastOffer: Int64 = 0
    var lastEpisode: Int64 = 0
    var accounts: Int32 = 0
    var positions: Int32 = 0
    var margins: Int32 = 0
    var holdings: Int32 = 0
    var inLiquidation: Int32 = 0
    var requests: Int32 = 0
    var markets: Int32 = 0
    var orders: Int32 = 0
    var resting: Int32 = 0
    var isPending = false
    var queue: Int32 = 0
    var affected: Int32 = 0
    var active: Int32 = 0

    static var zero: StateHeader { StateHeader() }
    init() {}

    init(of exchange: borrowing Exchange) {
        sequence = exchange.lastSequence
        clock = exchange.clock
        deposits = exchange.totalDeposits
        withdrawals = exchange.totalWithdrawals
        debtRule = exchange.debtRule
        vault = exchange.vault
        lastOrder = exchange.lastOrder
        lastOffer = exchange.lastOffer
        lastEpisode = exchange.lastEpisode
        accounts = Int32(truncatingIfNeeded: exchange.accounts.count)
        positions = Int32(truncatingIfNeeded: exchange.positions.count)
        margins = Int32(truncatingIfNeeded: exchange.margins.live)
        holdings = Int32(truncatingIfNeeded: exchange.holdings.count)
        inLiquidation = Int32(truncatingIfNeeded: exchange.inLiquidation.count)
        requests = Int32(truncatingIfNeeded: exchange.requests.live)
        markets = Int32(truncatingIfNeeded: exchange.markets.count)
        orders = Int32(truncatingIfNeeded: exchange.book.orders.live)
        resting = Int32(truncatingIfNeeded: exchange.book.orders.live - exchange.conditions.live)
        isPending = exchange.waterfall.isPending
        if isPending {
            queue = Int32(truncatingIfNeeded: exchange.queue.count)
            affected = Int32(truncatingIfNeeded: exchange.affected.count)
            active = Int32(truncatingIfNeeded: exchange.activeMarkets.count)
        }
    }

    mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("sequence", &sequence)
        visitor.visit("clock", &clock)
        visitor.visit("deposits", &deposits)
        visitor.visit("withdrawals", &withdrawals)
        visitor.visit("debtRule", &debtRule)
        vault.fields(&visitor)
        visitor.visit("lastOrder", &lastOrder)
        visitor.visit("lastOffer", &lastOffer)
        visitor.visit("lastEpisode", &lastEpisode)
        visitor.visit("accounts", &accounts)
        visitor.visit("positions", &positions)
        if visitor.format >= 2 { visitor.visit("margins", &margins) }
        visitor.visit("holdings", &holdings)
        visitor.visit("inLiquidation", &inLiquidation)
        visitor.visit("requests", &requests)
        visitor.visit("markets", &markets)
        visitor.visit("orders", &orders)
        visitor.visit("resting", &resting)
        visitor.visit("isPending", &isPending)
        visitor.visit("queue", &queue)
        visitor.visit("affected", &affected)
        visitor.visit("active", &active)
    }
}

/// An open order without its links.
struct SavedOrder: FieldRecord {
    var order = Order()
    var condition = Condition()
    var isConditional = false
    var position = nowhere
    /// The order's price as it was read, which may be anything.
    var price = Price.none
    var clientID = ClientID.none
    var goodTill = Timestamp(0)
    var restedAt = Timestamp(0)

    static var zero: SavedOrder { SavedOrder() }
    init() {}

    init(of index: Int32, in exchange: borrowing Exchange) {
        order = exchange.book.orders[index]
        position = order.position
        price = order.price
        isConditional = order.condition >= 0
        if isConditional { condition = exchange.conditions[order.condition] }
        if order.client >= 0 { clientID = exchange.clients[order.client].id }
        if order.expiry >= 0 { goodTill = exchange.deadlines.time(of: order.expiry) }
        if !isConditional { restedAt = exchange.restedAt(index) }
    }

    mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("position", &position)
        visitor.visit("id", &order.id)
        visitor.visit("quantity", &order.quantity)
        visitor.visit("filled", &order.filled)
        visitor.visit("price", &price)
        visitor.visit("side", &order.side)
        visitor.visit("type", &order.type)
        visitor.visit("timeInForce", &order.timeInForce)
        visitor.visit("selfTrade", &order.selfTrade)
        visitor.visit("reduceOnly", &order.reduceOnly)
        visitor.visit("clientID", &clientID)
        visitor.visit("goodTill", &goodTill)
        visitor.visit("isConditional", &isConditional)
        if !isConditional {
            if visitor.rules >= 2 { visitor.visit("restedAt", &restedAt) }
            return
        }
        visitor.visit("trigger", &condition.trigger)
        visitor.visit("activate", &condition.activate)
        visitor.visit("callback", &condition.callback)
        visitor.visit("extreme", &condition.extreme)
        visitor.visit("working", &condition.working)
        visitor.visit("closePosition", &condition.closePosition)
        if visitor.rules < 2 { return }
        visitor.visit("priceProtect", &condition.priceProtect)
        visitor.visit("priceMatch", &condition.priceMatch)
    }
}
