import BinanceDialect
import ExchangeCore
import ExchangeText
import Foundation
import Testing

@testable import ExchangeServer

/// One way in for every request, whichever way it comes.
@Suite("Server: admission")
struct AdmissionTests {
    /// The door of a venue without the venue: the time is said, so that nothing hangs on the machine's.
    private struct Door {
        let keys: KeyStore
        let admission: Admission
        var key: APIKey
        static let address = "192.0.2.1"

        init(earliest: Int64 = 0, enforces: Bool = false) throws {
            let directory = ServerVenue.temporaryDirectory()
            keys = try KeyStore(directory: directory, environment: [:])
            var options = VenueOptions(directory: directory)
            options.enforcesLimits = enforces
            admission = Admission(keys, options, earliest: earliest)
            key = APIKey.generate(for: .firstUser, created: 0)
            try keys.add(key)
        }

        /// What becomes of a signed request.
        func ask(
            _ query: String,
            _ method: String = "POST",
            _ path: String = "/fapi/v1/order",
            at now: Int64,
            from address: String = Door.address,
            isForged: Bool = false
        ) throws -> Admitted {
            guard case .found(let endpoint) = Endpoint.find(method, path) else {
                throw RawSocket.Failure(what: "no such path")
            }
            let signature = ServerVenue.hmac(query, key.material + (isForged ? "x" : ""))
            let bytes = Array("\(query)&signature=\(signature)".utf8)
            let parameters = try WireParameters(query: bytes)
            let credentials = Credentials.key(key.name) { () throws(BinanceError) in
                try WireParameters.signaturePayload(query: bytes, body: [])
            }
            let arrival = Arrival(credentials, .success(parameters), from: address) { endpoint.terms($0) }
            return admission.admit(arrival, now: now)
        }
    }

    private static let order = "symbol=TUSDT&side=BUY&type=LIMIT&quantity=1&price=90&recvWindow=60000"

    @Test(
        "API-8 Equal requests of one moment are a client's own; one that comes later, or was caught, is not"
    )
    func repeated() throws {
        let door = try Door()
        let start: Int64 = 1_000_000_000
        let query = Self.order + "&timestamp=\(start)"
        func code(_ query: String, after time: Int64, from address: String = Door.address) throws -> Int32? {
            try door.ask(query, at: start + time, from: address).refusal?.code
        }
        #expect(try code(query, after: 0) == nil)
        // Two of a grid, in one millisecond: both are meant.
        #expect(try code(query, after: 0) == nil)
        #expect(try code(query, after: SeenRequests.First.moment) == nil)
        // Somebody else has it, or it is sent again because no answer came.
        #expect(try code(query, after: 1, from: "192.0.2.2") == -2010)
        #expect(try code(query, after: SeenRequests.First.moment + 1) == -2010)
        // What has a name is one.
        let named = query + "&newClientOrderId=a"
        #expect(try code(named, after: 0) == nil)
        #expect(try code(named, after: 0) == -4116)
        #expect(try code(query + "&newClientOrderId=b", after: 0) == nil)
        // None of that is a fault of the clock; these are.
        #expect(try code(Self.order + "&timestamp=\(start - 60_001)", after: 0) == -1021)
        #expect(try code(Self.order + "&timestamp=\(start + 1_000)", after: 0) == -1021)
    }

    @Test("API-8 A request from before the start is answered that the venue was started, never with -1021")
    func started() throws {
        let earliest: Int64 = 1_000_000_000
        let door = try Door(earliest: earliest)
        for age: Int64 in [1, 500, 4_000] {
            let refusal = try door.ask(Self.order + "&timestamp=\(earliest - age)", at: earliest).refusal
            #expect(refusal?.code == -1008 && refusal?.httpStatus == 503, "\(age)")
        }
        #expect(try door.ask(Self.order + "&timestamp=\(earliest)", at: earliest).refusal == nil)
        // What only reads is answered at once.
        let read = "recvWindow=60000&timestamp=\(earliest - 500)"
        #expect(try door.ask(read, "GET", "/fapi/v3/balance", at: earliest).refusal == nil)
    }

    @Test("API-17 A request weighs the same whether its signature is right or not, and is counted before")
    func weighs() throws {
        let door = try Door(enforces: true)
        let now: Int64 = 1_000_000_020_000
        let query = "recvWindow=60000&timestamp=\(now)"
        let first = try door.ask(query, "GET", "/fapi/v3/account", at: now)
        #expect(first.refusal == nil && first.counts.weight == 5)
        let forged = try door.ask(query, "GET", "/fapi/v3/account", at: now, isForged: true)
        #expect(forged.refusal?.code == -1022 && forged.counts.weight == 10)
        #expect(forged.headers.map(\.0) == ["x-mbx-used-weight-1m"])
        // What is no request at all weighs something too.
        let nothing = Arrival(.none, .failure(.notFound), from: Door.address)
        #expect(door.admission.admit(nothing, now: now).counts.weight == 11)
        var last = forged
        while last.refusal?.code == -1022 {
            last = try door.ask(query, "GET", "/fapi/v3/account", at: now, isForged: true)
        }
        // Then it is not looked at any more, right or wrong, until the next minute.
        #expect(last.refusal?.code == -1003 && last.counts.weight > 2_400 && last.isTooMuch)
        #expect(try door.ask(query, "GET", "/fapi/v3/account", at: now).refusal?.code == -1003)
        #expect(try door.ask(query, "GET", "/fapi/v3/account", at: now, from: "192.0.2.9").refusal == nil)
        #expect(try door.ask(query, "GET", "/fapi/v3/account", at: now + 60_000).refusal == nil)
    }

