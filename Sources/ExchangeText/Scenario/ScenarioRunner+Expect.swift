import ExchangeCore

extension ScenarioRunner {
    /// Throws at the first fact that is not as the line says.
    func check(_ expectation: ScenarioExpectation, line: Int) throws(ScenarioError) {
        for (fact, value) in expectation.facts {
            guard let found = found(fact, expectation) else {
                throw ScenarioError(
                    line: line,
                    message: "\"\(fact.name)\" is not known",
                    expected: text(fact, value, expectation.market)
                )
            }
            if found == value { continue }
            var subject = expectation.account.map { " of \(names.name(of: $0))" } ?? ""
            if let market = expectation.market { subject += " in \(market.symbol)" }
            throw ScenarioError(
                line: line,
                message: "\"\(fact.name)\"\(subject) is \(text(fact, found, expectation.market))",
                expected: text(fact, value, expectation.market)
            )
        }
    }

    private func found(
        _ fact: ScenarioExpectation.Fact,
        _ expectation: ScenarioExpectation
    ) -> Int128? {
        switch fact {
        case .equity, .cash, .available, .maintenance: accountFact(fact, expectation)
        case .size, .entryNotional, .isolatedCash, .lights: positionFact(fact, expectation)
        case .mark, .index, .openInterest, .state: marketFact(fact, expectation)
        case .fund: Int128(exchange.fund.units)
        case .debt: Int128(exchange.debt.units)
        case .vault: Int128(exchange.vaultEquity.units)
        case .fees: Int128(exchange.fees.units)
        case .deposits: Int128(exchange.deposits.units)
        case .withdrawals: Int128(exchange.withdrawals.units)
        case .episodes: Int128(exchange.episodes)
        }
    }

    private func accountFact(
        _ fact: ScenarioExpectation.Fact,
        _ expectation: ScenarioExpectation
    ) -> Int128? {
        guard let account = expectation.account, let view = exchange.accountView(account) else { return nil }
        switch fact {
        case .equity: return Int128(view.equity.units)
        case .cash: return Int128(view.cash.units)
        case .available: return view.available
        default: return view.maintenance
        }
    }

    /// Facts of a position that is not there are zero.
    private func positionFact(
        _ fact: ScenarioExpectation.Fact,
        _ expectation: ScenarioExpectation
    ) -> Int128? {
        guard let account = expectation.account, let market = expectation.market else { return nil }
        if fact == .lights { return Int128(exchange.lights(account, market.id, expectation.positionSide)) }
        var found: Int128 = 0
        exchange.forEachPosition(of: account) { position in
            if position.market != market.id || position.positionSide != expectation.positionSide { return }
            switch fact {
            case .size: found = Int128(position.size.lots)
            case .entryNotional: found = Int128(position.entryNotional.units)
            default: found = Int128(position.isolatedCash.units)
            }
        }
        return found
    }

    private func marketFact(
        _ fact: ScenarioExpectation.Fact,
        _ expectation: ScenarioExpectation
    ) -> Int128? {
        guard let market = expectation.market, let view = exchange.marketView(market.id) else { return nil }
        switch fact {
        case .mark: return Int128(view.mark.ticks)
        case .index: return Int128(view.index.ticks)
        case .openInterest: return Int128(view.openInterest.lots)
        default: return Int128(view.state.rawValue)
        }
    }

    /// A fact's value as a line would write it.
    private func text(_ fact: ScenarioExpectation.Fact, _ value: Int128, _ market: MarketText?) -> String {
        switch fact {
        case .lights, .episodes: return DecimalText.string(value, scale: 0)
        case .size, .openInterest: return DecimalText.string(value * Int128(market?.lotSize ?? 1))
        case .mark, .index: return DecimalText.string(value * Int128(market?.tickSize ?? 1))
        case .state:
            return MarketState(rawValue: UInt8(truncatingIfNeeded: value)).map { "\($0.term)" } ?? "?"
        default: return DecimalText.string(value)
        }
    }
}
