extension Slab {
    /// Sorts the elements by a strict order in which no two are equal. Heap sort: in place, O(n log n).
    mutating func sort(by isBefore: (Element, Element) -> Bool) {
        var start = count / 2  // tidy-ok: half of a count
        while start > 0 {
            start -= 1
            sink(start, below: count, isBefore)
        }
        var end = count
        while end > 1 {
            end -= 1
            let last = self[end]
            self[end] = self[0]
            self[0] = last
            sink(0, below: end, isBefore)
        }
    }

    private mutating func sink(_ start: Int, below end: Int, _ isBefore: (Element, Element) -> Bool) {
        var place = start
        let element = self[place]
        while true {
            var child = place * 2 + 1
            if child >= end { break }
            if child + 1 < end && isBefore(self[child], self[child + 1]) { child += 1 }
            if !isBefore(element, self[child]) { break }
            self[place] = self[child]
            place = child
        }
        self[place] = element
    }
}
