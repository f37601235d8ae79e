import ExchangeCore
import ExchangeText

/// What the body of an answer looks like, as the OpenAPI document states it (API-1): a part of JSON Schema.
indirect enum AnswerSchema: Sendable {
    /// A decimal string.
    case decimal
    /// A whole number, not below the bound if there is one.
    case integer(least: Int? = nil)
    /// A string.
    case text
    /// A string of lower-case hexadecimal digits, so many.
    case digest(Int)
    /// One of these words.
    case word([String])
    case bool
    /// The same, or null if it is not known.
    case nullable(AnswerSchema)
    case list(AnswerSchema)
    /// Members that are there and no others.
    case object([Member])
    /// Members that are there, and others with them: fields of a command or an event, by their kind.
    case open([Member])

    /// A member of an object.
    struct Member: Sendable {
        var name: String
        var schema: AnswerSchema
        /// Whether it is always there.
        var isRequired = true

        init(_ name: String, _ schema: AnswerSchema, isRequired: Bool = true) {
            self.name = name
            self.schema = schema
            self.isRequired = isRequired
        }
    }

    /// Writes it as an object of JSON Schema.
    func write(to json: inout JSONWriter) {
        json.beginObject()
        members(of: &json)
        json.endObject()
    }

    private func members(of json: inout JSONWriter) {
        switch self {
        case .decimal:
            AnswerSchema.type("string", &json)
            json.key("pattern")
            json.string("^-?(0|[1-9][0-9]*)(\\.[0-9]+)?$")
        case .integer(let least):
            AnswerSchema.type("integer", &json)
            guard let least else { return }
            json.key("minimum")
            json.integer(Int128(least))
        case .text: AnswerSchema.type("string", &json)
        case .digest(let digits):
            AnswerSchema.type("string", &json)
            json.key("pattern")
            json.string("^[0-9a-f]{\(digits)}$")
        case .word(let words):
            AnswerSchema.type("string", &json)
            AnswerSchema.strings("enum", words, &json)
        case .bool: AnswerSchema.type("boolean", &json)
        case .nullable(let schema):
            json.key("anyOf")
            json.beginArray()
            schema.write(to: &json)
            json.beginObject()
            AnswerSchema.type("null", &json)
            json.endObject()
            json.endArray()
        case .list(let element):
            AnswerSchema.type("array", &json)
            json.key("items")
            element.write(to: &json)
        case .object(let members): AnswerSchema.object(members, isOpen: false, &json)
        case .open(let members): AnswerSchema.object(members, isOpen: true, &json)
        }
    }

    private static func object(_ members: [Member], isOpen: Bool, _ json: inout JSONWriter) {
        type("object", &json)
        strings("required", members.filter(\.isRequired).map(\.name), &json)
        json.key("properties")
        json.beginObject()
        for member in members {
            json.key(member.name)
            member.schema.write(to: &json)
        }
        json.endObject()
        json.key("additionalProperties")
        json.bool(isOpen)
    }

    private static func type(_ name: String, _ json: inout JSONWriter) {
        json.key("type")
        json.string(name)
    }

    private static func strings(_ name: String, _ all: [String], _ json: inout JSONWriter) {
        json.key(name)
        json.beginArray()
        for text in all { json.string(text) }
        json.endArray()
    }
}

/// What the routes answer.
extension AnswerSchema {
    /// An object with one list in it.
    static func rows(_ name: String, _ row: AnswerSchema) -> AnswerSchema {
        .object([Member(name, .list(row))])
    }

    /// One of the terms of a closed set (Records/terms.txt).
    static func term(of set: (some CodedEnum).Type) -> AnswerSchema { .word(terms(of: set)) }

    private static func terms(of set: (some CodedEnum).Type) -> [String] { set.all.map { "\($0.term)" } }

    static let count = AnswerSchema.integer(least: 0)
    static let side = AnswerSchema.word(["BUY", "SELL"])

    /// Of anything that is done without a command.
    static let done = AnswerSchema.object([Member("status", .word(["ok"]))])
    /// Of a command that was taken.
    static let applied = AnswerSchema.object([Member("status", .word(["ok"])), Member("sequence", count)])

    static let status = AnswerSchema.object([
        Member("sequence", count), Member("chain", .text), Member("snapshot", count),
        Member("waiting", count), Member("commands", count), Member("rejected", count),
        Member("overloaded", count), Member("commitMicroseconds", count), Member("startedAt", count),
        Member("playground", .bool), Member("now", count), Member("listeners", count),
        Member("commits", times), Member("requests", times),
        Member(
            "history",
            .nullable(
                .object([
                    Member("state", .text), Member("begins", .nullable(count)),
                    Member("completeTo", .nullable(count)), Member("behind", count),
                    Member("rows", count), Member("rebuilds", count), Member("reason", .nullable(.text)),
                ])
            )
        ),
    ])

