public import ExchangeCore

extension StateFault {
    /// Room, record, field, rule and its code, as one sentence.
    public var text: String {
        let which = record.number < 0 ? "\(record.kind)" : "\(record.kind) \(record.number)"
        return "\(rule.room.term): \(which), \(field): not so that \(rule.text) (\(rule.code))"
    }
}
