import ExchangeCore

/// The attacks that the rules of money answer, each with drawn parameters (ADL-19).
enum Attack: String, CaseIterable {
    case beforeTheFirstMark = "trades before the first mark"
    case staleMark = "both sides at a stale mark"
    case friendlyVolunteer = "a solvent account to a friend"
    case drift = "both sides while the price drifts on"
    case fundingBid = "a bid for a microsecond"
    case shareInflation = "shares of the vault made dear"
    case justInTime = "a deposit just in time"
    case restingOrders = "resting orders beyond the cap"
    case namedOwner = "a named owner in two markets"
    case isolatedClose = "an isolated position closed at the fund's cost"
}

/// A world in which accounts that belong together play one of the attacks, with others around them.
struct CoalitionWorld {
    let attack: Attack
    var commands: [TimedCommand] = []
    var law = CoalitionLaw()
    var random: SplitMix64
    var at: Int64 = 1_000_000_000
    /// Accounts so far, the venue's three among them.
    var accounts = 3
    let price: Int64
    let leverage: Int64
    let rate: Int64
    let lots: Int64
    /// Quote units a lot and tick.
    let u: Int64 = 1_000_000
    var maker: Int64 = 0
    var taker: Int64 = 0

    init(seed: UInt64) {
        random = SplitMix64(seed: seed ^ 0x00C0_A117_1011)
        attack = Attack.allCases[Int(seed % UInt64(Attack.allCases.count))]
        price = Int64(random.within(2_000...90_000))
        let bracket = random.pick([(20, 1_000_000), (50, 1_000_000), (125, 400_000), (100, 500_000)])
        leverage = Int64(bracket.0)
        rate = Int64(bracket.1)
        lots = Int64(random.within(2...400))
        let fees: [(Int64, Int64)] = [(20_000, 50_000), (-10_000, 50_000), (0, 50_000), (0, 0), (0, 0)]
        (maker, taker) = random.pick(fees)
        law.maintenance = Whole(rate)
        law.band = 10_000_000
        law.bidLimit = Whole(maker + taker)
        switch attack {
        case .beforeTheFirstMark: tradeBeforeTheFirstMark()
        case .staleMark: openAtStaleMark()
        case .friendlyVolunteer: handOver()
        case .drift: driftOn()
        case .fundingBid: bidForFunding()
        case .shareInflation: inflate()
        case .justInTime: depositInTime()
        case .restingOrders: restBeyondCap()
        case .namedOwner: loseAsNamedOwner()
        case .isolatedClose: closeIsolated()
        }
    }

    // MARK: attacks

    private mutating func tradeBeforeTheFirstMark() {
        market()
        rich()
        fund()
        let (a, b, c) = (friend(cash(1)), friend(cash(1)), friend(cash(100)))
        for account in [a, b, c] { lever(account) }
        let low = Int64(random.within(1...10))
        let high = low * Int64(random.pick([10, 1_000, 10_000]))
        order(b, .sell, low, lots)
        order(a, .buy, low, lots)
        order(c, .buy, high, lots)
        order(a, .sell, high, lots)
        withdraw(a, cash(1) + (high - low) * lots * u)
        let first = random.pick([low, high, (low + high) / 2, price])
        mark(first)
        mark(max(1, first + first * Int64(random.within(-30...30)) / 100))
        withdraw(a, cash(1))
    }

    private mutating func openAtStaleMark() {
        let way = random.below(3)
        market { spec in
            spec.quorum = way == 1 ? 2 : 1
            spec.staleAfter = 60_000_000
        }
        rich()
        fund()
        let pairs = (0..<random.within(1...3)).map { _ in (friend(margin(2)), friend(margin(2))) }
        for (long, short) in pairs {
            lever(long)
            lever(short)
        }
        mark(price)
        if way == 1 { mark(price, source: 1) }
        let restsBefore = random.chance(50)
        if restsBefore { for (_, short) in pairs { order(short, .sell, price, lots) } }
        switch way {
        case 0:
            at += 61_000_000
            tick()
        case 1: mark(price * 2, source: 1)
        default: mark(0)
        }
        if !restsBefore { for (_, short) in pairs { order(short, .sell, price, lots) } }
        for (long, _) in pairs {
            order(long, .buy, price, lots)
            if random.chance(50) { order(long, .buy, price * 101 / 100, lots, .market) }
        }
        let next = moved(random.pick([-30, -10, -3, 3, 10, 30]))
        mark(next)
        if way == 1 { mark(next, source: 1) }
        mark(next + 1)
        if way == 1 { mark(next + 1, source: 1) }
    }

