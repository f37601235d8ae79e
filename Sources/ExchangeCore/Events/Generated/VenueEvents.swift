// Made by `make records` of Records/events.txt; change it there.

/// The last event of every command: what became of it.
@frozen public struct Outcome: FieldRecord {
    /// The command's number.
    public var sequence: Int64 = 0
    /// Its time.
    public var at: Timestamp = Timestamp(0)
    /// Its kind.
    public var command: CommandKind = .createMarket
    /// What became of it.
    public var status: Status = .ok
    /// The number of what it made: account, market or order.
    public var result: Int64 = 0
    /// Whether this is the answer to an earlier command with the same key.
    public var repeated: Bool = false
    public static var zero: Outcome { Outcome() }
    @inline(__always) public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("sequence", &sequence)
        visitor.visit("at", &at)
        visitor.visit("command", &command)
        visitor.visit("status", &status)
        visitor.visit("result", &result)
        visitor.visit("repeated", &repeated)
    }
}

/// A market exists.
@frozen public struct MarketCreated: FieldRecord {
    /// The market.
    public var market: MarketID = .none
    /// Its name.
    public var symbol: Symbol = Symbol(low: 0, high: 0)
    /// Quote a tick, in 10⁻⁸.
    public var tickSize: Int64 = 0
    /// Base a lot, in 10⁻⁸.
    public var lotSize: Int64 = 0
    public static var zero: MarketCreated { MarketCreated() }
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("market", &market)
        visitor.visit("symbol", &symbol)
        visitor.visit("tickSize", &tickSize)
        visitor.visit("lotSize", &lotSize)
    }
}

/// An account exists.
@frozen public struct AccountOpened: FieldRecord {
    /// The account.
    public var account: AccountID = .none
    /// Whose it is.
    public var owner: OwnerID = OwnerID(0)
    public static var zero: AccountOpened { AccountOpened() }
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("account", &account)
        visitor.visit("owner", &owner)
    }
}

/// An account's choice for a market.
@frozen public struct SettingChanged: FieldRecord {
    /// The account.
    public var account: AccountID = .none
    /// The market.
    public var market: MarketID = .none
    /// Leverage.
    public var leverage: Int32 = 0
    /// Margin mode.
    public var mode: MarginMode = .cross
    /// Position mode.
    public var positionMode: PositionMode = .oneWay
    public static var zero: SettingChanged { SettingChanged() }
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("account", &account)
        visitor.visit("market", &market)
        visitor.visit("leverage", &leverage)
        visitor.visit("mode", &mode)
        visitor.visit("positionMode", &positionMode)
    }
}

/// A position was put into one of its account's hedges, or taken out of it (ADL-18).
@frozen public struct HedgeMarked: FieldRecord {
    /// The account.
    public var account: AccountID = .none
    /// The market.
    public var market: MarketID = .none
    /// Which position.
    public var positionSide: PositionSide = .both
    /// The hedge; 0 for none.
    public var group: Int32 = 0
    public static var zero: HedgeMarked { HedgeMarked() }
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("account", &account)
        visitor.visit("market", &market)
        visitor.visit("positionSide", &positionSide)
        visitor.visit("group", &group)
    }
}

/// A volunteer's offer as it stands.
@frozen public struct OfferChanged: FieldRecord {
    /// The account.
    public var account: AccountID = .none
    /// The market.
    public var market: MarketID = .none
    /// Of the liquidations it answers.
    public var side: Side = .buy
    /// Lots left.
    public var quantity: Quantity = .zero
    /// Asked on the mark.
    public var edge: Rate = .zero
    public static var zero: OfferChanged { OfferChanged() }
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("account", &account)
        visitor.visit("market", &market)
        visitor.visit("side", &side)
        visitor.visit("quantity", &quantity)
        visitor.visit("edge", &edge)
    }
}

/// A dead man's switch was set.
@frozen public struct CountdownArmed: FieldRecord {
    /// The account.
    public var account: AccountID = .none
    /// The market.
    public var market: MarketID = .none
    /// When it fires; never: disarmed.
    public var deadline: Timestamp = .never
    public static var zero: CountdownArmed { CountdownArmed() }
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("account", &account)
        visitor.visit("market", &market)
        visitor.visit("deadline", &deadline)
    }
}

/// What a market takes changed.
@frozen public struct MarketStateChanged: FieldRecord {
    /// The market.
    public var market: MarketID = .none
    /// Its state.
    public var state: MarketState = .open
    public static var zero: MarketStateChanged { MarketStateChanged() }
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("market", &market)
        visitor.visit("state", &state)
    }
}

/// A kill switch was thrown.
@frozen public struct KillSwitched: FieldRecord {
    /// The account.
    public var account: AccountID = .none
    /// The market.
    public var market: MarketID = .none
    /// Whether it stops.
    public var on: Bool = false
    public static var zero: KillSwitched { KillSwitched() }
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("account", &account)
        visitor.visit("market", &market)
        visitor.visit("on", &on)
    }
}

/// Parameters in force changed.
@frozen public struct RulesChanged: FieldRecord {
    /// The market.
    public var market: MarketID = .none
    /// Which kind of change.
    public var command: CommandKind = .createMarket
    public static var zero: RulesChanged { RulesChanged() }
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("market", &market)
        visitor.visit("command", &command)
    }
}

/// Vault shares were made or taken back.
@frozen public struct VaultShares: FieldRecord {
    /// The account.
    public var account: AccountID = .none
    /// The account's shares now; the venue's own under the vault's account.
    public var shares: Int64 = 0
    /// All shares.
    public var total: Int64 = 0
    /// The vault's equity.
    public var equity: Amount = .zero
    public static var zero: VaultShares { VaultShares() }
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("account", &account)
        visitor.visit("shares", &shares)
        visitor.visit("total", &total)
        visitor.visit("equity", &equity)
    }
}
