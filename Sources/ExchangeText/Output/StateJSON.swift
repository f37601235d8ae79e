public import ExchangeCore

/// Writes the state of an exchange as one JSON object: users by number, markets by number, positions
/// where there is a size, amounts as decimal strings (SCN-5). A price that is not known is `null`.
public enum StateJSON {
    /// Appends the state, with a line feed behind it.
    public static func append(
        _ exchange: borrowing Exchange,
        names: NameTable,
        to bytes: inout [UInt8]
    ) {
        var json = JSONWriter()
        json.beginObject()
        json.key("accounts")
        json.beginObject()
        for (index, name) in names.accounts.enumerated() {
            let id = AccountID(AccountID.firstUser.raw + Int32(index))
            guard let view = exchange.accountView(id) else { continue }
            json.key(name)
            json.beginObject()
            json.key("cash")
            json.amount(view.cash)
            json.key("equity")
            json.amount(view.equity)
            positions(of: id, exchange, names, &json)
            json.endObject()
        }
        json.endObject()
        json.key("fund")
        json.amount(exchange.fund)
        json.key("debt")
        json.amount(exchange.debt)
        json.key("vault")
        json.beginObject()
        json.key("equity")
        json.amount(exchange.vaultEquity)
        positions(of: .vault, exchange, names, &json)
        json.endObject()
        json.key("fees")
        json.amount(exchange.fees)
        markets(exchange, names, &json)
        json.key("deposits")
        json.amount(exchange.deposits)
        json.key("withdrawals")
        json.amount(exchange.withdrawals)
        json.key("episodes")
        json.integer(Int128(exchange.episodes))
        json.key("stateHash")
        json.digest(exchange.stateHash())
        json.endObject()
        bytes.append(contentsOf: json.bytes)
        bytes.append(UInt8(ascii: "\n"))
    }

    private static func positions(
        of id: AccountID,
        _ exchange: borrowing Exchange,
        _ names: NameTable,
        _ json: inout JSONWriter
    ) {
        var positions: [PositionView] = []
        exchange.forEachPosition(of: id) { if $0.size != .zero { positions.append($0) } }
        positions.sort { a, b in
            a.market != b.market
                ? a.market < b.market : a.positionSide.rawValue < b.positionSide.rawValue
        }
        json.key("positions")
        json.beginArray()
        for position in positions {
            guard let market = names.market(position.market) else { continue }
            json.beginObject()
            json.key("symbol")
            json.string(market.symbol)
            json.key("side")
            json.term(position.positionSide.term)
            json.key("size")
            json.decimal(market.units(position.size))
            json.key("entryNotional")
            json.amount(position.entryNotional)
            json.key("mode")
            json.term(position.mode.term)
            json.key("isolatedCash")
            json.amount(position.isolatedCash)
            if position.hedge > 0 {
                json.key("hedge")
                json.integer(Int128(position.hedge))
            }
            json.endObject()
        }
        json.endArray()
    }

    private static func markets(
        _ exchange: borrowing Exchange,
        _ names: NameTable,
        _ json: inout JSONWriter
    ) {
        json.key("markets")
        json.beginObject()
        for market in names.markets {
            guard let view = exchange.marketView(market.id) else { continue }
            json.key(market.symbol)
            json.beginObject()
            json.key("mark")
            price(view.mark, market, &json)
            json.key("previousMark")
            price(view.previousMark, market, &json)
            json.key("index")
            price(view.index, market, &json)
            json.key("openInterest")
            json.decimal(market.units(view.openInterest))
            json.key("state")
            json.term(view.state.term)
            json.endObject()
        }
        json.endObject()
    }

    private static func price(_ price: Price, _ market: MarketText, _ json: inout JSONWriter) {
        if price == .none { json.null() } else { json.decimal(market.units(price)) }
    }
}
