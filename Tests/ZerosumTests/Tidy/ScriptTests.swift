import Foundation
import Testing

/// What the page's scripts import of each other.
enum ScriptImports {
    /// The files that a script imports, as it names them.
    static func imports(in text: String) -> [String] {
        text.split(separator: "\n").compactMap { line in
            guard line.hasPrefix("import "), let start = line.range(of: "'./")?.upperBound else { return nil }
            return String(line[start...].prefix { $0 != "'" })
        }
    }

    /// The files of a circle in order, the first again at its end; nil if there is none.
    static func circle(in imports: [String: [String]]) -> [String]? {
        var done: Set<String> = []
        var path: [String] = []
        func visit(_ file: String) -> [String]? {
            if let start = path.firstIndex(of: file) { return path[start...] + [file] }
            if done.contains(file) { return nil }
            path.append(file)
            for next in imports[file] ?? [] { if let found = visit(next) { return found } }
            path.removeLast()
            done.insert(file)
            return nil
        }
        for file in imports.keys.sorted() { if let found = visit(file) { return found } }
        return nil
    }
}

@Suite("Tidy: the page's scripts")
struct ScriptTests {
    @Test("No script imports itself through others, and every import names a file that there is")
    func noCircle() throws {
        let folder = "Sources/ExchangePage/Files"
        var imports: [String: [String]] = [:]
        for path in Repository.paths(under: folder, suffix: ".js") {
            imports[String(path.dropFirst(folder.count + 1))] = ScriptImports.imports(
                in: try Repository.text(path)
            )
        }
        #expect(imports.count > 10 && imports["app.js"]?.contains("live.js") == true)
        for (file, names) in imports {
            for name in names { #expect(imports[name] != nil, "\(file) imports \(name)") }
        }
        #expect(ScriptImports.circle(in: imports) == nil)
    }

    @Test("A circle is found, and what only meets again is none")
    func circles() {
        #expect(ScriptImports.imports(in: "// './x.js'\nimport { a } from './b.js'\n") == ["b.js"])
        #expect(ScriptImports.circle(in: ["a": ["b", "c"], "b": ["d"], "c": ["d"], "d": []]) == nil)
        #expect(ScriptImports.circle(in: ["a": ["b"], "b": ["c"], "c": ["b"]]) == ["b", "c", "b"])
        #expect(ScriptImports.circle(in: ["a": ["a"]]) == ["a", "a"])
    }
}
