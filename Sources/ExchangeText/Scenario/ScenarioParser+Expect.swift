import ExchangeCore

// Lines that compare the state with what they say.
extension ScenarioParser {
    mutating func expectation() throws(ScenarioError) -> ScenarioExpectation {
        var expectation = ScenarioExpectation()
        if let name = try fields.optionalString("account", expected: "the name of an account") {
            // A line that only looks must not open an account: a name misspelt would come back as zero.
            guard let account = names.account(named: name) else {
                throw fields.error(
                    "no line before mentions the account \"\(name)\"",
                    expected: "an account mentioned before"
                )
            }
            expectation.account = account
        }
        expectation.market = try optionalMarket()
        expectation.positionSide = try fields.term("positionSide", default: .both)
        try accountFacts(&expectation)
        try positionFacts(&expectation)
        try marketFacts(&expectation)
        try venueFacts(&expectation)
        if expectation.facts.isEmpty {
            throw fields.error(
                "an expectation of nothing",
                expected: "equity, cash, available or maintenance of an account; size, entryNotional, "
                    + "isolatedCash or lights of an account and symbol; mark, index, openInterest or state "
                    + "of a symbol; or fund, debt, vault, fees, deposits, withdrawals, episodes"
            )
        }
        return expectation
    }

    private mutating func amount(
        _ fact: ScenarioExpectation.Fact,
        _ expectation: inout ScenarioExpectation
    ) throws(ScenarioError) {
        guard let units = try fields.optionalUnits(fact.name) else { return }
        expectation.facts.append((fact, Int128(units)))
    }

    private func need(
        _ subject: String,
        for facts: [ScenarioExpectation.Fact],
        _ expectation: ScenarioExpectation
    ) -> ScenarioError? {
        guard let fact = expectation.facts.first(where: { facts.contains($0.fact) }) else { return nil }
        return fields.error("\"\(fact.fact.name)\" without \"\(subject)\"", expected: "a \"\(subject)\"")
    }

    private mutating func accountFacts(_ expectation: inout ScenarioExpectation) throws(ScenarioError) {
        let facts: [ScenarioExpectation.Fact] = [.equity, .cash, .available, .maintenance]
        for fact in facts { try amount(fact, &expectation) }
        if expectation.account == nil, let error = need("account", for: facts, expectation) { throw error }
    }

    private mutating func positionFacts(_ expectation: inout ScenarioExpectation) throws(ScenarioError) {
        let facts: [ScenarioExpectation.Fact] = [.size, .entryNotional, .isolatedCash, .lights]
        let lotSize = expectation.market?.lotSize ?? 1
        if let lots = try fields.optionalUnits("size", step: lotSize) {
            expectation.facts.append((.size, Int128(lots)))
        }
        try amount(.entryNotional, &expectation)
        try amount(.isolatedCash, &expectation)
        if let lights = try fields.optionalInteger("lights", in: 0...5) {
            expectation.facts.append((.lights, Int128(lights)))
        }
        if expectation.account == nil, let error = need("account", for: facts, expectation) { throw error }
        if expectation.market == nil, let error = need("symbol", for: facts, expectation) { throw error }
    }

    private mutating func marketFacts(_ expectation: inout ScenarioExpectation) throws(ScenarioError) {
        let facts: [ScenarioExpectation.Fact] = [.mark, .index, .openInterest, .state]
        let market = expectation.market
        for fact in [ScenarioExpectation.Fact.mark, .index] {
            if let ticks = try fields.optionalUnits(fact.name, step: market?.tickSize ?? 1) {
                expectation.facts.append((fact, Int128(ticks)))
            }
        }
        if let lots = try fields.optionalUnits("openInterest", step: market?.lotSize ?? 1) {
            expectation.facts.append((.openInterest, Int128(lots)))
        }
        if let state = try fields.optionalTerm("state", MarketState.self) {
            expectation.facts.append((.state, Int128(state.rawValue)))
        }
        if market == nil, let error = need("symbol", for: facts, expectation) { throw error }
    }

    private mutating func venueFacts(_ expectation: inout ScenarioExpectation) throws(ScenarioError) {
        let facts: [ScenarioExpectation.Fact] = [.fund, .debt, .vault, .fees, .deposits, .withdrawals]
        for fact in facts { try amount(fact, &expectation) }
        if let episodes = try fields.optionalInteger("episodes", in: 0...Int64.max) {
            expectation.facts.append((.episodes, Int128(episodes)))
        }
    }
}
