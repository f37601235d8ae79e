/// Margin accounts: one for the cross margin of each account, and one for each isolated position (LED-8).
///
/// Their indices are internal names, as those of orders are: nothing in events or in the state depends on
/// which one a margin account was given.
extension Exchange {
    /// Gives an account its cross margin account.
    mutating func openCross(_ account: Int32) {
        assert(accounts[account].margin == .none, "an account has one cross margin account")
        accounts[account].margin = MarginAccount.Index(margins.insert(MarginAccount(account: account)))
        assert(!margins[accounts[account].margin].isIsolated, "a cross margin account is of no market")
    }

    /// Puts a position into the margin account that it counts in: its own if it is isolated, made with it,
    /// else the account's cross one. O(positions of the account) if it is not the newest.
    mutating func joinMargin(_ position: Int32) {
        assert(
            positions[position].margin == .none && positions[position].nextOfMargin == nowhere,
            "a position counts in one"
        )
        let account = positions[position].account
        if positions[position].isIsolated {
            var own = MarginAccount(account: account, market: positions[position].market)
            own.firstPosition = position
            own.lastPosition = position
            positions[position].margin = MarginAccount.Index(margins.insert(own))
            return
        }
        let cross = accounts[account].margin
        positions[position].margin = cross
        // In the order of the account's list, whenever it comes.
        var previous = margins[cross].lastPosition
        if previous > position {
            previous = nowhere
            var next = margins[cross].firstPosition
            while next < position {
                previous = next
                next = positions[next].nextOfMargin
            }
            positions[position].nextOfMargin = next
        } else {
            margins[cross].lastPosition = position
        }
        if previous >= 0 {
            positions[previous].nextOfMargin = position
        } else {
            margins[cross].firstPosition = position
        }
        assert(
            positions[position].nextOfMargin == nowhere || positions[position].nextOfMargin > position,
            "the list is in order"
        )
    }

    /// Takes a position out of its margin account, which ends with it if it is isolated.
    mutating func leaveMargin(_ position: Int32) {
        let margin = positions[position].margin
        let next = positions[position].nextOfMargin
        assert(hasMargin(margin), "a position counts in a margin account")
        positions[position].margin = .none
        positions[position].nextOfMargin = nowhere
        if positions[position].isIsolated {
            precondition(margins[margin].cash == .zero && !margins[margin].isInLiquidation, "nothing is lost")
            margins[margin].account = nowhere
            return margins.remove(margin.raw)
        }
        if margins[margin].firstPosition == position {
            margins[margin].firstPosition = next
            if next < 0 { margins[margin].lastPosition = nowhere }
            return
        }
        var previous = margins[margin].firstPosition
        while positions[previous].nextOfMargin != position { previous = positions[previous].nextOfMargin }
        positions[previous].nextOfMargin = next
        if next < 0 { margins[margin].lastPosition = previous }
        assert(margins[margin].firstPosition >= 0, "what is left has a first")
    }

    /// The cash of a position's own margin account; zero in cross margin.
    @inline(__always)
    func isolatedCash(_ position: Int32) -> Amount {
        positions[position].isIsolated ? margins[positions[position].margin].cash : .zero
    }

    mutating func setInLiquidation(_ margin: MarginAccount.Index, _ value: Bool) {
        assert(
            hasMargin(margin) && margins[margin].account >= AccountID.vault.raw,
            "who is in liquidation is a user or the vault"
        )
        if margins[margin].isInLiquidation == value { return }
        margins[margin].isInLiquidation = value
        if value {
            inLiquidation.append(margin)
        } else {
            assert(inLiquidation.count > 0, "who leaves was listed")
            var index = 0
            while inLiquidation[index] != margin { index += 1 }
            let last = inLiquidation.removeLast()
            if last != margin { inLiquidation[index] = last }
        }
    }

    /// Notes that a margin account's triggers are to be armed again when the command ends: its health fell,
    /// or a size or the number of its positions changed.
    @inline(__always)
    mutating func markForRearm(_ margin: MarginAccount.Index) {
        assert(hasMargin(margin), "triggers are those of a margin account")
        if margins[margin].isToRearm { return }
        margins[margin].isToRearm = true
        toRearm.append(margin)
        assert(toRearm.count <= margins.live, "it is noted once")
    }

    /// Notes that a margin account was the other side of a closing, or was charged (WF-0).
    mutating func markAffected(_ margin: MarginAccount.Index) {
        assert(hasMargin(margin), "who is affected is a margin account")
        if margins[margin].isAffected { return }
        margins[margin].isAffected = true
        affected.append(margin)
        assert(affected.count <= margins.live, "it is noted once")
    }
}
