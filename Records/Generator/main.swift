import Foundation

// records write|check [ROOT]: makes code, tables and the page of what was given out from the lists of
// Records/, or says where they differ from it.
do {
    let arguments = CommandLine.arguments.dropFirst()
    let outputs = Outputs(root: arguments.dropFirst().first ?? ".")
    switch arguments.first {
    case "write":
        for path in try outputs.write() { print("wrote \(path)") }
    case "check":
        let found = try outputs.differences(from: outputs.lists())
        for line in found { print(line) }
        print(found.isEmpty ? "records: all is as the lists say" : "records: make records makes it so")
        exit(found.isEmpty ? 0 : 1)
    default:
        print("records write|check [ROOT]")
        exit(2)
    }
} catch let error as ListError {
    print("Records/\(error)")
    exit(1)
} catch {
    print("records: \(error)")
    exit(1)
}
