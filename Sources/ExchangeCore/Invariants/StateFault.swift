/// What does not hold of a state: whose, in which field, and by which rule (DET-6).
///
/// A snapshot that is refused says it, and so does a state that a fault of the program damaged.
public struct StateFault: Error, Sendable {
    /// Whose rule does not hold.
    public let record: StateRecord
    /// The field, as the canonical encoding names it, or the link that only the program keeps.
    public let field: StaticString
    /// The rule.
    public let rule: StateRule

    /// The room of the core that keeps the rule.
    public var room: StateRoom { rule.room }
}

/// A room of the core, by the name of its folder.
public enum StateRoom: UInt8, Sendable {
    /// How a state is written.
    case encoding
    /// Accounts, positions, requests, the vault.
    case ledger
    /// Markets and their rules.
    case markets
    /// Sources, marks and what a mark remembers.
    case prices
    /// Samples of the premium and payments.
    case funding
    /// Orders, levels and what orders wait for.
    case book
    /// Triggers of liquidation.
    case margin
    /// Liquidation, its queue, and offers of volunteers.
    case waterfall
    /// Tables and heaps under all of them.
    case storage

    /// The room's name.
    public var term: StaticString {
        switch self {
        case .encoding: "encoding"
        case .ledger: "ledger"
        case .markets: "markets"
        case .prices: "prices"
        case .funding: "funding"
        case .book: "book"
        case .margin: "margin"
        case .waterfall: "waterfall"
        case .storage: "storage"
        }
    }
}

/// One record of a state.
public struct StateRecord: Sendable {
    /// What kind of record it is, as a word.
    public let kind: StaticString
    /// Which one, counted from 0 in canonical order; an order by its own number; -1 where there is one alone.
    public let number: Int64

    static var header: StateRecord { StateRecord(kind: "header", number: -1) }
    static var limits: StateRecord { StateRecord(kind: "limits", number: -1) }
    static var vault: StateRecord { StateRecord(kind: "vault", number: -1) }
    static var waterfall: StateRecord { StateRecord(kind: "waterfall", number: -1) }
    static func account(_ number: Int32) -> StateRecord {
        StateRecord(kind: "account", number: Int64(number))
    }
    static func position(_ number: Int32) -> StateRecord {
        StateRecord(kind: "position", number: Int64(number))
    }
    static func marginAccount(_ number: Int32) -> StateRecord {
        StateRecord(kind: "margin account", number: Int64(number))
    }
    static func market(_ number: Int32) -> StateRecord {
        StateRecord(kind: "market", number: Int64(number))
    }
    static func holding(_ number: Int) -> StateRecord {
        StateRecord(kind: "holding", number: Int64(number))
    }
    static func inLiquidation(_ number: Int) -> StateRecord {
        StateRecord(kind: "in liquidation", number: Int64(number))
    }
    static func request(_ number: Int) -> StateRecord {
        StateRecord(kind: "request", number: Int64(number))
    }
    static func offer(_ number: Int64) -> StateRecord { StateRecord(kind: "offer", number: number) }
    static func order(_ id: OrderID) -> StateRecord { StateRecord(kind: "order", number: id.raw) }
    static func queued(_ number: Int) -> StateRecord {
        StateRecord(kind: "queued", number: Int64(number))
    }
    static func affected(_ number: Int) -> StateRecord {
        StateRecord(kind: "affected", number: Int64(number))
    }
    static func active(_ number: Int) -> StateRecord {
        StateRecord(kind: "active market", number: Int64(number))
    }
}

/// Asks one record rule after rule; the first that does not hold ends it.
struct StateCheck {
    let record: StateRecord

    init(_ record: StateRecord) { self.record = record }

    /// - Throws: the fault of a rule that does not hold.
    @inline(__always)
    func callAsFunction(_ holds: Bool, _ field: StaticString, _ rule: StateRule) throws(StateFault) {
        if !holds { throw StateFault(record: record, field: field, rule: rule) }
    }
}
