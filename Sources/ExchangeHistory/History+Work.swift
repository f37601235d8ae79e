import Foundation
import ReadModel

/// What the writing thread does.
extension History {
    private enum Task {
        case stop
        case rebuild(String)
        case write([Item])
        case catchUp
        case look
    }

    func work() {
        open()
        loop: while true {
            switch next() {
            case .stop: break loop
            case .rebuild(let why): remake(why)
            case .write(let items): write(items)
            case .catchUp: catchUp()
            case .look: lookAtFile()
            }
        }
        let last = database
        lock.lock()
        database = nil
        isOver = true
        lock.broadcast()
        lock.unlock()
        last?.close()
    }

    /// What is to be done next; waits for it.
    private func next() -> Task {
        lock.lock()
        defer { lock.unlock() }
        let look = Date(timeIntervalSinceNow: Double(options.lookEvery) / 1_000)
        var collected: Date?
        while true {
            if phase != .live {
                if isStopping { return .stop }
                if let why = rebuildWanted { return .rebuild(why) }
                if phase == .behind { return .catchUp }
                // After a failure it is tried again a little later.
                if !lock.wait(until: look) { return .catchUp }
                continue
            }
            if let why = rebuildWanted, !isStopping { return .rebuild(why) }
            if queue.isEmpty {
                if isStopping { return .stop }
                if !lock.wait(until: look) { return .look }
                continue
            }
            let due = collected ?? Date(timeIntervalSinceNow: Double(options.interval) / 1_000)
            collected = due
            let isDue = isStopping || waiters > 0 || queuedRows >= options.enough || Date() >= due
            if isDue || !lock.wait(until: due) {
                let items = queue
                queue.removeAll(keepingCapacity: true)
                queuedRows = 0
                return .write(items)
            }
        }
    }

    // MARK: Opening

    /// Opens the database that is there, if it can go on.
    private func open() {
        do throws(HistoryError) {
            let found = try HistoryDatabase(opening: path, identity)
            lock.lock()
            let published = published
            lock.unlock()
            if found.mark.sequence > published.sequence {
                found.close()
                throw HistoryError(
                    "ahead of the log: it has command \(found.mark.sequence), "
                        + "the log ends with \(published.sequence)",
                    needsNew: true
                )
            }
            use(found)
            checkInBackground(found)
        } catch {
            anew("\(error)")
        }
    }

    private func use(_ found: HistoryDatabase?) {
        lock.lock()
        let old = database
        database = found
        mark = found?.mark
        rows = found?.rows ?? 0
        begins = found?.begins
        if found == nil || phase != .live { fallBehind() }
        lock.broadcast()
        lock.unlock()
        if old !== found { old?.close() }
    }

    /// Puts the old database away; `catchUp` makes the new one.
    private func anew(_ why: String) {
        lock.lock()
        rebuildWanted = nil
        phase = .behind
        reason = why
        if database != nil || FileManager.default.fileExists(atPath: path) { rebuilds += 1 }
        lock.unlock()
        if FileManager.default.fileExists(atPath: path) { note("the history is made anew: \(why)") }
        use(nil)
        // What the log no longer has is worth keeping, whatever became of it.
        if !source.isWhole && FileManager.default.fileExists(atPath: path) {
            let aside = "\(path).\(Int(Date().timeIntervalSince1970))"
            for suffix in ["", "-wal", "-shm"] {
                try? FileManager.default.moveItem(atPath: path + suffix, toPath: aside + suffix)
            }
            note("the history that was there lies in \(aside)")
        }
        HistoryDatabase.remove(path)
    }

    private func remake(_ why: String) { anew(why) }

    /// Whether the file still lies there; if not, what is still open is written to it again.
    private func lookAtFile() {
        guard let database, !database.isThere else { return }
        note("the history's file was taken away while it was in use: it is written again")
        let other = path + ".new"
        do throws(HistoryError) {
            try database.copy(to: other)
            HistoryDatabase.remove(path)
            if rename(other, path) != 0 { throw HistoryError("cannot rename \(other)") }
            use(try HistoryDatabase(opening: path, identity))
        } catch {
            HistoryDatabase.remove(other)
            anew("\(error)")
        }
    }

    // MARK: Writing

    private func fail(_ error: HistoryError) {
        if error.needsNew { return anew("\(error)") }
        lock.lock()
        let isSaid = phase == .failed && reason == "\(error)"
        lock.unlock()
        // It is tried again every second, and said once.
        if !isSaid { note("the history cannot go on: \(error)") }
        lock.lock()
        phase = .failed
        reason = "\(error)"
        fallBehind()
        lock.unlock()
    }

    private func advance() {
        lock.lock()
        mark = database?.mark
        rows = database?.rows ?? 0
        lock.broadcast()
        lock.unlock()
    }

