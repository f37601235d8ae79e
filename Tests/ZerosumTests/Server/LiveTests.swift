import ExchangeRuntime
import ExchangeText
import Foundation
import Testing

@testable import ExchangeServer

/// Questions that are asked again and again, and the page that asks them.
@Suite("Server: live answers and the page")
struct LiveTests {
    private static func open(_ server: ServerVenue) async throws -> RawWebSocket {
        try await RawWebSocket(port: server.venue.port, path: "/zerosum/v1/live")
    }

    /// The next answer under a name; the time's own messages are passed over.
    private static func answer(_ socket: RawWebSocket, _ name: String) async throws -> JSONValue {
        while let text = try await socket.message() {
            let json = try JSONParser.parse(Array(text.utf8))
            if json["id"] == .string(name) { return json }
        }
        throw RawSocket.Failure(what: "no answer to \(name)")
    }

    private static func ask(_ name: String, _ path: String, _ more: String = "") -> String {
        #"{"method":"SUBSCRIBE","id":"\#(name)","path":"\#(path)"\#(more)}"#
    }

    @Test("API-14 An answer is the one that a request gets, comes again when it differs, and only then")
    func changes() async throws {
        try await ServerVenue.run { server in
            try await server.price(100)
            let socket = try await Self.open(server)
            try await socket.send(Self.ask("markets", "/zerosum/v1/markets"))
            let first = try await Self.answer(socket, "markets")
            #expect(first["status"] == .number("200"))
            let plain = try await server.own("/markets")
            #expect(first["data"] == plain)
            // Time passes and nothing changes: the next that comes is of the new price.
            try await Task.sleep(for: .milliseconds(700))
            try await server.price(101)
            let second = try await Self.answer(socket, "markets")
            #expect(second["data"]?["markets"]?.elements.first?["mark"] == .string("101"))
            // Of the wire too.
            try await socket.send(Self.ask("depth", "/fapi/v1/depth?symbol=TUSDT&limit=5"))
            #expect(try await Self.answer(socket, "depth")["data"]?["bids"] == .array([]))
        }
    }

    @Test("API-14 Whoever asks what others ask gets their answer at once, however seldom it is asked")
    func late() async throws {
        try await ServerVenue.run { server in
            try await server.price(100)
            let often = #","every":60000"#
            let first = try await Self.open(server)
            try await first.send(Self.ask("a", "/zerosum/v1/markets", often))
            let told = try await Self.answer(first, "a")
            let second = try await Self.open(server)
            try await second.send(Self.ask("b", "/zerosum/v1/markets", often))
            // Asked once a minute, and nobody waits as long for it: what comes was given before.
            let answer = try await Self.answer(second, "b")
            #expect(answer["data"] == told["data"] && answer["at"] == told["at"])
        }
    }

    @Test("API-14 Once a second comes the time and the last durable command")
    func pulse() async throws {
        try await ServerVenue.run { server in
            let socket = try await Self.open(server)
            let text = try #require(try await socket.message())
            let pulse = try JSONParser.parse(Array(text.utf8))
            #expect(pulse["sequence"] == .number(String(server.venue.sequencer.progress.durable)))
            #expect(pulse["at"] != nil && pulse["id"] == nil)
        }
    }

