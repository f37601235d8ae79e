// Made by `make records` of Records/commands.txt; change it there.

/// Everything that can be done to an exchange. Nothing else changes its state.
public enum Command: Sendable {
    indirect case createMarket(MarketSpecification)
    indirect case setTiers(SetTiers)
    case openAccount(OpenAccount)
    case setOwner(SetOwner)
    case deposit(Deposit)
    case withdraw(Withdraw)
    case transfer(Transfer)
    case placeOrder(PlaceOrder)
    case amendOrder(AmendOrder)
    case cancelOrder(CancelOrder)
    case cancelAll(CancelAll)
    case countdown(Countdown)
    case setLeverage(SetLeverage)
    case setMarginMode(SetMarginMode)
    case setPositionMode(SetPositionMode)
    case adjustIsolatedMargin(AdjustIsolatedMargin)
    case offer(Offer)
    case price(PriceUpdate)
    case configureSource(ConfigureSource)
    case funding(FundingUpdate)
    case tick(Tick)
    case configureVault(ConfigureVault)
    case configureVaultMarket(ConfigureVaultMarket)
    case vaultDeposit(VaultDeposit)
    case vaultRedeem(VaultRedeem)
    case kill(Kill)
    case setMarketState(SetMarketState)
    case settle(Settle)
    case setCaps(SetCaps)
    case setDebtRule(SetDebtRule)
    case `continue`(Continue)
    case setHedge(SetHedge)
}

/// The number that the binary form of a command begins with.
@frozen public enum CommandKind: UInt8, CodedEnum {
    case createMarket = 1, setTiers, openAccount, setOwner, deposit, withdraw, transfer, placeOrder
    case amendOrder, cancelOrder, cancelAll, countdown, setLeverage, setMarginMode, setPositionMode
    case adjustIsolatedMargin, offer, price, configureSource, funding, tick, configureVault
    case configureVaultMarket, vaultDeposit, vaultRedeem, kill, setMarketState, settle, setCaps, setDebtRule
    case `continue`, setHedge
    public static var zero: CommandKind { .createMarket }
    public var term: StaticString {
        switch self {
        case .createMarket: "market"
        case .setTiers: "tiers"
        case .openAccount: "account"
        case .setOwner: "owner"
        case .deposit: "deposit"
        case .withdraw: "withdraw"
        case .transfer: "transfer"
        case .placeOrder: "order"
        case .amendOrder: "amend"
        case .cancelOrder: "cancel"
        case .cancelAll: "cancelAll"
        case .countdown: "countdown"
        case .setLeverage: "leverage"
        case .setMarginMode: "marginMode"
        case .setPositionMode: "positionMode"
        case .adjustIsolatedMargin: "margin"
        case .offer: "volunteer"
        case .price: "price"
        case .configureSource: "source"
        case .funding: "funding"
        case .tick: "tick"
        case .configureVault: "vault"
        case .configureVaultMarket: "vaultMarket"
        case .vaultDeposit: "vaultDeposit"
        case .vaultRedeem: "vaultRedeem"
        case .kill: "kill"
        case .setMarketState: "state"
        case .settle: "settle"
        case .setCaps: "caps"
        case .setDebtRule: "debtRule"
        case .continue: "continue"
        case .setHedge: "hedge"
        }
    }
}
