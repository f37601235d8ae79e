/// The newest so many of something, oldest first.
struct Ring<Element: Sendable>: Sendable {
    private var elements: [Element] = []
    private var first = 0
    /// The most it holds, at least 1.
    let capacity: Int
    /// How many were ever added: the next one's place among all that there were.
    private(set) var total: Int64 = 0

    init(capacity: Int) { self.capacity = max(1, capacity) }

    /// A ring that goes on behind some that it no longer has.
    init(capacity: Int, behind gone: Int64) {
        self.capacity = max(1, capacity)
        total = gone
    }

    var count: Int { elements.count }
    /// How many are no longer here: the first one's place among all that there were.
    var gone: Int64 { total - Int64(elements.count) }
    var isEmpty: Bool { elements.isEmpty }
    var last: Element? { elements.isEmpty ? nil : self[count - 1] }

    /// The element at a place, 0 for the oldest.
    subscript(place: Int) -> Element {
        get { elements[(first + place) % elements.count] }
        set { elements[(first + place) % elements.count] = newValue }
    }

    /// Adds the newest. Returns the one that had to go.
    @discardableResult
    mutating func append(_ element: Element) -> Element? {
        total += 1
        if elements.count < capacity {
            elements.append(element)
            return nil
        }
        let gone = elements[first]
        elements[first] = element
        first = (first + 1) % capacity
        return gone
    }

    /// The first place whose element comes at or behind something, by bisection; `count` if none does.
    func firstPlace(where isReached: (Element) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if isReached(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

/// Rows of a history by number or by time, as Binance pages them (WIRE-16): from a number on, or within a
/// span, the oldest first; without either the newest.
extension Ring {
    func rows(
        _ page: Page,
        number: (Element) -> Int64,
        time: (Element) -> Int64,
        where isWanted: (Element) -> Bool = { _ in true }
    ) -> [Element] {
        var rows: [Element] = []
        if page.limit <= 0 || isEmpty { return rows }
        let isFromStart = page.from != nil || page.span.start != nil
        if isFromStart {
            var place = page.from.map { from in firstPlace { number($0) >= from } } ?? 0
            while place < count && rows.count < page.reach {
                let element = self[place]
                if page.span.contains(time(element)) && isWanted(element) { rows.append(element) }
                place += 1
            }
            return Array(rows.dropFirst(page.skipped))
        }
        var place = count - 1
        while place >= 0 && rows.count < page.limit {
            let element = self[place]
            if page.span.contains(time(element)) && isWanted(element) { rows.append(element) }
            place -= 1
        }
        return rows.reversed()
    }
}
