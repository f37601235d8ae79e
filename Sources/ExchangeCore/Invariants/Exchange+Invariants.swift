/// What holds of every state between two commands (DET-6).
///
/// Values are looked at record by record, as a restored state's are when they are read; then links both ways,
/// flags against lists, and sums. A section a room; `StateRule` has the rules.
extension Exchange {
    /// The first rule that does not hold of this state; nil if all do.
    ///
    /// - Complexity: O(state), O(n) memory for a mark an account and position.
    public func checkInvariants() -> StateFault? {
        do throws(StateFault) {
            try checkHeader(StateHeader(of: self), limits)
            try checkLedger()
            try checkMarkets()
            try checkBook()
            try checkTriggers()
            try checkWaterfall()
            try checkStorage()
            return nil
        } catch {
            return error
        }
    }

    // MARK: Ledger

    private func checkLedger() throws(StateFault) {
        for number in 0..<count(of: accounts) { try checkAccount(accounts[number], number) }
        for number in 0..<count(of: positions) {
            try checkPosition(positions[number], number, markets: count(of: markets))
            try checkFlags(number)
        }
        try checkAccountLists()
        try checkMargins()
        try checkOwners()
        try checkRequests()
        for number in 0..<holdings.count {
            try checkHolding(holdings[number], number)
            let check = StateCheck(.holding(number))
            let key = UInt64(UInt32(bitPattern: holdings[number].account))
            try check(Int(holdingTable.find(key)) == number, "account", .holding)
        }
        try checkLedgerSums()
    }

    /// What only lasts within a command is over, or listed.
    private func checkFlags(_ position: Int32) throws(StateFault) {
        let check = StateCheck(.position(position))
        let it = positions[position]
        try check(!it.isChanged, "flags", .scratch)
        try check(findPosition(it.account, it.market, it.side) == position, "side", .oncePosition)
    }

    private func checkAccountLists() throws(StateFault) {
        var listed: Int32 = 0
        for account in 0..<count(of: accounts) {
            let check = StateCheck(.account(account))
            var found: Int32 = 0
            var last = nowhere
            var position = accounts[account].firstPosition
            while position >= 0 && found < accounts[account].positionCount {
                try check(positions[position].account == account, "firstPosition", .accountPositions)
                found += 1
                last = position
                position = positions[position].next
            }
            try check(
                position < 0 && found == accounts[account].positionCount,
                "positionCount",
                .accountPositions
            )
            try check(last == accounts[account].lastPosition, "lastPosition", .accountPositions)
            try check(found <= limits.positionsPerAccount, "positionCount", .accountPositions)
            listed += found
        }
        try StateCheck(.header)(listed == count(of: positions), "positions", .accountPositions)
    }

    /// Each position counts in one margin account, whose list has it in order.
    private func checkMargins() throws(StateFault) {
        var (listed, isolated) = (0, 0)
        for account in 0..<count(of: accounts) {
            let check = StateCheck(.account(account))
            try check(hasMargin(accounts[account].margin), "margin", .marginAccount)
            try check(!margins[accounts[account].margin].isIsolated, "margin", .marginAccount)
            try check(margins[accounts[account].margin].account == account, "margin", .marginAccount)
            listed += try countPositions(of: accounts[account].margin, check)
        }
        for position in 0..<count(of: positions) where positions[position].isIsolated {
            let check = StateCheck(.position(position))
            try check(hasMargin(positions[position].margin), "margin", .marginAccount)
            let own = margins[positions[position].margin]
            try check(own.account == positions[position].account, "margin", .marginAccount)
            try check(own.isIsolated && own.market == positions[position].market, "margin", .marginAccount)
            try check(own.firstPosition == position && own.lastPosition == position, "margin", .marginAccount)
            listed += try countPositions(of: positions[position].margin, check)
            isolated += 1
        }
        try StateCheck(.header)(listed == positions.count, "positions", .marginAccount)
        try StateCheck(.header)(margins.live == accounts.count + isolated, "margins", .marginAccount)
    }

    private func countPositions(of margin: MarginAccount.Index, _ check: StateCheck) throws(StateFault) -> Int
    {
        try check(margins[margin].cash.isBounded, "cash", .cash)
        try check(!margins[margin].isToRearm, "isToRearm", .scratch)
        var found = 0
        var last = nowhere
        var position = margins[margin].firstPosition
        while position >= 0 {
            try check(
                position > last && positions[position].margin == margin,
                "firstPosition",
                .marginAccount
            )
            found += 1
            last = position
            position = positions[position].nextOfMargin
        }
        try check(last == margins[margin].lastPosition, "lastPosition", .marginAccount)
        return found
    }

    private func checkOwners() throws(StateFault) {
        var named = 0
        var listed = 0
        for account in 0..<count(of: accounts) where accounts[account].owner.raw > 0 {
            named += 1
            if firstAccount(of: accounts[account].owner) != account { continue }
            var other = account
            while other >= 0 && listed < accounts.count {
                let check = StateCheck(.account(other))
                try check(accounts[other].owner == accounts[account].owner, "owner", .owner)
                listed += 1
                other = accounts[other].nextOfOwner
            }
        }
        try StateCheck(.header)(named == listed, "accounts", .owner)
    }

    private func checkRequests() throws(StateFault) {
        var listed = try countRequests(of: venueRequests, nowhere)
        for account in 0..<count(of: accounts) { listed += try countRequests(of: accounts[account], account) }
        try StateCheck(.header)(listed == requests.live, "requests", .request)
    }

    private func countRequests(of list: Account, _ account: Int32) throws(StateFault) -> Int {
        let check = StateCheck(.account(account))
        var found: Int32 = 0
        var request = list.firstRequest
        while request >= 0 && found < list.requestCount {
            let it = requests[request]
            let answer = remembered(it.key, of: account)
            let isFound = answer.map { $0.status == it.status && $0.result == it.result } ?? false
            try check(it.account == account && isFound, "key", .request)
            found += 1
            request = it.next
        }
        try check(request < 0 && found == list.requestCount, "requestCount", .request)
        try check(found <= max(0, limits.requestKeys), "requestCount", .request)
        return Int(found)
    }

    /// LED-4 and VLT-2.
    func checkLedgerSums() throws(StateFault) {
        let check = StateCheck(.header)
        var total = Int128(totalWithdrawals.units) - Int128(totalDeposits.units)
        for index in 0..<accounts.count { total += Int128(margins[accounts[index].margin].cash.units) }
        for index in 0..<count(of: positions) {
            total += Int128(positions[index].quote.units) + Int128(isolatedCash(index).units)
        }
        try check(total == 0, "deposits", .conservation)
        var shares = Int128(vault.venueShares)
        for index in 0..<holdings.count { shares += Int128(holdings[index].shares) }
        try StateCheck(.vault)(shares == Int128(vault.totalShares), "totalShares", .shares)
    }

    // MARK: Counting

    /// The number of a slab's records, as indices are written.
    @inline(__always)
    func count<Element>(of slab: borrowing Slab<Element>) -> Int32 {
        Int32(truncatingIfNeeded: slab.count)
    }
}
