// The payloads of `Command`, one a kind, in the order of their numbers; those about orders are in
// OrderPayloads.swift, a market's in Markets/.

/// Opens the next user account. The result is its number.
@frozen
public struct OpenAccount: FieldRecord {
    /// Whose account it is. Zero or less: an owner of its own.
    public var owner: OwnerID = OwnerID(0)
    /// By which the command is safe to send twice (DET-3).
    public var key: RequestKey = .none
    public init() {}
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("owner", &owner)
        visitor.visit("key", &key)
    }
}

/// Says whose account it is (LED-2).
@frozen
public struct SetOwner: FieldRecord {
    /// The account.
    public var account: AccountID = .none
    /// The owner, at least 1.
    public var owner: OwnerID = OwnerID(0)
    /// By which the command is safe to send twice (DET-3).
    public var key: RequestKey = .none
    public init() {}
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("account", &account)
        visitor.visit("owner", &owner)
        visitor.visit("key", &key)
    }
}

/// Adds cash from outside to an account's cross margin account, or to the insurance fund.
@frozen
public struct Deposit: FieldRecord {
    /// The account.
    public var account: AccountID = .none
    /// More than nothing.
    public var amount: Amount = .zero
    /// By which the command is safe to send twice (DET-3).
    public var key: RequestKey = .none
    public init() {}
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("account", &account)
        visitor.visit("amount", &amount)
        visitor.visit("key", &key)
    }
}

/// Takes cash out of an account's cross margin account, within MG-1.
@frozen
public struct Withdraw: FieldRecord {
    /// The account.
    public var account: AccountID = .none
    /// More than nothing.
    public var amount: Amount = .zero
    /// By which the command is safe to send twice (DET-3).
    public var key: RequestKey = .none
    public init() {}
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("account", &account)
        visitor.visit("amount", &amount)
        visitor.visit("key", &key)
    }
}

/// Moves cash between the cross margin accounts of two user accounts, under the rules of a withdrawal.
@frozen
public struct Transfer: FieldRecord {
    /// Who pays.
    public var source: AccountID = .none
    /// Who receives.
    public var target: AccountID = .none
    /// More than nothing.
    public var amount: Amount = .zero
    /// By which the command is safe to send twice (DET-3).
    public var key: RequestKey = .none
    public init() {}
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("source", &source)
        visitor.visit("target", &target)
        visitor.visit("amount", &amount)
        visitor.visit("key", &key)
    }
}

/// Chooses leverage for a market; passes the gate of an order (MG-1).
@frozen
public struct SetLeverage: FieldRecord {
    /// The account.
    public var account: AccountID = .none
    /// The market.
    public var market: MarketID = .none
    /// 1 up to the market's highest.
    public var leverage: Int32 = 0
    public init() {}
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("account", &account)
        visitor.visit("market", &market)
        visitor.visit("leverage", &leverage)
    }
}

/// Chooses cross or isolated for a market, while flat and without orders.
@frozen
public struct SetMarginMode: FieldRecord {
    /// The account.
    public var account: AccountID = .none
    /// The market.
    public var market: MarketID = .none
    /// The mode.
    public var mode: MarginMode = .cross
    public init() {}
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("account", &account)
        visitor.visit("market", &market)
        visitor.visit("mode", &mode)
    }
}

/// Chooses one-way or hedge mode, while flat and without orders in all markets.
@frozen
public struct SetPositionMode: FieldRecord {
    /// The account.
    public var account: AccountID = .none
    /// The mode.
    public var mode: PositionMode = .oneWay
    public init() {}
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("account", &account)
        visitor.visit("mode", &mode)
    }
}

/// Adds margin to an isolated position, or takes it out down to initial margin (LED-8).
@frozen
public struct AdjustIsolatedMargin: FieldRecord {
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
    public init() {}
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("account", &account)
        visitor.visit("market", &market)
        visitor.visit("positionSide", &positionSide)
        visitor.visit("amount", &amount)
        visitor.visit("key", &key)
    }
}

/// Offers to take positions that are being liquidated off a market's side (WF-5). Replaces the account's
/// offer there.
@frozen
public struct Offer: FieldRecord {
    /// The account.
    public var account: AccountID = .none
    /// The market.
    public var market: MarketID = .none
    /// Of the liquidation: `sell` takes over longs being sold.
    public var side: Side = .buy
    /// Up to how much; zero takes the offer back.
    public var quantity: Quantity = .zero
    /// What it asks on the mark.
    public var edge: Rate = .zero
    public init() {}
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("account", &account)
        visitor.visit("market", &market)
        visitor.visit("side", &side)
        visitor.visit("quantity", &quantity)
        visitor.visit("edge", &edge)
    }
}

/// An outside price from one source of a market (PX-1).
@frozen
public struct PriceUpdate: FieldRecord {
    /// The market.
    public var market: MarketID = .none
    /// The source, 0 to 15.
    public var source: Int32 = 0
    /// Anything; not valid unless positive.
    public var price: Price = .none
    public init() {}
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("market", &market)
        visitor.visit("source", &source)
        visitor.visit("price", &price)
    }
}

/// Weight of a source and the rules of a market's index (PX-1).
@frozen
public struct ConfigureSource: FieldRecord {
    /// The market.
    public var market: MarketID = .none
    /// The source, 0 to 15.
    public var source: Int32 = 0
    /// Weight in the median, 0 to 1,000; zero leaves it out.
    public var weight: Int32 = 1
    /// What its price is; `perp` only in a market whose mark method reads one (PX-7).
    public var kind = SourceKind.index
    /// By which the command is safe to send twice (DET-3).
    public var key: RequestKey = .none
    public init() {}
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("market", &market)
        visitor.visit("source", &source)
        visitor.visit("weight", &weight)
        visitor.visit("kind", &kind)
        visitor.visit("key", &key)
    }
}

