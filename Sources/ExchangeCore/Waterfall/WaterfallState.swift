/// Where a waterfall stands; everything that `continue` needs (WF-11).
struct WaterfallState: BitwiseCopyable {
    /// Steps 1 and 2 for all of a round, then the others for one margin account after the other.
    enum Phase: UInt8, BitwiseCopyable {
        case idle, cancel, net, resolve
    }
    var phase = Phase.idle
    /// Next margin account of the queue.
    var cursor: Int32 = 0
    var round: Int32 = 0
    /// The market whose command it is.
    var trigger = nowhere
    /// Whether it began with a price, after which conditional orders and the vault have their turn.
    var isPending = false
    /// Steps done by the present command.
    var steps: Int32 = 0
    /// The episode whose receipt is being written, and its sums.
    var episode = EpisodeEnded()
    /// The market whose limits on the fund apply, fixed when the fund's turn or a position's begins (WF-4,
    /// WF-5).
    var fundMarket = nowhere
    /// Whether steps 5 to 8 closed something in the present episode.
    var hasTakeover = false
    /// Whether the fund covered the whole deficit in step 4.
    var isCovered = false
}

/// A price that a market's mark has not reached because it was held back (PX-6).
struct HeldMark: BitwiseCopyable {
    var market = nowhere
    var price = Price.none
    /// How often it has gone on.
    var turns: Int32 = 0
}

/// A margin account in the queue of a round, with what it is sorted by.
struct QueueEntry: BitwiseCopyable {
    var margin = MarginAccount.Index.none
    var equity: Int128 = 0
    var maintenance: Int128 = 0
    var account = nowhere
    /// Of an isolated one; `nowhere` for a cross one.
    var market = nowhere
    var side: UInt8 = 0

    /// Most under water first; then account, cross before isolated, market, side (WF-0).
    func isBefore(_ other: QueueEntry) -> Bool {
        if isLess(equity, over: maintenance, other.equity, over: other.maintenance) { return true }
        if isLess(other.equity, over: other.maintenance, equity, over: maintenance) { return false }
        if account != other.account { return account < other.account }
        // A cross one has no market, and comes first.
        if market != other.market { return market < other.market }
        return side < other.side
    }
}

/// What a position is closed for beside its mark: MG-6's bankruptcy price as an exact fraction,
/// `equity·share/size` with `share = part/whole`, fixed when a step begins for the position.
struct BankruptcyPrice: BitwiseCopyable {
    var equity: Int128 = 0
    var part: Int128 = 0
    var whole: Int128 = 1
    var size: Int128 = 1

    /// Surplus (rounded down) or deficit (negative, rounded away from zero) that goes with some lots.
    func adjustment(_ lots: Int64) -> Int128 {
        scaled(equity * part, by: Int128(lots), over: whole * size, .down)
    }
}

/// The vault's rules and shares (vault.md).
struct VaultState: BitwiseCopyable {
    var exists = false
    var leverage: Int32 = 5
    /// What is left of the first-loss tranche.
    var firstLoss = Amount.zero
    var lossLimit = Amount.unlimited
    var lockUp: Int64 = 0
    var totalShares: Int64 = 0
    var venueShares: Int64 = 0
    /// Deposits and capital less redemptions (VLT-7).
    var netCapital: Int64 = 0

    /// Counts capital that came in or, negative, went out: after years of both within ±2⁶² (LED-1).
    mutating func addCapital(_ amount: Amount) {
        netCapital = clampedToRange(Int128(netCapital) + Int128(amount.units))
    }
}

/// A position in the queue of step 7 with its score.
struct RankedPosition: BitwiseCopyable, QueueOrdered {
    var position = nowhere
    var account = nowhere
    var score: Int128 = 0
    /// Its net lots, what they are worth at the mark, and their part of its profit (ADL-1).
    var lots: Int64 = 0
    var notional: Int128 = 0
    var profit: Int128 = 0
    var leverage: Int64 = 0
    /// Whether its margin account was past takeover when the remainder began (ADL-1).
    var isPastTakeover = false
    /// Whether `isInProfit` is known.
    var isJudged = false
    /// Whether it is in the first pass: in profit at the execution price when the remainder began.
    var isInProfit = false
    /// Whether it bears as an account of the same owner, before the fund (ADL-10).
    var isOwn = false
    /// Lots that stand behind everything else as a hedge, when the remainder began (ADL-18).
    var hedged: Int64 = 0

    var accountNumber: Int32 { account }
}
