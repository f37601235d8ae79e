import Testing

@Suite("Tidy: the rules of the house")
struct TidyTests {
    private func check(_ folders: [String], _ rule: (SourceText) -> [Violation]) throws {
        var count = 0
        for folder in folders {
            for source in try Repository.sources(under: folder) {
                count += 1
                for violation in rule(source) { Issue.record("\(violation)") }
            }
        }
        // A scan that finds no files would pass whatever the files hold.
        #expect(count > 0)
    }

    @Test("Imports point down and no product imports the test support")
    func imports() throws { try check(["Sources"], TidyRules.imports) }

    @Test("The core is whole numbers, deterministic and without references")
    func core() throws { try check(["Sources"], TidyRules.core) }

    @Test("Products do not force")
    func force() throws { try check(["Sources"], TidyRules.force) }

    @Test("Files, functions and lines have an end")
    func size() throws { try check(["Sources", "Benchmarks", "Tests", "Records"], TidyRules.size) }

    @Test("What is public says what it is")
    func documentation() throws { try check(["Sources"], TidyRules.documentation) }

    @Test("No room of the core calls one above it")
    func rooms() throws {
        let sources = try Repository.sources(under: "Sources/ExchangeCore")
        let rules = RoomRules(sources)
        #expect(rules.declared.count > 300)
        for violation in sources.flatMap(rules.check) { Issue.record("\(violation)") }
    }

    @Test("The auditor stands alone")
    func auditor() throws { try check(["Tests"], TidyRules.auditor) }
}

/// A rule that cannot fail is a defect: each meets a snippet that breaks it and one that does not.
@Suite("Tidy: the rules find what they forbid")
struct TidyRuleTests {
    private static let core = "Sources/ExchangeCore/Margin/Planted.swift"

    @Test(
        "Rooms",
        arguments: [
            ("Margin", "extension Exchange { func f() { resolve(1) } }", 1),
            ("Margin", "extension Exchange { func f() { self.resolve(1) } }", 1),
            ("Margin", "extension Exchange { func f() { book.resolve(1) } }", 0),
            ("Margin", "extension Exchange { func f() { credit(1) } }", 0),
            ("Margin", "extension Exchange { func resolve() { } }", 0),
            ("Settlement", "extension Exchange { func f() { resolve(1) } }", 0),
            ("Ledger", "extension Exchange { func f() { credit(1)\n resolve(1) } }", 1),
            ("Stranger", "let a = 1", 1),
        ]
    )
    func rooms(room: String, text: String, count: Int) {
        let known = [
            SourceText(path: "Sources/ExchangeCore/Waterfall/A.swift", text: "func resolve(_ a: Int) {}"),
            SourceText(path: "Sources/ExchangeCore/Ledger/A.swift", text: "func credit(_ a: Int) {}"),
        ]
        let source = SourceText(path: "Sources/ExchangeCore/\(room)/B.swift", text: text)
        #expect(RoomRules(known).check(source).count == count)
    }

    private func found(_ path: String, _ text: String, _ rule: (SourceText) -> [Violation]) -> [Int] {
        rule(SourceText(path: path, text: text)).map(\.line)
    }

    @Test(
        "Imports",
        arguments: [
            ("Sources/ExchangeText/A.swift", "import ExchangeCore", 0),
            ("Sources/ExchangeText/A.swift", "public import StressLab", 1),
            ("Sources/ExchangeText/A.swift", "import Foundation", 1),
            ("Sources/BinanceDialect/A.swift", "import Foundation", 1),
            ("Sources/BinanceDialect/A.swift", "import ExchangeJournal", 1),
            ("Sources/BinanceDialect/A.swift", "public import ExchangeText\nimport ExchangeCore", 0),
            ("Sources/ExchangeText/A.swift", "// import Foundation", 0),
            ("Sources/StressLab/A.swift", "import zerosum", 1),
            ("Sources/ExchangeServer/A.swift", "import Benchmarks", 1),
            ("Sources/ExchangeServer/A.swift", "import Playground", 0),
            ("Sources/ExchangeRuntime/A.swift", "import Playground", 1),
            ("Sources/ExchangeEdge/A.swift", "import ExchangeCore\nimport NIOCore", 1),
            ("Sources/StressLab/A.swift", "@testable import TestSupport", 1),
            ("Sources/zerosum/A.swift", "import StressLab\nimport ArgumentParser", 0),
            ("Sources/Stranger/A.swift", "let a = 1", 1),
        ]
    )
    func imports(path: String, text: String, count: Int) {
        #expect(found(path, text, TidyRules.imports).count == count)
    }

    @Test(
        "Core: forbidden",
        arguments: [
            "let a: Double = 1", "var b = Float(2)", "let c: String = \"\"", "let d: [Int: Int] = [:]",
            "let e = Set([1])", "let f: any P", "final class G {}", "let h = ContinuousClock.now",
            "let i = Int.random(in: 0...1)", "let j = a &+ b", "let k = a &* b", "a &-= b",
            "let l = a / b", "m /= 2", "let n = a / b // tidy-ok:", "print(1)", "unsafe p.pointee",
            "let o: UnsafePointer<Int>", "func q() async {}", "let r = Dictionary<Int, Int>()",
        ]
    )
    func coreForbids(text: String) {
        #expect(found(Self.core, "// first\n" + text, TidyRules.core) == [2])
    }

