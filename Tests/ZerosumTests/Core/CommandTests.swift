import ExchangeCore
import TestSupport
import Testing

@Suite("Commands: envelope, binary form, no trap")
struct CommandTests {
    private struct World: ~Copyable {
        var exchange: Exchange
        var events = EventBuffer()

        init(exchange: consuming Exchange = Exchange()) { self.exchange = exchange }

        mutating func apply(_ command: Command, sequence: UInt64, at: Int64) -> Status {
            events.removeAll()
            return exchange.apply(command, sequence: sequence, at: Timestamp(at), into: &events)
        }
    }

    private func countdown(_ milliseconds: Int64) -> Command {
        return .countdown(Countdown(account: .firstUser, market: MarketID(0), milliseconds: milliseconds))
    }

    private func market(named letter: UInt64 = 84) -> Command {
        var payload = MarketSpecification()
        payload.symbol = Symbol(low: letter, high: 0)
        payload.tickSize = 100_000_000
        payload.lotSize = 100_000_000
        _ = payload.table.append(Tier(upTo: .unlimited, maintenance: Rate(1_000_000), leverage: 20))
        return .createMarket(payload)
    }

    @Test("CMD-1: what has no place in the sequence consumes no number, emits nothing and changes nothing")
    func envelope() {
        var world = World()
        #expect(world.apply(market(), sequence: 1, at: 5) == .ok)
        #expect(world.apply(.openAccount(OpenAccount()), sequence: 2, at: 5) == .ok)
        #expect(world.apply(countdown(1), sequence: 3, at: 5) == .ok)
        let hash = world.exchange.stateHash()
        let refusals: [(UInt64, Int64, Status)] = [
            (0, 6, .alreadyApplied), (3, 6, .alreadyApplied), (5, 6, .sequenceGap), (.max, 6, .sequenceGap),
            (4, 4, .timeBackwards), (4, 1_005, .tickFirst), (4, 2_000, .tickFirst),
            // The first that applies, in the stated order.
            (3, 4, .alreadyApplied), (5, 4, .sequenceGap), (5, 2_000, .sequenceGap),
        ]
        for (sequence, at, status) in refusals {
            #expect(world.apply(.openAccount(OpenAccount()), sequence: sequence, at: at) == status)
            #expect(world.events.count == 0)
            #expect(world.exchange.stateHash() == hash)
            #expect(world.exchange.nextSequence == 4)
        }
        #expect(world.apply(.tick(Tick()), sequence: 4, at: 1_005) == .ok)
        #expect(world.apply(.openAccount(OpenAccount()), sequence: 5, at: 2_000) == .ok)
        #expect(world.exchange.accountCount == 5)
    }

    @Test("CMD-2: a time outside of what is allowed is refused, consumes its number, and is not taken over")
    func time() {
        var world = World()
        #expect(world.apply(.tick(Tick()), sequence: 1, at: 7) == .ok)
        #expect(world.apply(.tick(Tick()), sequence: 2, at: -1) == .timeBackwards)
        #expect(world.apply(.tick(Tick()), sequence: 2, at: (1 << 56) + 1) == .invalidTime)
        #expect(world.apply(.tick(Tick()), sequence: 3, at: .max) == .invalidTime)
        #expect(world.exchange.now == Timestamp(7))
        #expect(world.apply(.tick(Tick()), sequence: 4, at: 7) == .ok)
    }

    @Test("CMD-6: a batch is its commands one after another, up to the first without a place")
    func batch() {
        var single = Exchange()
        var events = EventBuffer()
        var market = MarketSpecification()
        market.symbol.set(0, 84)
        market.tickSize = 1
        market.lotSize = 100_000_000
        _ = market.table.append(Tier(upTo: .unlimited, maintenance: Rate(500_000), leverage: 100))
        let price = PriceUpdate(market: MarketID(0), price: Price(100))
        let unknown = PriceUpdate(market: MarketID(7))
        let commands: [Command] = [
            .createMarket(market), .openAccount(OpenAccount()), .price(unknown), .price(price),
        ]
        for command in commands {
            _ = single.apply(command, sequence: single.nextSequence, at: Timestamp(5), into: &events)
        }
        var batched = Exchange()
        var together = EventBuffer()
        #expect(batched.apply(batch: commands.span, at: Timestamp(5), into: &together) == 4)
        #expect(together.digest == events.digest && batched.stateHash() == single.stateHash())
        // The price goes stale at 60,000,006: only a tick has a place there.
        #expect(batched.apply(batch: commands.span, at: Timestamp(60_000_006), into: &together) == 0)
        #expect(batched.nextSequence == 5)
    }

    @Test("DET-3: a keyed command that repeats one gets the same answer and does nothing")
    func requestKeys() {
        var world = World()
        #expect(world.apply(.openAccount(OpenAccount()), sequence: 1, at: 0) == .ok)
        var deposit = Deposit(account: .firstUser, amount: Amount(5), key: RequestKey(low: 1, high: 2))
        for sequence in 2...4 {
            #expect(world.apply(.deposit(deposit), sequence: UInt64(sequence), at: 0) == .ok)
            var repeated: Bool?
            world.events.forEach { if case .outcome(let outcome) = $0 { repeated = outcome.repeated } }
            #expect(repeated == (sequence > 2))
        }
        #expect(world.exchange.accountView(.firstUser)?.cash == Amount(5))
        deposit.key = RequestKey(low: 1, high: 3)
        #expect(world.apply(.deposit(deposit), sequence: 5, at: 0) == .ok)
        #expect(world.exchange.accountView(.firstUser)?.cash == Amount(10))
        // A refusal is remembered like any other answer.
        let withdraw = Withdraw(account: .firstUser, amount: Amount(11), key: RequestKey(low: 9, high: 9))
        #expect(world.apply(.withdraw(withdraw), sequence: 6, at: 0) == .insufficientCash)
        deposit.key = .none
        #expect(world.apply(.deposit(deposit), sequence: 7, at: 0) == .ok)
        #expect(world.apply(.withdraw(withdraw), sequence: 8, at: 0) == .insufficientCash)
    }

