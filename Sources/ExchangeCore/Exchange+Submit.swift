/// What a sequencer does, for owners that keep no log of their own.
extension Exchange {
    /// Applies commands one after another with the next numbers, all at one time: a batch is entered once.
    ///
    /// - Returns: how many were applied; the one behind them was refused by its envelope (CMD-6).
    public mutating func apply(
        batch commands: Span<Command>,
        at: Timestamp,
        into events: inout EventBuffer
    ) -> Int {
        let isLarge = positions.count + book.orders.live > Exchange.fitsInCache
        for index in commands.indices {
            if isLarge && index % Exchange.group == 0 { reach(for: commands, from: index) }
            let status = applyOne(of: commands, index, at, &events)
            if !status.consumesSequence { return index }
        }
        return commands.count
    }

    /// Applies one command of a batch. The three that make up nearly all of a day are read where they lie,
    /// as a copy of a whole command costs as much as finding its order.
    @inline(__always)
    private mutating func applyOne(
        of commands: Span<Command>,
        _ index: Int,
        _ at: Timestamp,
        _ events: inout EventBuffer
    ) -> Status {
        switch commands[index] {
        case .placeOrder(let it):
            apply(.placeOrder, nextSequence, at, &events) { exchange, outcome, events in
                (outcome.status, outcome.result) = exchange.placeOrder(it, &events)
            }
        case .amendOrder(let it):
            apply(.amendOrder, nextSequence, at, &events) { exchange, outcome, events in
                outcome.status = exchange.amendOrder(it, &events)
            }
        case .cancelOrder(let it):
            apply(.cancelOrder, nextSequence, at, &events) { exchange, outcome, events in
                outcome.status = exchange.cancelOrder(it, &events)
            }
        default: apply(commands[index], sequence: nextSequence, at: at, into: &events)
        }
    }

    /// Applies a tick at each deadline up to `at` (DET-4), and `continue` where a waterfall stays
    /// pending (WF-11), each with the next number.
    ///
    /// - Parameter applied: counts the commands that were applied.
    public mutating func advance(to at: Timestamp, applied: inout Int, into events: inout EventBuffer) {
        while nextDeadline <= at && nextDeadline <= .latest {
            // A deadline that came due in a tick that had to stop lies before the exchange's time.
            let due = max(nextDeadline, clock)
            _ = apply(.tick(Tick()), sequence: nextSequence, at: due, into: &events)
            applied += 1
            finishPending(&applied, &events)
        }
    }

    /// Applies what is due before a command, the command, and the rest of its waterfall.
    ///
    /// - Parameter applied: counts the commands that were applied.
    /// - Returns: the status of the command itself.
    public mutating func submit(
        _ command: Command,
        at: Timestamp,
        applied: inout Int,
        into events: inout EventBuffer
    ) -> Status {
        advance(to: at, applied: &applied, into: &events)
        let status = apply(command, sequence: nextSequence, at: at, into: &events)
        applied += 1
        finishPending(&applied, &events)
        return status
    }

    private mutating func finishPending(_ applied: inout Int, _ events: inout EventBuffer) {
        while isWaterfallPending {
            _ = apply(.continue(Continue()), sequence: nextSequence, at: clock, into: &events)
            applied += 1
        }
    }
}
