public import ExchangeCore

/// Which of several forms, each once seen on the real wire, is sent; and what a venue allows (WIRE-30).
public struct DialectOptions: Sendable {
    /// `o` of a liquidation's order.
    public enum LiquidationType: String, Sendable, CaseIterable {
        case liquidation = "LIQUIDATION"
        case limit = "LIMIT"
    }
    /// `x` of a fill.
    public enum Execution: String, Sendable, CaseIterable {
        case trade = "TRADE"
        case calculated = "CALCULATED"
    }
    /// `o` of the order by which an account is deleveraged.
    public enum DeleveragingType: String, Sendable, CaseIterable {
        case limit = "LIMIT"
        case market = "MARKET"
        case adl = "ADL"
    }
    /// `X` of that order.
    public enum DeleveragingStatus: String, Sendable, CaseIterable {
        case filled = "FILLED"
        case newADL = "NEW_ADL"
    }
    /// Its client id: `adl_autoclose`, or with a hyphen and a number behind it.
    public enum ClientIDForm: String, Sendable, CaseIterable {
        case numbered = "adl_autoclose-N"
        case plain = "adl_autoclose"
    }
    /// `m` of the account update.
    public enum AccountReason: String, Sendable, CaseIterable {
        case order = "ORDER"
        case adl = "ADL"
    }

    /// `o` of a liquidation's order.
    public var liquidationType = LiquidationType.liquidation
    /// `x` of a liquidation's fill in the book.
    public var liquidationExecution = Execution.trade
    /// `x` of what volunteers, vault and the deleveraged take off the liquidated, and of netting.
    public var takeoverExecution = Execution.trade
    /// `x` of a deleveraging.
    public var deleveragingExecution = Execution.trade
    /// `o` of a deleveraging.
    public var deleveragingType = DeleveragingType.limit
    /// `X` of a deleveraging.
    public var deleveragingStatus = DeleveragingStatus.filled
    /// Its client id.
    public var deleveragingClientID = ClientIDForm.numbered
    /// `m` of the account update.
    public var deleveragingReason = AccountReason.order
    /// Whether `/fapi/v1/order` takes conditional types, as it did before December 2025.
    public var legacyConditionalOrders = false
    /// Least notional of an order that may open; zero: no bound.
    public var minimumNotional = Amount(5 * 100_000_000)
    /// Least distance of a good-till date from now, in ms.
    public var minimumGoodTill: Int64 = 600_000
    /// Whether transfers from and to the spot wallet, which there is not, bring in and take out cash.
    public var allowsWalletTransfers = false
    /// The collateral asset.
    public var asset = "USDT"
    /// Weight of an address in a minute; shown by `exchangeInfo`.
    public var weightPerMinute = 2_400
    /// Orders in 10 seconds; shown by `exchangeInfo`.
    public var ordersPerTenSeconds = 300
    /// Orders in a minute; shown by `exchangeInfo`.
    public var ordersPerMinute = 1_200
    /// The usual forms.
    public init() {}
}
