public import ExchangeCore

/// What happened in a replay, gathered from events alone.
public struct ReplayTally: Sendable {
    /// Commands applied, setting up included.
    public internal(set) var commands = 0
    private var commandsBefore = 0
    /// Commands applied since the tape began to play.
    public var played: Int { commands - commandsBefore }
    /// Commands that were refused: makers' and holders' means suffice, so that there is none.
    public private(set) var refused = 0
    /// What became of the last command.
    public private(set) var lastStatus = Status.ok
    /// Accounts that held the tape's positions at first.
    public private(set) var holders = 0
    /// Worth of one lot at one tick, in 10⁻⁸ (LED-1).
    public private(set) var unitValue: Int64 = 1

    // Before, lowest and after.
    /// The insurance fund before the first price of the tape.
    public private(set) var fundBefore = Amount.zero
    /// The lowest that it was.
    public private(set) var fundLowest = Amount.zero
    /// At the end.
    public private(set) var fundAfter = Amount.zero
    /// The vault's equity before the first price of the tape.
    public private(set) var vaultBefore = Amount.zero
    /// The lowest that it was.
    public private(set) var vaultLowest = Amount.zero
    /// At the end.
    public private(set) var vaultAfter = Amount.zero
    /// What the fund owes at the end.
    public private(set) var debt = Amount.zero
    /// Notional at mark held long, before.
    public private(set) var openInterestBefore: Int128 = 0
    /// The same at the end.
    public private(set) var openInterestAfter: Int128 = 0
    /// The makers' equity before.
    public private(set) var makersBefore: Int128 = 0
    /// The same at the end.
    public private(set) var makersAfter: Int128 = 0

    // Episodes.
    /// Episodes that ended.
    public private(set) var episodes = 0
    /// Fills of liquidations in the book.
    public private(set) var bookFills = 0
    /// Sum of the receipts' deficits (RCP-5), in 10⁻⁸ like all amounts here.
    public private(set) var deficit: Int128 = 0
    /// Of it, paid by the owner's other accounts (ADL-10).
    public private(set) var recourse: Int128 = 0
    /// Of it, paid by the fund.
    public private(set) var fundPaid: Int128 = 0
    /// Paid by the fund to volunteers above a deficit.
    public private(set) var bids: Int128 = 0
    /// Taken by the vault below the mark.
    public private(set) var vaultBore: Int128 = 0
    /// Given up by the deleveraged.
    public private(set) var givenUp: Int128 = 0
    /// Charged to open interest, or owed by the fund.
    public private(set) var residual: Int128 = 0
    /// Paid in above deficits because units are whole.
    public private(set) var rounding: Int128 = 0
    /// Σ needed (ADL-8).
    public private(set) var needed: Int128 = 0
    /// Σ taken (ADL-8).
    public private(set) var taken: Int128 = 0
    /// Liquidation fees that the fund got.
    public private(set) var liquidationFees: Int128 = 0
    /// Notional at mark, or at the fill's price in the book, that each step took.
    public private(set) var byBook: Int128 = 0
    /// By netting.
    public private(set) var byNetting: Int128 = 0
    /// By volunteers.
    public private(set) var byVolunteers: Int128 = 0
    /// By the vault.
    public private(set) var byVault: Int128 = 0
    /// By deleveraging.
    public private(set) var byDeleveraging: Int128 = 0
    /// By the residual.
    public private(set) var byResidual: Int128 = 0

    // Deleveraging.
    /// Fills of deleveraging.
    public private(set) var deleveragingFills = 0
    /// Microseconds since 1970 of the first liquidation, if there was one.
    public private(set) var firstLiquidation: Int64?
    /// The same of the first deleveraging.
    public private(set) var firstDeleveraging: Int64?
    private var liquidated: [Bool] = []
    private var deleveragedNotional: [Int128] = []

    // The equation.
    /// Paid in altogether.
    public private(set) var deposits: Int128 = 0
    /// Paid out altogether.
    public private(set) var withdrawals: Int128 = 0
    /// Equity of all user accounts at the end.
    public private(set) var users: Int128 = 0
    /// What the fee account has at the end.
    public private(set) var fees: Int128 = 0
    /// Hash of the state at the end (DET-1).
    public private(set) var stateHash = Digest(low: 0, high: 0)

    mutating func begin(_ exchange: borrowing Exchange, holders: Int, makers: Int) {
        self.holders = holders
        commandsBefore = commands
        let count = Int(exchange.accountCount)
        liquidated = Array(repeating: false, count: count)
        deleveragedNotional = Array(repeating: 0, count: count)
        fundBefore = exchange.fund
        fundLowest = fundBefore
        vaultBefore = exchange.vaultEquity
        vaultLowest = vaultBefore
        makersBefore = equity(of: makers, exchange)
        if let market = exchange.marketView(MarketID(0)) {
            unitValue = market.unitValue
            openInterestBefore = worth(market.openInterest, market.mark)
        }
        self.makers = makers
    }

