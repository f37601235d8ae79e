import BinanceDialect
import ExchangeCore
import ExchangeHistory
import ExchangeRuntime
import ExchangeText
import Playground

/// What the operator does; accounts, money and crashes only in a playground (API-5).
extension VenueRoutes {
    private static let symbol = RouteParameter.required("symbol", .symbol, "the market")
    private static let account = RouteParameter.required("account", .integer, "the account's number")

    static let operatorsRoutes: [VenueRoute] = [
        VenueRoute(
            method: "POST",
            path: "/accounts",
            access: .operates,
            summary: "Open an account with money in it and a key to it (playground)",
            answer: .key(hasSecret: true),
            parameters: [
                .optional("deposit", .decimal, "how much; 10,000 if it is left out"),
                .optional("label", .text, "what its owner calls the key"),
            ]
        ) { try await openAccount($0) },
        VenueRoute(
            method: "POST",
            path: "/deposit",
            access: .operates,
            summary: "Give an account money (playground)",
            answer: .applied,
            parameters: [account, .required("amount", .decimal, "how much")]
        ) { request in
            try onlyInPlayground(request)
            var deposit = Deposit()
            deposit.account = AccountID(
                Int32(try request.integer("account", in: 0...Int64(Int32.max), else: 0))
            )
            deposit.amount = Amount(try request.units("amount"))
            return try await apply(.deposit(deposit), request)
        },
        VenueRoute(
            method: "POST",
            path: "/keys",
            access: .operates,
            summary: "Make a key: HMAC, or for a public key as PEM or base64",
            answer: .key(hasSecret: false),
            parameters: [
                account, .optional("kind", .text, "hmac, ed25519 or rsa"),
                .optional("publicKey", .text, "for ed25519 and rsa"),
                .optional("scopes", .text, "read,trade,transfer; all if it is left out"),
                .optional(
                    "addresses",
                    .text,
                    "addresses that may use it, with commas; all if it is left out"
                ),
                .optional("label", .text, "what its owner calls it"),
            ]
        ) { try await makeKey($0) },
        VenueRoute(
            method: "DELETE",
            path: "/keys",
            access: .operates,
            summary: "Take a key away",
            answer: .done,
            parameters: [.required("apiKey", .text, "the key's name")]
        ) { request in
            let name = request.parameters["apiKey"] ?? ""
            if request.venue.keys.key(named: name) == nil {
                throw VenueAPIError(.unknownKey, "There is no such key.", http: 401)
            }
            try request.venue.keys.remove(name)
            return .json {
                $0.key("status")
                $0.string("ok")
            }
        },
        VenueRoute(
            method: "POST",
            path: "/crash",
            access: .operates,
            summary: "Crash the demo's prices (playground)",
            answer: .done,
            parameters: [
                .optional("symbol", .symbol, "one market; all if it is left out"),
                .optional(
                    "depth",
                    .decimal,
                    "how far, as a part of the price; 0.2 if it is left out; negative is a rise"
                ),
                .optional("seconds", .integer, "how long it takes, 1 to 3,600; 20 if it is left out"),
                .optional(
                    "liquidity",
                    .integer,
                    "what makers leave of their quotes, in per cent; 10 if it is left out"
                ),
            ]
        ) { try crash($0) },
        VenueRoute(
            method: "POST",
            path: "/price",
            access: .operates,
            summary: "A price from an outside source: how a venue without a demo gets its prices",
            answer: .applied,
            parameters: [
                symbol, .optional("source", .integer, "the source's number, 0 to 15; 0 if it is left out"),
                .required("price", .decimal, "what it says"),
            ]
        ) { request in
            let market = try request.market()
            var update = PriceUpdate()
            update.market = market.id
            update.source = Int32(try request.integer("source", in: 0...15, else: 0))
            // A source's price need not be a whole number of ticks; it is taken at the nearest below.
            update.price = Price(try request.units("price") / market.tickSize)
            return try await apply(.price(update), request)
        },
        VenueRoute(
            method: "POST",
            path: "/state",
            access: .operates,
            summary: "Open, restrict or halt a market",
            answer: .applied,
            parameters: [symbol, .required("state", .text, "open, reduceOnly or halted")]
        ) { request in
            var change = SetMarketState(market: try request.market().id)
            switch request.parameters["state"] {
            case "open": change.state = .open
            case "reduceOnly": change.state = .reduceOnly
            case "halted": change.state = .halted
            default: throw VenueAPIError.invalid("state")
            }
            return try await apply(.setMarketState(change), request)
        },
        VenueRoute(
            method: "POST",
            path: "/settle",
            access: .operates,
            summary: "End a market at a price",
            answer: .applied,
            parameters: [symbol, .required("price", .decimal, "at which all positions are closed")]
        ) { request in
            let market = try request.market()
            let units = try request.units("price")
            if units <= 0 || units % market.tickSize != 0 { throw VenueAPIError.invalid("price") }
            let settle = Settle(market: market.id, price: Price(units / market.tickSize))
            return try await apply(.settle(settle), request)
        },
        VenueRoute(
            method: "POST",
            path: "/fund",
            access: .operates,
            summary: "Put money into the insurance fund",
            answer: .applied,
            parameters: [.required("amount", .decimal, "how much")]
        ) { request in
            let deposit = Deposit(account: .fund, amount: Amount(try request.units("amount")))
            return try await apply(.deposit(deposit), request)
        },
        VenueRoute(
            method: "POST",
            path: "/history/rebuild",
            access: .operates,
            summary: "Make the database of histories anew from the log, while the venue goes on",
            answer: .done
        ) { try rebuildHistory($0) },
    ]

