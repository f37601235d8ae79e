/// What a deadline is for, in the order in which deadlines of the same moment are done (DET-4).
enum DeadlineKind: UInt8, BitwiseCopyable {
    case staleness, funding, countdown, expiry
}

/// A binary heap of deadlines by (time, kind, number), each with a handle by which it can be withdrawn.
struct DeadlineQueue: ~Copyable {
    struct Entry: BitwiseCopyable {
        var at: Timestamp
        var kind: DeadlineKind
        /// Market, position or order: what the deadline is for, and its rank among equals.
        var number: Int64
        var place: Int32

        func isBefore(_ other: Entry) -> Bool {
            if at != other.at { return at < other.at }
            if kind != other.kind { return kind.rawValue < other.kind.rawValue }
            return number < other.number
        }
    }

    fileprivate var entries = Pool<Entry>()
    fileprivate var heap = Slab<Int32>()

    /// The earliest deadline, or never.
    var earliest: Timestamp { heap.count == 0 ? .never : entries[heap[0]].at }
    /// What the earliest deadline is for.
    var first: Entry { entries[heap[0]] }
    /// Number of deadlines.
    var count: Int { heap.count }

    /// Adds a deadline and returns its handle. O(log n).
    mutating func add(_ at: Timestamp, _ kind: DeadlineKind, _ number: Int64) -> Int32 {
        let place = Int32(truncatingIfNeeded: heap.count)
        let handle = entries.insert(Entry(at: at, kind: kind, number: number, place: place))
        heap.append(handle)
        rise(heap.count - 1)
        return handle
    }

    /// Withdraws a deadline. O(log n).
    mutating func remove(_ handle: Int32) {
        let place = Int(entries[handle].place)
        entries.remove(handle)
        let last = heap.removeLast()
        if place == heap.count { return }
        heap[place] = last
        entries[last].place = Int32(truncatingIfNeeded: place)
        rise(place)
        sink(Int(entries[last].place))
    }

    /// Becomes a copy of another queue, with the same handles.
    mutating func copy(from other: borrowing DeadlineQueue) {
        entries.copy(from: other.entries)
        heap.copy(from: other.heap)
    }

    private mutating func put(_ handle: Int32, at place: Int) {
        heap[place] = handle
        entries[handle].place = Int32(truncatingIfNeeded: place)
    }

    private mutating func rise(_ start: Int) {
        var place = start
        let handle = heap[place]
        while place > 0 {
            let parent = (place - 1) >> 1
            if !entries[handle].isBefore(entries[heap[parent]]) { break }
            put(heap[parent], at: place)
            place = parent
        }
        put(handle, at: place)
    }

    private mutating func sink(_ start: Int) {
        var place = start
        let handle = heap[place]
        while true {
            var child = place * 2 + 1
            if child >= heap.count { break }
            if child + 1 < heap.count && entries[heap[child + 1]].isBefore(entries[heap[child]]) {
                child += 1
            }
            if !entries[heap[child]].isBefore(entries[handle]) { break }
            put(heap[child], at: place)
            place = child
        }
        put(handle, at: place)
    }
}

extension DeadlineQueue {
    /// When a deadline is due.
    func time(of handle: Int32) -> Timestamp { entries[handle].at }

    /// Whether a handle is that of a deadline of a kind for a market, position or order.
    func isFor(_ handle: Int32, _ kind: DeadlineKind, _ number: Int64) -> Bool {
        let it = entries[handle]
        let isHere = it.place >= 0 && Int(it.place) < heap.count && heap[it.place] == handle
        return isHere && it.kind == kind && it.number == number
    }

    /// Whether no deadline is earlier than the one above it, and each knows its place. O(n).
    var isOrdered: Bool {
        for place in 0..<heap.count {
            if Int(entries[heap[place]].place) != place { return false }
            if place > 0 && entries[heap[place]].isBefore(entries[heap[(place - 1) >> 1]]) { return false }
        }
        return entries.live == heap.count
    }
}
