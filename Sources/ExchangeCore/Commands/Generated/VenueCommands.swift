// Made by `make records` of Records/commands.txt; change it there.

/// Sets up the backstop vault, or changes its rules. Its capital comes from outside (WF-6).
@frozen public struct ConfigureVault: FieldRecord {
    /// Capital put in now for venue shares.
    public var amount: Amount = .zero
    /// Its own leverage.
    public var leverage: Int32 = 5
    /// Losses that the venue's own shares bear alone.
    public var firstLoss: Amount = .zero
    /// Beyond this loss it takes nothing more.
    public var lossLimit: Amount = .unlimited
    /// µs a depositor's shares stay locked after the last deposit.
    public var lockUp: Int64 = 0
    /// By which the command is safe to send twice (DET-3).
    public var key: RequestKey = .none
    public static var zero: ConfigureVault { ConfigureVault() }
    public init(
        amount: Amount = .zero,
        leverage: Int32 = 5,
        firstLoss: Amount = .zero,
        lossLimit: Amount = .unlimited,
        lockUp: Int64 = 0,
        key: RequestKey = .none
    ) {
        (self.amount, self.leverage, self.firstLoss) = (amount, leverage, firstLoss)
        (self.lossLimit, self.lockUp, self.key) = (lossLimit, lockUp, key)
    }
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("amount", &amount)
        visitor.visit("leverage", &leverage)
        visitor.visit("firstLoss", &firstLoss)
        visitor.visit("lossLimit", &lossLimit)
        visitor.visit("lockUp", &lockUp)
        visitor.visit("key", &key)
    }
}

/// The vault's cap and edge in a market (WF-6).
@frozen public struct ConfigureVaultMarket: FieldRecord {
    /// The market.
    public var market: MarketID = .none
    /// Most notional at mark.
    public var cap: Amount = .unlimited
    /// What it asks on the mark.
    public var edge: Rate = .zero
    /// By which the command is safe to send twice (DET-3).
    public var key: RequestKey = .none
    public static var zero: ConfigureVaultMarket { ConfigureVaultMarket() }
    public init(
        market: MarketID = .none,
        cap: Amount = .unlimited,
        edge: Rate = .zero,
        key: RequestKey = .none
    ) {
        (self.market, self.cap, self.edge, self.key) = (market, cap, edge, key)
    }
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("market", &market)
        visitor.visit("cap", &cap)
        visitor.visit("edge", &edge)
        visitor.visit("key", &key)
    }
}

/// Moves cash from an account into the vault, for shares at net asset value.
@frozen public struct VaultDeposit: FieldRecord {
    /// The account.
    public var account: AccountID = .none
    /// More than nothing.
    public var amount: Amount = .zero
    /// By which the command is safe to send twice (DET-3).
    public var key: RequestKey = .none
    public static var zero: VaultDeposit { VaultDeposit() }
    public init(account: AccountID = .none, amount: Amount = .zero, key: RequestKey = .none) {
        (self.account, self.amount, self.key) = (account, amount, key)
    }
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("account", &account)
        visitor.visit("amount", &amount)
        visitor.visit("key", &key)
    }
}

/// Moves the worth of vault shares back into the account.
@frozen public struct VaultRedeem: FieldRecord {
    /// The account.
    public var account: AccountID = .none
    /// How many, at least 1.
    public var shares: Int64 = 0
    /// By which the command is safe to send twice (DET-3).
    public var key: RequestKey = .none
    public static var zero: VaultRedeem { VaultRedeem() }
    public init(account: AccountID = .none, shares: Int64 = 0, key: RequestKey = .none) {
        (self.account, self.shares, self.key) = (account, shares, key)
    }
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("account", &account)
        visitor.visit("shares", &shares)
        visitor.visit("key", &key)
    }
}

/// Stops an account (all markets), or a market (all accounts): cancels its orders and takes no more.
@frozen public struct Kill: FieldRecord {
    /// The account.
    public var account: AccountID = .none
    /// The market.
    public var market: MarketID = .none
    /// False: takes orders again.
    public var on: Bool = true
    /// By which the command is safe to send twice (DET-3).
    public var key: RequestKey = .none
    public static var zero: Kill { Kill() }
    public init(
        account: AccountID = .none,
        market: MarketID = .none,
        on: Bool = true,
        key: RequestKey = .none
    ) {
        (self.account, self.market, self.on, self.key) = (account, market, on, key)
    }
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("account", &account)
        visitor.visit("market", &market)
        visitor.visit("on", &on)
        visitor.visit("key", &key)
    }
}

/// What withdrawals are while the fund owes (WF-8).
@frozen public struct SetDebtRule: FieldRecord {
    /// The rule.
    public var rule: DebtRule = .refuse
    /// By which the command is safe to send twice (DET-3).
    public var key: RequestKey = .none
    public static var zero: SetDebtRule { SetDebtRule() }
    public init(rule: DebtRule = .refuse, key: RequestKey = .none) {
        (self.rule, self.key) = (rule, key)
    }
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("rule", &rule)
        visitor.visit("key", &key)
    }
}

/// Does the next part of a waterfall that one command could not finish.
@frozen public struct Continue: FieldRecord {
    /// Must be false.
    public var unused: Bool = false
    public static var zero: Continue { Continue() }
    public init(unused: Bool = false) {
        self.unused = unused
    }
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("unused", &unused)
    }
}
