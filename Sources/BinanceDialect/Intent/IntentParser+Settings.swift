import ExchangeCore

/// What an account chooses, and its margin (WIRE-13).
extension IntentParser {
    func setting(
        _ operation: Operation,
        _ parameters: WireParameters,
        _ account: AccountID
    ) throws(BinanceError) -> Intent? {
        switch operation {
        case .setLeverage: return try leverage(parameters, account)
        case .setMarginType: return try marginType(parameters, account)
        case .setPositionMode: return try positionMode(parameters, account)
        case .positionMargin: return try positionMargin(parameters, account)
        case .countdown: return try countdown(parameters, account)
        case .walletTransfer: return try walletTransfer(parameters, account)
        case .setMultiAssetsMargin, .setFeeBurn:
            let name = operation == .setFeeBurn ? "feeBurn" : "multiAssetsMargin"
            _ = try parameters.required(name)
            // There is one collateral and no token to pay fees with: only *off* can be chosen.
            if try parameters.bool(name) == true { throw .unsupported }
            return Intent(operation: operation, account: account, form: .done("success"))
        default: return nil
        }
    }

    private func intent(
        _ operation: Operation,
        _ account: AccountID,
        _ command: Command,
        _ context: RequestContext,
        _ form: ReplyForm
    ) -> Intent {
        Intent(operation: operation, account: account, steps: [.command(command, context)], form: form)
    }

    private func leverage(_ parameters: WireParameters, _ account: AccountID) throws(BinanceError) -> Intent {
        let market = try market(parameters)
        let leverage = try parameters.requiredInteger("leverage")
        guard leverage >= 1, leverage <= 125, let value = Int32(exactly: leverage) else {
            throw .leverage(leverage)
        }
        let command = SetLeverage(account: account, market: market.id, leverage: value)
        return intent(
            .setLeverage,
            account,
            .setLeverage(command),
            .leverage(leverage),
            .leverage(value, market.id)
        )
    }

    private func marginType(_ parameters: WireParameters, _ account: AccountID) throws(BinanceError) -> Intent
    {
        var command = SetMarginMode(account: account, market: try market(parameters).id)
        switch try parameters.required("marginType").asciiUppercased {
        case "ISOLATED": command.mode = .isolated
        case "CROSSED", "CROSS": command.mode = .cross
        default: throw .invalid("marginType")
        }
        return intent(
            .setMarginType,
            account,
            .setMarginMode(command),
            .marginType(hasOrders: false),
            .done("success")
        )
    }

    private func positionMode(
        _ parameters: WireParameters,
        _ account: AccountID
    ) throws(BinanceError) -> Intent {
        _ = try parameters.required("dualSidePosition")
        let mode: PositionMode = try parameters.bool("dualSidePosition") == true ? .hedge : .oneWay
        let command = SetPositionMode(account: account, mode: mode)
        return intent(
            .setPositionMode,
            account,
            .setPositionMode(command),
            .positionMode(hasOrders: false),
            .done("success")
        )
    }

    private func positionMargin(
        _ parameters: WireParameters,
        _ account: AccountID
    ) throws(BinanceError) -> Intent {
        var command = AdjustIsolatedMargin()
        command.account = account
        command.market = try market(parameters).id
        command.positionSide = try IntentParser.positionSide(parameters["positionSide"])
        guard let units = try parameters.decimal("amount") else { throw .mandatory("amount") }
        let type = try parameters.requiredInteger("type", in: 1...2)
        if units <= 0 { throw .badAmount }
        command.amount = Amount(type == 1 ? units : -units)
        return intent(
            .positionMargin,
            account,
            .adjustIsolatedMargin(command),
            .positionMargin(adds: type == 1),
            .positionMargin(Amount(units), Int(type))
        )
    }

    private func countdown(_ parameters: WireParameters, _ account: AccountID) throws(BinanceError) -> Intent
    {
        let market = try market(parameters)
        let time = try parameters.requiredInteger("countdownTime", in: 0...86_400_000)
        let command = Countdown(account: account, market: market.id, milliseconds: time)
        return intent(
            .countdown,
            account,
            .countdown(command),
            .countdown,
            .countdown(time, market.id)
        )
    }

    private func walletTransfer(
        _ parameters: WireParameters,
        _ account: AccountID
    ) throws(BinanceError) -> Intent {
        if !options.allowsWalletTransfers { throw .unsupported }
        let type = try parameters.required("type")
        if try parameters.required("asset") != options.asset { throw .invalid("asset") }
        guard let units = try parameters.decimal("amount") else { throw .mandatory("amount") }
        if units <= 0 { throw .badAmount }
        let command: Command
        switch type.asciiUppercased {
        case "MAIN_UMFUTURE":
            command = .deposit(Deposit(account: account, amount: Amount(units)))
        case "UMFUTURE_MAIN":
            command = .withdraw(Withdraw(account: account, amount: Amount(units)))
        default: throw .invalid("type")
        }
        return intent(.walletTransfer, account, command, .transfer, .transfer)
    }
}
