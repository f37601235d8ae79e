public import ExchangeText

/// An error as Binance answers it: a number, a text and an HTTP status (WIRE-4).
///
/// Numbers and names are those of Binance's USD-M error list; clients look at the number, a few at words
/// of the text.
public struct BinanceError: Error, Hashable, Sendable {
    /// Binance's number, negative.
    public var code: Int32
    /// What is wrong, naming the parameter where there is one.
    public var message: String
    /// 400 for what the client did, 401 for keys, 404 for paths, 413 for size, 429 and 503 for load.
    public var httpStatus: Int

    /// An error of that number.
    public init(_ code: Int32, _ message: String, http: Int = 400) {
        self.code = code
        self.message = message
        httpStatus = http
    }

    /// The body of the reply: `{"code":…,"msg":…}`.
    public var body: [UInt8] {
        var writer = JSONWriter()
        write(to: &writer)
        return writer.bytes
    }

    /// Writes the object with code and text.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("code")
        writer.integer(Int128(code))
        writer.key("msg")
        writer.string(message)
        writer.endObject()
    }
}

/// Errors of requests as such.
extension BinanceError {
    /// -1000: something that should not happen.
    public static let unknown = BinanceError(
        -1000,
        "An unknown error occurred while processing the request.",
        http: 500
    )
    /// -1002: the key may not do this.
    public static let unauthorized = BinanceError(
        -1002,
        "You are not authorized to execute this request.",
        http: 401
    )
    /// -1003: too much weight; the server adds `Retry-After`.
    public static let tooManyRequests = BinanceError(-1003, "Too many requests.", http: 429)
    /// -1008: not executed because of load.
    public static let overloaded = BinanceError(
        -1008,
        "Server is currently overloaded with other requests. Please try again in a few minutes.",
        http: 503
    )
    /// -1015: too many orders.
    public static let tooManyOrders = BinanceError(-1015, "Too many new orders.", http: 429)
    /// -1020: Binance has it, this venue has not.
    public static let unsupported = BinanceError(-1020, "This operation is not supported.")
    /// -1021: the time of the request lies behind the window.
    public static let outsideWindow = BinanceError(
        -1021,
        "Timestamp for this request is outside of the recvWindow."
    )
    /// -1021: the time of the request lies in the future.
    public static let aheadOfServer = BinanceError(
        -1021,
        "Timestamp for this request was 1000ms ahead of the server's time."
    )
    /// -1022: the signature is not that of the payload.
    public static let badSignature = BinanceError(-1022, "Signature for this request is not valid.")
    /// -1131: a window of more than 60,000 ms.
    public static let badWindow = BinanceError(-1131, "recvWindow must be less than 60000.")
    /// -2014: there is no key, or not of a key's form.
    public static let badKeyFormat = BinanceError(-2014, "API-key format invalid.", http: 401)
    /// -2015: the key is not known, not from this address, or has no such permission.
    public static let badKey = BinanceError(
        -2015,
        "Invalid API-key, IP, or permissions for action.",
        http: 401
    )
    /// -1125: no such listen key.
    public static let noListenKey = BinanceError(-1125, "This listenKey does not exist.")
    /// A path that there is not. Binance answers 404 with an empty page; clients want a body.
    public static let notFound = BinanceError(-5000, "Path not found.", http: 404)
    /// A path that there is, with another method.
    public static let wrongMethod = BinanceError(-5000, "Method is invalid.", http: 405)
    /// More bytes than a request may have.
    public static let tooLarge = BinanceError(-1130, "Request is too large.", http: 413)
    /// -1101: more parameters than any request has.
    public static let tooManyParameters = BinanceError(-1101, "Too many parameters sent for this endpoint.")

    /// -1100: characters that the parameter cannot have.
    public static func illegalCharacters(_ name: String) -> BinanceError {
        BinanceError(-1100, "Illegal characters found in parameter '\(name)'.")
    }
    /// -1102: a parameter that must be there is not, or is malformed.
    public static func mandatory(_ name: String) -> BinanceError {
        BinanceError(-1102, "Mandatory parameter '\(name)' was not sent, was empty/null, or malformed.")
    }
    /// -1102: neither of two parameters is there.
    public static func either(_ first: String, _ second: String) -> BinanceError {
        BinanceError(
            -1102,
            "Param '\(first)' or '\(second)' must be sent, but both were empty/null!"
        )
    }
    /// -1106: a parameter that must not be there.
    public static func notRequired(_ name: String) -> BinanceError {
        BinanceError(-1106, "Parameter '\(name)' sent when not required.")
    }
    /// -1130: a value that the parameter cannot have.
    public static func invalid(_ name: String) -> BinanceError {
        BinanceError(-1130, "Data sent for parameter '\(name)' is not valid.")
    }
    /// -1135: not the JSON that the parameter must be.
    public static func invalidJSON(_ name: String) -> BinanceError {
        BinanceError(-1135, "Invalid JSON in parameter '\(name)'.")
    }
}