    private mutating func handOver() {
        let bid = Int64(random.pick([-1, -1, 1_000_000]))
        if bid > 0 { law.bidLimit = Whole(bid) }
        market { $0.bidLimit = Rate(bid) }
        let stranger = rich()
        fund()
        let (a, friend) = (friend(margin(Int64(random.within(1...3)))), friend(margin(40)))
        lever(a)
        lever(friend)
        mark(price)
        let isFirst = random.chance(60)
        let edge = Int64(random.pick([0, 100_000, 1_000_000, 10_000_000]))
        let long = random.chance(50)
        var now = price
        for turn in 0..<random.within(1...6) {
            if isFirst { offer(friend, long ? .sell : .buy, lots * 2, edge) }
            order(random.chance(50) ? stranger : friend, long ? .sell : .buy, now, lots)
            order(a, long ? .buy : .sell, now, lots)
            if !isFirst { offer(friend, long ? .sell : .buy, lots * 2, edge) }
            // Just above nothing, or below it.
            let percent = random.within(1...12)
            now = max(1, long ? now - now * Int64(percent) / 200 : now + now * Int64(percent) / 200)
            mark(now)
            for _ in 0..<random.below(5) {
                now = max(1, long ? now - now / 300 : now + now / 300)
                mark(now)
            }
            if turn % 2 == 0 { deposit(a, margin(1)) }
        }
    }

    private mutating func driftOn() {
        market()
        rich()
        fund(rich: true)
        let isIsolated = random.chance(30)
        let isHedged = !isIsolated && random.chance(30)
        for _ in 0..<random.within(1...4) {
            let (long, short) = (friend(margin(2)), friend(margin(random.pick([2, 20]))))
            for account in [long, short] {
                if isHedged { hedge(account) }
                if isIsolated { isolate(account) }
                lever(account)
            }
            mark(price)
            order(short, .sell, price, lots, side: isHedged ? .short : .both)
            order(long, .buy, price, lots, side: isHedged ? .long : .both)
        }
        let down = random.chance(50)
        var now = price
        let jump = Int64(100 / leverage + 1 + Int64(random.below(10)))
        now = max(1, down ? now - now * jump / 100 : now + now * jump / 100)
        mark(now)
        for _ in 0..<random.within(3...25) {
            let step = max(1, now * Int64(random.within(1...3)) / 100)
            now = max(1, down ? now - step : now + step)
            mark(now)
        }
        if random.chance(70) { mark(price) }
    }

    private mutating func bidForFunding() {
        let impact = Amount(price * u)
        market { spec in
            spec.fundingInterval = 28_800_000_000
            spec.impactNotional = impact
            spec.staleAfter = 1 << 50
            spec.interest = Rate(10_000)
        }
        law.fairRate = 10_000
        let stranger = rich()
        fund()
        let (short, bidder) = (friend(margin(30)), friend(margin(80)))
        lever(short)
        lever(bidder)
        mark(price)
        let meets = random.chance(60) ? stranger : friend(margin(2))
        lever(meets)
        order(short, .sell, price, lots)
        order(meets, .buy, price, lots)
        let age = Int64(random.pick([1, 1_000, 999_999]))
        for _ in 0..<random.within(1...4) {
            at += Int64(random.within(10...600)) * 1_000_000
            order(bidder, .buy, price * 109 / 100, lots * 2)
            at += age
            mark(price)
            at += 1
            cancelAll(bidder)
            // What stands when the next price comes is nothing.
            if random.chance(70) {
                at += 5
                mark(price)
            }
        }
        at = (at / 28_800_000_000 + 1) * 28_800_000_000
        tick()
        mark(price)
    }

    /// Few shares are made dear: each deposit of a unit less than two shares cost makes one of them, and
    /// what is left of it stays with the vault, unless it stays with the depositor.
    private mutating func inflate() {
        market { $0.workOff = 1 }
        let (alice, bob) = (open(), open())
        deposit(alice, margin(1))
        deposit(bob, margin(100))
        let (mallory, victim) = (friend(margin(100)), open())
        deposit(victim, margin(100))
        mark(price)
        // The vault's first loss is what so many lots lack, so that none of the venue's shares is left.
        let percent = 100 / leverage
        let now = price - price * (percent + Int64(random.within(1...8))) / 100
        let notional = price * lots * u
        let fee = (notional * taker + 99_999_999) / 100_000_000
        let lacks = lots * (price - now) * u + fee - margin(1)
        let few = Int64(random.within(1...Int(lots) - 1))
        let capital = random.chance(80) ? (lacks * few + lots - 1) / lots : max(1, margin(1) / 3_000)
        vault(capital, firstLoss: capital)
        vaultDeposit(mallory, margin(1) * Int64(random.within(1...40)))
        lever(alice)
        order(bob, .sell, price, lots)
        order(alice, .buy, price, lots)
        mark(now)
        order(bob, .buy, now * 101 / 100, lots)
        mark(now)
        redeem(mallory, .max - 1)
        for _ in 0..<random.within(10...50) {
            vaultDeposit(mallory, CoalitionWorld.nearlyTwoShares)
            redeem(mallory, 1)
        }
        vaultDeposit(victim, CoalitionWorld.nearlyTwoShares)
        vaultDeposit(victim, margin(1) * Int64(random.within(1...9)))
        redeem(mallory, .max)
        redeem(mallory, 1)
    }
}
