/// A slab whose elements are handed out and taken back by index, the last one returned first.
///
/// Indices are internal names: nothing outside the core sees them, and neither events nor the state
/// hash depend on which index a record was given.
@frozen
public struct Pool<Element: BitwiseCopyable>: ~Copyable {
    @usableFromInline var slots: Slab<Element>
    @usableFromInline var free: Slab<Int32>

    /// Makes an empty pool with room for `capacity` records.
    public init(capacity: Int = 0) {
        slots = Slab(capacity: capacity)
        free = Slab(capacity: capacity)
    }

    /// Number of records handed out and not returned.
    public var live: Int { slots.count - free.count }

    /// Whether a record of that index was ever handed out.
    public func has(_ index: Int32) -> Bool { index >= 0 && Int(index) < slots.count }

    /// The record at `index`.
    public subscript(index: Int32) -> Element {
        @inline(__always) unsafeAddress { unsafe slots.address(of: index) }
        @inline(__always) unsafeMutableAddress { unsafe slots.mutableAddress(of: index) }
    }

    /// The record at an index of this pool's own.
    public subscript(index: Slab<Element>.Index) -> Element {
        @inline(__always) unsafeAddress { unsafe slots.address(of: index.raw) }
        @inline(__always) unsafeMutableAddress { unsafe slots.mutableAddress(of: index.raw) }
    }

    /// The index that the next element will get.
    @inline(__always)
    public var nextIndex: Int32 {
        free.count > 0 ? free[free.count - 1] : Int32(truncatingIfNeeded: slots.count)
    }

    /// Stores `element` and returns its index. Amortised O(1).
    @inline(__always)
    public mutating func insert(_ element: Element) -> Int32 {
        if free.count > 0 {
            let index = free.removeLast()
            slots[index] = element
            return index
        }
        slots.append(element)
        return Int32(truncatingIfNeeded: slots.count - 1)
    }

    /// Hands out a record that was returned, as it was when it was returned; nil if there is none.
    @inline(__always)
    public mutating func reuse() -> Int32? { free.count > 0 ? free.removeLast() : nil }

    /// Becomes a copy of another pool, with the same indices still to hand out.
    mutating func copy(from other: borrowing Pool) {
        slots.copy(from: other.slots)
        free.copy(from: other.free)
    }

    /// Takes the record at `index` back.
    @inline(__always)
    public mutating func remove(_ index: Int32) {
        free.append(index)
    }
}
