import ExchangeCore
import ExchangeText
import Foundation
import Testing

@testable import ExchangeServer

@Suite("Server: the venue's own interface")
struct VenueAPITests {
    @Test("API-1 The document and the routes are the same, and every route answers")
    func document() async throws {
        try await ServerVenue.run { server in
            let document = try await server.own("/openapi.json")
            #expect(document["openapi"] == .string("3.1.0"))
            guard case .object(let paths)? = document["paths"] else { throw VenueError("no paths") }
            var told: Set<String> = []
            for path in paths {
                for method in path.value.keys {
                    told.insert("\(method.uppercased()) \(path.key)")
                    let reply = try await server.send(method.uppercased(), path.key)
                    #expect(![404, 405].contains(reply.status), "\(method) \(path.key): \(reply.text)")
                    #expect(reply.status < 500, "\(method) \(path.key): \(reply.text)")
                }
            }
            let routes =
                VenueRoutes.open + VenueRoutes.risk + VenueRoutes.signed + VenueRoutes.operatorsRoutes
            #expect(told == Set(routes.map { "\($0.method) /zerosum/v1\($0.path)" }))
            #expect(told.count > 20)
            // Every answer that is stated has a schema, with members that are there.
            let text = try await server.send("GET", "/zerosum/v1/openapi.json").text
            let named = text.matches(of: #/"\$ref":"\#/components/schemas/([A-Za-z]+)"/#).map { String($0.1) }
            #expect(Set(named).count == routes.count + 1)
            for name in named {
                let schema = document["components"]?["schemas"]?[name]
                #expect(schema?["required"]?.elements.isEmpty == false, "\(name)")
            }
        }
    }

    @Test("API-21 A refusal has a name and a reason, and no number of the Binance wire")
    func names() async throws {
        try await ServerVenue.run { server in
            let key = try await server.account()
            let wrong = TestKey(account: key.account, name: key.name, secret: key.secret + "x")
            let header = "X-MBX-APIKEY: \(key.name)\r\n"
            let operates = "X-Zerosum-Token: \(ServerVenue.token)\r\n"
            let late = server.signed("", key, at: server.now - 70_000)
            for (method, path, header, status, name) in [
                ("GET", "/nothing", "", 404, "unknownPath"), ("PUT", "/status", "", 405, "wrongMethod"),
                ("GET", "/markets?symbol=NONE", "", 400, "unknownMarket"),
                ("GET", "/receipts?limit=x", "", 400, "invalidParameter"),
                ("GET", "/receipts?limit=%FF", "", 400, "invalidParameter"),
                ("POST", "/fund", operates, 400, "missingParameter"),
                ("POST", "/fund?amount=1", "", 401, "notAllowed"),
                ("DELETE", "/keys?apiKey=none", operates, 401, "unknownKey"),
                ("GET", "/lights?" + server.signed("", wrong), header, 400, "badSignature"),
                ("GET", "/lights?" + server.signed("", key), "", 401, "badKey"),
                ("GET", "/lights?" + late, header, 400, "badTime"),
                ("POST", "/crash", operates, 400, "notPossible"),
            ] {
                let reply = try await server.send(method, "/zerosum/v1" + path, header)
                let body = try JSONParser.parse(reply.body)
                #expect(reply.status == status && body["status"] == .string(name), "\(path): \(reply.text)")
                #expect(body["reason"]?.text?.isEmpty == false && body["code"] == nil, "\(path)")
            }
        }
    }

    @Test("API-1 Another path is 404, another method 405, a missing parameter 400 with its name")
    func refusals() async throws {
        try await ServerVenue.run { server in
            #expect(try await server.send("GET", "/zerosum/v1/nothing").status == 404)
            #expect(try await server.send("GET", "/zerosum/v2/status").status == 404)
            #expect(try await server.send("GET", "/nothing").status == 404)
            let wrong = try await server.send("DELETE", "/zerosum/v1/status")
            #expect(wrong.status == 405)
            #expect(wrong.header("allow") == "GET")
            #expect(try await server.send("GET", "/zerosum/v1/keys").header("allow") == "POST, DELETE")
            #expect(try await server.send("GET", "/zerosum/v1/crash").status == 405)
            for route in VenueRoutes.operatorsRoutes {
                guard let first = route.parameters.first(where: \.isRequired) else { continue }
                let reply = try await server.operate(route.method, route.path)
                #expect(reply.status == 400, "\(route.path)")
                #expect(reply.text.contains("\"\(first.name) is not there."), "\(route.path): \(reply.text)")
            }
            for query in ["limit=0", "limit=1001", "limit=x", "limit=-1", "limit=9999999999999999999"] {
                let reply = try await server.send("GET", "/zerosum/v1/receipts?\(query)")
                #expect(reply.status == 400, "\(query)")
                #expect(reply.text.contains("limit"), "\(query): \(reply.text)")
            }
            #expect(try await server.send("GET", "/zerosum/v1/markets?symbol=NONE").status == 400)
        }
    }

    @Test("API-1, CMD-3 A refused command is 400 with its status by name")
    func refusedCommands() async throws {
        try await ServerVenue.run { server in
            let key = try await server.account(1_000)
            for (path, status) in [
                ("/deposit?account=\(key.account)&amount=-1", "invalidAmount"),
                ("/deposit?account=999&amount=1", "unknownAccount"),
                ("/deposit?account=\(key.account)&amount=0", "invalidAmount"),
            ] {
                let reply = try await server.operate("POST", path)
                #expect(reply.status == 400)
                #expect(try JSONParser.parse(reply.body)["status"] == .string(status), "\(reply.text)")
            }
            let reply = try await server.call("POST", "/zerosum/v1/vault/deposit", "amount=2000", key)
            #expect(reply.status == 400)
            #expect(try JSONParser.parse(reply.body)["status"]?.text != nil, "\(reply.text)")
        }
    }

    @Test("API-2, API-3 Nothing is missing after trading and a cascade, and the log says the same")
    func conservation() async throws {
        let directory = ServerVenue.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let told = try await ServerVenue.run(in: directory) { server in
            try await server.cascade()
            let told = try await server.own("/conservation")
            #expect(told["missing"] == .string("0"))
            #expect(told[path: "markets", "0", "missing"] == .string("0"))
            #expect(told["deposits"] != .string("0"))
            #expect(told["equation"]?.text?.hasSuffix("= missing") == true)
            let fund = try await server.own("/fund")
            #expect(fund["balance"] == told["fund"])
            #expect(fund["history"]?.elements.count ?? 0 >= 2)
            #expect(try await server.own("/receipts")["receipts"]?.elements.count ?? 0 >= 2)
            #expect(try await server.own("/status")["sequence"] == told["sequence"])
            return told
        }
        #expect(try verified(directory) == told["stateHash"]?.text)
    }

    @Test("API-2 What is not known is null; what administrators did, offers and the vault are told")
    func open() async throws {
        try await ServerVenue.run { server in
            let market = try await server.own("/markets?symbol=TUSDT")[path: "markets", "0"]
            for name in ["mark", "previousMark", "index"] { #expect(market?[name] == .null, "\(name)") }
            #expect(market?[path: "parameters", "symbol"] == .string("TUSDT"))
            try await server.price(100)
            let priced = try await server.own("/markets")[path: "markets", "0"]
            #expect(priced?["mark"] == .string("100"))
            let history = try await server.own("/parameters/history")["commands"]?.elements ?? []
            #expect(history.map { $0["do"]?.text } == ["market", "source", "source", "deposit"])
            let key = try await server.account()
            let offer = "symbol=TUSDT&side=SELL&quantity=7&edge=0.01"
            let reply = try await server.call("POST", "/zerosum/v1/volunteer", offer, key)
            #expect(reply.status == 200, "\(reply.text)")
            let offers = try await server.own("/volunteers")["offers"]?.elements ?? []
            #expect(offers.count == 1)
            #expect(offers.first?["quantity"] == .string("7"))
            #expect(offers.first?["account"] == .number("\(key.account)"))
            #expect(try await server.own("/vault")["positions"] == .array([]))
            #expect(try await server.own("/receipts")["receipts"] == .array([]))
            let lights = try await server.call("GET", "/zerosum/v1/lights", "", key)
            #expect(lights.status == 200, "\(lights.text)")
        }
    }

    @Test("API-10 It answers, it is ready, and its metrics are Prometheus' text")
    func health() async throws {
        try await ServerVenue.run { server in
            #expect(try await server.send("GET", "/health").text == "ok\n")
            #expect(try await server.send("GET", "/ready").text == "ready\n")
            let reply = try await server.send("GET", "/metrics")
            #expect(reply.header("content-type")?.hasPrefix("text/plain") == true)
            var types: [String: String] = [:]
            var values: [String: Int64] = [:]
            for line in reply.text.split(separator: "\n") {
                let words = line.split(separator: " ")
                if line.hasPrefix("# TYPE ") { types[String(words[2])] = String(words[3]) }
                if line.hasPrefix("#") { continue }
                #expect(words.count == 2, "\(line)")
                #expect(types[String(words[0])] != nil, "a value without a type: \(line)")
                values[String(words[0])] = Int64(words[1])
            }
            #expect(values.count == types.count)
            #expect(types.values.allSatisfy { $0 == "counter" || $0 == "gauge" })
            #expect(values["zerosum_sequence"] ?? 0 > 0)
        }
    }
}
