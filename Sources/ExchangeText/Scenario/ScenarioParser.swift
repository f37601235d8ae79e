import ExchangeCore

/// Understands one line of the scenario language, against the names known so far (SCN-1).
///
/// Understanding changes nothing: names that a line mentions for the first time are listed in the
/// result and become known when the line is applied.
public struct ScenarioParser {
    var fields: LineFields
    let names: NameTable
    /// µs of a vault's lock-up where its line states none.
    let lockUp: Int64
    var result = ScenarioLine()

    private init(fields: LineFields, names: NameTable, lockUp: Int64) {
        self.fields = fields
        self.names = names
        self.lockUp = lockUp
    }

    /// Understands the bytes of line `number`, without its line feed.
    ///
    /// - Parameter lockUp: µs for which shares of the vault are locked up where a `vault` line states no
    ///   `lockUpSeconds` (VLT-2a).
    public static func parse(
        _ bytes: ArraySlice<UInt8>,
        line number: Int,
        names: NameTable,
        lockUp: Int64 = 0
    ) throws(ScenarioError) -> ScenarioLine {
        if bytes.allSatisfy({ $0 == 32 || $0 == 9 || $0 == 13 }) { return ScenarioLine() }
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONParser.parse(bytes)
        } catch {
            throw ScenarioError(line: number, message: error.message, expected: "one JSON object")
        }
        guard case .object(let members) = value else {
            throw ScenarioError(line: number, message: value.kind, expected: "one JSON object")
        }
        var parser = ScenarioParser(
            fields: LineFields(line: number, members: members),
            names: names,
            lockUp: lockUp
        )
        try parser.parse()
        return parser.result
    }

    private mutating func parse() throws(ScenarioError) {
        let form = try fields.string("do", expected: ScenarioParser.forms)
        result.form = form
        if form == "note" {
            _ = fields.value("text")
            return try fields.finish()
        }
        switch form {
        case "expect": result.action = .expect(try expectation())
        case "book": result.action = .show(try market())
        default:
            result.action = .apply(try commands(form))
            result.status = try fields.optionalTerm("status", Status.self)
        }
        result.at = try time("at")
        try fields.finish()
    }

    /// What the commands of a line of each kind are; a line of the fund is a deposit of its own.
    private mutating func commands(_ form: String) throws(ScenarioError) -> [Command] {
        if form == "fund" { return [.deposit(Deposit(account: .fund, amount: try fields.amount("amount")))] }
        switch ScenarioParser.kinds[form] {
        case .createMarket: return try createMarket()
        case .setTiers: return [.setTiers(SetTiers(market: try market().id, table: try tiers()))]
        case .setOwner: return [.setOwner(SetOwner(account: try account(), owner: try owner()))]
        case .deposit:
            return [.deposit(Deposit(account: try account(), amount: try fields.amount("amount")))]
        case .withdraw:
            return [.withdraw(Withdraw(account: try account(), amount: try fields.amount("amount")))]
        case .transfer: return [.transfer(try transfer())]
        case .placeOrder: return [.placeOrder(try order())]
        case .amendOrder: return [.amendOrder(try amend())]
        case .cancelOrder: return [.cancelOrder(try cancel())]
        case .cancelAll:
            return [.cancelAll(CancelAll(account: try account(), market: try optionalMarket()?.id ?? .none))]
        case .countdown: return [.countdown(try countdown())]
        case .setLeverage: return [.setLeverage(try leverage())]
        case .setMarginMode: return [.setMarginMode(try marginMode())]
        case .setPositionMode:
            return [.setPositionMode(SetPositionMode(account: try account(), mode: try fields.term("mode")))]
        case .adjustIsolatedMargin: return [.adjustIsolatedMargin(try margin())]
        case .offer: return [.offer(try volunteer())]
        case .price: return [.price(try price())]
        case .configureSource: return [.configureSource(try configureSource())]
        case .funding: return [.funding(try funding())]
        case .tick: return [.tick(Tick())]
        case .configureVault: return try vault()
        case .vaultDeposit:
            return [.vaultDeposit(VaultDeposit(account: try account(), amount: try fields.amount("amount")))]
        case .vaultRedeem: return [.vaultRedeem(try vaultRedeem())]
        case .kill: return [.kill(try kill())]
        case .setMarketState:
            return [.setMarketState(SetMarketState(market: try market().id, state: try fields.term("state")))]
        case .settle: return [.settle(try settle())]
        case .setCaps: return [.setCaps(try caps(of: market(), "openInterest", "position"))]
        case .setDebtRule: return [.setDebtRule(SetDebtRule(rule: try fields.term("rule")))]
        case .setHedge: return [.setHedge(try hedge())]
        case nil, .openAccount, .configureVaultMarket, .continue:
            throw fields.error("\"do\" is \"\(form)\"", expected: ScenarioParser.forms)
        }
    }

    /// The kinds that a line may be of, by their terms. An account is opened by its first mention, what holds
    /// for the vault in a market stands in the vault's own line, and a waterfall goes on by itself (SCN-4).
    private static let kinds = Dictionary(
        uniqueKeysWithValues: CommandKind.all
            .filter { ![.openAccount, .configureVaultMarket, .continue].contains($0) }
            .map { ("\($0.term)", $0) }
    )

    static let forms =
        "one of " + CommandKind.all.map { "\($0.term)" }.filter { kinds[$0] != nil }.joined(separator: ", ")
        + ", fund, expect, book, note"

    mutating func time(_ name: String) throws(ScenarioError) -> Timestamp? {
        try fields.optionalInteger(name, in: 0...Timestamp.latest.microseconds).map { Timestamp($0) }
    }

    /// The account that member `name` names; opened by this line if it is the first mention.
    mutating func account(_ name: String = "account") throws(ScenarioError) -> AccountID {
        let text = try fields.string(name, expected: "the name of an account")
        return try account(named: text)
    }

    mutating func optionalAccount(_ name: String = "account") throws(ScenarioError) -> AccountID? {
        guard let text = try fields.optionalString(name, expected: "the name of an account") else {
            return nil
        }
        return try account(named: text)
    }

    private mutating func account(named text: String) throws(ScenarioError) -> AccountID {
        if NameTable.reserved.contains(text) {
            throw fields.error(
                "the account \"\(text)\" is the venue's own",
                expected: "the name of a user's account"
            )
        }
        if let known = names.account(named: text) { return known }
        let index = result.newAccounts.firstIndex(of: text) ?? result.newAccounts.count
        if index == result.newAccounts.count { result.newAccounts.append(text) }
        return AccountID(names.nextAccount.raw + Int32(index))
    }

    /// The market that `symbol` names.
    mutating func market() throws(ScenarioError) -> MarketText {
        try market(named: fields.string("symbol", expected: knownMarkets))
    }

    mutating func optionalMarket() throws(ScenarioError) -> MarketText? {
        guard let symbol = try fields.optionalString("symbol", expected: knownMarkets) else { return nil }
        return try market(named: symbol)
    }

    func market(named symbol: String) throws(ScenarioError) -> MarketText {
        guard let market = names.market(named: symbol) else {
            throw fields.error("there is no market \"\(symbol)\"", expected: knownMarkets)
        }
        return market
    }

    private var knownMarkets: String {
        switch names.markets.count {
        case 0: "a market created by a line before"
        case 1...8: "one of " + names.markets.map(\.symbol).joined(separator: ", ")
        default: "one of the \(names.markets.count) markets created before"
        }
    }

    /// An order's name in `name`.
    mutating func clientID(_ name: String = "id") throws(ScenarioError) -> ClientID? {
        let expected = "1 to 36 printable ASCII characters without spaces"
        guard let text = try fields.optionalString(name, expected: expected) else { return nil }
        guard let id = ClientID(text) else {
            throw fields.error("\"\(name)\" is \"\(text)\"", expected: expected)
        }
        return id
    }

    /// The number of a market's source; given by this line if it is the first mention.
    mutating func source(of market: MarketText) throws(ScenarioError) -> Int32 {
        let name = try fields.string("source", expected: "the name of a price source")
        if let known = names.source(named: name, of: market.id) { return known }
        guard let next = names.nextSource(of: market.id) else {
            throw fields.error(
                "\"\(name)\" would be one source too many",
                expected: "at most \(NameTable.sourceLimit) sources a market"
            )
        }
        result.newSource = (market.id, name)
        return next
    }
}
