/// The vault's capital, shares and rules (VLT-1, VLT-2).
extension Exchange {
    mutating func configureVault(_ command: ConfigureVault, _ events: inout EventBuffer) -> Status {
        if command.amount.units < 0 || command.firstLoss.units < 0 || command.lossLimit.units < 0 {
            return .invalidAmount
        }
        if command.leverage < 1 || command.leverage > 125 { return .invalidLeverage }
        if command.lockUp < 0 || command.lockUp > Timestamp.latest.microseconds { return .invalidTime }
        if !vault.exists && command.amount == .zero { return .noVault }
        var shares: Int64 = 0
        if command.amount != .zero {
            if let refusal = depositRefusal(command.amount) { return refusal }
            // Without shares it starts anew, whatever it has left.
            let made = vault.totalShares == 0 ? command.amount.units : sharesFor(command.amount)
            guard let made else { return .insufficientCash }
            shares = made
        }

        // From here on the vault is set up.
        vault.exists = true
        vault.leverage = command.leverage
        vault.firstLoss = command.firstLoss
        vault.lossLimit = command.lossLimit
        vault.lockUp = command.lockUp
        setVaultLeverage()
        if shares > 0 {
            if vault.totalShares == 0 { vault.netCapital = 0 }
            bringIn(command.amount, to: .vault, .vaultDeposit, &events)
            vault.addCapital(command.amount)
            vault.venueShares += shares
            vault.totalShares += shares
            healIfHealthy(venue(.vault))
        }
        reportShares(.vault, vault.venueShares, &events)
        finishCommand(&events)
        return .ok
    }

    private mutating func setVaultLeverage() {
        var leg = accounts[AccountID.vault.raw].firstLeg
        while leg >= 0 {
            legs[leg].leverage = vault.leverage
            leg = legs[leg].next
        }
    }

    /// Shares for new capital at net asset value, or nil if there would be none or too many (VLT-2).
    private func sharesFor(_ amount: Amount) -> Int64? {
        let equity = vaultHealth.equity
        if equity <= 0 { return nil }
        let shares = scaled(Int128(amount.units), by: Int128(vault.totalShares), over: equity, .down)
        let bound = Int128(1) << 62
        if shares < 1 || shares + Int128(vault.totalShares) > bound { return nil }
        return Int64(shares)
    }

    mutating func configureVaultMarket(_ command: ConfigureVaultMarket, _ events: inout EventBuffer) -> Status
    {
        let market = command.market.raw
        if market < 0 || Int(market) >= markets.count { return .unknownMarket }
        if command.cap.units < 0 { return .invalidAmount }
        if command.edge.units < 0 || command.edge > .one { return .invalidRate }
        if !vault.exists { return .noVault }
        markets[market].vaultCap = command.cap
        markets[market].vaultEdge = command.edge
        reportRules(market, .configureVaultMarket, &events)
        return .ok
    }

    mutating func vaultDeposit(_ command: VaultDeposit, _ events: inout EventBuffer) -> Status {
        if let refusal = userRefusal(command.account) { return refusal }
        if command.amount.units < 1 { return .invalidAmount }
        if !vault.exists { return .noVault }
        let account = command.account.raw
        if let refusal = withdrawalRefusal(account, command.amount) { return refusal }
        guard let shares = sharesFor(command.amount) else { return .insufficientCash }

        // From here on the deposit is made.
        var holding = holdingTable.find(UInt64(UInt32(bitPattern: account)))
        if holding < 0 {
            holding = Int32(truncatingIfNeeded: holdings.count)
            holdings.append(VaultHolding(account: account))
            holdingTable.insert(UInt64(UInt32(bitPattern: account)), holding)
        }
        let amount = Int128(command.amount.units)
        move(amount, from: venue(command.account), to: venue(.vault), .vaultDeposit, &events)
        vault.addCapital(command.amount)
        vault.totalShares += shares
        holdings[holding].shares += shares
        holdings[holding].lockedUntil = Timestamp(clock.microseconds + vault.lockUp)
        healIfHealthy(venue(.vault))
        reportShares(command.account, holdings[holding].shares, &events)
        finishCommand(&events)
        return .ok
    }

    mutating func vaultRedeem(_ command: VaultRedeem, _ events: inout EventBuffer) -> Status {
        if let refusal = userRefusal(command.account) { return refusal }
        if command.shares < 1 { return .invalidQuantity }
        if !vault.exists { return .noVault }
        let holding = holdingTable.find(UInt64(UInt32(bitPattern: command.account.raw)))
        if holding < 0 || holdings[holding].shares < command.shares { return .insufficientCash }
        if clock < holdings[holding].lockedUntil { return .lockedUp }
        let equity = larger(0, vaultHealth.equity)
        let worth = scaled(Int128(command.shares), by: equity, over: Int128(vault.totalShares), .down)
        let amount = Amount(Int64(worth))
        if let refusal = withdrawalRefusal(AccountID.vault.raw, amount) { return refusal }

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
        if account == .vault { return vault.venueShares }
        let holding = holdingTable.find(UInt64(UInt32(bitPattern: account.raw)))
        return holding < 0 ? 0 : holdings[holding].shares
    }
}
