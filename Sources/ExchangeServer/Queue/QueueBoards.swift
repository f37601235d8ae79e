import ExchangeCore
import ExchangeRuntime
import ReadModel
import Synchronization

/// The queues of all markets, taken where the exchange is and ranked elsewhere, at most five times a second a
/// market however many ask (ADL-7).
final class QueueBoards: Sendable {
    /// µs for which a board is good.
    static let validity: Int64 = 200_000

    private struct Slot {
        var board: QueueBoard?
        /// When it was taken, by the clock that nobody sets.
        var taken: Int64 = 0
    }
    private let slots = Mutex<[MarketID: Slot]>([:])

    /// What is taken out of the exchange.
    private struct Copy: Sendable {
        var at = Timestamp(0)
        var sequence: UInt64 = 0
        var mark: Int128 = 0
        var unit: Int128 = 1
        var queued: [[QueuedView]] = [[], []]
        var exposed: [[ExposureView]] = [[], []]
    }

    /// The board of a market, at most 200 ms old.
    ///
    /// - Throws: if too much waits for the exchange.
    func board(of market: MarketID, in venue: Venue) async throws -> QueueBoard {
        let now = venue.clock.now().microseconds
        let kept = slots.withLock { $0[market] }
        if let kept, let board = kept.board, now - kept.taken < QueueBoards.validity { return board }
        let copy = try await venue.perform([]) { exchange, _ in QueueBoards.copy(exchange, market) }.answer
        let board = QueueBoards.rank(copy)
        slots.withLock { $0[market] = Slot(board: board, taken: now) }
        return board
    }

    private static func copy(_ exchange: borrowing Exchange, _ market: MarketID) -> Copy {
        var copy = Copy()
        copy.at = exchange.now
        copy.sequence = exchange.nextSequence - 1
        guard let view = exchange.marketView(market) else { return copy }
        copy.mark = Int128(max(0, view.mark.ticks))
        copy.unit = Int128(view.unitValue)
        for (place, longs) in [true, false].enumerated() {
            var queued: [QueuedView] = []
            var exposed: [ExposureView] = []
            exchange.forEachQueued(market, longs: longs) { queued.append($0) }
            exchange.forEachExposure(market, longs: longs) { exposed.append($0) }
            copy.queued[place] = queued
            copy.exposed[place] = exposed
        }
        return copy
    }

    private static func rank(_ copy: Copy) -> QueueBoard {
        func side(_ isLong: Bool) -> QueueSide {
            QueueSide(
                isLong: isLong,
                mark: copy.mark,
                unit: copy.unit,
                queued: copy.queued[isLong ? 0 : 1],
                others: copy.exposed[isLong ? 1 : 0]
            )
        }
        return QueueBoard(at: copy.at, sequence: copy.sequence, longs: side(true), shorts: side(false))
    }
}
