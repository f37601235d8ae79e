/// An open-addressing table from a 64-bit key to a 32-bit record index.
///
/// Linear probing, at most half full, deletion by shifting back, so it never holds tombstones. It is
/// never iterated: the order of its slots cannot reach state or output. Lookups are O(1) expected.
@frozen
public struct KeyTable: ~Copyable {
    @frozen @usableFromInline
    struct Slot: BitwiseCopyable {
        @usableFromInline var key: UInt64
        @usableFromInline var value: Int32
    }

    @usableFromInline var slots: Slab<Slot>
    @usableFromInline var mask: Int
    /// 64 less the number of bits of a line of four slots.
    @usableFromInline var shift: UInt64
    /// Number of keys held.
    public private(set) var count: Int

    /// Makes an empty table.
    public init() {
        slots = Slab(repeating: Slot(key: 0, value: -1), count: 64)
        mask = 63
        shift = 60
        count = 0
    }

    @inline(__always)
    private func home(_ key: UInt64) -> Int {
        // Fibonacci hashing: only the highest bits of the product depend on all bits of the key. Four
        // neighbouring keys share a cache line of four slots.
        Int(truncatingIfNeeded: ((key >> 2) &* 0x9E37_79B9_7F4A_7C15) >> shift) << 2
            | Int(truncatingIfNeeded: key & 3)
    }

    /// The record stored under `key`, or -1.
    @inline(__always)
    public func find(_ key: UInt64) -> Int32 {
        var slot = home(key)
        while slots[slot].value >= 0 {
            if slots[slot].key == key { return slots[slot].value }
            slot = (slot + 1) & mask
        }
        return -1
    }

    /// Stores `value` (not negative) under a key that the table does not hold yet.
    @inline(__always)
    public mutating func insert(_ key: UInt64, _ value: Int32) {
        if (count + 1) * 2 > slots.count { grow() }
        place(key, value)
        count += 1
    }

    private mutating func place(_ key: UInt64, _ value: Int32) {
        var slot = home(key)
        while slots[slot].value >= 0 { slot = (slot + 1) & mask }
        slots[slot] = Slot(key: key, value: value)
    }

    /// Removes `key` if it is held.
    public mutating func remove(_ key: UInt64) {
        var hole = home(key)
        while slots[hole].value >= 0 && slots[hole].key != key { hole = (hole + 1) & mask }
        if slots[hole].value < 0 { return }
        count -= 1
        var next = (hole + 1) & mask
        while slots[next].value >= 0 {
            // An entry may move back into the hole only if its home does not lie behind the hole.
            let distance = (next - home(slots[next].key)) & mask
            if distance >= (next - hole) & mask {
                slots[hole] = slots[next]
                hole = next
            }
            next = (next + 1) & mask
        }
        slots[hole].value = -1
    }

    /// Becomes a copy of another table.
    mutating func copy(from other: borrowing KeyTable) {
        slots.copy(from: other.slots)
        mask = other.mask
        shift = other.shift
        count = other.count
    }

    @inline(never)
    private mutating func grow() {
        let empty = Slot(key: 0, value: -1)
        var max = Slab<Slot>(repeating: empty, count: slots.count * 2)
        mask = slots.count * 2 - 1
        shift -= 1
        for index in 0..<slots.count where slots[index].value >= 0 {
            var slot = home(slots[index].key)
            while max[slot].value >= 0 { slot = (slot + 1) & mask }
            max[slot] = slots[index]
        }
        slots = max
    }
}
