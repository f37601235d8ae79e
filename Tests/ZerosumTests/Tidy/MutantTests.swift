import Testing

@Suite("Tidy: the faults that `make mutants` plants")
struct MutantTests {
    @Test("Each fault's text stands once in its file, and something else takes its place")
    func everyFaultHasItsPlace() throws {
        let lines = try Repository.text("Tests/Mutants/core.txt").split(separator: "\n")
            .filter { !$0.hasPrefix("#") }
        let names = lines.filter { $0.hasPrefix(": ") }
        #expect(names.count >= 60 && Set(names).count == names.count)
        // A name, and then a file, its text and what takes its place, for one place or several.
        #expect(lines.first?.hasPrefix(": ") == true && (lines.count - names.count) % 3 == 0)
        var name = lines[0]
        var start = 0
        while start + 2 < lines.count {
            if lines[start].hasPrefix(": ") {
                name = lines[start]
                start += 1
                continue
            }
            let (file, text, instead) = (lines[start], lines[start + 1], lines[start + 2])
            start += 3
            #expect(text.hasPrefix("- ") && instead.hasPrefix("+ ") && instead.contains("MUTANT"), "\(name)")
            let source = try Repository.text("Sources/ExchangeCore/\(file)")
            #expect(source.split(separator: text.dropFirst(2)).count == 2, "\(name): \(text.dropFirst(2))")
        }
    }
}
