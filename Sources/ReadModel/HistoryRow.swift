package import ExchangeCore

/// The tables of a history (HIST-2).
public enum HistoryTable: String, Sendable, CaseIterable {
    /// Of accounts.
    case orders, trades, income, margin, amendments
    /// Of markets.
    case prints, aggregates, funding, interest, bars
    /// Of the venue.
    case receipts, fills, admin, fund
}

/// A row: what it is looked up by, and a record that only its maker reads.
public struct HistoryRow: Sendable, Hashable {
    /// The table.
    public var table: HistoryTable
    /// Whose it is.
    public var owner: Int64
    /// Its place among its owner's, each once.
    public var place: Int64
    /// The number that is paged by; within an owner it never falls as places rise.
    public var number: Int64
    /// When; in the unit that its maker chose. Within an owner it never falls, but for orders between the
    /// venue's own and all others.
    public var time: Int64
    /// The market's number; −1 for none.
    public var market: Int32
    /// Its kinds, one bit each.
    public var tag: Int32
    /// What it belongs to; 0 for nothing.
    public var link: Int64
    /// A name; empty for none.
    public var name: [UInt8]
    /// The record.
    public var bytes: [UInt8]

    /// A row.
    public init(
        _ table: HistoryTable,
        owner: Int64,
        place: Int64,
        number: Int64,
        time: Int64,
        market: Int32 = -1,
        tag: Int32 = 1,
        link: Int64 = 0,
        name: [UInt8] = [],
        bytes: [UInt8]
    ) {
        self.table = table
        self.owner = owner
        self.place = place
        self.number = number
        self.time = time
        self.market = market
        self.tag = tag
        self.link = link
        self.name = name
        self.bytes = bytes
    }

    /// What guards the row: a digest over all of it.
    package var digest: UInt64 {
        var hash = Hash128()
        for value in [owner, place, number, time, Int64(market), Int64(tag), link] {
            hash.add(littleEndian: UInt64(bitPattern: value))
        }
        hash.add(table.rawValue.utf8.first ?? 0)
        for part in [name, bytes] {
            hash.add(littleEndian: UInt64(part.count))
            hash.add(all: part)
        }
        return hash.digest.low
    }
}

extension Hash128 {
    /// Takes bytes in, eight at a time.
    package mutating func add(all bytes: [UInt8]) {
        bytes.withUnsafeBytes { buffer in
            var place = 0
            while place + 8 <= buffer.count {
                let word = buffer.loadUnaligned(fromByteOffset: place, as: UInt64.self)
                add(littleEndian: UInt64(littleEndian: word))
                place += 8
            }
            while place < buffer.count {
                add(buffer[place])
                place += 1
            }
        }
    }
}

/// Which rows are wanted: those that all of these allow.
public struct HistoryQuestion: Sendable {
    /// The table.
    public var table: HistoryTable
    /// Whose.
    public var owner: Int64
    /// From this place on, and before that one.
    public var from = Int64.min
    /// Before this place.
    public var before = Int64.max
    /// From this number on.
    public var number: Int64?
    /// From this time on, and up to that one.
    public var since: Int64?
    /// Up to this time.
    public var until: Int64?
    /// In this market.
    public var market: Int32?
    /// Of one of these kinds.
    public var tags: Int32?
    /// That belong to this.
    public var link: Int64?
    /// With this name.
    public var name: [UInt8]?
    /// Whether the last are wanted, not the first.
    public var isNewest = false
    /// How many at most.
    public var limit: Int

    /// All rows of an owner, at most so many.
    public init(_ table: HistoryTable, owner: Int64, limit: Int) {
        self.table = table
        self.owner = owner
        self.limit = limit
    }
}

/// Rows as they were collected: made into rows by the thread that writes them.
public protocol HistoryRows: Sendable {
    /// How many there are.
    var count: Int { get }
    /// Calls `body` with each.
    func forEach(_ body: (HistoryRow) throws -> Void) rethrows
}
