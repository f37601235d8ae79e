import ExchangeCore

// Attacks on the vault, caps and isolated margin, and what all attacks are made of.

extension CoalitionWorld {
    /// A stranger waits above zero for want of the vault's margin; a deposit would give it that margin, and
    /// with it what the stranger has left.
    mutating func depositInTime() {
        let workOff = Int32(random.pick([0, 20]))
        market { $0.workOff = workOff }
        fund()
        let (stranger, mallory) = (open(), friend(margin(60)))
        let bob = open()
        deposit(bob, margin(200))
        deposit(stranger, margin(2))
        vault(max(1, margin(1) / Int64(random.pick([4, 20, 100]))), firstLoss: 0)
        mark(price)
        lever(stranger)
        order(bob, .sell, price, lots)
        order(stranger, .buy, price, lots)
        let isBefore = random.chance(25)
        if isBefore { vaultDeposit(mallory, margin(10)) }
        // Past takeover, above zero: twice the margin less a bit.
        let left = Int64(random.within(1...60))
        let fall = price * 2 / leverage
        let now = max(1, price - fall + price * rate * left / (100 * 100_000_000))
        mark(now)
        vaultDeposit(mallory, margin(Int64(random.within(1...20))))
        mark(now)
        mark(max(1, now + Int64(random.within(-2...2))))
        redeem(mallory, .max)
        redeem(mallory, 1_000)
    }

    /// One owner's orders in several accounts, more than the cap altogether.
    mutating func restBeyondCap() {
        market()
        let strangers = (0..<8).map { _ in rich() }
        let accounts = (0..<random.within(2...4)).map { _ in friend(margin(30), owner: 77) }
        law.isNamed = true
        mark(price)
        law.cap = Whole(lots)
        add(.setCaps(SetCaps(market: MarketID(0), position: Quantity(lots))))
        for account in accounts {
            lever(account)
            for _ in 0..<random.within(1...3) {
                let side: Side = random.chance(80) ? .buy : .sell
                order(account, side, price, max(1, lots * Int64(random.within(20...100)) / 100))
            }
        }
        // The cap holds for them too.
        for stranger in strangers {
            order(stranger, random.chance(70) ? .sell : .buy, price, lots)
        }
        mark(moved(random.within(-2...2)))
    }

    /// One owner is long in one market and short in another of the same coin.
    mutating func loseAsNamedOwner() {
        market()
        market()
        rich()
        fund()
        law.isNamed = random.chance(85)
        let owner = law.isNamed ? 77 : 0
        let x = friend(margin(2), owner: owner)
        let y = friend(margin(random.pick([2, 5, 40])), owner: owner)
        let z = friend(margin(random.pick([1, 3])), owner: owner)
        for market in 0..<2 { mark(price, market) }
        let stranger = 3
        for (account, market) in [(x, 0), (y, 1), (z, 1)] { lever(account, market) }
        if random.chance(25) { isolate(x, 0) }
        order(stranger, .sell, price, lots, 0)
        order(x, .buy, price, lots, 0)
        order(stranger, .buy, price, lots * 2, 1)
        order(y, .sell, price, lots, 1)
        if random.chance(30) { order(z, .sell, price, lots / 2, 1) }
        let next = moved(random.pick([-50, -20, -10, -7, 10]))
        let first = random.below(2)
        mark(next, first)
        mark(next, 1 - first)
        mark(price, first)
        mark(price, 1 - first)
    }

    /// A position with the least margin that is taken is closed lot by lot: its fees are its own.
    mutating func closeIsolated() {
        if taker == 0 { (maker, taker) = (20_000, 50_000) }
        market()
        let stranger = rich()
        fund()
        let a = friend(margin(4))
        let other = random.chance(50) ? stranger : friend(margin(40))
        isolate(a)
        lever(a)
        lever(other)
        mark(price)
        order(other, .sell, price, lots)
        order(a, .buy, price, lots)
        // So far that little is left of the margin, or not at all.
        let now = max(1, price - price * Int64(random.within(0...100)) / (100 * leverage))
        mark(now)
        var left = lots
        while left > 0 {
            let part = random.chance(30) ? left : min(left, Int64(random.within(1...Int(lots))))
            order(other, .buy, now, part)
            order(a, .sell, now, part, random.chance(50) ? .market : .limit)
            left -= part
            if random.chance(20) { mark(max(1, now - Int64(random.below(2)))) }
        }
        mark(now)
    }