/// Errors of orders and accounts.
extension BinanceError {
    /// -1111: more decimals than the market has.
    public static let precision = BinanceError(
        -1111,
        "Precision is over the maximum defined for this asset."
    )
    /// -1115: no such time in force.
    public static let badTimeInForce = BinanceError(-1115, "Invalid timeInForce.")
    /// -1116: no such type of order.
    public static let badOrderType = BinanceError(-1116, "Invalid orderType.")
    /// -1117: neither BUY nor SELL.
    public static let badSide = BinanceError(-1117, "Invalid side.")
    /// -1120: no such interval of a kline.
    public static let badInterval = BinanceError(-1120, "Invalid interval.")
    /// -1121: no such market.
    public static let badSymbol = BinanceError(-1121, "Invalid symbol.")
    /// -1128: parameters that do not go together.
    public static let badCombination = BinanceError(
        -1128,
        "Combination of optional parameters invalid."
    )
    /// -2007: a callback rate outside of 0.1 to 10 percent.
    public static let badCallbackRate = BinanceError(-2007, "Invalid callBack rate.")
    /// -2011: nothing to cancel.
    public static let unknownOrder = BinanceError(-2011, "Unknown order sent.")
    /// -2013: nothing to show or change.
    public static let noOrder = BinanceError(-2013, "Order does not exist.")
    /// -2018: not enough cash to take out.
    public static let balance = BinanceError(-2018, "Balance is insufficient.")
    /// -2019: not enough margin.
    public static let margin = BinanceError(-2019, "Margin is insufficient.")
    /// -4001: a price below zero.
    public static let negativePrice = BinanceError(-4001, "Price less than 0.")
    /// -4002: a price above the highest.
    public static let highPrice = BinanceError(-4002, "Price greater than max price.")
    /// -4003: a quantity that is not positive.
    public static let noQuantity = BinanceError(-4003, "Quantity less than or equal to zero.")
    /// -4005: a quantity above the largest.
    public static let largeQuantity = BinanceError(-4005, "Quantity greater than max quantity.")
    /// -4006: a trigger below zero.
    public static let negativeTrigger = BinanceError(-4006, "Stop price less than zero.")
    /// -4007: a trigger above the highest price.
    public static let highTrigger = BinanceError(-4007, "Stop price greater than max price.")
    /// -4013: a price below the lowest.
    public static let lowPrice = BinanceError(-4013, "Price less than min price.")
    /// -4014: a price that is not a multiple of the tick.
    public static let tick = BinanceError(-4014, "Price not increased by tick size.")
    /// -4015: not a client id.
    public static let badClientID = BinanceError(-4015, "Client order id is not valid.")
    /// -4023: a quantity that is not a multiple of the lot.
    public static let step = BinanceError(-4023, "Qty not increased by step size.")
    /// -4055: an amount that is not positive.
    public static let badAmount = BinanceError(-4055, "Amount must be positive.")
    /// -4060: no such position side.
    public static let badPositionSide = BinanceError(-4060, "Invalid position side.")
    /// -4120: a conditional type where there are none.
    public static let useAlgo = BinanceError(
        -4120,
        "Order type not supported for this endpoint. Please use the Algo Order API endpoints instead."
    )
    /// -4136: a close-position order of another type.
    public static let badCloseType = BinanceError(
        -4136,
        "Target strategy invalid for orderType, closePosition must be false."
    )
    /// -4137: a close-position order with a quantity.
    public static let closeWithQuantity = BinanceError(
        -4137,
        "Quantity must be zero with closePosition equals true."
    )
    /// -5037: no such price match.
    public static let badPriceMatch = BinanceError(-5037, "Invalid price match.")
    /// -5038: a price match for a type without a price.
    public static let priceMatchType = BinanceError(
        -5038,
        "Price match only supports order type: LIMIT, STOP AND TAKE_PROFIT."
    )
    /// -5039: no such mode of self-trade prevention.
    public static let badSelfTrade = BinanceError(-5039, "Invalid self trade prevention mode.")
    /// -5040: a good-till date that is too near or too far.
    public static let badGoodTill = BinanceError(
        -5040,
        "The goodTillDate timestamp must be greater than the current time plus 600 seconds"
            + " and smaller than 253402300799000."
    )
    /// -5041: nothing there that the price could be matched with.
    public static let noDepth = BinanceError(-5041, "No depth matches this BBO order.")
    /// -4082: more or fewer orders in a batch than there may be.
    public static let batchSize = BinanceError(-4082, "Invalid number of batch place orders.")

    /// -4164: less notional than an order may have.
    public static func smallNotional(_ least: String) -> BinanceError {
        BinanceError(
            -4164,
            "Order's notional must be no smaller than \(least) (unless you choose reduce only)."
        )
    }
    /// -4028: a leverage that the market has not.
    public static func leverage(_ leverage: Int64) -> BinanceError {
        BinanceError(-4028, "Leverage \(leverage) is not valid.")
    }
}
