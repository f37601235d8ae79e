import ExchangeCore
import ExchangeText
import Glibc
import TestSupport

// Bytes chosen by a fuzzer that watches which branches they reach (libFuzzer, which comes with the
// compiler). One program for all targets; `FUZZ_TARGET` names the one to run. A trap is a find, and so is
// a `fatalError` of `demand`.

/// What the bytes are taken for.
private enum Target: String {
    /// Times and binary commands, one behind the other, applied to an exchange.
    case commands
    /// Choices of commands, applied to an exchange with the auditor beside it.
    case audit
    /// Lines of a scenario.
    case lines
    /// A decimal, and a JSON value.
    case decimals
    /// A snapshot, and what comes after it.
    case snapshots
    /// Requests of the Binance wire, one a line.
    case wire
}

private let target: Target = {
    guard let name = unsafe getenv("FUZZ_TARGET"), let target = Target(rawValue: unsafe String(cString: name))
    else { fatalError("FUZZ_TARGET must name a target") }
    return target
}()

func demand(_ holds: Bool, _ what: @autoclosure () -> String) {
    if !holds { fatalError(what()) }
}

/// Called by the fuzzer with each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    switch target {
    case .commands: fuzzCommands(bytes)
    case .audit: fuzzAudit(bytes)
    case .lines: fuzzLines(bytes)
    case .decimals: fuzzDecimals(bytes)
    case .snapshots: fuzzSnapshots(bytes)
    case .wire: fuzzWire(bytes)
    }
    return 0
}

// MARK: Commands

/// One byte of time, then a command, and again: CMD-4, CMD-5, LED-4, DET-5.
private func fuzzCommands(_ bytes: [UInt8]) {
    var exchange = Exchange()
    var events = EventBuffer()
    var place = 0
    var at: Int64 = 0
    while place < bytes.count {
        at += step(bytes[place])
        place += 1
        let start = place
        var reader = ByteReader {
            place += 1
            return place <= bytes.count ? bytes[place - 1] : nil
        }
        guard let command = Command(from: &reader), place <= bytes.count else { return }
        demand(AllCommands.encode(command) == Array(bytes[start..<place]), "a command has two forms")
        events.removeAll()
        apply(command, to: &exchange, at: at, &events)
        events.forEach { _ in }
    }
    checkSums(exchange)
    if let fault = exchange.checkInvariants() { fatalError("DET-6: \(fault.text)") }
    checkSnapshot(exchange)
}

/// A byte as a distance in time: mostly none, up to some hours.
private func step(_ byte: UInt8) -> Int64 { byte < 128 ? 0 : 1 << Int64(byte & 31) }

/// Applies a command and whatever has to come before and after it.
private func apply(
    _ command: Command,
    to exchange: inout Exchange,
    at: Int64,
    _ events: inout EventBuffer
) {
    var applied = 0
    let status = exchange.submit(command, at: Timestamp(at), applied: &applied, into: &events)
    demand(status.consumesSequence, "a command has no place: \(status.term)")
}

/// LED-4.
private func checkSums(_ exchange: borrowing Exchange) {
    var total: Int128 = 0
    var sizes = [Int128](repeating: 0, count: Int(exchange.marketCount))
    for number in 0..<exchange.accountCount {
        let id = AccountID(number)
        total += Int128(exchange.accountView(id)?.cash.units ?? 0)
        exchange.forEachPosition(of: id) { position in
            total += Int128(position.quote.units) + Int128(position.isolatedCash.units)
            sizes[Int(position.market.raw)] += Int128(position.size.lots)
        }
    }
    let pile = Int128(exchange.deposits.units) - Int128(exchange.withdrawals.units)
    demand(total == pile, "LED-4: cash and quote do not add up")
    demand(sizes.allSatisfy { $0 == 0 }, "LED-4: sizes do not add up")
}

