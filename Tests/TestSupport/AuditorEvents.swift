public import ExchangeCore

// What a command makes an exchange tell, as the auditor would tell it. The comparison takes the same out
// of the core's events.

/// An order that was taken off.
public struct AuditedCancel: Equatable {
    public var order: Int64
    public var remaining: Whole
    public var reason: CancelReason
}

/// A payment of funding (FUND-3).
public struct AuditedFunding: Equatable {
    public var market: Int
    public var rate: Whole
    public var paid: Whole
    public var received: Whole
}

/// A payment of the insurance fund (RCP-3); those of nothing are left out.
public struct AuditedPayment: Equatable {
    public var episode: Int64
    public var market: Int
    public var amount: Whole
    public var before: Whole
}

/// What a liquidation sent into the book (RCP-2).
public struct AuditedBookOrder: Equatable {
    public var episode: Int64
    public var market: Int
    public var buys: Bool
    public var quantity: Whole
    public var limit: Whole
    public var bestBid: Whole
    public var bestAsk: Whole
    public var depth: Whole
    public var filled: Whole
    public var retry: Bool
}

/// What another account of the owner paid (ADL-10).
public struct AuditedRecourse: Equatable {
    public var episode: Int64
    public var account: Int
    public var amount: Whole
}

/// Which offers stood there for a leg (RCP-3).
public struct AuditedAsking: Equatable {
    public var episode: Int64
    public var market: Int
    public var asked: Whole
    public var offers = 0
    public var eligible = 0
    public var offered: Whole = 0
    public var takers = 0
    public var taken: Whole = 0
    public var withoutMargin = 0
    public var withoutBid = 0
}

/// The queue of deleveraging (RCP-4).
public struct AuditedQueue: Equatable {
    public var episode: Int64
    public var market: Int
    public var closesLong: Bool
    public var candidates: Int
    public var remainder: Whole
    public var deficit: Whole
    public var digest: Digest
}

/// The end of a market (WF-10).
public struct AuditedSettlement: Equatable {
    public var market: Int
    public var price: Whole
    public var deficit: Whole = 0
    public var fund: Whole = 0
    public var residual: Whole = 0
}

/// Everything of the kinds above that one command made.
public struct AuditedEvents {
    public var accepted: [Int64] = []
    public var triggered: [Int64] = []
    public var cancels: [AuditedCancel] = []
    public var fundings: [AuditedFunding] = []
    public var payments: [AuditedPayment] = []
    public var recourses: [AuditedRecourse] = []
    public var bookOrders: [AuditedBookOrder] = []
    public var askings: [AuditedAsking] = []
    public var queues: [AuditedQueue] = []
    public var settlements: [AuditedSettlement] = []
    public init() {}
}

extension Auditor {
    func tell(_ order: AuditedOrder, _ reason: CancelReason) {
        told.cancels.append(AuditedCancel(order: order.id, remaining: order.remaining, reason: reason))
    }

    /// What stands at a limit or better on one side of a market; without a limit all of it.
    func standing(_ market: Int, bids: Bool, within limit: Whole? = nil) -> (best: Whole, lots: Whole) {
        var best: Whole = 0
        var lots: Whole = 0
        for order in s.orders where order.market == market && order.resting && order.buy == bids {
            if best == 0 || (bids ? order.price > best : order.price < best) { best = order.price }
            if let limit, bids ? order.price < limit : order.price > limit { continue }
            lots += order.remaining
        }
        return (best, lots)
    }

    /// RCP-4: a digest over account (4 bytes), score (16) and notional (16) of each candidate in turn.
    func digest(of queue: [Candidate]) -> Digest {
        var bytes: [UInt8] = []
        for c in queue {
            for shift in 0..<4 { bytes.append(UInt8(truncatingIfNeeded: c.account >> (8 * shift))) }
            for shift in 0..<16 { bytes.append(UInt8(truncatingIfNeeded: c.score >> (8 * shift))) }
            for shift in 0..<16 { bytes.append(UInt8(truncatingIfNeeded: c.notional >> (8 * shift))) }
        }
        return sipHash(bytes)
    }

    /// SipHash-2-4 with a key of zeros and 128 bits of output (DET-1), as its authors describe it.
    private func sipHash(_ message: [UInt8]) -> Digest {
        var v: [UInt64] = [
            0x736f_6d65_7073_6575, 0x646f_7261_6e64_6f6d, 0x6c79_6765_6e65_7261, 0x7465_6462_7974_6573,
        ]
        func rotated(_ x: UInt64, _ by: UInt64) -> UInt64 { x << by | x >> (64 - by) }
        func rounds(_ count: Int) {
            for _ in 0..<count {
                v[0] &+= v[1]
                v[2] &+= v[3]
                v[1] = rotated(v[1], 13) ^ v[0]
                v[3] = rotated(v[3], 16) ^ v[2]
                v[0] = rotated(v[0], 32)
                v[2] &+= v[1]
                v[0] &+= v[3]
                v[1] = rotated(v[1], 17) ^ v[2]
                v[3] = rotated(v[3], 21) ^ v[0]
                v[2] = rotated(v[2], 32)
            }
        }
        v[1] ^= 0xee
        var padded = message
        while padded.count % 8 != 7 { padded.append(0) }
        padded.append(UInt8(truncatingIfNeeded: message.count))
        for start in stride(from: 0, to: padded.count, by: 8) {
            var word: UInt64 = 0
            for place in (0..<8).reversed() { word = word << 8 | UInt64(padded[start + place]) }
            v[3] ^= word
            rounds(2)
            v[0] ^= word
        }
        v[2] ^= 0xee
        rounds(4)
        let low = v[0] ^ v[1] ^ v[2] ^ v[3]
        v[1] ^= 0xdd
        rounds(4)
        return Digest(low: low, high: v[0] ^ v[1] ^ v[2] ^ v[3])
    }
}
