import ExchangeText

/// The OpenAPI document of the venue's own interface, made of the routes themselves (API-1).
enum OpenAPI {
    static func document(_ routes: [OwnRoute]) -> [UInt8] {
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
                + "gives. Amounts, prices and quantities are decimal strings; times are microseconds since "
                + "1970."
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
        components(&json)
        json.endObject()
        return json.bytes
    }

    private static func operation(_ route: OwnRoute, _ json: inout JSONWriter) {
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
        for (status, text) in responses(route) {
            json.key(status)
            json.beginObject()
            json.key("description")
            json.string(text)
            json.key("content")
            json.beginObject()
            json.key("application/json")
            json.beginObject()
            json.key("schema")
            json.beginObject()
            json.key("type")
            json.string("object")
            json.endObject()
            json.endObject()
            json.endObject()
            json.endObject()
        }
        json.endObject()
        json.endObject()
    }

    private static func responses(_ route: OwnRoute) -> [(String, String)] {
        var all = [
            ("200", "done"), ("400", "a parameter that is missing or wrong, or a refused command, by name"),
        ]
        if route.access != .open { all.append(("401", "no key, token or signature that may do this")) }
        return all + [("404", "there is no such thing"), ("503", "the venue is busy, or not ready")]
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

    private static func components(_ json: inout JSONWriter) {
        json.key("components")
        json.beginObject()
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

extension Array where Element: Hashable {
    /// Each element once, in the order of its first place.
    var uniqued: [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}
