import ExchangeCore
import Foundation

/// Latency of single commands in an open loop: each has a planned time, and waiting behind others counts.
struct LatencyBench: ~Copyable {
    /// Latencies at one rate, in nanoseconds.
    struct Result: Sendable {
        /// Planned commands a second.
        var rate = 0
        /// Commands played.
        var commands = 0
        /// Half are not slower.
        var p50 = 0
        /// Nine tenths are not slower.
        var p90 = 0
        /// 99 % are not slower.
        var p99 = 0
        /// 99.9 % are not slower.
        var p999 = 0
        /// 99.99 % are not slower.
        var p9999 = 0
        /// The slowest.
        var highest = 0
    }

    private let stream: StreamBench

    /// Draws the stream: one market, 1,000 users, 1,000 resting orders.
    init(commands: Int) {
        stream = StreamBench(markets: 1, users: 1_000, target: 1_000, count: commands)
    }

    private static var wall: Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }

    /// Plays the stream at `rate` commands a second, one a call, margin on and events written.
    func run(rate: Int) -> Result {
        var result = Result()
        result.rate = rate
        var latencies: [Int] = []
        stream.withReadyCommands { exchange, commands in
            latencies.reserveCapacity(commands.count)
            var events = EventBuffer(capacity: 1 << 20)
            let start = LatencyBench.wall
            for (index, command) in commands.enumerated() {
                let planned = start + Int(Double(index) * 1e9 / Double(rate))
                while LatencyBench.wall < planned {}
                events.removeAll()
                let sequence = exchange.nextSequence
                _ = exchange.apply(command, sequence: sequence, at: Timestamp(0), into: &events)
                latencies.append(LatencyBench.wall - planned)
            }
        }
        latencies.sort()
        func percentile(_ part: Double) -> Int {
            latencies[min(latencies.count - 1, Int(Double(latencies.count) * part))]
        }
        result.commands = latencies.count
        result.p50 = percentile(0.5)
        result.p90 = percentile(0.9)
        result.p99 = percentile(0.99)
        result.p999 = percentile(0.999)
        result.p9999 = percentile(0.9999)
        result.highest = latencies[latencies.count - 1]
        return result
    }
}
