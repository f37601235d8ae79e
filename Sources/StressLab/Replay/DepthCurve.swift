/// How deep makers quote as the crash goes on: a multiplier over time, and the shape of a book.
///
/// Measured on Binance BTCUSDT of 10 October 2025 around the traded price: of a normal day's depth 0.6 stood
/// at 20:50 UTC, 0.4 at 21:13, 0.2 at 21:15, at most 0.1 at 21:20 to 21:21, 0.17 at 21:30, 0.22 at 21:45.
public struct DepthCurve: Sendable {
    /// (second since 1970, multiplier), rising in time.
    public private(set) var points: [(second: Int64, multiplier: Double)]

    /// The measured curve.
    public static var october10: DepthCurve {
        DepthCurve(points: [
            (1_760_129_400, 0.6), (1_760_130_780, 0.4), (1_760_130_900, 0.2), (1_760_131_200, 0.1),
            (1_760_131_260, 0.1), (1_760_131_800, 0.17), (1_760_132_700, 0.22),
        ])
    }

    private init(points: [(second: Int64, multiplier: Double)]) { self.points = points }

    /// Reads lines `second,multiplier`, times since 1970 and rising, multipliers 0 to 10.
    public init(lines: [ArraySlice<UInt8>]) throws(TapeError) {
        points = []
        for (number, line) in lines.enumerated() {
            let fields = line.split(separator: UInt8(ascii: ",")).map { String(decoding: $0, as: UTF8.self) }
            if fields.isEmpty { continue }
            guard fields.count == 2, let second = Int64(fields[0]), let multiplier = Double(fields[1]),
                multiplier >= 0, multiplier <= 10, second > points.last?.second ?? -1, second <= Tape.latest
            else {
                throw TapeError(
                    line: number + 1,
                    message: "\"\(String(decoding: line, as: UTF8.self))\" is no point of a depth curve",
                    expected: "second,multiplier with rising seconds and a multiplier of 0 to 10"
                )
            }
            points.append((second, multiplier))
        }
        if points.isEmpty {
            throw TapeError(line: 0, message: "the depth curve has no point", expected: "second,multiplier")
        }
    }

    /// The multiplier at a second: linear between points, flat outside.
    public func multiplier(at second: Int64) -> Double {
        guard let next = points.firstIndex(where: { $0.second >= second }) else {
            return points[points.count - 1].multiplier
        }
        if next == 0 { return points[0].multiplier }
        let low = points[next - 1]
        let high = points[next]
        let part = Double(second - low.second) / Double(high.second - low.second)
        return low.multiplier + (high.multiplier - low.multiplier) * part
    }

    /// A book's levels: how far from the middle, and which part of the depth within 1 % lies there, for bids
    /// and asks. Cumulated they give the medians of 12 to 15 h that day: bids 2,684 / 5,739 / 8,374 /
    /// 10,093 BTC and asks 1,875 / 3,233 / 3,920 / 5,792 BTC within 1 / 2 / 3 / 5 %.
    static let shape: [(distance: Double, bid: Double, ask: Double)] = [
        (0.002, 0.2, 0.2), (0.005, 0.3, 0.3), (0.010, 0.5, 0.5), (0.020, 1.138, 0.724),
        (0.030, 0.982, 0.366), (0.050, 0.640, 0.998),
    ]
}
