public import ExchangeCore

/// One line of a scenario, understood: names are numbers, decimals are units.
public struct ScenarioLine: Sendable {
    /// What a line does.
    public enum Action: Sendable {
        /// Nothing: a blank line or a note.
        case nothing
        /// Applies these commands in order, up to the first that is refused.
        case apply([Command])
        /// Compares the state with what the line says.
        case expect(ScenarioExpectation)
        /// Shows the orders that rest in a market (SCN-8).
        case show(MarketText)
    }

    /// The word behind `do`; empty for a blank line.
    public var form = ""
    /// The moment, if the line names one.
    public var at: Timestamp?
    /// The status with which the commands must come back, if the line names one.
    public var status: Status?
    /// What it does.
    public var action = Action.nothing
    /// Accounts that it mentions for the first time, in order.
    public var newAccounts: [String] = []
    /// An owner that it mentions for the first time.
    public var newOwner: String?
    /// A market's price source that it mentions for the first time.
    public var newSource: (market: MarketID, name: String)?
    /// The market that it creates.
    public var newMarket: MarketText?
}

/// What a line expects of the state.
public struct ScenarioExpectation: Sendable {
    /// One fact of the state.
    public enum Fact: Sendable {
        /// A fact of the account that the line names.
        case equity, cash, available, maintenance
        /// A fact of the account's position in the market that the line names.
        case size, entryNotional, isolatedCash, lights
        /// A fact of the market that the line names.
        case mark, index, openInterest, state
        /// A fact of the venue.
        case fund, debt, vault, fees, deposits, withdrawals, episodes

        /// Its name in a line.
        public var name: String { "\(self)" }
    }

    /// The account, if one is named.
    public var account: AccountID?
    /// The market, if one is named.
    public var market: MarketText?
    /// Which position of the market.
    public var positionSide = PositionSide.both
    /// Each fact and the value that it must have, in the fact's own unit.
    public var facts: [(fact: Fact, value: Int128)] = []
}
