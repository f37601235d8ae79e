import Crypto
import ExchangeCore
import ExchangeText
import Foundation
import Testing

@testable import ExchangeServer

/// What a key holds open, and that all of it ends with the key.
@Suite("Server: doors")
struct DoorTests {
    /// A key that can hold every door open, and what signs for it.
    struct Holder {
        var key: TestKey
        var signer: Curve25519.Signing.PrivateKey

        static func make(_ server: ServerVenue, _ account: Int32, scopes: String = "read,trade") async throws
            -> Holder
        {
            let signer = Curve25519.Signing.PrivateKey()
            let material = KeyServerTests.escaped(signer.publicKey.rawRepresentation.base64EncodedString())
            let path = "/keys?account=\(account)&kind=ed25519&publicKey=\(material)&scopes=\(scopes)"
            let reply = try JSONParser.parse(try await server.operate("POST", path).body)
            let key = TestKey(account: account, name: reply["apiKey"]?.text ?? "", secret: "")
            return Holder(key: key, signer: signer)
        }

        func signed(_ payload: String) throws -> String {
            try signer.signature(for: Array(payload.utf8)).base64EncodedString()
        }

        /// A signed query.
        func query(_ server: ServerVenue, _ parameters: String = "") throws -> String {
            let payload = parameters + "recvWindow=60000&timestamp=\(server.now)"
            return payload + "&signature=" + KeyServerTests.escaped(try signed(payload))
        }
    }

    static func listenKey(_ server: ServerVenue, _ key: TestKey, _ method: String = "POST") async throws
        -> RawReply
    {
        try await server.send(method, "/fapi/v1/listenKey", "X-MBX-APIKEY: \(key.name)\r\n")
    }

    static func listen(_ server: ServerVenue, _ key: TestKey) async throws -> String {
        try JSONParser.parse(try await listenKey(server, key).body)["listenKey"]?.text ?? ""
    }

    static func socket(_ server: ServerVenue, _ path: String) async throws -> RawWebSocket {
        try await RawWebSocket(port: server.venue.port, path: path)
    }

