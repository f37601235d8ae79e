import Foundation

/// A command of the stream.
struct StreamCommand {
    /// GTC, IOC and fill-or-kill limit orders; cancel; reduce by a size; move to a price; and, beside
    /// exchange-core's, the price that a mark follows.
    enum Kind: UInt8 { case gtc, ioc, fok, cancel, reduce, move, price }
    var kind = Kind.gtc
    var isBid = false
    var symbol: Int32 = 0
    var user: Int32 = 0
    /// Number of the order in its symbol, from 1.
    var order: Int32 = 0
    var price: Int32 = 0
    var size: Int32 = 0
}

/// The stream that exchange-core (Java, Apache-2.0, commit 2f85487) is measured with, for one symbol:
/// drawn command by command on a plain book, so that each succeeds.
///
/// Seven tenths are moves of resting orders, an eighth new limit orders, the rest cancels, reductions and
/// a few takers. Re-implemented from what its generator does; draws come in the same order from the same
/// generator, so that the streams are equal.
struct OrderStream {
    /// Sizes of the book are read anew after so many commands, and orders are drawn from so many.
    private static let window: Int32 = 512

    private var random: JavaRandom
    private(set) var book: StreamBook
    /// The price that the stream begins at.
    let firstPrice: Int32
    private let symbol: Int32
    private let users: Int32
    private let half: Int
    private let fastFill: Int
    private let minPrice: Int32
    private let maxPrice: Int32
    private let deviation: Int32
    private var lastTrade: Int32
    private var direction: Int32 = 0
    private var hasFilled = false
    private var knownBids = 0
    private var knownAsks = 0
    private var nextOrder: Int32 = 1
    private var prices: [Int32] = [0]
    private var owners: [Int32] = [0]
    /// Live orders in order of arrival, linked.
    private var nextLive: [Int32] = [0]
    private var previousLive: [Int32] = [0]
    private var isLive: [Bool] = [false]
    private var lastLive: Int32 = 0
    private var liveCount: Int32 = 0
    /// Trades so far.
    private(set) var trades = 0

    /// A stream for a symbol whose book is to hold `target` orders of `users` users.
    init(symbol: Int32, target: Int, users: Int, seed: Int32) {
        random = JavaRandom(seed: JavaRandom.hash(symbol &* -177_277, seed &* 10_037 &+ 198_267))
        let exponent = 3.3 + random.nextDouble() * 1.5 + random.nextDouble() * 1.5
        let price = Int32(pow(10, exponent))
        deviation = min(Int32(Double(price) * 0.05), 10_000)
        minPrice = price - deviation * 5
        maxPrice = price + deviation * 5
        lastTrade = price
        firstPrice = price
        half = target / 2
        fastFill = min(Int(OrderStream.window), half * 3 / 4)
        self.symbol = symbol
        self.users = Int32(users)
        book = StreamBook((price - deviation * 8 - 64)...(price + deviation * 8 + 64))
    }

    /// Draws `target` orders, then `count` commands; after each thousand, and after the orders, a price.
    mutating func make(target: Int, count: Int) -> (fill: [StreamCommand], commands: [StreamCommand]) {
        var fill: [StreamCommand] = []
        var commands: [StreamCommand] = []
        fill.reserveCapacity(target)
        commands.reserveCapacity(count)
        let every = min(Int(OrderStream.window), target + 1)
        var nextCheck = every
        for index in 0..<(target + count) {
            let command = index < target ? limitOrder() : anyCommand()
            if index < target { fill.append(command) } else { commands.append(command) }
            execute(command)
            if index == target - 1 { fill.append(price) }
            if index >= target && (index - target) % 1_000 == 999 { commands.append(price) }
            if index >= nextCheck {
                nextCheck += every
                readSizes()
            }
        }
        return (fill, commands)
    }

    /// The last trade's price as an outside price.
    private var price: StreamCommand {
        var command = StreamCommand()
        command.kind = .price
        command.symbol = symbol
        command.price = lastTrade
        return command
    }

    private mutating func readSizes() {
        knownBids = book.bids
        knownAsks = book.asks
    }

    // MARK: Draws

    private mutating func drawSide() -> Bool { random.nextInt(4) + direction >= 2 }

    private mutating func limitOrder() -> StreamCommand {
        var command = StreamCommand()
        command.symbol = symbol
        command.isBid = drawSide()
        command.user = random.nextInt(users)
        let spread = random.nextDouble()
        let reach = 1 + Int32(spread * spread * Double(deviation))
        var distance: Int32 = 0
        for _ in 0..<4 { distance += random.nextInt(reach) }
        distance = distance / 4 * 2 - reach
        if (distance > 0) != !command.isBid { distance = -distance }
        command.price = lastTrade + distance
        command.size = drawSize(6)
        command.order = enter(command)
        return command
    }

