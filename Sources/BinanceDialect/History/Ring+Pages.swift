import ReadModel

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
