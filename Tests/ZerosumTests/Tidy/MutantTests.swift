import Testing

@Suite("Tidy: the faults that `make mutants` plants")
struct MutantTests {
    @Test("Each fault's text stands once in its file, and something else takes its place")
    func everyFaultHasItsPlace() throws {
        let lines = try Repository.text("Tests/Mutants/core.txt").split(separator: "\n")
            .filter { !$0.hasPrefix("#") }
        let names = lines.filter { $0.hasPrefix(": ") }
        #expect(names.count >= 60 && Set(names).count == names.count)
        #expect(lines.count == names.count * 4)
        for start in stride(from: 0, to: lines.count - 3, by: 4) {
            let (name, file, text, instead) = (
                lines[start], lines[start + 1], lines[start + 2], lines[start + 3]
            )
            #expect(text.hasPrefix("- ") && instead.hasPrefix("+ ") && instead.contains("MUTANT"), "\(name)")
            let source = try Repository.text("Sources/ExchangeCore/\(file)")
            #expect(source.split(separator: text.dropFirst(2)).count == 2, "\(name): \(text.dropFirst(2))")
        }
    }
}
