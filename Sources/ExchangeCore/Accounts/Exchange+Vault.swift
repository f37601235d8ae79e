/// The vault's capital, shares and rules (VLT-1, VLT-2).
extension Exchange {
    mutating func configureVault(_ command: ConfigureVault, _ events: inout EventBuffer) -> Status {
        if command.amount.units < 0 || command.firstLoss.units < 0 || command.lossLimit.units < 0 {
            return .invalidAmount
        }
        if command.leverage < 1 || command.leverage > 125 { return .invalidLeverage }
        if command.lockUp < 0 || command.lockUp > Timestamp.latest.microseconds { return .invalidTime }
        if !vault.exists && command.amount == .zero { return .noVault }
        // Without shares that are worth anything it starts again, whatever it has left.
        let isWorthless = vault.totalShares == 0 || vaultHealth.equity <= 0
        var shares: Int64 = 0
        if command.amount != .zero {
            if let refusal = depositRefusal(command.amount) { return refusal }
            if !hasPrices(AccountID.vault.raw) { return .noPrice }
            guard let made = isWorthless ? command.amount.units : sharesFor(command.amount)?.shares else {
                return .insufficientCash
            }
            if !hasRoom(venue(.vault), for: command.amount) { return .pileLimit }
            shares = made
        }

        assert(shares >= 0 && (command.amount == .zero) == (shares == 0), "capital makes shares")
        assert(vault.firstLoss.units >= 0, "a tranche is not negative")
        // From here on the vault is set up.
        // The tranche grows with capital that comes in, never by being stated again (VLT-4).
        let most = Int128(vault.firstLoss.units) + Int128(command.amount.units)
        vault.firstLoss =
            vault.exists
            ? Amount(Int64(min(Int128(command.firstLoss.units), most))) : command.firstLoss
        vault.exists = true
        vault.leverage = command.leverage
        vault.lossLimit = command.lossLimit
        vault.lockUp = command.lockUp
        setVaultLeverage()
        if shares > 0 {
            if isWorthless { cancelAllShares(&events) }
            bringIn(command.amount, to: .vault, .vaultDeposit, &events)
            vault.addCapital(command.amount)
            vault.venueShares += shares
            vault.totalShares += shares
            healIfHealthy(venue(.vault))
        }
        precondition(
            vault.exists && vault.venueShares <= vault.totalShares,
            "the venue's shares are a part of all"
        )
        reportShares(.vault, vault.venueShares, &events)
        finishCommand(&events)
        return .ok
    }

    private mutating func setVaultLeverage() {
        assert(vault.exists && vault.leverage >= 1, "a vault has a leverage")
        var position = accounts[AccountID.vault.raw].firstPosition
        while position >= 0 {
            assert(
                positions[position].account == AccountID.vault.raw && !positions[position].isIsolated,
                "the vault is cross"
            )
            positions[position].leverage = vault.leverage
            position = positions[position].next
        }
    }

    /// Cancels all shares of a vault that has nothing: they are worth nothing (VLT-2).
    private mutating func cancelAllShares(_ events: inout EventBuffer) {
        precondition(vault.totalShares == 0 || vaultHealth.equity <= 0, "only worthless shares are cancelled")
        vault.totalShares = 0
        vault.venueShares = 0
        vault.netCapital = 0
        var index = 0
        while index < holdings.count {
            assert(holdings[index].shares >= 0, "nobody has fewer shares than none")
            if holdings[index].shares > 0 {
                holdings[index].shares = 0
                reportShares(AccountID(holdings[index].account), 0, &events)
            }
            index += 1
        }
    }

    /// Whether each market in which an account has a position has a valid price.
    private func hasPrices(_ account: Int32) -> Bool {
        assert(hasAccount(account), "positions are those of an account")
        var position = accounts[account].firstPosition
        while position >= 0 {
            assert(positions[position].account == account, "a list has its account's positions")
            if positions[position].isOpen && markets[positions[position].market].validity != .valid {
                return false
            }
            position = positions[position].next
        }
        return true
    }

    /// Shares for new capital at net asset value and what they cost, whole units rounded up: so a share is
    /// never worth less for it, and nobody pays more than a unit beyond what the shares are worth. Nil if
    /// there would be none or too many (VLT-2, VLT-2a).
    private func sharesFor(_ amount: Amount) -> (shares: Int64, cost: Int128)? {
        let equity = vaultHealth.equity
        if equity <= 0 { return nil }
        assert(amount.units > 0, "shares are made for something")
        let total = Int128(vault.totalShares)
        let shares = scaled(Int128(amount.units), by: total, over: equity, .down)
        let bound = Int128(1) << 62
        if shares < 1 || shares + total > bound { return nil }
        assert(
            scaled(shares, by: equity, over: total, .up) <= Int128(amount.units),
            "shares cost no more than what is offered"
        )
        return (Int64(shares), scaled(shares, by: equity, over: total, .up))
    }

