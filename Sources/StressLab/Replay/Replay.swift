public import ExchangeCore

/// Runs a tape and a population through the engine that serves live orders.
///
/// What happens, second by second: makers cancel and quote anew round the perpetual's price, with the
/// depth of the curve; then each price on the tape reaches the exchange, in the order open, extremes,
/// close of each second, and does what it does. Holders do nothing by themselves: they are liquidated,
/// taken over and deleveraged by the rules. What is left out: holders' own orders, the tape's volume,
/// funding, and positions opened at other prices than the first.
public final class Replay {
    /// What happened so far.
    public private(set) var tally = ReplayTally()
    /// The engine.
    public private(set) var exchange = Exchange()
    /// The events of the command applied last.
    public private(set) var events = EventBuffer()
    /// The first second of the tape, since 1970.
    public private(set) var firstSecond: Int64 = 0
    /// The last second of the tape, since 1970.
    public private(set) var lastSecond: Int64 = 0
    /// The second being replayed.
    public private(set) var second: Int64 = 0
    /// The perpetual's last price on the tape, in 10⁻⁸.
    public private(set) var tapePrice: Int64 = 0

    private let options: ReplayOptions
    private let scale: Scale
    private let market = MarketID(0)
    private var perpetual: Cursor
    private var index: [Cursor] = []
    private var openInterest = 0.0
    private var names: [String] = []
    private var refusal: ReplayRefusal?
    private var isSettingUp = true

    /// A series and how far it has been played.
    private struct Cursor {
        var series: Series
        var next = 0

        /// The bar of a second, if there is one.
        mutating func bar(at second: Int64) -> Bar? {
            while next < series.bars.count && series.bars[next].second < second { next += 1 }
            return next < series.bars.count && series.bars[next].second == second ? series.bars[next] : nil
        }
    }

    /// Sets the exchange up: market, venue, makers, holders and their positions.
    ///
    /// - Throws: `TapeError` for a tape without what it takes, `ReplayRefusal` for the first command that the
    ///   exchange refuses.
    public init(tape: Tape, options: ReplayOptions) throws {
        self.options = options
        perpetual = Cursor(series: try tape.perpetual(of: options.market))
        let sources = try tape.index(of: options.market, from: options.indexFrom, besides: perpetual.series)
        guard let first = perpetual.series.bars.first, let last = perpetual.series.bars.last else {
            throw TapeError(line: 0, message: "the tape is empty", expected: "at least one bar")
        }
        if options.mark == .index && sources.isEmpty {
            throw TapeError(
                line: 0,
                message: "nothing on the tape makes an index of \(options.market)",
                expected: "a spot series, --index-from, or --mark last"
            )
        }
        scale = Scale(price: first.open)
        index = sources.prefix(16).map { Cursor(series: $0) }
        firstSecond = first.second
        lastSecond = last.second
        second = first.second
        tapePrice = first.open
        names = ["perpetual \(perpetual.series.name)"] + sources.map { "index \($0.name)" }
        setUp(first.open)
        isSettingUp = false
        if let refusal { throw refusal }
    }

    /// The series in use.
    public var seriesNames: [String] { names }
    /// Whether the tape has been played to its end.
    public var isOver: Bool { second > lastSecond }

    // MARK: Setting up

    private func send(_ command: Command) {
        // Behind a command of the set-up that was refused nothing is set up any more.
        if refusal != nil { return }
        events.removeAll()
        _ = exchange.submit(
            command,
            at: Timestamp(second * 1_000_000),
            applied: &tally.commands,
            into: &events
        )
        tally.add(events, at: second, exchange)
        if isSettingUp && tally.lastStatus != .ok {
            refusal = ReplayRefusal(command: command, status: tally.lastStatus)
        }
    }

    private func setUp(_ price: Int64) {
        createMarket()
        let population = Population(count: options.accounts, seed: options.seed, brackets: Replay.brackets)
        openInterest = population.longNotional
        for _ in 0..<(Replay.makers + population.holders.count) { send(.openAccount(OpenAccount())) }
        deposit(.fund, openInterest * options.fund)
        if options.vault > 0 {
            send(.configureVault(ConfigureVault(amount: amount(openInterest * options.vault))))
        }
        // As much as they could need; but all that there is may not be more than a pile may hold (LED-1).
        let held = population.holders.reduce(0) { $0 + Replay.deposit(of: $1) }
        let room = Replay.pile - held - openInterest * (options.fund + options.vault)
        for maker in 0..<Replay.makers {
            deposit(account(maker), min(openInterest * 5, room * 0.9 / Double(Replay.makers)))
            // Their quotes are large: the usual leverage is not allowed there.
            setLeverage(account(maker), 10)
        }
        setPrice(price, source: 0)
        open(population, price)
        tally.begin(exchange, holders: population.holders.count, makers: Replay.makers)
    }

    private static let makers = 3
    /// What all deposits may be together, in quote currency.
    private static let pile = Double(Int64(1) << 60) / 1e8

    /// What a holder begins with: equity, and the fee of its position.
    private static func deposit(of holder: Holder) -> Double { holder.equity + holder.notional * 0.0006 }

    private func account(_ number: Int) -> AccountID { AccountID(AccountID.firstUser.raw + Int32(number)) }

    private func amount(_ quote: Double) -> Amount { Amount(Int64(min(max(quote * 1e8, 1), 1e18))) }

    private func deposit(_ account: AccountID, _ quote: Double) {
        let deposit = Deposit(account: account, amount: amount(quote))
        if quote > 0 { send(.deposit(deposit)) }
    }