/// Marks a position as part of one of its account's hedges (ADL-18).
@frozen
public struct SetHedge: FieldRecord {
    /// The account.
    public var account: AccountID = .none
    /// The market.
    public var market: MarketID = .none
    /// Which position.
    public var positionSide: PositionSide = .both
    /// The hedge, 1 to 1,000, a number of the account's own; 0 takes the position out of its hedge.
    public var group: Int32 = 0
    public init() {}
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("account", &account)
        visitor.visit("market", &market)
        visitor.visit("positionSide", &positionSide)
        visitor.visit("group", &group)
    }
}

/// Pays funding now (FUND-1).
@frozen
public struct FundingUpdate: FieldRecord {
    /// The market.
    public var market: MarketID = .none
    /// Whether a rate is given; otherwise it follows from the premium.
    public var hasRate: Bool = false
    /// What longs pay shorts.
    public var rate: Rate = .zero
    /// By which the command is safe to send twice (DET-3).
    public var key: RequestKey = .none
    public init() {}
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("market", &market)
        visitor.visit("hasRate", &hasRate)
        visitor.visit("rate", &rate)
        visitor.visit("key", &key)
    }
}

/// Does what is due (DET-4).
@frozen
public struct Tick: FieldRecord {
    /// Must be false.
    public var unused: Bool = false
    public init() {}
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("unused", &unused)
    }
}

/// Sets up the backstop vault, or changes its rules. Its capital comes from outside (WF-6).
@frozen
public struct ConfigureVault: FieldRecord {
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
    public init() {}
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
@frozen
public struct ConfigureVaultMarket: FieldRecord {
    /// The market.
    public var market: MarketID = .none
    /// Most notional at mark.
    public var cap: Amount = .unlimited
    /// What it asks on the mark.
    public var edge: Rate = .zero
    /// By which the command is safe to send twice (DET-3).
    public var key: RequestKey = .none
    public init() {}
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("market", &market)
        visitor.visit("cap", &cap)
        visitor.visit("edge", &edge)
        visitor.visit("key", &key)
    }
}

/// Moves cash from an account into the vault, for shares at net asset value.
@frozen
public struct VaultDeposit: FieldRecord {
    /// The account.
    public var account: AccountID = .none
    /// More than nothing.
    public var amount: Amount = .zero
    /// By which the command is safe to send twice (DET-3).
    public var key: RequestKey = .none
    public init() {}
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("account", &account)
        visitor.visit("amount", &amount)
        visitor.visit("key", &key)
    }
}

/// Moves the worth of vault shares back into the account.
@frozen
public struct VaultRedeem: FieldRecord {
    /// The account.
    public var account: AccountID = .none
    /// How many, at least 1.
    public var shares: Int64 = 0
    /// By which the command is safe to send twice (DET-3).
    public var key: RequestKey = .none
    public init() {}
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("account", &account)
        visitor.visit("shares", &shares)
        visitor.visit("key", &key)
    }
}

/// Stops an account (all markets), or a market (all accounts): cancels its orders and takes no more.
@frozen
public struct Kill: FieldRecord {
    /// The account.
    public var account: AccountID = .none
    /// The market.
    public var market: MarketID = .none
    /// False: takes orders again.
    public var on: Bool = true
    /// By which the command is safe to send twice (DET-3).
    public var key: RequestKey = .none
    public init() {}
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("account", &account)
        visitor.visit("market", &market)
        visitor.visit("on", &on)
        visitor.visit("key", &key)
    }
}

/// Opens, restricts or halts a market. Settling has its own command.
@frozen
public struct SetMarketState: FieldRecord {
    /// The market.
    public var market: MarketID = .none
    /// The state.
    public var state: MarketState = .open
    /// By which the command is safe to send twice (DET-3).
    public var key: RequestKey = .none
    public init() {}
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("market", &market)
        visitor.visit("state", &state)
        visitor.visit("key", &key)
    }
}

/// Ends a market at a price (WF-9).
@frozen
public struct Settle: FieldRecord {
    /// The market.
    public var market: MarketID = .none
    /// At which all positions are closed.
    public var price: Price = .none
    /// By which the command is safe to send twice (DET-3).
    public var key: RequestKey = .none
    public init() {}
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("market", &market)
        visitor.visit("price", &price)
        visitor.visit("key", &key)
    }
}

/// Open-interest and position caps of a market (MG-9).
@frozen
public struct SetCaps: FieldRecord {
    /// The market.
    public var market: MarketID = .none
    /// Most lots long; zero: no cap.
    public var openInterest: Quantity = .zero
    /// Most lots an owner may hold on a side; zero: no cap.
    public var position: Quantity = .zero
    /// If not zero: open interest at mark at most (fund + vault equity) / this.
    public var backstopRate: Rate = .zero
    /// By which the command is safe to send twice (DET-3).
    public var key: RequestKey = .none
    public init() {}
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("market", &market)
        visitor.visit("openInterest", &openInterest)
        visitor.visit("position", &position)
        visitor.visit("backstopRate", &backstopRate)
        visitor.visit("key", &key)
    }
}

/// What withdrawals are while the fund owes (WF-8).
@frozen
public struct SetDebtRule: FieldRecord {
    /// The rule.
    public var rule: DebtRule = .refuse
    /// By which the command is safe to send twice (DET-3).
    public var key: RequestKey = .none
    public init() {}
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("rule", &rule)
        visitor.visit("key", &key)
    }
}

/// Does the next part of a waterfall that one command could not finish.
@frozen
public struct Continue: FieldRecord {
    /// Must be false.
    public var unused: Bool = false
    public init() {}
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("unused", &unused)
    }
}