private func snapshot(_ exchange: borrowing Exchange) -> [UInt8] {
    var writer = ByteWriter(capacity: 1 << 14)
    exchange.snapshot(into: &writer)
    return (0..<writer.count).map { writer[$0] }
}

private func restored(_ bytes: [UInt8]) -> Exchange? {
    var place = 0
    var reader = ByteReader {
        place += 1
        return place <= bytes.count ? bytes[place - 1] : nil
    }
    do throws(StateFault) {
        return try Exchange(restoring: &reader)
    } catch {
        return nil
    }
}

/// DET-5.
private func checkSnapshot(_ exchange: borrowing Exchange) {
    let bytes = snapshot(exchange)
    guard let again = restored(bytes) else { fatalError("DET-5: a snapshot is refused") }
    demand(snapshot(again) == bytes, "DET-5: a restored snapshot differs")
}

// MARK: Audit

/// Choices of commands, core and auditor side by side.
private func fuzzAudit(_ bytes: [UInt8]) {
    var choices = Seeded(bytes: bytes[...])
    let comparison = Comparison()
    comparison.demandsTheorem = false
    var at: Int64 = 0
    // In half of the worlds everything lies near its bounds (LED-1, PX-6).
    choices.isWide = choices.below(2) == 1
    for command in choices.isWide ? wideOpening : opening {
        _ = comparison.step(TimedCommand(command: command, at: at))
    }
    // Orders, prices and deposits make up most of what comes, so that something happens.
    let frequent = [5, 8, 8, 8, 8, 8, 18, 18, 10, 13]
    while !choices.isSpent {
        let choice = choices.below(256)
        let number =
            choice < 200 ? frequent[choice % frequent.count] : 1 + choice % AllCommands.defaults.count
        if choice % 16 == 15 { at += Int64(choices.below(65_536)) << 10 }
        let form = AllCommands.bytes(of: AllCommands.defaults[number - 1], from: &choices)
        guard let command = AllCommands.decode(form) else { fatalError("a command does not decode") }
        while !comparison.auditor.isWaterfallPending && comparison.auditor.nextDeadline <= Whole(at) {
            let due = max(Int64(comparison.auditor.nextDeadline), Int64(comparison.auditor.now))
            step(comparison, .tick(Tick()), at: due)
        }
        step(comparison, command, at: at)
        while comparison.auditor.isWaterfallPending { step(comparison, .continue(Continue()), at: at) }
    }
}

private func step(_ comparison: Comparison, _ command: Command, at: Int64) {
    let difference = comparison.step(TimedCommand(command: command, at: at))
    if let difference { fatalError("\(describe(TimedCommand(command: command, at: at))): \(difference)") }
}

/// A market, four accounts with means, a price.
let opening: [Command] = {
    var market = MarketSpecification()
    market.symbol = Symbol(low: 90, high: 0)
    market.tickSize = 100_000_000
    market.lotSize = 100_000_000
    _ = market.table.append(Tier(upTo: .unlimited, maintenance: Rate(1_000_000), leverage: 20))
    var commands: [Command] = [.createMarket(market)]
    for number in 0..<4 as Range<Int32> {
        commands.append(.openAccount(OpenAccount()))
        var deposit = Deposit()
        deposit.account = AccountID(AccountID.firstUser.raw + number)
        deposit.amount = Amount(20_000_000_000)
        commands.append(.deposit(deposit))
    }
    commands.append(.price(PriceUpdate(market: MarketID(0), price: Price(100))))
    return commands
}()

/// The same with means near the bound of all deposits, and a price far below the highest.
private let wideOpening: [Command] = opening.map { command in
    switch command {
    case .deposit(var c):
        c.amount = Amount(1 << 57)
        return .deposit(c)
    case .price(var c):
        c.price = Price(1)
        return .price(c)
    case .createMarket(var c):
        c.tickSize = 1 << 16
        c.priceBand = Rate(0)
        c.deviationLimit = Rate(0)
        return .createMarket(c)
    default: return command
    }
}

