public import ExchangeCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Where time comes from: the runtime stamps commands with it.
public protocol WallClock: Sendable {
    /// µs since 1970; never less than it said before.
    func now() -> Timestamp
}

/// The system's time when it was made, and what went by since by a clock that nobody sets.
///
/// A jump of the wall clock, forwards or backwards, does not reach the exchange: funding is neither
/// skipped nor paid twice. What the two clocks drift apart is made up at the next start.
public struct SystemClock: WallClock {
    private let start: Int64
    private let origin: Int64

    /// The system's time now, or `earliest` if that is later: a log's time never goes back.
    public init(notBefore earliest: Timestamp = Timestamp(0)) {
        start = max(SystemClock.read(CLOCK_REALTIME), earliest.microseconds)
        origin = SystemClock.read(CLOCK_MONOTONIC)
    }

    /// The time now.
    public func now() -> Timestamp {
        Timestamp(start + SystemClock.read(CLOCK_MONOTONIC) - origin)
    }

    /// µs by a clock that nobody sets, from an arbitrary origin.
    public static var monotonic: Int64 { read(CLOCK_MONOTONIC) }

    /// Lets the calling thread rest.
    static func pause(microseconds: Int) {
        var time = timespec(tv_sec: microseconds / 1_000_000, tv_nsec: microseconds % 1_000_000 * 1_000)
        nanosleep(&time, nil)
    }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
    }
}
