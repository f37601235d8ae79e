/// A 128-bit digest: the state hash (DET-1), the running hash of events, the digest of a queue.
@frozen
public struct Digest: BitwiseCopyable, Hashable, Sendable {
    /// Bytes 0 to 7, little-endian.
    public var low: UInt64
    /// Bytes 8 to 15.
    public var high: UInt64
    /// A digest from its two words.
    public init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }
}

/// SipHash-2-4 with 128 bits of output and a zero key, fed byte by byte.
///
/// Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF" (2012), and its 128-bit variant.
/// It guards against accidents; the chain that guards against forgery is the journal's.
@frozen
public struct Hash128: BitwiseCopyable, Sendable {
    private var v0: UInt64 = 0x736F_6D65_7073_6575
    private var v1: UInt64 = 0x646F_7261_6E64_6F6D ^ 0xEE
    private var v2: UInt64 = 0x6C79_6765_6E65_7261
    private var v3: UInt64 = 0x7465_6462_7974_6573
    private var word: UInt64 = 0
    private var length: UInt64 = 0

    /// A hash of nothing yet.
    public init() {}

    @inline(__always)
    private mutating func round() {
        v0 = v0 &+ v1
        v1 = (v1 << 13 | v1 >> 51) ^ v0
        v0 = v0 << 32 | v0 >> 32
        v2 = v2 &+ v3
        v3 = (v3 << 16 | v3 >> 48) ^ v2
        v0 = v0 &+ v3
        v3 = (v3 << 21 | v3 >> 43) ^ v0
        v2 = v2 &+ v1
        v1 = (v1 << 17 | v1 >> 47) ^ v2
        v2 = v2 << 32 | v2 >> 32
    }

    /// Takes one byte in.
    @inline(__always)
    public mutating func add(_ byte: UInt8) {
        word |= UInt64(byte) << ((length & 7) * 8)
        length = length &+ 1
        if length & 7 == 0 {
            absorb(word)
            word = 0
        }
    }

    @inline(__always)
    private mutating func absorb(_ word: UInt64) {
        v3 ^= word
        round()
        round()
        v0 ^= word
    }

    /// Takes the bytes of a number in, lowest first.
    @inline(__always)
    public mutating func add<U: FixedWidthInteger & UnsignedInteger>(littleEndian value: U) {
        var rest = value
        var left = UInt64(U.bitWidth >> 3)
        while left > 0 {
            // As many bytes as fit behind those that wait, so that words are taken in whole.
            let waiting = length & 7
            let taken = min(left, 8 - waiting)
            word |= UInt64(truncatingIfNeeded: rest) << (waiting * 8)
            length = length &+ taken
            if waiting + taken == 8 {
                absorb(word)
                word = 0
            } else if waiting + taken < 8 {
                word &= ~(UInt64.max << ((waiting + taken) * 8))
            }
            rest = taken * 8 >= UInt64(U.bitWidth) ? 0 : rest >> U(taken * 8)
            left -= taken
        }
    }

    /// The digest of all bytes so far; more may follow.
    public var digest: Digest {
        var copy = self
        let last = copy.word | (length & 0xFF) << 56
        copy.v3 ^= last
        copy.round()
        copy.round()
        copy.v0 ^= last
        copy.v2 ^= 0xEE
        for _ in 0..<4 { copy.round() }
        let low = copy.v0 ^ copy.v1 ^ copy.v2 ^ copy.v3
        copy.v1 ^= 0xDD
        for _ in 0..<4 { copy.round() }
        return Digest(low: low, high: copy.v0 ^ copy.v1 ^ copy.v2 ^ copy.v3)
    }
}

/// Mixes fields into 64 bits: one multiplication a word, both halves of the product kept.
struct IdentityHasher: FieldVisitor, ~Copyable {
    private var state: UInt64 = 0x243F_6A88_85A3_08D3

    /// The number of all that was added.
    var value: UInt64 {
        let (high, low) = (state ^ state >> 32).multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
        return high ^ low
    }

    /// A sum of values in no order.
    static func sum(_ sum: UInt64, _ value: UInt64) -> UInt64 {
        sum &+ ((value ^ value >> 29) &* 0x9E37_79B9_7F4A_7C15)
    }

    @inline(__always)
    mutating func add(_ word: UInt64) {
        let (high, low) = (state ^ word).multipliedFullWidth(by: 0x9FB2_1C65_1E98_DF25)
        state = (high ^ low) &+ (state << 23 | state >> 41) &+ word
    }
    @inline(__always) mutating func add(_ value: Int64) { add(UInt64(bitPattern: value)) }
    @inline(__always) mutating func add(_ value: Int32) { add(Int64(value)) }
    @inline(__always) mutating func add(_ value: Bool) { add(UInt64(value ? 1 : 0)) }

    mutating func visit(_ name: StaticString, _ value: inout Int64) { add(value) }
    mutating func visit(_ name: StaticString, _ value: inout Int32) { add(value) }
    mutating func visit(_ name: StaticString, _ value: inout UInt64) { add(value) }
    mutating func visit(_ name: StaticString, _ value: inout Int128) {
        add(UInt64(truncatingIfNeeded: value))
        add(UInt64(truncatingIfNeeded: value >> 64))
    }
    mutating func visit(_ name: StaticString, _ value: inout Bool) { add(value) }
    mutating func visit(_ name: StaticString, _ value: inout Price) { add(value.ticks) }
    mutating func visit(_ name: StaticString, _ value: inout Quantity) { add(value.lots) }
    mutating func visit(_ name: StaticString, _ value: inout Amount) { add(value.units) }
    mutating func visit(_ name: StaticString, _ value: inout Rate) { add(value.units) }
    mutating func visit(_ name: StaticString, _ value: inout Timestamp) { add(value.microseconds) }
    mutating func visit(_ name: StaticString, _ value: inout AccountID) { add(value.raw) }
    mutating func visit(_ name: StaticString, _ value: inout OwnerID) { add(Int64(value.raw)) }
    mutating func visit(_ name: StaticString, _ value: inout MarketID) { add(value.raw) }
    mutating func visit(_ name: StaticString, _ value: inout OrderID) { add(value.raw) }
    mutating func visit(_ name: StaticString, _ value: inout Symbol) {
        add(value.low)
        add(value.high)
    }
    mutating func visit(_ name: StaticString, _ value: inout ClientID) {
        let length = min(value.count, 36)
        add(Int64(length))
        for index in 0..<length { add(UInt64(value.byte(index))) }
    }
    mutating func visit(_ name: StaticString, _ value: inout RequestKey) {
        add(value.low)
        add(value.high)
    }
    mutating func visit<E: CodedEnum>(_ name: StaticString, _ value: inout E) { add(UInt64(value.rawValue)) }
}
