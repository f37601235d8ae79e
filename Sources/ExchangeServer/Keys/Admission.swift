import BinanceDialect
import Crypto
import ExchangeEdge

/// What a request shows of who sends it.
enum Credentials {
    /// Nothing.
    case none
    /// The name of a key and, where a request must be signed, what the signature is over.
    case key(String?, () throws(BinanceError) -> SignedPayload)
    /// A session that logged on with that key.
    case session(String)
}

/// What is asked of whoever sends a request, whatever interface it is for.
struct Terms {
    /// What it weighs.
    var weight: Int
    /// What key it needs.
    var need: Need
    /// Whether it must be signed.
    var isSigned = false
    /// The orders that it counts as.
    var orders: (tenSeconds: Int, minute: Int) = (0, 0)
    /// Whether it names what it makes, so that the same once more is a mistake.
    var isNamed = false

    /// What key a request needs.
    enum Need {
        case none, any
        /// One that is allowed this.
        case allowed(KeyScope)
    }

    /// Nothing is known of it but that it came.
    static let unknown = Terms(weight: 1, need: .none)
}

/// A request as it comes through a door, before anything of it is believed.
struct Arrival {
    /// What is asked of it; what it says may change that.
    var terms: (WireParameters) -> Terms
    /// What it shows of who sends it.
    var credentials: Credentials
    /// What it says, or why nothing of it can be read.
    var parameters: Result<WireParameters, BinanceError>
    /// The other end's address.
    var address: String

    init(
        _ credentials: Credentials,
        _ parameters: Result<WireParameters, BinanceError>,
        from address: String,
        _ terms: @escaping (WireParameters) -> Terms = { _ in .unknown }
    ) {
        self.credentials = credentials
        self.parameters = parameters
        self.address = address
        self.terms = terms
    }

    /// A request over HTTP.
    init(_ request: HTTPRequest, _ terms: @escaping (WireParameters) -> Terms) {
        let parameters = Result { () throws(BinanceError) in
            try WireParameters(query: request.query, body: request.body)
        }
        self.init(request.credentials, parameters, from: request.address, terms)
    }
}

/// What became of a request at the door.
struct Admitted {
    /// What it says.
    var parameters = WireParameters()
    /// What the client used, this request included.
    var counts = RateCounts()
    /// Whose it is, if somebody's.
    var key: APIKey?
    /// Why it is not let in.
    var refusal: BinanceError?
    /// Whether whoever sent it is to be looked at again a little later.
    var isTooMuch = false

    /// The headers that say what was used.
    var headers: [(String, String)] {
        var headers = [("x-mbx-used-weight-1m", String(counts.weight))]
        if key != nil {
            headers.append(("x-mbx-order-count-10s", String(counts.tenSeconds)))
            headers.append(("x-mbx-order-count-1m", String(counts.minute)))
        }
        return headers
    }
}

/// The one way in: over HTTP, over the WS-API, as a live question, on the wire or on the venue's own
/// interface, a request weighs the same, and is counted before it is looked at (API-17).
final class Admission: Sendable {
    private let authenticator: Authenticator
    private let limiter: RateLimiter
    private let accounts: AccountBounds
    private let keys: KeyStore

    /// - Parameter earliest: ms; what may have been accepted by an earlier run has a timestamp before it.
    init(_ keys: KeyStore, _ options: VenueOptions, earliest: Int64) {
        self.keys = keys
        authenticator = Authenticator(keys, earliest: earliest)
        limiter = RateLimiter(options.dialect, isEnforced: options.enforcesLimits)
        accounts = AccountBounds()
    }

    /// Counts a request, and says whose it is or why it is refused.
    ///
    /// What it weighs is counted first, so that a wrong signature, an unknown key and a clock that is wrong
    /// cost as much as what is right.
    func admit(_ arrival: Arrival, now: Int64) -> Admitted {
        let parameters = (try? arrival.parameters.get()) ?? WireParameters()
        let terms = arrival.terms(parameters)
        var admitted = count(terms.weight, from: arrival.address, now: now)
        admitted.parameters = parameters
        if admitted.refusal != nil { return admitted }
        do throws(BinanceError) {
            _ = try arrival.parameters.get()
            guard let key = try holder(terms, arrival, parameters, now: now) else { return admitted }
            admitted.key = key
            let refusal = limiter.count(orders: terms.orders, of: key.account, now: now, &admitted.counts)
            if let refusal { throw refusal }
        } catch {
            admitted.refusal = error
            admitted.isTooMuch = error.httpStatus == 429
        }
        return admitted
    }

