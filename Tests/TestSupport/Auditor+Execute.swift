// Made by `make records` of Records/commands.txt; change it there.

internal import ExchangeCore

extension Auditor {
    /// Carries a command out by the auditor's function of its name.
    func execute(_ command: Command) -> Status {
        switch command {
        case .createMarket(let it): self.createMarket(it)
        case .setTiers(let it): self.setTiers(it)
        case .openAccount(let it): self.openAccount(it)
        case .setOwner(let it): self.setOwner(it)
        case .deposit(let it): self.deposit(it)
        case .withdraw(let it): self.withdraw(it)
        case .transfer(let it): self.transfer(it)
        case .placeOrder(let it): self.placeOrder(it)
        case .amendOrder(let it): self.amendOrder(it)
        case .cancelOrder(let it): self.cancelOrder(it)
        case .cancelAll(let it): self.cancelAll(it)
        case .countdown(let it): self.countdown(it)
        case .setLeverage(let it): self.setLeverage(it)
        case .setMarginMode(let it): self.setMarginMode(it)
        case .setPositionMode(let it): self.setPositionMode(it)
        case .adjustIsolatedMargin(let it): self.adjustIsolatedMargin(it)
        case .offer(let it): self.offer(it)
        case .price(let it): self.price(it)
        case .configureSource(let it): self.configureSource(it)
        case .funding(let it): self.funding(it)
        case .tick(let it): self.tick(it)
        case .configureVault(let it): self.configureVault(it)
        case .configureVaultMarket(let it): self.configureVaultMarket(it)
        case .vaultDeposit(let it): self.vaultDeposit(it)
        case .vaultRedeem(let it): self.vaultRedeem(it)
        case .kill(let it): self.kill(it)
        case .setMarketState(let it): self.setMarketState(it)
        case .settle(let it): self.settle(it)
        case .setCaps(let it): self.setCaps(it)
        case .setDebtRule(let it): self.setDebtRule(it)
        case .continue(let it): self.continue(it)
        case .setHedge(let it): self.setHedge(it)
        }
    }
}