    @Test("LIM-1: reaching a bound is a typed refusal, and room that is given back is there again")
    func limits() {
        var limits = Limits()
        limits.accounts = 2
        limits.markets = 1
        limits.ordersPerPosition = 2
        limits.offersPerSide = 1
        var world = World(exchange: Exchange(limits: limits))
        var sequence: UInt64 = 0
        func apply(_ command: Command) -> Status {
            sequence += 1
            return world.apply(command, sequence: sequence, at: 0)
        }
        #expect(apply(market()) == .ok)
        #expect(apply(market(named: 85)) == .marketLimit)
        for status in [Status.ok, .ok, .accountLimit] {
            #expect(apply(.openAccount(OpenAccount())) == status)
        }
        var deposit = Deposit()
        var order = PlaceOrder(market: MarketID(0), price: Price(100), quantity: Quantity(1))
        for number in 3...4 {
            deposit.account = AccountID(Int32(number))
            deposit.amount = Amount(100_000_000_000)
            #expect(apply(.deposit(deposit)) == .ok)
            order.account = deposit.account
            for status in [Status.ok, .ok, .orderLimit] { #expect(apply(.placeOrder(order)) == status) }
        }
        #expect(apply(.cancelAll(CancelAll(account: order.account))) == .ok)
        #expect(apply(.placeOrder(order)) == .ok)
        var offer = Offer(market: MarketID(0), side: .sell, quantity: Quantity(1))
        for (number, status) in [(3, Status.ok), (4, .offerLimit), (3, .ok)] {
            offer.account = AccountID(Int32(number))
            #expect(apply(.offer(offer)) == status)
        }
    }

    @Test("CMD-4: decoding what was encoded gives the same command, and nothing else decodes")
    func binaryForm() {
        #expect(AllCommands.defaults.map(\.kind.rawValue) == Array(1...31))
        var seed: UInt64 = 1
        for kind in AllCommands.defaults {
            for _ in 0..<200 {
                seed += 1
                let bytes = AllCommands.bytes(of: kind, seed: seed)
                guard let command = AllCommands.decode(bytes) else {
                    Issue.record("\(kind.kind.term) with seed \(seed) does not decode")
                    continue
                }
                #expect(command.kind == kind.kind)
                #expect(AllCommands.encode(command) == bytes)
                #expect(AllCommands.decode(bytes + [0]) == nil)
                #expect(AllCommands.decode(bytes.dropLast()) == nil)
            }
        }
        #expect(AllCommands.decode([]) == nil)
        #expect(AllCommands.decode([0]) == nil)
        #expect(AllCommands.decode([32]) == nil)
        #expect(AllCommands.decode([255]) == nil)
    }

    @Test("CMD-5: any command is answered; whatever is sent, the sums hold (LED-4)", arguments: 1...8)
    func noTrap(run: UInt64) {
        var world = World()
        var random = Seeded(run)
        var at: Int64 = 0
        _ = world.apply(market(), sequence: 1, at: 0)
        for sequence in 2...6 {
            _ = world.apply(.openAccount(OpenAccount()), sequence: UInt64(sequence), at: 0)
        }
        // Orders, prices and deposits make up most of what comes, so that something happens.
        let frequent = [5, 8, 8, 8, 8, 8, 18, 18, 10, 13]
        for round in 0..<4_000 {
            let isFrequent = random.below(10) < 9
            let number = isFrequent ? frequent[random.below(frequent.count)] : 1 + random.below(31)
            let bytes = AllCommands.bytes(of: AllCommands.defaults[number - 1], seed: random.next())
            guard var command = AllCommands.decode(bytes) else {
                Issue.record("round \(round) of run \(run) does not decode")
                continue
            }
            if random.below(50) == 0 { at += Int64(random.below(5_000_000)) }
            if world.exchange.isWaterfallPending { command = .continue(Continue()) }
            let sequence = world.exchange.nextSequence
            var status = world.apply(command, sequence: sequence, at: at)
            if status == .tickFirst {
                status = world.apply(.tick(Tick()), sequence: sequence, at: at)
            }
            #expect(status.consumesSequence, "\(status.term) in round \(round) of run \(run)")
            if round % 200 == 0 { checkSums(world.exchange) }
        }
        checkSums(world.exchange)
    }

    /// Σ cash + Σ quote = deposits − withdrawals, and per market Σ size = 0.
    private func checkSums(_ exchange: borrowing Exchange) {
        var total: Int128 = 0
        var sizes: [MarketID: Int64] = [:]
        for number in 0..<exchange.accountCount {
            let id = AccountID(number)
            total += Int128(exchange.accountView(id)?.cash.units ?? 0)
            exchange.forEachPosition(of: id) { position in
                total += Int128(position.quote.units) + Int128(position.isolatedCash.units)
                sizes[position.market, default: 0] += position.size.lots
            }
        }
        #expect(total == Int128(exchange.deposits.units) - Int128(exchange.withdrawals.units))
        #expect(sizes.values.allSatisfy { $0 == 0 })
    }
}
