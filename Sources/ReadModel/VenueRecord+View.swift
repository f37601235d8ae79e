package import ExchangeCore
import ExchangeText

/// Rows of the record for the history.
extension VenueRecord {
    /// A receipt; and for each account that is in it a row that only says where it lies.
    package func rows(of receipt: Receipt, at place: Int64) -> [HistoryRow] {
        func row(_ owner: Int64, _ bytes: [UInt8]) -> HistoryRow {
            HistoryRow(
                .receipts,
                owner: owner,
                place: place,
                number: place,
                time: receipt.at.microseconds,
                link: Int64(receipt.account.raw),
                name: VenueRecord.name(ofEpisode: receipt.episode),
                bytes: bytes
            )
        }
        return [row(0, receipt.bytes)]
            + ([receipt.account] + receipt.others).map { row(VenueRecord.owner(ofReceiptsOf: $0), []) }
    }

    /// Whose rows say where the receipts lie that an account is in; 0 has the receipts themselves.
    package static func owner(ofReceiptsOf account: AccountID) -> Int64 { Int64(account.raw) + 1 }

    /// Episodes may end in another order than that of their numbers, so that they are looked up as names.
    package static func name(ofEpisode episode: Int64) -> [UInt8] { Array(String(episode).utf8) }

    package func row(of fill: ForcedFill) -> HistoryRow {
        let number = Int64(clamping: fill.number)
        return HistoryRow(.fills, owner: 0, place: number, number: number, time: 0, bytes: fill.bytes)
    }

    package func row(ofAdmin place: Int64, _ bytes: [UInt8]) -> HistoryRow {
        HistoryRow(.admin, owner: 0, place: place, number: place, time: 0, bytes: bytes)
    }

    package func row(ofFund place: Int64, _ move: FundMove) -> HistoryRow {
        var writer = ByteWriter(capacity: 64)
        VenueRecord.encode(move, &writer)
        return HistoryRow(
            .fund,
            owner: 0,
            place: place,
            number: place,
            time: move.at.microseconds,
            bytes: writer.withBytes { span in span.withUnsafeBytes { Array($0) } }
        )
    }

    private static func encode(_ move: FundMove, _ writer: inout ByteWriter) {
        writer.append(littleEndian: move.at.microseconds)
        writer.append(littleEndian: move.amount.units)
        writer.append(byte: move.reason.rawValue)
        writer.append(littleEndian: move.counterparty.raw)
        writer.append(littleEndian: move.balance.units)
    }

    private static func fundMove(_ reader: inout ByteReader) -> FundMove {
        let at = Timestamp(reader.number())
        let amount = Amount(reader.number())
        let reason = LedgerReason(rawValue: reader.byte())
        if reason == nil { reader.fail() }
        var counterparty = AccountID.none
        reader.visit("counterparty", &counterparty)
        return FundMove(
            at: at,
            amount: amount,
            reason: reason ?? .deposit,
            counterparty: counterparty,
            balance: Amount(reader.number())
        )
    }

    /// A move of the fund out of its row.
    package static func fund(_ row: HistoryRow) -> FundMove {
        var reader = ByteReader(copying: row.bytes.span.bytes)
        return fundMove(&reader)
    }

    /// All rows that are in memory.
    package func allKept() -> [HistoryRow] {
        var rows: [HistoryRow] = []
        receipts.forEachPlaced { rows += self.rows(of: $1, at: $0) }
        for it in fills { rows.append(row(of: it)) }
        admin.forEachPlaced { rows.append(row(ofAdmin: $0, $1)) }
        fund.forEachPlaced { rows.append(row(ofFund: $0, $1)) }
        return rows
    }
}

