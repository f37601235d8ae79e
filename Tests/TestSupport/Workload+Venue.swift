import ExchangeCore

// What the venue does: the vault, switches, settlement, new accounts and markets.

extension Workload {
    mutating func drawVaultCommand(_ auditor: Auditor) -> Command {
        switch random.below(8) {
        case 0: return .configureVault(drawVault(first: false))
        case 1, 2: return .configureVaultMarket(drawVaultMarket(random.below(auditor.markets.count)))
        case 3..<6:
            var c = VaultDeposit(account: someAccount(auditor), amount: someAmount(Whole(typical) / 30))
            c.key = someKey(c.account)
            return .vaultDeposit(c)
        default:
            var c = VaultRedeem(account: someAccount(auditor))
            for other in auditor.accounts.indices
            where other > 2 && auditor.accounts[other].shares > 0 && random.chance(60) {
                c.account = AccountID(Int32(other))
            }
            let known = c.account.raw >= 3 && Int(c.account.raw) < auditor.accounts.count
            let shares = known ? auditor.accounts[Int(c.account.raw)].shares : 5
            c.shares = random.chance(50) ? Int64(clamping: shares) : someAmount(max(1, shares)).units
            c.key = someKey(c.account)
            return .vaultRedeem(c)
        }
    }

    mutating func drawAdmin(_ auditor: Auditor) -> Command {
        switch random.below(40) {
        case 0..<6: return .kill(drawKill(auditor))
        case 6..<16: return .setMarketState(drawState(auditor))
        case 16..<20: return .setCaps(drawCaps(auditor))
        case 20..<23:
            return .setDebtRule(SetDebtRule(rule: random.chance(50) ? .refuse : .haircut))
        case 23..<26:
            var c = SetTiers(market: someMarket(auditor), table: drawTiers())
            if random.chance(10) { c.table.tiers[0].maintenance = Rate(0) }
            return .setTiers(c)
        case 26..<30:
            var c = ConfigureSource()
            c.market = someMarket(auditor)
            c.source = Int32(random.within(-1...3))
            c.weight = Int32(random.pick([0, 1, 2, 3, 1_000, 1_001]))
            c.kind = random.chance(30) ? .perp : .index
            return .configureSource(c)
        case 30..<33:
            var c = OpenAccount()
            if random.chance(50) { c.owner = OwnerID(Int32(random.pick([-3, 0, 1_000, 1_001]))) }
            c.key = someKey(.none)
            return auditor.accounts.count < 14 ? .openAccount(c) : .tick(Tick())
        case 33..<36:
            var c = SetOwner()
            c.account = someAccount(auditor)
            c.owner = OwnerID(Int32(random.pick([0, 1_000, 1_001, 1_002, 1_003])))
            return .setOwner(c)
        case 36:
            if options.tame || !random.chance(40) { return .tick(Tick()) }
            var c = Settle(market: someMarket(auditor))
            c.price = somePrice(at(c.market, auditor), auditor)
            return .settle(c)
        case 37: return .createMarket(drawHostileMarket(auditor.markets.count))
        default: return .continue(Continue())
        }
    }

    /// A specification with one or two fields at or beyond the edge of its range.
    private mutating func drawHostileMarket(_ number: Int) -> MarketSpecification {
        var spec = drawMarket(number)
        scale.removeLast()
        lots.removeLast()
        if random.chance(10) { spec.symbol = Symbol(low: 0, high: 0) }
        for _ in 0..<random.within(1...2) { spoil(&spec) }
        // There are enough markets: what is not refused by itself is refused for its name.
        if number > 2 { spec.symbol.set(0, 65) }
        return spec
    }

    private mutating func spoil(_ spec: inout MarketSpecification) {
        let rate = Rate(
            random.pick([
                0, -1, 1, 10_000_000, 10_000_001, -10_000_000, -10_000_001, 99_999_999, 100_000_000,
                100_000_001, -100_000_000, -100_000_001, .max, .min,
            ])
        )
        switch random.below(20) {
        case 0: spec.maker = rate
        case 1: spec.taker = rate
        case 2: spec.liquidationFee = rate
        case 3: spec.priceBand = rate
        case 4: spec.deviationLimit = rate
        case 5: spec.interest = rate
        case 6: spec.fundingCap = rate
        case 7: spec.buffer = rate
        case 8: spec.bidLimit = rate
        case 9: spec.fundShare = rate
        case 10: spec.quorum = random.pick([Int32(0), -1, 1, 16, 17])
        case 11: spec.workOff = random.pick([Int32(-1), 0, .max, .min])
        case 12: spec.takeoverNumerator = random.pick([Int32(-1), 0, 3, 4, .max])
        case 13: spec.takeoverDenominator = random.pick([Int32(-1), 0, 1, .max])
        case 14: spec.staleAfter = random.pick([-1, 0, 1 << 56, 1 << 56 + 1, .max])
        case 15: spec.fundingInterval = random.pick([-1, 0, 1, 1 << 56, 1 << 56 + 1])
        case 16: spec.impactNotional = Amount(random.pick([-1, 0, .max]))
        case 17: spec.fundPerEvent = Amount(random.pick([-1, 0, .max]))
        case 18: spec.fundPerMarket = Amount(random.pick([-1, 0, .max]))
        default:
            spec.tickSize = random.pick([0, -1, 1, 3, 1 << 40, 1 << 62, .max, .min])
        }
    }

    /// A withdrawal while the fund owes, or a change of the rule about it (WF-8a).
    mutating func drawUnderDebt(_ auditor: Auditor) -> Command {
        if random.chance(25) {
            return .setDebtRule(SetDebtRule(rule: random.chance(30) ? .refuse : .haircut))
        }
        var c = Withdraw(account: someAccount(auditor))
        let known = c.account.raw >= 3 && Int(c.account.raw) < auditor.accounts.count
        let cash = known ? auditor.accounts[Int(c.account.raw)].cash : 1
        c.amount = Amount(Int64(clamping: max(1, cash * Whole(random.pick([1, 50, 90, 99, 100])) / 100)))
        return .withdraw(c)
    }

    private mutating func drawKill(_ auditor: Auditor) -> Kill {
        var c = Kill()
        if random.chance(60) { c.account = someAccount(auditor) } else { c.market = someMarket(auditor) }
        c.on = random.chance(40)
        // A market that is killed comes back soon.
        if c.on && c.market != .none {
            var back = c
            back.on = false
            following.append(.kill(back))
        }
        return c
    }

    private mutating func drawState(_ auditor: Auditor) -> SetMarketState {
        var c = SetMarketState()
        c.market = someMarket(auditor)
        c.state = random.pick([.open, .open, .open, .open, .reduceOnly, .halted, .settled])
        return c
    }

    private mutating func drawCaps(_ auditor: Auditor) -> SetCaps {
        var c = SetCaps(market: someMarket(auditor))
        let market = at(c.market, auditor)
        let count = market < lots.count ? lots[market] : 10
        if random.chance(40) { c.openInterest = Quantity(count * Int64(random.within(1...8))) }
        if random.chance(40) { c.position = Quantity(count * Int64(random.within(1...4))) }
        if random.chance(20) { c.backstopRate = Rate(Int64(random.pick([100_000, 5_000_000]))) }
        if random.chance(50) { c = SetCaps() }
        c.market = MarketID(Int32(market))
        return c
    }
}
