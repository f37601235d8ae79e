/// An open-addressing table from numbers that are handed out in order to 32-bit record indices.
///
/// A slot is eight bytes and holds the low half of the number; the owner of the records says which of
/// two with the same low half is meant. Eight neighbouring numbers share a cache line, and what is
/// looked for is mostly young. Linear probing, at most half full, deletion by shifting back; never
/// iterated. O(1) expected.
struct NumberTable: ~Copyable {
    struct Slot: BitwiseCopyable {
        var low: UInt32 = 0
        var index: Int32 = -1
    }

    private var slots = Slab<Slot>(repeating: Slot(), count: 64)
    private var mask = 63
    /// 32 less the number of bits of a line of eight slots.
    private var shift: UInt32 = 29
    /// Number of numbers held.
    private(set) var count = 0

    @inline(__always)
    private func home(_ low: UInt32) -> Int {
        Int(((low >> 3) &* 0x9E37_79B9) >> shift) << 3 | Int(low & 7)
    }

    /// The record that a number was stored with and of which `isIt` is true, or -1.
    @inline(__always)
    func find(_ number: Int64, _ isIt: (Int32) -> Bool) -> Int32 {
        let low = UInt32(truncatingIfNeeded: number)
        var slot = home(low)
        while slots[slot].index >= 0 {
            if slots[slot].low == low && isIt(slots[slot].index) { return slots[slot].index }
            slot = (slot + 1) & mask
        }
        return -1
    }

    /// What lies in the first slot of a number: a record, not certainly its own, or -1.
    @inline(__always)
    func guess(_ number: Int64) -> Int32 { slots[home(UInt32(truncatingIfNeeded: number))].index }

    /// Stores a record (not negative) under its number.
    @inline(__always)
    mutating func insert(_ number: Int64, _ index: Int32) {
        if (count + 1) * 2 > slots.count { grow() }
        place(Slot(low: UInt32(truncatingIfNeeded: number), index: index))
        count += 1
    }

    @inline(__always)
    private mutating func place(_ entry: Slot) {
        var slot = home(entry.low)
        while slots[slot].index >= 0 { slot = (slot + 1) & mask }
        slots[slot] = entry
    }

    /// Removes a record that is held under its number.
    mutating func remove(_ number: Int64, _ index: Int32) {
        var hole = home(UInt32(truncatingIfNeeded: number))
        while slots[hole].index != index { hole = (hole + 1) & mask }
        count -= 1
        var next = (hole + 1) & mask
        while slots[next].index >= 0 {
            // An entry may move back into the hole only if its home does not lie behind the hole.
            if (next - home(slots[next].low)) & mask >= (next - hole) & mask {
                slots[hole] = slots[next]
                hole = next
            }
            next = (next + 1) & mask
        }
        slots[hole].index = -1
    }

    /// Becomes a copy of another table.
    mutating func copy(from other: borrowing NumberTable) {
        slots.copy(from: other.slots)
        mask = other.mask
        shift = other.shift
        count = other.count
    }

    @inline(never)
    private mutating func grow() {
        precondition(shift > 0)
        let old = slots.count
        var min = Slab<Slot>(repeating: Slot(), count: old * 2)
        swap(&min, &slots)
        mask = old * 2 - 1
        shift -= 1
        for slot in 0..<old where min[slot].index >= 0 { place(min[slot]) }
    }
}
