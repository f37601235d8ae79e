// Made by `make records` of Records/commands.txt; change it there.

/// Opens the next user account. The result is its number.
@frozen public struct OpenAccount: FieldRecord {
    /// Whose account it is. Zero or less: an owner of its own.
    public var owner: OwnerID = OwnerID(0)
    /// By which the command is safe to send twice (DET-3).
    public var key: RequestKey = .none
    public static var zero: OpenAccount { OpenAccount() }
    public init(owner: OwnerID = OwnerID(0), key: RequestKey = .none) {
        (self.owner, self.key) = (owner, key)
    }
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("owner", &owner)
        visitor.visit("key", &key)
    }
}

/// Says whose account it is (LED-2).
@frozen public struct SetOwner: FieldRecord {
    /// The account.
    public var account: AccountID = .none
    /// The owner, at least 1.
    public var owner: OwnerID = OwnerID(0)
    /// By which the command is safe to send twice (DET-3).
    public var key: RequestKey = .none
    public static var zero: SetOwner { SetOwner() }
    public init(account: AccountID = .none, owner: OwnerID = OwnerID(0), key: RequestKey = .none) {
        (self.account, self.owner, self.key) = (account, owner, key)
    }
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("account", &account)
        visitor.visit("owner", &owner)
        visitor.visit("key", &key)
    }
}

/// Adds cash from outside to an account's cross margin account, or to the insurance fund.
@frozen public struct Deposit: FieldRecord {
    /// The account.
    public var account: AccountID = .none
    /// More than nothing.
    public var amount: Amount = .zero
    /// By which the command is safe to send twice (DET-3).
    public var key: RequestKey = .none
    public static var zero: Deposit { Deposit() }
    public init(account: AccountID = .none, amount: Amount = .zero, key: RequestKey = .none) {
        (self.account, self.amount, self.key) = (account, amount, key)
    }
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("account", &account)
        visitor.visit("amount", &amount)
        visitor.visit("key", &key)
    }
}

/// Takes cash out of an account's cross margin account, within MG-1.
@frozen public struct Withdraw: FieldRecord {
    /// The account.
    public var account: AccountID = .none
    /// More than nothing.
    public var amount: Amount = .zero
    /// By which the command is safe to send twice (DET-3).
    public var key: RequestKey = .none
    public static var zero: Withdraw { Withdraw() }
    public init(account: AccountID = .none, amount: Amount = .zero, key: RequestKey = .none) {
        (self.account, self.amount, self.key) = (account, amount, key)
    }
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("account", &account)
        visitor.visit("amount", &amount)
        visitor.visit("key", &key)
    }
}

/// Moves cash between the cross margin accounts of two user accounts, under the rules of a withdrawal.
@frozen public struct Transfer: FieldRecord {
    /// Who pays.
    public var source: AccountID = .none
    /// Who receives.
    public var target: AccountID = .none
    /// More than nothing.
    public var amount: Amount = .zero
    /// By which the command is safe to send twice (DET-3).
    public var key: RequestKey = .none
    public static var zero: Transfer { Transfer() }
    public init(
        source: AccountID = .none,
        target: AccountID = .none,
        amount: Amount = .zero,
        key: RequestKey = .none
    ) {
        (self.source, self.target, self.amount, self.key) = (source, target, amount, key)
    }
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("source", &source)
        visitor.visit("target", &target)
        visitor.visit("amount", &amount)
        visitor.visit("key", &key)
    }
}

/// Chooses leverage for a market; passes the gate of an order (MG-1).
@frozen public struct SetLeverage: FieldRecord {
    /// The account.
    public var account: AccountID = .none
    /// The market.
    public var market: MarketID = .none
    /// 1 up to the market's highest.
    public var leverage: Int32 = 0
    public static var zero: SetLeverage { SetLeverage() }
    public init(account: AccountID = .none, market: MarketID = .none, leverage: Int32 = 0) {
        (self.account, self.market, self.leverage) = (account, market, leverage)
    }
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("account", &account)
        visitor.visit("market", &market)
        visitor.visit("leverage", &leverage)
    }
}

/// Chooses cross or isolated for a market, while flat and without orders.
@frozen public struct SetMarginMode: FieldRecord {
    /// The account.
    public var account: AccountID = .none
    /// The market.
    public var market: MarketID = .none
    /// The mode.
    public var mode: MarginMode = .cross
    public static var zero: SetMarginMode { SetMarginMode() }
    public init(account: AccountID = .none, market: MarketID = .none, mode: MarginMode = .cross) {
        (self.account, self.market, self.mode) = (account, market, mode)
    }
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("account", &account)
        visitor.visit("market", &market)
        visitor.visit("mode", &mode)
    }
}

/// Chooses one-way or hedge mode, while flat and without orders in all markets.
@frozen public struct SetPositionMode: FieldRecord {
    /// The account.
    public var account: AccountID = .none
    /// The mode.
    public var mode: PositionMode = .oneWay
    public static var zero: SetPositionMode { SetPositionMode() }
    public init(account: AccountID = .none, mode: PositionMode = .oneWay) {
        (self.account, self.mode) = (account, mode)
    }
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("account", &account)
        visitor.visit("mode", &mode)
    }
}

/// Adds margin to an isolated position, or takes it out down to initial margin (LED-8).
@frozen public struct AdjustIsolatedMargin: FieldRecord {
    /// The account.
    public var account: AccountID = .none
    /// The market.
    public var market: MarketID = .none
    /// Which position.
    public var positionSide: PositionSide = .both
    /// Added if positive, taken out if negative.
    public var amount: Amount = .zero
    /// By which the command is safe to send twice (DET-3).
    public var key: RequestKey = .none
    public static var zero: AdjustIsolatedMargin { AdjustIsolatedMargin() }
    public init(
        account: AccountID = .none,
        market: MarketID = .none,
        positionSide: PositionSide = .both,
        amount: Amount = .zero,
        key: RequestKey = .none
    ) {
        (self.account, self.market, self.positionSide, self.amount) = (account, market, positionSide, amount)
        self.key = key
    }
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("account", &account)
        visitor.visit("market", &market)
        visitor.visit("positionSide", &positionSide)
        visitor.visit("amount", &amount)
        visitor.visit("key", &key)
    }
}

/// Marks a position as part of one of its account's hedges (ADL-18).
@frozen public struct SetHedge: FieldRecord {
    /// The account.
    public var account: AccountID = .none
    /// The market.
    public var market: MarketID = .none
    /// Which position.
    public var positionSide: PositionSide = .both
    /// The hedge, 1 to 1,000, a number of the account's own; 0 takes the position out.
    public var group: Int32 = 0
    public static var zero: SetHedge { SetHedge() }
    public init(
        account: AccountID = .none,
        market: MarketID = .none,
        positionSide: PositionSide = .both,
        group: Int32 = 0
    ) {
        (self.account, self.market, self.positionSide, self.group) = (account, market, positionSide, group)
    }
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("account", &account)
        visitor.visit("market", &market)
        visitor.visit("positionSide", &positionSide)
        visitor.visit("group", &group)
    }
}
