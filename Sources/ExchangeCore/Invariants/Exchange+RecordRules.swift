/// The rules of single records: what a restored state is asked record by record, before anything is linked,
/// and every state by `checkInvariants`.
extension Exchange {
    func checkLimits(_ limits: Limits) throws(StateFault) {
        let check = StateCheck(.limits)
        try check(limits.accounts >= 0, "accounts", .limits)
        try check(limits.markets >= 0, "markets", .limits)
        try check(limits.positionsPerAccount >= 1, "positionsPerAccount", .limits)
        try check((1...65_535).contains(limits.ordersPerPosition), "ordersPerPosition", .limits)
        try check(limits.offersPerSide >= 0, "offersPerSide", .limits)
        try check(limits.requestKeys >= 0, "requestKeys", .limits)
        try check(limits.waterfallSteps >= 1, "waterfallSteps", .limits)
        try check(limits.activations >= 1, "activations", .limits)
    }

    /// Counts and totals.
    func checkHeader(_ it: StateHeader, _ limits: Limits) throws(StateFault) {
        try checkLimits(limits)
        let check = StateCheck(.header)
        let most: Int64 = 1 << 62
        try check(it.clock.microseconds >= 0 && it.clock <= .latest, "clock", .time)
        try check(it.sequence < UInt64(most), "sequence", .sequence)
        try check(it.deposits.units >= 0 && it.deposits.isBounded, "deposits", .collateral)
        try check(it.withdrawals.units >= 0 && it.withdrawals.isBounded, "withdrawals", .collateral)
        let inside = Int128(it.deposits.units) - Int128(it.withdrawals.units)
        try check(inside <= Int128(Amount.pileLimit.units), "deposits", .collateral)
        // A command makes one order or one offer at most.
        let commands = Int64(it.sequence)
        try check(it.lastOrder >= 0 && it.lastOrder <= commands, "lastOrder", .sequence)
        try check(it.lastOffer >= 0 && it.lastOffer <= commands, "lastOffer", .sequence)
        try check(it.lastEpisode >= 0 && it.lastEpisode < most, "lastEpisode", .sequence)
        try check(it.accounts >= AccountID.firstUser.raw, "accounts", .counts)
        try check(it.accounts - AccountID.firstUser.raw <= limits.accounts, "accounts", .counts)
        try check(it.markets >= 0 && it.markets <= limits.markets, "markets", .counts)
        try check(it.positions >= 0, "positions", .counts)
        try check(it.margins >= 0, "margins", .counts)
        try check(it.holdings >= 0, "holdings", .counts)
        try check(it.inLiquidation >= 0, "inLiquidation", .counts)
        try check(it.requests >= 0, "requests", .counts)
        try check(it.orders >= 0, "orders", .counts)
        try check(it.resting >= 0 && it.resting <= it.orders, "resting", .counts)
        try check(it.queue >= 0 && (it.isPending || it.queue == 0), "queue", .pending)
        try check(it.affected >= 0 && (it.isPending || it.affected == 0), "affected", .pending)
        try check(it.active >= 0 && (it.isPending || it.active == 0), "active", .pending)
        try checkVault(it.vault)
    }

    private func checkVault(_ it: VaultState) throws(StateFault) {
        let check = StateCheck(.vault)
        try check((1...125).contains(it.leverage), "leverage", .vault)
        try check(it.firstLoss.units >= 0, "firstLoss", .vault)
        try check(it.lossLimit.units >= 0, "lossLimit", .vault)
        try check(it.lockUp >= 0 && it.lockUp <= Timestamp.latest.microseconds, "lockUp", .vault)
        try check(it.totalShares >= 0 && it.totalShares <= 1 << 62, "totalShares", .shares)
        try check(it.venueShares >= 0 && it.venueShares <= it.totalShares, "venueShares", .shares)
        try check(Amount(it.netCapital).isBounded, "netCapital", .vault)
    }

    // MARK: Ledger

    func checkAccount(_ account: Account, _ number: Int32) throws(StateFault) {
        let check = StateCheck(.account(number))
        try check(account.owner.raw != Int32.min, "owner", .owner)
        // The venue's own accounts choose nothing.
        let isVenue = number < AccountID.firstUser.raw
        try check(!isVenue || account.mode == .oneWay, "mode", .venueAccount)
        try check(!isVenue || !account.isKilled, "isKilled", .venueAccount)
    }

