/// The spans of klines.
public enum Interval: String, CaseIterable, Sendable {
    case minute = "1m"
    case threeMinutes = "3m"
    case fiveMinutes = "5m"
    case quarter = "15m"
    case half = "30m"
    case hour = "1h"
    case twoHours = "2h"
    case fourHours = "4h"
    case sixHours = "6h"
    case eightHours = "8h"
    case twelveHours = "12h"
    case day = "1d"
    case threeDays = "3d"
    case week = "1w"
    case month = "1M"

    /// Its length in minutes; a month's is not fixed.
    private var minutes: Int64 {
        switch self {
        case .minute: 1
        case .threeMinutes: 3
        case .fiveMinutes: 5
        case .quarter: 15
        case .half: 30
        case .hour: 60
        case .twoHours: 120
        case .fourHours: 240
        case .sixHours: 360
        case .eightHours: 480
        case .twelveHours: 720
        case .day: 1_440
        case .threeDays: 4_320
        case .week: 10_080
        case .month: 43_200
        }
    }

    /// Its place among all intervals.
    var place: Int { Interval.allCases.firstIndex(of: self) ?? 0 }

    /// The beginning of the span that lies so many spans before the one of a moment.
    func start(of time: Int64, back spans: Int) -> Int64 {
        if self == .month { return Interval.monthStart(time, plus: -Int64(spans)) }
        return start(of: time) - Int64(spans) * minutes * 60_000
    }

    /// The beginning, in ms, of the span that a moment lies in. A week begins on Monday.
    func start(of time: Int64) -> Int64 {
        if self == .month { return Interval.monthStart(time, plus: 0) }
        let length = minutes * 60_000
        // 1 January 1970 was a Thursday.
        let offset: Int64 = self == .week ? 4 * 86_400_000 : 0
        let rest = (time - offset) % length
        return time - (rest < 0 ? rest + length : rest)
    }

    /// The beginning, in ms, of the span behind the one that begins at `start`.
    func next(after start: Int64) -> Int64 {
        self == .month ? Interval.monthStart(start, plus: 1) : start + minutes * 60_000
    }

    /// The beginning of a moment's month, or of one some months later.
    private static func monthStart(_ time: Int64, plus months: Int64) -> Int64 {
        let day = time >= 0 ? time / 86_400_000 : (time - 86_399_999) / 86_400_000
        // The civil date of a day number: years that begin in March, eras of 400 years.
        let shifted = day + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let ofEra = shifted - era * 146_097
        let year = (ofEra - ofEra / 1_460 + ofEra / 36_524 - ofEra / 146_096) / 365
        let ofYear = ofEra - (365 * year + year / 4 - year / 100)
        let march = (5 * ofYear + 2) / 153
        let month = march < 10 ? march + 2 : march - 10
        let civil = year + era * 400 + (month < 2 ? 1 : 0)
        let total = civil * 12 + month + months
        return dayNumber(year: total / 12, month: total % 12) * 86_400_000
    }

    /// The day number of the first of a month, counted from 0.
    private static func dayNumber(year civil: Int64, month: Int64) -> Int64 {
        let year = month < 2 ? civil - 1 : civil
        let era = year / 400
        let ofEra = year - era * 400
        let march = month >= 2 ? month - 2 : month + 10
        let ofYear = (153 * march + 2) / 5
        let day = ofEra * 365 + ofEra / 4 - ofEra / 100 + ofYear
        return era * 146_097 + day - 719_468
    }
}
