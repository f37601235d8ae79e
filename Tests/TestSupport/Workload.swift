public import ExchangeCore

/// A generator of random numbers that is the same everywhere.
public struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// Starts from a seed.
    public init(seed: UInt64) { state = seed }

    /// The next 64 bits.
    public mutating func next() -> UInt64 {
        state = state &+ 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// A number from 0 up to `bound` − 1.
    public mutating func below(_ bound: Int) -> Int { bound < 2 ? 0 : Int(next() % UInt64(bound)) }

    /// A number of the range.
    public mutating func within(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + below(range.upperBound - range.lowerBound + 1)
    }

    /// True in so many of a hundred draws.
    public mutating func chance(_ percent: Int) -> Bool { below(100) < percent }

    /// One of several.
    public mutating func pick<T>(_ list: [T]) -> T { list[below(list.count)] }
}

/// A command with its place: the number it asks for, as a distance from the next one, and its time.
public struct TimedCommand: Sendable {
    /// The command.
    public var command: Command
    /// Its time in µs.
    public var at: Int64
    /// 0 for the next number, −1 for the last, 1 for one too far.
    public var distance: Int64 = 0

    /// A command with the next number, or one `distance` away from it.
    public init(command: Command, at: Int64, distance: Int64 = 0) {
        self.command = command
        self.at = at
        self.distance = distance
    }
}

/// How a world is drawn, beside its seed.
public struct WorldOptions: Sendable {
    /// Deficits by loss everywhere (ADL-5), or by maintenance margin everywhere; nil: drawn a market.
    public var deficitShare: DeficitShare? = .byLoss
    /// Rules that stay away from what is not liquidated: no isolated margin, no settlement.
    public var tame = false
    /// The same selection everywhere; nil: drawn by market.
    public var selection: Selection?
    /// Nothing between a crash and deleveraging: no fund, vault and volunteers, and crashes often.
    public var crashes = false
    public init() {}
}

/// Draws a configuration from a seed and then commands with intent: mostly sensible, some hostile,
/// crashes in bursts. It looks at the auditor to know what would be sensible.
public struct Workload {
    var random: SplitMix64
    let options: WorldOptions
    /// The bounds of this world (LIM-1).
    public let limits: AuditedLimits
    var at: Int64 = 0
    var setUp: [Command] = []
    var following: [Command] = []
    var scale: [Int64] = []
    var lots: [Int64] = []
    var burst = 0
    var down = true
    var burstMarket = 0
    /// Typical notional of a position.
    let typical: Int64
    /// Whether amounts lie near the bounds and prices far apart (LED-1, PX-6).
    let isWide: Bool
    /// Typical notional where a few positions reach what open interest may be worth, 2⁵⁹.
    private static let widest: Int64 = 1 << 55

    /// A world of its own for each seed.
    public init(seed: UInt64, options: WorldOptions = WorldOptions()) {
        var random = SplitMix64(seed: seed)
        self.options = options
        var limits = AuditedLimits()
        if random.chance(35) { limits.waterfallSteps = random.within(1...7) }
        if random.chance(10) { limits.ordersPerPosition = random.within(2...5) }
        if random.chance(10) { limits.offersPerSide = random.within(1...2) }
        if random.chance(10) { limits.requestKeys = random.within(1...4) }
        if random.chance(10) { limits.activations = random.within(1...2) }
        if random.chance(8) { limits.positionsPerAccount = random.within(1...3) }
        self.limits = limits
        isWide = random.chance(10)
        typical =
            isWide ? Workload.widest : random.pick([300, 2_000, 100_000, 10_000_000, 1_000_000_000_000])
        self.random = random
        at = Int64(self.random.pick([0, 1_000_000, 1_760_000_000_000_000]))
        drawWorld()
    }

    // MARK: the world

