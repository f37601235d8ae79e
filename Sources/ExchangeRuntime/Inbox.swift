/// Jobs that wait for the core: two bounded queues, of which cancels go first (LIM-1).
final class Inbox: @unchecked Sendable {
    private let monitor = Monitor()
    private let capacity: Int
    private var urgent: [Job] = []
    private var ordinary: [Job] = []
    private var isClosed = false

    /// At most `capacity` jobs in each of the two queues.
    init(capacity: Int) {
        self.capacity = capacity
        urgent.reserveCapacity(capacity)
        ordinary.reserveCapacity(capacity)
    }

    /// Takes a job in, or says why not.
    func put(_ job: Job) -> Refusal? {
        monitor.locked {
            if isClosed { return .stopped }
            let isUrgent = job.urgency == .cancel
            if (isUrgent ? urgent.count : ordinary.count) >= capacity { return .overloaded }
            let wasEmpty = urgent.isEmpty && ordinary.isEmpty
            if isUrgent { urgent.append(job) } else { ordinary.append(job) }
            if wasEmpty { monitor.signal() }
            return nil
        }
    }

    /// Waits for jobs until `deadline`, and takes at most `count` out, cancels first. Nil once it is closed
    /// and empty.
    func take(atMost count: Int, until deadline: Int64) -> [Job]? {
        monitor.locked {
            while urgent.isEmpty && ordinary.isEmpty && !isClosed {
                if SystemClock.monotonic >= deadline { return [] }
                monitor.wait(until: deadline)
            }
            if urgent.isEmpty && ordinary.isEmpty { return nil }
            var jobs = Array(urgent.prefix(count))
            urgent.removeFirst(jobs.count)
            let more = ordinary.prefix(count - jobs.count)
            jobs += more
            ordinary.removeFirst(more.count)
            return jobs
        }
    }

    /// Takes nothing more; what is in is still taken out.
    func close() {
        monitor.locked {
            isClosed = true
            monitor.signal()
        }
    }

    /// How many wait.
    var depth: Int { monitor.locked { urgent.count + ordinary.count } }
}