    private static let times = AnswerSchema.object([
        Member("count", count), Member("p50", .nullable(count)), Member("p99", .nullable(count)),
        Member("longest", .nullable(count)),
    ])

    static let conservation = AnswerSchema.object(
        [Member("sequence", count)]
            + ["deposits", "withdrawals", "users", "fund", "vault", "fees", "missing"].map {
                Member($0, .decimal)
            }
            + [
                Member("equation", .text),
                Member(
                    "markets",
                    .list(
                        .object([
                            Member("symbol", .text), Member("long", .decimal), Member("short", .decimal),
                            Member("missing", .decimal),
                        ])
                    )
                ),
                Member("stateHash", .digest(32)),
            ]
    )

    static let markets = rows(
        "markets",
        .object([
            Member("symbol", .text), Member("state", term(of: MarketState.self)),
            Member("validity", term(of: PriceValidity.self)),
            Member("mark", .nullable(.decimal)), Member("previousMark", .nullable(.decimal)),
            Member("index", .nullable(.decimal)), Member("openInterest", .decimal),
            Member(
                "parameters",
                .open([
                    Member("do", .word(["market"])), Member("symbol", .text), Member("tickSize", .decimal),
                    Member("lotSize", .decimal),
                    Member(
                        "tiers",
                        .list(
                            .object([
                                Member("upTo", .decimal, isRequired: false),
                                Member("maintenance", .decimal), Member("leverage", .integer(least: 1)),
                            ])
                        )
                    ),
                ])
            ),
        ])
    )

    static let commands = rows(
        "commands",
        .open([
            Member("sequence", count), Member("at", count), Member("do", term(of: CommandKind.self)),
            Member("status", term(of: Status.self)),
        ])
    )

    static let receipts = rows(
        "receipts",
        .object([
            Member("episode", count), Member("account", .text), Member("at", count),
            Member("why", .open([])), Member("steps", .list(step)), Member("sum", sum),
        ])
    )

    /// A step of a receipt: what it has besides depends on which it is. Of a closing `price` is the mark,
    /// `paid` what a lot was closed at, `kept` what the counterparty realised; a `recoursePaid` is an owner's
    /// other account.
    private static let step = AnswerSchema.open([
        Member("step", term(of: EventKind.self)), Member("amount", .decimal, isRequired: false),
        Member("counterparty", .text, isRequired: false),
        Member("adjustment", .decimal, isRequired: false), Member("paid", .decimal, isRequired: false),
        Member("kept", .decimal, isRequired: false),
    ])

    /// deficit = recourse + fund + vault + givenUp + residual − rounding (RCP-5).
    private static let sum = AnswerSchema.open(
        [Member("outcome", term(of: EpisodeOutcome.self))]
            + [
                "deficit", "recourse", "fund", "vault", "givenUp", "residual", "debt", "rounding", "bids",
                "needed", "taken", "overshoot", "equity",
            ].map { Member($0, .decimal) }
    )

    static let fills = rows(
        "fills",
        .object([
            Member("number", .integer(least: 1)), Member("sequence", count), Member("at", count),
            Member("fill", .open([Member("event", term(of: EventKind.self))])),
        ])
    )

    static let fund = AnswerSchema.object([
        Member("balance", .decimal), Member("debt", .decimal),
        Member(
            "history",
            .list(
                .object([
                    Member("at", count), Member("amount", .decimal),
                    Member("reason", term(of: LedgerReason.self)),
                    Member("counterparty", .nullable(.text)), Member("balance", .decimal),
                ])
            )
        ),
    ])

    static let offers = rows(
        "offers",
        .object([
            Member("account", count), Member("symbol", .text), Member("side", side),
            Member("quantity", .decimal), Member("edge", .decimal),
        ])
    )

    /// Of a new account or key; the secret is there for HMAC alone, and told only now.
    static func key(hasSecret: Bool) -> AnswerSchema {
        .object([
            Member("account", count), Member("apiKey", .text),
            Member("secret", .text, isRequired: hasSecret),
        ])
    }

    private static let names = VenueAPIError.Name.allCases.map(\.rawValue)

    /// Of a request that is refused, by name and with a reason; of a refused command the name is that of its
    /// status (CMD-3), which says all.
    static let error = AnswerSchema.object([
        Member("status", .word(names + terms(of: Status.self).filter { !names.contains($0) })),
        Member("reason", .text, isRequired: false),
    ])
}
