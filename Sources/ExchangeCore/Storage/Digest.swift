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
