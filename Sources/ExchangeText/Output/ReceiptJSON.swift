public import ExchangeCore

/// Gathers the events of each episode into its receipt: why it began, each step, and the sum.
///
/// Episodes of one command may be interleaved, and one may go on in `continue` commands: events belong
/// together by the episode's number.
public struct ReceiptJSON: Sendable {
    private struct Open {
        var head: [UInt8]
        var steps: [UInt8]
    }
    private var open: [Int64: Open] = [:]
    private var fields = EventFieldWriter()

    /// A collector without receipts.
    public init() {}

    /// A receipt whose episode is not over: its number, its beginning and its steps so far.
    public struct Unfinished: Sendable, Hashable {
        /// The episode.
        public var episode: Int64
        /// The text before the steps.
        public var head: [UInt8]
        /// The text of the steps.
        public var steps: [UInt8]
        /// A receipt as far as it got.
        public init(episode: Int64, head: [UInt8], steps: [UInt8]) {
            self.episode = episode
            self.head = head
            self.steps = steps
        }
    }

    /// The receipts that are not complete, in order of their episodes: with them a collector goes on.
    public var unfinished: [Unfinished] {
        open.keys.sorted().map {
            Unfinished(episode: $0, head: open[$0]?.head ?? [], steps: open[$0]?.steps ?? [])
        }
    }

    /// A collector that goes on with receipts that are not complete.
    public init(unfinished: [Unfinished]) {
        for it in unfinished { open[it.episode] = Open(head: it.head, steps: it.steps) }
    }

    /// Takes in all events of `events` from byte `start` on, applied at `at`; appends each receipt that
    /// is complete, with a line feed behind it.
    public mutating func append(
        _ events: borrowing EventBuffer,
        from start: Int = 0,
        at: Timestamp,
        names: NameTable,
        to bytes: inout [UInt8]
    ) {
        fields.names = names
        events.forEach(from: start) { event in take(event, at: at, into: &bytes) }
        fields.names = NameTable()
    }

    /// Takes in one event, applied at `at`; appends the receipt that it completes, and a line feed.
    public mutating func append(_ event: Event, at: Timestamp, names: NameTable, to bytes: inout [UInt8]) {
        fields.names = names
        take(event, at: at, into: &bytes)
        fields.names = NameTable()
    }

    private mutating func take(_ event: Event, at: Timestamp, into bytes: inout [UInt8]) {
        switch event {
        case .episodeBegan(let began): begin(event, began, at: at)
        case .episodeEnded(let ended): end(event, ended, into: &bytes)
        case .trade(let trade) where trade.kind == .liquidation: step(event, of: trade.episode)
        case .liquidationOrder(let order): step(event, of: order.episode)
        case .fundPaid(let paid): step(event, of: paid.episode)
        case .volunteersAsked(let asked): step(event, of: asked.episode)
        case .vaultQuote(let quote): step(event, of: quote.episode)
        case .queueRanked(let queue): step(event, of: queue.episode)
        case .closing(let closing): step(event, of: closing.episode)
        case .recoursePaid(let paid): step(event, of: paid.episode)
        case .residualCharged(let charge): step(event, of: charge.episode)
        default: break
        }
    }

    private mutating func begin(_ event: Event, _ began: EpisodeBegan, at: Timestamp) {
        fields.json.removeAll()
        fields.json.beginObject()
        fields.json.key("episode")
        fields.json.integer(Int128(began.episode))
        fields.json.key("account")
        fields.json.string(fields.names.name(of: began.account))
        fields.json.key("at")
        fields.json.integer(Int128(at.microseconds))
        fields.json.key("why")
        fields.json.beginObject()
        fields.omitted = ["episode", "account"]
        fields.writeFields(event)
        fields.omitted = []
        fields.json.endObject()
        open[began.episode] = Open(head: fields.json.bytes, steps: [])
    }

    private mutating func step(_ event: Event, of episode: Int64) {
        if open[episode] == nil { return }
        fields.json.removeAll()
        fields.json.beginObject()
        fields.json.key("step")
        fields.json.term(event.kind.term)
        fields.omitted = ["episode"]
        fields.writeFields(event)
        fields.omitted = []
        fields.json.endObject()
        if open[episode]?.steps.isEmpty == false { open[episode]?.steps.append(UInt8(ascii: ",")) }
        open[episode]?.steps.append(contentsOf: fields.json.bytes)
    }

    private mutating func end(_ event: Event, _ ended: EpisodeEnded, into bytes: inout [UInt8]) {
        guard let receipt = open.removeValue(forKey: ended.episode) else { return }
        fields.json.removeAll()
        fields.json.beginObject()
        fields.omitted = ["episode", "account"]
        fields.writeFields(event)
        fields.omitted = []
        fields.json.endObject()
        bytes.append(contentsOf: receipt.head)
        bytes.append(contentsOf: ",\"steps\":[".utf8)
        bytes.append(contentsOf: receipt.steps)
        bytes.append(contentsOf: "],\"sum\":".utf8)
        bytes.append(contentsOf: fields.json.bytes)
        bytes.append(contentsOf: "}\n".utf8)
    }
}