    private mutating func drawWorld() {
        let markets = options.crashes ? random.pick([2, 2, 3]) : random.pick([1, 1, 2, 2, 3])
        var methods: [MarkMethod] = []
        for number in 0..<markets {
            let market = drawMarket(number)
            methods.append(market.mark)
            setUp.append(.createMarket(market))
        }
        for number in 0..<random.within(3...9) {
            var open = OpenAccount()
            if random.chance(options.crashes ? 70 : 35) {
                open.owner = OwnerID(Int32(1_000 + random.below(3)))
            }
            setUp.append(.openAccount(open))
            var deposit = Deposit()
            deposit.account = AccountID(Int32(3 + number))
            deposit.amount = Amount(typical / 50 * Int64(random.within(1...60)) + Int64(random.below(9)) + 1)
            setUp.append(.deposit(deposit))
            drawModes(AccountID(Int32(3 + number)), markets)
        }
        if random.chance(60) && !options.crashes {
            var deposit = Deposit()
            deposit.account = .fund
            deposit.amount = Amount(max(1, typical / Int64(random.pick([2, 20, 200, 2_000]))))
            setUp.append(.deposit(deposit))
        }
        if random.chance(60) && !options.crashes { setUp.append(.configureVault(drawVault(first: true))) }
        for market in 0..<markets {
            if random.chance(50) { setUp.append(.configureVaultMarket(drawVaultMarket(market))) }
            if methods[market] == .hyperliquid && random.chance(70) {
                var perp = ConfigureSource(market: MarketID(Int32(market)), source: 2)
                perp.kind = .perp
                setUp.append(.configureSource(perp))
            }
            if random.chance(90) { setUp.append(.price(drawPrice(market, Price(scale[market]), source: 0))) }
        }
        setUp.reverse()
    }

    /// Hedge mode, isolated margin and high leverage from the beginning, each in a part of the accounts.
    private mutating func drawModes(_ account: AccountID, _ markets: Int) {
        if options.tame { return }
        if random.chance(options.crashes ? 35 : 12) {
            setUp.append(.setPositionMode(SetPositionMode(account: account, mode: .hedge)))
        }
        for market in 0..<markets where random.chance(options.crashes ? 35 : 12) {
            let c = SetMarginMode(account: account, market: MarketID(Int32(market)), mode: .isolated)
            setUp.append(.setMarginMode(c))
        }
    }

    mutating func drawTiers() -> TierTable {
        var table = TierTable()
        let rate = random.pick([50_000, 400_000, 1_000_000, 5_000_000, 20_000_000])
        let most = 100_000_000 / rate
        let leverage = max(1, min(random.pick([125, 50, 20, 10]), most))
        if random.chance(50) {
            _ = table.append(
                Tier(upTo: .unlimited, maintenance: Rate(Int64(rate)), leverage: Int32(leverage))
            )
            return table
        }
        let second = min(rate * random.within(1...4), 50_000_000)
        _ = table.append(
            Tier(upTo: Amount(typical / 2 + 7), maintenance: Rate(Int64(rate)), leverage: Int32(leverage))
        )
        _ = table.append(
            Tier(
                upTo: random.chance(50) ? Amount(typical * 3) : .unlimited,
                maintenance: Rate(Int64(second)),
                leverage: Int32(max(1, min(leverage / 2, 100_000_000 / second)))
            )
        )
        if table.tiers[1].upTo != .unlimited {
            let third = min(second * 2, 50_000_000)
            _ = table.append(
                Tier(
                    upTo: .unlimited,
                    maintenance: Rate(Int64(third)),
                    leverage: Int32(max(1, min(leverage / 4, 100_000_000 / third)))
                )
            )
        }
        return table
    }

