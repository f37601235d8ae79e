public import ExchangeCore

/// Writes commands as JSON objects, for whoever reads a log: `{"sequence":…,"at":…,"do":…,…,"status":…}`.
///
/// Numbers become what a reader knows, as in `EventJSON`.
public struct CommandJSON {
    private var fields = EventFieldWriter()

    /// A writer that knows these names.
    public init(names: NameTable) { fields.names = names }

    /// One command with its place, its time and what became of it, without a line feed.
    public mutating func write(
        _ command: Command,
        at: Timestamp,
        sequence: UInt64,
        status: Status?
    ) -> [UInt8] {
        fields.json.removeAll()
        fields.json.beginObject()
        fields.json.key("sequence")
        fields.json.integer(Int128(sequence))
        fields.json.key("at")
        fields.json.integer(Int128(at.microseconds))
        fields.json.key("do")
        fields.json.term(command.kind.term)
        // Brackets repeat the names of their fields: they are an array here.
        var table: TierTable?
        switch command {
        case .createMarket(let it): table = it.table
        case .setTiers(let it): table = it.table
        default: break
        }
        fields.omitted =
            ["key", "unused"] + (table == nil ? [] : ["tiers", "upTo", "maintenance", "leverage"])
        fields.writeFields(command)
        fields.omitted = []
        if let table { tiers(table) }
        if let status {
            fields.json.key("status")
            fields.json.term(status.term)
        }
        fields.json.endObject()
        return fields.json.bytes
    }

    private mutating func tiers(_ table: TierTable) {
        fields.json.key("tiers")
        fields.json.beginArray()
        for index in 0..<Int(table.count) {
            let tier = table.tiers[index]
            fields.json.beginObject()
            if tier.upTo != .unlimited {
                fields.json.key("upTo")
                fields.json.amount(tier.upTo)
            }
            fields.json.key("maintenance")
            fields.json.decimal(Int128(tier.maintenance.units))
            fields.json.key("leverage")
            fields.json.integer(Int128(tier.leverage))
            fields.json.endObject()
        }
        fields.json.endArray()
    }
}
