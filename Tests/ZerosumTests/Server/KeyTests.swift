import BinanceDialect
import Crypto
import CryptoExtras
import ExchangeCore
import ExchangeText
import Foundation
import Testing

@testable import ExchangeServer

@Suite("Server: keys and signatures")
struct KeyServerTests {
    private static let order = "symbol=TUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=90"

    private static func code(_ reply: RawReply) -> String? {
        (try? JSONParser.parse(reply.body))?["code"]?.text
    }

    /// Text that may stand in a query.
    static func escaped(_ text: String) -> String {
        text.utf8.map { byte in
            let isPlain = (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
            let hex = String(byte, radix: 16, uppercase: true)
            return isPlain ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + hex
        }.joined()
    }

    private static func post(_ server: ServerVenue, _ query: String, key name: String) async throws
        -> RawReply
    {
        try await server.send("POST", "/fapi/v1/order?" + query, "X-MBX-APIKEY: \(name)\r\n")
    }

    private static func makeKey(_ server: ServerVenue, _ query: String) async throws -> TestKey {
        let reply = try await server.operate("POST", "/keys?" + query)
        #expect(reply.status == 200, "\(reply.text)")
        let json = try JSONParser.parse(reply.body)
        return TestKey(
            account: Int32(json["account"]?.text ?? "") ?? -1,
            name: json["apiKey"]?.text ?? "",
            secret: json["secret"]?.text ?? ""
        )
    }

    @Test("API-8 A request is known for longer than any window, whatever came since; then it is forgotten")
    func known() {
        var seen = SeenRequests()
        func isNew(_ low: UInt64, _ high: UInt64, at now: Int64) -> Bool {
            seen.note(SeenRequests.Mark(low: low, high: high), from: "", now: now) == nil
        }
        // Just before everything is put into the older half.
        #expect(isNew(1, 1, at: 1_000_000))
        #expect(isNew(7, 9, at: 1_061_900))
        for (now, other) in [(Int64(1_062_100), UInt64(2)), (1_121_900, 3)] {
            #expect(isNew(other, 9, at: now))
            #expect(!isNew(7, 9, at: now))
        }
        // The same in one word alone is another.
        #expect(isNew(7, 8, at: 1_121_900))
        #expect(isNew(7 + 1_024, 9, at: 1_121_900))
        #expect(isNew(7, 9, at: 1_300_000))
    }

    @Test("API-6, WIRE-2 Orders signed with HMAC, Ed25519 and RSA are taken, and no other signatures")
    func kinds() async throws {
        try await ServerVenue.run { server in
            let key = try await server.account()
            try await server.price(100)
            let plain = try await server.call("POST", "/fapi/v1/order", Self.order, key)
            #expect(plain.status == 200, "\(plain.text)")

            let edwards = Curve25519.Signing.PrivateKey()
            let rsa = try _RSA.Signing.PrivateKey(keySize: .bits2048)
            let publicKeys = [
                ("ed25519", edwards.publicKey.rawRepresentation.base64EncodedString()),
                ("rsa", rsa.publicKey.pemRepresentation),
            ]
            for (kind, material) in publicKeys {
                let made = try await Self.makeKey(
                    server,
                    "account=\(key.account)&kind=\(kind)&publicKey=\(Self.escaped(material))"
                )
                #expect(made.secret.isEmpty)
                let payload = Self.order + "&recvWindow=60000&timestamp=\(server.now)"
                let bytes = Array(payload.utf8)
                let signature =
                    kind == "rsa"
                    ? try rsa.signature(for: SHA256.hash(data: bytes), padding: .insecurePKCS1v1_5)
                        .rawRepresentation
                    : try edwards.signature(for: bytes)
                let query = payload + "&signature=" + Self.escaped(signature.base64EncodedString())
                let reply = try await Self.post(server, query, key: made.name)
                #expect(reply.status == 200, "\(kind): \(reply.text)")
                var wrong = signature
                wrong[10] ^= 1
                let bad = payload + "1&signature=" + Self.escaped(wrong.base64EncodedString())
                #expect(Self.code(try await Self.post(server, bad, key: made.name)) != nil)
                let other = payload + "&signature=" + Self.escaped(wrong.base64EncodedString())
                #expect(Self.code(try await Self.post(server, other, key: made.name)) == "-1022")
                // Signed by the account's other key.
                let hmac = payload + "&signature=" + ServerVenue.hmac(payload, key.secret)
                #expect(Self.code(try await Self.post(server, hmac, key: made.name)) == "-1022")
            }
            for query in ["kind=dsa", "kind=rsa", "kind=ed25519&publicKey=AAAA", "kind=rsa&publicKey=AAAA"] {
                let reply = try await server.operate("POST", "/keys?account=\(key.account)&\(query)")
                #expect(reply.status == 400, "\(query)")
            }
        }
    }

    @Test("API-6, WIRE-2 What is refused: signature, key, time, scope, address; and nothing is done")
    func refusals() async throws {
        try await ServerVenue.run { server in
            let key = try await server.account()
            try await server.price(100)
            let order = Self.order
            func code(_ query: String, _ name: String) async throws -> String? {
                Self.code(try await Self.post(server, query, key: name))
            }
            let good = server.signed(order, key)
            let before = try await server.own("/status")["sequence"]
            let wrong = TestKey(account: key.account, name: key.name, secret: key.secret + "x")
            #expect(try await code(server.signed(order, wrong), key.name) == "-1022")
            #expect(try await code(good + "0", key.name) == "-1022")
            #expect(try await code(String(good.dropLast(2)), key.name) == "-1022")
            #expect(try await code(good.replacing("quantity=1", with: "quantity=2"), key.name) == "-1022")
            #expect(try await code(good.replacing("signature=", with: "signature=zz"), key.name) == "-1022")
            #expect(try await code(order + "&timestamp=\(server.now)", key.name) == "-1102")
            #expect(try await code(order + "&signature=00", key.name) == "-1102")
            #expect(try await code(server.signed(order, key), "nobody") == "-2015")
            #expect(try await code(server.signed(order, key), "") == "-2014")
            let unnamed = try await server.send("POST", "/fapi/v1/order?" + server.signed(order, key))
            #expect(Self.code(unnamed) == "-2014")
            #expect(unnamed.status == 401)
            for (offset, window, expected) in [
                (-6_000, 0, "-1021"), (30_000, 0, "-1021"), (-70_000, 60_000, "-1021"), (0, 60_001, "-1131"),
            ] {
                let query = order + (window > 0 ? "&recvWindow=\(window)" : "")
                let sent = server.signed(query, key, at: server.now + Int64(offset))
                #expect(try await code(sent, key.name) == expected, "\(offset), \(window)")
            }
            let reads = try await Self.makeKey(server, "account=\(key.account)&scopes=read")
            #expect(try await code(server.signed(order, reads), reads.name) == "-2015")
            let balance = try await server.call("GET", "/fapi/v3/balance", "", reads)
            #expect(balance.status == 200, "\(balance.text)")
            let lights = try await server.call("POST", "/zerosum/v1/vault/deposit", "amount=1", reads)
            #expect(lights.status == 401)
            let trades = try await Self.makeKey(server, "account=\(key.account)&scopes=trade")
            let account = try await server.call("GET", "/fapi/v3/balance", "", trades)
            #expect(Self.code(account) == "-2015")
            // Moving cash is a scope of its own.
            let transfer = "type=UMFUTURE_MAIN&asset=USDT&amount=1"
            let moved = try await server.call("POST", "/sapi/v1/asset/transfer", transfer, trades)
            #expect(Self.code(moved) == "-2015")
            let elsewhere = try await Self.makeKey(
                server,
                "account=\(key.account)&addresses=192.0.2.1,192.0.2.2"
            )
            #expect(try await code(server.signed(order, elsewhere), elsewhere.name) == "-2015")
            #expect(try await server.own("/status")["sequence"] == before)
            let here = try await Self.makeKey(server, "account=\(key.account)&addresses=127.0.0.1")
            #expect(try await code(server.signed(order, here), here.name) == nil)
            #expect(try await server.operate("DELETE", "/keys?apiKey=\(here.name)").status == 200)
            #expect(try await code(server.signed(order, here), here.name) == "-2015")
        }
    }

    @Test("API-8 A request that names its order is done once, however it is written, also across a restart")
    func replay() async throws {
        let directory = ServerVenue.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let named = Self.order + "&newClientOrderId=mine"
        let (key, sent, at) = try await ServerVenue.run(in: directory) { server in
            let key = try await server.account()
            try await server.price(100)
            let at = server.now
            let sent = server.signed(named, key)
            let first = try await Self.post(server, sent, key: key.name)
            #expect(first.status == 200, "\(first.text)")
            let parts = sent.components(separatedBy: "&signature=")
            let before = try await server.own("/status")["sequence"]
            for other in [
                sent,
                // The same signature in other letters, and in another place.
                "\(parts[0])&signature=\(parts[1].uppercased())", "signature=\(parts[1])&\(parts[0])",
                "\(sent)&signature=00",
                // The same bytes, escaped: they are decoded before they are verified a second time.
                sent.replacing("symbol=T", with: "symbol=%54"),
                sent.replacing("side=BUY", with: "side=B%55Y"),
            ] {
                let reply = try await Self.post(server, other, key: key.name)
                #expect(reply.status == 400, "\(other)")
                #expect(Self.code(reply) == "-4116", "\(other): \(reply.text)")
            }
            #expect(try await server.own("/status")["sequence"] == before)
            // What only reads may be asked again.
            let read = server.signed("", key)
            for _ in 0..<2 {
                let path = "/fapi/v3/balance?" + read
                #expect(try await server.send("GET", path, "X-MBX-APIKEY: \(key.name)\r\n").status == 200)
            }
            return (key, sent, at)
        }
        try await ServerVenue.run(in: directory) { server in
            // It knows its markets before anything new happens.
            #expect(server.venue.publisher.directory.markets.count == 1)
            let depth = try await server.send("GET", "/fapi/v1/depth?symbol=TUSDT")
            #expect(depth.status == 200, "\(depth.text)")
            // It does not know what it did before, and says that: its clock and the client's are right.
            let again = try await Self.post(server, sent, key: key.name)
            #expect(again.status == 503 && Self.code(again) == "-1008", "\(again.text)")
            #expect(again.header("retry-after") == "1")
            let deposit = "amount=1&recvWindow=60000&timestamp=\(at)"
            let query = "\(deposit)&signature=\(ServerVenue.hmac(deposit, key.secret))"
            let own = try await server.send(
                "POST",
                "/zerosum/v1/vault/deposit?" + query,
                "X-MBX-APIKEY: \(key.name)\r\n"
            )
            #expect(own.status == 503 && own.header("retry-after") == "1", "\(own.text)")
            // An order that is new is taken as soon as the second has passed.
            try await eventually("orders are taken") {
                let reply = try await server.call("POST", "/fapi/v1/order", Self.order, key)
                let isEarly = reply.status == 503 && Self.code(reply) == "-1008"
                #expect(reply.status == 200 || isEarly, "\(reply.text)")
                return reply.status == 200
            }
            let open = try await server.call("GET", "/fapi/v1/openOrders", "symbol=TUSDT", key)
            #expect(try JSONParser.parse(open.body).elements.count == 2)
        }
    }

    @Test("API-7 The file of keys is unreadable, is refused under another key, and stays over a restart")
    func keyFile() async throws {
        let directory = ServerVenue.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let key = try await ServerVenue.run(in: directory) { try await $0.account() }
        let path = directory + "/keys"
        let bytes = try Data(contentsOf: URL(filePath: path))
        for text in [key.name, key.secret, "hmac", "scopes"] {
            #expect(bytes.range(of: Data(text.utf8)) == nil)
        }
        for name in ["keys", "master.key"] {
            let mode = try FileManager.default.attributesOfItem(atPath: directory + "/" + name)
            #expect((mode[.posixPermissions] as? Int).map { $0 & 0o777 } == 0o600, "\(name)")
        }
        let log = try FileManager.default.contentsOfDirectory(atPath: directory).filter {
            $0.hasPrefix("log")
        }
        #expect(!log.isEmpty)
        for name in log {
            let data = try Data(contentsOf: URL(filePath: directory + "/" + name))
            #expect(data.range(of: Data(key.secret.utf8)) == nil)
        }
        try await ServerVenue.run(in: directory) { server in
            let reply = try await server.call("GET", "/fapi/v3/balance", "", key)
            #expect(reply.status == 200, "\(reply.text)")
        }
        let other = [KeyStore.variable: String(repeating: "ab", count: 32)]
        #expect(throws: KeyStoreError.self) { try KeyStore(directory: directory, environment: other) }
        let short = [KeyStore.variable: "abc"]
        #expect(throws: KeyStoreError.self) { try KeyStore(directory: directory, environment: short) }
        for flipped in [0, 20, bytes.count - 1] {
            var damaged = bytes
            damaged[flipped] ^= 1
            try damaged.write(to: URL(filePath: path))
            #expect(throws: KeyStoreError.self) { try KeyStore(directory: directory, environment: [:]) }
        }
        try bytes.write(to: URL(filePath: path))
        let whole = try KeyStore(directory: directory, environment: [:])
        #expect(whole.key(named: key.name)?.material == key.secret)
    }

    @Test("API-7 A key that cannot be kept is not there; an account has a bound of keys")
    func keyBounds() throws {
        let directory = ServerVenue.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let store = try KeyStore(directory: directory, environment: [:])
        for _ in 0..<KeyStore.limit { try store.add(APIKey.generate(for: .firstUser, created: 0)) }
        #expect(throws: KeyStoreError.self) { try store.add(APIKey.generate(for: .firstUser, created: 0)) }
        #expect(store.count == KeyStore.limit)
        let kept = store.keys(of: .firstUser)[0].name
        // Nothing can be written where there is no directory.
        try FileManager.default.removeItem(atPath: directory)
        let made = APIKey.generate(for: .vault, created: 0)
        #expect(throws: (any Error).self) { try store.add(made) }
        #expect(store.key(named: made.name) == nil)
        #expect(throws: (any Error).self) { try store.remove(kept) }
        #expect(store.key(named: kept) != nil)
    }

    @Test("API-6, WIRE-26 A session is for Ed25519, keeps to its key's scopes, and ends with its key")
    func session() async throws {
        try await ServerVenue.run { server in
            let key = try await server.account()
            try await server.price(100)
            let edwards = Curve25519.Signing.PrivateKey()
            let material = Self.escaped(edwards.publicKey.rawRepresentation.base64EncodedString())
            let query = "account=\(key.account)&kind=ed25519&publicKey=\(material)"
            let trades = try await Self.makeKey(server, query)
            let reads = try await Self.makeKey(server, query + "&scopes=read")
            let socket = try await RawWebSocket(port: server.venue.port, path: "/ws-fapi/v1")
            func ask(_ method: String, _ parameters: String) async throws -> JSONValue {
                try await socket.send("{\"id\":7,\"method\":\"\(method)\",\"params\":{\(parameters)}}")
                return try JSONParser.parse(Array((try await socket.message() ?? "").utf8))
            }
            func logon(_ name: String, _ sign: (String) throws -> String) async throws -> JSONValue {
                let payload = "apiKey=\(name)&recvWindow=60000&timestamp=\(server.now)"
                let timestamp = payload.split(separator: "=").last ?? ""
                let parts = "\"apiKey\":\"\(name)\",\"recvWindow\":60000,\"timestamp\":\(timestamp)"
                return try await ask("session.logon", parts + ",\"signature\":\"\(try sign(payload))\"")
            }
            let sign = { (text: String) in
                try edwards.signature(for: Array(text.utf8)).base64EncodedString()
            }
            func order() async throws -> JSONValue {
                let fields =
                    "\"symbol\":\"TUSDT\",\"side\":\"BUY\",\"type\":\"LIMIT\",\"timeInForce\":\"GTC\""
                return try await ask(
                    "order.place",
                    fields + ",\"quantity\":\"1\",\"price\":\"90\""
                        + ",\"recvWindow\":60000,\"timestamp\":\(server.now)"
                )
            }
            let hmac = try await logon(key.name) { ServerVenue.hmac($0, key.secret) }
            #expect(hmac[path: "error", "code"] == .number("-4056"))
            #expect(try await order()["status"] != .number("200"))
            #expect(
                try await logon(trades.name) { try sign($0 + "x") }[path: "error", "code"] == .number("-1022")
            )
            #expect(try await logon(reads.name, sign)["status"] == .number("200"))
            #expect(try await order()[path: "error", "code"] == .number("-2015"))
            #expect(try await logon(trades.name, sign)["status"] == .number("200"))
            #expect(try await order()["status"] == .number("200"))
            #expect(try await server.operate("DELETE", "/keys?apiKey=\(trades.name)").status == 200)
            #expect(try await order()[path: "error", "code"] == .number("-2015"))
            let status = try await ask("session.status", "")
            #expect(status[path: "result", "apiKey"] == .null)
        }
    }
}
