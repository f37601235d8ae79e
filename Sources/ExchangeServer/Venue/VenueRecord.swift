import ExchangeCore
import ExchangeHistory
import ExchangeText

/// What the venue's own interface shows of what happened: receipts, forced fills with a gapless number, the
/// fund, what administrators did. Bounded; made of the log alone, and made anew when the venue starts.
struct VenueRecord: Sendable {
    /// The newest so many of each are kept.
    static let usuallyKept = 20_000
    let kept: Int

    /// A receipt, whole.
    struct Receipt {
        var episode: Int64
        var account: AccountID
        var at: Timestamp
        /// Who else it is about, in order: deleveraged, a volunteer, whose order it was closed with.
        var others: [AccountID]
        var bytes: [UInt8]

        /// Whether an account is in it, as the one it is about or as another.
        func isAbout(_ account: AccountID) -> Bool { self.account == account || others.contains(account) }
    }

    /// A fill that the waterfall did, with its number among all of them.
    struct ForcedFill {
        var number: UInt64
        var bytes: [UInt8]
    }

    /// Cash that went into the insurance fund or out of it.
    struct FundMove {
        var at: Timestamp
        var amount: Amount
        var reason: LedgerReason
        /// Who stood on the other side; none for outside.
        var counterparty: AccountID
        var balance: Amount
    }

    var receipts: [Receipt] = []
    var fills: [ForcedFill] = []
    var admin: [[UInt8]] = []
    var fund: [FundMove] = []
    /// How many of each are no longer here.
    var goneReceipts: Int64 = 0
    var goneAdmin: Int64 = 0
    var goneFund: Int64 = 0
    /// Standing offers by account, market and side.
    var offers: [OfferChanged] = []
    var names = NameTable()
    /// Number of the next forced fill.
    var nextFill: UInt64 = 1
    var collector = ReceiptJSON()
    /// Who is in the receipts that are not complete yet, by episode.
    var involved: [Int64: Set<AccountID>] = [:]
    private var writer = EventJSON()
    /// Whether rows are collected for the history, and those that were.
    var isKeeping = false
    private var rows: [HistoryRow] = []

    init(kept: Int = VenueRecord.usuallyKept) { self.kept = kept }

    /// The record of an exchange whose earlier log is gone: it knows names, and nothing that happened.
    init(of exchange: borrowing Exchange, kept: Int = VenueRecord.usuallyKept) {
        self.kept = kept
        for raw in 0..<exchange.marketCount {
            guard let view = exchange.marketView(MarketID(raw)) else { continue }
            names.addMarket(symbol: view.symbol.text, tickSize: view.tickSize, lotSize: view.lotSize)
        }
        for raw in AccountID.firstUser.raw..<exchange.accountCount { names.addAccount("account-\(raw)") }
    }

    /// Takes in a command and its events; returns the forced fills among them.
    mutating func take(_ command: Command, at: Timestamp, sequence: UInt64, _ events: [Event]) -> [ForcedFill]
    {
        var new: [ForcedFill] = []
        var status = Status.ok
        for event in events {
            switch event {
            case .marketCreated(let it):
                names.addMarket(symbol: it.symbol.text, tickSize: it.tickSize, lotSize: it.lotSize)
            // Told again when its owner changes.
            case .accountOpened(let it) where it.account >= names.nextAccount:
                names.addAccount("account-\(it.account.raw)")
            case .trade(let it) where it.kind == .liquidation: new.append(fill(event, at, sequence))
            case .closing: new.append(fill(event, at, sequence))
            case .ledgerEntry(let it) where it.account == .fund:
                let move = FundMove(
                    at: at,
                    amount: it.amount,
                    reason: it.reason,
                    counterparty: it.counterparty,
                    balance: it.balance
                )
                keep { $0.row(ofFund: $0.goneFund + Int64($0.fund.count), move) }
                fund.append(move)
            case .offerChanged(let it): offer(it)
            case .outcome(let it): status = it.status
            default: break
            }
            involve(event)
            receipt(event, at)
        }
        if command.isAdministrative { note(command, at, sequence, status) }
        if fund.count > kept {
            goneFund += Int64(fund.count - kept)
            fund.removeFirst(fund.count - kept)
        }
        return new
    }

    /// Collects a row, if rows are collected.
    private mutating func keep(_ row: (VenueRecord) -> HistoryRow) {
        if isKeeping { rows.append(row(self)) }
    }

    /// Hands over the rows that were collected.
    mutating func takeKept() -> [HistoryRow] {
        defer { rows.removeAll() }
        return rows
    }

    private mutating func fill(_ event: Event, _ at: Timestamp, _ sequence: UInt64) -> ForcedFill {
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
        if fills.count > kept { fills.removeFirst(fills.count - kept) }
        return fill
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
        if isKeeping { rows += self.rows(of: receipt, at: goneReceipts + Int64(receipts.count)) }
        receipts.append(receipt)
        if receipts.count > kept {
            goneReceipts += Int64(receipts.count - kept)
            receipts.removeFirst(receipts.count - kept)
        }
    }

    private mutating func offer(_ event: OfferChanged) {
        offers.removeAll { $0.account == event.account && $0.market == event.market && $0.side == event.side }
        if event.quantity > .zero { offers.append(event) }
    }

    private mutating func note(_ command: Command, _ at: Timestamp, _ sequence: UInt64, _ status: Status) {
        var fields = CommandJSON(names: names)
        let bytes = fields.write(command, at: at, sequence: sequence, status: status)
        keep { $0.row(ofAdmin: $0.goneAdmin + Int64($0.admin.count), bytes) }
        admin.append(bytes)
        if admin.count > kept {
            goneAdmin += 1
            admin.removeFirst()
        }
    }
}

extension Command {
    /// Whether it is the venue's own doing, published as such.
    var isAdministrative: Bool {
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
