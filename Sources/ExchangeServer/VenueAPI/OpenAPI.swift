import ExchangeText

/// The OpenAPI document of the venue's own interface, made of the routes themselves (API-1).
enum OpenAPI {
    static func document(_ routes: [VenueRoute]) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.key("openapi")
        json.string("3.1.0")
        json.key("info")
        json.beginObject()
        json.key("title")
        json.string("Zerosum")
        json.key("version")
        json.string("1")
        json.key("description")
        json.string(
            "Receipts, the fund, the vault, volunteers, lights, conservation, and what only a playground "
                + "gives. Amounts, prices and quantities are decimal strings, times microseconds since 1970."
        )
        json.endObject()
        json.key("paths")
        json.beginObject()
        for path in routes.map(\.path).uniqued {
            json.key("/zerosum/v1" + path)
            json.beginObject()
            for route in routes where route.path == path { operation(route, &json) }
            json.endObject()
        }
        json.endObject()
        components(routes, &json)
        json.endObject()
        return json.bytes
    }

    private static func operation(_ route: VenueRoute, _ json: inout JSONWriter) {
        json.key(route.method.lowercased())
        json.beginObject()
        json.key("summary")
        json.string(route.summary)
        json.key("parameters")
        json.beginArray()
        for parameter in route.parameters { self.parameter(parameter, &json) }
        if route.access == .reads || route.access == .trades {
            self.parameter(.required("timestamp", .integer, "ms since 1970, within the window"), &json)
            self.parameter(
                .required(
                    "signature",
                    .text,
                    "HMAC-SHA-256 of the query before it, or of another kind of key"
                ),
                &json
            )
        }
        json.endArray()
        switch route.access {
        case .open: break
        case .operates: security("operator", &json)
        case .reads, .trades: security("key", &json)
        }
        json.key("responses")
        json.beginObject()
        for response in responses(route) { self.response(response, &json) }
        json.endObject()
        json.endObject()
    }

    /// One status that a route may have, and the schema that its body is of.
    private struct Response {
        var status: Int
        var meaning: String
        /// The schema's name.
        var schema: String
    }

    /// The name of what a route answers: `getVault`, `postVaultDeposit`.
    private static func name(_ route: VenueRoute) -> String {
        route.method.lowercased() + route.path.split(separator: "/").map(\.capitalizedFirst).joined()
    }

    private static func responses(_ route: VenueRoute) -> [Response] {
        var all = [
            Response(status: 200, meaning: "done", schema: name(route)),
            Response(
                status: 400,
                meaning: "a parameter that is missing or wrong, or a refused command, by name",
                schema: "error"
            ),
        ]
        if route.access != .open {
            all.append(
                Response(
                    status: 401,
                    meaning: "no key, token or signature that may do this",
                    schema: "error"
                )
            )
        }
        if route.access == .operates {
            all.append(
                Response(status: 409, meaning: "the venue is not such that it could", schema: "error")
            )
        }
        return all + [
            Response(status: 403, meaning: "a request of another page", schema: "error"),
            Response(status: 413, meaning: "more bytes than a request may have", schema: "error"),
            Response(status: 503, meaning: "the venue is busy, or not ready", schema: "error"),
        ]
    }

    private static func response(_ response: Response, _ json: inout JSONWriter) {
        json.key(String(response.status))
        json.beginObject()
        json.key("description")
        json.string(response.meaning)
        json.key("content")
        json.beginObject()
        json.key("application/json")
        json.beginObject()
        json.key("schema")
        json.beginObject()
        reference(response.schema, &json)
        json.endObject()
        json.endObject()
        json.endObject()
        json.endObject()
    }

    private static func reference(_ name: String, _ json: inout JSONWriter) {
        json.key("$ref")
        json.string("#/components/schemas/" + name)
    }

    private static func security(_ name: String, _ json: inout JSONWriter) {
        json.key("security")
        json.beginArray()
        json.beginObject()
        json.key(name)
        json.beginArray()
        json.endArray()
        json.endObject()
        json.endArray()
    }

    private static func parameter(_ parameter: RouteParameter, _ json: inout JSONWriter) {
        json.beginObject()
        json.key("name")
        json.string(parameter.name)
        json.key("in")
        json.string("query")
        json.key("required")
        json.bool(parameter.isRequired)
        json.key("description")
        json.string(parameter.meaning)
        json.key("schema")
        json.beginObject()
        json.key("type")
        json.string(parameter.kind == .integer ? "integer" : "string")
        switch parameter.kind {
        case .decimal:
            json.key("pattern")
            json.string("^-?[0-9]{1,10}(\\.[0-9]{1,8})?$")
        case .side:
            json.key("enum")
            json.beginArray()
            json.string("BUY")
            json.string("SELL")
            json.endArray()
        default: break
        }
        json.endObject()
        json.endObject()
    }

    private static func components(_ routes: [VenueRoute], _ json: inout JSONWriter) {
        json.key("components")
        json.beginObject()
        json.key("schemas")
        json.beginObject()
        let own = routes.map { (name($0), $0.answer) }
        for (name, schema) in own + [("error", .error)] {
            json.key(name)
            schema.write(to: &json)
        }
        json.endObject()
        json.key("securitySchemes")
        json.beginObject()
        for (name, header) in [("key", "X-MBX-APIKEY"), ("operator", "X-Zerosum-Token")] {
            json.key(name)
            json.beginObject()
            json.key("type")
            json.string("apiKey")
            json.key("in")
            json.string("header")
            json.key("name")
            json.string(header)
            json.endObject()
        }
        json.endObject()
        json.endObject()
    }
}

extension Substring {
    /// The same with a capital at its beginning.
    fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}

extension Array where Element: Hashable {
    /// Each element once, in the order of its first place.
    var uniqued: [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}
