import ExchangeCore

// Lines about one account's money and settings.
extension ScenarioParser {
    mutating func hedge() throws(ScenarioError) -> SetHedge {
        SetHedge(
            account: try account(),
            market: try market().id,
            positionSide: try fields.term("positionSide", default: .both),
            group: try fields.int32("group")
        )
    }

    /// The owner that the line names; known from then on.
    mutating func owner() throws(ScenarioError) -> OwnerID {
        let name = try fields.string("owner", expected: "the name of a person or firm")
        if let known = names.owner(named: name) { return known }
        result.newOwner = name
        return names.nextOwner
    }

    mutating func transfer() throws(ScenarioError) -> Transfer {
        let (source, target) = (try account("from"), try account("to"))
        return Transfer(source: source, target: target, amount: try fields.amount("amount"))
    }

    mutating func vaultRedeem() throws(ScenarioError) -> VaultRedeem {
        VaultRedeem(account: try account(), shares: try fields.integer("shares", in: 1...Int64.max))
    }

    mutating func leverage() throws(ScenarioError) -> SetLeverage {
        let (account, market) = (try account(), try market().id)
        return SetLeverage(account: account, market: market, leverage: try fields.int32("leverage"))
    }

    mutating func marginMode() throws(ScenarioError) -> SetMarginMode {
        SetMarginMode(account: try account(), market: try market().id, mode: try fields.term("mode"))
    }

    mutating func margin() throws(ScenarioError) -> AdjustIsolatedMargin {
        var payload = AdjustIsolatedMargin(account: try account(), market: try market().id)
        payload.positionSide = try fields.term("positionSide", default: .both)
        let added = try fields.optionalUnits("add")
        let removed = try fields.optionalUnits("remove")
        switch (added, removed) {
        case (let added?, nil): payload.amount = Amount(added)
        case (nil, let removed?): payload.amount = Amount(-removed)
        default:
            throw fields.error(
                added == nil ? "neither \"add\" nor \"remove\"" : "both \"add\" and \"remove\"",
                expected: "one of add, remove"
            )
        }
        return payload
    }
}