    mutating func drawMarket(_ number: Int) -> MarketSpecification {
        var spec = MarketSpecification()
        spec.symbol.set(0, UInt8(65 + number))
        let price = Int64(random.pick([3, 20, 100, 1_000, 50_000]))
        let count = Int64(random.pick([2, 10, 100, 1_000]))
        let u = min(1 << 40, max(1, typical / (price * count)))
        spec.tickSize = u
        spec.lotSize = 100_000_000
        scale.append(price)
        lots.append(isWide ? typical / (price * u) : count)
        spec.table = drawTiers()
        let lowest = spec.table.tiers[0].maintenance.units
        spec.maker = Rate(Int64(random.pick([0, 20_000, -10_000])))
        spec.taker = Rate(Int64(random.pick([0, 50_000, 50_000, 500_000])))
        if spec.taker.units + spec.maker.units < 0 { spec.maker = .zero }
        spec.liquidationFee = Rate(min(Int64(random.pick([0, 100_000, 1_000_000])), lowest / 2))
        spec.mark = random.pick([.last, .last, .index, .index, .binance, .hyperliquid])
        if spec.mark != .last {
            spec.indexBand = Rate(Int64(random.pick([0, 0, 3_000_000, 20_000_000])))
            spec.averageBand = Rate(Int64(random.pick([0, 0, 0, 5_000_000, 50_000_000])))
            spec.averageTime = Int64(random.pick([1_000_000, 60_000_000, 28_800_000_000]))
        }
        spec.priceBand = Rate(Int64(random.pick([0, 0, 0, 5_000_000, 20_000_000])))
        spec.triggerProtect = Rate(Int64(random.pick([0, 1_000_000, 5_000_000, 100_000_000])))
        spec.quorum = Int32(random.pick([1, 1, 1, 2]))
        spec.staleAfter = Int64(random.pick([1 << 50, 1 << 50, 60_000_000, 5_000_000]))
        spec.deviationLimit = Rate(Int64(random.pick([0, 5_000_000, 10_000_000])))
        spec.fundingInterval = Int64(random.pick([0, 28_800_000_000, 3_600_000_000, 60_000_000]))
        spec.interest = Rate(Int64(random.pick([10_000, 0, 300_000])))
        spec.impactNotional = Amount(typical / Int64(random.pick([1, 10])))
        spec.impactShare = Rate(Int64(random.pick([0, 1_000_000, 100_000_000])))
        spec.impactAge = Int64(random.pick([0, 1_000, 1_000_000]))
        spec.buffer = Rate(Int64(random.pick([10_000_000, 0, 50_000_000])))
        if random.chance(20) {
            spec.takeoverNumerator = Int32(random.pick([1, 1, 9]))
            spec.takeoverDenominator = Int32(random.pick([1, 2, 10]))
            if spec.takeoverNumerator > spec.takeoverDenominator { spec.takeoverNumerator = 1 }
        }
        spec.sizing = random.chance(20) ? .whole : .justEnough
        spec.selection = random.chance(25) ? .whale : random.pick(Workload.selections)
        if let selection = options.selection { spec.selection = selection }
        spec.selectionSeed = Int64(random.pick([0, 1, -1, 77, 1 << 62]))
        spec.ownAccounts = random.pick([.recourse, .recourse, .first, .asOthers])
        spec.hedges = random.chance(options.crashes ? 80 : 50) ? .honoured : .ignored
        spec.deficitShare = options.deficitShare ?? random.pick([.byLoss, .byMaintenance])
        spec.candidates = random.chance(40) ? .everybody : .notPastTakeover
        spec.bidLimit = Rate(Int64(random.pick([-1, -1, 0, 1_000_000])))
        if random.chance(20) { spec.fundPerEvent = Amount(typical / 200) }
        if random.chance(20) { spec.fundPerMarket = Amount(typical / 40) }
        spec.fundShare = Rate(Int64(random.pick([0, 50_000_000, 100_000_000])))
        spec.workOff = Int32(random.pick([20, 20, 2, 1, 0]))
        return spec
    }

    /// All selections that there are.
    public static let selections = (UInt8.min...UInt8.max).compactMap { Selection(rawValue: $0) }

    mutating func drawVault(first: Bool) -> ConfigureVault {
        var c = ConfigureVault()
        c.amount = Amount(
            first || random.chance(50) ? max(1, typical / Int64(random.pick([2, 20, 200]))) : 0
        )
        c.leverage = Int32(random.pick([1, 5, 5, 20]))
        c.firstLoss = Amount(random.chance(50) ? typical / Int64(random.pick([20, 200, 2_000])) : 0)
        if random.chance(30) { c.lossLimit = Amount(typical / Int64(random.pick([50, 500]))) }
        c.lockUp = Int64(random.pick([0, 0, 10_000_000]))
        return c
    }

