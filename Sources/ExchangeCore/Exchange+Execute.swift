// Made by `make records` of Records/commands.txt; change it there.

/// The function that carries a command out, in the room that it belongs to.
extension Exchange {
    /// Each validates in documented order, and changes nothing unless it succeeds. The result is the number
    /// of what was made, or 0.
    mutating func execute(
        _ command: Command,
        _ events: inout EventBuffer
    ) -> (Status, result: Int64) {
        let status: Status
        switch command {
        // Accounts
        case .openAccount(let it): return openAccount(it, &events)
        case .setOwner(let it): status = setOwner(it, &events)
        case .deposit(let it): status = deposit(it, &events)
        case .withdraw(let it): status = withdraw(it, &events)
        case .transfer(let it): status = transfer(it, &events)
        case .setLeverage(let it): status = setLeverage(it, &events)
        case .setMarginMode(let it): status = setMarginMode(it, &events)
        case .setPositionMode(let it): status = setPositionMode(it, &events)
        case .adjustIsolatedMargin(let it): status = adjustIsolatedMargin(it, &events)
        case .setHedge(let it): status = setHedge(it, &events)
        // Orders
        case .placeOrder(let it): return placeOrder(it, &events)
        case .amendOrder(let it): status = amendOrder(it, &events)
        case .cancelOrder(let it): status = cancelOrder(it, &events)
        case .cancelAll(let it): status = cancelAll(it, &events)
        case .countdown(let it): status = armCountdown(it, &events)
        case .offer(let it): status = placeOffer(it, &events)
        // Prices
        case .price(let it): status = updatePrice(it, &events)
        case .configureSource(let it): status = configureSource(it, &events)
        case .funding(let it): status = payFundingOnCommand(it, &events)
        case .tick(let it): status = tick(it, &events)
        // Markets
        case .createMarket(let it): return createMarket(it, &events)
        case .setTiers(let it): status = setTiers(it, &events)
        case .setMarketState(let it): status = setMarketState(it, &events)
        case .settle(let it): status = settle(it, &events)
        case .setCaps(let it): status = setCaps(it, &events)
        // Venue
        case .configureVault(let it): status = configureVault(it, &events)
        case .configureVaultMarket(let it): status = configureVaultMarket(it, &events)
        case .vaultDeposit(let it): status = vaultDeposit(it, &events)
        case .vaultRedeem(let it): status = vaultRedeem(it, &events)
        case .kill(let it): status = kill(it, &events)
        case .setDebtRule(let it): status = setDebtRule(it, &events)
        case .continue(let it): status = continueWaterfall(it, &events)
        }
        return (status, 0)
    }
}