    /// A position's own fields, and those of its account that it depends on.
    func checkPosition(_ position: Position, _ number: Int32, markets: Int32) throws(StateFault) {
        let check = StateCheck(.position(number))
        try check(hasAccount(position.account), "account", .reference)
        try check(position.market >= 0 && position.market < markets, "market", .reference)
        let highest = Int32(truncatingIfNeeded: Rate.one.units)
        try check(position.leverage >= 1 && position.leverage <= highest, "leverage", .positionRange)
        try check(position.quote.isWithin(1 << 61), "quote", .positionRange)
        try check(position.isOpen || position.quote == .zero, "quote", .positionRange)
        try check(position.size.isBounded, "size", .positionRange)
        try check(position.lastOfferBefore >= 0, "lastOfferBefore", .positionRange)
        try checkSide(position, check)
    }

    /// The fund and the fee account have no positions, the vault cross ones, a user such as its mode has.
    private func checkSide(_ position: Position, _ check: StateCheck) throws(StateFault) {
        let vault = AccountID.vault.raw
        try check(position.account >= vault, "account", .venueAccount)
        try check(position.account != vault || !position.isIsolated, "isIsolated", .venueAccount)
        try check(position.account != vault || position.side == .both, "side", .venueAccount)
        let lots = position.size.lots
        let hasItsSign = position.side == .both || (position.side == .long ? lots >= 0 : lots <= 0)
        try check(hasItsSign, "side", .positionSide)
        let isIdle = !position.isOpen && position.orderCount == 0
        let isOfMode = (accounts[position.account].mode == .hedge) == (position.side != .both)
        try check(isIdle || isOfMode, "mode", .positionSide)
    }

    func checkHolding(_ holding: VaultHolding, _ number: Int) throws(StateFault) {
        let check = StateCheck(.holding(number))
        try check(hasUser(holding.account), "account", .reference)
        try check(holding.shares >= 0, "shares", .holding)
        let until = holding.lockedUntil.microseconds
        try check(until >= 0 && until <= 2 * Timestamp.latest.microseconds, "lockedUntil", .holding)
    }

    // MARK: Orders and offers

    /// An order without its links, as the state holds it.
    func checkOrder(_ it: SavedOrder) throws(StateFault) {
        let check = StateCheck(.order(it.order.id))
        try check(it.position >= 0 && Int(it.position) < positions.count, "position", .reference)
        try check(it.order.id.raw >= 1 && it.order.id.raw <= lastOrder, "id", .orderNumber)
        try check(it.order.quantity.lots >= 0 && it.order.quantity <= .highest, "quantity", .order)
        try check(it.order.filled.lots >= 0, "filled", .order)
        try check(it.clientID.isValid, "clientID", .order)
        try check(it.order.timeInForce != .gtd || it.order.type == .limit, "timeInForce", .order)
        let mayExpire = it.goodTill.microseconds == 0 || it.order.timeInForce == .gtd
        try check(it.goodTill.microseconds >= 0 && mayExpire, "goodTill", .order)
        try check(!it.isConditional || it.order.type.isConditional, "type", .order)
        let priced = it.price.ticks >= 1 && it.price <= .highest
        if it.isConditional { return try checkCondition(it, priced: priced, check) }
        try check(it.order.type.hasLimit && priced, "price", .order)
        try check(it.order.filled < it.order.quantity, "filled", .order)
        let since = it.restedAt
        try check(since.microseconds >= 0 && since <= clock, "restedAt", .orderTime)
    }

    private func checkCondition(_ it: SavedOrder, priced: Bool, _ check: StateCheck) throws(StateFault) {
        let type = it.order.type
        try check(it.order.filled.lots == 0, "filled", .condition)
        let closes = it.condition.closePosition
        try check((it.order.quantity.lots == 0) == closes, "closePosition", .condition)
        let least: Int64 = type == .trailingStopMarket ? 0 : 1
        let trigger = it.condition.trigger
        try check(trigger.ticks >= least && trigger <= .highest, "trigger", .condition)
        let range = 0...Price.highest.ticks
        try check(range.contains(it.condition.activate.ticks), "activate", .condition)
        try check(range.contains(it.condition.extreme.ticks), "extreme", .condition)
        let callback = it.condition.callback
        try check(callback.units >= 0 && callback <= .one, "callback", .condition)
        try check(it.condition.priceMatch == .none || type.hasLimit, "priceMatch", .condition)
        let hasLimit = type.hasLimit && it.condition.priceMatch == .none
        try check(hasLimit ? priced : it.price == .none, "price", .condition)
    }

    func checkOffer(_ offer: StandingOffer) throws(StateFault) {
        let check = StateCheck(.offer(offer.number))
        try check(hasUser(offer.account), "account", .reference)
        try check(offer.quantity.lots >= 1 && offer.quantity <= .highest, "quantity", .offer)
        try check(offer.edge.units >= 0 && offer.edge <= .one, "edge", .offer)
        try check(offer.number >= 1 && offer.number <= lastOffer, "number", .offer)
    }
}