    mutating func drawVaultMarket(_ market: Int) -> ConfigureVaultMarket {
        var c = ConfigureVaultMarket(market: MarketID(Int32(market)))
        if random.chance(50) { c.cap = Amount(typical / Int64(random.pick([1, 4, 20]))) }
        c.edge = Rate(Int64(random.pick([0, 0, 100_000, 1_000_000, 5_000_000])))
        return c
    }

    mutating func drawPrice(_ market: Int, _ price: Price, source: Int) -> PriceUpdate {
        return PriceUpdate(market: MarketID(Int32(market)), source: Int32(source), price: price)
    }

    // MARK: the next command

    /// The next command, given what the auditor has seen.
    public mutating func next(_ auditor: Auditor) -> TimedCommand {
        let pending = auditor.isWaterfallPending
        if let command = setUp.popLast() { return TimedCommand(command: command, at: at) }
        if pending && !random.chance(6) { return TimedCommand(command: .continue(Continue()), at: at) }
        if let command = following.popLast() { return TimedCommand(command: command, at: at) }
        at += drawStep()
        let deadline = Int64(auditor.nextDeadline)
        if at >= deadline && !random.chance(3) {
            let moment = max(deadline, Int64(auditor.now))
            if !random.chance(10) { at = max(moment, min(at, moment)) }
            return TimedCommand(command: .tick(Tick()), at: at)
        }
        if random.chance(1) { return hostileEnvelope(auditor) }
        let command = burst > 0 ? drawBurst(auditor) : draw(auditor)
        return TimedCommand(command: command, at: at)
    }

    private mutating func drawStep() -> Int64 {
        switch random.below(20) {
        case 0..<8: return 0
        case 8..<12: return 1
        case 12..<16: return Int64(random.below(1_000_000))
        case 16..<18: return Int64(random.below(10_000_000))
        case 18: return Int64(random.below(100_000_000))
        default: return random.chance(10) ? Int64(random.below(40_000)) * 1_000_000 : 5
        }
    }

    private mutating func hostileEnvelope(_ auditor: Auditor) -> TimedCommand {
        var timed = TimedCommand(command: draw(auditor), at: at)
        switch random.below(5) {
        case 0: timed.distance = -1
        case 1: timed.distance = 1
        case 2: timed.at -= 5
        case 3: timed.at = .max
        default: timed.distance = Int64(random.within(-3...3))
        }
        return timed
    }

    /// A crash: deep moves of one market, mostly one way, with little between them.
    private mutating func drawBurst(_ auditor: Auditor) -> Command {
        burst -= 1
        if random.chance(20) { return draw(auditor) }
        if random.chance(10) { down.toggle() }
        let base = around(burstMarket, auditor)
        let move = max(1, base * Int64(random.pick([1, 2, 3, 5, 8, 15, 30])) / 100)
        let price = Price(max(1, down ? base - move : base + move))
        let command = Command.price(drawPrice(burstMarket, price, source: 0))
        if random.chance(12) { return exactFund(auditor, command) }
        return command
    }

    /// Puts into the fund exactly what the coming price will need, or one unit less, before it.
    private mutating func exactFund(_ auditor: Auditor, _ command: Command) -> Command {
        let trial = auditor.copy()
        _ = trial.apply(command, sequence: trial.nextSequence, at: Timestamp(at))
        var deficit: Whole = 0
        for episode in trial.episodes { deficit += episode.deficit }
        let lacking = deficit - auditor.fund - Whole(random.below(2))
        if lacking < 1 || lacking > Whole(typical) * 100 { return command }
        following.append(command)
        return .deposit(Deposit(account: .fund, amount: Amount(Int64(lacking))))
    }
}
