/// Standing offers of volunteers, who take over what the book did not (WF-5).
extension Exchange {
    mutating func placeOffer(_ command: Offer, _ events: inout EventBuffer) -> Status {
        if let refusal = marketUserRefusal(command.market, command.account) { return refusal }
        if command.quantity.lots < 0 || command.quantity > .highest { return .invalidQuantity }
        if command.edge.units < 0 || command.edge > .one { return .invalidRate }
        let market = command.market.raw
        let account = command.account.raw
        if markets[market].state == .settled { return .marketSettled }
        if accounts[account].isKilled { return .killed }
        let known = anyPosition(account, market)
        if known >= 0 && positions[known].isIsolated { return .invalidCombination }
        if margins[accounts[account].margin].isInLiquidation { return .inLiquidation }
        let replaces = hasOffer(market, account, command.side)
        let count = command.side == .sell ? markets[market].sellOfferCount : markets[market].buyOfferCount
        if command.quantity != .zero && !replaces && count >= limits.offersPerSide { return .offerLimit }
        if command.quantity != .zero
            && makePosition(account, market, receivingSide(account, command.side)) < 0
        {
            return .positionLimit
        }
        assert(account >= AccountID.firstUser.raw, "only a user volunteers")
        removeOffer(market, account, command.side)
        if command.quantity != .zero {
            lastOffer += 1
            insertOffer(
                market,
                command.side,
                StandingOffer(
                    account: account,
                    quantity: command.quantity,
                    edge: command.edge,
                    number: lastOffer
                )
            )
        }
        reportOffer(market, account, command.side, command.quantity, command.edge, &events)
        return .ok
    }

    func reportOffer(
        _ market: Int32,
        _ account: Int32,
        _ side: Side,
        _ quantity: Quantity,
        _ edge: Rate,
        _ events: inout EventBuffer
    ) {
        var changed = OfferChanged()
        assert(quantity.lots >= 0 && edge.units >= 0, "an offer is not negative")
        changed.account = AccountID(account)
        changed.market = MarketID(market)
        changed.side = side
        changed.quantity = quantity
        changed.edge = edge
        events.append(.offerChanged, changed)
    }

    /// Which of an account's positions takes over what a liquidation sells or buys.
    func receivingSide(_ account: Int32, _ side: Side) -> PositionSide {
        accounts[account].mode == .oneWay ? .both : side == .sell ? .long : .short
    }

    @inline(__always)
    func firstOffer(_ market: Int32, _ side: Side) -> Int32 {
        side == .sell ? markets[market].sellOffers : markets[market].buyOffers
    }

    private func hasOffer(_ market: Int32, _ account: Int32, _ side: Side) -> Bool {
        var offer = firstOffer(market, side)
        while offer >= 0 {
            if offers[offer].account == account { return true }
            offer = offers[offer].next
        }
        return false
    }

    /// Puts an offer into its side's list: cheapest edge first, then older.
    mutating func insertOffer(_ market: Int32, _ side: Side, _ offer: StandingOffer) {
        assert(offer.quantity.lots > 0 && offer.edge.units >= 0, "an offer has lots and an edge")
        assert(!hasOffer(market, offer.account, side), "an account has one offer a side")
        let index = offers.insert(offer)
        var previous = nowhere
        var next = firstOffer(market, side)
        while next >= 0 && offers[next].edge <= offer.edge {
            previous = next
            next = offers[next].next
        }
        assert(
            previous < 0 || offers[previous].edge <= offer.edge,
            "an offer stands behind cheaper and older ones"
        )
        offers[index].next = next
        if previous >= 0 {
            offers[previous].next = index
        } else if side == .sell {
            markets[market].sellOffers = index
        } else {
            markets[market].buyOffers = index
        }
        if side == .sell { markets[market].sellOfferCount += 1 } else { markets[market].buyOfferCount += 1 }
    }

    mutating func removeOffer(_ market: Int32, _ account: Int32, _ side: Side) {
        var previous = nowhere
        var offer = firstOffer(market, side)
        while offer >= 0 && offers[offer].account != account {
            previous = offer
            offer = offers[offer].next
        }
        if offer < 0 { return }
        let next = offers[offer].next
        if previous >= 0 {
            offers[previous].next = next
        } else if side == .sell {
            markets[market].sellOffers = next
        } else {
            markets[market].buyOffers = next
        }
        assert(offers[offer].account == account, "an offer is taken away by its owner")
        offers.remove(offer)
        if side == .sell { markets[market].sellOfferCount -= 1 } else { markets[market].buyOfferCount -= 1 }
    }
}