    private static func rebuildHistory(_ request: VenueRequest) throws -> VenueReply {
        guard let history = request.venue.history else {
            throw VenueAPIError(.notPossible, "This venue keeps no history.", http: 409)
        }
        if !history.rebuild() {
            throw VenueAPIError(
                .notPossible,
                "The log no longer has all that the history has: what is there stays.",
                http: 409
            )
        }
        return .json {
            $0.key("status")
            $0.string("ok")
        }
    }

    private static func onlyInPlayground(_ request: VenueRequest) throws(VenueAPIError) {
        if !request.venue.options.isPlayground {
            throw VenueAPIError(.notAllowed, "Only a playground does this.", http: 401)
        }
    }

    private static func openAccount(_ request: VenueRequest) async throws -> VenueReply {
        try onlyInPlayground(request)
        let deposit = try request.optionalUnits("deposit") ?? 10_000_00000000
        if deposit < 0 { throw VenueAPIError.invalid("deposit") }
        let (status, account) = try await request.venue.openAccount(deposit: Amount(deposit))
        if status != .ok { return .refused(status) }
        let made = APIKey.generate(
            for: account,
            label: String((request.parameters["label"] ?? "").prefix(64)),
            created: request.venue.clock.now().microseconds / 1_000
        )
        do {
            try request.venue.keys.add(made)
        } catch {
            let text = "Account \(account.raw) is there, but its key could not be kept: \(error)"
            throw VenueAPIError(.failed, text, http: 500)
        }
        return .json { json in
            json.key("account")
            json.integer(Int128(account.raw))
            json.key("apiKey")
            json.string(made.name)
            json.key("secret")
            json.string(made.material)
        }
    }

    private static func makeKey(_ request: VenueRequest) async throws -> VenueReply {
        let account = AccountID(Int32(try request.integer("account", in: 3...Int64(Int32.max), else: 0)))
        let exists = try await request.venue.perform([]) { exchange, _ in exchange.accountView(account) != nil
        }.answer
        if !exists { throw VenueAPIError.invalid("account") }
        guard let kind = KeyKind(rawValue: request.parameters["kind"] ?? "hmac") else {
            throw VenueAPIError.invalid("kind")
        }
        // Left out, they mean everything; empty, they are what a variable that is not set gives.
        for name in ["scopes", "addresses", "kind", "publicKey"] where request.parameters.isEmpty(name) {
            throw VenueAPIError.missing(name)
        }
        var key = APIKey.generate(for: account, created: request.venue.clock.now().microseconds / 1_000)
        key.kind = kind
        key.label = String((request.parameters["label"] ?? "").prefix(64))
        if kind != .hmac {
            guard let material = request.parameters["publicKey"], Authenticator.canRead(material, kind) else {
                throw VenueAPIError.invalid("publicKey")
            }
            key.material = material
        }
        if let scopes = request.parameters["scopes"] {
            let words = scopes.split(separator: ",").map { KeyScope(rawValue: String($0)) }
            if words.isEmpty || words.contains(nil) { throw VenueAPIError.invalid("scopes") }
            key.scopes = Set(words.compactMap { $0 })
        }
        if let addresses = request.parameters["addresses"] {
            key.addresses = addresses.split(separator: ",").map(String.init)
            if key.addresses.isEmpty { throw VenueAPIError.invalid("addresses") }
        }
        let made = key
        try request.venue.keys.add(made)
        return .json { json in
            json.key("account")
            json.integer(Int128(account.raw))
            json.key("apiKey")
            json.string(made.name)
            if kind == .hmac {
                json.key("secret")
                json.string(made.material)
            }
        }
    }

    private static func crash(_ request: VenueRequest) throws -> VenueReply {
        try onlyInPlayground(request)
        let market = try request.optionalMarket()?.id
        let depth = try request.optionalUnits("depth") ?? 20_000_000
        if depth > 90_000_000 || depth < -900_000_000 { throw VenueAPIError.invalid("depth") }
        let seconds = try request.integer("seconds", in: 1...3_600, else: 20)
        let liquidity = try request.integer("liquidity", in: 0...100, else: 10)
        let shock = Crash(depth: depth / 100, duration: seconds * 1_000_000, liquidity: liquidity)
        if !request.venue.begin(shock, in: market) {
            throw VenueAPIError(.notPossible, "There is no demo whose prices could crash.")
        }
        return .json { json in
            json.key("status")
            json.string("ok")
        }
    }
}
