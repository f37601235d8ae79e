import ExchangeCore
import ExchangeText

/// A bucket of an account: its cross one, or that of an isolated leg.
struct CallBucket: Hashable, Sendable {
    /// None for the cross bucket.
    var market = MarketID.none
    var side = PositionSide.both
}

/// `MARGIN_CALL`: a bucket is in danger, or its liquidation begins (WIRE-24).
extension Projection {
    /// ms between two calls for a bucket that stays in danger.
    static let callPause: Int64 = 60_000

    /// The market's mark is another: those who listen and have a position there are told if it is needed.
    /// O(accounts that listen × their legs).
    mutating func callMargin(_ market: MarketID) {
        if interest.listeners.isEmpty { return }
        for account in interest.listeners.sorted(by: { $0.raw < $1.raw }) {
            guard isUser(account), Int(account.raw) < accounts.count else { continue }
            let it = accounts[Int(account.raw)]
            for leg in it.legs where leg.market == market && leg.size.lots != 0 {
                let bucket =
                    it.isolated.contains(market) ? CallBucket(market: market, side: leg.side) : CallBucket()
                call(account, bucket)
            }
        }
    }

    private mutating func call(_ account: AccountID, _ bucket: CallBucket) {
        if !isInDanger(accounts[Int(account.raw)], bucket) {
            interest.calls[account]?[bucket] = nil
            return
        }
        if let last = interest.calls[account]?[bucket], work.time - last < Projection.callPause { return }
        marginCall(account, bucket)
    }

    /// Whether maintenance is four fifths of the equity or more.
    private func isInDanger(_ it: AccountRecord, _ bucket: CallBucket) -> Bool {
        var equity = bucket.market == .none ? Int128(it.cash.units) : 0
        var maintenance: Int128 = 0
        for leg in it.legs where leg.size.lots != 0 && isIn(bucket, leg, it) {
            guard let market = directory[leg.market], let place = place(leg.market) else { continue }
            if bucket.market != .none { equity += Int128(leg.isolatedCash.units) }
            equity += unrealized(leg, market)
            maintenance += market.table.maintenance(market.worth(leg.size.magnitude, markets[place].mark))
        }
        return maintenance > 0 && 5 * maintenance >= 4 * equity
    }

    private func isIn(_ bucket: CallBucket, _ leg: LegRecord, _ it: AccountRecord) -> Bool {
        bucket.market == .none
            ? !it.isolated.contains(leg.market) : leg.market == bucket.market && leg.side == bucket.side
    }

    /// A bucket's liquidation begins: unless this very command has told of it, it is told now.
    mutating func liquidationCall(_ event: EpisodeBegan) {
        guard isUser(event.account), interest.wants(event.account) else { return }
        let bucket =
            event.market == .none
            ? CallBucket() : CallBucket(market: event.market, side: event.positionSide)
        if interest.calls[event.account]?[bucket] == work.time { return }
        marginCall(event.account, bucket)
    }

    private mutating func marginCall(_ account: AccountID, _ bucket: CallBucket) {
        interest.calls[account, default: [:]][bucket] = work.time
        let it = accounts[Int(account.raw)]
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("e", "MARGIN_CALL")
        writer.field("E", work.time)
        if bucket.market == .none { writer.field("cw", amount: Int128(it.cash.units)) }
        writer.key("p")
        writer.beginArray()
        for leg in it.legs where leg.size.lots != 0 && isIn(bucket, leg, it) {
            guard let market = directory[leg.market], let place = place(leg.market) else { continue }
            let mark = markets[place].mark
            writer.beginObject()
            writer.field("s", market.symbol)
            writer.field("ps", leg.side.term)
            writer.field("pa", leg.size, market)
            writer.field("mt", it.isolated.contains(leg.market) ? "ISOLATED" : "CROSSED")
            writer.field("iw", amount: Int128(leg.isolatedCash.units))
            writer.field("mp", amount: market.units(mark))
            writer.field("up", amount: unrealized(leg, market))
            writer.field("mm", amount: market.table.maintenance(market.worth(leg.size.magnitude, mark)))
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        send(account, writer)
    }
}
