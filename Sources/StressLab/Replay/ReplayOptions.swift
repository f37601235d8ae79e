public import ExchangeCore

/// What a replay runs on.
public struct ReplayOptions: Sendable {
    /// The market, as the beginning of a symbol on the tape.
    public var market = "AVAX"
    /// Series that make the index; empty: all spot series of the market.
    public var indexFrom: [String] = []
    /// Mark on the perpetual's own last price, or on the index.
    public var mark = MarkMethod.index
    /// Leveraged holders.
    public var accounts = 20_000
    /// Seed of the population.
    public var seed: UInt64 = 1
    /// How deep makers quote over time.
    public var depthCurve = DepthCurve.october10
    /// Depth within 1 % on a normal day, as a part of open interest.
    public var depth = 0.03
    /// Insurance fund, as a part of open interest.
    public var fund = 0.005
    /// Backstop vault's capital, as a part of open interest.
    public var vault = 0.01
    /// Who is deleveraged first.
    public var selection = Selection.whale
    /// The usual options.
    public init() {}
}

/// What the exchange refused while a replay was set up: nothing is replayed on half a market.
public struct ReplayRefusal: Error, CustomStringConvertible {
    /// The command.
    public var command: Command
    /// Why.
    public var status: Status

    /// The command's kind and the reason, as the log names them.
    public var description: String {
        "the set-up of the replay was refused: \(command.kind.term) came back with the status \(status.term)"
    }
}

/// How a market's prices and sizes become ticks and lots: a tick of five to six significant digits, a lot
/// worth between one and ten units of quote currency, so that u is always 1,000.
struct Scale {
    /// In 10⁻⁸.
    var tickSize: Int64
    var lotSize: Int64

    init(price: Int64) {
        tickSize = 1
        lotSize = 100_000_000_000
        var reach = price
        while reach >= 1_000_000 && lotSize > 1 {
            reach /= 10
            tickSize *= 10
            lotSize /= 10
        }
    }

    func price(_ units: Int64) -> Price { Price(max(1, (units + tickSize / 2) / tickSize)) }

    /// Lots worth an amount of quote currency at a price in 10⁻⁸.
    func lots(worth quote: Double, at price: Int64) -> Quantity {
        Quantity(Int64(quote / (Double(price) / 1e8) / (Double(lotSize) / 1e8)))
    }
}