    private mutating func drawSize(_ bound: Int32) -> Int32 {
        1 + random.nextInt(bound) * random.nextInt(bound) * random.nextInt(bound)
    }

    private mutating func instantOrder() -> StreamCommand {
        var command = StreamCommand()
        command.symbol = symbol
        command.isBid = drawSide()
        command.user = random.nextInt(users)
        command.price = command.isBid ? maxPrice : minPrice
        command.kind = random.nextInt(32) == 0 ? .fok : .ioc
        command.size = drawSize(command.kind == .fok ? 8 : 6)
        command.order = enter(command)
        return command
    }

    private mutating func anyCommand() -> StreamCommand {
        let isBid = drawSide()
        let lack = isBid ? half - knownBids : half - knownAsks
        let isFast = !hasFilled || lack > fastFill
        let grows = lack > 0
        if !hasFilled && !grows { hasFilled = true }
        let draw = random.nextInt(grows ? (isFast ? 2 : 10) : 40)
        if draw < 2 || liveCount == 0 { return grows ? limitOrder() : instantOrder() }

        var order = nextLive[0]
        for _ in 0..<random.nextInt(min(liveCount, OrderStream.window)) { order = nextLive[Int(order)] }
        var command = StreamCommand()
        command.symbol = symbol
        command.order = order
        command.user = owners[Int(order)]
        switch draw {
        case 2: command.kind = .cancel
        case 3:
            command.kind = .reduce
            command.size = random.nextInt(book.left[Int(order)]) + 1
        default:
            command.kind = .move
            command.price = drawMove(prices[Int(order)])
            prices[Int(order)] = command.price
        }
        return command
    }

    /// A hundredth of the way to the last trade, at least one tick.
    private mutating func drawMove(_ price: Int32) -> Int32 {
        let distance = Double(lastTrade - price) * 0.01
        let step: Int32
        if price > lastTrade {
            step = Int32(distance.rounded(.down))
        } else if price < lastTrade {
            step = Int32(distance.rounded(.up))
        } else {
            step = random.nextInt(2) * 2 - 1
        }
        return min(price + step, maxPrice)
    }

    // MARK: The book it is drawn on

    private mutating func enter(_ command: StreamCommand) -> Int32 {
        let order = nextOrder
        nextOrder += 1
        prices.append(command.price)
        owners.append(command.user)
        book.add(isBid: command.isBid, size: command.size)
        nextLive.append(0)
        previousLive.append(0)
        isLive.append(command.kind == .gtc)
        if command.kind == .gtc {
            previousLive[Int(order)] = lastLive
            nextLive[Int(lastLive)] = order
            lastLive = order
            liveCount += 1
        }
        return order
    }

    private mutating func forget(_ order: Int32) {
        if !isLive[Int(order)] { return }
        isLive[Int(order)] = false
        liveCount -= 1
        let before = previousLive[Int(order)]
        let behind = nextLive[Int(order)]
        nextLive[Int(before)] = behind
        if behind > 0 { previousLive[Int(behind)] = before } else { lastLive = before }
    }

    private mutating func execute(_ command: StreamCommand) {
        let order = command.order
        switch command.kind {
        case .gtc:
            take(order, command.price)
            if book.left[Int(order)] > 0 { book.rest(order, at: command.price) }
        case .ioc:
            take(order, command.price)
            if book.left[Int(order)] > 0 { readSizes() }
        case .fok:
            if book.available(against: order) >= Int64(command.size) {
                take(order, command.price)
            } else {
                readSizes()
            }
        case .cancel:
            book.remove(order)
            forget(order)
        case .reduce:
            book.reduce(order, by: command.size)
            if book.left[Int(order)] == 0 { forget(order) }
        case .price: break
        case .move:
            book.remove(order)
            take(order, command.price)
            if book.left[Int(order)] > 0 { book.rest(order, at: command.price) }
        }
    }

    private mutating func take(_ order: Int32, _ limit: Int32) {
        for trade in book.match(order, limit: limit) {
            trades += 1
            if trade.isMakerGone { forget(trade.maker) }
            if trade.isTakerGone { forget(order) }
            lastTrade = min(maxPrice, max(minPrice, trade.price))
            if trade.price <= minPrice {
                direction = 1
            } else if trade.price >= maxPrice {
                direction = -1
            }
        }
    }
}
