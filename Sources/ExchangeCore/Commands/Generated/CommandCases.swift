// Made by `make records` of Records/commands.txt; change it there.

extension Command {
    /// The command's kind.
    public var kind: CommandKind {
        switch self {
        case .createMarket: .createMarket
        case .setTiers: .setTiers
        case .openAccount: .openAccount
        case .setOwner: .setOwner
        case .deposit: .deposit
        case .withdraw: .withdraw
        case .transfer: .transfer
        case .placeOrder: .placeOrder
        case .amendOrder: .amendOrder
        case .cancelOrder: .cancelOrder
        case .cancelAll: .cancelAll
        case .countdown: .countdown
        case .setLeverage: .setLeverage
        case .setMarginMode: .setMarginMode
        case .setPositionMode: .setPositionMode
        case .adjustIsolatedMargin: .adjustIsolatedMargin
        case .offer: .offer
        case .price: .price
        case .configureSource: .configureSource
        case .funding: .funding
        case .tick: .tick
        case .configureVault: .configureVault
        case .configureVaultMarket: .configureVaultMarket
        case .vaultDeposit: .vaultDeposit
        case .vaultRedeem: .vaultRedeem
        case .kill: .kill
        case .setMarketState: .setMarketState
        case .settle: .settle
        case .setCaps: .setCaps
        case .setDebtRule: .setDebtRule
        case .continue: .continue
        case .setHedge: .setHedge
        }
    }

    /// Presents the fields of the payload to `visitor`.
    public func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        switch self {
        case .createMarket(var payload): payload.fields(&visitor)
        case .setTiers(var payload): payload.fields(&visitor)
        case .openAccount(var payload): payload.fields(&visitor)
        case .setOwner(var payload): payload.fields(&visitor)
        case .deposit(var payload): payload.fields(&visitor)
        case .withdraw(var payload): payload.fields(&visitor)
        case .transfer(var payload): payload.fields(&visitor)
        case .placeOrder(var payload): payload.fields(&visitor)
        case .amendOrder(var payload): payload.fields(&visitor)
        case .cancelOrder(var payload): payload.fields(&visitor)
        case .cancelAll(var payload): payload.fields(&visitor)
        case .countdown(var payload): payload.fields(&visitor)
        case .setLeverage(var payload): payload.fields(&visitor)
        case .setMarginMode(var payload): payload.fields(&visitor)
        case .setPositionMode(var payload): payload.fields(&visitor)
        case .adjustIsolatedMargin(var payload): payload.fields(&visitor)
        case .offer(var payload): payload.fields(&visitor)
        case .price(var payload): payload.fields(&visitor)
        case .configureSource(var payload): payload.fields(&visitor)
        case .funding(var payload): payload.fields(&visitor)
        case .tick(var payload): payload.fields(&visitor)
        case .configureVault(var payload): payload.fields(&visitor)
        case .configureVaultMarket(var payload): payload.fields(&visitor)
        case .vaultDeposit(var payload): payload.fields(&visitor)
        case .vaultRedeem(var payload): payload.fields(&visitor)
        case .kill(var payload): payload.fields(&visitor)
        case .setMarketState(var payload): payload.fields(&visitor)
        case .settle(var payload): payload.fields(&visitor)
        case .setCaps(var payload): payload.fields(&visitor)
        case .setDebtRule(var payload): payload.fields(&visitor)
        case .continue(var payload): payload.fields(&visitor)
        case .setHedge(var payload): payload.fields(&visitor)
        }
    }

    /// Reads a payload of `kind`; nil if the bytes do not hold one.
    init?(kind: CommandKind, from reader: inout ByteReader) {
        switch kind {
        case .createMarket: self = .createMarket(reader.record())
        case .setTiers: self = .setTiers(reader.record())
        case .openAccount: self = .openAccount(reader.record())
        case .setOwner: self = .setOwner(reader.record())
        case .deposit: self = .deposit(reader.record())
        case .withdraw: self = .withdraw(reader.record())
        case .transfer: self = .transfer(reader.record())
        case .placeOrder: self = .placeOrder(reader.record())
        case .amendOrder: self = .amendOrder(reader.record())
        case .cancelOrder: self = .cancelOrder(reader.record())
        case .cancelAll: self = .cancelAll(reader.record())
        case .countdown: self = .countdown(reader.record())
        case .setLeverage: self = .setLeverage(reader.record())
        case .setMarginMode: self = .setMarginMode(reader.record())
        case .setPositionMode: self = .setPositionMode(reader.record())
        case .adjustIsolatedMargin: self = .adjustIsolatedMargin(reader.record())
        case .offer: self = .offer(reader.record())
        case .price: self = .price(reader.record())
        case .configureSource: self = .configureSource(reader.record())
        case .funding: self = .funding(reader.record())
        case .tick: self = .tick(reader.record())
        case .configureVault: self = .configureVault(reader.record())
        case .configureVaultMarket: self = .configureVaultMarket(reader.record())
        case .vaultDeposit: self = .vaultDeposit(reader.record())
        case .vaultRedeem: self = .vaultRedeem(reader.record())
        case .kill: self = .kill(reader.record())
        case .setMarketState: self = .setMarketState(reader.record())
        case .settle: self = .settle(reader.record())
        case .setCaps: self = .setCaps(reader.record())
        case .setDebtRule: self = .setDebtRule(reader.record())
        case .continue: self = .continue(reader.record())
        case .setHedge: self = .setHedge(reader.record())
        }
        if reader.failed { return nil }
    }
}
