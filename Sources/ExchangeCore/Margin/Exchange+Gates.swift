/// The gates of margin.md: what raises risk must be covered afterwards (MG-1).
extension Exchange {
    /// Tier, caps and margin of an order that is about to enter (MG-9, MG-10); nil if it may.
    func gateRefusal(_ position: Int32, _ prospect: Prospect) -> Status? {
        assert(prospect.quantity.lots > 0 && prospect.price > 0, "an order has lots and a price")
        if onlyReduces(position, prospect.side, prospect.quantity) { return nil }
        let with = requirement(position, with: prospect)
        assert(with.amount >= 0 && with.notional >= 0, "nothing requires less than nothing")
        if highestLeverage(positions[position].market, with.notional) < positions[position].leverage {
            return .tierExceeded
        }
        if markets[positions[position].market].isCapped, let refusal = capRefusal(position, prospect) {
            return refusal
        }
        if available(positions[position].account, exceptFor: position) < with.amount {
            return .insufficientMargin
        }
        return nil
    }

    /// Whether an order can only make the position smaller, whatever else of its side is filled (MG-10).
    func onlyReduces(_ position: Int32, _ side: Side, _ quantity: Quantity) -> Bool {
        assert(quantity.lots >= 0, "an order has no fewer lots than none")
        assert(
            positions[position].buyQuantity.lots >= 0 && positions[position].sellQuantity.lots >= 0,
            "sums of orders are not negative"
        )
        let open = side == .buy ? positions[position].buyQuantity : positions[position].sellQuantity
        return (open + quantity).lots <= oppositeSize(position, side)
    }

    /// Open-interest and position caps (MG-9).
    private func capRefusal(_ position: Int32, _ prospect: Prospect) -> Status? {
        let market = positions[position].market
        let interest = (markets[market].openInterest + prospect.quantity).lots
        assert(interest >= prospect.quantity.lots, "open interest is not negative")
        if markets[market].openInterestCap.lots > 0 && interest > markets[market].openInterestCap.lots {
            return .openInterestCap
        }
        let rate = Int128(markets[market].backstopRate.units)
        if rate > 0 {
            let price = markets[market].hasMark ? markets[market].mark.ticks : prospect.price
            let backing = fundBalance + vaultHealth.equity
            assert(price > 0, "a cap by what backs it has a price")
            if scaled(Int128(interest) * Int128(price) * markets[market].u, by: rate, over: unit, .up)
                > backing
            {
                return .openInterestCap
            }
        }
        if markets[market].positionCap.lots > 0 {
            let held = ownerExposure(market, positions[position].account, prospect.side)
            assert(held >= 0, "nobody holds fewer lots than none")
            if held + Int128(prospect.quantity.lots) > Int128(markets[market].positionCap.lots) {
                return .positionCap
            }
        }
        return nil
    }

    /// Lots that all accounts of an account's owner hold on one side of a market, and those that their open
    /// orders would add there (MG-9). O(accounts of the owner).
    private func ownerExposure(_ market: Int32, _ account: Int32, _ side: Side) -> Int128 {
        assert(hasAccount(account), "an exposure is that of an account")
        var sum: Int128 = 0
        forEachAccount(ofOwnerOf: account) { other in
            for index in 0..<3 {
                let position = position(other, market, at: index)
                if position < 0 { continue }
                let open = side == .buy ? positions[position].buyQuantity : positions[position].sellQuantity
                sum += Int128(max(0, positions[position].size.lots * side.sign)) + Int128(open.lots)
            }
        }
        return sum
    }

    /// The gate of a withdrawal, a transfer, added isolated margin, a vault deposit (MG-11).
    func withdrawalRefusal(_ account: Int32, _ amount: Amount) -> Status? {
        let margin = accounts[account].margin
        if margins[margin].isInLiquidation { return .inLiquidation }
        if amount > margins[margin].cash { return .insufficientCash }
        let cross = health(margin, .cautious)
        assert(amount.units >= 0, "nothing less than nothing leaves")
        assert(
            cross.maintenance >= 0 && cross.initial >= cross.maintenance,
            "initial margin is at least maintenance"
        )
        let own = min(Int128(margins[margin].cash.units), cross.equity)
        if own - Int128(amount.units) < requirements(account) { return .insufficientMargin }
        return nil
    }

    /// What the fund's debt does to a withdrawal (WF-8a).
    func debtRefusal(_ account: Int32, _ amount: Amount) -> Status? {
        assert(amount.units > 0, "something leaves")
        let debt = fundDebt
        if debt == 0 { return nil }
        if debtRule == .refuse { return .debtOutstanding }
        let all = positiveCash
        let cash = max(0, Int128(margins[accounts[account].margin].cash.units))
        let share = all > debt ? scaled(cash, by: all - debt, over: all, .down) : 0
        assert(share >= 0 && share <= cash, "a part is no more than the whole")
        return Int128(amount.units) > share ? .haircut : nil
    }

    /// What a withdrawal under the rule `haircut` pays of the fund's debt: ⌈amount·debt/(C − debt)⌉ (WF-8a),
    /// so that who comes early or often takes no more than their part.
    func partOfDebt(_ amount: Amount) -> Int128 {
        let debt = fundDebt
        if debt == 0 || debtRule == .refuse { return 0 }
        let rest = positiveCash - debt
        assert(debt > 0 && amount.units >= 0, "a part is one of a debt")
        return rest > 0 ? scaled(Int128(amount.units), by: debt, over: rest, .up) : 0
    }

    /// C of WF-8a: all positive cash of users' margin accounts and the vault. O(accounts + positions), only
    /// in debt.
    private var positiveCash: Int128 {
        assert(fundDebt > 0, "cash is added up only while the fund owes")
        var sum: Int128 = 0
        var account = AccountID.vault.raw
        while Int(account) < accounts.count {
            sum += max(0, Int128(margins[accounts[account].margin].cash.units))
            account += 1
        }
        var position: Int32 = 0
        while Int(position) < positions.count {
            sum += max(0, Int128(isolatedCash(position).units))
            position += 1
        }
        return sum
    }

    /// A deposit or transfer in ends a liquidation at once when equity is at or above maintenance (MG-5).
    mutating func healIfHealthy(_ margin: MarginAccount.Index) {
        assert(hasMargin(margin), "a margin account gets better")
        if !margins[margin].isInLiquidation || health(margin).isUnderMaintenance { return }
        assert(
            margins[margin].account >= AccountID.vault.raw,
            "the fund and the fee account are in no liquidation"
        )
        setInLiquidation(margin, false)
        markForRearm(margin)
    }

    func reportShares(_ account: AccountID, _ shares: Int64, _ events: inout EventBuffer) {
        var changed = VaultShares()
        assert(shares >= 0 && vault.totalShares >= shares, "shares are a part of all")
        changed.account = account
        changed.shares = shares
        changed.total = vault.totalShares
        changed.equity = Amount(reporting: vaultHealth.equity)
        events.append(.vaultShares, changed)
    }
}
