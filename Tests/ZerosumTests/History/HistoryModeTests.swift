import ExchangeEdge
import Foundation
import Testing

@testable import ExchangeServer

@Suite("History: whose it is")
struct HistoryModeTests {
    @Test("HIST-1 Its files are readable by their owner alone, as all files of a venue are")
    func modes() async throws {
        try await ServerVenue.run { server in
            try await server.price(100)
            let names = try FileManager.default.contentsOfDirectory(atPath: server.directory)
            #expect(names.contains("history.sqlite"))
            for name in names {
                let attributes = try FileManager.default.attributesOfItem(
                    atPath: server.directory + "/" + name
                )
                let mode = (attributes[.posixPermissions] as? NSNumber)?.intValue ?? 0
                #expect(mode & 0o077 == 0, "\(name): \(String(mode, radix: 8))")
            }
        }
    }

    @Test("API-1 A certificate or key that cannot be read is refused by its name")
    func certificates() async throws {
        do {
            try await ServerVenue.run({
                $0.tls = .files(certificate: "/nowhere/c.pem", key: "/nowhere/k.pem")
            }) { _ in }
            Issue.record("it started")
        } catch let error as TLSError {
            #expect("\(error)".contains("/nowhere/c.pem"))
        }
    }
}
