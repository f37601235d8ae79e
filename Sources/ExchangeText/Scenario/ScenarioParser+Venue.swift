import ExchangeCore

// Lines about prices, the fund, the vault and what the venue decides.
extension ScenarioParser {
    /// A vault line states all of the vault's rules: what it leaves out is at its default again.
    mutating func vault() throws(ScenarioError) -> [Command] {
        var payload = ConfigureVault(amount: try fields.amount("amount", default: .zero))
        payload.leverage = try fields.int32("leverage", default: payload.leverage)
        payload.firstLoss = try fields.amount("firstLoss", default: .zero)
        payload.lossLimit = try fields.amount("lossLimit", default: .unlimited)
        payload.lockUp = try fields.duration("lockUpSeconds", unit: 1_000_000, default: lockUp)
        let caps = try perMarket("caps")
        let edges = try perMarket("edges")
        var commands: [Command] = [.configureVault(payload)]
        for market in names.markets where caps[market.id] != nil || edges[market.id] != nil {
            var rules = ConfigureVaultMarket(market: market.id)
            if let cap = caps[market.id] { rules.cap = Amount(cap) }
            if let edge = edges[market.id] { rules.edge = Rate(edge) }
            commands.append(.configureVaultMarket(rules))
        }
        return commands
    }

    private mutating func perMarket(_ name: String) throws(ScenarioError) -> [MarketID: Int64] {
        guard let members = try fields.object(name) else { return [:] }
        var inner = fields.inner(name, members)
        var values: [MarketID: Int64] = [:]
        for member in members { values[try market(named: member.key).id] = try inner.units(member.key) }
        return values
    }

    /// The one price that may be anything: it is what an outside source said (PX-1).
    mutating func price() throws(ScenarioError) -> PriceUpdate {
        let market = try market()
        let source = try source(of: market)
        return PriceUpdate(market: market.id, source: source, price: try fields.price("price", market))
    }

    mutating func configureSource() throws(ScenarioError) -> ConfigureSource {
        let market = try market()
        var payload = ConfigureSource(market: market.id, source: try source(of: market))
        payload.weight = try fields.int32("weight", default: payload.weight)
        payload.kind = try fields.term("kind", default: payload.kind)
        return payload
    }

    mutating func funding() throws(ScenarioError) -> FundingUpdate {
        let market = try market().id
        guard let rate = try fields.optionalUnits("rate") else { return FundingUpdate(market: market) }
        return FundingUpdate(market: market, hasRate: true, rate: Rate(rate))
    }

    mutating func kill() throws(ScenarioError) -> Kill {
        let account = try optionalAccount()
        let market = try optionalMarket()?.id
        if account == nil && market == nil {
            throw fields.error("neither \"account\" nor \"symbol\"", expected: "account, symbol or both")
        }
        let on = try fields.bool("on", default: true)
        return Kill(account: account ?? .none, market: market ?? .none, on: on)
    }

    mutating func settle() throws(ScenarioError) -> Settle {
        let market = try market()
        return Settle(market: market.id, price: try fields.price("price", market))
    }

    /// The caps of a market; each stands in the member of its name, none if it is left out.
    mutating func caps(
        of market: MarketText,
        _ openInterest: String,
        _ position: String
    ) throws(ScenarioError) -> SetCaps {
        SetCaps(
            market: market.id,
            openInterest: try fields.quantity(openInterest, market, default: .zero),
            position: try fields.quantity(position, market, default: .zero),
            backstopRate: try fields.rate("backstopRate", default: .zero)
        )
    }

    mutating func tiers() throws(ScenarioError) -> TierTable {
        if let table = try tierTable() { return table }
        throw fields.error("\"tiers\" is missing", expected: "an array of 1 to 10 brackets")
    }

    private mutating func tierTable() throws(ScenarioError) -> TierTable? {
        guard let brackets = try fields.array("tiers") else { return nil }
        var table = TierTable()
        for (index, bracket) in brackets.enumerated() {
            var inner = try fields.inner("tiers[\(index)]", bracket)
            let tier = Tier(
                upTo: try inner.amount("upTo", default: .unlimited),
                maintenance: try inner.rate("maintenance"),
                leverage: try inner.int32("leverage")
            )
            try inner.finish()
            if !table.append(tier) {
                throw fields.error("\(brackets.count) brackets", expected: "1 to \(TierTable.limit) brackets")
            }
        }
        return table
    }