    @Test(
        "API-18 An account that is wrong too often is not looked at for a while; others are, and who is right"
    )
    func wrong() throws {
        let door = try Door()
        let account = door.key.account
        let now: Int64 = 1_000_000_000
        func refusal(at time: Int64) throws -> Int32? {
            try door.ask(Self.order + "&timestamp=\(now + time)", at: now + time).refusal?.code
        }
        for _ in 0..<(10 * AccountBounds.wrongBurst) {
            #expect(door.admission.begin(account))
            door.admission.end(account, 200, now: now)
        }
        #expect(try refusal(at: 0) == nil)
        for _ in 0..<AccountBounds.wrongBurst {
            _ = door.admission.begin(account)
            door.admission.end(account, 400, now: now)
        }
        #expect(try refusal(at: 0) == -1003)
        // A wrong signature is not even looked at; it says nothing of whether it is right.
        #expect(try door.ask(Self.order, at: now, isForged: true).refusal?.code == -1003)
        // As many more as the time that has passed allows.
        #expect(try refusal(at: 1_000) == nil)
        var other = door
        other.key = APIKey.generate(for: AccountID(4), created: 0)
        try door.keys.add(other.key)
        #expect(try other.ask(Self.order + "&timestamp=\(now)", at: now).refusal == nil)
    }

    @Test("API-18 An account waits for so many answers, over all its connections, and no more")
    func waiting() throws {
        let bounds = AccountBounds()
        for _ in 0..<AccountBounds.waitingLimit { #expect(bounds.begin(3)) }
        #expect(!bounds.begin(3))
        #expect(bounds.begin(4))
        bounds.end(3, wasWrong: false, now: 0)
        #expect(bounds.begin(3))
        #expect(!bounds.begin(3))
    }

    /// The weight that a reply over HTTP says was used.
    private static func used(_ reply: RawReply) -> Int? {
        reply.header("x-mbx-used-weight-1m").flatMap { Int($0) }
    }

    @Test(
        "API-17 A wrong key, signature or clock weighs the same over HTTP, the WS-API and as a live question"
    )
    func everyWay() async throws {
        try await ServerVenue.run { server in
            let key = try await server.account()
            let wrong = TestKey(account: key.account, name: key.name, secret: key.secret + "x")
            let requests = try await DoorTests.socket(server, "/ws-fapi/v1")
            let questions = try await DoorTests.socket(server, "/zerosum/v1/live")
            func header(_ name: String) -> String { "X-MBX-APIKEY: \(name)\r\n" }
            /// A fault of a request, and the number that says it.
            let faults: [(name: String, key: TestKey, late: Int64, code: String)] = [
                (key.name, wrong, 0, "-1022"), ("nobody", wrong, 0, "-2015"),
                (key.name, key, 70_000, "-1021"), (key.name, key, -70_000, "-1021"),
            ]
            func query(_ fault: (name: String, key: TestKey, late: Int64, code: String)) -> String {
                server.signed("recvWindow=60000", fault.key, at: server.now - fault.late)
            }
            func api(_ fault: (name: String, key: TestKey, late: Int64, code: String)) async throws -> Int? {
                let time = server.now - fault.late
                let parameters =
                    #""params":{"apiKey":"\#(fault.name)","recvWindow":60000,"timestamp":\#(time),"#
                    + #""signature":"00"}"#
                let answer = try await DoorTests.answer(requests, "r", "account.status", parameters)
                #expect(answer[path: "error", "code"] == .number(fault.code))
                return Int(answer[path: "rateLimits", "0", "count"]?.text ?? "")
            }
            // A minute may end between two of them: then it is done again.
            var steps: [Int] = []
            try await eventually("counted within one minute") {
                var seen: [Int?] = [Self.used(try await server.send("GET", "/fapi/v1/ping"))]
                for fault in faults {
                    let account = "/fapi/v3/account?" + query(fault)
                    let reply = try await server.send("GET", account, header(fault.name))
                    #expect(reply.text.contains("\"code\":\(fault.code),"), "\(reply.text)")
                    seen.append(Self.used(reply))
                    seen.append(try await api(fault))
                    let asked = #""path":"\#(account)","key":"\#(fault.name)""#
                    let answer = try await DoorTests.answer(questions, "q", "SUBSCRIBE", asked)
                    #expect(answer["data"]?["code"] == .number(fault.code))
                    seen.append(Self.used(try await server.send("GET", "/fapi/v1/ping")).map { $0 - 1 })
                    let path = "/zerosum/v1/lights?" + query(fault)
                    let lights = try await server.send("GET", path, header(fault.name))
                    #expect(lights.status == reply.status && lights.text.hasPrefix("{\"status\":\"bad"))
                    seen.append(Self.used(lights).map { $0 - 1 })
                    let none = try await server.send("GET", "/fapi/v1/none", header(fault.name))
                    #expect(none.status == 404)
                    seen.append(Self.used(none).map { $0 - 1 })
                }
                let all = seen.compactMap { $0 }
                #expect(all.count == seen.count, "something says nothing of its weight: \(seen)")
                steps = zip(all, all.dropFirst()).map { $1 - $0 }
                return all.count != seen.count || steps.allSatisfy { $0 >= 0 }
            }
            // Five each; then one for what is the venue's own, and one for what is not there. Pings between
            // are taken off.
            let wanted = faults.indices.flatMap { [$0 == 0 ? 5 : 6, 5, 5, 1, 1] }
            #expect(steps == wanted)
        }
    }

    @Test("API-17 Whoever guesses the operator's token is counted")
    func token() async throws {
        try await ServerVenue.run { server in
            let wrong = try await server.send("POST", "/zerosum/v1/fund?amount=1", "X-Zerosum-Token: no\r\n")
            #expect(wrong.status == 401)
            #expect(Self.used(wrong) != nil)
        }
    }
}
