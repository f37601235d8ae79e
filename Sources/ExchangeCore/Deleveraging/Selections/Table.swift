/// How the lots of a remainder are placed on the candidates of a selection.
enum Placing: UInt8, BitwiseCopyable {
    /// Down the queue, each as far as it can bear (ADL-6).
    case byRank
    /// To each in profit its part by weight, the rest down the queue (ADL-15).
    case proRata
    /// Up to one level of lots a unit of weight (ADL-16), or as near to the exact parts as can be (ADL-17).
    case toLevel, evenly
}

/// A rule of selection: what a candidate's score, or weight, is, and how lots are placed by it.
struct SelectionRule {
    let placing: Placing
    /// Whether every episode draws its own scores.
    let isDrawn: Bool
    /// The score of a candidate, in the rule's own unit; higher stands before lower.
    let score: (borrowing Exchange, Candidate) -> Int128

    init(
        _ placing: Placing,
        isDrawn: Bool = false,
        _ score: @escaping (borrowing Exchange, Candidate) -> Int128
    ) {
        self.placing = placing
        self.isDrawn = isDrawn
        self.score = score
    }
}

/// What a score is made of.
struct Candidate: BitwiseCopyable {
    /// Position, net lots, notional, profit, leverage.
    let ranked: RankedPosition
    /// Health of its margin account.
    let health: Health
    /// The number of the episode.
    let episode: Int64
}

extension Selection {
    /// The table of rules: a row each, and none compiles without its row (ADL-2).
    var rule: SelectionRule {
        switch self {
        case .whale:
            SelectionRule(.byRank) { _, it in
                Score.profitTimesLeverage(profit: it.ranked.profit, leverage: it.ranked.leverage)
            }
        case .returnTimesLeverage:
            SelectionRule(.byRank) { exchange, it in
                Score.returnTimesLeverage(
                    return: exchange.signedReturn(it.ranked.position),
                    leverage: it.ranked.leverage
                )
            }
        case .bitmex:
            SelectionRule(.byRank) { exchange, it in
                let gain = exchange.signedReturn(it.ranked.position)
                return Score.bitmex(return: gain, leverage: it.ranked.leverage, equity: it.health.equity)
            }
        case .binance: SelectionRule(.byRank) { $0.binanceScore($1) }
        case .hyperliquid: SelectionRule(.byRank) { $0.hyperliquidScore($1) }
        case .hyperliquidDocumented: SelectionRule(.byRank) { $0.hyperliquidDocumentedScore($1) }
        case .bluefin: SelectionRule(.byRank) { $0.bluefinScore($1) }
        case .okx:
            SelectionRule(.byRank) { exchange, it in
                Score.okx(return: exchange.signedReturn(it.ranked.position), leverage: it.ranked.leverage)
            }
        case .lexicographic:
            SelectionRule(.byRank) { _, it in
                Score.lexicographic(profit: it.ranked.profit, leverage: it.ranked.leverage)
            }
        case .lottery: SelectionRule(.byRank, isDrawn: true) { $0.lotteryScore($1) }
        case .proRataByProfit: SelectionRule(.proRata) { _, it in it.ranked.profit }
        case .proRataByContracts: SelectionRule(.proRata) { _, it in Int128(it.ranked.lots) }
        case .proRataByEquity: SelectionRule(.proRata) { _, it in max(0, it.health.equity) }
        case .cappedProRata: SelectionRule(.toLevel) { _, it in it.ranked.profit }
        case .leastOvershoot: SelectionRule(.evenly) { _, it in it.ranked.profit }
        }
    }
}
