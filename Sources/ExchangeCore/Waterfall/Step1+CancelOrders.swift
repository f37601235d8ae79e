/// Step 1: who is in liquidation loses its orders (WF-1).
extension Exchange {
    /// WF-1: a margin account in liquidation provides no liquidity.
    mutating func loseOrders(_ margin: MarginAccount.Index, _ events: inout EventBuffer) {
        waterfall.steps += 1
        assert(margins[margin].isQueued, "who loses its orders is in the queue")
        setInLiquidation(margin, true)
        let owner = margins[margin]
        if owner.isIsolated {
            cancelOrders(ofPosition: owner.firstPosition, .liquidation, &events)
        } else {
            cancelOrders(of: owner.account, in: nowhere, .liquidation, &events)
        }
    }
}
