import ExchangeCore

/// How the vault's equity went, and where its profit came from (API-12). Bounded; made of the log alone.
struct VaultRecord {
    /// Points of the history that are kept; one a second at most.
    static let usuallyKept = 3_600
    private let kept: Int

    /// Equity at a moment.
    struct Point: Sendable {
        var at: Timestamp
        /// In 10⁻⁸.
        var equity: Int128
    }

    struct Position {
        var size: Int64 = 0
        var quote: Int128 = 0
    }

    var history: [Point] = []
    /// Cash that came or went, by reason, in the order of the reasons.
    var flows: [(reason: LedgerReason, amount: Int128)] = []
    var cash: Int128 = 0
    var positions: [Position] = []
    var marks: [Int64] = []
    var units: [Int64] = []

    init(kept: Int = VaultRecord.usuallyKept) { self.kept = kept }

    /// The record of an exchange whose earlier log is gone: what the vault has is known, not how it came.
    init(of exchange: borrowing Exchange, kept: Int = VaultRecord.usuallyKept) {
        self.init(kept: kept)
        for raw in 0..<exchange.marketCount {
            guard let view = exchange.marketView(MarketID(raw)) else { continue }
            units.append(view.unitValue)
            marks.append(view.mark.ticks)
            positions.append(Position())
        }
        cash = Int128(exchange.accountView(.vault)?.cash.units ?? 0)
        exchange.forEachPosition(of: .vault) { leg in
            positions[Int(leg.market.raw)] = Position(
                size: leg.size.lots,
                quote: Int128(leg.quote.units)
            )
        }
    }

    /// Cash and what the positions are worth at the marks; those without a mark count at what they cost.
    var equity: Int128 {
        var sum = cash
        for (index, position) in positions.enumerated() where position.size != 0 {
            sum += Int128(position.size) * Int128(marks[index]) * Int128(units[index]) + position.quote
        }
        return sum
    }

    /// Takes in what one command did.
    mutating func take(_ events: [Event], at: Timestamp) {
        var isTouched = false
        for event in events {
            switch event {
            case .marketCreated(let it):
                units.append(it.unitValue)
                marks.append(0)
                positions.append(Position())
            case .markChanged(let it):
                let place = Int(it.market.raw)
                if it.mark.ticks > 0, marks.indices.contains(place) {
                    marks[place] = it.mark.ticks
                    if positions[place].size != 0 { isTouched = true }
                }
            case .ledgerEntry(let it) where it.account == .vault && it.market == .none:
                cash = Int128(it.balance.units)
                add(Int128(it.amount.units), it.reason)
                isTouched = true
            case .positionChanged(let it) where it.account == .vault:
                let place = Int(it.market.raw)
                if positions.indices.contains(place) {
                    positions[place] = Position(
                        size: it.size.lots,
                        quote: -Int128(it.entryNotional.units)
                    )
                    isTouched = true
                }
            default: break
            }
        }
        if isTouched { sample(at) }
    }

    private mutating func add(_ amount: Int128, _ reason: LedgerReason) {
        if let place = flows.firstIndex(where: { $0.reason == reason }) {
            flows[place].amount += amount
        } else {
            flows.append((reason, amount))
            flows.sort { $0.reason.rawValue < $1.reason.rawValue }
        }
    }

    private mutating func sample(_ at: Timestamp) {
        let point = Point(at: at, equity: equity)
        if let last = history.last, last.at.microseconds / 1_000_000 == at.microseconds / 1_000_000 {
            history[history.count - 1] = point
        } else {
            history.append(point)
            if history.count > 2 * kept { history.removeFirst(history.count - kept) }
        }
    }
}

extension MarketCreated {
    /// u = tick size × lot size, a whole number of 10⁻⁸ (LED-1).
    var unitValue: Int64 { Int64(Int128(tickSize) * Int128(lotSize) / 100_000_000) }
}
