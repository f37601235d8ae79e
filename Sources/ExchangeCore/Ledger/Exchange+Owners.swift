/// Accounts by their owner (LED-2): a list for each owner with a name.
extension Exchange {
    private func ownerKey(_ owner: OwnerID) -> UInt64 { UInt64(UInt32(bitPattern: owner.raw)) }

    /// Enters an account into its owner's list. An account without a named owner is in none.
    mutating func linkOwner(_ account: Int32) {
        let owner = accounts[account].owner
        if owner.raw <= 0 { return }
        assert(accounts[account].nextOfOwner == nowhere, "an account is in one list")
        accounts[account].nextOfOwner = ownerTable.find(ownerKey(owner))
        ownerTable.remove(ownerKey(owner))
        assert(accounts[account].nextOfOwner != account, "no account stands behind itself")
        ownerTable.insert(ownerKey(owner), account)
    }

    /// Takes an account out of its owner's list. O(accounts of the owner).
    mutating func unlinkOwner(_ account: Int32) {
        let owner = accounts[account].owner
        if owner.raw <= 0 { return }
        assert(ownerTable.find(ownerKey(owner)) >= 0, "a named owner has a list")
        let next = accounts[account].nextOfOwner
        let first = ownerTable.find(ownerKey(owner))
        if first == account {
            ownerTable.remove(ownerKey(owner))
            if next >= 0 { ownerTable.insert(ownerKey(owner), next) }
        } else {
            var previous = first
            assert(previous >= 0, "an account is in its owner's list")
            while accounts[previous].nextOfOwner != account { previous = accounts[previous].nextOfOwner }
            accounts[previous].nextOfOwner = next
        }
        accounts[account].nextOfOwner = nowhere
    }

    /// The first account of a named owner's list, or `nowhere`.
    func firstAccount(of owner: OwnerID) -> Int32 { ownerTable.find(ownerKey(owner)) }

    /// Calls `body` for each account of an account's owner, itself included, in no order.
    /// O(accounts of the owner).
    func forEachAccount(ofOwnerOf account: Int32, _ body: (Int32) -> Void) {
        let owner = accounts[account].owner
        assert(hasAccount(account), "an owner is one of an account")
        if owner.raw <= 0 { return body(account) }
        var other = ownerTable.find(ownerKey(owner))
        while other >= 0 {
            assert(accounts[other].owner == owner, "a list has its owner's accounts")
            body(other)
            other = accounts[other].nextOfOwner
        }
    }
}
