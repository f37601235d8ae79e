package import DequeModule

/// The newest so many of something, oldest first.
package struct Ring<Element: Sendable>: RandomAccessCollection, MutableCollection, Sendable {
    @usableFromInline package var elements: Deque<Element> = []
    /// The most it holds, at least 1.
    @usableFromInline package let capacity: Int
    /// How many were ever added: the next one's place among all that there were.
    @usableFromInline package var total: Int64

    /// A ring that goes on behind some that it does not have.
    @inlinable
    package init(capacity: Int, behind gone: Int64 = 0) {
        self.capacity = Swift.max(1, capacity)
        total = gone
    }

    /// The oldest.
    @inlinable package var startIndex: Int { 0 }
    /// Behind the newest.
    @inlinable package var endIndex: Int { elements.count }
    /// How many are no longer here: the first one's place among all that there were.
    @inlinable package var gone: Int64 { total - Int64(elements.count) }

    /// The element at a place, 0 for the oldest.
    @inlinable
    package subscript(place: Int) -> Element {
        get { elements[place] }
        set { elements[place] = newValue }
    }

    /// Adds the newest. Returns the one that had to go.
    @inlinable @discardableResult
    package mutating func append(_ element: Element) -> Element? {
        total += 1
        let gone = elements.count == capacity ? elements.popFirst() : nil
        elements.append(element)
        return gone
    }

    /// The first place whose element comes at or behind something, by bisection; `count` if none does.
    @inlinable
    package func firstPlace(where isReached: (Element) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if isReached(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// Calls `body` with each element and its place among all that there ever were.
    @inlinable
    package func forEachPlaced(_ body: (Int64, Element) -> Void) {
        for place in 0..<count { body(gone + Int64(place), self[place]) }
    }

    /// The elements, with what was found of those that are gone before them.
    package func behind(_ found: [Element]) -> Ring {
        var all = Ring(capacity: .max)
        for element in found { all.append(element) }
        for element in self { all.append(element) }
        return all
    }
}
