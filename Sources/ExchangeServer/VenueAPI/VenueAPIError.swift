import BinanceDialect
import ExchangeEdge
import ExchangeText

/// Why the venue's own interface refuses a request: by name, as it names a refused command, with a reason
/// for people and a status (API-19).
struct VenueAPIError: Error {
    /// The names that there are.
    enum Name: String, CaseIterable, Sendable {
        /// A parameter that is not there · that cannot be what it says.
        case missingParameter, invalidParameter
        case unknownMarket, unknownKey
        /// The signature is another's · the key may not do this · the clock is wrong.
        case badSignature, badKey, badTime
        /// The very same request was taken before.
        case repeated
        /// Who asks may not · the venue is not such that it could.
        case notAllowed, notPossible
        /// Too often, or too many at once.
        case tooMuch
        /// Nothing was done; it may be asked again soon.
        case busy, historyPending
        case unknownPath, wrongMethod, tooLarge
        /// Something that should not happen.
        case failed
    }

    var name: Name
    var reason: String
    var httpStatus: Int
    /// The headers that say what its sender used, where it was counted.
    var used: [(String, String)] = []

    init(_ name: Name, _ reason: String, http: Int = 400) {
        self.name = name
        self.reason = reason
        httpStatus = http
    }

    /// `{"status":…,"reason":…}`
    var body: [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.key("status")
        json.string(name.rawValue)
        json.key("reason")
        json.string(reason)
        json.endObject()
        return json.bytes
    }

    /// The reply that says it.
    var reply: HTTPReply {
        var reply = HTTPReply.json(body, status: httpStatus)
        reply.headers = HTTPReply.wait(httpStatus)
        return reply
    }
}

extension VenueAPIError {
    static func missing(_ name: String) -> VenueAPIError {
        VenueAPIError(.missingParameter, "\(name) is not there.")
    }
    static func invalid(_ name: String) -> VenueAPIError {
        VenueAPIError(.invalidParameter, "\(name) cannot be that.")
    }
    static let historyPending = VenueAPIError(
        .historyPending,
        "The history is being made anew and is not there yet.",
        http: 503
    )
    /// What a live question may not be: it is asked again and again.
    static let notAskedAgain = VenueAPIError(.notAllowed, "This is not asked again and again.", http: 401)
    static let busy = VenueAPIError(.busy, "The venue is busy: nothing was done.", http: 503)
    static let unknownPath = VenueAPIError(.unknownPath, "There is nothing at this path.", http: 404)
    static let wrongMethod = VenueAPIError(.wrongMethod, "This path has other methods.", http: 405)

    /// What the way in and the reading of parameters say, which both interfaces share: the Binance wire
    /// says it by number.
    init(_ error: BinanceError, used: [(String, String)] = []) {
        let name: Name
        switch error.code {
        case -1102: name = .missingParameter
        case -1121: name = .unknownMarket
        case -1022: name = .badSignature
        case -2014, -2015: name = .badKey
        case -1021: name = .badTime
        case -2010, -4116: name = .repeated
        case -1002: name = .notAllowed
        case -1003, -1015: name = .tooMuch
        case -1008: name = .busy
        case -1000: name = .failed
        default: name = error.httpStatus == 413 ? .tooLarge : .invalidParameter
        }
        self.init(name, error.message, http: error.httpStatus)
        self.used = used
    }
}
