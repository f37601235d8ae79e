import Foundation
import Testing

@testable import records

@Suite("Records: what the core is told and tells, made of lists")
struct RecordTests {
    private let outputs = Outputs(root: Repository.root.path)

    @Test("What is committed is what the lists give")
    func committed() throws {
        #expect(try outputs.differences(from: outputs.lists()) == [])
    }

    @Test(
        "A changed line of a list is seen in what is made of it",
        arguments: [
            ("commands.txt", "keyed by source", "keyed by target", "Commands/Generated/RequestKeys.swift"),
            ("commands.txt", "runs armCountdown", "runs countdown", "ExchangeCore/Exchange+Execute.swift"),
            ("commands.txt", "SetHedge \"hedge\"", "SetHedge", "Commands/Generated/Command.swift"),
            ("commands.txt", "Int32 = 5 ", "Int32 = 6 ", "Commands/Generated/VenueCommands.swift"),
            ("commands.txt", "-- Who pays.", "-- The payer.", "Commands/Generated/AccountCommands.swift"),
            ("events.txt", "  inlined\n", "", "Events/Generated/OrderEvents.swift"),
            ("events.txt", "-- By how much.", "-- How much.", "Events/Generated/MoneyEvents.swift"),
            ("terms.txt", "both \"BOTH\"", "both", "Commands/Generated/TermSets.swift"),
            ("statuses.txt", "-- There is no vault.", "-- No vault.", "Specs/commands.md"),
        ]
    )
    func changed(list: String, old: String, new: String, file: String) throws {
        var lists = try outputs.lists()
        let text = try #require(lists[list])
        #expect(text.contains(old))
        lists[list] = text.replacing(old, with: new)
        let found = try outputs.differences(from: lists)
        #expect(found.contains { $0.contains(file + ":") }, "\(found)")
    }

    /// Lists as small as may be, and what was given out of them.
    private static let lists = [
        "commands.txt": """
        common
          key: RequestKey -- Its key.

        section Accounts in AccountCommands.swift

        command 1 deposit Deposit
          -- Adds cash.
          keyed by account
          account: AccountID -- The account.
          amount: Amount -- How much.
          key
        command 2 tick Tick "time"
          -- Does what is due.
          unused: Bool = false -- Must be false.
        """,
        "events.txt": """
        section All in AllEvents.swift
        event 1 outcome Outcome
          -- What became of a command.
          status: Status -- What became of it.
        """,
        "terms.txt": """
        terms Side
          -- Which way.
          0 buy
          1 sell
        """,
        "statuses.txt": """
        terms Status
          -- What became of a command.
          0 ok -- All is well.
        """,
    ]

    private func given() throws -> String {
        try Records(RecordTests.lists, given: "", rules: 3).given()
    }

    @Test(
        "A list that cannot be used is refused by file and line, with what was found and expected",
        arguments: [
            // The form of a line.
            ("commands.txt", "  key\n", "\tkey\n", "commands.txt:11: found a tab, expected spaces"),
            (
                "commands.txt", "  key\n", " key\n",
                "commands.txt:11: found one space before \"key\", expected none"
            ),
            ("commands.txt", "  keyed", "    keyed", "commands.txt:8: found 4 spaces before \"keyed"),
            ("commands.txt", "  unused", "     unused", "commands.txt:14: found 5 spaces before \"unused"),
            (
                "events.txt", "section All", "  stray\nsection All",
                "events.txt:1: found \"stray\", expected a event"
            ),
            (
                "commands.txt", "command 2 tick", "order 2 tick",
                "commands.txt:12: found \"order 2 tick Tick \"time\"\""
            ),
            (
                "events.txt", "section All in AllEvents.swift\n", "",
                "events.txt:1: found a event, expected a line"
            ),
            (
                "commands.txt", "command 2 tick", "command 256 tick",
                "found \"256\", expected a number from 0 to 255"
            ),
            (
                "commands.txt", "command 2 tick", "command two tick",
                "found \"two\", expected a number from 0 to 255"
            ),
            ("commands.txt", "tick Tick", "Tick Tick", "found \"Tick\", expected a name like placeOrder"),
            ("commands.txt", "tick Tick", "tick tick", "found \"tick\", expected a name like PlaceOrder"),
            ("commands.txt", "\"time\"", "time", "found time, expected a term in quotes"),
            ("terms.txt", "  1 sell", "  1 sell sell off", "terms.txt:4: found \"1 sell sell off\""),
            (
                "terms.txt", "terms Side", "words Side",
                "terms.txt:1: found \"words Side\", expected terms NAME"
            ),
            (
                "terms.txt", "terms Side\n", "",
                "terms.txt:1: found \"\", expected a line \"terms NAME\" first"
            ),
            // Doc comments.
            ("commands.txt", "  -- Adds cash.\n", "", "commands.txt:6: found no doc comment"),
            ("commands.txt", "  -- Adds cash.\n", "  -- A.\n  -- B.\n", "found a second doc comment"),
            (
                "commands.txt", " -- The account.", "",
                "commands.txt:9: found no doc comment, expected -- and what"
            ),
            ("terms.txt", "  -- Which way.\n", "", "terms.txt:1: found no doc comment"),
            ("terms.txt", "  0 buy\n  1 sell", "", "terms.txt:1: found no term"),
            ("terms.txt", "  0 buy\n", "  0 buy\n  -- B.\n", "terms.txt:4: found a second doc comment"),
            // Fields.
            (
                "commands.txt", "  key\nc", "  keys\nc",
                "found \"keys\", expected NAME: TYPE, a property, or a common"
            ),
            ("commands.txt", "unused:", "in:", "found a field in, expected no word of Swift"),
            ("commands.txt", "amount: Amount", "amount:", "found no type, expected NAME: TYPE"),
            (
                "commands.txt", "amount: Amount", "amount: Money",
                "commands.txt:10: found the type Money, expected one"
            ),
            ("commands.txt", "= false", "false", "found \"false\", expected = INITIAL, since RULES"),
            ("commands.txt", "amount:", "account:", "commands.txt:10: found a second field account"),
            ("commands.txt", "Bool = false", "Bool since 4", "found since 4, expected 1 to 3"),
            ("commands.txt", "  key\nc", "  key\n  boxed\nc", "found \"boxed\" behind a field"),
            // Keys.
            ("commands.txt", "by account", "by amount", "found keyed by amount, expected venue, or a field"),
            (
                "commands.txt", "  keyed by account\n", "",
                "commands.txt:6: found a field key, expected a line"
            ),
            ("commands.txt", "  key\nc", "c", "commands.txt:6: found no field key"),
            // Numbers and names.
            (
                "commands.txt", "command 2", "command 1",
                "found the number 1 again, expected another than that of"
            ),
            (
                "commands.txt", "command 2", "command 3",
                "found the number 3, expected 2, or a line \"retired 2"
            ),
            ("commands.txt", "command 2", "retired 2 old\ncommand 2", "found the number 2, which was old's"),
            ("commands.txt", "tick Tick", "deposit Tick", "found the name deposit again"),
            ("commands.txt", "tick Tick", "tick Deposit", "found the type Deposit again"),
            ("commands.txt", "\"time\"", "\"deposit\"", "found the term deposit again"),
            (
                "terms.txt", "1 sell", "0 sell",
                "terms.txt:4: found the number 0 behind 0, expected rising numbers"
            ),
            ("terms.txt", "1 sell", "1 buy", "found the name buy again"),
            ("terms.txt", "1 sell", "1 sell \"buy\"", "found the term buy again"),
            ("terms.txt", "  1 sell", "  retired 1 hold\n  1 sell", "found the number 1, which was hold's"),
        ]
    )
    func refused(list: String, old: String, new: String, message: String) throws {
        try expectRefusal(list, old, new, given: "", message)
    }

