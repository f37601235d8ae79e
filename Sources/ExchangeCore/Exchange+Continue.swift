/// Going on with a waterfall that stopped at its bound (WF-11).
extension Exchange {
    mutating func continueWaterfall(_ command: Continue, _ events: inout EventBuffer) -> Status {
        if command.unused { return .invalidField }
        if !waterfall.isPending { return .nothingPending }
        assert(waterfall.phase != .idle && queue.count > 0, "what is pending has a phase and a queue")
        waterfall.isPending = false
        waterfall.steps = 0
        runWaterfall(&events)
        goOnHeld(&events)
        forgetPayments()
        return .ok
    }
}
