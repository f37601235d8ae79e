/// Who is known: the first checks of most commands (CMD-3).
extension Exchange {
    /// Whether an account is there and a user's.
    func userRefusal(_ account: AccountID) -> Status? {
        if account.raw < 0 || Int(account.raw) >= accounts.count { return .unknownAccount }
        return account < .firstUser ? .venueAccount : nil
    }

    /// Market known, account known and a user's: the first checks of most commands (CMD-3).
    func marketUserRefusal(_ market: MarketID, _ account: AccountID) -> Status? {
        if market.raw < 0 || Int(market.raw) >= markets.count { return .unknownMarket }
        return userRefusal(account)
    }

    func hasAccount(_ account: Int32) -> Bool { account >= 0 && Int(account) < accounts.count }

    func hasUser(_ account: Int32) -> Bool {
        hasAccount(account) && account >= AccountID.firstUser.raw
    }

    /// Whether a margin account exists.
    func hasMargin(_ margin: MarginAccount.Index) -> Bool {
        margins.has(margin.raw) && hasAccount(margins[margin].account)
    }
}
