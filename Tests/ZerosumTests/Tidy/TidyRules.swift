/// A place that breaks a rule.
struct Violation: Hashable, CustomStringConvertible {
    var path: String
    var line: Int
    var what: String
    var description: String { "\(path):\(line): \(what)" }
}

/// The rules of the house that a scan of the sources can check. Each takes one file.
enum TidyRules {
    /// Modules from the lowest to the highest: a module may import only what stands before it.
    static let layers = [
        "ExchangeCore", "ExchangeText", "ReadModel", "ExchangeJournal", "ExchangeRuntime", "Playground",
        "ExchangeHistory",
        "BinanceDialect", "ExchangePage", "ExchangeEdge", "ExchangeServer", "StressLab", "Benchmarks",
        "zerosum",
    ]

    static func module(of path: String) -> String? {
        let parts = path.split(separator: "/")
        return parts.count > 2 && parts[0] == "Sources" ? String(parts[1]) : nil
    }

    /// Imports point down, the edge imports none of the others, and no product imports what is for tests.
    static func imports(_ source: SourceText) -> [Violation] {
        guard let module = module(of: source.path) else { return [] }
        guard let rank = layers.firstIndex(of: module) else {
            return [Violation(path: source.path, line: 1, what: "the module \(module) has no layer")]
        }
        var violations: [Violation] = []
        for (index, token) in source.tokens.enumerated() where token.text == "import" {
            guard index + 1 < source.tokens.count else { continue }
            let imported = source.tokens[index + 1].text
            let place = layers.firstIndex(of: imported)
            let isUp = place.map { $0 >= rank || module == "ExchangeEdge" } ?? false
            if isUp || imported == "TestSupport" || imported == "Testing" || imported == "XCTest" {
                violations.append(
                    Violation(path: source.path, line: token.line, what: "\(module) imports \(imported)")
                )
            }
            if module == "ExchangeCore" {
                violations.append(
                    Violation(path: source.path, line: token.line, what: "the core imports \(imported)")
                )
            }
            if !isUp && ["ExchangeText", "BinanceDialect"].contains(module)
                && !["ExchangeCore", "ExchangeText", "ReadModel"].contains(imported)
            {
                violations.append(
                    Violation(path: source.path, line: token.line, what: "\(module) imports \(imported)")
                )
            }
        }
        return violations
    }

    /// Words that the core does not use, with the reason why.
    static let bannedInCore: [String: String] = [
        "Float": "floating point", "Double": "floating point", "Float16": "floating point",
        "Float32": "floating point", "Float64": "floating point", "Float80": "floating point",
        "CGFloat": "floating point", "Foundation": "Foundation",
        "String": "text", "Substring": "text", "Character": "text",
        "Dictionary": "a hashed collection", "Set": "a hashed collection",
        "any": "an existential", "class": "a class", "actor": "an actor",
        "Date": "a clock", "ContinuousClock": "a clock", "SuspendingClock": "a clock",
        "clock_gettime": "a clock", "DispatchTime": "a clock",
        "SystemRandomNumberGenerator": "randomness", "random": "randomness", "shuffled": "randomness",
        "shuffle": "randomness", "async": "concurrency", "await": "concurrency", "Task": "concurrency",
        "print": "output", "debugPrint": "output", "dump": "output",
    ]

    /// The core is deterministic, whole numbers only, without references.
    static func core(_ source: SourceText) -> [Violation] {
        if !source.path.hasPrefix("Sources/ExchangeCore/") { return [] }
        var violations: [Violation] = []
        let tokens = source.tokens
        for (index, token) in tokens.enumerated() {
            func found(_ what: String) {
                violations.append(Violation(path: source.path, line: token.line, what: what))
            }
            if let why = bannedInCore[token.text] { found("\(token.text) is \(why)") }
            if token.text == "[" && index + 2 < tokens.count && tokens[index + 1].text == ":"
                && tokens[index + 2].text == "]"
            {
                found("[:] is a hashed collection")
            }
            if ["&+", "&-", "&*"].contains(where: token.text.hasPrefix), !wraps(source.path) {
                found("\(token.text) drops overflow")
            }
            if token.text == "/" || token.text == "/=",
                !source.path.hasSuffix("/Quantities/Arithmetic.swift"),
                !source.isExcepted(token.line)
            {
                found("a division that does not say how it rounds")
            }
            if token.text == "unsafe" || token.text.hasPrefix("Unsafe"),
                !["/Storage/Slab.swift", "/Storage/Pool.swift"].contains(where: source.path.hasSuffix)
            {
                found("\(token.text) outside of the slab")
            }
        }
        return violations
    }

    private static func wraps(_ path: String) -> Bool {
        path.hasSuffix("/Storage/KeyTable.swift") || path.hasSuffix("/Storage/NumberTable.swift")
            || path.hasSuffix("/Storage/Digest.swift")
    }

    /// Nothing that traps on what a user sends.
    static func force(_ source: SourceText) -> [Violation] {
        if !source.path.hasPrefix("Sources/") { return [] }
        var violations: [Violation] = []
        for (first, second) in zip(source.tokens, source.tokens.dropFirst())
        where (first.text == "try" || first.text == "as") && second.text == "!" {
            violations.append(Violation(path: source.path, line: first.line, what: "\(first.text)!"))
        }
        return violations
    }

