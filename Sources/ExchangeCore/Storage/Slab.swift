/// Uniquely owned, bounds-checked storage of plain values: the only place in the core that holds
/// unsafe code.
///
/// Elements are read and written in place, without reference counting and without copying. The slab
/// grows by doubling when `append` or `ensure` asks for more, so a core that has reached its working
/// size allocates nothing.
@frozen @safe
public struct Slab<Element: BitwiseCopyable>: ~Copyable {
    @usableFromInline var base: UnsafeMutablePointer<Element>
    /// Number of initialised elements.
    public fileprivate(set) var count: Int
    /// Number of elements that fit before the storage grows.
    public private(set) var capacity: Int

    /// Makes an empty slab with room for `capacity` elements.
    public init(capacity: Int = 0) {
        let room = capacity > 0 ? capacity : 0
        unsafe base = UnsafeMutablePointer<Element>.allocate(capacity: room)
        count = 0
        self.capacity = room
    }

    /// Makes a slab of `count` copies of `element`.
    public init(repeating element: Element, count: Int) {
        self.init(capacity: count)
        ensure(count: count, filledWith: element)
    }

    deinit { unsafe base.deallocate() }

    /// The element at `index`. Traps outside `0 ..< count`: that is a fault of the core, never of a user.
    public subscript(index: Int) -> Element {
        @inline(__always) unsafeAddress {
            precondition(UInt(bitPattern: index) < UInt(bitPattern: count))
            return unsafe UnsafePointer(base + index)
        }
        @inline(__always) unsafeMutableAddress {
            precondition(UInt(bitPattern: index) < UInt(bitPattern: count))
            return unsafe base + index
        }
    }

    /// The element at a 32-bit index, the width that records use to refer to each other.
    public subscript(index: Int32) -> Element {
        @inline(__always) unsafeAddress {
            precondition(UInt(bitPattern: Int(index)) < UInt(bitPattern: count))
            return unsafe UnsafePointer(base + Int(index))
        }
        @inline(__always) unsafeMutableAddress {
            precondition(UInt(bitPattern: Int(index)) < UInt(bitPattern: count))
            return unsafe base + Int(index)
        }
    }

    /// Adds `element` behind the last one. Amortised O(1).
    @inline(__always)
    public mutating func append(_ element: Element) {
        if count == capacity { grow(toAtLeast: count + 1) }
        unsafe (base + count).initialize(to: element)
        count += 1
    }

    /// Takes the last element away and returns it.
    @inline(__always)
    public mutating func removeLast() -> Element {
        precondition(count > 0)
        count -= 1
        return unsafe base[count]
    }

    /// Forgets all elements behind the first `newCount`; keeps the storage.
    @inline(__always)
    public mutating func truncate(to newCount: Int) {
        precondition(newCount >= 0 && newCount <= count)
        count = newCount
    }

    /// Grows to `newCount` elements, the new ones being `element`. Does nothing if there are as many.
    public mutating func ensure(count newCount: Int, filledWith element: Element) {
        if newCount <= count { return }
        if newCount > capacity { grow(toAtLeast: newCount) }
        unsafe (base + count).initialize(repeating: element, count: newCount - count)
        count = newCount
    }

    @inline(never)
    fileprivate mutating func grow(toAtLeast needed: Int) {
        let doubled = capacity > 8 ? capacity * 2 : 16
        let newCapacity = doubled > needed ? doubled : needed
        let moved = UnsafeMutablePointer<Element>.allocate(capacity: newCapacity)
        unsafe moved.moveInitialize(from: base, count: count)
        unsafe base.deallocate()
        unsafe base = moved
        capacity = newCapacity
    }
}

extension Slab where Element == UInt8 {
    /// Appends the bytes of an integer, lowest first, with one check of the capacity.
    @inline(__always)
    mutating func append<I: FixedWidthInteger>(littleEndian value: I) {
        let width = I.bitWidth >> 3
        if count + width > capacity { grow(toAtLeast: count + width) }
        unsafe UnsafeMutableRawPointer(base + count).storeBytes(of: value.littleEndian, as: I.self)
        count += width
    }
}
