import Foundation

/// A word or an operator of a Swift source, outside of comments and string literals.
struct Token: Hashable {
    var text: String
    /// Its line, from 1.
    var line: Int
}

/// A source file with its tokens, so that a rule never takes a comment for code.
struct SourceText {
    /// Relative to the root of the repository.
    var path: String
    var lines: [String]
    var tokens: [Token]

    init(path: String, text: String) {
        self.path = path
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        var tokenizer = Tokenizer(bytes: Array(text.utf8))
        tokens = tokenizer.run()
    }

    /// Whether the line says why it is an exception.
    func isExcepted(_ line: Int) -> Bool {
        guard let range = lines[line - 1].range(of: "tidy-ok:") else { return false }
        return lines[line - 1][range.upperBound...].contains { $0.isLetter }
    }
}

/// The files of the repository.
enum Repository {
    static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// Paths of all files under `folder` that end with `suffix`, relative to the root, in order.
    static func paths(under folder: String, suffix: String) -> [String] {
        let base = root.appending(path: folder)
        let found = FileManager.default.enumerator(atPath: base.path)
        var paths: [String] = []
        while let path = found?.nextObject() as? String {
            if path.hasSuffix(suffix) { paths.append("\(folder)/\(path)") }
        }
        return paths.sorted()
    }

    /// The pages that tell a reader what to type: the front page, how it is built, what is promised, how it
    /// is used.
    static var readersPages: [String] {
        ["README.md", "ARCHITECTURE.md", "SAFETY.md"] + paths(under: "docs", suffix: ".md")
    }

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    static func sources(under folder: String) throws -> [SourceText] {
        try paths(under: folder, suffix: ".swift").map { SourceText(path: $0, text: try text($0)) }
    }
}

/// Cuts Swift into words and operators. It knows as much of the language as the rules need.
private struct Tokenizer {
    let bytes: [UInt8]
    var position = 0
    var line = 1
    var tokens: [Token] = []

    init(bytes: [UInt8]) { self.bytes = bytes }

    private func peek(_ offset: Int = 0) -> UInt8 {
        position + offset < bytes.count ? bytes[position + offset] : 0
    }

    private mutating func step() {
        if peek() == UInt8(ascii: "\n") { line += 1 }
        position += 1
    }

    private func isWord(_ byte: UInt8) -> Bool {
        byte >= 128 || byte == UInt8(ascii: "_") || (byte >= 48 && byte <= 57)
            || (byte | 32 >= 97 && byte | 32 <= 122)
    }

    private func isOperator(_ byte: UInt8) -> Bool { "/=-+!*%<>&|^~?".utf8.contains(byte) }

    mutating func run() -> [Token] {
        while position < bytes.count {
            let byte = peek()
            if byte == UInt8(ascii: "/") && peek(1) == UInt8(ascii: "/") {
                while position < bytes.count && peek() != UInt8(ascii: "\n") { step() }
            } else if byte == UInt8(ascii: "/") && peek(1) == UInt8(ascii: "*") {
                skipBlockComment()
            } else if byte == UInt8(ascii: "\"") || (byte == UInt8(ascii: "#") && startsRawString) {
                skipString()
            } else if isWord(byte) {
                take(while: isWord)
            } else if isOperator(byte) {
                take(while: isOperator)
            } else {
                if byte > 32 { tokens.append(Token(text: String(UnicodeScalar(byte)), line: line)) }
                step()
            }
        }
        return tokens
    }

    private var startsRawString: Bool {
        var offset = 0
        while peek(offset) == UInt8(ascii: "#") { offset += 1 }
        return peek(offset) == UInt8(ascii: "\"")
    }

    private mutating func take(while belongs: (UInt8) -> Bool) {
        let start = position
        while position < bytes.count && belongs(bytes[position]) { position += 1 }
        tokens.append(Token(text: String(decoding: bytes[start..<position], as: UTF8.self), line: line))
    }

    private mutating func skipBlockComment() {
        var depth = 0
        repeat {
            if peek() == UInt8(ascii: "/") && peek(1) == UInt8(ascii: "*") {
                depth += 1
                step()
            } else if peek() == UInt8(ascii: "*") && peek(1) == UInt8(ascii: "/") {
                depth -= 1
                step()
            }
            step()
        } while depth > 0 && position < bytes.count
    }

    private mutating func skipString() {
        var hashes = 0
        while peek() == UInt8(ascii: "#") {
            hashes += 1
            step()
        }
        let quotes = peek(1) == UInt8(ascii: "\"") && peek(2) == UInt8(ascii: "\"") ? 3 : 1
        for _ in 0..<quotes { step() }
        while position < bytes.count {
            if peek() == UInt8(ascii: "\\") && hashes == 0 {
                step()
                if peek() == UInt8(ascii: "(") { skipInterpolation() } else { step() }
            } else if ends(quotes: quotes, hashes: hashes) {
                for _ in 0..<(quotes + hashes) { step() }
                return
            } else {
                step()
            }
        }
    }

    private func ends(quotes: Int, hashes: Int) -> Bool {
        for offset in 0..<quotes where peek(offset) != UInt8(ascii: "\"") { return false }
        for offset in 0..<hashes where peek(quotes + offset) != UInt8(ascii: "#") { return false }
        return true
    }

    /// What stands in an interpolation is code, but no rule looks for anything that belongs there.
    private mutating func skipInterpolation() {
        var depth = 0
        repeat {
            if peek() == UInt8(ascii: "\"") {
                skipString()
                continue
            }
            if peek() == UInt8(ascii: "(") { depth += 1 }
            if peek() == UInt8(ascii: ")") { depth -= 1 }
            step()
        } while depth > 0 && position < bytes.count
    }
}

extension Repository {
    /// Where tests put files of their own.
    static var scratch: String { FileManager.default.temporaryDirectory.path }

    /// Takes a folder of the scratch space away.
    static func remove(_ path: String) { try? FileManager.default.removeItem(atPath: path) }
}