    /// Writes groups that were handed in, and the views among them.
    private func write(_ items: [Item]) {
        var pending: [HistoryBatch] = []
        do throws(HistoryError) {
            for item in items {
                switch item {
                case .batch(let batch): pending.append(batch)
                case .view(let view):
                    try commit(&pending)
                    try keep(view)
                }
            }
            try commit(&pending)
        } catch {
            fail(error)
        }
    }

    private func commit(_ batches: inout [HistoryBatch]) throws(HistoryError) {
        guard let database, let last = batches.last else { return }
        var expected = database.mark.sequence + 1
        for batch in batches {
            if batch.first != expected {
                throw HistoryError(
                    "a group begins with command \(batch.first), not \(expected)",
                    needsNew: true
                )
            }
            expected = batch.mark.sequence + 1
        }
        var rows = 0
        try database.add(batches.map(\.rows), upTo: last.mark, isSynced: false) {
            rows += 1
            if rows % options.stretch == 0 { rest() }
        }
        batches.removeAll(keepingCapacity: true)
        advance()
    }

    /// Gives the processor back for a moment, unless there is haste: rows written without a break keep those
    /// who trade waiting for as long as the system lets a thread run.
    private func rest() {
        lock.lock()
        let isHasty = phase != .live || waiters > 0 || isStopping || queuedRows > options.queueLimit / 8
        lock.unlock()
        if !isHasty { usleep(options.rest) }
    }

    /// Keeps what clients were shown at a command that the database is complete to.
    private func keep(_ view: HistoryView) throws(HistoryError) {
        guard let database, database.mark == view.mark else { return }
        // A view must never be ahead of the database, not after a loss of power either.
        try database.add([], upTo: view.mark, isSynced: true)
        do throws(HistoryError) {
            try views.write(view.encode(), identity, view.mark)
        } catch {
            // The next start takes longer; nothing else.
            note("\(error)")
        }
    }

    // MARK: The log

    private var isWantedElsewhere: Bool {
        lock.lock()
        defer { lock.unlock() }
        return isStopping || rebuildWanted != nil
    }

    /// Reads on from the log until nothing is missing.
    private func catchUp() {
        do throws(HistoryError) {
            let reader = try source.reader(behind: database?.mark)
            if database == nil {
                let made = try HistoryDatabase(creating: path, identity, from: reader.start)
                try made.add([reader.earlier], upTo: reader.start, isSynced: false)
                use(made)
            } else if let mark = database?.mark, reader.start.sequence == mark.sequence,
                reader.start.chain != mark.chain
            {
                throw HistoryError("of another chain", needsNew: true)
            }
            lock.lock()
            if phase == .failed { phase = .behind }
            lock.unlock()
            while !isWantedElsewhere {
                try readOn(reader)
                if isLive { return }
            }
        } catch {
            fail(error)
        }
    }

    /// Reads up to what is published, or to the first group that waits.
    private func readOn(_ reader: any HistoryReader) throws(HistoryError) {
        lock.lock()
        var target = published.sequence
        if case .batch(let first) = queue.first { target = first.first - 1 }
        lock.unlock()
        var pending: [HistoryBatch] = []
        var rows = 0
        try reader.read(upTo: target) { (batch: HistoryBatch) throws(HistoryError) -> Bool in
            guard let mark = database?.mark else { return false }
            if batch.mark.sequence <= mark.sequence {
                if batch.mark.sequence == mark.sequence && batch.mark.chain != mark.chain {
                    throw HistoryError("of another chain", needsNew: true)
                }
                return !isWantedElsewhere
            }
            if batch.first <= mark.sequence {
                throw HistoryError("it ends inside of a group", needsNew: true)
            }
            pending.append(batch)
            rows += batch.rows.count
            if rows < options.portion && batch.view == nil { return true }
            rows = 0
            try commit(&pending)
            if let view = batch.view { try keep(view) }
            return !isWantedElsewhere
        }
        try commit(&pending)
    }

    /// Whether nothing is missing any more: then what is published is taken from now on.
    private var isLive: Bool {
        lock.lock()
        defer { lock.unlock() }
        guard let mark else { return false }
        // A group on its way that is passed must be read from the log, too.
        if isPassing && isWanted && queue.isEmpty {
            _ = lock.wait(until: Date(timeIntervalSinceNow: 0.1))
        }
        var isNext = mark.sequence == published.sequence && !isPassing
        if case .batch(let first) = queue.first { isNext = first.first == mark.sequence + 1 }
        if isNext {
            phase = .live
            reason = nil
            isWanted = true
            lock.broadcast()
            return true
        }
        // Near enough for what comes meanwhile to be kept.
        if published.sequence < mark.sequence + 20_000 { isWanted = true }
        return false
    }
}
