import Synchronization

/// How long the newest of something took: the last 1,024 times, in µs.
public final class RecentTimes: Sendable {
    /// So many are kept.
    public static let kept = 1_024

    private struct Kept {
        var times: [Int64] = []
        var next = 0
    }
    private let state = Mutex(Kept())

    /// A summary of what is kept; nil values where nothing was noted.
    public struct Summary: Sendable, Hashable {
        /// How many times it is made of.
        public var count = 0
        /// The middle one, in µs.
        public var median: Int64?
        /// The one that 99 in 100 do not exceed, in µs.
        public var p99: Int64?
        /// The longest, in µs.
        public var longest: Int64?
    }

    /// Nothing noted yet.
    public init() {}

    /// Notes one, in µs; a negative one counts as nothing.
    public func note(_ time: Int64) {
        state.withLock { state in
            if state.times.count < RecentTimes.kept {
                state.times.append(max(0, time))
            } else {
                state.times[state.next] = max(0, time)
            }
            state.next = (state.next + 1) % RecentTimes.kept
        }
    }

    /// What is kept, summed up: each value is one that was noted (nearest rank). O(n log n).
    public var summary: Summary {
        let times = state.withLock { $0.times }.sorted()
        if times.isEmpty { return Summary() }
        func rank(_ percent: Int) -> Int64 { times[max(0, (times.count * percent + 99) / 100 - 1)] }
        return Summary(count: times.count, median: rank(50), p99: rank(99), longest: times[times.count - 1])
    }
}
