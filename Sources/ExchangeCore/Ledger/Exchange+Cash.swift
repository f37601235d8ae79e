/// Movements of cash: the only functions that change a margin account's cash (LED-5).
extension Exchange {
    /// Adds `amount` (negative: takes it) to a margin account's cash, with reason and counterparty.
    @inline(__always)
    mutating func credit(
        _ margin: MarginAccount.Index,
        _ amount: Int128,
        _ reason: LedgerReason,
        _ counterparty: Int32,
        _ events: inout EventBuffer
    ) {
        if amount == 0 { return }
        assert(hasMargin(margin), "cash is that of a margin account")
        assert(counterparty == nowhere || hasAccount(counterparty), "a counterparty is an account or nobody")
        let delta = Amount(Int64(amount))
        var entry = LedgerEntry()
        margins[margin].cash += delta
        entry.balance = margins[margin].cash
        if margins[margin].isIsolated {
            entry.market = MarketID(margins[margin].market)
            entry.positionSide = positions[margins[margin].firstPosition].side
        }
        assert(absolute(Int128(entry.balance.units)) <= Amount.cashLimit, "cash stays within its range")
        entry.account = AccountID(margins[margin].account)
        entry.reason = reason
        entry.amount = delta
        entry.counterparty = AccountID(counterparty)
        events.append(.ledgerEntry, entry)
        rankedQueue.note(margins[margin].account)
        if amount < 0 { markForRearm(margin) }
    }

    /// Moves `amount` (not negative) from one margin account to another: the payer is booked first (LED-7).
    mutating func move(
        _ amount: Int128,
        from payer: MarginAccount.Index,
        to receiver: MarginAccount.Index,
        _ reason: LedgerReason,
        _ events: inout EventBuffer
    ) {
        if amount == 0 { return }
        precondition(amount > 0 && payer != receiver, "money moves from one margin account to another")
        credit(payer, -amount, reason, margins[receiver].account, &events)
        credit(receiver, amount, reason, margins[payer].account, &events)
        assert(hasMargin(payer) && hasMargin(receiver), "both sides exist")
    }

    /// Whether a margin account's cash stays within its range with an amount more (LED-1).
    func hasRoom(_ margin: MarginAccount.Index, for amount: Amount) -> Bool {
        assert(hasMargin(margin), "room is that of a margin account")
        assert(amount.units >= 0, "room is asked for no less than nothing")
        return absolute(Int128(margins[margin].cash.units)) + Int128(amount.units) < Amount.cashLimit
    }

    /// The cross margin account of a venue account.
    @inline(__always)
    func venue(_ account: AccountID) -> MarginAccount.Index { accounts[account.raw].margin }

    /// What the insurance fund has, nothing if it owes.
    var fundBalance: Int128 { max(0, Int128(margins[venue(.fund)].cash.units)) }
    /// What the insurance fund owes.
    var fundDebt: Int128 { max(0, -Int128(margins[venue(.fund)].cash.units)) }

    /// Pays a trading fee, a rebate if negative, to the fee account (LED-6: the fee is rounded up).
    @inline(__always)
    mutating func payFee(_ fee: Int128, from margin: MarginAccount.Index, _ events: inout EventBuffer) {
        if fee == 0 { return }
        assert(margin != venue(.fees), "the fee account pays itself no fee")
        assert(absolute(fee) < Amount.cashLimit, "a fee is one of a notional")
        if fee > 0 {
            move(fee, from: margin, to: venue(.fees), .tradingFee, &events)
        } else {
            move(-fee, from: venue(.fees), to: margin, .rebate, &events)
        }
    }

    /// While the fund owes, a part of a trade's fees goes to it (WF-8a).
    @inline(__always)
    mutating func repayDebt(from fees: Int128, _ market: Int32, _ events: inout EventBuffer) {
        if margins[venue(.fund)].cash.units >= 0 || fees <= 0 { return }
        let part = quotient(fees * Int128(markets[market].specification.fundShare.units), unit, .down)
        assert(part >= 0 && part <= fees, "a part is no more than the whole")
        assert(fundDebt > 0, "only a debt is repaid")
        move(min(part, fundDebt), from: venue(.fees), to: venue(.fund), .debtRepayment, &events)
    }
}