    /// Lets the operator in; nil. Whoever has not got the token is counted like whoever has no key.
    func refuse(operator token: String, expected: String, from address: String, now: Int64) -> Admitted? {
        // Hashes are compared, so that how soon they differ says nothing of the token.
        if SHA256.hash(data: Array(token.utf8)) == SHA256.hash(data: Array(expected.utf8)) { return nil }
        var admitted = count(1, from: address, now: now)
        admitted.refusal = admitted.refusal ?? .unauthorized
        return admitted
    }

    private func count(_ weight: Int, from address: String, now: Int64) -> Admitted {
        let (used, tooMuch) = limiter.count(weight: weight, from: address, now: now)
        var admitted = Admitted(refusal: tooMuch, isTooMuch: tooMuch != nil)
        admitted.counts.weight = used
        return admitted
    }

    /// Whose request it is; nobody's where no key is needed.
    private func holder(
        _ terms: Terms,
        _ arrival: Arrival,
        _ parameters: WireParameters,
        now: Int64
    ) throws(BinanceError) -> APIKey? {
        let address = arrival.address
        let scope: KeyScope?
        switch terms.need {
        case .none: return nil
        case .any: scope = nil
        case .allowed(let wanted): scope = wanted
        }
        switch arrival.credentials {
        case .none: throw .badKeyFormat
        case .session(let name):
            try refuseTooOftenWrong(name, now)
            return try authenticator.check(unsigned: name, for: scope, from: address)
        case .key(let name, let payload):
            // Before its signature is checked, which is what costs.
            try refuseTooOftenWrong(name, now)
            if !terms.isSigned { return try authenticator.check(unsigned: name, for: scope, from: address) }
            return try authenticator.check(
                name,
                try payload(),
                parameters,
                for: scope,
                isNamed: terms.isNamed,
                from: address,
                now: now
            )
        }
    }

    private func refuseTooOftenWrong(_ name: String?, _ now: Int64) throws(BinanceError) {
        guard let name, let key = keys.key(named: name) else { return }
        if accounts.isTooOftenWrong(key.account, now: now) { throw .tooOftenWrong }
    }

    // MARK: What an account may have waiting

    /// Notes that an account waits for an answer; false if it waits for too many (API-18).
    func begin(_ account: Int32?) -> Bool {
        guard let account else { return true }
        return accounts.begin(account)
    }

    /// Notes that it was answered, with that status.
    func end(_ account: Int32?, _ status: Int, now: Int64) {
        guard let account else { return }
        accounts.end(account, wasWrong: status == 400, now: now)
    }
}

extension HTTPRequest {
    /// What it shows of who sends it.
    fileprivate var credentials: Credentials {
        .key(header("x-mbx-apikey")) { () throws(BinanceError) in
            try WireParameters.signaturePayload(query: query, body: body)
        }
    }
}

extension Endpoint {
    /// What is asked of a request to it.
    func terms(_ parameters: WireParameters) -> Terms {
        var terms = Terms(weight: weight(of: parameters), need: need, isSigned: security.isSigned)
        terms.orders = orders
        // A session begins with a signature, though its row says that a name is enough.
        if operation == .logon { terms.isSigned = true }
        terms.isNamed = isNamed(parameters)
        return terms
    }

    /// What key a request to it needs.
    private var need: Terms.Need {
        switch operation {
        case .walletTransfer: return .allowed(.transfer)
        // What a session says of itself; it has its key.
        case .sessionStatus, .logout: return .none
        default: break
        }
        switch security {
        case .none: return .none
        case .marketData: return .any
        case .userStream, .userData: return .allowed(.read)
        case .trade: return .allowed(.trade)
        }
    }

    /// Whether a request names the orders that it places.
    private func isNamed(_ parameters: WireParameters) -> Bool {
        switch operation {
        case .placeOrder: parameters.has("newClientOrderId")
        case .placeAlgo: parameters.has("clientAlgoId")
        case .placeBatch: parameters["batchOrders"]?.contains("newClientOrderId") ?? false
        default: false
        }
    }
}

extension BinanceError {
    /// -1003: requests of this account were refused too often.
    static let tooOftenWrong = BinanceError(
        -1003,
        "Too many requests of this account were refused: at most \(AccountBounds.wrongPerSecond) a second.",
        http: 429
    )

    /// -1008: an account waits for too many answers.
    static let tooManyWaiting = BinanceError(
        -1008,
        "This account waits for \(AccountBounds.waitingLimit) answers already.",
        http: 503
    )
}
