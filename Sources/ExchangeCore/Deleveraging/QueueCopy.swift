/// A position in profit as a copy of the deleveraging queue holds it.
struct QueuedPosition: BitwiseCopyable, QueueOrdered {
    var score: Int128 = 0
    var notional: Int128 = 0
    var size: Int64 = 0
    var account = nowhere
    var side = PositionSide.both

    var accountNumber: Int32 { account }
}

/// A position of a step on which lights change, and where it stands.
struct MixedPosition: BitwiseCopyable {
    var position: QueuedPosition
    var step: Int
    var index: Int
}

/// The positions of one side of a market that are in profit, copied out of an exchange, and their lights
/// (ADL-7).
///
/// Whoever shows lights copies the queue where the exchange is and has the lights worked out elsewhere:
/// the copy belongs to itself. It keeps its storage for the next time.
public struct QueueCopy: ~Copyable {
    private var positions = Slab<QueuedPosition>()
    // What is looked at for every position, apart, so that a million of them pass through the caches.
    private var sizes = Slab<Int64>()
    private var steps = Slab<UInt16>()
    private var lights = Slab<UInt8>()
    /// Lots by step of the score, and the lights of all positions of a step; 0 where they differ.
    private var lots = Slab<Int64>(repeating: 0, count: QueueCopy.steps)
    private var stepLights = Slab<UInt8>(repeating: 0, count: QueueCopy.steps)
    private var mixed = Slab<MixedPosition>()
    private var total: Int128 = 0
    /// The exchange's time when the copy was made.
    public private(set) var at = Timestamp(0)

    /// An empty copy.
    public init() {}

    /// Number of positions in profit.
    public var count: Int { positions.count }

    /// Account, side and lights of a position, in no order; 1 to 5 once `workOut` was called.
    public subscript(index: Int) -> (account: AccountID, side: PositionSide, lights: Int32) {
        let it = positions[index]
        return (AccountID(it.account), it.side, Int32(lights[index]))
    }

    mutating func begin(at: Timestamp) {
        positions.truncate(to: 0)
        sizes.truncate(to: 0)
        steps.truncate(to: 0)
        lights.truncate(to: 0)
        total = 0
        self.at = at
    }

    mutating func append(_ position: QueuedPosition) {
        assert(position.size > 0 && position.account >= 0, "who stands in the queue holds lots")
        assert(positions.count == sizes.count && steps.count == lights.count, "the columns are of one length")
        total += Int128(position.size)
        positions.append(position)
        sizes.append(position.size)
        steps.append(QueueCopy.step(of: position.score))
        lights.append(0)
    }

    /// Works out the lights of all positions: O(positions) and a sort of those few that stand where the
    /// lights change. The same as `Exchange.lights` for each, exactly.
    public mutating func workOut() {
        assert(positions.count == sizes.count && steps.count == lights.count, "the columns are of one length")
        for step in 0..<QueueCopy.steps { lots[step] = 0 }
        for index in 0..<sizes.count { lots[Int(steps[index])] += sizes[index] }
        var ahead: Int128 = 0
        var isAnyMixed = false
        for turn in 0..<QueueCopy.steps {
            let step = QueueCopy.steps - 1 - turn
            if lots[step] == 0 { continue }
            let first = lights(ahead: ahead)
            ahead += Int128(lots[step])
            // Nobody in the step has more ahead than all of the step but one lot.
            let isMixed = lights(ahead: ahead - 1) != first
            stepLights[step] = isMixed ? 0 : first
            if isMixed { isAnyMixed = true }
        }
        assert(ahead == total, "every lot is behind, or ahead of, every other")
        for index in 0..<steps.count { lights[index] = stepLights[Int(steps[index])] }
        if isAnyMixed { orderMixed() }
    }

    private func lights(ahead: Int128) -> UInt8 {
        UInt8(truncatingIfNeeded: Exchange.lights(ahead: ahead, of: total))
    }

    /// Orders exactly what stands on steps on which lights change, highest step first.
    private mutating func orderMixed() {
        mixed.truncate(to: 0)
        for index in 0..<lights.count where lights[index] == 0 {
            mixed.append(MixedPosition(position: positions[index], step: Int(steps[index]), index: index))
        }
        mixed.sort { $0.position.isBefore($1.position) }
        var ahead: Int128 = 0
        var next = 0
        for turn in 0..<QueueCopy.steps where next < mixed.count {
            let step = QueueCopy.steps - 1 - turn
            var within = ahead
            while next < mixed.count && mixed[next].step == step {
                lights[mixed[next].index] = lights(ahead: within)
                within += Int128(mixed[next].position.size)
                next += 1
            }
            ahead += Int128(lots[step])
        }
    }

    private static var steps: Int { 1 << 16 }

    /// A score's step, higher for higher scores: exact below 1,024, else its leading ten bits and their
    /// place. Negative scores share the lowest one.
    private static func step(of score: Int128) -> UInt16 {
        if score <= 0 { return 0 }
        let bits = 128 - score.leadingZeroBitCount
        if bits <= 10 { return UInt16(truncatingIfNeeded: score) }
        let mantissa = UInt16(truncatingIfNeeded: score >> Int128(bits - 10)) & 511
        return UInt16(truncatingIfNeeded: (bits - 9) << 9) + mantissa
    }
}

extension Exchange {
    /// Copies the positions of one side of a market that are in profit, for lights to be worked out of
    /// (ADL-7). O(accounts' positions), without a look at other markets' positions.
    public func copyQueue(_ market: MarketID, longs: Bool, into copy: inout QueueCopy) {
        copy.begin(at: clock)
        forEachInProfit(market, longs: longs) { ranked, _ in
            var position = QueuedPosition()
            position.score = ranked.score
            position.notional = ranked.notional
            position.size = ranked.lots
            position.account = ranked.account
            position.side = positions[ranked.position].side
            copy.append(position)
        }
    }
}
