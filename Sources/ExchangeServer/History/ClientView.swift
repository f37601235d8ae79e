import BinanceDialect
import ExchangeCore
import ReadModel

/// All that clients are shown: what the Binance wire shows, and what the venue's own interface does. The same
/// commands give the same, whether they come from the core or are read from the log.
struct ClientView: Sendable {
    var projection: Projection
    var record: VenueRecord
    var tape = TapeRecord()
    var vault = VaultRecord()
    var episodes = EpisodeRecord()

    /// The layout of its bytes and of the history's rows.
    static var format: Int { Int(Projection.viewFormat) << 8 | 4 }

    /// How much it keeps, and the forms of the wire.
    struct Options: Sendable {
        var dialect = DialectOptions()
        var limits = ProjectionLimits()
        var kept = VenueRecord.usuallyKept
    }

    /// What is shown before the first command.
    init(_ options: Options) {
        projection = Projection(options: options.dialect, limits: options.limits)
        record = VenueRecord(kept: options.kept)
    }

    /// What is shown of an exchange whose earlier log is gone: how it stands, and nothing that happened.
    init(of exchange: borrowing Exchange, _ options: Options) {
        self.init(options)
        if exchange.nextSequence == 1 { return }
        projection = Projection(
            of: exchange,
            at: exchange.now,
            options: options.dialect,
            limits: options.limits
        )
        record = VenueRecord(of: exchange, kept: options.kept)
        tape = TapeRecord(of: exchange)
        vault = VaultRecord(of: exchange)
        episodes = EpisodeRecord(of: exchange)
    }

    /// What is shown, out of the bytes of a view; nil if they are none.
    init?(_ bytes: [UInt8], _ options: Options) {
        var reader = ByteReader(copying: bytes.span.bytes)
        guard let projection = Projection(view: &reader, options: options.dialect, limits: options.limits),
            let record = VenueRecord(view: &reader, kept: options.kept),
            let tape = TapeRecord(view: &reader), let vault = VaultRecord(view: &reader),
            let episodes = EpisodeRecord(view: &reader), reader.isAtEnd
        else { return nil }
        self.projection = projection
        self.record = record
        self.tape = tape
        self.vault = vault
        self.episodes = episodes
    }

    /// Takes in what one command did; the waterfall's fills among it, and what is to be sent.
    mutating func take(
        _ applied: AppliedCommand
    ) -> (fills: [VenueRecord.ForcedFill], messages: [StreamMessage]) {
        tape.take(applied)
        vault.take(applied)
        episodes.take(applied)
        record.take(applied)
        projection.take(applied)
        return (record.takeFills(), projection.takeMessages())
    }

    /// The bytes of the view (HIST-5).
    var bytes: [UInt8] {
        var writer = ByteWriter(capacity: 1 << 20)
        let parts: [any ReadPart] = [projection, record, tape, vault, episodes]
        for part in parts { part.encodeView(into: &writer) }
        return writer.withBytes { span in span.withUnsafeBytes { Array($0) } }
    }

    /// Whether final rows are collected.
    var isKeeping: Bool {
        get { projection.isKeeping }
        set {
            projection.isKeeping = newValue
            record.isKeeping = newValue
        }
    }

    /// Hands over the rows that became final.
    mutating func takeKept() -> ViewRows {
        ViewRows(dialect: projection.takeKept(), own: record.takeKept())
    }

    /// All final rows in memory.
    func allKept() -> ViewRows { ViewRows(dialect: projection.allKept(), own: record.allKept()) }
}

/// Rows for the history, as they were collected.
struct ViewRows: HistoryRows {
    var dialect = KeptRows()
    var own: [HistoryRow] = []

    var count: Int { dialect.count + own.count }

    func forEach(_ body: (HistoryRow) throws -> Void) rethrows {
        try dialect.forEach(body)
        for row in own { try body(row) }
    }
}
