import ExchangeCore

/// LED-7: of a fill, a payment of funding, a settlement all payers are booked before any receiver.
struct PaymentOrder {
    private var received: [LedgerReason] = []

    /// Another fill begins.
    mutating func begin() { received.removeAll { $0 == .trade } }

    /// Takes the next entry of a command; what is wrong with its place, or nil.
    mutating func take(_ entry: LedgerEntry) -> String? {
        if ![.trade, .funding, .settlement].contains(entry.reason) { return nil }
        if entry.amount.units > 0 { received.append(entry.reason) }
        if entry.amount.units >= 0 || !received.contains(entry.reason) { return nil }
        return "LED-7: \(entry.reason.term) is received before account \(entry.account.raw) has paid"
    }
}
