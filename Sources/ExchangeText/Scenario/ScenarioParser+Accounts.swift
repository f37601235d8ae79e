import ExchangeCore

// Lines about one account's money and settings.
extension ScenarioParser {
    mutating func accountCommands(_ form: String) throws(ScenarioError) -> [Command]? {
        switch form {
        case "owner": [try owner()]
        case "deposit": [try deposit()]
        case "withdraw": [try withdraw()]
        case "transfer": [try transfer()]
        case "vaultDeposit": [try vaultDeposit()]
        case "vaultRedeem": [try vaultRedeem()]
        case "leverage": [try leverage()]
        case "marginMode": [try marginMode()]
        case "positionMode": [try positionMode()]
        case "margin": [try margin()]
        case "hedge": [try hedge()]
        default: nil
        }
    }

    private mutating func hedge() throws(ScenarioError) -> Command {
        var payload = SetHedge()
        payload.account = try account()
        payload.market = try market().id
        payload.positionSide = try fields.term("positionSide", default: .both)
        payload.group = try fields.int32("group")
        return .setHedge(payload)
    }

    private mutating func owner() throws(ScenarioError) -> Command {
        var payload = SetOwner()
        payload.account = try account()
        let name = try fields.string("owner", expected: "the name of a person or firm")
        if let known = names.owner(named: name) {
            payload.owner = known
        } else {
            payload.owner = names.nextOwner
            result.newOwner = name
        }
        return .setOwner(payload)
    }

    private mutating func deposit() throws(ScenarioError) -> Command {
        var payload = Deposit()
        payload.account = try account()
        payload.amount = try fields.amount("amount")
        return .deposit(payload)
    }

    private mutating func withdraw() throws(ScenarioError) -> Command {
        var payload = Withdraw()
        payload.account = try account()
        payload.amount = try fields.amount("amount")
        return .withdraw(payload)
    }

    private mutating func transfer() throws(ScenarioError) -> Command {
        var payload = Transfer()
        payload.source = try account("from")
        payload.target = try account("to")
        payload.amount = try fields.amount("amount")
        return .transfer(payload)
    }

    private mutating func vaultDeposit() throws(ScenarioError) -> Command {
        var payload = VaultDeposit()
        payload.account = try account()
        payload.amount = try fields.amount("amount")
        return .vaultDeposit(payload)
    }

    private mutating func vaultRedeem() throws(ScenarioError) -> Command {
        var payload = VaultRedeem()
        payload.account = try account()
        payload.shares = try fields.integer("shares", in: 1...Int64.max)
        return .vaultRedeem(payload)
    }

    private mutating func leverage() throws(ScenarioError) -> Command {
        var payload = SetLeverage()
        payload.account = try account()
        payload.market = try market().id
        payload.leverage = try fields.int32("leverage")
        return .setLeverage(payload)
    }

    private mutating func marginMode() throws(ScenarioError) -> Command {
        var payload = SetMarginMode()
        payload.account = try account()
        payload.market = try market().id
        payload.mode = try fields.term("mode")
        return .setMarginMode(payload)
    }

    private mutating func positionMode() throws(ScenarioError) -> Command {
        var payload = SetPositionMode()
        payload.account = try account()
        payload.mode = try fields.term("mode")
        return .setPositionMode(payload)
    }

    private mutating func margin() throws(ScenarioError) -> Command {
        var payload = AdjustIsolatedMargin()
        payload.account = try account()
        payload.market = try market().id
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
        return .adjustIsolatedMargin(payload)
    }
}
