/// An account. The venue's own come first; users are numbered from `firstUser` in order of opening.
@frozen
public struct AccountID: BitwiseCopyable, Hashable, Comparable, Sendable {
    /// The account's number; lower is older.
    public var raw: Int32
    /// The account with number `raw`.
    @inline(__always) public init(_ raw: Int32) { self.raw = raw }
    /// The insurance fund.
    public static let fund = AccountID(0)
    /// The account that trading fees go to.
    public static let fees = AccountID(1)
    /// The backstop vault.
    public static let vault = AccountID(2)
    /// The first account of a user.
    public static let firstUser = AccountID(3)
    /// No account, or the venue itself.
    public static let none = AccountID(-1)
    @inline(__always) public static func < (a: AccountID, b: AccountID) -> Bool { a.raw < b.raw }
}

/// A person or a firm; several accounts may have the same owner (LED-2).
@frozen
public struct OwnerID: BitwiseCopyable, Hashable, Sendable {
    /// The owner's number.
    public var raw: Int32
    /// The owner with number `raw`.
    @inline(__always) public init(_ raw: Int32) { self.raw = raw }
}

/// A market, numbered from 0 in order of creation.
@frozen
public struct MarketID: BitwiseCopyable, Hashable, Comparable, Sendable {
    /// The market's number.
    public var raw: Int32
    /// The market with number `raw`.
    @inline(__always) public init(_ raw: Int32) { self.raw = raw }
    /// No market: all of them, where a command takes one or all.
    public static let none = MarketID(-1)
    @inline(__always) public static func < (a: MarketID, b: MarketID) -> Bool { a.raw < b.raw }
}

/// An order, resting or conditional, numbered from 1 over all markets in order of acceptance.
@frozen
public struct OrderID: BitwiseCopyable, Hashable, Comparable, Sendable {
    /// The order's number.
    public var raw: Int64
    /// The order with number `raw`.
    @inline(__always) public init(_ raw: Int64) { self.raw = raw }
    /// No order.
    public static let none = OrderID(0)
    @inline(__always) public static func < (a: OrderID, b: OrderID) -> Bool { a.raw < b.raw }
}

/// A market's name: at most 16 bytes, stored inline.
@frozen
public struct Symbol: BitwiseCopyable, Hashable, Sendable {
    /// Bytes 0 to 7, little-endian; unused bytes are zero.
    public var low: UInt64
    /// Bytes 8 to 15.
    public var high: UInt64
    /// A symbol from its two words.
    @inline(__always) public init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }
    /// The byte at `index` (0 to 15), zero behind the name's end.
    public func byte(_ index: Int) -> UInt8 {
        UInt8(truncatingIfNeeded: (index < 8 ? low : high) >> UInt64((index & 7) * 8))
    }
    /// Sets the byte at `index` (0 to 15), which must be zero before.
    public mutating func set(_ index: Int, _ byte: UInt8) {
        let word = UInt64(byte) << UInt64((index & 7) * 8)
        if index < 8 { low |= word } else { high |= word }
    }
    /// A name is valid if it has 1 to 16 of the characters `A-Z a-z 0-9 . _ -` and nothing between or behind.
    public var isValid: Bool {
        var ended = false
        for index in 0..<16 {
            let c = byte(index)
            if c == 0 {
                ended = true
                continue
            }
            let allowed =
                (c >= 48 && c <= 57) || (c >= 65 && c <= 90) || (c >= 97 && c <= 122)
                || c == 46 || c == 95 || c == 45
            if ended || !allowed { return false }
        }
        return byte(0) != 0
    }
}

/// The name that a client gave an order: at most 36 bytes, stored inline. Empty if there is none.
@frozen
public struct ClientID: BitwiseCopyable, Hashable, Sendable {
    /// Bytes 0 to 35 in little-endian words, and the length in the highest byte of the last.
    public var words: (UInt64, UInt64, UInt64, UInt64, UInt64)
    /// The empty name.
    @inline(__always) public init() { words = (0, 0, 0, 0, 0) }
    /// No name.
    public static var none: ClientID { ClientID() }
    /// Number of bytes.
    @inline(__always) public var count: Int { Int(truncatingIfNeeded: words.4 >> 56) }
    /// Whether there is no name.
    @inline(__always) public var isEmpty: Bool { words.4 == 0 }
    /// The byte at `index` (0 to 35).
    public func byte(_ index: Int) -> UInt8 {
        let shift = UInt64((index & 7) * 8)
        switch index >> 3 {
        case 0: return UInt8(truncatingIfNeeded: words.0 >> shift)
        case 1: return UInt8(truncatingIfNeeded: words.1 >> shift)
        case 2: return UInt8(truncatingIfNeeded: words.2 >> shift)
        case 3: return UInt8(truncatingIfNeeded: words.3 >> shift)
        default: return UInt8(truncatingIfNeeded: words.4 >> shift)
        }
    }
    /// Adds a byte; returns false, and adds nothing, if there are 36 already.
    public mutating func append(_ byte: UInt8) -> Bool {
        let index = count
        if index >= 36 { return false }
        let word = UInt64(byte) << UInt64((index & 7) * 8)
        switch index >> 3 {
        case 0: words.0 |= word
        case 1: words.1 |= word
        case 2: words.2 |= word
        case 3: words.3 |= word
        default: words.4 |= word
        }
        words.4 = (words.4 & 0x00FF_FFFF_FFFF_FFFF) | UInt64(index + 1) << 56
        return true
    }
    /// A name is valid if its length is at most 36, its bytes are printable ASCII, and nothing lies behind
    /// them.
    @inline(__always)
    public var isValid: Bool { words.0 | words.1 | words.2 | words.3 | words.4 == 0 || isName }

    @usableFromInline
    var isName: Bool {
        let length = count
        if length > 36 { return false }
        for index in 0..<39 {
            let c = byte(index)
            if index < length ? (c < 33 || c > 126) : c != 0 { return false }
        }
        return true
    }
    public static func == (a: ClientID, b: ClientID) -> Bool {
        a.words.0 == b.words.0 && a.words.1 == b.words.1 && a.words.2 == b.words.2
            && a.words.3 == b.words.3 && a.words.4 == b.words.4
    }
    public func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
        hasher.combine(words.1)
        hasher.combine(words.2)
        hasher.combine(words.3)
        hasher.combine(words.4)
    }
}

/// Sixteen bytes by which a client makes a command safe to send twice (DET-3). All zero: none.
@frozen
public struct RequestKey: BitwiseCopyable, Hashable, Sendable {
    /// Bytes 0 to 7, little-endian.
    public var low: UInt64
    /// Bytes 8 to 15.
    public var high: UInt64
    /// A key from its two words.
    @inline(__always) public init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }
    /// No key: the command is applied each time it comes.
    public static let none = RequestKey(low: 0, high: 0)
}
