import BinanceDialect
import ExchangeCore
import ExchangeRuntime
import Logging
import Synchronization

/// Whom a feed's prices are for: one source of one market.
final class FeedTarget: @unchecked Sendable {
    let symbol: String
    let source: Int32
    private let market: MarketID
    private let tick: Int64
    // Whoever is being stopped is not kept by those that are asked for prices.
    private weak let venue: Venue?
    private let fault = Mutex<String?>(nil)

    /// - Throws: `VenueError` if there is no such market.
    init(_ symbol: String, _ source: Int32, _ venue: Venue) throws(VenueError) {
        guard let market = venue.publisher.directory.market(named: symbol) else {
            throw VenueError("--feed: there is no market \(symbol)")
        }
        self.symbol = symbol
        self.source = source
        self.market = market.id
        tick = market.tickSize
        self.venue = venue
    }

    /// Hands a price in, in 10⁻⁸, at the tick below; what was wrong, if anything was.
    func hand(_ units: Int64) -> String? {
        let update = PriceUpdate(market: market, source: source, price: Price(units / tick))
        do throws(Refusal) {
            try venue?.sequencer.submit(Job([.price(update)]))
            return nil
        } catch {
            return "the venue is busy"
        }
    }

    /// Tells what is wrong when something is that was right before, and that it is right again.
    func tell(_ fault: String?) {
        let isNew = self.fault.withLock { known in
            defer { known = fault }
            return (known == nil) != (fault == nil)
        }
        if isNew { venue?.log.warning("\(symbol) source \(source): \(fault ?? "prices again")") }
    }
}
