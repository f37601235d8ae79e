package import ExchangeCore
package import ExchangeText

/// What each episode of the waterfall came to, in one row: how much each step closed, and how the deficit was
/// borne (API-15). The receipt has every fill; this is what adds them up. Bounded; made of the log alone.
package struct EpisodeRecord: ReadPart {
    /// The newest so many are kept.
    package static let usuallyKept = 5_000

    /// A step by which a position goes, or, the last of them, by which an owner's other account pays.
    package enum Step: Int, CaseIterable, Sendable {
        case book, netting, volunteer, vault, deleveraging, residual, settlement, recourse

        /// The steps that close something.
        package static var closing: ArraySlice<Step> { allCases.dropLast() }

        package var term: StaticString {
            switch self {
            case .book: "book"
            case .netting: "netting"
            case .volunteer: "volunteers"
            case .vault: "vault"
            case .deleveraging: "deleveraging"
            case .residual: "residual"
            case .settlement: "settlement"
            case .recourse: "recourse"
            }
        }

        package init(_ kind: TransferKind) {
            switch kind {
            case .netting: self = .netting
            case .volunteer: self = .volunteer
            case .vault: self = .vault
            case .deleveraging: self = .deleveraging
            case .residual: self = .residual
            case .settlement: self = .settlement
            }
        }
    }

    /// What a step did.
    package struct Part: Sendable {
        package var fills: Int64 = 0
        /// Worth at the prices of the fills, in 10⁻⁸.
        package var notional: Int128 = 0
    }

    /// An episode.
    package struct Row: Sendable {
        package var began: EpisodeBegan
        package var ended = EpisodeEnded.zero
        package var at: Timestamp
        package var sequence: UInt64
        package var parts = [Part](repeating: Part(), count: Step.closing.count)
        /// Best bid and ask and the depth, as the first order into the book found them.
        package var order: LiquidationOrder?
        /// The fund before the first payment of it.
        package var fundBefore: Amount?
        /// Which limit of the vault bound last.
        package var limit: VaultLimit?
        /// Who stood on the other side: in which step last, and for how much altogether.
        package var others: [AccountID: (step: Step, notional: Int128)] = [:]
    }

    package var rows: Ring<Row>
    package var open: [Int64: Row] = [:]
    package var units: [Int64] = []

    package init(kept: Int = EpisodeRecord.usuallyKept) { rows = Ring(capacity: kept) }

    /// The record of an exchange whose earlier log is gone.
    package init(of exchange: borrowing Exchange, kept: Int = EpisodeRecord.usuallyKept) {
        self.init(kept: kept)
        for raw in 0..<exchange.marketCount {
            units.append(exchange.marketView(MarketID(raw))?.unitValue ?? 1)
        }
    }

    /// Takes in what one command did.
    package mutating func take(_ applied: AppliedCommand) {
        for event in applied.events {
            switch event {
            case .marketCreated(let it):
                units.append(it.unitValue)
            case .episodeBegan(let it):
                open[it.episode] = Row(began: it, at: applied.at, sequence: applied.sequence)
            case .trade(let it) where it.kind == .liquidation:
                add(.book, worth(it.market, it.price, it.quantity), it.maker, to: it.episode)
            case .closing(let it):
                let worth = worth(it.market, it.price, it.quantity)
                add(Step(it.kind), worth, it.counterparty, to: it.episode)
            case .liquidationOrder(let it) where open[it.episode]?.order == nil:
                open[it.episode]?.order = it
            case .fundPaid(let it) where open[it.episode]?.fundBefore == nil:
                open[it.episode]?.fundBefore = it.before
            case .vaultQuote(let it): open[it.episode]?.limit = it.limit
            case .residualCharged(let it): note(it.account, .residual, 0, in: it.episode)
            case .recoursePaid(let it): note(it.account, .recourse, 0, in: it.episode)
            case .episodeEnded(let it): end(it)
            default: break
            }
        }
    }

    private func worth(_ market: MarketID, _ price: Price, _ quantity: Quantity) -> Int128 {
        let place = Int(market.raw)
        if !units.indices.contains(place) { return 0 }
        return Int128(price.ticks) * Int128(quantity.lots) * Int128(units[place])
    }

    private mutating func add(_ step: Step, _ worth: Int128, _ other: AccountID, to episode: Int64) {
        open[episode]?.parts[step.rawValue].fills += 1
        open[episode]?.parts[step.rawValue].notional += worth
        note(other, step, worth, in: episode)
    }

    private mutating func note(_ other: AccountID, _ step: Step, _ worth: Int128, in episode: Int64) {
        open[episode]?.others[other, default: (step, 0)].notional += worth
        open[episode]?.others[other]?.step = step
    }

    private mutating func end(_ event: EpisodeEnded) {
        guard var row = open.removeValue(forKey: event.episode) else { return }
        row.ended = event
        rows.append(row)
    }

    /// The newest rows that are wanted, newest first.
    package func newest(_ limit: Int, where isWanted: (Row) -> Bool) -> [Row] {
        var found: [Row] = []
        for row in rows.reversed() where isWanted(row) {
            found.append(row)
            if found.count == limit { break }
        }
        return found
    }

    /// A row as JSON, with what it was to an account if one is named.
    package static func json(_ row: Row, _ names: NameTable, of account: AccountID?) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.key("episode")
        json.integer(Int128(row.began.episode))
        json.key("account")
        json.string(names.name(of: row.began.account))
        json.key("at")
        json.integer(Int128(row.at.microseconds))
        json.key("sequence")
        json.integer(Int128(row.sequence))
        json.key("symbol")
        let market = names.market(row.began.trigger)
        if let market { json.string(market.symbol) } else { json.null() }
        json.key("mark")
        if let market { json.decimal(market.units(row.began.mark)) } else { json.null() }
        json.key("equity")
        json.amount(row.began.equity)
        json.key("maintenance")
        json.amount(row.began.maintenance)
        json.key("outcome")
        json.term(row.ended.outcome.term)
        json.key("steps")
        json.beginObject()
        var total: Int128 = 0
        for step in Step.closing {
            let part = row.parts[step.rawValue]
            total += part.notional
            json.key(step.term)
            json.beginObject()
            json.key("fills")
            json.integer(Int128(part.fills))
            json.key("notional")
            json.decimal(part.notional)
            json.endObject()
        }
        json.endObject()
        json.key("notional")
        json.decimal(total)
        json.key("limit")
        if let limit = row.limit { json.term(limit.term) } else { json.null() }
        json.key("fundBefore")
        if let before = row.fundBefore { json.amount(before) } else { json.null() }
        for (name, amount) in [
            ("deficit", row.ended.deficit), ("recourse", row.ended.recourse), ("fund", row.ended.fund),
            ("vault", row.ended.vault), ("givenUp", row.ended.givenUp), ("residual", row.ended.residual),
            ("debt", row.ended.debt), ("rounding", row.ended.rounding), ("bids", row.ended.bids),
            ("needed", row.ended.needed), ("taken", row.ended.taken), ("overshoot", row.ended.overshoot),
        ] {
            json.key(name)
            json.amount(amount)
        }
        json.key("yours")
        if let account, let part = row.others[account] {
            json.beginObject()
            json.key("step")
            json.term(part.step.term)
            json.key("notional")
            json.decimal(part.notional)
            json.endObject()
        } else {
            json.null()
        }
        json.endObject()
        return json.bytes
    }
}