    @Test(
        "What was given out does not change",
        arguments: [
            ("commands.txt", "2 tick", "2 look", "found look with the number 2, which was given out to tick"),
            (
                "commands.txt", "amount: Amount", "amount: Rate",
                "found amount:Rate of deposit, expected amount:Amount"
            ),
            (
                "commands.txt", "  amount: Amount -- How much.\n", "",
                "found key:RequestKey of deposit, expected amount"
            ),
            (
                "commands.txt", "  unused: Bool = false -- Must be false.", "",
                "found tick without unused:Bool"
            ),
            ("commands.txt", "  key\nc", "  key\n  more: Bool -- M.\nc", "found a new field more of deposit"),
            ("commands.txt", "  key\nc", "  key\n  more: Bool since 2 -- M.\nc", "expected \"since 3\""),
            (
                "terms.txt", "  1 sell", "",
                "given.txt:7: found the number 1 given out to sell and not in the list"
            ),
            ("terms.txt", "1 sell", "1 offer", "found offer with the number 1, which was given out to sell"),
            (
                "terms.txt", "terms Side", "terms Way",
                "found the number 0 given out to buy and not in the list"
            ),
        ]
    )
    func kept(list: String, old: String, new: String, message: String) throws {
        try expectRefusal(list, old, new, given: given(), message)
    }

    private func expectRefusal(
        _ list: String,
        _ old: String,
        _ new: String,
        given: String,
        _ message: String
    ) throws {
        var lists = RecordTests.lists
        let text = try #require(lists[list])
        #expect(text.contains(old))
        lists[list] = text.replacing(old, with: new)
        let error = #expect(throws: ListError.self) { _ = try Records(lists, given: given, rules: 3) }
        #expect("\(try #require(error))".contains(message), "\(String(describing: error))")
    }

    @Test("A list may add to what was given out, and may retire a number")
    func added() throws {
        var lists = RecordTests.lists
        lists["commands.txt"] = lists["commands.txt"]?
            .replacing("  key\nc", with: "  key\n  more: Bool since 3 -- More.\nc")
            .replacing(
                "command 2 tick Tick \"time\"\n  -- Does",
                with: "retired 2 tick\ncommand 3 wait Wait\n  -- Does"
            )
        lists["terms.txt"] = lists["terms.txt"]?.replacing("  1 sell", with: "  retired 1 sell\n  2 short")
        let records = try Records(lists, given: given(), rules: 3)
        let files = records.payloads(records.commands, in: ".", of: "commands.txt", isMadeOutside: true)
        let text = try #require(files["./AccountCommands.swift"])
        #expect(text.contains("        if visitor.rules >= 3 { visitor.visit(\"more\", &more) }\n"))
        #expect(text.contains("    public init(unused: Bool = false) {\n        self.unused = unused\n"))
        #expect(records.given().contains("command 2 tick retired\ncommand 3 wait unused:Bool\n"))
        #expect(records.terms(records.sets, of: "terms.txt", hasDocs: true).contains("case buy, short = 2\n"))
    }

    @Test("A page without a place for a table is refused")
    func page() throws {
        let records = try Records(RecordTests.lists, given: "", rules: 3)
        let error = #expect(throws: ListError.self) { _ = try records.page("# Commands\n", file: "page.md") }
        #expect("\(try #require(error))".hasPrefix("page.md:1: found no place for the table of commands"))
    }
}
