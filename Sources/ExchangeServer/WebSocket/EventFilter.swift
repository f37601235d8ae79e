/// Which events of user data a connection wants: `events=ORDER_TRADE_UPDATE/ACCOUNT_UPDATE` (WIRE-25).
struct EventFilter: Sendable, Hashable {
    /// The names as they begin a message.
    private var heads: [[UInt8]]

    /// The filter of a parameter; nil if there is none. A name that no event has lets nothing through.
    init?(_ text: String?) {
        guard let text else { return nil }
        heads = text.split(whereSeparator: { $0 == "/" || $0 == "," }).map {
            Array("{\"e\":\"\($0)\",".utf8)
        }
    }

    /// Whether a message is among those that are wanted: each begins with its event's name.
    func lets(_ message: [UInt8]) -> Bool { heads.contains { message.starts(with: $0) } }
}
