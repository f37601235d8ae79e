package import ExchangeCore

/// The tape of each market: every print, of the book and of the waterfall, with what it was (API-11).
/// Bounded; made of the log alone.
package struct TapeRecord: ReadPart {
    /// The newest so many of a market are kept.
    package static let usuallyKept = 2_000
    private let kept: Int

    /// What a print was.
    package enum Tag: String, Sendable {
        /// Two orders in the book.
        case order = ""
        /// A liquidation in the book.
        case liquidation = "LIQ"
        /// Somebody's profitable position closed for want of anybody else.
        case deleveraging = "ADL"
        /// The vault took over, or works its inventory off through the book.
        case vault = "VAULT"
        /// A volunteer took over.
        case volunteer = "VOL"
        /// Two of the liquidated, or two positions of one, against each other.
        case netting = "NET"
        /// What nobody could bear, closed at mark.
        case residual = "RES"
        /// The market's end.
        case settlement = "SETTLE"

        package init(_ kind: TransferKind) {
            switch kind {
            case .netting: self = .netting
            case .volunteer: self = .volunteer
            case .vault: self = .vault
            case .deleveraging: self = .deleveraging
            case .residual: self = .residual
            case .settlement: self = .settlement
            }
        }
    }

    /// A print. Its number counts the prints of its market, from 1, without gaps.
    package struct Print: Sendable {
        package var number: UInt64
        package var at: Timestamp
        package var price: Price
        package var quantity: Quantity
        /// What the taker did, or the one whose position was closed.
        package var side: Side
        package var tag: Tag
        /// 0 outside of the waterfall.
        package var episode: Int64
    }

    /// The prints of a market.
    package struct Tape {
        package var prints: Ring<Print>
        package var next: UInt64 = 1
    }

    /// Which position: to know which way a closing went.
    package struct LegName: Hashable {
        package var account: AccountID
        package var market: MarketID
        package var side: PositionSide
    }

    package var tapes: [Tape] = []
    package var sizes: [LegName: Int64] = [:]

    package init(kept: Int = TapeRecord.usuallyKept) { self.kept = kept }

    /// The tape of an exchange whose earlier log is gone: its positions are known, its prints are not.
    package init(of exchange: borrowing Exchange, kept: Int = TapeRecord.usuallyKept) {
        self.init(kept: kept)
        for raw in 0..<exchange.accountCount {
            let account = AccountID(raw)
            exchange.forEachPosition(of: account) { leg in
                if leg.size.lots == 0 { return }
                let name = LegName(account: account, market: leg.market, side: leg.positionSide)
                sizes[name] = leg.size.lots
            }
        }
    }

    /// Takes in what one command did.
    package mutating func take(_ applied: AppliedCommand) {
        let at = applied.at
        for event in applied.events {
            switch event {
            case .trade(let it):
                let isVault = it.maker == .vault || it.taker == .vault
                let isForced = it.kind == .liquidation
                let tag: Tag = isForced ? .liquidation : isVault ? .vault : .order
                append(
                    Print(
                        number: 0,
                        at: at,
                        price: it.price,
                        quantity: it.quantity,
                        side: it.takerSide,
                        tag: tag,
                        episode: isForced ? it.episode : 0
                    ),
                    it.market
                )
            case .closing(let it):
                let closed = LegName(account: it.closed, market: it.market, side: it.positionSide)
                append(
                    Print(
                        number: 0,
                        at: at,
                        price: it.paid,
                        quantity: it.quantity,
                        side: sizes[closed, default: 0] > 0 ? .sell : .buy,
                        tag: Tag(it.kind),
                        episode: it.episode
                    ),
                    it.market
                )
            case .positionChanged(let it):
                let name = LegName(account: it.account, market: it.market, side: it.positionSide)
                sizes[name] = it.size.lots == 0 ? nil : it.size.lots
            default: break
            }
        }
    }

    private mutating func append(_ print: Print, _ market: MarketID) {
        if market.raw < 0 { return }
        let place = Int(market.raw)
        while tapes.count <= place { tapes.append(Tape(prints: Ring(capacity: kept))) }
        var print = print
        print.number = tapes[place].next
        tapes[place].next += 1
        tapes[place].prints.append(print)
    }

    /// The newest prints of a market, oldest first; with a number, those from it on.
    package func prints(of market: MarketID, from number: UInt64?, limit: Int, isForced: Bool) -> [Print] {
        let place = Int(market.raw)
        if place < 0 || place >= tapes.count { return [] }
        let all = tapes[place].prints.lazy.filter { !isForced || $0.episode > 0 }
        guard let number else { return all.suffix(limit) }
        return Array(tapes[place].prints.drop { $0.number < number }.prefix(limit)).filter {
            !isForced || $0.episode > 0
        }
    }
}
