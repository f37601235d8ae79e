/// Margin accounts: one for the cross margin of each account, and one for each isolated position (LED-8).
///
/// Their indices are internal names, as those of orders are: nothing in events or in the state depends on
/// which one a margin account was given.
extension Exchange {
    /// Gives an account its cross margin account.
    mutating func openCross(_ account: Int32) {
        assert(accounts[account].margin == .none, "an account has one cross margin account")
        accounts[account].margin = MarginAccount.Index(margins.insert(MarginAccount(account: account)))
    }

    /// Puts a position into the margin account that it counts in: its own if it is isolated, made with it,
    /// else the account's cross one. O(positions of the account) if it is not the newest.
    mutating func joinMargin(_ leg: Int32) {
        assert(legs[leg].margin == .none && legs[leg].nextOfMargin == nowhere, "a position counts in one")
        let account = legs[leg].account
        if legs[leg].isIsolated {
            var own = MarginAccount(account: account, market: legs[leg].market)
            own.firstPosition = leg
            own.lastPosition = leg
            legs[leg].margin = MarginAccount.Index(margins.insert(own))
            return
        }
        let cross = accounts[account].margin
        legs[leg].margin = cross
        // In the order of the account's list, whenever it comes.
        var previous = margins[cross].lastPosition
        if previous > leg {
            previous = nowhere
            var next = margins[cross].firstPosition
            while next < leg {
                previous = next
                next = legs[next].nextOfMargin
            }
            legs[leg].nextOfMargin = next
        } else {
            margins[cross].lastPosition = leg
        }
        if previous >= 0 { legs[previous].nextOfMargin = leg } else { margins[cross].firstPosition = leg }
        assert(legs[leg].nextOfMargin == nowhere || legs[leg].nextOfMargin > leg, "the list is in order")
    }

    /// Takes a position out of its margin account, which ends with it if it is isolated.
    mutating func leaveMargin(_ leg: Int32) {
        let margin = legs[leg].margin
        let next = legs[leg].nextOfMargin
        assert(hasMargin(margin), "a position counts in a margin account")
        legs[leg].margin = .none
        legs[leg].nextOfMargin = nowhere
        if legs[leg].isIsolated {
            precondition(margins[margin].cash == .zero && !margins[margin].isInLiquidation, "nothing is lost")
            margins[margin].account = nowhere
            return margins.remove(margin.raw)
        }
        if margins[margin].firstPosition == leg {
            margins[margin].firstPosition = next
            if next < 0 { margins[margin].lastPosition = nowhere }
            return
        }
        var previous = margins[margin].firstPosition
        while legs[previous].nextOfMargin != leg { previous = legs[previous].nextOfMargin }
        legs[previous].nextOfMargin = next
        if next < 0 { margins[margin].lastPosition = previous }
        assert(margins[margin].firstPosition >= 0, "what is left has a first")
    }

    /// The cash of a position's own margin account; zero in cross margin.
    @inline(__always)
    func isolatedCash(_ leg: Int32) -> Amount {
        legs[leg].isIsolated ? margins[legs[leg].margin].cash : .zero
    }

    mutating func setInLiquidation(_ margin: MarginAccount.Index, _ value: Bool) {
        assert(
            hasMargin(margin) && margins[margin].account >= AccountID.vault.raw,
            "who is in liquidation is a user or the vault"
        )
        if margins[margin].isInLiquidation == value { return }
        margins[margin].isInLiquidation = value
        if value {
            waiting.append(margin)
        } else {
            assert(waiting.count > 0, "who leaves was listed")
            var index = 0
            while waiting[index] != margin { index += 1 }
            let last = waiting.removeLast()
            if last != margin { waiting[index] = last }
        }
    }

    /// Notes that a bucket's triggers are to be armed anew when the command ends: its health fell, or a
    /// size or the number of its positions changed.
    @inline(__always)
    mutating func disarm(_ margin: MarginAccount.Index) {
        assert(hasMargin(margin), "triggers are those of a margin account")
        if margins[margin].isDisarmed { return }
        margins[margin].isDisarmed = true
        disarmed.append(margin)
    }

    /// Notes that a bucket was the other side of a closing, or was charged (WF-0).
    mutating func touch(_ margin: MarginAccount.Index) {
        assert(hasMargin(margin), "who is affected is a margin account")
        if margins[margin].isTouched { return }
        margins[margin].isTouched = true
        touched.append(margin)
    }
}
