/// Movements of cash: the only functions that change a bucket's cash (LED-5).
extension Exchange {
    /// Adds `amount` (negative: takes it) to a bucket's cash, with reason and counterparty.
    @inline(__always)
    mutating func credit(
        _ bucket: Bucket,
        _ amount: Int128,
        _ reason: LedgerReason,
        _ counterparty: Int32,
        _ events: inout EventBuffer
    ) {
        if amount == 0 { return }
        assert(hasBucket(bucket), "cash is that of a margin account")
        assert(counterparty == nowhere || hasAccount(counterparty), "a counterparty is an account or nobody")
        let delta = Amount(Int64(amount))
        var entry = LedgerEntry()
        if bucket.isIsolated {
            legs[bucket.leg].isolatedCash += delta
            entry.balance = legs[bucket.leg].isolatedCash
            entry.market = MarketID(legs[bucket.leg].market)
            entry.positionSide = legs[bucket.leg].side
        } else {
            accounts[bucket.account].cash += delta
            entry.balance = accounts[bucket.account].cash
        }
        assert(absolute(Int128(entry.balance.units)) <= Amount.cashLimit, "cash stays within its range")
        entry.account = AccountID(bucket.account)
        entry.reason = reason
        entry.amount = delta
        entry.counterparty = AccountID(counterparty)
        events.append(.ledgerEntry, entry)
        standing.note(bucket.account)
        if amount < 0 { disarm(bucket) }
    }

    /// Moves `amount` (not negative) from one bucket to another: the payer is booked first (LED-7).
    mutating func move(
        _ amount: Int128,
        from payer: Bucket,
        to receiver: Bucket,
        _ reason: LedgerReason,
        _ events: inout EventBuffer
    ) {
        if amount == 0 { return }
        precondition(amount > 0 && payer != receiver, "money moves from one margin account to another")
        credit(payer, -amount, reason, receiver.account, &events)
        credit(receiver, amount, reason, payer.account, &events)
        assert(hasBucket(payer) && hasBucket(receiver), "both sides exist")
    }

    /// Whether a bucket's cash stays within its range with an amount more (LED-1).
    func hasRoom(_ bucket: Bucket, for amount: Amount) -> Bool {
        assert(hasBucket(bucket), "room is that of a margin account")
        assert(amount.units >= 0, "room is asked for no less than nothing")
        return absolute(Int128(cash(bucket).units)) + Int128(amount.units) < Amount.cashLimit
    }

    /// The cross bucket of a venue account.
    @inline(__always)
    func venue(_ account: AccountID) -> Bucket { Bucket(account: account.raw, leg: nowhere) }

    /// What the insurance fund has, nothing if it owes.
    var fundBalance: Int128 { larger(0, Int128(accounts[AccountID.fund.raw].cash.units)) }
    /// What the insurance fund owes.
    var fundDebt: Int128 { larger(0, -Int128(accounts[AccountID.fund.raw].cash.units)) }

    /// Pays a trading fee, a rebate if negative, to the fee account (LED-6: the fee is rounded up).
    @inline(__always)
    mutating func payFee(_ fee: Int128, from bucket: Bucket, _ events: inout EventBuffer) {
        if fee == 0 { return }
        assert(bucket != venue(.fees), "the fee account pays itself no fee")
        assert(absolute(fee) < Amount.cashLimit, "a fee is one of a notional")
        if fee > 0 {
            move(fee, from: bucket, to: venue(.fees), .tradingFee, &events)
        } else {
            move(-fee, from: venue(.fees), to: bucket, .rebate, &events)
        }
    }

    /// While the fund owes, a part of a trade's fees goes to it (WF-8a).
    @inline(__always)
    mutating func repayDebt(from fees: Int128, _ market: Int32, _ events: inout EventBuffer) {
        if accounts[AccountID.fund.raw].cash.units >= 0 || fees <= 0 { return }
        let part = quotient(fees * Int128(markets[market].specification.fundShare.units), unit, .down)
        assert(part >= 0 && part <= fees, "a part is no more than the whole")
        assert(fundDebt > 0, "only a debt is repaid")
        move(smaller(part, fundDebt), from: venue(.fees), to: venue(.fund), .debtRepayment, &events)
    }
}
