package import ExchangeCore

/// How the vault's equity went, and where its profit came from (API-12). Bounded; made of the log alone.
package struct VaultRecord: ReadPart {
    /// Points of the history that are kept; one a second at most.
    package static let usuallyKept = 3_600

    /// Equity at a moment.
    package struct Point: Sendable {
        package var at: Timestamp
        /// In 10⁻⁸.
        package var equity: Int128
    }

    package struct Position {
        package var size: Int64 = 0
        package var quote: Int128 = 0
    }

    package var history: Ring<Point>
    /// Cash that came or went, by reason, in the order of the reasons.
    package var flows: [(reason: LedgerReason, amount: Int128)] = []
    package var cash: Int128 = 0
    package var positions: [Position] = []
    package var marks: [Int64] = []
    package var units: [Int64] = []

    package init(kept: Int = VaultRecord.usuallyKept) { history = Ring(capacity: kept) }

    /// The record of an exchange whose earlier log is gone: what the vault has is known, not how it came.
    package init(of exchange: borrowing Exchange, kept: Int = VaultRecord.usuallyKept) {
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
    package var equity: Int128 {
        var sum = cash
        for (index, position) in positions.enumerated() where position.size != 0 {
            sum += Int128(position.size) * Int128(marks[index]) * Int128(units[index]) + position.quote
        }
        return sum
    }

    /// Takes in what one command did.
    package mutating func take(_ applied: AppliedCommand) {
        var isTouched = false
        for event in applied.events {
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
        if isTouched { sample(applied.at) }
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
        }
    }
}

extension MarketCreated {
    /// u = tick size × lot size, a whole number of 10⁻⁸ (LED-1).
    package var unitValue: Int64 { Int64(Int128(tickSize) * Int128(lotSize) / 100_000_000) }
}
