import ExchangeEdge
import ExchangeHistory
import ExchangeRuntime
import Synchronization

/// What the venue does, in Prometheus' text format.
enum Metrics {
    static func text(_ venue: Venue) -> String {
        let counts = venue.sequencer.progress
        var lines: [String] = []
        func add(_ name: String, _ kind: String, _ help: String, _ value: some CustomStringConvertible) {
            lines.append("# HELP zerosum_\(name) \(help)")
            lines.append("# TYPE zerosum_\(name) \(kind)")
            lines.append("zerosum_\(name) \(value)")
        }
        add("commands_total", "counter", "Commands applied since the start.", counts.commands)
        add("rejected_total", "counter", "Commands that the exchange refused.", counts.rejected)
        add("overloaded_total", "counter", "Jobs refused because too many waited.", counts.overloaded)
        add("groups_total", "counter", "Groups made durable since the start.", counts.groups)
        add("commit_microseconds_total", "counter", "Time that commits took.", counts.commitTotal)
        add("commit_microseconds_last", "gauge", "Time that the last commit took.", counts.commitLast)
        add(
            "commit_microseconds_longest",
            "gauge",
            "Time that the longest commit took.",
            counts.commitLongest
        )
        add("jobs_waiting", "gauge", "Jobs that wait for the core.", counts.waiting)
        add("sequence", "gauge", "The last durable command.", counts.durable)
        add("snapshot_sequence", "gauge", "The command of the last snapshot.", counts.snapshot)
        if let history = venue.history?.progress {
            add(
                "history_sequence",
                "gauge",
                "The last command whose rows the history has.",
                history.completeTo ?? 0
            )
            add("history_behind", "gauge", "Published commands that the history lacks.", history.behind)
            add("history_rows", "gauge", "Rows of the history.", history.rows)
            add("history_rebuilds_total", "counter", "How often the history was made anew.", history.rebuilds)
        }
        add("listeners", "gauge", "Subscriptions to streams.", venue.publisher.listeners)
        add(
            "slow_consumers_total",
            "counter",
            "Clients cut off because they read too slowly.",
            WebSocketConnection.slow.load(ordering: .relaxed)
        )
        add("keys", "gauge", "Keys of the interface.", venue.keys.count)
        return lines.joined(separator: "\n") + "\n"
    }
}
