import Testing

@testable import ExchangeCore

/// The storage under the core, each against the plainest thing that does the same.
@Suite(
    "Storage: tables, indices, deadlines, arithmetic against plain ones (BK-3, BK-4, DET-4, MG-3, MG-4)"
)
struct StorageTests {
    /// A small seeded generator.
    struct Draws {
        var state: UInt64
        mutating func next(_ bound: UInt64) -> Int64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int64((state >> 33) % bound)
        }
    }

    @Test("A key table finds what was put in, also after removals and growth (BK-4)", arguments: 1...4)
    func keyTable(_ seed: UInt64) {
        var draws = Draws(state: seed)
        var table = KeyTable()
        var plain: [UInt64: Int32] = [:]
        for step in 0..<6_000 {
            // Keys of the shape that legs have: all entropy in the upper half.
            let key = UInt64(draws.next(700)) << 32 | UInt64(draws.next(3)) << 2
            if draws.next(3) == 0 {
                table.remove(key)
                plain[key] = nil
            } else if plain[key] == nil {
                table.insert(key, Int32(step))
                plain[key] = Int32(step)
            }
            #expect(table.find(key) == plain[key] ?? -1)
            #expect(table.count == plain.count)
        }
        for (key, value) in plain { #expect(table.find(key) == value) }
    }

    @Test("A price index has the order of a sorted array (BK-3)", arguments: 1...4)
    func priceIndex(_ seed: UInt64) {
        var draws = Draws(state: seed)
        var index = PriceIndex()
        var root = nowhere
        var plain: [Int64: Int32] = [:]
        let reach: UInt64 = seed == 1 ? 70 : 1 << 30
        for step in 0..<3_000 {
            let price = draws.next(reach)
            if draws.next(5) < 2, let some = plain.keys.sorted().randomish(draws.next(1_000_000)) {
                index.remove(&root, some)
                plain[some] = nil
            } else if plain[price] == nil {
                index.insert(&root, price, Int32(step))
                plain[price] = Int32(step)
            }
            let sorted = step % 50 == 0 ? plain.keys.sorted() : []
            if sorted.isEmpty { continue }
            #expect(index.lowest(root) == plain[sorted[0]])
            #expect(index.highest(root) == plain[sorted[sorted.count - 1]])
            let probe = draws.next(reach)
            #expect(index.above(root, probe) == sorted.first { $0 > probe }.map { plain[$0]! } ?? -1)
            #expect(index.below(root, probe) == sorted.last { $0 < probe }.map { plain[$0]! } ?? -1)
            #expect(index.find(root, probe) == plain[probe] ?? -1)
        }
    }

    @Test("Deadlines come by time, kind, number, whatever was withdrawn (DET-4)")
    func deadlines() {
        var draws = Draws(state: 9)
        var queue = DeadlineQueue()
        var plain: [(at: Int64, kind: UInt8, number: Int64, handle: Int32)] = []
        for number in 0..<2_000 {
            if draws.next(3) == 0 && !plain.isEmpty {
                let place = Int(draws.next(UInt64(plain.count)))
                queue.remove(plain[place].handle)
                plain.remove(at: place)
            } else {
                let at = draws.next(50)
                let kind = UInt8(draws.next(4))
                let handle = queue.add(Timestamp(at), DeadlineKind(rawValue: kind)!, Int64(number))
                plain.append((at, kind, Int64(number), handle))
            }
            let first = plain.min { ($0.at, $0.kind, $0.number) < ($1.at, $1.kind, $1.number) }
            #expect(queue.count == plain.count)
            guard let first else { continue }
            #expect(queue.earliest == Timestamp(first.at))
            #expect(queue.first.kind.rawValue == first.kind && queue.first.number == first.number)
        }
    }

    @Test("Quotients and scaled products round as told, also beyond 128 bits (MG-4)")
    func arithmetic() {
        for numerator in Int128(-7)...7 {
            for denominator in Int128(1)...4 {
                let down = quotient(numerator, denominator, .down)
                let up = quotient(numerator, denominator, .up)
                #expect(down * denominator <= numerator && (down + 1) * denominator > numerator)
                #expect(up * denominator >= numerator && (up - 1) * denominator < numerator)
                #expect(quotient(numerator, denominator, .towardZero) == (numerator < 0 ? up : down))
                for rounding in [Rounding.down, .up, .towardZero] {
                    #expect(
                        scaled(numerator, by: 3, over: denominator, rounding)
                            == quotient(numerator * 3, denominator, rounding)
                    )
                }
            }
        }
        let huge = Int128(1) << 100
        #expect(scaled(huge, by: huge, over: huge, .down) == huge)
        #expect(scaled(huge + 1, by: huge, over: huge * 2, .down) == huge / 2)
        #expect(scaled(huge + 1, by: huge, over: huge * 2, .up) == huge / 2 + 1)
        #expect(scaled(-huge - 1, by: huge, over: huge * 2, .down) == -huge / 2 - 1)
        #expect(scaled(-huge - 1, by: huge, over: huge * 2, .up) == -huge / 2)
        #expect(isLess(huge, over: 3, huge + 1, over: 3) && !isLess(huge, over: 3, huge, over: 3))
        #expect(
            isLess(-huge - 1, over: huge, -huge, over: huge) && !isLess(huge, over: huge, -huge, over: huge)
        )
    }

    @Test("SipHash-2-4-128 gives the digests of its reference for a zero key (DET-1)")
    func digest() {
        var hash = Hash128()
        let empty = hash.digest
        for byte in UInt8(0)..<15 { hash.add(byte) }
        let fifteen = hash.digest
        #expect(empty != fifteen)
        #expect(empty == Reference.digest(of: []))
        #expect(fifteen == Reference.digest(of: Array(0..<15)))
        #expect(Reference.digest(of: [1]) != Reference.digest(of: [1, 0]))
    }
}

