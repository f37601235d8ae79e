/// Uniquely owned, bounds-checked storage of plain values: with `Pool`, which hands its addresses on, the
/// only place in the core that holds unsafe code.
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
        unsafe base = Slab.allocate(room)
        count = 0
        self.capacity = room
    }

    /// Storage that begins on a cache line, so that records of 64 bytes lie in one each; large storage on
    /// large pages.
    private static func allocate(_ capacity: Int) -> UnsafeMutablePointer<Element> {
        let count = capacity * MemoryLayout<Element>.stride
        let raw =
            unsafe count >= LargePages.size
            ? LargePages.take(count) : UnsafeMutableRawPointer.allocate(byteCount: count, alignment: 64)
        return unsafe raw.bindMemory(to: Element.self, capacity: capacity)
    }

    private static func free(_ base: UnsafeMutablePointer<Element>, _ capacity: Int) {
        let count = capacity * MemoryLayout<Element>.stride
        if count >= LargePages.size {
            unsafe LargePages.giveBack(UnsafeMutableRawPointer(base), count)
        } else {
            // Storage with an alignment of its own is given back as raw memory.
            unsafe UnsafeMutableRawPointer(base).deallocate()
        }
    }

    /// Makes a slab of `count` copies of `element`.
    public init(repeating element: Element, count: Int) {
        self.init(capacity: count)
        ensure(count: count, filledWith: element)
    }

    deinit { unsafe Slab.free(base, capacity) }

    /// Names an element of a slab: one of another slab's elements does not fit.
    @frozen
    public struct Index: BitwiseCopyable, Hashable, Sendable {
        /// The place, from 0; -1 for none.
        public var raw: Int32

        /// The element at a place.
        @inline(__always) public init(_ raw: Int32) { self.raw = raw }

        /// No element.
        @inline(__always) public static var none: Index { Index(-1) }
    }

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

    /// The element at an index of this slab's own.
    public subscript(index: Index) -> Element {
        @inline(__always) unsafeAddress { unsafe address(of: index.raw) }
        @inline(__always) unsafeMutableAddress { unsafe mutableAddress(of: index.raw) }
    }

    /// Where the element at `index` lies, for a storage that is built on this one.
    @inline(__always)
    func address(of index: Int32) -> UnsafePointer<Element> {
        precondition(UInt(bitPattern: Int(index)) < UInt(bitPattern: count))
        return unsafe UnsafePointer(base + Int(index))
    }

    /// The same, to change it.
    @inline(__always)
    mutating func mutableAddress(of index: Int32) -> UnsafeMutablePointer<Element> {
        precondition(UInt(bitPattern: Int(index)) < UInt(bitPattern: count))
        return unsafe base + Int(index)
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

    /// Becomes a copy of another slab; keeps its own storage if that is large enough. O(count).
    mutating func copy(from other: borrowing Slab) {
        if other.count > capacity { grow(toAtLeast: other.count) }
        unsafe base.update(from: other.base, count: other.count)
        count = other.count
    }

    @inline(never)
    fileprivate mutating func grow(toAtLeast needed: Int) {
        let doubled = capacity > 8 ? capacity * 2 : 16
        let newCapacity = doubled > needed ? doubled : needed
        let moved = unsafe Slab.allocate(newCapacity)
        unsafe moved.moveInitialize(from: base, count: count)
        unsafe Slab.free(base, capacity)
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

    /// Appends `length` bytes of another slab from `start` on.
    mutating func append(from other: borrowing Slab<UInt8>, start: Int, count length: Int) {
        precondition(start >= 0 && length >= 0 && start + length <= other.count)
        if count + length > capacity { grow(toAtLeast: count + length) }
        unsafe (base + count).initialize(from: other.base + start, count: length)
        count += length
    }

    /// Appends bytes from outside.
    mutating func append(copying bytes: RawSpan) {
        if count + bytes.byteCount > capacity { grow(toAtLeast: count + bytes.byteCount) }
        unsafe bytes.withUnsafeBytes { source in
            let target = unsafe UnsafeMutableRawBufferPointer(start: base + count, count: source.count)
            unsafe target.copyMemory(from: source)
        }
        count += bytes.byteCount
    }

    /// Lends the bytes from `start` to `end`, in one piece.
    func withBytes<R>(from start: Int, to end: Int, _ body: (RawSpan) -> R) -> R {
        precondition(start >= 0 && start <= end && end <= count)
        return body(unsafe RawSpan(_unsafeStart: base + start, byteCount: end - start))
    }

    /// Lets a record of at most `room` bytes be appended through a cursor; `append(written:)` ends it.
    @inline(__always)
    mutating func cursor(room: Int) -> ByteCursor {
        if count + room > capacity { grow(toAtLeast: count + room) }
        return unsafe ByteCursor(start: UnsafeMutableRawPointer(base + count), room: room)
    }

    /// Takes what was written through the last cursor as elements.
    @inline(__always)
    mutating func append(written cursor: borrowing ByteCursor) {
        precondition(count + cursor.count <= capacity)
        count += cursor.count
    }

    /// The integer at `index`, lowest byte first.
    @inline(__always)
    func littleEndian<I: FixedWidthInteger>(at index: Int, as type: I.Type) -> I {
        precondition(index >= 0 && index + I.bitWidth >> 3 <= count)
        return unsafe I(
            littleEndian: UnsafeRawPointer(base + index).loadUnaligned(fromByteOffset: 0, as: I.self)
        )
    }
}

/// Writes a record behind the end of a slab of bytes. Its position lives in registers: a store of bytes
/// may change anything in memory as far as the compiler knows, and a count there would be read again for
/// every field.
@safe
struct ByteCursor: ~Copyable {
    private let start: UnsafeMutableRawPointer
    private let room: Int
    /// Number of bytes written.
    private(set) var count = 0

    @inline(__always)
    fileprivate init(start: UnsafeMutableRawPointer, room: Int) {
        unsafe self.start = start
        self.room = room
    }

    /// Writes an integer, lowest byte first. Traps behind `room`: that is a fault of the core.
    @inline(__always)
    mutating func append<I: FixedWidthInteger>(littleEndian value: I) {
        let end = count + I.bitWidth >> 3
        precondition(end <= room)
        unsafe (start + count).storeBytes(of: value.littleEndian, as: I.self)
        count = end
    }

    /// Writes an integer over bytes that were written before.
    @inline(__always)
    func overwrite<I: FixedWidthInteger>(littleEndian value: I, at index: Int) {
        precondition(index >= 0 && index + I.bitWidth >> 3 <= count)
        unsafe (start + index).storeBytes(of: value.littleEndian, as: I.self)
    }
}

/// Storage on pages of 2 MiB for large slabs: a million accounts lie on a few hundred of them, which the
/// processor finds without walking its tables, and which come with one fault in place of 512. It is the
/// system's own, so that what a slab has outgrown goes back at once.
enum LargePages {
    static var size: Int { 1 << 21 }

    #if os(Linux) && !hasFeature(Embedded)
        /// Storage of so many bytes, aligned to a large page.
        static func take(_ count: Int) -> UnsafeMutableRawPointer {
            // A page more than is asked for, of which the ends that stick out are given back.
            let length = whole(count)
            let readAndWrite: Int32 = 3
            let privateAndAnonymous: Int32 = 0x22
            let start = unsafe map(nil, length + size, readAndWrite, privateAndAnonymous, -1, 0)
            guard let start = unsafe start, Int(bitPattern: start) != -1 else {
                preconditionFailure("no memory")
            }
            let head = -Int(bitPattern: start) & (size - 1)
            if head > 0 { _ = unsafe unmap(start, head) }
            _ = unsafe unmap(start + head + length, size - head)
            // Whether the system has large pages to give changes nothing but speed.
            let largePages: Int32 = 14
            _ = unsafe advise(start + head, length, largePages)
            return unsafe start + head
        }

        static func giveBack(_ storage: UnsafeMutableRawPointer, _ count: Int) {
            _ = unsafe unmap(storage, whole(count))
        }

        private static func whole(_ count: Int) -> Int { (count + 4_095) & ~4_095 }
    #else
        static func take(_ count: Int) -> UnsafeMutableRawPointer {
            UnsafeMutableRawPointer.allocate(byteCount: count, alignment: 64)
        }

        static func giveBack(_ storage: UnsafeMutableRawPointer, _ count: Int) {
            unsafe storage.deallocate()
        }
    #endif
}

#if os(Linux) && !hasFeature(Embedded)
    // The C library's own, named here because the core imports nothing.

    @_silgen_name("mmap")
    private func map(_: UnsafeMutableRawPointer?, _: Int, _: Int32, _: Int32, _: Int32, _: Int)
        -> UnsafeMutableRawPointer?

    @_silgen_name("munmap")
    private func unmap(_: UnsafeMutableRawPointer, _: Int) -> Int32

    @_silgen_name("madvise")
    private func advise(_: UnsafeMutableRawPointer, _: Int, _: Int32) -> Int32
#endif