    private func createMarket() {
        var specification = MarketSpecification()
        var symbol = Symbol(low: 0, high: 0)
        for (place, byte) in options.market.utf8.prefix(16).enumerated() { symbol.set(place, byte) }
        specification.symbol = symbol
        specification.tickSize = scale.tickSize
        specification.lotSize = scale.lotSize
        _ = specification.table.append(
            Tier(upTo: Amount(25_000_000_000_000), maintenance: Rate(1_000_000), leverage: 50)
        )
        _ = specification.table.append(
            Tier(upTo: Amount(500_000_000_000_000), maintenance: Rate(2_500_000), leverage: 20)
        )
        _ = specification.table.append(Tier(upTo: .unlimited, maintenance: Rate(5_000_000), leverage: 10))
        specification.maker = Rate(20_000)
        specification.taker = Rate(50_000)
        specification.mark = options.mark
        specification.staleAfter = 3_600_000_000
        // The tape's perpetual goes further from its index than a venue would let orders go.
        specification.priceBand = .zero
        specification.fundingInterval = 0
        specification.selection = options.selection
        send(.createMarket(specification))
    }

    /// Nine tenths of what the market's tiers allow.
    private static let brackets = [
        Population.Bracket(upTo: 240_000, leverage: 45), Population.Bracket(upTo: 4_800_000, leverage: 18),
        Population.Bracket(upTo: .infinity, leverage: 9),
    ]

    private func setLeverage(_ account: AccountID, _ leverage: Int32) {
        send(.setLeverage(SetLeverage(account: account, market: market, leverage: leverage)))
    }

    /// Deposits, leverage, and positions opened against each other at the first price; what does not
    /// balance the makers take.
    private func open(_ population: Population, _ price: Int64) {
        var left: Int64 = 0
        for (number, holder) in population.holders.enumerated() {
            let account = account(Replay.makers + number)
            let notional = holder.notional
            deposit(account, Replay.deposit(of: holder))
            // A position at the very border of a bracket may lie a hair beyond it, as a Double.
            let bracket = Replay.brackets.firstIndex { notional <= $0.upTo * 1.001 } ?? 2
            setLeverage(account, [50, 20, 10][min(bracket, 2)])
            if holder.isLong { continue }
            left += rest(account, .sell, scale.lots(worth: notional, at: price), price)
        }
        for (number, holder) in population.holders.enumerated() where holder.isLong {
            let lots = scale.lots(worth: holder.notional, at: price)
            let shortage = lots.lots - left
            if shortage > 0 { left += rest(account(0), .sell, Quantity(shortage), price) }
            take(account(Replay.makers + number), lots)
            left -= lots.lots
        }
        if left > 0 { take(account(1), Quantity(left)) }
        send(.cancelAll(CancelAll(account: account(0))))
    }

    /// Rests an order; returns how many lots now stand.
    private func rest(_ account: AccountID, _ side: Side, _ lots: Quantity, _ price: Int64) -> Int64 {
        if lots.lots < 1 { return 0 }
        let order = PlaceOrder(
            account: account,
            market: market,
            side: side,
            price: scale.price(price),
            quantity: lots
        )
        send(.placeOrder(order))
        return tally.lastStatus == .ok ? lots.lots : 0
    }

    private func take(_ account: AccountID, _ lots: Quantity) {
        if lots.lots < 1 { return }
        let order = PlaceOrder(account: account, market: market, side: .buy, type: .market, quantity: lots)
        send(.placeOrder(order))
    }

    // MARK: Playing

    private func setPrice(_ units: Int64, source: Int) {
        send(.price(PriceUpdate(market: market, source: Int32(source), price: scale.price(units))))
    }

    /// Plays one second of the tape. Does nothing behind its end.
    ///
    /// - Parameter observe: called with the events of each price command, for receipts.
    public func step(_ observe: (borrowing EventBuffer, Timestamp) -> Void) {
        if isOver { return }
        let own = perpetual.bar(at: second)
        if let own { tapePrice = own.close }
        quote()
        for part in 0..<4 {
            if options.mark == .last {
                if let own, part == 0 || own.path[part] != own.path[part - 1] {
                    setPrice(own.path[part], source: 0)
                    observe(events, Timestamp(second * 1_000_000))
                }
                continue
            }
            for place in index.indices {
                guard let bar = index[place].bar(at: second) else { continue }
                if part > 0 && bar.path[part] == bar.path[part - 1] { continue }
                setPrice(bar.path[part], source: place)
                observe(events, Timestamp(second * 1_000_000))
            }
        }
        second += 1
    }

    /// Makers take their orders back and quote round the perpetual's price, as deep as the curve says.
    private func quote() {
        let multiplier = options.depthCurve.multiplier(at: second)
        let within = openInterest * options.depth * multiplier / Double(Replay.makers)
        for maker in 0..<Replay.makers {
            send(.cancelAll(CancelAll(account: account(maker))))
            for level in DepthCurve.shape {
                let bid = Int64(Double(tapePrice) * (1 - level.distance))
                let ask = Int64(Double(tapePrice) * (1 + level.distance))
                _ = rest(account(maker), .buy, scale.lots(worth: within * level.bid, at: tapePrice), bid)
                _ = rest(account(maker), .sell, scale.lots(worth: within * level.ask, at: tapePrice), ask)
            }
        }
    }

    /// Totals at the end.
    public func finish() { tally.end(exchange) }
}
