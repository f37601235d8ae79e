internal import ExchangeCore
internal import ExchangeText

/// The end of a replay as text and as JSON: one column a run, so that two rules stand side by side.
public struct ReplayReport: Sendable {
    /// One run and what it is called.
    public struct Run: Sendable {
        /// What it is called.
        public var title: String
        /// What was counted.
        public var tally: ReplayTally
        /// Seconds of wall time that commands took.
        public var elapsed: Double

        /// A run and its name.
        public init(title: String, tally: ReplayTally, elapsed: Double) {
            self.title = title
            self.tally = tally
            self.elapsed = elapsed
        }
    }

    /// The runs, left to right.
    public var runs: [Run]

    /// A report of some runs.
    public init(runs: [Run]) { self.runs = runs }

    /// A line of the table: what, and how to read it off a tally.
    private struct Row {
        var name: String
        var value: (Run) -> String
    }

    private static func money(_ units: Int128) -> String { grouped(units, decimals: 2) }

    /// Whole part in groups of three, and so many decimals, cut off.
    private static func grouped(_ units: Int128, decimals: Int) -> String {
        let whole = units.magnitude / 100_000_000
        let digits = String(whole)
        var out = ""
        for (place, digit) in digits.enumerated() {
            if place > 0 && (digits.count - place) % 3 == 0 { out.append(",") }
            out.append(digit)
        }
        let fraction = String(units.magnitude % 100_000_000)
        let padded = String(repeating: "0", count: 8 - fraction.count) + fraction
        return (units < 0 ? "−" : "") + out + "." + padded.prefix(decimals)
    }

    private static func percent(_ tenThousandths: Int64?) -> String {
        guard let value = tenThousandths else { return "–" }
        return "\(value / 100).\(value % 100 / 10) %"
    }

    private var rows: [[Row]] {
        [
            [
                Row(name: "holders, of whom liquidated") {
                    "\($0.tally.holders), \($0.tally.liquidatedAccounts)"
                },
                Row(name: "episodes (receipts)") { "\($0.tally.episodes)" },
                Row(name: "open interest before") { Self.money($0.tally.openInterestBefore) },
                Row(name: "open interest after") { Self.money($0.tally.openInterestAfter) },
            ],
            [
                Row(name: "step 2, netted") { Self.money($0.tally.byNetting) },
                Row(name: "step 3, book (notional)") { Self.money($0.tally.byBook) },
                Row(name: "  fills, fees to the fund") {
                    "\($0.tally.bookFills), \(Self.money($0.tally.liquidationFees))"
                },
                Row(name: "step 4, fund paid") { Self.money($0.tally.fundPaid) },
                Row(name: "step 5, volunteers") { Self.money($0.tally.byVolunteers) },
                Row(name: "step 6, vault took over") { Self.money($0.tally.byVault) },
                Row(name: "step 7, deleveraged") { Self.money($0.tally.byDeleveraging) },
                Row(name: "step 8, residual closed") { Self.money($0.tally.byResidual) },
            ],
            [
                Row(name: "deficit") { Self.money($0.tally.deficit) },
                Row(name: "  borne by the owners' other accounts") { Self.money($0.tally.recourse) },
                Row(name: "  borne by the fund") { Self.money($0.tally.fundPaid) },
                Row(name: "  borne by the vault") { Self.money($0.tally.vaultBore) },
                Row(name: "  given up by the deleveraged") { Self.money($0.tally.givenUp) },
                Row(name: "  charged to open interest, or debt") { Self.money($0.tally.residual) },
                Row(name: "  rounding paid in") { Self.grouped($0.tally.rounding, decimals: 8) },
                Row(name: "  left over (must be 0)") { Self.grouped($0.tally.receiptSum, decimals: 8) },
            ],
            [
                Row(name: "fund before · lowest · after") {
                    Self.three($0.tally.fundBefore, $0.tally.fundLowest, $0.tally.fundAfter)
                },
                Row(name: "vault before · lowest · after") {
                    Self.three($0.tally.vaultBefore, $0.tally.vaultLowest, $0.tally.vaultAfter)
                },
                Row(name: "makers before · after") {
                    "\(Self.money($0.tally.makersBefore)) · \(Self.money($0.tally.makersAfter))"
                },
            ],
            [
                Row(name: "deleveragings, accounts") {
                    "\($0.tally.deleveragingFills), \($0.tally.deleveragedAccounts)"
                },
                Row(name: "  notional in the largest 1 · 10 · 100") { run in
                    [1, 10, 100].map { Self.percent(run.tally.share(ofLargest: $0)) }.joined(separator: " · ")
                },
                Row(name: "  needed") { Self.money($0.tally.needed) },
                Row(name: "  taken") { Self.money($0.tally.taken) },
                Row(name: "  overshoot") { Self.grouped($0.tally.taken - $0.tally.needed, decimals: 8) },
                Row(name: "  first after the first liquidation") {
                    $0.tally.deleveragingDelay.map { "\($0) s" } ?? "–"
                },
            ],
        ]
    }

    private static func three(_ a: Amount, _ b: Amount, _ c: Amount) -> String {
        [a, b, c].map { money(Int128($0.units)) }.joined(separator: " · ")
    }