extension [Int64] {
    fileprivate func randomish(_ draw: Int64) -> Int64? { isEmpty ? nil : self[Int(draw) % count] }
}

/// SipHash-2-4-128 over whole words at once, written from the paper.
private enum Reference {
    static func digest(of bytes: [UInt8]) -> Digest {
        var v: [UInt64] = [
            0x736F_6D65_7073_6575, 0x646F_7261_6E64_6F6D ^ 0xEE, 0x6C79_6765_6E65_7261, 0x7465_6462_7974_6573,
        ]
        func rotate(_ x: UInt64, _ bits: UInt64) -> UInt64 { x << bits | x >> (64 - bits) }
        func round() {
            v[0] = v[0] &+ v[1]
            v[2] = v[2] &+ v[3]
            v[1] = rotate(v[1], 13) ^ v[0]
            v[3] = rotate(v[3], 16) ^ v[2]
            v[0] = rotate(v[0], 32)
            v[2] = v[2] &+ v[1]
            v[0] = v[0] &+ v[3]
            v[1] = rotate(v[1], 17) ^ v[2]
            v[3] = rotate(v[3], 21) ^ v[0]
            v[2] = rotate(v[2], 32)
        }
        var padded = bytes
        while padded.count % 8 != 7 { padded.append(0) }
        padded.append(UInt8(truncatingIfNeeded: bytes.count))
        for start in stride(from: 0, to: padded.count, by: 8) {
            let word = (0..<8).reduce(UInt64(0)) { $0 | UInt64(padded[start + $1]) << UInt64($1 * 8) }
            v[3] ^= word
            round()
            round()
            v[0] ^= word
        }
        v[2] ^= 0xEE
        for _ in 0..<4 { round() }
        let low = v[0] ^ v[1] ^ v[2] ^ v[3]
        v[1] ^= 0xDD
        for _ in 0..<4 { round() }
        return Digest(low: low, high: v[0] ^ v[1] ^ v[2] ^ v[3])
    }
}