    // MARK: what they are made of

    mutating func add(_ command: Command) { commands.append(TimedCommand(command: command, at: at)) }

    func cash(_ coins: Int64) -> Int64 { coins * 100_000_000 * 100 }

    /// What so many times the initial margin of the drawn position is, and its fees.
    func margin(_ times: Int64) -> Int64 {
        let notional = price * lots * u
        return times * (notional / leverage + notional * taker / 100_000_000) + times
    }

    mutating func moved(_ percent: Int) -> Int64 {
        max(1, price + price * Int64(percent) / 100 + Int64(random.within(-9...9)))
    }

    mutating func market(_ change: (inout MarketSpecification) -> Void = { _ in }) {
        let number = commands.count(where: { if case .createMarket = $0.command { true } else { false } })
        var spec = MarketSpecification()
        spec.symbol.set(0, UInt8(65 + number))
        spec.tickSize = u
        spec.lotSize = 100_000_000
        _ = spec.table.append(Tier(upTo: .unlimited, maintenance: Rate(rate), leverage: Int32(leverage)))
        spec.maker = Rate(maker)
        spec.taker = Rate(taker)
        spec.mark = .index
        spec.staleAfter = 1 << 50
        spec.fundingInterval = 0
        spec.deviationLimit = Rate(10_000_000)
        change(&spec)
        add(.createMarket(spec))
    }

    /// An account of somebody else.
    mutating func open(owner: Int = 0) -> Int {
        add(.openAccount(OpenAccount(owner: OwnerID(Int32(owner)))))
        accounts += 1
        return accounts - 1
    }

    /// Somebody else with so much that nothing ends it.
    @discardableResult
    mutating func rich() -> Int {
        let account = open()
        deposit(account, 1 << 54)
        return account
    }

    /// An account of the coalition.
    mutating func friend(_ amount: Int64, owner: Int = 0) -> Int {
        let account = open(owner: owner)
        deposit(account, amount)
        law.members.append(account)
        return account
    }

    mutating func deposit(_ account: Int, _ amount: Int64) {
        add(.deposit(Deposit(account: AccountID(Int32(account)), amount: Amount(amount))))
    }

    mutating func withdraw(_ account: Int, _ amount: Int64) {
        add(.withdraw(Withdraw(account: AccountID(Int32(account)), amount: Amount(amount))))
    }

    mutating func fund(rich: Bool = false) {
        if !rich && random.chance(15) { return }
        deposit(0, rich || random.chance(70) ? margin(1_000) : max(1, margin(1) / 10))
    }

    mutating func lever(_ account: Int, _ market: Int = 0) {
        var c = SetLeverage()
        c.account = AccountID(Int32(account))
        c.market = MarketID(Int32(market))
        c.leverage = Int32(leverage)
        add(.setLeverage(c))
    }

    mutating func isolate(_ account: Int, _ market: Int = 0) {
        var c = SetMarginMode()
        c.account = AccountID(Int32(account))
        c.market = MarketID(Int32(market))
        c.mode = .isolated
        add(.setMarginMode(c))
    }

    mutating func hedge(_ account: Int) {
        add(.setPositionMode(SetPositionMode(account: AccountID(Int32(account)), mode: .hedge)))
    }

    mutating func mark(_ ticks: Int64, _ market: Int = 0, source: Int = 0) {
        add(.price(PriceUpdate(market: MarketID(Int32(market)), source: Int32(source), price: Price(ticks))))
    }

