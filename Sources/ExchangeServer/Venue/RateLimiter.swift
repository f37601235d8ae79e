import BinanceDialect
import Synchronization

/// Counts weight by address and orders by account, as Binance's headers show them, and refuses what is too
/// much if it is told to.
final class RateLimiter: Sendable {
    private struct Window {
        var began: Int64 = 0
        var count = 0

        mutating func add(_ amount: Int, now: Int64, length: Int64) -> Int {
            let start = now - now % length
            if start != began {
                began = start
                count = 0
            }
            count += amount
            return count
        }
    }
    private struct State {
        var weights: [String: Window] = [:]
        var orders: [Int32: (ten: Window, minute: Window)] = [:]
    }
    private let state = Mutex(State())
    private let options: DialectOptions
    private let isEnforced: Bool
    /// Addresses that are remembered at once.
    private static let limit = 100_000

    init(_ options: DialectOptions, isEnforced: Bool) {
        self.options = options
        self.isEnforced = isEnforced
    }

    /// What an address used once this is counted, and the error if that is too much.
    func count(weight: Int, from address: String, now: Int64) -> (used: Int, refusal: BinanceError?) {
        state.withLock { state in
            if state.weights.count > RateLimiter.limit { state.weights.removeAll() }
            let used = state.weights[address, default: Window()].add(weight, now: now, length: 60_000)
            return (used, isEnforced && used > options.weightPerMinute ? .tooManyRequests : nil)
        }
    }

    /// Counts orders of an account; the error if they are too many.
    func count(
        orders: (tenSeconds: Int, minute: Int),
        of account: Int32,
        now: Int64,
        _ counts: inout RateCounts
    ) -> BinanceError? {
        state.withLock { state in
            var windows = state.orders[account] ?? (Window(), Window())
            counts.tenSeconds = windows.ten.add(orders.tenSeconds, now: now, length: 10_000)
            counts.minute = windows.minute.add(orders.minute, now: now, length: 60_000)
            state.orders[account] = windows
            let isTooMuch =
                counts.tenSeconds > options.ordersPerTenSeconds || counts.minute > options.ordersPerMinute
            return isEnforced && orders.minute > 0 && isTooMuch ? .tooManyOrders : nil
        }
    }
}
