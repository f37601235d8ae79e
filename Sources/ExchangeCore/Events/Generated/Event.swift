// Made by `make records` of Records/events.txt; change it there.

/// Everything that an exchange tells. The order of events is part of its determinism (DET-1).
public enum Event: Sendable {
    case outcome(Outcome)
    case marketCreated(MarketCreated)
    case accountOpened(AccountOpened)
    case ledgerEntry(LedgerEntry)
    case orderAccepted(OrderAccepted)
    case orderCanceled(OrderCanceled)
    case orderAmended(OrderAmended)
    case orderTriggered(OrderTriggered)
    case orderRested(OrderRested)
    case trade(Trade)
    case positionChanged(PositionChanged)
    case markChanged(MarkChanged)
    case fundingSettled(FundingSettled)
    case settingChanged(SettingChanged)
    case offerChanged(OfferChanged)
    case countdownArmed(CountdownArmed)
    case marketStateChanged(MarketStateChanged)
    case killSwitched(KillSwitched)
    case rulesChanged(RulesChanged)
    case vaultShares(VaultShares)
    case episodeBegan(EpisodeBegan)
    case liquidationOrder(LiquidationOrder)
    case fundPaid(FundPaid)
    case vaultQuote(VaultQuote)
    case queueRanked(QueueRanked)
    case closing(Closing)
    case residualCharged(ResidualCharged)
    case episodeEnded(EpisodeEnded)
    case waterfallPending(WaterfallPending)
    case marketSettled(MarketSettled)
    case markFormed(MarkFormed)
    case volunteersAsked(VolunteersAsked)
    case hedgeMarked(HedgeMarked)
    case recoursePaid(RecoursePaid)
}

/// The number that the binary form of an event begins with.
@frozen public enum EventKind: UInt8, CodedEnum {
    case outcome = 1, marketCreated, accountOpened, ledgerEntry, orderAccepted, orderCanceled, orderAmended
    case orderTriggered, orderRested, trade, positionChanged, markChanged, fundingSettled, settingChanged
    case offerChanged, countdownArmed, marketStateChanged, killSwitched, rulesChanged, vaultShares
    case episodeBegan, liquidationOrder, fundPaid, vaultQuote, queueRanked, closing, residualCharged
    case episodeEnded, waterfallPending, marketSettled, markFormed, volunteersAsked, hedgeMarked, recoursePaid
    public static var zero: EventKind { .outcome }
    public var term: StaticString {
        switch self {
        case .outcome: "outcome"
        case .marketCreated: "marketCreated"
        case .accountOpened: "accountOpened"
        case .ledgerEntry: "ledgerEntry"
        case .orderAccepted: "orderAccepted"
        case .orderCanceled: "orderCanceled"
        case .orderAmended: "orderAmended"
        case .orderTriggered: "orderTriggered"
        case .orderRested: "orderRested"
        case .trade: "trade"
        case .positionChanged: "positionChanged"
        case .markChanged: "markChanged"
        case .fundingSettled: "fundingSettled"
        case .settingChanged: "settingChanged"
        case .offerChanged: "offerChanged"
        case .countdownArmed: "countdownArmed"
        case .marketStateChanged: "marketStateChanged"
        case .killSwitched: "killSwitched"
        case .rulesChanged: "rulesChanged"
        case .vaultShares: "vaultShares"
        case .episodeBegan: "episodeBegan"
        case .liquidationOrder: "liquidationOrder"
        case .fundPaid: "fundPaid"
        case .vaultQuote: "vaultQuote"
        case .queueRanked: "queueRanked"
        case .closing: "closing"
        case .residualCharged: "residualCharged"
        case .episodeEnded: "episodeEnded"
        case .waterfallPending: "waterfallPending"
        case .marketSettled: "marketSettled"
        case .markFormed: "markFormed"
        case .volunteersAsked: "volunteersAsked"
        case .hedgeMarked: "hedgeMarked"
        case .recoursePaid: "recoursePaid"
        }
    }
}