    mutating func tick() { add(.tick(Tick())) }

    mutating func order(
        _ account: Int,
        _ side: Side,
        _ price: Int64,
        _ lots: Int64,
        _ market: Int = 0,
        _ type: OrderType = .limit,
        side position: PositionSide = .both
    ) {
        var c = PlaceOrder()
        c.account = AccountID(Int32(account))
        c.market = MarketID(Int32(market))
        c.side = side
        c.type = type
        c.positionSide = position
        c.price = type == .market ? .none : Price(price)
        c.quantity = Quantity(lots)
        add(.placeOrder(c))
    }

    mutating func order(_ account: Int, _ side: Side, _ price: Int64, _ lots: Int64, _ type: OrderType) {
        order(account, side, price, lots, 0, type)
    }

    mutating func cancelAll(_ account: Int) {
        add(.cancelAll(CancelAll(account: AccountID(Int32(account)), market: .none)))
    }

    mutating func offer(_ account: Int, _ side: Side, _ lots: Int64, _ edge: Int64) {
        var c = Offer()
        c.account = AccountID(Int32(account))
        c.market = MarketID(0)
        c.side = side
        c.quantity = Quantity(lots)
        c.edge = Rate(edge)
        add(.offer(c))
    }

    mutating func vault(_ amount: Int64, firstLoss: Int64) {
        var c = ConfigureVault()
        c.amount = Amount(amount)
        c.leverage = Int32(leverage)
        c.firstLoss = Amount(firstLoss)
        add(.configureVault(c))
        add(.configureVaultMarket(ConfigureVaultMarket(market: MarketID(0))))
    }

    mutating func vaultDeposit(_ account: Int, _ amount: Int64) {
        add(.vaultDeposit(VaultDeposit(account: AccountID(Int32(account)), amount: Amount(amount))))
    }

    /// An amount that is found when it is run: a unit less than two shares cost.
    static var nearlyTwoShares: Int64 { .max }

    /// Redeems; `.max` is all that there are then, and `.max - 1` all but one.
    mutating func redeem(_ account: Int, _ shares: Int64) {
        add(.vaultRedeem(VaultRedeem(account: AccountID(Int32(account)), shares: shares)))
    }
}

/// Runs a coalition's world to its end or to its first difference. Without an auditor only the core is looked
/// at, and only by ADL-19.
public func runCoalition(seed: UInt64, audited: Bool = true, ledger: LedgerStream? = nil) -> WorldResult {
    let world = CoalitionWorld(seed: seed)
    let comparison = Comparison()
    comparison.coalition = world.law
    comparison.isAudited = audited
    comparison.ledger = ledger
    ledger?.begin()
    var result = WorldResult(seed: seed)
    result.isCoalition = true
    for timed in world.commands {
        var timed = timed
        if case .vaultRedeem(var c) = timed.command, c.shares >= .max - 1 {
            c.shares = comparison.vaultShares(of: c.account) - (.max - c.shares)
            timed.command = .vaultRedeem(c)
        } else if case .vaultDeposit(var c) = timed.command, c.amount.units == CoalitionWorld.nearlyTwoShares
        {
            c.amount = comparison.costOfTwoVaultShares - Amount(1)
            timed.command = .vaultDeposit(c)
        }
        result.commands.append(timed)
        if let difference = comparison.step(timed) {
            result.difference = "\(world.attack.rawValue): \(difference)"
            break
        }
    }
    let (looked, tested) = (comparison.coalition?.looked ?? 0, comparison.coalition?.tested ?? 0)
    result.coverage = comparison.coverage
    result.coverage.mark("coalition: \(world.attack.rawValue)")
    result.coverage.mark("coalition looked at", looked)
    result.coverage.mark("coalition put to the test", tested)
    result.coverage.mark("coalition by attack: \(world.attack.rawValue), commands looked at", looked)
    result.coverage.mark("coalition by attack: \(world.attack.rawValue), put to the test", tested)
    return result
}
