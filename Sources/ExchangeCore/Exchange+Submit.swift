/// What a sequencer does with one command, for owners that keep no log of their own.
extension Exchange {
    /// Applies what is due before a command (DET-4), the command, and `continue` until its waterfall is
    /// done (WF-11), each with the next number.
    ///
    /// - Parameter applied: counts the commands that were applied.
    /// - Returns: the status of the command itself.
    public mutating func submit(
        _ command: Command,
        at: Timestamp,
        applied: inout Int,
        into events: inout EventBuffer
    ) -> Status {
        while nextDeadline <= at && nextDeadline <= .latest {
            _ = apply(.tick(Tick()), sequence: nextSequence, at: nextDeadline, into: &events)
            applied += 1
            finishPending(at: clock, &applied, &events)
        }
        let status = apply(command, sequence: nextSequence, at: at, into: &events)
        applied += 1
        finishPending(at: clock, &applied, &events)
        return status
    }

    private mutating func finishPending(at: Timestamp, _ applied: inout Int, _ events: inout EventBuffer) {
        while isWaterfallPending {
            _ = apply(.continue(Continue()), sequence: nextSequence, at: at, into: &events)
            applied += 1
        }
    }
}