    /// The fewest shares of the venue's own with which deposits are taken. Nobody can redeem them (VLT-2).
    static var leastVenueShares: Int64 { 1_000_000 }

    mutating func configureVaultMarket(_ command: ConfigureVaultMarket, _ events: inout EventBuffer) -> Status
    {
        let market = command.market.raw
        if market < 0 || Int(market) >= markets.count { return .unknownMarket }
        if command.cap.units < 0 { return .invalidAmount }
        if command.edge.units < 0 || command.edge > .one { return .invalidRate }
        if !vault.exists { return .noVault }
        assert(
            markets[market].vaultCap.units >= 0 && markets[market].vaultEdge.units >= 0,
            "limits are not negative"
        )
        assert(vault.exists, "a limit is one of a vault")
        markets[market].vaultCap = command.cap
        markets[market].vaultEdge = command.edge
        reportRules(market, .configureVaultMarket, &events)
        return .ok
    }

    mutating func vaultDeposit(_ command: VaultDeposit, _ events: inout EventBuffer) -> Status {
        if let refusal = userRefusal(command.account) { return refusal }
        if command.amount.units < 1 { return .invalidAmount }
        if !vault.exists { return .noVault }
        if vault.venueShares < Exchange.leastVenueShares { return .noVault }
        let account = command.account.raw
        if let refusal = withdrawalRefusal(account, command.amount) { return refusal }
        if !hasPrices(AccountID.vault.raw) { return .noPrice }
        if isAnyInLiquidation { return .inLiquidation }
        guard let (shares, cost) = sharesFor(command.amount) else { return .insufficientCash }
        if !hasRoom(venue(.vault), for: command.amount) { return .pileLimit }

        precondition(
            shares > 0 && cost > 0 && cost <= Int128(command.amount.units),
            "a deposit costs something, and no more than it says"
        )
        // From here on the deposit is made.
        var holding = holdingTable.find(UInt64(UInt32(bitPattern: account)))
        if holding < 0 {
            holding = Int32(truncatingIfNeeded: holdings.count)
            holdings.append(VaultHolding(account: account))
            holdingTable.insert(UInt64(UInt32(bitPattern: account)), holding)
        }
        move(cost, from: venue(command.account), to: venue(.vault), .vaultDeposit, &events)
        vault.addCapital(Amount(Int64(cost)))
        vault.totalShares += shares
        holdings[holding].shares += shares
        assert(holdings[holding].shares >= shares && vault.totalShares >= shares, "shares only grow")
        assert(vault.lockUp >= 0, "a lock-up ends later")
        holdings[holding].lockedUntil = Timestamp(clock.microseconds + vault.lockUp)
        healIfHealthy(venue(.vault))
        reportShares(command.account, holdings[holding].shares, &events)
        finishCommand(&events)
        return .ok
    }

    /// Whether a margin account waits in liquidation: its episode began before a deposit that comes now, and
    /// the depositor has no part in it (VLT-2).
    private var isAnyInLiquidation: Bool { inLiquidation.count > 0 }

    mutating func vaultRedeem(_ command: VaultRedeem, _ events: inout EventBuffer) -> Status {
        if let refusal = userRefusal(command.account) { return refusal }
        if command.shares < 1 { return .invalidQuantity }
        if !vault.exists { return .noVault }
        let holding = holdingTable.find(UInt64(UInt32(bitPattern: command.account.raw)))
        if holding < 0 || holdings[holding].shares < command.shares { return .insufficientCash }
        if clock < holdings[holding].lockedUntil { return .lockedUp }
        if !hasPrices(AccountID.vault.raw) { return .noPrice }
        let equity = max(0, vaultHealth.equity)
        let worth = scaled(Int128(command.shares), by: equity, over: Int128(vault.totalShares), .down)
        let amount = Amount(Int64(worth))
        if let refusal = withdrawalRefusal(AccountID.vault.raw, amount) { return refusal }
        if !hasRoom(venue(command.account), for: amount) { return .pileLimit }

        precondition(worth >= 0 && worth <= equity, "shares are worth a part of the equity")
        precondition(
            command.shares <= vault.totalShares - vault.venueShares,
            "depositors have the shares that are not the venue's"
        )
        // From here on the shares are taken back.
        move(worth, from: venue(.vault), to: venue(command.account), .vaultRedemption, &events)
        vault.addCapital(-amount)
        vault.totalShares -= command.shares
        holdings[holding].shares -= command.shares
        healIfHealthy(venue(command.account))
        reportShares(command.account, holdings[holding].shares, &events)
        finishCommand(&events)
        return .ok
    }

    /// Vault shares of an account; under `AccountID.vault` the venue's own.
    public func vaultShares(of account: AccountID) -> Int64 {
        assert(
            vault.venueShares >= 0 && vault.venueShares <= vault.totalShares,
            "the venue's shares are a part of all"
        )
        if account == .vault { return vault.venueShares }
        let holding = holdingTable.find(UInt64(UInt32(bitPattern: account.raw)))
        return holding < 0 ? 0 : holdings[holding].shares
    }
}