    /// Answers of a socket under an id, whatever comes between.
    static func answer(_ socket: RawWebSocket, _ id: String, _ method: String, _ parameters: String)
        async throws -> JSONValue
    {
        try await socket.send(#"{"id":"\#(id)","method":"\#(method)",\#(parameters)}"#)
        return try await next(socket, id)
    }

    static func next(_ socket: RawWebSocket, _ id: String) async throws -> JSONValue {
        while let text = try await socket.message() {
            let json = try JSONParser.parse(Array(text.utf8))
            if json["id"] == .string(id) { return json }
        }
        throw RawSocket.Failure(what: "no answer to \(id)")
    }

    static func logOn(_ server: ServerVenue, _ holder: Holder) async throws -> RawWebSocket {
        let socket = try await Self.socket(server, "/ws-fapi/v1")
        let now = server.now
        let payload = "apiKey=\(holder.key.name)&recvWindow=60000&timestamp=\(now)"
        let parameters =
            #""params":{"apiKey":"\#(holder.key.name)","recvWindow":60000,"timestamp":\#(now),"#
            + #""signature":"\#(try holder.signed(payload))"}"#
        let answer = try await Self.answer(socket, "on", "session.logon", parameters)
        #expect(answer["status"] == .number("200"), "\(answer)")
        return socket
    }

    /// Opens a door; what is returned tells, once its key is gone, whether it is shut.
    private static func open(_ door: Door, _ server: ServerVenue, _ holder: Holder) async throws
        -> () async throws -> Bool
    {
        switch door {
        case .listenKey:
            let name = try await listen(server, holder.key)
            return {
                // It opens nothing: what happens to the account is not heard.
                let socket = try await Self.socket(server, "/ws/" + name)
                try await socket.send(#"{"id":1,"method":"LIST_SUBSCRIPTIONS"}"#)
                return try await socket.message() == #"{"result":[],"id":1}"#
            }
        case .userStream:
            let socket = try await Self.socket(server, "/ws/" + (try await listen(server, holder.key)))
            return {
                let end = try await socket.closing()
                return end?.code == 1008 && end?.reason == "the key was taken away"
            }
        case .session:
            let socket = try await logOn(server, holder)
            return {
                let parameters = #""params":{"timestamp":\#(server.now)}"#
                let answer = try await Self.answer(socket, "a", "account.balance", parameters)
                let status = try await Self.answer(socket, "s", "session.status", #""params":{}"#)
                return answer[path: "error", "code"] == .number("-2015")
                    && status[path: "result", "apiKey"] == .null
            }
        case .question:
            let socket = try await Self.socket(server, "/zerosum/v1/live")
            let path = "/fapi/v3/balance?" + (try holder.query(server))
            let asked = #""path":"\#(path)","key":"\#(holder.key.name)","every":60000"#
            #expect(try await answer(socket, "q", "SUBSCRIBE", asked)["status"] == .number("200"))
            // Asked once a minute: it is told at once all the same.
            return { try await next(socket, "q")["status"] == .number("401") }
        }
    }

    @Test("API-16 A key that is taken away shuts every door that it opened, at once, and no other key's")
    func everyDoor() async throws {
        try await ServerVenue.run { server in
            let owner = try await server.account()
            try await server.price(100)
            for door in Door.allCases {
                let holder = try await Holder.make(server, owner.account)
                let isShut = try await Self.open(door, server, holder)
                let other = try await Self.socket(server, "/ws/" + (try await Self.listen(server, owner)))
                #expect(server.venue.keys.doors.count(door) > 0, "\(door) is not among what is open")
                #expect(try await server.operate("DELETE", "/keys?apiKey=\(holder.key.name)").status == 200)
                #expect(try await isShut(), "\(door)")
                // The account's other key goes on.
                _ = try await server.operate("POST", "/deposit?account=\(owner.account)&amount=1")
                #expect(try await other.message()?.contains("DEPOSIT") == true, "\(door)")
            }
            for door in Door.allCases where door != .listenKey && door != .userStream {
                #expect(server.venue.keys.doors.count(door) == 0, "\(door)")
            }
        }
    }

    @Test("API-16 What was opened and ended by itself leaves nothing behind")
    func nothingLeft() async throws {
        try await ServerVenue.run { server in
            let owner = try await server.account()
            try await server.price(100)
            for door in Door.allCases {
                let holder = try await Holder.make(server, owner.account)
                do { _ = try await Self.open(door, server, holder) }
                _ = try await Self.listenKey(server, holder.key, "DELETE")
                try await eventually("\(door) is left") { server.venue.keys.doors.count(door) == 0 }
            }
        }
    }

    @Test("API-16 Every WebSocket says what a key may hold open on it, and there is one for every door")
    func kinds() async throws {
        try await ServerVenue.run { server in
            for kind in SocketKind.allCases {
                let path =
                    switch kind {
                    case .requests: "/ws-fapi/v1"
                    case .questions: "/zerosum/v1/live"
                    case .fills: "/zerosum/v1/stream"
                    case .streams: "/ws"
                    }
                #expect(SocketKind(path: path) == kind)
                _ = try await Self.socket(server, path)
            }
        }
        let doors = SocketKind.allCases.reduce(into: Set([Door.listenKey])) { $0.formUnion($1.doors) }
        #expect(doors == Set(Door.allCases))
    }

    @Test("API-16 A listen key that is given back ends its streams in every form; its key's others go on")
    func givenBack() async throws {
        try await ServerVenue.run { server in
            let key = try await server.account()
            let name = try await Self.listen(server, key)
            #expect(try await Self.listen(server, key) == name)
            let paths = [
                "/ws/\(name)", "/ws?listenKey=\(name)", "/private/ws?listenKey=\(name)",
                "/stream?streams=\(name)", "/private/stream?streams=tusdt@trade/\(name)",
            ]
            var sockets: [RawWebSocket] = []
            for path in paths { sockets.append(try await Self.socket(server, path)) }
            let late = try await Self.socket(server, "/ws")
            try await late.send(#"{"id":1,"method":"SUBSCRIBE","params":["\#(name)"]}"#)
            #expect(try await late.message() == #"{"result":null,"id":1}"#)
            sockets.append(late)
            let markets = try await Self.socket(server, "/ws/tusdt@trade")
            #expect(try await Self.listenKey(server, key, "DELETE").status == 200)
            _ = try await server.operate("POST", "/deposit?account=\(key.account)&amount=1")
            for socket in sockets {
                let end = try await socket.next()
                #expect(end?.opcode == 8 && end?.code == 1000, "\(String(describing: end?.text))")
            }
            try await markets.send(#"{"id":1,"method":"LIST_SUBSCRIPTIONS"}"#)
            #expect(try await markets.message() == #"{"result":["tusdt@trade"],"id":1}"#)
            #expect(try await Self.listenKey(server, key, "PUT").text.contains("-1125"))
            // The next one is another.
            #expect(try await Self.listen(server, key) != name)
        }
    }

    @Test("API-16, WIRE-24 A listen key whose hour is over says so, and then nothing more: the stream closes")
    func expired() async throws {
        try await ServerVenue.run { server in
            let key = try await server.account()
            let name = try await Self.listen(server, key)
            let plain = try await Self.socket(server, "/ws/" + name)
            let wrapped = try await Self.socket(server, "/stream?streams=" + name)
            let deaf = try await Self.socket(server, "/private/ws?listenKey=\(name)&events=ACCOUNT_UPDATE")
            server.venue.listenKeys.expire(now: server.now + ListenKeys.validity) {
                Array(#"{"e":"listenKeyExpired","listenKey":"\#($0)"}"#.utf8)
            }
            let told = #"{"e":"listenKeyExpired","listenKey":"\#(name)"}"#
            #expect(try await plain.message() == told)
            #expect(try await wrapped.message() == #"{"stream":"\#(name)","data":\#(told)}"#)
            for socket in [plain, wrapped, deaf] {
                let end = try await socket.next()
                #expect(end?.opcode == 8 && end?.reason == "the listen key has expired")
            }
            #expect(try await Self.listenKey(server, key, "PUT").text.contains("-1125"))
        }
    }

    @Test(
        "API-16, API-6 A listen key is for keys that may read, and opens nothing from where its key may not"
    )
    func rights() async throws {
        try await ServerVenue.run { server in
            let owner = try await server.account()
            let trades = try await Holder.make(server, owner.account, scopes: "trade")
            let refused = try await Self.listenKey(server, trades.key)
            #expect(refused.status == 401 && refused.text.contains("-2015"), "\(refused.text)")
            let keys = try KeyStore(directory: ServerVenue.temporaryDirectory(), environment: [:])
            var here = APIKey.generate(for: .firstUser, created: 0)
            here.addresses = ["192.0.2.1"]
            try keys.add(here)
            let listening = ListenKeys(keys)
            let name = try #require(listening.start(here, now: 0))
            #expect(listening.open(name, from: "192.0.2.2", now: 1) { _ in } == nil)
            #expect(listening.open(name, from: "192.0.2.1", now: 1) { _ in } != nil)
            // Taken away between the look at it and what it opens.
            try keys.remove(here.name)
            #expect(listening.open(name, from: "192.0.2.1", now: 1) { _ in } == nil)
            #expect(listening.start(here, now: 1) == nil)
            #expect(keys.open(.session, with: here.name) { _ in } == nil)
        }
    }
}
