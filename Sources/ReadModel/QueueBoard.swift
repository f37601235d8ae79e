package import ExchangeCore

/// One side's queue of a market as it stood at a moment: ranked, with lights, and with what it would take
/// to reach each place (ADL-7, API-13).
package struct QueueSide: Sendable {
    /// A position in profit, in its place.
    package struct Row: Sendable {
        package var view: QueuedView
        /// From 1.
        package var rank: Int
        package var lights: Int32
        /// Lots before this one.
        package var ahead: Int128
    }

    /// Who would have to be closed out: a position of the other side and what its bucket has.
    package struct Exposure: Sendable {
        /// Lots, positive.
        package var lots: Int128
        /// Equity of its bucket at the mark, in 10⁻⁸.
        package var equity: Int128
        /// The first mark at which its bucket has less than nothing, in ticks, if only this market moves.
        package var edge: Int128
    }

    /// Where deleveraging would reach a place.
    package struct Reach: Sendable, Hashable {
        /// The mark, in ticks.
        package var price: Int128
        /// What the other side would lack there altogether, in 10⁻⁸.
        package var deficit: Int128
    }

    package let isLong: Bool
    package let mark: Int128
    package let unit: Int128
    package private(set) var rows: [Row] = []
    /// Lots of all rows.
    package private(set) var total: Int128 = 0
    /// By how soon each would be reached.
    private var exposures: [Exposure] = []

    /// Ranks the positions in profit and orders the other side's by how near they are to nothing.
    ///
    /// O(n log n) in the positions of the market.
    package init(
        isLong: Bool,
        mark: Int128,
        unit: Int128,
        queued: [QueuedView],
        others: [ExposureView]
    ) {
        self.isLong = isLong
        self.mark = mark
        self.unit = unit
        total = queued.reduce(0) { $0 + Int128($1.size.lots) }
        var ahead: Int128 = 0
        for view in queued.sorted(by: { $0.isBefore($1) }) {
            let lights = Exchange.lights(ahead: ahead, of: total)
            rows.append(Row(view: view, rank: rows.count + 1, lights: lights, ahead: ahead))
            ahead += Int128(view.size.lots)
        }
        exposures = others.map { other in
            let lots = Int128(other.size.lots.magnitude)
            let distance = other.equity < 0 ? 0 : other.equity / (lots * unit) + 1
            return Exposure(
                lots: lots,
                equity: other.equity,
                edge: isLong ? mark + distance : mark - distance
            )
        }
        exposures.sort { isLong ? $0.edge < $1.edge : $0.edge > $1.edge }
    }

    /// What the other side lacks at a mark, and the lots that are to be deleveraged there if nobody takes
    /// any: all of whoever is below zero, whether or not the fund pays what is missing (WF-7).
    package func shortfall(at price: Int128) -> (deficit: Int128, lots: Int128) {
        var (deficit, lots) = (Int128(0), Int128(0))
        for it in exposures {
            if isLong ? it.edge > price : it.edge < price { break }
            let move = isLong ? price - mark : mark - price
            let lack = it.lots * unit * move - it.equity
            if lack > 0 { (deficit, lots) = (deficit + lack, lots + it.lots) }
        }
        return (deficit, lots)
    }

    /// The nearest mark whose shortfall reaches past so many lots, if this market moves there at once and the
    /// queue stays as it is; nil if no mark up to ten times this one, or down to one tick, does.
    package func reach(past ahead: Int128) -> Reach? {
        let far = isLong ? mark * 10 : 1
        if mark <= 0 || shortfall(at: far).lots <= ahead { return nil }
        // Between here and there; what is lacking grows with the distance.
        var (near, distant) = (Int128(0), isLong ? far - mark : mark - far)
        while near < distant {
            let middle = (near + distant) / 2
            let isThere = shortfall(at: isLong ? mark + middle : mark - middle).lots > ahead
            if isThere { distant = middle } else { near = middle + 1 }
        }
        let price = isLong ? mark + near : mark - near
        return Reach(price: price, deficit: shortfall(at: price).deficit)
    }

    /// The row of an account's position.
    package func row(of account: AccountID, _ side: PositionSide) -> Row? {
        rows.first { $0.view.account == account && $0.view.positionSide == side }
    }
}

/// Both sides of a market.
package struct QueueBoard: Sendable {
    /// The exchange's time when it was taken.
    package var at: Timestamp
    /// The last command before it.
    package var sequence: UInt64
    package var longs: QueueSide
    package var shorts: QueueSide

    /// Both sides, taken at a moment.
    package init(at: Timestamp, sequence: UInt64, longs: QueueSide, shorts: QueueSide) {
        self.at = at
        self.sequence = sequence
        self.longs = longs
        self.shorts = shorts
    }

    package func side(isLong: Bool) -> QueueSide { isLong ? longs : shorts }
}
