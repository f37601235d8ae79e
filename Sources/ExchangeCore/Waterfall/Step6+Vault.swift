/// Step 6: the backstop vault takes what fits (VLT-3 to VLT-6).
extension Exchange {
    mutating func takeToVault(_ margin: MarginAccount.Index, _ events: inout EventBuffer) {
        assert(margins[margin].isInLiquidation, "who is taken over is in liquidation")
        if margin == venue(.vault) { return }
        orderPositions(margin, health(margin).equity < 0 ? .byLoss : .byMaintenance)
        var index = 0
        while index < positionOrder.count {
            let position = positionOrder[index]
            index += 1
            let health = health(margin)
            if !health.isUnderMaintenance { return }
            offerToVault(position, bankruptcyPrice(position, health), &events)
        }
    }

    private mutating func offerToVault(
        _ position: Int32,
        _ bankruptcy: BankruptcyPrice,
        _ events: inout EventBuffer
    ) {
        let asked = Int64(positions[position].size.lots.magnitude)
        var quote = VaultQuote()
        quote.episode = waterfall.episode.episode
        quote.market = MarketID(positions[position].market)
        quote.asked = Quantity(asked)
        quote.limit =
            !vault.exists ? .absent : margins[venue(.vault)].isInLiquidation ? .inLiquidation : .none
        if vault.exists {
            quote.equity = Amount(reporting: vaultHealth.equity)
            quote.firstLoss = firstLossLeft
        }
        if quote.limit == .none {
            let taker = makePosition(AccountID.vault.raw, positions[position].market, .both)
            if taker < 0 {
                // The vault's own count of markets is a limit like any other on its size.
                quote.limit = .cap
            } else {
                let most = firstLossLeft
                let quantity = bisect(asked) { vaultRefusal($0, position, taker, bankruptcy, most) == .none }
                precondition(quantity >= 0 && quantity <= asked, "no more is taken than there is")
                quote.taken = Quantity(quantity)
                if quantity < asked {
                    quote.limit = vaultRefusal(quantity + 1, position, taker, bankruptcy, most)
                }
                if quantity > 0 { takeOver(quantity, position, taker, bankruptcy, &events) }
            }
            quote.firstLoss = firstLossLeft
        }
        events.append(.vaultQuote, quote)
    }

    /// The first limit that keeps the vault from taking some lots (VLT-3, VLT-5).
    private func vaultRefusal(
        _ lots: Int64,
        _ position: Int32,
        _ taker: Int32,
        _ bankruptcy: BankruptcyPrice,
        _ firstLoss: Amount
    ) -> VaultLimit {
        if lots == 0 { return .none }
        let market = positions[position].market
        let adjustment = bankruptcy.adjustment(lots)
        let delta = positions[position].isLong ? lots : -lots
        let reducible = max(0, delta > 0 ? -positions[taker].size.lots : positions[taker].size.lots)
        if lots > reducible {
            if availableAfter(taking: lots, from: position, on: taker, adjustment) < 0 { return .margin }
            let size = Int128((positions[taker].size.lots + delta).magnitude)
            if size * Int128(markets[market].mark.ticks) * markets[market].u
                > Int128(markets[market].vaultCap.units)
            {
                return .cap
            }
        }
        let shortfall = edgeAmount(market, lots, markets[market].vaultEdge) - adjustment
        if shortfall > Int128(firstLoss.units) { return .edge }
        if !fits(lots, of: position, with: taker, adjustment: adjustment) { return .cap }
        if lots > reducible && vault.lossLimit != .unlimited {
            let equity = vaultHealth.equity + adjustment
            if Int128(vault.netCapital) - equity > Int128(vault.lossLimit.units) { return .loss }
        }
        return .none
    }

    /// What is left of the first loss: of the tranche, and never more than the venue's own shares are worth
    /// (VLT-4).
    var firstLossLeft: Amount {
        if vault.totalShares == 0 { return .zero }
        let equity = max(0, vaultHealth.equity)
        let own = scaled(Int128(vault.venueShares), by: equity, over: Int128(vault.totalShares), .down)
        precondition(own >= 0 && own <= equity, "the venue's shares are a part of the vault")
        return Amount(Int64(min(own, Int128(vault.firstLoss.units))))
    }

    private mutating func takeOver(
        _ quantity: Int64,
        _ position: Int32,
        _ taker: Int32,
        _ bankruptcy: BankruptcyPrice,
        _ events: inout EventBuffer
    ) {
        let market = positions[position].market
        let adjustment = bankruptcy.adjustment(quantity)
        assert(quantity > 0 && vault.exists, "a vault takes something over")
        let shortfall = max(0, edgeAmount(market, quantity, markets[market].vaultEdge) - adjustment)
        let equity = vaultHealth.equity
        if shortfall > 0 { useFirstLoss(shortfall, equity, &events) }
        precondition(shortfall == 0 || vault.firstLoss.units >= 0, "the first loss bears no more than it has")
        if adjustment < 0 { waterfall.episode.vault += Amount(Int64(-adjustment)) }
        markets[market].vaultTookOver = true
        waterfall.hasTakeover = true
        var closing = Closing()
        close(
            quantity,
            of: position,
            with: taker,
            adjustment: adjustment,
            .vault,
            .takeover,
            &closing,
            &events
        )
    }

    /// The venue's own shares bear what the vault takes below the edge it asks (VLT-4).
    private mutating func useFirstLoss(_ shortfall: Int128, _ equity: Int128, _ events: inout EventBuffer) {
        precondition(
            shortfall > 0 && shortfall <= Int128(firstLossLeft.units),
            "the first loss bears no more than it has"
        )
        vault.firstLoss -= Amount(Int64(shortfall))
        var cancelled = vault.venueShares
        if equity > 0 {
            let worth = scaled(Int128(vault.totalShares), by: shortfall, over: equity, .up)
            cancelled = Int64(min(worth, Int128(cancelled)))
        }
        vault.venueShares -= cancelled
        precondition(cancelled >= 0 && cancelled <= vault.totalShares, "shares are cancelled that are there")
        vault.totalShares -= cancelled
        reportShares(.vault, vault.venueShares, &events)
    }

    // MARK: Working off (VLT-6)

    /// Puts a part of the vault's position in a market into the book, at mark or better.
    mutating func workOffVault(_ market: Int32, _ events: inout EventBuffer) {
        let position = findPosition(AccountID.vault.raw, market, .both)
        let parts = markets[market].specification.workOff
        if position < 0 || !isClosable(position) || parts == 0 || markets[market].vaultTookOver { return }
        if margins[venue(.vault)].isInLiquidation { return }
        assert(parts > 0 && vault.exists, "a vault works off a part")
        let size = Int128(positions[position].size.lots.magnitude)
        var taker = Taker(
            position: position,
            side: positions[position].isLong ? .sell : .buy,
            limit: markets[market].mark.ticks,
            remaining: Quantity(Int64(quotient(size, Int128(parts), .up))),
            reduceOnly: true,
            selfTrade: .expireMaker
        )
        match(&taker, &events)
        expireUselessReduceOnly(&events)
    }

    /// Forgets in which markets the vault took something over in this command.
    mutating func clearTakeovers() {
        var position = accounts[AccountID.vault.raw].firstPosition
        while position >= 0 {
            assert(positions[position].account == AccountID.vault.raw, "a list has the vault's positions")
            markets[positions[position].market].vaultTookOver = false
            position = positions[position].next
        }
    }
}