    @Test("API-14, API-6 One's own questions take a signature, once; wrong ones and doings are refused")
    func signed() async throws {
        try await ServerVenue.run { server in
            let key = try await server.account(500)
            let socket = try await Self.open(server)
            let query = server.signed("", key)
            let own = #","key":"\#(key.name)""#
            try await socket.send(Self.ask("own", "/fapi/v3/account?\(query)", own))
            let mine = try await Self.answer(socket, "own")
            #expect(mine["data"]?["totalWalletBalance"]?.text?.hasPrefix("500") == true)
            let last = query.hasSuffix("0") ? "1" : "0"
            for (name, path, more, status) in [
                ("a", "/fapi/v3/account?\(query.dropLast())\(last)", own, "400"),
                ("b", "/zerosum/v1/lights", "", "400"),
                ("c", "/zerosum/v1/crash", "", "405"),
                ("d", "/zerosum/v1/nothing", "", "404"),
                ("e", "/fapi/v1/order", own, "400"),
                ("f", "/zerosum/v1/status", #","every":1"#, "400"),
            ] {
                try await socket.send(Self.ask(name, path, more))
                let answer = try await Self.answer(socket, name)
                #expect(answer["status"] == .number(status), "\(name): \(answer)")
            }
        }
    }

    @Test("API-14, API-6 A key that is taken away ends its questions, and no other's")
    func takenAway() async throws {
        try await ServerVenue.run { server in
            let key = try await server.account()
            let other = try await server.account()
            try await server.price(100)
            let socket = try await Self.open(server)
            func ask(_ name: String, _ path: String, _ key: TestKey) async throws {
                let query = server.signed("recvWindow=60000", key)
                try await socket.send(Self.ask(name, "\(path)?\(query)", #","key":"\#(key.name)""#))
                #expect(try await Self.answer(socket, name)["status"] == .number("200"))
            }
            try await ask("own", "/zerosum/v1/lights", key)
            try await ask("wire", "/fapi/v3/balance", key)
            try await ask("other", "/fapi/v3/balance", other)
            #expect(try await server.operate("DELETE", "/keys?apiKey=\(key.name)").status == 200)
            var refused: Set<String> = []
            while refused.count < 2 {
                let text = try #require(try await socket.message())
                let json = try JSONParser.parse(Array(text.utf8))
                if json["status"] == .number("401") { refused.insert(json["id"]?.text ?? "") }
            }
            #expect(refused == ["own", "wire"])
            // What changes now is told to the other alone.
            try await server.trade(key.account, other.account, at: 100, times: 1)
            var name: JSONValue?
            while name == nil {
                guard let text = try await socket.message() else { break }
                name = try JSONParser.parse(Array(text.utf8))["id"]
            }
            #expect(name == .string("other"))
        }
    }

    @Test("API-14 What cannot be read is said; too many questions are refused; unsubscribing ends it")
    func bounds() async throws {
        try await ServerVenue.run { server in
            let socket = try await Self.open(server)
            for text in ["", "[]", "{}", "nonsense", #"{"id":"a"}"#, #"{"id":"a b","method":"SUBSCRIBE"}"#] {
                try await socket.send(text)
                var answer: JSONValue?
                while answer?["status"] == nil {
                    let text = try #require(try await socket.message())
                    answer = try JSONParser.parse(Array(text.utf8))
                }
                #expect(answer?["status"] == .number("400"), "\(text)")
            }
            for number in 0..<LiveSession.limit {
                try await socket.send(Self.ask("q\(number)", "/zerosum/v1/fund?limit=\(number + 1)"))
            }
            try await socket.send(Self.ask("more", "/zerosum/v1/status"))
            #expect(try await Self.answer(socket, "more")["status"] == .number("429"))
            try await socket.send(#"{"id":"q0","method":"UNSUBSCRIBE"}"#)
            try await socket.send(Self.ask("more", "/zerosum/v1/status"))
            #expect(try await Self.answer(socket, "more")["status"] == .number("200"))
        }
    }

    @Test(
        "PAGE-1 The page is served whole, with a policy that lets nothing in from elsewhere"
    )
    func page() async throws {
        try await ServerVenue.run({ $0.chart = Array("// a library".utf8) }) { server in
            let page = try await server.send("GET", "/")
            #expect(page.status == 200)
            #expect(page.header("content-type") == "text/html; charset=utf-8")
            let policy = page.header("content-security-policy") ?? ""
            #expect(policy.contains("default-src 'none'") && !policy.contains("http"))
            // Whatever it names is there.
            let names = page.text.matches(of: #/(?:src|href)="(/page/[^"]+)"/#).map { String($0.1) }
            #expect(names.count >= 4)
            for name in names {
                let status = try await server.send("GET", name).status
                #expect(status == 200, "\(name)")
            }
            let scripts = Page.scripts
            for name in scripts {
                let script = try await server.send("GET", "/page/\(name)")
                #expect(script.status == 200, "\(name)")
                for other in script.text.matches(of: #/from '\./([^']+)'/#) {
                    #expect(scripts.contains(String(other.1)), "\(name) asks for \(other.1)")
                }
            }
            #expect(try await server.send("HEAD", "/").status == 200)
            #expect(try await server.send("POST", "/").status == 405)
            #expect(try await server.send("GET", "/page/../Package.swift").status == 404)
        }
        try await ServerVenue.run { server in
            let chart = try await server.send("GET", "/page/chart.js")
            #expect(chart.status == 200 && chart.text.hasPrefix("// no chart library"))
        }
    }
}

/// The page's scripts by name.
private enum Page {
    static let scripts: Set<String> = {
        let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../../Sources/ExchangePage/Files").standardized
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []
        return Set(names.filter { $0.hasSuffix(".js") })
    }()
}