    private var makers = 0

    private func equity(of makers: Int, _ exchange: borrowing Exchange) -> Int128 {
        (0..<makers).reduce(0) { sum, number in
            sum
                + Int128(
                    exchange.accountView(AccountID(AccountID.firstUser.raw + Int32(number)))?.equity.units
                        ?? 0
                )
        }
    }

    private func worth(_ quantity: Quantity, _ price: Price) -> Int128 {
        Int128(quantity.lots) * Int128(price.ticks) * Int128(unitValue)
    }

    mutating func add(_ events: borrowing EventBuffer, at second: Int64, _ exchange: borrowing Exchange) {
        var episodesEnded = false
        events.forEach { event in
            if case .episodeEnded = event { episodesEnded = true }
            take(event, at: second)
        }
        if episodesEnded {
            fundLowest = min(fundLowest, exchange.fund)
            vaultLowest = min(vaultLowest, exchange.vaultEquity)
        }
    }

    mutating func take(_ event: Event, at second: Int64) {
        switch event {
        case .outcome(let outcome):
            lastStatus = outcome.status
            if outcome.status != .ok { refused += 1 }
        case .episodeBegan(let began):
            episodes += 1
            if Int(began.account.raw) < liquidated.count { liquidated[Int(began.account.raw)] = true }
            if firstLiquidation == nil { firstLiquidation = second }
        case .trade(let trade) where trade.kind == .liquidation:
            bookFills += 1
            byBook += worth(trade.quantity, trade.price)
            liquidationFees += Int128(trade.takerFee.units)
        case .closing(let closing): take(closing, at: second)
        case .episodeEnded(let ended):
            deficit += Int128(ended.deficit.units)
            recourse += Int128(ended.recourse.units)
            fundPaid += Int128(ended.fund.units)
            bids += Int128(ended.bids.units)
            vaultBore += Int128(ended.vault.units)
            givenUp += Int128(ended.givenUp.units)
            residual += Int128(ended.residual.units)
            rounding += Int128(ended.rounding.units)
            needed += Int128(ended.needed.units)
            taken += Int128(ended.taken.units)
        default: break
        }
    }

    private mutating func take(_ closing: Closing, at second: Int64) {
        let notional = worth(closing.quantity, closing.price)
        switch closing.kind {
        case .netting: byNetting += notional
        case .volunteer: byVolunteers += notional
        case .vault: byVault += notional
        case .residual: byResidual += notional
        case .settlement: break
        case .deleveraging:
            byDeleveraging += notional
            deleveragingFills += 1
            if firstDeleveraging == nil { firstDeleveraging = second }
            let account = Int(closing.counterparty.raw)
            if account < deleveragedNotional.count { deleveragedNotional[account] += notional }
        }
    }

    mutating func end(_ exchange: borrowing Exchange) {
        fundAfter = exchange.fund
        vaultAfter = exchange.vaultEquity
        debt = exchange.debt
        makersAfter = equity(of: makers, exchange)
        deposits = Int128(exchange.deposits.units)
        withdrawals = Int128(exchange.withdrawals.units)
        fees = Int128(exchange.fees.units)
        users = 0
        for account in AccountID.firstUser.raw..<exchange.accountCount {
            users += Int128(exchange.accountView(AccountID(account))?.equity.units ?? 0)
        }
        if let market = exchange.marketView(MarketID(0)) {
            openInterestAfter = worth(market.openInterest, market.mark)
        }
        stateHash = exchange.stateHash()
    }

    // MARK: Derived

    /// Accounts that were liquidated at least once.
    public var liquidatedAccounts: Int { liquidated.count { $0 } }
    /// Accounts that were deleveraged at least once.
    public var deleveragedAccounts: Int { deleveragedNotional.count { $0 > 0 } }
    /// What is deposited less withdrawn, less everything that somebody holds: always 0 (LED-4).
    public var conservation: Int128 {
        deposits - withdrawals - users - Int128(fundAfter.units) + Int128(debt.units)
            - Int128(vaultAfter.units) - fees
    }
    /// The receipt's equation summed over all episodes: always 0 (RCP-5).
    public var receiptSum: Int128 {
        recourse + fundPaid + vaultBore + givenUp + residual - rounding - deficit
    }
    /// Seconds from the first liquidation to the first deleveraging.
    public var deleveragingDelay: Int64? {
        guard let firstLiquidation, let firstDeleveraging else { return nil }
        return firstDeleveraging - firstLiquidation
    }

    /// Part of the deleveraged notional that the largest `count` accounts bore, in 10⁻⁴.
    public func share(ofLargest count: Int) -> Int64? {
        let sorted = deleveragedNotional.sorted(by: >)
        let all = sorted.reduce(0, +)
        if all == 0 { return nil }
        return Int64(sorted.prefix(count).reduce(0, +) * 10_000 / all)
    }
}