    @Test(
        "Core: allowed",
        arguments: [
            "let a: StaticString = \"Double / Float\"", "// a / b in a Double", "/* any class */",
            "let b = a / b // tidy-ok: exact, the divisor is one", "let c = \"\\(a / b)\"",
            "let d = #\"String \" Double\"#", "let e = \"\"\"\nprint(1)\n\"\"\"", "swap(&a, &b)",
            "let f = a & b", "let classes = 1", "let anything = offset",
        ]
    )
    func coreAllows(text: String) {
        #expect(found(Self.core, text, TidyRules.core).isEmpty)
    }

    @Test("Core: what single files may do")
    func coreFiles() {
        let wrap = "let a = b &+ c"
        #expect(found("Sources/ExchangeCore/Storage/Digest.swift", wrap, TidyRules.core).isEmpty)
        #expect(found("Sources/ExchangeCore/Storage/KeyTable.swift", wrap, TidyRules.core).isEmpty)
        #expect(found("Sources/ExchangeCore/Storage/Pool.swift", wrap, TidyRules.core) == [1])
        #expect(found("Sources/ExchangeCore/Storage/Slab.swift", "unsafe p", TidyRules.core).isEmpty)
        #expect(
            found("Sources/ExchangeCore/Quantities/Arithmetic.swift", "a / b", TidyRules.core).isEmpty
        )
        #expect(found("Sources/StressLab/A.swift", "let a: Double = 1 / 2", TidyRules.core).isEmpty)
    }

    @Test("Force")
    func force() {
        #expect(
            found("Sources/zerosum/A.swift", "let a = try! f()\nlet b = c as! D", TidyRules.force) == [1, 2]
        )
        #expect(
            found("Sources/zerosum/A.swift", "let a = try? f()\nlet b = c as? D", TidyRules.force).isEmpty
        )
    }

    @Test("Size")
    func size() {
        let path = "Sources/zerosum/A.swift"
        let lines = { (count: Int) in String(repeating: "let a = 1\n", count: count) }
        #expect(found(path, lines(600), TidyRules.size).isEmpty)
        #expect(found(path, lines(601), TidyRules.size) == [601])
        #expect(found(path, String(repeating: "é", count: 110), TidyRules.size).isEmpty)
        #expect(found(path, "\n" + String(repeating: "x", count: 111), TidyRules.size) == [2])
        #expect(found(path, "\nfunc f() {\n" + lines(68) + "}\n", TidyRules.size).isEmpty)
        #expect(found(path, "\nfunc f() {\n" + lines(69) + "}\n", TidyRules.size) == [2])
        #expect(found(path, "\n\ninit(a: [Int]) {\n" + lines(69) + "}\n", TidyRules.size) == [3])
        #expect(found(path, "func f()\nfunc g()\n" + lines(80) + "struct S {}\n", TidyRules.size).isEmpty)
        #expect(found(path, "func f() {\nself.init(1)\n}\n" + lines(80), TidyRules.size).isEmpty)
    }

    @Test("Documentation")
    func documentation() {
        let path = "Sources/ExchangeText/A.swift"
        let found = { (text: String) in self.found(path, text, TidyRules.documentation) }
        #expect(found("public struct A {\n    public var b = 1\n}") == [1, 2])
        #expect(found("\n@frozen\npublic struct A {}") == [3])
        #expect(self.found("Sources/StressLab/A.swift", "public struct A {}", TidyRules.documentation) == [1])
        #expect(found("public private(set) var a = 1") == [1])
        #expect(found("public init(a: Int) {}\npublic static func make() {}") == [1, 2])
        let made = "Sources/ExchangeText/Generated/A.swift"
        let memberwise = "/// A.\npublic struct A {\npublic init(a: Int) {}\npublic var b = 1\n}"
        #expect(self.found(made, memberwise, TidyRules.documentation) == [4])
        #expect(
            found("/// A.\n@frozen @safe\npublic struct A {\n    /// B.\n    public var b = 1\n}").isEmpty
        )
        #expect(
            found("public import B\npublic init() {}\npublic static func < (a: A, b: A) -> Bool {}").isEmpty
        )
        #expect(found("public mutating func visit(_ name: A) {}\nprivate var a = 1").isEmpty)
    }

    @Test("Auditor")
    func auditor() {
        let path = "Tests/TestSupport/Auditor+Book.swift"
        #expect(found(path, "var a = Exchange(limits: l)", TidyRules.auditor) == [1])
        #expect(
            found(path, "Exchange.self\nscaled(a)\nquotient(b)\nisLess(c)", TidyRules.auditor) == [
                1, 2, 3, 4,
            ]
        )
        #expect(found(path, "let a: Exchangeable\nlet quotient = 1", TidyRules.auditor).isEmpty)
        #expect(found("Tests/TestSupport/Workload.swift", "Exchange(limits: l)", TidyRules.auditor).isEmpty)
    }
}
