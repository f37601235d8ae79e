import ExchangeCore

/// ADL-5 over one command: whoever is deleveraged has at least what it had before the price.
struct Theorem {
    private var isUnderPremises = false
    private var market: Int32 = -1
    private var before = Picture()
    /// Closings of step 7 by margin account, in the order of `before`.
    private var fills: [Int: Int] = [:]
    /// Margin accounts of which the theorem says nothing in this command.
    private var excepted: Set<Int> = []
    /// What isolated positions gave back to cross (LED-8).
    private var returned: [Int: Int128] = [:]
    private var traded: Set<Int32> = []
    private var doesAnybodyWait = false
    private var hasAnybodyGivenAway = false

    /// Remembers what margin accounts have before a price, if its premises hold.
    mutating func begin(_ command: Command, _ exchange: borrowing Exchange, _ picture: Picture) {
        isUnderPremises = false
        guard case .price(let it) = command, it.market.raw >= 0, Int(it.market.raw) < picture.markets.count,
            picture.markets[Int(it.market.raw)].isValid,
            exchange.marketSpecification(it.market)?.deficitShare == .byLoss
        else { return }
        for it in picture.markets where it.state != .settled {
            if !it.isValid || !it.isAtLatest || it.state == .halted { return }
        }
        for it in picture.margins where it.account >= AccountID.vault.raw && it.equity < 0 { return }
        isUnderPremises = true
        market = it.market.raw
        before = picture
        fills.removeAll(keepingCapacity: true)
        excepted.removeAll(keepingCapacity: true)
        returned.removeAll(keepingCapacity: true)
        traded.removeAll(keepingCapacity: true)
        doesAnybodyWait = picture.margins.contains { $0.isInLiquidation }
        hasAnybodyGivenAway = false
    }

    mutating func take(_ trade: Trade, _ exchange: borrowing Exchange) {
        if !isUnderPremises { return }
        traded.insert(trade.maker.raw)
        traded.insert(trade.taker.raw)
        guard trade.kind == .liquidation, let mark = exchange.marketView(trade.market)?.mark else { return }
        let isWorse = trade.takerSide == .sell ? trade.price > mark : trade.price < mark
        if isWorse { hasAnybodyGivenAway = true }
    }

    mutating func take(_ recourse: RecoursePaid) {
        if !isUnderPremises { return }
        if let margin = place(recourse.account, recourse.market, recourse.positionSide) {
            excepted.insert(margin)
        }
    }

    mutating func take(returned entry: LedgerEntry) {
        if !isUnderPremises { return }
        if let margin = before.margin(entry.account.raw, entry.market.raw, entry.positionSide) {
            returned[margin, default: 0] -= Int128(entry.amount.units)
        }
    }

    /// Takes a closing of step 7; what is wrong with it, or nil.
    mutating func take(_ closing: Closing) -> String? {
        if !isUnderPremises { return nil }
        if closing.market.raw != market {
            let isGiven = closing.adjustment.units < -1
            return isGiven ? "account \(closing.counterparty.raw) gives up in a market that stood still" : nil
        }
        if let margin = place(closing.counterparty, closing.market, closing.counterpartySide) {
            fills[margin, default: 0] += 1
        }
        return nil
    }

    /// Takes the end of an episode; what is wrong with it, or nil.
    func take(_ end: EpisodeEnded) -> String? {
        if !isUnderPremises || end.residual == .zero || doesAnybodyWait || hasAnybodyGivenAway { return nil }
        return "episode \(end.episode) leaves \(end.residual.units) to step 8"
    }

    private func place(_ account: AccountID, _ market: MarketID, _ side: PositionSide) -> Int? {
        before.margin(account.raw, market.raw, side) ?? before.margin(account.raw)
    }

    /// Compares everybody who was deleveraged with before.
    mutating func end(_ after: Picture) -> (looked: Int, violation: String?) {
        if !isUnderPremises { return (0, nil) }
        isUnderPremises = false
        var looked = 0
        for margin in before.margins.indices {
            guard let count = fills[margin], !excepted.contains(margin) else { continue }
            let was = before.margins[margin]
            if traded.contains(was.account) || was.account == AccountID.vault.raw { continue }
            looked += 1
            var now: Int128 = 0
            if was.market >= 0 {
                now = returned[margin, default: 0]
                if let place = after.margin(was.account, was.market, was.side) {
                    now += after.margins[place].equity
                }
            } else {
                guard let place = after.margin(was.account) else { continue }
                now = after.margins[place].equity
                for other in before.margins.indices where before.margins[other].account == was.account {
                    now -= returned[other, default: 0]
                }
            }
            if now + Int128(count) < was.equity {
                return (looked, "account \(was.account), market \(was.market): had \(was.equity), has \(now)")
            }
        }
        return (looked, nil)
    }
}
