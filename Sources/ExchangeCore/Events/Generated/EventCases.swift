// Made by `make records` of Records/events.txt; change it there.

extension Event {
    /// The event's kind.
    public var kind: EventKind {
        switch self {
        case .outcome: .outcome
        case .marketCreated: .marketCreated
        case .accountOpened: .accountOpened
        case .ledgerEntry: .ledgerEntry
        case .orderAccepted: .orderAccepted
        case .orderCanceled: .orderCanceled
        case .orderAmended: .orderAmended
        case .orderTriggered: .orderTriggered
        case .orderRested: .orderRested
        case .trade: .trade
        case .positionChanged: .positionChanged
        case .markChanged: .markChanged
        case .fundingSettled: .fundingSettled
        case .settingChanged: .settingChanged
        case .offerChanged: .offerChanged
        case .countdownArmed: .countdownArmed
        case .marketStateChanged: .marketStateChanged
        case .killSwitched: .killSwitched
        case .rulesChanged: .rulesChanged
        case .vaultShares: .vaultShares
        case .episodeBegan: .episodeBegan
        case .liquidationOrder: .liquidationOrder
        case .fundPaid: .fundPaid
        case .vaultQuote: .vaultQuote
        case .queueRanked: .queueRanked
        case .closing: .closing
        case .residualCharged: .residualCharged
        case .episodeEnded: .episodeEnded
        case .waterfallPending: .waterfallPending
        case .marketSettled: .marketSettled
        case .markFormed: .markFormed
        case .volunteersAsked: .volunteersAsked
        case .hedgeMarked: .hedgeMarked
        case .recoursePaid: .recoursePaid
        }
    }

    /// Presents the fields of the payload to `visitor`.
    public func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        switch self {
        case .outcome(var payload): payload.fields(&visitor)
        case .marketCreated(var payload): payload.fields(&visitor)
        case .accountOpened(var payload): payload.fields(&visitor)
        case .ledgerEntry(var payload): payload.fields(&visitor)
        case .orderAccepted(var payload): payload.fields(&visitor)
        case .orderCanceled(var payload): payload.fields(&visitor)
        case .orderAmended(var payload): payload.fields(&visitor)
        case .orderTriggered(var payload): payload.fields(&visitor)
        case .orderRested(var payload): payload.fields(&visitor)
        case .trade(var payload): payload.fields(&visitor)
        case .positionChanged(var payload): payload.fields(&visitor)
        case .markChanged(var payload): payload.fields(&visitor)
        case .fundingSettled(var payload): payload.fields(&visitor)
        case .settingChanged(var payload): payload.fields(&visitor)
        case .offerChanged(var payload): payload.fields(&visitor)
        case .countdownArmed(var payload): payload.fields(&visitor)
        case .marketStateChanged(var payload): payload.fields(&visitor)
        case .killSwitched(var payload): payload.fields(&visitor)
        case .rulesChanged(var payload): payload.fields(&visitor)
        case .vaultShares(var payload): payload.fields(&visitor)
        case .episodeBegan(var payload): payload.fields(&visitor)
        case .liquidationOrder(var payload): payload.fields(&visitor)
        case .fundPaid(var payload): payload.fields(&visitor)
        case .vaultQuote(var payload): payload.fields(&visitor)
        case .queueRanked(var payload): payload.fields(&visitor)
        case .closing(var payload): payload.fields(&visitor)
        case .residualCharged(var payload): payload.fields(&visitor)
        case .episodeEnded(var payload): payload.fields(&visitor)
        case .waterfallPending(var payload): payload.fields(&visitor)
        case .marketSettled(var payload): payload.fields(&visitor)
        case .markFormed(var payload): payload.fields(&visitor)
        case .volunteersAsked(var payload): payload.fields(&visitor)
        case .hedgeMarked(var payload): payload.fields(&visitor)
        case .recoursePaid(var payload): payload.fields(&visitor)
        }
    }

    /// Reads a payload of `kind`; nil if the bytes do not hold one.
    init?(kind: EventKind, from reader: inout ByteReader) {
        switch kind {
        case .outcome: self = .outcome(reader.record())
        case .marketCreated: self = .marketCreated(reader.record())
        case .accountOpened: self = .accountOpened(reader.record())
        case .ledgerEntry: self = .ledgerEntry(reader.record())
        case .orderAccepted: self = .orderAccepted(reader.record())
        case .orderCanceled: self = .orderCanceled(reader.record())
        case .orderAmended: self = .orderAmended(reader.record())
        case .orderTriggered: self = .orderTriggered(reader.record())
        case .orderRested: self = .orderRested(reader.record())
        case .trade: self = .trade(reader.record())
        case .positionChanged: self = .positionChanged(reader.record())
        case .markChanged: self = .markChanged(reader.record())
        case .fundingSettled: self = .fundingSettled(reader.record())
        case .settingChanged: self = .settingChanged(reader.record())
        case .offerChanged: self = .offerChanged(reader.record())
        case .countdownArmed: self = .countdownArmed(reader.record())
        case .marketStateChanged: self = .marketStateChanged(reader.record())
        case .killSwitched: self = .killSwitched(reader.record())
        case .rulesChanged: self = .rulesChanged(reader.record())
        case .vaultShares: self = .vaultShares(reader.record())
        case .episodeBegan: self = .episodeBegan(reader.record())
        case .liquidationOrder: self = .liquidationOrder(reader.record())
        case .fundPaid: self = .fundPaid(reader.record())
        case .vaultQuote: self = .vaultQuote(reader.record())
        case .queueRanked: self = .queueRanked(reader.record())
        case .closing: self = .closing(reader.record())
        case .residualCharged: self = .residualCharged(reader.record())
        case .episodeEnded: self = .episodeEnded(reader.record())
        case .waterfallPending: self = .waterfallPending(reader.record())
        case .marketSettled: self = .marketSettled(reader.record())
        case .markFormed: self = .markFormed(reader.record())
        case .volunteersAsked: self = .volunteersAsked(reader.record())
        case .hedgeMarked: self = .hedgeMarked(reader.record())
        case .recoursePaid: self = .recoursePaid(reader.record())
        }
        if reader.failed { return nil }
    }
}
