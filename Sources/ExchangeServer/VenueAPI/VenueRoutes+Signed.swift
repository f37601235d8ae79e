import BinanceDialect
import ExchangeCore
import ExchangeRuntime
import ExchangeText

/// What an account does and sees besides trading.
extension VenueRoutes {
    static let signed: [VenueRoute] = [
        VenueRoute(
            method: "POST",
            path: "/volunteer",
            access: .trades,
            summary: "Offer to take over what is liquidated; a quantity of 0 takes the offer back",
            answer: .applied,
            parameters: [
                .required("symbol", .symbol, "the market"),
                .required("side", .side, "of the liquidations: SELL takes over longs that are being sold"),
                .required("quantity", .decimal, "up to how much"),
                .optional("edge", .decimal, "what is asked on the mark, as a rate; 0 if it is left out"),
            ]
        ) { try await volunteer($0) },
        VenueRoute(
            method: "POST",
            path: "/vault/deposit",
            access: .trades,
            summary: "Put cash into the vault, for shares at net asset value",
            answer: .applied,
            parameters: [.required("amount", .decimal, "how much")]
        ) { request in
            let deposit = VaultDeposit(account: request.account, amount: Amount(try request.units("amount")))
            return try await apply(.vaultDeposit(deposit), request)
        },
        VenueRoute(
            method: "POST",
            path: "/vault/redeem",
            access: .trades,
            summary: "Take the worth of vault shares out",
            answer: .applied,
            parameters: [.required("shares", .integer, "how many")]
        ) { request in
            let shares = try request.integer("shares", in: 1...Int64.max, else: 0)
            let redeem = VaultRedeem(account: request.account, shares: shares)
            return try await apply(.vaultRedeem(redeem), request)
        },
        VenueRoute(
            method: "POST",
            path: "/hedge",
            access: .trades,
            summary: "Mark a position as part of a hedge; group 0 takes it out",
            answer: .applied,
            parameters: [
                .required("symbol", .symbol, "the market"),
                .required("group", .integer, "the hedge, 1 to 1,000, a number of your own"),
            ]
        ) { request in
            let market = try request.market().id
            let group = Int32(try request.integer("group", in: 0...1_000, else: 0))
            let hedge = SetHedge(account: request.account, market: market, group: group)
            return try await apply(.setHedge(hedge), request)
        },
        VenueRoute(
            method: "GET",
            path: "/lights",
            access: .reads,
            summary: "Where your positions stand in the queue",
            answer: .lights
        ) {
            try await lights($0)
        },
    ]

    /// Applies one command and answers its status.
    static func apply(_ command: Command, _ request: VenueRequest) async throws -> VenueReply {
        let applied = try await request.venue.perform([command]) { _, _ in true }.applied[0]
        if applied.status != .ok { return .refused(applied.status) }
        return .json { json in
            json.key("status")
            json.term(applied.status.term)
            json.key("sequence")
            json.integer(Int128(applied.sequence))
        }
    }

    private static func volunteer(_ request: VenueRequest) async throws -> VenueReply {
        let market = try request.market()
        let offer = Offer(
            account: request.account,
            market: market.id,
            side: try request.side(),
            quantity: try request.lots("quantity", market),
            edge: Rate(try request.optionalUnits("edge") ?? 0)
        )
        return try await apply(.offer(offer), request)
    }
}
