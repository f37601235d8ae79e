import Testing

@testable import ExchangeServer

@Suite("Server: what comes over HTTP")
struct HTTPServerTests {
    /// Something that is sent, and the statuses that may come back.
    struct Case: Sendable {
        var name: String
        var bytes: [UInt8]
        var statuses: [Int]

        init(_ name: String, _ text: String, _ statuses: Int...) {
            (self.name, bytes, self.statuses) = (name, Array(text.utf8), statuses)
        }

        /// A request with the usual first line.
        static func head(_ name: String, _ rest: String, _ statuses: Int...) -> Case {
            var made = Case(name, "GET /health HTTP/1.1\r\nHost: localhost\r\n\(rest)")
            made.statuses = statuses
            return made
        }

        static func post(_ name: String, _ rest: String, _ statuses: Int...) -> Case {
            var made = Case(name, "POST /zerosum/v1/fund HTTP/1.1\r\nHost: localhost\r\n\(rest)")
            made.statuses = statuses
            return made
        }
    }

    static func letters(_ count: Int) -> String { String(repeating: "a", count: count) }

    static let lines: [Case] = [
        Case("garbage", "garbage\r\n\r\n", 400),
        Case("NUL in the method", "G\0T /health HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        Case("a small method", "get /health HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        Case("an unknown method", "DRINK /health HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        Case("a long method", "\(letters(9_000)) /health HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        Case("no path", "GET HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        Case("a space in the path", "GET /he alth HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        Case("version 9.9", "GET /health HTTP/9.9\r\nHost: localhost\r\n\r\n", 400, 505),
        Case("no version", "GET /health HTTP/\r\nHost: localhost\r\n\r\n", 400),
        Case("another protocol", "GET /health ICAP/1.0\r\nHost: localhost\r\n\r\n", 400, 404),
        Case("HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
        Case("TLS", "\u{16}\u{03}\u{01}\0\u{05}\u{01}\0\r\n\r\n", 400),
        Case("an absolute address", "GET http://localhost/health HTTP/1.1\r\nHost: localhost\r\n\r\n", 404),
        Case("every address", "OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n", 404, 405),
        Case("a tunnel", "CONNECT localhost:1 HTTP/1.1\r\nHost: localhost\r\n\r\n", 400, 404, 405),
        Case("a trace", "TRACE /fapi/v1/time HTTP/1.1\r\nHost: localhost\r\n\r\n", 404, 405),
        Case("NUL in the path", "GET /hea\0lth HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        Case("NUL escaped", "GET /health%00 HTTP/1.1\r\nHost: localhost\r\n\r\n", 404),
        Case("points", "GET /../health HTTP/1.1\r\nHost: localhost\r\n\r\n", 404),
        Case("letters of others", "GET /ö HTTP/1.1\r\nHost: localhost\r\n\r\n", 400, 404),
        Case("a long path", "GET /\(letters(9_000)) HTTP/1.1\r\nHost: localhost\r\n\r\n", 431),
        Case("a very long path", "GET /\(letters(200_000)) HTTP/1.1\r\nHost: localhost\r\n\r\n", 400, 431),
    ]

    static let headers: [Case] = [
        Case("no name of a host", "GET /health HTTP/1.1\r\n\r\n", 400),
        .head("two names of hosts", "Host: 127.0.0.1\r\n\r\n", 400),
        .head("a header without a colon", "nothing\r\n\r\n", 400),
        .head("a space before the colon", "X-A : b\r\n\r\n", 400),
        .head("no name of a header", ": b\r\n\r\n", 400),
        .head("NUL in a header", "X-A: b\0c\r\n\r\n", 400),
        .head("CR in a header", "X-A: b\rc\r\n\r\n", 400),
        .head("a folded header", "X-A: b\r\n c\r\n\r\n", 200, 400),
        .head("a long header", "X-A: \(letters(9_000))\r\n\r\n", 431),
        .head("many headers", String(repeating: "X-A: bcdefgh\r\n", count: 1_000) + "\r\n", 400, 431),
        .head("a very long header", "X-A: \(letters(300_000))\r\n\r\n", 400, 431),
        .head("an expectation", "Expect: wonders\r\n\r\n", 417),
        .head("an upgrade to nothing", "Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n", 200, 404),
        .head("an upgrade to HTTP/2", "Upgrade: h2c\r\nConnection: Upgrade\r\n\r\n", 200),
    ]

    static let bodies: [Case] = [
        .post("two lengths", "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", 400),
        .post("a length and chunks", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        .post("chunks and a length", "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", 400),
        .post("a negative length", "Content-Length: -1\r\n\r\n", 400),
        .post("a length with a sign", "Content-Length: +5\r\n\r\nhello", 400),
        .post("a length in hexadecimal", "Content-Length: 0x5\r\n\r\nhello", 400),
        .post("a length of a list", "Content-Length: 5, 5\r\n\r\nhello", 400),
        .post("a length beyond all", "Content-Length: 99999999999999999999999\r\n\r\n", 400),
        .post("a length too long", "Content-Length: 1000000000\r\n\r\n", 413),
        .post("a length just too long", "Content-Length: 65537\r\n\r\n", 413),
        .post("another encoding", "Transfer-Encoding: gzip\r\n\r\n", 400),
        .post("chunks not last", "Transfer-Encoding: chunked, gzip\r\n\r\n", 400),
        .post("chunks by another name", "Transfer-Encoding: xchunked\r\n\r\n", 400),
        .post("a chunk of no size", "Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n", 400),
        .post("a chunk of every size", "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n", 400),
        .post("a negative chunk", "Transfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n", 400),
        .post("a chunk without an end", "Transfer-Encoding: chunked\r\n\r\n5\r\nhelloworld\r\n", 400),
        .post(
            "chunks without end",
            "Transfer-Encoding: chunked\r\n\r\n"
                + String(repeating: "1000\r\n\(letters(4_096))\r\n", count: 20),
            413
        ),
        .post("a body too long", "Content-Length: 80000\r\n\r\n\(letters(80_000))", 413),
        Case("bad percents", "GET /fapi/v1/klines?symbol=%zz HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        Case("no UTF-8", "GET /fapi/v1/klines?symbol=%ff HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        Case(
            "many parameters",
            "GET /fapi/v1/klines?\(String(repeating: "a=1&", count: 200)) HTTP/1.1\r\n"
                + "Host: localhost\r\n\r\n",
            400
        ),
    ]

    @Test("API-9 What is no proper request gets its answer, and the venue goes on serving")
    func malformed() async throws {
        try await ServerVenue.run { server in
            let all = HTTPServerTests.lines + HTTPServerTests.headers + HTTPServerTests.bodies
            #expect(all.count >= 50)
            for made in all {
                let socket = try RawSocket(port: server.venue.port)
                try await socket.send(made.bytes)
                let reply = try await socket.reply()
                let status = reply?.status ?? 0
                #expect(made.statuses.contains(status), "\(made.name): \(status)")
                if status >= 400 && status != 404 && status != 405 && reply?.header("connection") != nil {
                    #expect(reply?.header("connection") == "close", "\(made.name)")
                    // What comes behind is not listened to: the connection ends.
                    #expect(try await socket.rest() == [], "\(made.name)")
                }
            }
            #expect(try await server.send("GET", "/ready").status == 200)
        }
    }

    @Test("API-9 Half a request and silence: the connection is closed")
    func silence() async throws {
        try await ServerVenue.run { server in
            let halves = [
                "", "GE", "GET /health HTTP/1.1\r\nHost: loc",
                "POST /fapi/v1/order HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50\r\n\r\nsymbol=",
            ]
            let sockets = try halves.map { _ in try RawSocket(port: server.venue.port) }
            for (socket, half) in zip(sockets, halves) { try await socket.send(half) }
            // A whole request moves the end away, however late it comes. On a machine where it comes later
            // than that, there is nothing to be seen, and it is tried again.
            let get = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"
            var late: RawSocket?
            for _ in 0..<10 where late == nil {
                let start = ContinuousClock.now
                let socket = try RawSocket(port: server.venue.port)
                try await Task.sleep(for: .seconds(6))
                try await socket.send(get)
                let reply = try await socket.reply()
                if ContinuousClock.now - start > .seconds(9) { continue }
                #expect(reply?.text == "ok\n")
                late = socket
            }
            let kept = try #require(late)
            for socket in sockets { #expect(try await socket.rest() == []) }
            try await Task.sleep(for: .seconds(5))
            try await kept.send(get)
            #expect(try await kept.reply()?.text == "ok\n")
            #expect(try await server.send("GET", "/health").status == 200)
        }
    }

    @Test("API-9 Requests in one piece are answered in order, and in pieces of one byte too")
    func pipelined() async throws {
        try await ServerVenue.run { server in
            let get = { (path: String) in "GET \(path) HTTP/1.1\r\nHost: localhost\r\n\r\n" }
            let socket = try RawSocket(port: server.venue.port)
            try await socket.send(
                get("/zerosum/v1/conservation") + get("/health") + get("/nothing") + get("/fapi/v1/time")
            )
            #expect(try await socket.reply()?.text.contains("missing") == true)
            #expect(try await socket.reply()?.text == "ok\n")
            #expect(try await socket.reply()?.status == 404)
            #expect(try await socket.reply()?.text.contains("serverTime") == true)
            for byte in Array(get("/health").utf8) { try await socket.send([byte]) }
            #expect(try await socket.reply()?.text == "ok\n")
        }
    }

    @Test("API-9 A reply to HEAD has no body, so that the next reply is read as what it is")
    func head() async throws {
        try await ServerVenue.run { server in
            let socket = try RawSocket(port: server.venue.port)
            try await socket.send("HEAD /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
            #expect(try await socket.reply(toHead: true)?.header("content-length") == "3")
            try await socket.send("HEAD /fapi/v1/time HTTP/1.1\r\nHost: localhost\r\n\r\n")
            #expect(try await socket.reply(toHead: true)?.status == 405)
            try await socket.send("GET /fapi/v1/ping HTTP/1.1\r\nHost: localhost\r\n\r\n")
            let reply = try await socket.reply()
            #expect(reply?.status == 200)
            #expect(reply?.text == "{}")
        }
    }

    @Test("API-9 Whoever waits to be told to go on is told, and one that announces too much is refused")
    func goOn() async throws {
        try await ServerVenue.run { server in
            let socket = try RawSocket(port: server.venue.port)
            let head = "POST /fapi/v1/order HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
            try await socket.send(head + "Content-Length: 5\r\n\r\n")
            #expect(try await socket.reply()?.status == 100)
            try await socket.send("a=1&b")
            let reply = try await socket.reply()
            #expect(reply?.status == 400, "\(reply?.text ?? "none")")
            let other = try RawSocket(port: server.venue.port)
            try await other.send(head + "Content-Length: 70000\r\n\r\n")
            #expect(try await other.reply()?.status == 413)
        }
    }
}
