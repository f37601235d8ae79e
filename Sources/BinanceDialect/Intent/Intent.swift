public import ExchangeCore

/// What a parsed request asks for (WIRE-8).
///
/// The server applies `commands` one after another, reads `read` on the core's thread, feeds the events to
/// the projection and then asks it for the reply. An intent with a `prelude` is resolved first.
public struct Intent: Sendable {
    /// What was asked for.
    public var operation: Operation
    /// Who asks; none for what needs nobody.
    public var account: AccountID
    /// What is to be done, in order; empty for a query.
    public var steps: [Step] = []
    /// What the reply is made of.
    public var form: ReplyForm
    /// What is to be read from the core after the steps.
    public var read = CoreRead.nothing

    /// One thing to be done, or a part of a batch that is refused already.
    public enum Step: Sendable {
        /// A command, and what it is for.
        case command(Command, RequestContext)
        /// A refusal that takes the place of a reply's element.
        case refused(BinanceError)
    }

    /// The commands to apply, in order.
    public var commands: [Command] {
        steps.compactMap { step in
            if case .command(let command, _) = step { return command }
            return nil
        }
    }

    /// What is to be read from the core before the steps are known; nil for nearly all intents.
    ///
    /// The core cancels all orders of a market at once, conditional ones included, and wants to know the
    /// market of an order. Binance keeps the two kinds apart, and finds a conditional order by its number
    /// alone. So the server first reads this, in a job without commands, and goes on with
    /// `resolved(with:)`.
    public var prelude: CoreRead?

    /// The intent with a cancellation for each of the orders that were found; where orders are cancelled by
    /// name, with a refusal for those that turned out to be conditional.
    public func resolved(with value: CoreValue) -> Intent {
        var intent = self
        intent.prelude = nil
        var orders: [OpenOrder] = []
        if case .orders(let found) = value { orders = found }
        if operation == .cancelOrder || operation == .cancelBatch {
            intent.steps = steps.map { step in
                guard case .command(.cancelOrder(let cancel), _) = step else { return step }
                let isWaiting = orders.contains { order in
                    cancel.order == .none
                        ? !cancel.clientID.isEmpty && order.clientID == cancel.clientID
                        : order.id == cancel.order
                }
                return isWaiting ? .refused(.unknownOrder) : step
            }
            return intent
        }
        if orders.isEmpty && operation == .cancelAlgo { intent.steps = [.refused(.unknownOrder)] }
        for order in orders {
            let cancel = CancelOrder(account: account, market: order.market, order: order.id)
            intent.steps.append(.command(.cancelOrder(cancel), .cancel))
        }
        return intent
    }
}

/// What the reply to an intent is made of.
public enum ReplyForm: Sendable {
    /// Bytes that are ready.
    case ready([UInt8])
    /// Rows of the orders that the steps placed, changed or cancelled; a batch is an array.
    case orders(OrderForm, isBatch: Bool)
    /// `{"code":200,"msg":…}`, or the error of the first step that failed.
    case done(String)
    /// The same, whatever became of the steps: what was there has been cancelled.
    case canceledAll
    /// The answer to a choice of leverage.
    case leverage(Int32, MarketID)
    /// The answer to a change of an isolated position's margin: the amount, and 1 or 2.
    case positionMargin(Amount, Int)
    /// The answer to a dead man's switch: how long it was set to, in ms.
    case countdown(Int64, MarketID)
    /// The answer to a transfer from or to the wallet.
    case transfer
    /// The answer to a query.
    case query(Query)
}

/// How a row of an order is written.
public enum OrderForm: Hashable, Sendable {
    /// As accepted: nothing filled yet.
    case acknowledged
    /// As it stands after the command.
    case result
    /// With the client's number of the change, if it gave one.
    case amended(Int64?)
    /// As it stands, of a cancellation.
    case canceled
    /// A conditional order as it stands.
    case algo
    /// A conditional order that is cancelled.
    case canceledAlgo
    /// An order that was only tried.
    case tested
}

/// An order by its number or its client's name.
public struct OrderReference: Hashable, Sendable {
    /// Its number; none if it is named.
    public var id = OrderID.none
    /// Its name; none if it is numbered.
    public var clientID = ClientID.none
}

/// Which price a row of klines is of.
public enum KlineSeries: Int, CaseIterable, Sendable { case last, mark, index, premium }

/// What rows of a history are asked for.
public struct Page: Hashable, Sendable {
    /// From this number on; nil: by time, or the newest.
    public var from: Int64?
    /// When.
    public var span = TimeSpan()
    /// How many at most.
    public var limit = 500
    /// How many of the first are left out: those of the pages before this one.
    public var skipped = 0
    /// How many must be looked up for them.
    var reach: Int { limit + skipped }
}

/// Queries with their parameters. A market that is nil means all.
public enum Query: Sendable {
    // Market data.
    case time, exchangeInfo, fundingInfo
    case depth(MarketID, limit: Int)
    case trades(MarketID, Page)
    case aggregateTrades(MarketID, Page)
    case klines(KlineSeries, MarketID, Interval, Page)
    case premiumIndex(MarketID?)
    case fundingRates(MarketID?, Page)
    case ticker24hr(MarketID?)
    case tickerPrice(MarketID?)
    case bookTicker(MarketID?, isNumbered: Bool)
    case openInterest(MarketID)
    case insuranceBalance(MarketID?)
    case adlRisk(MarketID?)
    case constituents(MarketID)
    case openInterestHistory(MarketID, Interval, Page)
    case takerRatio(MarketID, Interval, Page)
    case basis(MarketID, Interval, Page)
    // Account.
    case accountConfig
    case account(version: Int)
    case balance
    case commissionRate(MarketID)
    case income(IncomeFilter)
    case leverageBracket(MarketID?)
    case positionMode
    case symbolConfig(MarketID?)
    case tradingStatus
    case positionRisk(version: Int, MarketID?)
    case adlQuantile(MarketID?)
    // Orders.
    case order(MarketID, OrderReference, isOpen: Bool)
    case openOrders(MarketID?)
    case allOrders(MarketID?, Page)
    case algoOrder(OrderReference)
    case openAlgoOrders(MarketID?, OrderID)
    case allAlgoOrders(MarketID, Page)
    case userTrades(MarketID, order: OrderID, Page)
    case forceOrders(MarketID?, ForceOrderKind?, Page)
    case amendments(MarketID, OrderReference, Page)
    case marginHistory(MarketID, type: Int?, Page)
}

/// Which income is asked for.
public struct IncomeFilter: Hashable, Sendable {
    /// In which market; nil: anywhere.
    public var market: MarketID?
    /// Of which kind; nil: any.
    public var kind: IncomeKind?
    /// When, and how many rows.
    public var page = Page()
}

/// Kinds of income, by Binance's names. Those that do not occur here find nothing.
public enum IncomeKind: String, CaseIterable, Sendable {
    case transfer = "TRANSFER"
    case realizedPnL = "REALIZED_PNL"
    case commission = "COMMISSION"
    case fundingFee = "FUNDING_FEE"
    case insuranceClear = "INSURANCE_CLEAR"
}

/// Why an account's position was closed by the venue.
public enum ForceOrderKind: String, Sendable {
    case liquidation = "LIQUIDATION"
    case deleveraging = "ADL"
}
