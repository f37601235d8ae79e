/// Bounds on every count (LIM-1). They are part of the state: replaying a log needs the same ones.
public struct Limits: FieldRecord {
    /// User accounts.
    public var accounts: Int32 = 1 << 24
    /// Markets.
    public var markets: Int32 = 1 << 14
    /// Positions that an account has ever touched.
    public var positionsPerAccount: Int32 = 256
    /// Orders of a position, conditional ones included.
    public var ordersPerPosition: Int32 = 200
    /// Offers of volunteers on one side of a market.
    public var offersPerSide: Int32 = 1_000
    /// Request keys remembered for an account.
    public var requestKeys: Int32 = 1_024
    /// Steps of the waterfall in one command.
    public var waterfallSteps: Int32 = 4_096
    /// Conditional orders made active by one command.
    public var activations: Int32 = 4_096
    public static var zero: Limits { Limits() }
    /// The usual bounds.
    public init() {}
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("accounts", &accounts)
        visitor.visit("markets", &markets)
        visitor.visit("positionsPerAccount", &positionsPerAccount)
        visitor.visit("ordersPerPosition", &ordersPerPosition)
        visitor.visit("offersPerSide", &offersPerSide)
        visitor.visit("requestKeys", &requestKeys)
        visitor.visit("waterfallSteps", &waterfallSteps)
        visitor.visit("activations", &activations)
    }
}

extension Limits {
    /// The same, with each bound at least what an exchange needs to make progress.
    var clamped: Limits {
        var limits = self
        limits.positionsPerAccount = max(1, positionsPerAccount)
        limits.ordersPerPosition = min(max(1, ordersPerPosition), 65_535)
        limits.waterfallSteps = max(1, waterfallSteps)
        limits.activations = max(1, activations)
        limits.accounts = max(0, accounts)
        limits.markets = max(0, markets)
        limits.offersPerSide = max(0, offersPerSide)
        limits.requestKeys = max(0, requestKeys)
        return limits
    }
}
