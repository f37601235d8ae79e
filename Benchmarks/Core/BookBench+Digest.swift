import Crypto
import ExchangeCore

extension BookBench {
    /// SHA-256 of the report stream in the text form that the digests are published for: one line a
    /// report, ordered by message, then by kind.
    func digest() -> String {
        var book = MatchingBook()
        var hash = SHA256()
        var line: [UInt8] = []
        for index in messages.indices {
            book.removeReports()
            apply(messages[index], &book)
            for place in 0..<book.reports.count {
                line.removeAll(keepingCapacity: true)
                if index > 0 || place > 0 { line.append(UInt8(ascii: "\n")) }
                BookBench.append(BookBench.fields(book.reports[place], sequence: index), to: &line)
                hash.update(data: line)
            }
        }
        return hash.finalize().map { byte in
            let text = String(byte, radix: 16)
            return text.count == 1 ? "0" + text : text
        }.joined()
    }

    private static func fields(_ report: BookReport, sequence: Int) -> [Int64] {
        let code = Int64(report.kind.rawValue)
        let sequence = Int64(sequence)
        let side = Int64(report.side.rawValue)
        switch report.kind {
        case .accepted, .modified:
            return [code, sequence, side, report.order.raw, report.price.ticks, report.quantity.lots]
        case .trade:
            return [
                code, sequence, report.price.ticks, report.quantity.lots, report.order.raw, report.taker.raw,
            ]
        case .canceled: return [code, sequence, side, report.order.raw, report.price.ticks]
        case .cancelRefused, .modifyRefused: return [code, sequence, report.order.raw]
        }
    }

    private static func append(_ fields: [Int64], to line: inout [UInt8]) {
        for (place, field) in fields.enumerated() {
            if place > 0 { line.append(UInt8(ascii: ",")) }
            line.append(contentsOf: String(field).utf8)
        }
    }
}