    /// The table, then the conservation equation and the speed of each run.
    public var text: String {
        let names = rows.joined().map(\.name.count).max() ?? 0
        let columns = runs.map { run in
            max(run.title.count, rows.joined().map { $0.value(run).count }.max() ?? 0)
        }
        var out = pad("", names)
        for (run, width) in zip(runs, columns) { out += "  " + padLeft(run.title, width) }
        out += "\n"
        for block in rows {
            for row in block {
                out += pad(row.name, names)
                for (run, width) in zip(runs, columns) { out += "  " + padLeft(row.value(run), width) }
                out += "\n"
            }
            out += "\n"
        }
        for run in runs { out += equation(run) }
        return out
    }

    private func equation(_ run: Run) -> String {
        let tally = run.tally
        let parts = [
            ("deposits", tally.deposits), ("withdrawals", -tally.withdrawals), ("users", -tally.users),
            ("fund", -Int128(tally.fundAfter.units)), ("debt", Int128(tally.debt.units)),
            ("vault", -Int128(tally.vaultAfter.units)), ("fees", -tally.fees),
        ]
        var out = "\(run.title): "
        for (place, part) in parts.enumerated() {
            let sign = part.1 < 0 || (part.1 == 0 && part.0 != "debt") ? "− " : place == 0 ? "" : "+ "
            out += "\(sign)\(part.0) \(Self.grouped(Int128(part.1.magnitude), decimals: 8)) "
        }
        out += "= \(DecimalText.string(tally.conservation))\n"
        let rate = run.elapsed > 0 ? Int(Double(tally.played) / run.elapsed) : 0
        out +=
            "\(run.title): \(tally.played) commands, \(rate) a second, \(tally.refused) refused, "
            + "state hash \(hexadecimal(tally.stateHash))\n"
        return out
    }

    private func hexadecimal(_ digest: Digest) -> String {
        [digest.high, digest.low].map { word in
            let text = String(word, radix: 16)
            return String(repeating: "0", count: 16 - text.count) + text
        }.joined()
    }

    private func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    private func padLeft(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    // MARK: JSON

    /// The same as an object with one entry a run; amounts are decimal strings.
    public var json: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("runs" as StaticString)
        writer.beginArray()
        for run in runs { write(run, to: &writer) }
        writer.endArray()
        writer.endObject()
        return writer.bytes + [UInt8(ascii: "\n")]
    }

    private func write(_ run: Run, to writer: inout JSONWriter) {
        let tally = run.tally
        let amounts: [(String, Int128)] = [
            ("openInterestBefore", tally.openInterestBefore), ("openInterestAfter", tally.openInterestAfter),
            ("netted", tally.byNetting), ("book", tally.byBook), ("volunteers", tally.byVolunteers),
            ("vaultTakeovers", tally.byVault), ("deleveraged", tally.byDeleveraging),
            ("residualClosed", tally.byResidual), ("liquidationFees", tally.liquidationFees),
            ("deficit", tally.deficit), ("recourse", tally.recourse), ("fundPaid", tally.fundPaid),
            ("bids", tally.bids), ("vaultBore", tally.vaultBore), ("givenUp", tally.givenUp),
            ("residual", tally.residual), ("rounding", tally.rounding), ("needed", tally.needed),
            ("taken", tally.taken), ("overshoot", tally.taken - tally.needed),
            ("fundBefore", Int128(tally.fundBefore.units)),
            ("fundLowest", Int128(tally.fundLowest.units)), ("fundAfter", Int128(tally.fundAfter.units)),
            ("debt", Int128(tally.debt.units)), ("vaultBefore", Int128(tally.vaultBefore.units)),
            ("vaultLowest", Int128(tally.vaultLowest.units)), ("vaultAfter", Int128(tally.vaultAfter.units)),
            ("deposits", tally.deposits), ("withdrawals", tally.withdrawals), ("users", tally.users),
            ("fees", tally.fees), ("conservation", tally.conservation), ("receiptSum", tally.receiptSum),
        ]
        let counts: [(String, Int)] = [
            ("holders", tally.holders), ("liquidatedAccounts", tally.liquidatedAccounts),
            ("episodes", tally.episodes), ("bookFills", tally.bookFills),
            ("deleveragingFills", tally.deleveragingFills),
            ("deleveragedAccounts", tally.deleveragedAccounts), ("commands", tally.played),
            ("refusedCommands", tally.refused),
            ("commandsPerSecond", run.elapsed > 0 ? Int(Double(tally.played) / run.elapsed) : 0),
        ]
        writer.beginObject()
        writer.key("title" as StaticString)
        writer.string(run.title)
        for (name, value) in amounts {
            writer.key(name)
            writer.decimal(value)
        }
        for (name, value) in counts {
            writer.key(name)
            writer.integer(Int128(value))
        }
        writer.key("firstDeleveragingAfterSeconds" as StaticString)
        if let delay = tally.deleveragingDelay { writer.integer(Int128(delay)) } else { writer.null() }
        writer.key("stateHash" as StaticString)
        writer.digest(tally.stateHash)
        writer.endObject()
    }
}
