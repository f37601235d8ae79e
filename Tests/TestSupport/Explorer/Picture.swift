import ExchangeCore

/// What a state looks like from outside, as far as laws compare two of them.
struct Picture {
    /// A margin account: cross, or of one isolated position.
    struct Margin {
        var account: Int32
        /// Of an isolated one; −1 for a cross one.
        var market: Int32
        var side: PositionSide
        var cash: Int64
        var equity: Int128
        var maintenance: Int128
        var isInLiquidation: Bool
    }

    struct Held {
        var account: Int32
        var market: Int32
        var side: PositionSide
        var size: Int64
        var quote: Int64
        var isIsolated: Bool
    }

    struct Place {
        var state: MarketState
        var isValid: Bool
        var isAtLatest: Bool
        var isClosable: Bool { isValid && (state == .open || state == .reduceOnly) }
    }

    private(set) var margins: [Margin] = []
    private(set) var held: [Held] = []
    private(set) var markets: [Place] = []
    /// What each account has above what its positions and orders require, by account.
    private(set) var available: [Int128] = []
    private(set) var fund: Int64 = 0
    private(set) var debt: Int64 = 0

    /// Takes the picture of a state.
    mutating func take(_ exchange: borrowing Exchange) {
        margins.removeAll(keepingCapacity: true)
        held.removeAll(keepingCapacity: true)
        markets.removeAll(keepingCapacity: true)
        available.removeAll(keepingCapacity: true)
        fund = exchange.fund.units
        debt = exchange.debt.units
        for number in 0..<exchange.marketCount {
            guard let view = exchange.marketView(MarketID(number)) else { continue }
            let isAtLatest = view.mark == view.latestMark
            markets.append(Place(state: view.state, isValid: view.validity == .valid, isAtLatest: isAtLatest))
        }
        for number in 0..<exchange.accountCount { take(exchange, AccountID(number)) }
    }

    private mutating func take(_ exchange: borrowing Exchange, _ id: AccountID) {
        guard let view = exchange.accountView(id) else { return }
        available.append(view.available)
        margins.append(
            Margin(
                account: id.raw,
                market: -1,
                side: .both,
                cash: view.cash.units,
                equity: view.crossEquity,
                maintenance: view.maintenance,
                isInLiquidation: view.isInLiquidation
            )
        )
        exchange.forEachPosition(of: id) { p in
            let isIsolated = p.mode == .isolated
            if isIsolated {
                margins.append(
                    Margin(
                        account: id.raw,
                        market: p.market.raw,
                        side: p.positionSide,
                        cash: p.isolatedCash.units,
                        equity: Int128(p.isolatedCash.units) + p.unrealized,
                        maintenance: p.maintenance,
                        isInLiquidation: p.isInLiquidation
                    )
                )
            }
            if p.size == .zero { return }
            held.append(
                Held(
                    account: id.raw,
                    market: p.market.raw,
                    side: p.positionSide,
                    size: p.size.lots,
                    quote: p.quote.units,
                    isIsolated: isIsolated
                )
            )
        }
    }

    /// The margin account's place in the list, or nil.
    func margin(_ account: Int32, _ market: Int32 = -1, _ side: PositionSide = .both) -> Int? {
        for index in margins.indices {
            let it = margins[index]
            if it.account == account && it.market == market && (market < 0 || it.side == side) {
                return index
            }
        }
        return nil
    }

    /// Signed lots of a position.
    func size(_ account: Int32, _ market: Int32, _ side: PositionSide) -> Int64 {
        for it in held where it.account == account && it.market == market && it.side == side {
            return it.size
        }
        return 0
    }

    /// Whether the account holds anything.
    func holdsAnything(_ account: Int32) -> Bool {
        for it in held where it.account == account { return true }
        return false
    }

    /// Whether one of the positions of a margin account cannot be closed now (PX-5).
    func isStuck(_ margin: Margin) -> Bool {
        for it in held where it.account == margin.account {
            let isIts =
                margin.market < 0 ? !it.isIsolated : it.market == margin.market && it.side == margin.side
            if isIts && !markets[Int(it.market)].isClosable { return true }
        }
        return false
    }
}
