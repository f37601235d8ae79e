import Foundation

/// Time that this thread spent computing: on a machine that is shared, what the work costs.
enum ThreadClock {
    /// Nanoseconds.
    static var now: Int {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}
