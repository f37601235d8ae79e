/// What the routes about the vault, the queue and the waterfall answer.
extension AnswerSchema {
    static let vault = AnswerSchema.object(
        [Member("exists", .bool)]
            + ["equity", "cash", "available", "netCapital", "profit"].map { Member($0, .decimal) }
            + [
                Member("shares", count), Member("venueShares", count), Member("leverage", count),
                Member("firstLoss", .decimal), Member("lossLimit", .nullable(.decimal)),
                Member("lockUp", count), Member("isInLiquidation", .bool),
                Member(
                    "positions",
                    .list(
                        .object([
                            Member("symbol", .text), Member("size", .decimal),
                            Member("entryNotional", .decimal), Member("notional", .decimal),
                            Member("unrealized", .decimal), Member("cap", .nullable(.decimal)),
                            Member("edge", .decimal),
                        ])
                    )
                ),
                Member(
                    "flows",
                    .list(.object([Member("reason", .text), Member("amount", .decimal)]))
                ),
                Member("history", .list(.object([Member("at", count), Member("equity", .decimal)]))),
            ]
    )

    /// Where a position stands.
    private static let place: [Member] = [
        Member("positionSide", .text), Member("rank", .integer(least: 1)),
        Member("lights", .integer(least: 1)), Member("size", .decimal), Member("notional", .decimal),
        Member("profit", .decimal), Member("leverage", .decimal), Member("score", .text),
        Member("ahead", .decimal),
    ]

    static let lights = rows(
        "positions",
        .object([
            Member("symbol", .text), Member("at", count), Member("of", count),
            Member("positionSide", .text), Member("size", .decimal), Member("profit", .decimal),
            Member("lights", count), Member("rank", .nullable(.integer(least: 1))),
            Member("leverage", .nullable(.decimal)), Member("score", .nullable(.text)),
            Member("ahead", .nullable(.decimal)), Member("notional", .decimal, isRequired: false),
            Member("aheadNotional", .nullable(.decimal)),
            Member(
                "reach",
                .nullable(.object([Member("price", .decimal), Member("deficit", .decimal)]))
            ),
        ])
    )

    private static let queueSide = AnswerSchema.object([
        Member("positions", count), Member("size", .decimal),
        Member("rows", .list(.object([Member("account", .text)] + place))),
    ])

    static let queue = AnswerSchema.object([
        Member("symbol", .text), Member("at", count), Member("sequence", count),
        Member("selection", .text), Member("longs", queueSide), Member("shorts", queueSide),
    ])

    static let tape = AnswerSchema.object([
        Member("symbol", .text),
        Member(
            "prints",
            .list(
                .object([
                    Member("number", .integer(least: 1)), Member("at", count), Member("price", .decimal),
                    Member("quantity", .decimal), Member("side", side), Member("tag", .nullable(.text)),
                    Member("episode", .nullable(.integer(least: 1))),
                ])
            )
        ),
    ])

    static let sources = AnswerSchema.object([
        Member("symbol", .text), Member("at", count), Member("validity", .text), Member("quorum", count),
        Member("staleAfter", count), Member("index", .nullable(.decimal)),
        Member(
            "sources",
            .list(
                .object([
                    Member("source", count), Member("kind", .text), Member("weight", count),
                    Member("price", .decimal), Member("at", count), Member("standing", .text),
                ])
            )
        ),
    ])

    private static let part = AnswerSchema.object([Member("fills", count), Member("notional", .decimal)])

    static let episodes = rows(
        "episodes",
        .object(
            [
                Member("episode", .integer(least: 1)), Member("account", .text), Member("at", count),
                Member("sequence", count), Member("symbol", .nullable(.text)),
                Member("mark", .nullable(.decimal)), Member("equity", .decimal),
                Member("maintenance", .decimal), Member("outcome", .text),
                Member(
                    "steps",
                    .object(
                        [
                            "book", "netting", "volunteers", "vault", "deleveraging", "residual",
                            "settlement",
                        ].map { Member($0, part) }
                    )
                ),
                Member("notional", .decimal), Member("limit", .nullable(.text)),
                Member("fundBefore", .nullable(.decimal)),
            ]
                + [
                    "deficit", "recourse", "fund", "vault", "givenUp", "residual", "debt", "rounding", "bids",
                    "needed", "taken", "overshoot",
                ].map { Member($0, .decimal) }
                + [
                    Member(
                        "yours",
                        .nullable(.object([Member("step", .text), Member("notional", .decimal)]))
                    )
                ]
        )
    )
}
