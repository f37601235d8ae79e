import ExchangeCore
import ExchangeJournal
import ExchangeRuntime
import ExchangeText
import Foundation
import Playground
import Synchronization
import Testing

@testable import ExchangeServer

/// What a start refuses, what it does once, and how it ends.
@Suite("Server: starts and ends")
struct StartTests {
    @Test("API-5 A token that is empty, short, or that no header carries is refused before there is anything")
    func tokens() async throws {
        for token in [
            "", " ", "short", String(repeating: "x", count: 15), "with a space inside it",
            "a-new-line-inside\n-of-it", "ümläut-in-the-token", "\u{0}-with-a-zero-in-it",
        ] {
            let directory = ServerVenue.temporaryDirectory()
            defer { try? FileManager.default.removeItem(atPath: directory) }
            let error = await #expect(throws: VenueError.self, "\(token)") {
                try await ServerVenue.start(in: directory) { $0.operatorToken = token }
            }
            #expect(error?.description.contains("--token") == true)
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory).isEmpty)
        }
        let made = try (OperatorToken.checked(nil), OperatorToken.checked(nil))
        #expect(made.0 != made.1 && made.0.utf8.count == 64)
    }

    @Test(
        "VLT-2a Shares are locked up for four days, in a playground a minute, unless a line says otherwise",
        arguments: [
            (false, "", 345_600_000_000), (true, "", 60_000_000), (false, #","lockUpSeconds":7"#, 7_000_000),
        ]
    )
    func lockUp(isPlayground: Bool, stated: String, expected: Int) async throws {
        try await ServerVenue.run {
            $0.isPlayground = isPlayground
            $0.configuration = ServerVenue.configuration + "\n" + #"{"do":"vault","amount":"5"\#(stated)}"#
        } _: { server in
            let vault = try await server.own("/vault")
            #expect(vault["lockUp"] == .number("\(expected)"))
        }
    }

    @Test("PX-1 The playground's markets have three sources and a limit on how far they may be apart")
    func playgroundSources() async throws {
        try await ServerVenue.run {
            $0.configuration = nil
        } _: { server in
            for market in try await server.own("/markets")["markets"]?.elements ?? [] {
                #expect(market[path: "parameters", "deviationLimit"] == .string("0.02"))
                #expect(market[path: "parameters", "quorum"] == .number("2"))
                // Nobody chose one: what holds are the fees.
                #expect(market[path: "parameters", "bidLimit"] == nil)
            }
        }
    }

    @Test("API-7 A key that is empty signs nothing: it is refused wherever it is given, and in the file")
    func emptyKeys() async throws {
        let directory = ServerVenue.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let store = try KeyStore(directory: directory, environment: [:])
        let good = APIKey.generate(for: .firstUser, created: 0)
        func changed(_ change: (inout APIKey) -> Void) -> APIKey {
            var key = good
            change(&key)
            return key
        }
        let zeros = Data(repeating: 0, count: 32).base64EncodedString()
        let odd = Data(repeating: 7, count: 40).base64EncodedString()
        for key in [
            changed { $0.name = "" }, changed { $0.material = "" },
            changed { ($0.kind, $0.material) = (.ed25519, "") },
            changed { ($0.kind, $0.material) = (.rsa, "") },
            changed { ($0.kind, $0.material) = (.ed25519, zeros) },
            // Not a key's length: its end would be one that nobody has.
            changed { ($0.kind, $0.material) = (.ed25519, odd) },
        ] {
            #expect(throws: KeyStoreError.self) { try store.add(key) }
        }
        #expect(store.count == 0)
        #expect(throws: KeyStoreError.self) {
            try KeyStore(directory: directory, environment: [KeyStore.variable: ""])
        }
        try await ServerVenue.run { server in
            let key = try await server.account()
            for query in [
                "scopes=", "addresses=", "kind=", "kind=ed25519&publicKey=", "scopes=,", "addresses=,",
                "kind=ed25519&publicKey=\(KeyServerTests.escaped(zeros))",
                "kind=ed25519&publicKey=\(KeyServerTests.escaped(odd))",
            ] {
                let reply = try await server.operate("POST", "/keys?account=\(key.account)&\(query)")
                #expect(reply.status == 400, "\(query): \(reply.text)")
            }
            #expect(server.venue.keys.count == 1)
        }
    }

    @Test("API-7 A file with secrets is its owner's from the first moment, and closed if a copy was open")
    func secretFiles() throws {
        let directory = ServerVenue.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        func mode(_ name: String) throws -> Int {
            let found = try FileManager.default.attributesOfItem(atPath: directory + "/" + name)
            return (found[.posixPermissions] as? Int ?? 0) & 0o777
        }
        let store = try KeyStore(directory: directory, environment: [:])
        try store.add(APIKey.generate(for: .firstUser, created: 0))
        #expect(try mode("keys") == 0o600 && mode("master.key") == 0o600)
        for name in ["keys", "master.key"] {
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o644],
                ofItemAtPath: directory + "/" + name
            )
        }
        #expect(try KeyStore(directory: directory, environment: [:]).count == 1)
        #expect(try mode("keys") == 0o600 && mode("master.key") == 0o600)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: directory).sorted() == ["keys", "master.key"]
        )
    }

    @Test("RUN-11 What a start does once it does once, however many requests came behind it")
    func once() async throws {
        let directory = ServerVenue.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        func deposits(_ server: ServerVenue) async throws -> String? {
            try await server.own("/conservation")["deposits"]?.text
        }
        let demo = (0..<DemoPopulation.accounts).map { OwnAccount.demo($0) }
        let (key, own, paid) = try await ServerVenue.run(in: directory) { server in
            let key = try await server.venue.playgroundKey()
            let own = try await server.venue.openOnce(demo)
            #expect(Set(own).count == demo.count)
            // As many keyed requests as are remembered, and more.
            for part in 0..<12 {
                try await server.venue.perform(
                    all: (0..<100).map { index in
                        let open = OpenAccount(key: RequestKey(low: UInt64(part * 100 + index) + 1, high: 7))
                        return .openAccount(open)
                    }
                )
            }
            // Another key of the same account changes nothing either.
            _ = try await server.operate("POST", "/keys?account=\(key.account)&scopes=read&label=playground")
            return (key, own, try await deposits(server))
        }
        for _ in 0..<2 {
            try await ServerVenue.run(in: directory) { server in
                let again = try await server.venue.playgroundKey()
                #expect(again.account == key.account && again.name == key.name && again.secret == key.secret)
                #expect(try await server.venue.openOnce(demo) == own)
                #expect(try await deposits(server) == paid)
            }
        }
    }

    @Test("RUN-11 Accounts that an earlier program opened are found by their request keys, and marked")
    func earlier() async throws {
        let directory = ServerVenue.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let one = OwnAccount.playground
        let account = try await ServerVenue.run(in: directory) { server in
            let applied = try await server.venue.perform(all: [.openAccount(OpenAccount(key: one.key))])
            var pay = Deposit()
            pay.account = AccountID(Int32(applied[0].result))
            pay.amount = one.deposit
            pay.key = RequestKey(low: one.key.low, high: one.key.high ^ 1 << 63)
            try await server.venue.perform(all: [.deposit(pay)])
            return pay.account
        }
        for _ in 0..<2 {
            try await ServerVenue.run(in: directory) { server in
                let before = server.venue.sequencer.progress.commands
                #expect(try await server.venue.openOnce([one]) == [account])
                let view = try await server.venue.perform([]) { exchange, _ in exchange.accountView(account) }
                    .answer
                #expect(view?.cash == one.deposit && view?.owner == one.owner)
                #expect(server.venue.sequencer.progress.commands - before <= 3)
            }
        }
    }

    @Test("API-9 Whoever closes the sending side behind a request gets its answer, and then the end")
    func halfClose() async throws {
        try await ServerVenue.run { server in
            for target in ["/fapi/v1/time", "/zerosum/v1/conservation", "/fapi/v1/exchangeInfo"] {
                let socket = try RawSocket(port: server.venue.port)
                try await socket.send("GET \(target) HTTP/1.1\r\nHost: localhost\r\n\r\n")
                socket.finish()
                #expect(try await socket.reply()?.status == 200, "\(target)")
                #expect(try await socket.rest().isEmpty)
            }
            // Two in one piece: both are answered.
            let two = try RawSocket(port: server.venue.port)
            let ask = "GET /fapi/v1/time HTTP/1.1\r\nHost: localhost\r\n\r\n"
            try await two.send(ask + ask)
            two.finish()
            for _ in 0..<2 { #expect(try await two.reply()?.status == 200) }
            #expect(try await two.rest().isEmpty)
            // Half a request, nothing at all, and a WebSocket: nobody waits for more.
            for text in ["GET /fapi/v1/time HTTP/1.1\r\nHost:", "", RawWebSocket.request("/ws")] {
                let socket = try RawSocket(port: server.venue.port)
                try await socket.send(text)
                socket.finish()
                _ = try await socket.rest()
            }
        }
    }

    @Test("API-9 When the venue stops, every WebSocket is told: 1001, behind all that happened")
    func goingAway() async throws {
        let directory = ServerVenue.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        var sockets: [RawWebSocket] = []
        let venue = try await ServerVenue.start(in: directory)
        let server = ServerVenue(venue: venue, directory: directory)
        for kind in SocketKind.allCases {
            let path =
                switch kind {
                case .requests: "/ws-fapi/v1"
                case .questions: "/zerosum/v1/live"
                case .fills: "/zerosum/v1/stream"
                case .streams: "/stream?streams=tusdt@trade"
                }
            sockets.append(try await DoorTests.socket(server, path))
        }
        await venue.stop()
        for socket in sockets {
            let end = try await socket.closing()
            #expect(end?.code == 1001 && end?.reason == "the venue stops")
        }
    }

    @Test("API-20 A filter of events lets through what it names, on that connection alone")
    func events() async throws {
        try await ServerVenue.run { server in
            let key = try await server.account()
            let other = try await server.account()
            try await server.price(100)
            let name = try await DoorTests.listen(server, key)
            let all = try await DoorTests.socket(server, "/ws/" + name)
            let some = try await DoorTests.socket(
                server,
                "/private/ws?listenKey=\(name)&events=ACCOUNT_UPDATE/listenKeyExpired"
            )
            let wrapped = try await DoorTests.socket(
                server,
                "/private/stream?listenKey=\(name)&events=ORDER_TRADE_UPDATE"
            )
            let none = try await DoorTests.socket(server, "/private/ws?listenKey=\(name)&events=ORDER_TRADE")
            // The first is an order alone, the second changes the position.
            try await server.trade(other.account, key.account, at: 100, times: 1)
            _ = try await DoorTests.listenKey(server, key, "DELETE")
            func events(_ socket: RawWebSocket) async throws -> [String] {
                var events: [String] = []
                while let text = try await socket.message() {
                    let json = try JSONParser.parse(Array(text.utf8))
                    events.append((json["data"] ?? json)["e"]?.text ?? "")
                }
                return events
            }
            let told = try await events(all)
            #expect(Set(told) == ["ORDER_TRADE_UPDATE", "ACCOUNT_UPDATE", "TRADE_LITE"])
            #expect(try await events(some) == told.filter { $0 == "ACCOUNT_UPDATE" })
            #expect(try await events(wrapped) == told.filter { $0 == "ORDER_TRADE_UPDATE" })
            #expect(try await events(none) == [])
        }
    }

    @Test(
        "API-19 Receipts of an account are those it was liquidated in and those it stood on the other side of"
    )
    func receiptsOfOthers() async throws {
        try await ServerVenue.run { server in
            try await server.cascade()
            let all = try await server.own("/receipts?limit=1000")["receipts"]?.elements ?? []
            #expect(!all.isEmpty)
            var found = 0
            for account in 3..<6 {
                let name = JSONValue.string("account-\(account)")
                let wanted = all.filter { receipt in
                    receipt["account"] == name
                        || (receipt["steps"]?.elements ?? []).contains {
                            $0["counterparty"] == name || $0["maker"] == name || $0["account"] == name
                        }
                }
                found += wanted.count
                let told = try await server.own("/receipts?account=\(account)&limit=1000")["receipts"]
                #expect(told?.elements == wanted, "\(account)")
                if let episode = wanted.first?["episode"]?.text {
                    let one = try await server.own("/receipts?account=\(account)&episode=\(episode)")
                    #expect(one["receipts"]?.elements == [wanted[0]])
                }
            }
            // Each is about more than one.
            #expect(found > all.count)
            #expect(try await server.own("/receipts?account=99")["receipts"]?.elements == [])
        }
    }
}
