import ExchangeCore
import ReadModel

/// Balances, income and account updates out of the ledger's entries.
extension Projection {
    mutating func ledgerEntry(_ entry: LedgerEntry) {
        let number = Int(entry.account.raw)
        if number < 0 || number >= accounts.count { return }
        if entry.market == .none {
            accounts[number].cash = entry.balance
        } else {
            let place = accounts[number].place(entry.market, entry.positionSide)
            accounts[number].legs[place].isolatedCash = entry.balance
        }
        if entry.account == .fund { fundTime = work.time }
        if !isUser(entry.account) { return }
        accounts[number].updated = work.time
        let market = entry.market != .none ? entry.market : work.fill?.market ?? work.market
        addIncome(entry, market)
        noteChange(entry, market)
    }

    private func kind(of reason: LedgerReason) -> IncomeKind? {
        switch reason {
        case .deposit, .withdrawal, .transfer, .vaultDeposit, .vaultRedemption: .transfer
        case .trade, .netting, .volunteer, .takeover, .deleveraging, .settlement: .realizedPnL
        case .tradingFee, .rebate: .commission
        case .funding: .fundingFee
        case .liquidationFee, .insurance, .volunteerBid, .residual, .rounding, .debtRepayment,
            .recourse:
            .insuranceClear
        case .isolatedMargin: nil
        }
    }

    private mutating func addIncome(_ entry: LedgerEntry, _ market: MarketID) {
        // What a closing pays is one row, made when both sides are known.
        if work.fill?.closing != nil { return }
        guard let kind = kind(of: entry.reason) else { return }
        var row = IncomeRow()
        row.kind = kind
        row.amount = Int128(entry.amount.units)
        row.reason = entry.reason
        if kind != .transfer { row.market = market }
        if (kind == .realizedPnL || kind == .commission) && work.fill != nil {
            // The trade gets its number when both sides are booked: it is the next one of its market.
            if let place = place(market) { row.trade = markets[place].lastTrade + 1 }
        }
        addIncome(row, of: entry.account)
        if market == .none && (entry.reason == .funding || entry.reason == .insurance) {
            work.unassigned.append(
                (entry.account, lastIncome, entry.reason, isKeeping ? kept.income.count - 1 : -1)
            )
        }
    }

    /// Gives a row its number and time, and keeps it.
    mutating func addIncome(_ row: IncomeRow, of account: AccountID) {
        lastIncome += 1
        var row = row
        row.id = lastIncome
        row.time = work.time
        let number = Int(account.raw)
        if isKeeping { kept.income.append(Placed(account, accounts[number].income.total, row)) }
        accounts[number].income.append(row)
    }

    private func group(of reason: LedgerReason) -> UpdateReason {
        switch reason {
        case .deposit: .deposit
        case .withdrawal: .withdrawal
        case .transfer, .vaultDeposit, .vaultRedemption: .transfer
        case .trade, .netting, .volunteer, .takeover, .deleveraging, .settlement, .tradingFee, .rebate:
            .order
        case .funding: .funding
        case .isolatedMargin: .marginTransfer
        case .liquidationFee, .insurance, .volunteerBid, .residual, .rounding, .debtRepayment,
            .recourse:
            .insurance
        }
    }

    private mutating func noteChange(_ entry: LedgerEntry, _ market: MarketID) {
        // Margin that moves with a fill is a part of it, and so is all that a closing pays.
        let isOfFill = work.fill?.closing != nil || (entry.reason == .isolatedMargin && work.fill != nil)
        let reason = isOfFill ? .order : group(of: entry.reason)
        let place = work.touch(entry.account, reason, market)
        if work.changes[place].market == .none { work.changes[place].market = market }
        switch entry.reason {
        case .trade, .netting, .volunteer, .takeover, .deleveraging, .settlement, .tradingFee, .rebate,
            .isolatedMargin:
            break
        case _ where isOfFill: break
        default: work.changes[place].other += Int128(entry.amount.units)
        }
        if entry.market != .none {
            let key = LegKey(market: entry.market, side: entry.positionSide)
            if !work.changes[place].legs.contains(key) { work.changes[place].legs.append(key) }
            if reason == .marginTransfer && work.isOwnMargin { noteMargin(entry) }
        }
    }

    /// An isolated position's margin was changed by its owner.
    private mutating func noteMargin(_ entry: LedgerEntry) {
        var change = MarginChange()
        change.market = entry.market
        change.side = entry.positionSide
        change.amount = Int128(entry.amount.units)
        change.time = work.time
        let number = Int(entry.account.raw)
        if isKeeping { kept.margin.append(Placed(entry.account, accounts[number].margin.total, change)) }
        accounts[number].margin.append(change)
    }

    mutating func fundingSettled(_ event: FundingSettled) {
        work.assign(event.market, to: .funding, &accounts, &kept)
        for place in work.changes.indices
        where work.changes[place].reason == .funding && work.changes[place].market == .none {
            work.changes[place].market = event.market
        }
        for place in work.changes.indices
        where work.changes[place].reason == .funding && work.changes[place].balance == nil {
            let account = accounts[Int(work.changes[place].account.raw)]
            let cross = Int128(account.cash.units)
            work.changes[place].balance = (cross + account.isolatedCash, cross)
        }
        guard let place = place(event.market) else { return }
        var record = FundingRecord()
        record.rate = event.rate
        record.mark = markets[place].mark
        record.time = work.time
        if isKeeping { kept.funding.append(Placed(event.market, markets[place].funding.total, record)) }
        markets[place].funding.append(record)
        markets[place].lastFunding = event.rate
        markets[place].expectedFunding = event.rate
    }
}