/// The record as bytes, and back (HIST-5).
extension VenueRecord {
    package func encodeView(into writer: inout ByteWriter) {
        writer.append(littleEndian: nextFill)
        for count in [receipts.gone, admin.gone, fund.gone] { writer.append(littleEndian: count) }
        writer.append(littleEndian: Int64(names.markets.count))
        for market in names.markets {
            writer.append(sized: Array(market.symbol.utf8))
            writer.append(littleEndian: market.tickSize)
            writer.append(littleEndian: market.lotSize)
        }
        writer.append(littleEndian: Int64(names.accounts.count))
        for name in names.accounts { writer.append(sized: Array(name.utf8)) }
        writer.append(littleEndian: Int64(receipts.count))
        for it in receipts {
            writer.append(littleEndian: it.episode)
            writer.append(littleEndian: it.account.raw)
            writer.append(littleEndian: it.at.microseconds)
            VenueRecord.encode(it.others, &writer)
            writer.append(sized: it.bytes)
        }
        writer.append(littleEndian: Int64(fills.count))
        for it in fills {
            writer.append(littleEndian: it.number)
            writer.append(sized: it.bytes)
        }
        writer.append(littleEndian: Int64(admin.count))
        for it in admin { writer.append(sized: it) }
        writer.append(littleEndian: Int64(fund.count))
        for it in fund { VenueRecord.encode(it, &writer) }
        writer.append(littleEndian: Int64(offers.count))
        for var it in offers { it.fields(&writer) }
        let unfinished = collector.unfinished
        writer.append(littleEndian: Int64(unfinished.count))
        for it in unfinished {
            writer.append(littleEndian: it.episode)
            writer.append(sized: it.head)
            writer.append(sized: it.steps)
        }
        writer.append(littleEndian: Int64(involved.count))
        for (episode, accounts) in involved.sorted(by: { $0.key < $1.key }) {
            writer.append(littleEndian: episode)
            VenueRecord.encode(accounts.sorted { $0.raw < $1.raw }, &writer)
        }
    }

    private static func encode(_ accounts: [AccountID], _ writer: inout ByteWriter) {
        writer.append(littleEndian: Int64(accounts.count))
        for account in accounts { writer.append(littleEndian: account.raw) }
    }

    private static func accounts(_ reader: inout ByteReader) -> [AccountID] {
        var accounts: [AccountID] = []
        reader.repeated { reader in
            var account = AccountID.none
            reader.visit("account", &account)
            accounts.append(account)
        }
        return accounts
    }

    /// The record that such bytes describe; nil if they describe none.
    package init?(view reader: inout ByteReader, kept: Int) {
        self.init(kept: kept)
        nextFill = UInt64(bitPattern: reader.number())
        receipts = Ring(capacity: kept, behind: reader.number())
        admin = Ring(capacity: kept, behind: reader.number())
        fund = Ring(capacity: kept, behind: reader.number())
        reader.repeated { reader in
            let symbol = String(decoding: reader.sized(), as: UTF8.self)
            names.addMarket(symbol: symbol, tickSize: reader.number(), lotSize: reader.number())
        }
        reader.repeated { names.addAccount(String(decoding: $0.sized(), as: UTF8.self)) }
        reader.repeated { reader in
            let episode = reader.number()
            var account = AccountID.none
            reader.visit("account", &account)
            let at = Timestamp(reader.number())
            let others = VenueRecord.accounts(&reader)
            let bytes = reader.sized()
            receipts.append(
                Receipt(episode: episode, account: account, at: at, others: others, bytes: bytes)
            )
        }
        reader.repeated { reader in
            let number = UInt64(bitPattern: reader.number())
            fills.append(ForcedFill(number: number, bytes: reader.sized()))
        }
        reader.repeated { admin.append($0.sized()) }
        reader.repeated { fund.append(VenueRecord.fundMove(&$0)) }
        reader.repeated { offers.append($0.record()) }
        var unfinished: [ReceiptJSON.Unfinished] = []
        reader.repeated { reader in
            let episode = reader.number()
            let head = reader.sized()
            unfinished.append(ReceiptJSON.Unfinished(episode: episode, head: head, steps: reader.sized()))
        }
        collector = ReceiptJSON(unfinished: unfinished)
        reader.repeated { reader in
            let episode = reader.number()
            involved[episode] = Set(VenueRecord.accounts(&reader))
        }
        if reader.failed { return nil }
    }
}

extension ByteWriter {
    /// Bytes with their number before them.
    package mutating func append(sized bytes: [UInt8]) {
        append(littleEndian: Int64(bytes.count))
        append(copying: bytes.span.bytes)
    }
}

extension ByteReader {
    package mutating func number() -> Int64 {
        var value: Int64 = 0
        visit("", &value)
        return value
    }

    package mutating func sized() -> [UInt8] {
        let count = number()
        var bytes: [UInt8] = []
        if count < 0 || count > 1 << 32 { fail() }
        bytes.reserveCapacity(failed ? 0 : Int(count))
        for _ in 0..<max(0, count) where !failed { bytes.append(byte()) }
        return bytes
    }

    /// As often as the number before them says.
    package mutating func repeated(_ body: (inout ByteReader) -> Void) {
        let count = number()
        if count < 0 { fail() }
        for _ in 0..<max(0, count) {
            if failed { return }
            body(&self)
        }
    }
}