// MARK: Text

/// Lines of a scenario, and everything that is written of them: SCN-2.
private func fuzzLines(_ bytes: [UInt8]) {
    var runner = ScenarioRunner()
    var events = EventBuffer()
    var json = EventJSON()
    var receipts = ReceiptJSON()
    var text: [UInt8] = []
    for (index, line) in bytes.split(separator: 10, omittingEmptySubsequences: false).enumerated() {
        events.removeAll()
        do {
            try runner.run(line, line: index + 1, into: &events)
        } catch {
            demand(error.line == index + 1, "SCN-2: an error names another line")
            return
        }
        text.removeAll()
        json.append(events, names: runner.names, to: &text)
        receipts.append(events, at: runner.now, names: runner.names, to: &text)
        for written in text.split(separator: 10) {
            demand((try? JSONParser.parse(written)) != nil, "SCN-5: what is written is no JSON")
        }
    }
    checkSums(runner.exchange)
}

/// SCN-6: what is understood is written in one way, and understood again.
private func fuzzDecimals(_ bytes: [UInt8]) {
    if let units = try? DecimalText.parse(bytes) {
        var writer = JSONWriter()
        writer.decimal(Int128(units), scale: DecimalText.scale)
        let written = writer.bytes.filter { $0 != UInt8(ascii: "\"") }
        let again = try? DecimalText.parse(written)
        demand(again == units, "SCN-6: a decimal is understood in two ways")
    }
    _ = try? JSONParser.parse(bytes)
}

// MARK: Snapshots

/// DET-2: other bytes are refused, or are a state of their own, and nothing that comes later traps.
private func fuzzSnapshots(_ bytes: [UInt8]) {
    guard var exchange = restored(bytes) else { return }
    demand(snapshot(exchange) == bytes, "DET-2: two snapshots of one state")
    var events = EventBuffer()
    let at = max(0, exchange.now.microseconds)
    // What is about to run out of numbers or of time need not go on for long.
    if at > Timestamp.latest.microseconds - 1 << 40 { return }
    if exchange.nextSequence > 1 << 61 || exchange.episodes > 1 << 61 { return }
    var applied = 0
    exchange.advance(to: Timestamp(at), applied: &applied, into: &events)
    for (number, command) in afterwards(exchange).enumerated() {
        apply(command, to: &exchange, at: at + Int64(number) * 1_000_000, &events)
    }
    checkSums(exchange)
    checkSnapshot(exchange)
}

/// A little of everything for a restored exchange.
private func afterwards(_ exchange: borrowing Exchange) -> [Command] {
    var commands: [Command] = []
    for market in (0..<min(exchange.marketCount, 3)).map({ MarketID($0) }) {
        let mark = exchange.marketView(market)?.mark.ticks ?? 100
        for ticks in [mark, mark - mark / 10, mark + mark / 10, 1] {
            commands.append(.price(PriceUpdate(market: market, price: Price(max(1, ticks)))))
            for account in (3..<max(3, min(exchange.accountCount, 6))).map({ AccountID($0) }) {
                var order = PlaceOrder()
                order.account = account
                order.market = market
                order.side = account.raw % 2 == 0 ? .buy : .sell
                order.price = Price(max(1, ticks))
                order.quantity = Quantity(3)
                commands.append(.placeOrder(order))
            }
        }
        commands.append(.funding(FundingUpdate(market: market)))
    }
    for account in (3..<max(3, min(exchange.accountCount, 6))).map({ AccountID($0) }) {
        commands.append(.cancelAll(CancelAll(account: account)))
        commands.append(.withdraw(Withdraw(account: account, amount: Amount(1))))
    }
    if exchange.marketCount > 0 {
        commands.append(.settle(Settle(market: MarketID(0), price: Price(50))))
    }
    return commands
}
