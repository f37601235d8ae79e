package import ExchangeCore
package import ExchangeText

/// What the venue's own interface shows of what happened: receipts, forced fills with a gapless number, the
/// fund, what administrators did. Bounded; made of the log alone, and made anew when the venue starts.
package struct VenueRecord: ReadPart {
    /// The newest so many of each are kept.
    package static let usuallyKept = 20_000

    /// A receipt, whole.
    package struct Receipt {
        package var episode: Int64
        package var account: AccountID
        package var at: Timestamp
        /// Who else it is about, in order: deleveraged, a volunteer, whose order it was closed with.
        package var others: [AccountID]
        package var bytes: [UInt8]

        /// Whether an account is in it, as the one it is about or as another.
        package func isAbout(_ account: AccountID) -> Bool {
            self.account == account || others.contains(account)
        }
    }

    /// A fill that the waterfall did, with its number among all of them.
    package struct ForcedFill {
        package var number: UInt64
        package var bytes: [UInt8]
    }

    /// Cash that went into the insurance fund or out of it.
    package struct FundMove {
        package var at: Timestamp
        package var amount: Amount
        package var reason: LedgerReason
        /// Who stood on the other side; none for outside.
        package var counterparty: AccountID
        package var balance: Amount
    }

    package var receipts: Ring<Receipt>
    package var fills: Ring<ForcedFill>
    package var admin: Ring<[UInt8]>
    package var fund: Ring<FundMove>
    /// Standing offers by account, market and side.
    package var offers: [OfferChanged] = []
    package var names = NameTable()
    /// Number of the next forced fill.
    package var nextFill: UInt64 = 1
    package var collector = ReceiptJSON()
    /// Who is in the receipts that are not complete yet, by episode.
    package var involved: [Int64: Set<AccountID>] = [:]
    private var writer = EventJSON()
    /// Whether rows are collected for the history, and those that were.
    package var isKeeping = false
    private var rows: [HistoryRow] = []
    private var newFills: [ForcedFill] = []

    package init(kept: Int = VenueRecord.usuallyKept) {
        receipts = Ring(capacity: kept)
        fills = Ring(capacity: kept)
        admin = Ring(capacity: kept)
        fund = Ring(capacity: kept)
    }

    /// The record of an exchange whose earlier log is gone: it knows names, and nothing that happened.
    package init(of exchange: borrowing Exchange, kept: Int = VenueRecord.usuallyKept) {
        self.init(kept: kept)
        for raw in 0..<exchange.marketCount {
            guard let view = exchange.marketView(MarketID(raw)) else { continue }
            names.addMarket(symbol: view.symbol.text, tickSize: view.tickSize, lotSize: view.lotSize)
        }
        for raw in AccountID.firstUser.raw..<exchange.accountCount { names.addAccount("account-\(raw)") }
    }

    /// Takes in what one command did.
    package mutating func take(_ applied: AppliedCommand) {
        let (at, sequence) = (applied.at, applied.sequence)
        var status = Status.ok
        for event in applied.events {
            switch event {
            case .marketCreated(let it):
                names.addMarket(symbol: it.symbol.text, tickSize: it.tickSize, lotSize: it.lotSize)
            // Told again when its owner changes.
            case .accountOpened(let it) where it.account >= names.nextAccount:
                names.addAccount("account-\(it.account.raw)")
            case .trade(let it) where it.kind == .liquidation: fill(event, at, sequence)
            case .closing: fill(event, at, sequence)
            case .ledgerEntry(let it) where it.account == .fund:
                let move = FundMove(
                    at: at,
                    amount: it.amount,
                    reason: it.reason,
                    counterparty: it.counterparty,
                    balance: it.balance
                )
                keep { $0.row(ofFund: $0.fund.total, move) }
                fund.append(move)
            case .offerChanged(let it): offer(it)
            case .outcome(let it): status = it.status
            default: break
            }
            involve(event)
            receipt(event, at)
        }
        if let command = applied.command, command.isAdministrative { note(command, at, sequence, status) }
    }

    /// Hands over the waterfall's fills that came since this was last called.
    package mutating func takeFills() -> [ForcedFill] {
        defer { newFills.removeAll() }
        return newFills
    }

    /// Collects a row, if rows are collected.
    private mutating func keep(_ row: (VenueRecord) -> HistoryRow) {
        if isKeeping { rows.append(row(self)) }
    }

    /// Hands over the rows that were collected.
    package mutating func takeKept() -> [HistoryRow] {
        defer { rows.removeAll() }
        return rows
    }

    private mutating func fill(_ event: Event, _ at: Timestamp, _ sequence: UInt64) {
        var json = JSONWriter()
        json.beginObject()
        json.key("number")
        json.integer(Int128(nextFill))
        json.key("sequence")
        json.integer(Int128(sequence))
        json.key("at")
        json.integer(Int128(at.microseconds))
        var bytes = json.bytes
        bytes += ",\"fill\":".utf8
        writer.append(event, names: names, to: &bytes)
        bytes.append(UInt8(ascii: "}"))
        let fill = ForcedFill(number: nextFill, bytes: bytes)
        nextFill += 1
        keep { $0.row(of: fill) }
        fills.append(fill)
        newFills.append(fill)
    }

    /// Notes who stands on the other side of a step.
    private mutating func involve(_ event: Event) {
        switch event {
        case .trade(let it) where it.kind == .liquidation: involved[it.episode, default: []].insert(it.maker)
        case .closing(let it): involved[it.episode, default: []].insert(it.counterparty)
        case .residualCharged(let it): involved[it.episode, default: []].insert(it.account)
        case .recoursePaid(let it): involved[it.episode, default: []].insert(it.account)
        default: break
        }
    }

    private mutating func receipt(_ event: Event, _ at: Timestamp) {
        var bytes: [UInt8] = []
        collector.append(event, at: at, names: names, to: &bytes)
        guard case .episodeEnded(let ended) = event else { return }
        let others = involved.removeValue(forKey: ended.episode) ?? []
        if bytes.isEmpty { return }
        bytes.removeLast()
        let receipt = Receipt(
            episode: ended.episode,
            account: ended.account,
            at: at,
            others: others.filter { $0 != ended.account }.sorted { $0.raw < $1.raw },
            bytes: bytes
        )
        if isKeeping { rows += self.rows(of: receipt, at: receipts.total) }
        receipts.append(receipt)
    }

    private mutating func offer(_ event: OfferChanged) {
        offers.removeAll { $0.account == event.account && $0.market == event.market && $0.side == event.side }
        if event.quantity > .zero { offers.append(event) }
    }

    private mutating func note(_ command: Command, _ at: Timestamp, _ sequence: UInt64, _ status: Status) {
        var fields = CommandJSON(names: names)
        let bytes = fields.write(command, at: at, sequence: sequence, status: status)
        keep { $0.row(ofAdmin: $0.admin.total, bytes) }
        admin.append(bytes)
    }
}

extension Command {
    /// Whether it is the venue's own doing, published as such.
    package var isAdministrative: Bool {
        switch self {
        case .createMarket, .setTiers, .configureSource, .configureVault, .configureVaultMarket,
            .setMarketState, .settle, .setCaps, .setDebtRule, .kill, .setOwner:
            true
        case .deposit(let it): it.account == .fund
        case .funding: true
        default: false
        }
    }
}
