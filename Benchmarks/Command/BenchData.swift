import Foundation

/// A directory that a benchmark cannot put its venue into.
public struct DataError: Error, CustomStringConvertible {
    var path: String
    /// What is wrong with it.
    var reason: String

    /// The directory, what is wrong with it, and what is expected.
    public var description: String {
        "--data \(path): \(reason); expected an empty directory, or one that can be made"
    }
}

/// Where a benchmark has its venue.
enum BenchData {
    /// Calls `body` with `data`, or with a temporary directory that is taken away behind it.
    static func use<R>(_ data: String?, _ body: (String) async throws -> R) async throws -> R {
        if let data {
            try check(data)
            return try await body(data)
        }
        let name = "zerosum-bench-\(UInt64.random(in: 0...UInt64.max))"
        let path = FileManager.default.temporaryDirectory.path + "/" + name
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try await body(path)
    }

    /// Makes it if it is not there: orders of a benchmark have no place in somebody's log.
    private static func check(_ path: String) throws(DataError) {
        if mkdir(path, 0o700) != 0 && errno != EEXIST {
            throw DataError(path: path, reason: "cannot make it: \(String(cString: strerror(errno)))")
        }
        do {
            let names = try FileManager.default.contentsOfDirectory(atPath: path)
            guard let first = names.min() else { return }
            throw DataError(path: path, reason: "there is \(first) in it")
        } catch let error as DataError {
            throw error
        } catch {
            throw DataError(path: path, reason: "it is no directory that can be read")
        }
    }
}
