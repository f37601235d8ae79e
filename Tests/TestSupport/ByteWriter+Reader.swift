public import ExchangeCore

extension ByteWriter {
    /// Reads what was written so far, from its start.
    public func reader() -> ByteReader {
        var place = 0
        let count = count
        return ByteReader {
            defer { place += 1 }
            return place < count ? self[place] : nil
        }
    }
}
