import ExchangeCore
import Foundation

/// A message to a book by itself.
struct BookMessage {
    enum Kind: UInt8 { case place, immediate, cancel, modify }
    var kind = Kind.place
    var side = Side.buy
    var order: Int64 = 0
    var price: Int64 = 0
    var quantity: Int64 = 0
    /// µs since the start: decides the order of messages.
    var at: Int64 = 0
}

/// One of five published workloads for books: limit orders round a middle that walks at random, most of
/// them cancelled, a fifth modified.
///
/// Source: the generator that geseq/cpp-orderbook and some two hundred other engines are compared with,
/// re-implemented from its description; digests of the report streams are published with it.
struct BookScenario: Sendable {
    /// The scenario's name.
    let name: String
    let volatility: Double
    let swing: Double
    /// SHA-256 of the report stream for a million orders and seed 23, where it is published.
    let publishedDigest: String?

    /// The five, calm to wild.
    static let all = [
        BookScenario(
            name: "static",
            volatility: 0,
            swing: 0,
            publishedDigest: "9803843ee404fc29c9a0aa5614f8f0d5a58b5c44fcac9ef89067886fcaaa30d1"
        ),
        BookScenario(
            name: "normal",
            volatility: 0.15,
            swing: 0.02,
            publishedDigest: "e9b2e3926854410b01a035aeb25dd05f1e597c233be8263de9eb49b6713d367e"
        ),
        BookScenario(
            name: "swing-25",
            volatility: 0.50,
            swing: 0.25,
            publishedDigest: "61a84be9469661bd039e00dbc9a7c011e70b6ace37aadfe60045ea083b05f4df"
        ),
        BookScenario(name: "swing-40", volatility: 0.50, swing: 0.40, publishedDigest: nil),
        BookScenario(name: "flash-crash", volatility: 0.50, swing: 0.60, publishedDigest: nil),
    ]

    /// An order before its life is drawn.
    private struct Draft {
        var order: Int64
        var side: Side
        var price: Int64
        var quantity: Int64
        var depth: Int
    }

    /// The messages in order of time.
    func messages(orders: Int, seed: UInt32) -> [BookMessage] {
        var random = MersenneTwister(seed: seed)
        var drafts = makeDrafts(orders, &random)
        for index in stride(from: orders - 1, to: 0, by: -1) {
            drafts.swapAt(index, random.integer(0, index))
        }
        var messages: [BookMessage] = []
        messages.reserveCapacity(orders * 2)
        var now: Int64 = 0
        for draft in drafts { BookScenario.live(draft, &now, &random, &messages) }
        let order = messages.indices.sorted {
            messages[$0].at != messages[$1].at ? messages[$0].at < messages[$1].at : $0 < $1
        }
        return order.map { messages[$0] }
    }

    private func makeDrafts(_ count: Int, _ random: inout MersenneTwister) -> [Draft] {
        let tick = 0.005
        var depths: [Double] = []
        var total = 0.0
        for k in 0..<800 {
            total += 1 / pow(Double(k + 1), 2.23) + 5 * exp(-0.5 * Double((k - 8) * (k - 8)))
            depths.append(total)
        }
        let step = volatility == 0 ? 0 : (swing / volatility) * (swing / volatility) / Double(count)
        let deviation = volatility * step.squareRoot()
        var middle = 167.52
        var drafts: [Draft] = []
        drafts.reserveCapacity(count)
        for index in 0..<count {
            let u1 = max(random.uniform(), 1e-300)
            let u2 = random.uniform()
            let normal = (-2 * log(u1)).squareRoot() * cos(2 * Double.pi * u2)
            middle *= exp(-0.5 * deviation * deviation + deviation * normal)
            let ticks = Int64((((middle / tick).rounded() * tick) / tick).rounded())
            let target = random.uniform() * total
            var low = 0
            var high = 800
            while low < high {
                let half = (low + high) / 2
                if depths[half] < target { low = half + 1 } else { high = half }
            }
            let side: Side = index < count / 2 ? .buy : .sell
            let price = max(1, ticks - side.sign * Int64(low + 1))
            let quantity = Int64(random.integer(1, 100))
            drafts.append(
                Draft(order: Int64(index + 1), side: side, price: price, quantity: quantity, depth: low)
            )
        }
        return drafts
    }

    /// What becomes of one order: taken at once, modified, cancelled, cancelled twice, modified too late.
    private static func live(
        _ draft: Draft,
        _ now: inout Int64,
        _ random: inout MersenneTwister,
        _ messages: inout [BookMessage]
    ) {
        var message = BookMessage()
        message.side = draft.side
        message.order = draft.order
        message.price = draft.price
        message.quantity = draft.quantity
        let isImmediate = random.uniform() < 0.15
        message.kind = isImmediate ? .immediate : .place
        message.at = now
        messages.append(message)
        if isImmediate {
            now += 1
            return
        }
        let isModified = random.uniform() < 0.20
        if isModified {
            message.kind = .modify
            message.at = now + 30 + Int64(70 * random.uniform())
            message.quantity += 1
            if random.uniform() < 0.80 { message.price += draft.side.sign }
            messages.append(message)
            now = message.at
        }
        let isCanceled = random.uniform() < 0.95
        if isCanceled {
            let rate = log(2.0) / 431 / Double(1 + draft.depth).squareRoot()
            now += Int64(-log(random.uniform()) / rate)
            message.kind = .cancel
            message.at = now
            messages.append(message)
            if random.uniform() < 0.02 {
                now += 1 + Int64(20 * random.uniform())
                message.at = now
                messages.append(message)
            }
        }
        if isModified && isCanceled && random.uniform() < 0.02 {
            now += 1 + Int64(20 * random.uniform())
            message.kind = .modify
            message.at = now
            messages.append(message)
        }
        now += 1
    }
}