    static let fileLimit = 600
    static let functionLimit = 70
    static let lineLimit = 110

    /// Files, functions and lines that a reader can hold in mind.
    static func size(_ source: SourceText) -> [Violation] {
        var violations: [Violation] = []
        let count = source.lines.last == "" ? source.lines.count - 1 : source.lines.count
        if count > fileLimit {
            violations.append(Violation(path: source.path, line: count, what: "more than \(fileLimit) lines"))
        }
        for (index, line) in source.lines.enumerated() where line.count > lineLimit {
            violations.append(
                Violation(path: source.path, line: index + 1, what: "more than \(lineLimit) characters")
            )
        }
        for function in functions(source) where function.last - function.first + 1 > functionLimit {
            violations.append(
                Violation(path: source.path, line: function.first, what: "more than \(functionLimit) lines")
            )
        }
        return violations
    }

    /// First and last line of each function and initialiser that has a body.
    static func functions(_ source: SourceText) -> [(first: Int, last: Int)] {
        let tokens = source.tokens
        var functions: [(first: Int, last: Int)] = []
        for index in tokens.indices {
            let isFunction = tokens[index].text == "func"
            let isInitializer =
                tokens[index].text == "init" && (index == 0 || tokens[index - 1].text != ".")
                && index + 1 < tokens.count && ["(", "?", "<", "!"].contains(tokens[index + 1].text)
            if !isFunction && !isInitializer { continue }
            if let last = end(of: index, tokens) { functions.append((tokens[index].line, last)) }
        }
        return functions
    }

    /// The line of the brace that closes the body of the declaration at `start`; nil without a body.
    private static func end(of start: Int, _ tokens: [Token]) -> Int? {
        var depth = 0
        var round = 0
        for index in (start + 1)..<tokens.count {
            switch tokens[index].text {
            case "(", "[": round += 1
            case ")", "]": round -= 1
            case "{": depth += 1
            case "}":
                depth -= 1
                if depth == 0 { return tokens[index].line }
                if depth < 0 { return nil }
            case "func", "var", "let", "init", "static", "public", "mutating", "associatedtype":
                if depth == 0 && round == 0 { return nil }
            default: break
            }
        }
        return nil
    }

    /// Requirements of protocols and operators that say nothing more than their protocol does.
    static let selfExplanatory = ["fields", "visit", "term", "zero", "hash", "description", "body", "run"]

    /// Modules that others build on.
    static let documented = [
        "ExchangeCore", "ExchangeText", "ExchangeJournal", "ExchangeRuntime", "BinanceDialect",
        "ExchangeEdge", "ExchangeServer", "Playground", "ReadModel", "StressLab",
    ]

    /// What is public in the modules that others build on says what it is.
    static func documentation(_ source: SourceText) -> [Violation] {
        guard let module = module(of: source.path),
            documented.contains(module)
        else {
            return []
        }
        var violations: [Violation] = []
        for (index, token) in source.tokens.enumerated() where token.text == "public" {
            var next = index + 1
            while next < source.tokens.count, modifiers.contains(source.tokens[next].text) { next += 1 }
            guard next + 1 < source.tokens.count else { continue }
            let keyword = source.tokens[next].text
            if keyword == "import" || keyword == "extension" { continue }
            let name = source.tokens[next + 1].text
            let isDefault = keyword == "init" && name == "(" && source.tokens[next + 2].text == ")"
            let isOperator = keyword == "func" && !name.contains { $0.isLetter }
            // The initialiser of a record takes its fields, and each of them says what it is.
            let isOfFields = keyword == "init" && source.path.contains("/Generated/")
            if isDefault || isOfFields || isOperator || selfExplanatory.contains(name) { continue }
            if !isDocumented(source, token.line) {
                violations.append(
                    Violation(path: source.path, line: token.line, what: "\(name) has no doc comment")
                )
            }
        }
        return violations
    }

    private static let modifiers: Set<String> = [
        "static", "mutating", "private", "(", "set", ")", "indirect", "final", "nonmutating", "override",
        "prefix", "postfix",
    ]

    /// Whether the lines above, attributes aside, end with a doc comment.
    private static func isDocumented(_ source: SourceText, _ line: Int) -> Bool {
        var above = line - 2
        while above >= 0 {
            let text = source.lines[above].drop { $0 == " " }
            if text.hasPrefix("///") { return true }
            if !text.hasPrefix("@") { return false }
            above -= 1
        }
        return false
    }

    /// The auditor shares no arithmetic with what it audits, and never looks into it.
    static func auditor(_ source: SourceText) -> [Violation] {
        if !source.path.hasPrefix("Tests/TestSupport/Auditor") { return [] }
        var violations: [Violation] = []
        for (first, second) in zip(source.tokens, source.tokens.dropFirst()) {
            let isExchange = first.text == "Exchange" && (second.text == "(" || second.text == ".")
            let isShared = ["scaled", "quotient", "isLess"].contains(first.text) && second.text == "("
            if isExchange || isShared {
                violations.append(
                    Violation(path: source.path, line: first.line, what: "the auditor uses \(first.text)")
                )
            }
        }
        return violations
    }
}
