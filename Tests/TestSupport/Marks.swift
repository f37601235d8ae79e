import ExchangeCore

/// What a long campaign must have met to have shown anything: rare branches by the name of their mark.
public enum Marks {
    /// All of them. Those that were never met are printed with the others.
    public static let all: [String] =
        [
            "tie in the queue of buckets", "tie in the queue of ADL", "second pass of ADL",
            "deleveraged to exactly zero", "own account bears", "hedged candidate", "hedged lots given up",
            "mark formed", "mark moved by a band", "mark with the book's average", "a second pass of charges",
            "fund exactly spent",
            "all shares of the vault cancelled", "the vault starts anew", "vault took a part",
            "vault reduced by taking", "own sides netted", "another's closing ends a liquidation",
            "cash ends a liquidation", "liquidation when a market opens", "liquidation without a price",
            "latest mark without a valid price", "maker capped at its position", "fill-or-kill filled",
            "waterfall pending", "later round", "book tried again", "volunteer with a bid",
            "volunteer without margin", "volunteer without a bid", "residual", "debt", "rounding",
            "a withdrawal pays of the debt", "recourse", "hedged account in the queue",
            "closed at mark after the fund paid", "the rest at mark after the fund paid",
            "no bid for an offer younger than the position", "no share while somebody waits in liquidation",
            "maker that would open without a valid price", "a mark held back",
            "settlement", "settlement with a deficit", "funding", "order triggered", "liquidation fill",
            "amended post-only gone", "protected order held back", "price matched at firing",
            "good till the position's end",
        ] + ["none", "cap", "margin", "edge", "loss", "absent", "inLiquidation"].map { "vault limit \($0)" }
        + ["netting", "volunteer", "vault", "deleveraging", "residual"].map { "closing \($0)" }
        + Workload.selections.map { "deleveraging by \($0.term)" }
        + ["closed", "healthy", "waiting"].map { "episode \($0)" }
        + [
            "request", "immediateOrCancel", "expired", "countdown", "kill", "selfTrade", "margin",
            "reduceOnly", "liquidation", "settlement", "amended", "refused", "cancelAll", "noPrice",
        ].map { "canceled \($0)" }
        + [
            "tickFirst", "continueFirst", "timeBackwards", "alreadyApplied", "sequenceGap", "invalidTime",
            "haircut", "debtOutstanding", "lockedUp", "positionLimit", "orderLimit", "offerLimit",
            "tierExceeded", "openInterestCap", "positionCap", "priceBand", "wouldTrigger",
            "postOnlyWouldTake", "fillOrKillUnfilled", "reduceOnlyRejected", "inLiquidation",
            "pileLimit", "noMark", "noPrice", "notFlat", "notIsolated", "duplicateClientID",
            "insufficientCash", "insufficientMargin", "marketSettled", "marketHalted", "marketReduceOnly",
        ].map { "status \($0)" }

    /// One line a mark, and how many were met.
    public static func report(_ coverage: Coverage) -> String {
        let met = all.filter { coverage.count($0) > 0 }
        let lines = all.map { "  \($0): \(coverage.count($0) > 0 ? "\(coverage.count($0))" : "NEVER")" }
        return (lines + ["\(met.count) of \(all.count) marks met"]).joined(separator: "\n")
    }
}
