/// What a playground begins with: three markets with three sources each, a fund and a vault small enough
/// that a crash reaches the queue.
public enum PlaygroundMarkets {
    /// µs of a playground's lock-up where its vault states none: a minute, so that it can be seen to end.
    public static let lockUp: Int64 = 60_000_000

    static let tiers = """
        [{"upTo":"50000","maintenance":"0.004","leverage":125},\
        {"upTo":"600000","maintenance":"0.005","leverage":100},\
        {"upTo":"3000000","maintenance":"0.01","leverage":50},\
        {"upTo":"12000000","maintenance":"0.025","leverage":20},\
        {"maintenance":"0.05","leverage":10}]
        """

    /// Symbol, tick, lot, the price that it begins with in ticks, and lots worth about a thousand.
    public static let markets: [(symbol: String, tick: String, lot: String, start: Int64, thousand: Int64)] =
        [
            ("BTCUSDT", "0.1", "0.001", 600_000, 17),
            ("ETHUSDT", "0.01", "0.001", 300_000, 333),
            ("LTCUSDT", "0.01", "0.01", 10_000, 1_000),
        ]

    /// The lines of the scenario language that make them.
    public static var text: String {
        var lines: [String] = []
        for market in markets {
            lines.append(
                """
                {"do":"market","symbol":"\(market.symbol)",\
                "tickSize":"\(market.tick)","lotSize":"\(market.lot)",\
                "tiers":\(tiers),"maker":"0.0002","taker":"0.0005","liquidationFee":"0.001","quorum":2,\
                "deviationLimit":"0.02","staleAfterSeconds":60,"mark":"index","waterfall":"zerosum"}
                """
            )
            for source in ["north", "east", "west"] {
                lines.append("{\"do\":\"source\",\"symbol\":\"\(market.symbol)\",\"source\":\"\(source)\"}")
            }
        }
        lines.append("{\"do\":\"fund\",\"amount\":\"5000\"}")
        lines.append("{\"do\":\"vault\",\"amount\":\"20000\",\"leverage\":5,\"firstLoss\":\"2000\"}")
        return lines.joined(separator: "\n")
    }
}
