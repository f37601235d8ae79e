package import ExchangeCore

// Tape, vault and episodes as bytes, and back (HIST-5): what was shown before a restart is shown after it.

extension TapeRecord {
    package func encodeView(into writer: inout ByteWriter) {
        writer.append(littleEndian: Int64(tapes.count))
        for tape in tapes {
            writer.append(littleEndian: tape.next)
            writer.append(littleEndian: Int64(tape.prints.count))
            for it in tape.prints {
                writer.append(littleEndian: it.number)
                writer.append(littleEndian: it.at.microseconds)
                writer.append(littleEndian: it.price.ticks)
                writer.append(littleEndian: it.quantity.lots)
                writer.append(littleEndian: it.episode)
                writer.append(byte: it.side == .buy ? 0 : 1)
                writer.append(sized: Array(it.tag.rawValue.utf8))
            }
        }
        let names = sizes.keys.sorted {
            ($0.account.raw, $0.market.raw, $0.side.rawValue)
                < ($1.account.raw, $1.market.raw, $1.side.rawValue)
        }
        writer.append(littleEndian: Int64(names.count))
        for name in names {
            writer.append(littleEndian: Int64(name.account.raw))
            writer.append(littleEndian: Int64(name.market.raw))
            writer.append(byte: name.side.rawValue)
            writer.append(littleEndian: sizes[name] ?? 0)
        }
    }

    /// The record that such bytes describe; nil if they describe none.
    package init?(view reader: inout ByteReader) {
        self.init()
        reader.repeated { reader in
            var tape = Tape(prints: Ring(capacity: TapeRecord.usuallyKept))
            tape.next = UInt64(bitPattern: reader.number())
            reader.repeated { reader in
                let number = UInt64(bitPattern: reader.number())
                let at = Timestamp(reader.number())
                let price = Price(reader.number())
                let quantity = Quantity(reader.number())
                let episode = reader.number()
                let side: Side = reader.byte() == 0 ? .buy : .sell
                guard let tag = Tag(rawValue: String(decoding: reader.sized(), as: UTF8.self)) else {
                    return reader.fail()
                }
                tape.prints.append(
                    Print(
                        number: number,
                        at: at,
                        price: price,
                        quantity: quantity,
                        side: side,
                        tag: tag,
                        episode: episode
                    )
                )
            }
            tapes.append(tape)
        }
        reader.repeated { reader in
            let account = AccountID(Int32(clamping: reader.number()))
            let market = MarketID(Int32(clamping: reader.number()))
            guard let side = PositionSide(rawValue: reader.byte()) else { return reader.fail() }
            sizes[LegName(account: account, market: market, side: side)] = reader.number()
        }
        if reader.failed { return nil }
    }
}

extension VaultRecord {
    package func encodeView(into writer: inout ByteWriter) {
        writer.append(littleEndian: cash)
        writer.append(littleEndian: Int64(history.count))
        for point in history {
            writer.append(littleEndian: point.at.microseconds)
            writer.append(littleEndian: point.equity)
        }
        writer.append(littleEndian: Int64(flows.count))
        for flow in flows {
            writer.append(byte: flow.reason.rawValue)
            writer.append(littleEndian: flow.amount)
        }
        writer.append(littleEndian: Int64(positions.count))
        for (index, position) in positions.enumerated() {
            writer.append(littleEndian: position.size)
            writer.append(littleEndian: position.quote)
            writer.append(littleEndian: marks[index])
            writer.append(littleEndian: units[index])
        }
    }

    /// The record that such bytes describe; nil if they describe none.
    package init?(view reader: inout ByteReader) {
        self.init()
        cash = reader.large()
        reader.repeated { reader in
            let at = Timestamp(reader.number())
            history.append(Point(at: at, equity: reader.large()))
        }
        reader.repeated { reader in
            guard let reason = LedgerReason(rawValue: reader.byte()) else { return reader.fail() }
            flows.append((reason, reader.large()))
        }
        reader.repeated { reader in
            let size = reader.number()
            positions.append(Position(size: size, quote: reader.large()))
            marks.append(reader.number())
            units.append(reader.number())
        }
        if reader.failed { return nil }
    }
}

extension EpisodeRecord {
    package func encodeView(into writer: inout ByteWriter) {
        writer.append(littleEndian: Int64(units.count))
        for unit in units { writer.append(littleEndian: unit) }
        let unfinished = open.keys.sorted().compactMap { open[$0] }
        for list in [Array(rows), unfinished] {
            writer.append(littleEndian: Int64(list.count))
            for row in list { EpisodeRecord.encode(row, &writer) }
        }
    }

    private static func encode(_ row: Row, _ writer: inout ByteWriter) {
        var (began, ended, order) = (row.began, row.ended, row.order ?? LiquidationOrder.zero)
        began.fields(&writer)
        ended.fields(&writer)
        writer.append(byte: row.order == nil ? 0 : 1)
        order.fields(&writer)
        writer.append(littleEndian: row.at.microseconds)
        writer.append(littleEndian: row.sequence)
        writer.append(littleEndian: row.fundBefore?.units ?? Int64.min)
        writer.append(byte: row.limit?.rawValue ?? UInt8.max)
        for part in row.parts {
            writer.append(littleEndian: part.fills)
            writer.append(littleEndian: part.notional)
        }
        writer.append(littleEndian: Int64(row.others.count))
        for account in row.others.keys.sorted() {
            writer.append(littleEndian: Int64(account.raw))
            writer.append(littleEndian: Int64(row.others[account]?.step.rawValue ?? 0))
            writer.append(littleEndian: row.others[account]?.notional ?? 0)
        }
    }

    /// The record that such bytes describe; nil if they describe none.
    package init?(view reader: inout ByteReader) {
        self.init()
        reader.repeated { units.append($0.number()) }
        reader.repeated { rows.append(EpisodeRecord.row(&$0)) }
        reader.repeated { reader in
            let row = EpisodeRecord.row(&reader)
            open[row.began.episode] = row
        }
        if reader.failed { return nil }
    }

    private static func row(_ reader: inout ByteReader) -> Row {
        let began: EpisodeBegan = reader.record()
        let ended: EpisodeEnded = reader.record()
        let hasOrder = reader.byte() != 0
        let order: LiquidationOrder = reader.record()
        var row = Row(began: began, at: Timestamp(reader.number()), sequence: 0)
        row.ended = ended
        row.order = hasOrder ? order : nil
        row.sequence = UInt64(bitPattern: reader.number())
        let before = reader.number()
        row.fundBefore = before == .min ? nil : Amount(before)
        row.limit = VaultLimit(rawValue: reader.byte())
        for place in row.parts.indices {
            row.parts[place].fills = reader.number()
            row.parts[place].notional = reader.large()
        }
        reader.repeated { reader in
            let account = AccountID(Int32(clamping: reader.number()))
            guard let step = Step(rawValue: Int(reader.number())) else { return reader.fail() }
            row.others[account] = (step, reader.large())
        }
        return row
    }
}

extension ByteReader {
    fileprivate mutating func large() -> Int128 {
        var value: Int128 = 0
        visit("", &value)
        return value
    }
}
