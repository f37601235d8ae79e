/// One margin account's way through steps 3 to 8, and the receipt of it (WF-3 to WF-9, RCP).
extension Exchange {
    /// Runs an episode for a margin account, looked at afresh.
    mutating func resolve(_ margin: MarginAccount.Index, _ events: inout EventBuffer) {
        assert(margins[margin].isInLiquidation, "who lost its orders is in liquidation")
        assert(
            margins[margin].account >= AccountID.vault.raw,
            "the fund and the fee account are in no liquidation"
        )
        let health = health(margin)
        // Below zero with its last position closed by another's step 8, it still has fund and residual to
        // come.
        if !health.isUnderMaintenance { return leaveIfHealthy(margin, &events) }
        beginEpisode(margin, health, &events)
        goThroughSteps(margin, &events)
        endEpisode(margin, &events)
    }

    /// The steps of the margin account's market, each as far as the account needs it.
    private mutating func goThroughSteps(_ margin: MarginAccount.Index, _ events: inout EventBuffer) {
        let steps = markets[ruleMarket(margin)].steps
        var need = WaterfallStep.Need.underMaintenance
        var isKnown = false
        for place in 0..<steps.count where !steps[place].isOfRound {
            let step = steps[place]
            if step.need > .underMaintenance && !isKnown {
                let health = health(margin)
                // Who is solvent and not past takeover waits (WF-3a).
                if !health.isUnderMaintenance || !isPastTakeover(health, ruleMarket(margin)) { return }
                need = health.equity < 0 ? .belowZero : .pastTakeover
                isKnown = true
            }
            assert(waterfall.episode.episode == lastEpisode, "an episode is the newest")
            if step.need <= need { go(through: step, margin, &events) }
        }
    }

    private mutating func go(
        through step: WaterfallStep,
        _ margin: MarginAccount.Index,
        _ events: inout EventBuffer
    ) {
        switch step {
        case .cancelOrders, .netting: preconditionFailure("a step of a round is none of an episode")
        case .book: takeToBook(margin, retry: false, &events)
        case .fund: coverDeficit(margin, &events)
        case .volunteers: takeToVolunteers(margin, &events)
        case .vault: takeToVault(margin, &events)
        case .deleveraging: deleverage(margin, &events)
        case .residual: closeResidual(margin, &events)
        }
    }

    private mutating func beginEpisode(
        _ margin: MarginAccount.Index,
        _ health: Health,
        _ events: inout EventBuffer
    ) {
        assert(health.isUnderMaintenance, "an episode is one of who lacks margin")
        assert(waterfall.trigger >= 0, "a market has begun it")
        lastEpisode += 1
        waterfall.episode = EpisodeEnded()
        waterfall.episode.episode = lastEpisode
        waterfall.episode.account = AccountID(margins[margin].account)
        setInLiquidation(margin, true)
        var began = EpisodeBegan(episode: lastEpisode, account: AccountID(margins[margin].account))
        if margins[margin].isIsolated {
            began.market = MarketID(margins[margin].market)
            began.positionSide = positions[margins[margin].firstPosition].side
        }
        let trigger = waterfall.trigger
        began.trigger = MarketID(trigger)
        began.mark = markets[trigger].mark
        began.previousMark = markets[trigger].previousMark
        began.sources = markets[trigger].validSources
        began.equity = Amount(reporting: health.equity)
        began.maintenance = Amount(reporting: health.maintenance)
        began.round = waterfall.round
        events.append(.episodeBegan, began)
    }

    /// WF-9 and the sum of the receipt.
    private mutating func endEpisode(_ margin: MarginAccount.Index, _ events: inout EventBuffer) {
        let health = health(margin)
        let closed = health.positions == 0
        let wasBelowZero = waterfall.episode.deficit > .zero
        assert(waterfall.episode.account.raw == margins[margin].account, "an episode ends for whom it began")
        if closed && health.equity > 0 && waterfall.hasTakeover && wasBelowZero {
            // Units of rounding, paid in beyond the deficit; a solvent margin account keeps what it has.
            move(health.equity, from: margin, to: venue(.fund), .rounding, &events)
        } else if closed {
            returnMargin(margin, health.equity, &events)
        }
        let healthy = !health.isUnderMaintenance
        setInLiquidation(margin, !healthy)
        markForRearm(margin)
        assert(!closed || health.maintenance == 0, "who is closed requires nothing")
        settleDeficit(health, closed)
        waterfall.episode.outcome = closed ? .closed : healthy ? .healthy : .waiting
        // Less than a unit a closing (ADL-8).
        waterfall.episode.overshoot = waterfall.episode.taken - waterfall.episode.needed
        waterfall.episode.equity = Amount(reporting: self.health(margin).equity)
        events.append(.episodeEnded, waterfall.episode)
        waterfall.hasTakeover = false
        waterfall.isCovered = false
        expireUselessReduceOnly(&events)
    }

    /// What a deficit came to in the end (RCP-5): units above zero are rounding, and what stays below
    /// because a position could not be closed belongs to the margin account's next episode.
    private mutating func settleDeficit(_ health: Health, _ closed: Bool) {
        assert(waterfall.episode.deficit.units >= 0, "a deficit is not negative")
        if waterfall.episode.deficit == .zero { return }
        if health.equity < 0 {
            waterfall.episode.deficit = Amount(
                reporting: Int128(waterfall.episode.deficit.units) + health.equity
            )
        } else if waterfall.hasTakeover && !waterfall.isCovered {
            waterfall.episode.rounding = Amount(reporting: health.equity)
        }
    }

    /// An isolated margin account without a position gives what it has left to cross (WF-9).
    mutating func returnMargin(_ margin: MarginAccount.Index, _ left: Int128, _ events: inout EventBuffer) {
        assert(health(margin).positions == 0, "margin goes back when nothing is open")
        if !margins[margin].isIsolated || left <= 0 { return }
        let cross = accounts[margins[margin].account].margin
        move(left, from: margin, to: cross, .isolatedMargin, &events)
    }
}