    mutating func createMarket() throws(ScenarioError) -> [Command] {
        var payload = MarketSpecification()
        let name = try fields.string("symbol", expected: "the market's name")
        guard let symbol = Symbol(name) else {
            throw fields.error("\"symbol\" is \"\(name)\"", expected: "1 to 16 characters")
        }
        payload.symbol = symbol
        payload.tickSize = try fields.units("tickSize")
        payload.lotSize = try fields.units("lotSize")
        if let table = try tierTable() {
            payload.table = table
        } else {
            // Half a percent of maintenance and a leverage of 100 for any notional.
            _ = payload.table.append(Tier(upTo: .unlimited, maintenance: Rate(500_000), leverage: 100))
        }
        try prices(&payload)
        try waterfall(&payload)
        let text = MarketText(
            id: MarketID(Int32(names.markets.count)),
            symbol: name,
            tickSize: payload.tickSize,
            lotSize: payload.lotSize
        )
        result.newMarket = text
        let caps = try caps(of: text, "openInterestCap", "positionCap")
        if caps.openInterest == .zero && caps.position == .zero && caps.backstopRate == .zero {
            return [.createMarket(payload)]
        }
        return [.createMarket(payload), .setCaps(caps)]
    }

    private mutating func prices(_ payload: inout MarketSpecification) throws(ScenarioError) {
        payload.maker = try fields.rate("maker", default: payload.maker)
        payload.taker = try fields.rate("taker", default: payload.taker)
        payload.mark = try fields.term("mark", default: payload.mark)
        payload.indexBand = try fields.rate("indexBand", default: payload.indexBand)
        payload.averageBand = try fields.rate("averageBand", default: payload.averageBand)
        payload.averageTime = try fields.duration(
            "averageSeconds",
            unit: 1_000_000,
            default: payload.averageTime
        )
        payload.priceBand = try fields.rate("priceBand", default: payload.priceBand)
        payload.triggerProtect = try fields.rate("triggerProtect", default: payload.triggerProtect)
        payload.quorum = try fields.int32("quorum", default: payload.quorum)
        payload.staleAfter = try fields.duration(
            "staleAfterSeconds",
            unit: 1_000_000,
            default: payload.staleAfter
        )
        payload.deviationLimit = try fields.rate("deviationLimit", default: payload.deviationLimit)
        payload.fundingInterval = try fields.duration(
            "fundingIntervalHours",
            unit: 3_600_000_000,
            default: payload.fundingInterval
        )
        payload.interest = try fields.rate("interest", default: payload.interest)
        payload.fundingCap = try fields.rate("fundingCap", default: payload.fundingCap)
        payload.impactNotional = try fields.amount("impactNotional", default: payload.impactNotional)
        payload.impactShare = try fields.rate("impactShare", default: payload.impactShare)
        payload.impactAge = try fields.duration(
            "impactSeconds",
            unit: 1_000_000,
            default: payload.impactAge
        )
    }

    private mutating func waterfall(_ payload: inout MarketSpecification) throws(ScenarioError) {
        let preset = try fields.optionalString("waterfall", expected: "\"zerosum\"") ?? "zerosum"
        if preset != "zerosum" {
            throw fields.error("the waterfall \"\(preset)\" is not available", expected: "\"zerosum\"")
        }
        payload.liquidationFee = try fields.rate("liquidationFee", default: payload.liquidationFee)
        payload.buffer = try fields.rate("buffer", default: payload.buffer)
        payload.takeoverNumerator = try fields.int32("takeoverNumerator", default: payload.takeoverNumerator)
        payload.takeoverDenominator = try fields.int32(
            "takeoverDenominator",
            default: payload.takeoverDenominator
        )
        payload.sizing = try fields.term("sizing", default: payload.sizing)
        payload.selection = try fields.term("selection", default: payload.selection)
        payload.selectionSeed = try fields.optionalInteger("selectionSeed", in: Int64.min...Int64.max) ?? 0
        payload.ownAccounts = try fields.term("ownAccounts", default: payload.ownAccounts)
        payload.hedges = try fields.term("hedges", default: payload.hedges)
        payload.deficitShare = try fields.term("deficitShare", default: payload.deficitShare)
        payload.candidates = try fields.term("candidates", default: payload.candidates)
        payload.bidLimit = try fields.rate("bidLimit", default: payload.bidLimit)
        payload.fundPerEvent = try fields.amount("fundPerEvent", default: payload.fundPerEvent)
        payload.fundPerMarket = try fields.amount("fundPerMarket", default: payload.fundPerMarket)
        payload.fundShare = try fields.rate("fundShare", default: payload.fundShare)
        payload.workOff = try fields.int32("workOff", default: payload.workOff)
    }
}
