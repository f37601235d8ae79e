// Made by `make records` of Records/commands.txt; change it there.

/// Request keys (DET-3): which commands carry one, and whose it is.
extension Command {
    /// The key that it carries and the account that it is remembered for; nil for the venue's, and none of a
    /// kind without keys.
    var requestKey: (RequestKey, of: AccountID?) {
        switch self {
        case .createMarket(let it): (it.key, nil)
        case .setTiers(let it): (it.key, nil)
        case .openAccount(let it): (it.key, nil)
        case .setOwner(let it): (it.key, nil)
        case .deposit(let it): (it.key, it.account)
        case .withdraw(let it): (it.key, it.account)
        case .transfer(let it): (it.key, it.source)
        case .adjustIsolatedMargin(let it): (it.key, it.account)
        case .configureSource(let it): (it.key, nil)
        case .funding(let it): (it.key, nil)
        case .configureVault(let it): (it.key, nil)
        case .configureVaultMarket(let it): (it.key, nil)
        case .vaultDeposit(let it): (it.key, it.account)
        case .vaultRedeem(let it): (it.key, it.account)
        case .kill(let it): (it.key, nil)
        case .setMarketState(let it): (it.key, nil)
        case .settle(let it): (it.key, nil)
        case .setCaps(let it): (it.key, nil)
        case .setDebtRule(let it): (it.key, nil)
        case .placeOrder, .amendOrder, .cancelOrder, .cancelAll, .countdown, .setLeverage, .setMarginMode,
            .setPositionMode, .offer, .price, .tick, .continue, .setHedge:
            (.none, nil)
        }
    }
}

extension CommandKind {
    /// Whether commands of this kind may carry a request key: those that move money or are an admin's.
    @inline(__always)
    var isKeyed: Bool {
        switch self {
        case .placeOrder, .amendOrder, .cancelOrder, .cancelAll, .countdown, .setLeverage, .setMarginMode,
            .setPositionMode, .offer, .price, .tick, .continue, .setHedge:
            false
        default: true
        }
    }
}
