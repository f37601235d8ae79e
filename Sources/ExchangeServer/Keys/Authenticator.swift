import BinanceDialect
import Crypto
import CryptoExtras
import Foundation
import Synchronization

/// Tells who sends a request (WIRE-2): the key, its signature, its window, its scope, and that the same
/// request was not here before.
final class Authenticator: Sendable {
    private let keys: KeyStore
    /// Requests with an earlier timestamp may have been executed before the venue was restarted.
    private let earliest: Int64
    private let seen = Mutex(SeenRequests())

    /// - Parameter earliest: ms; what may have been accepted by an earlier run has a timestamp before it.
    init(_ keys: KeyStore, earliest: Int64) {
        self.keys = keys
        self.earliest = earliest
    }

    /// The key that a request names.
    private func named(_ name: String?, from address: String) throws(BinanceError) -> APIKey {
        guard let name, !name.isEmpty else { throw .badKeyFormat }
        guard name.utf8.count <= 128, let key = keys.key(named: name) else { throw .badKey }
        if !key.mayComeFrom(address) { throw .badKey }
        return key
    }

    /// Checks a signed request.
    ///
    /// - Throws: Binance's errors in its order: key, timestamp, signature, permission.
    func check(
        _ name: String?,
        _ payload: SignedPayload,
        _ parameters: WireParameters,
        for scope: KeyScope?,
        isNamed: Bool,
        from address: String,
        now: Int64
    ) throws(BinanceError) -> APIKey {
        // A name that nobody has takes the same way, so that its answer comes no sooner.
        let found: APIKey?
        var refusal: BinanceError?
        do throws(BinanceError) {
            found = try named(name, from: address)
        } catch {
            found = nil
            refusal = error
        }
        let signed = Authenticator.signed(payload, by: found ?? Authenticator.nobody)
        if let refusal { throw refusal }
        guard let key = found else { throw .badKey }
        try parameters.checkTime(serverTime: now)
        guard let signed else { throw .badSignature }
        try Authenticator.permit(key, scope)
        if scope != .read {
            try refuseRepeated(key, signed, parameters, isNamed: isNamed, from: address, now: now)
        }
        return key
    }

    /// Lets in what needs no signature, or comes in a session that logged on before: the key must be there,
    /// and may do this.
    func check(
        unsigned name: String?,
        for scope: KeyScope?,
        from address: String
    ) throws(BinanceError) -> APIKey {
        let key = try named(name, from: address)
        try Authenticator.permit(key, scope)
        return key
    }

    private static func permit(_ key: APIKey, _ scope: KeyScope?) throws(BinanceError) {
        if let scope, !key.scopes.contains(scope) { throw .badKey }
    }

    private static let nobody = APIKey(
        name: "",
        kind: .hmac,
        material: "nobody",
        account: -1,
        scopes: []
    )

    /// The bytes that the signature is over; nil if it is over neither form.
    private static func signed(_ payload: SignedPayload, by key: APIKey) -> [UInt8]? {
        if verify(payload.raw, payload.signature, key) { return payload.raw }
        guard let decoded = payload.decoded else { return nil }
        return verify(decoded, payload.signature, key) ? decoded : nil
    }

    private static func verify(_ payload: [UInt8], _ signature: String, _ key: APIKey) -> Bool {
        switch key.kind {
        case .hmac:
            // Compared in constant time by the library.
            return HMAC<SHA256>.isValidAuthenticationCode(
                KeyStore.bytes(hexadecimal: signature) ?? [],
                authenticating: payload,
                using: SymmetricKey(data: Array(key.material.utf8))
            )
        case .ed25519:
            guard let bytes = Data(base64Encoded: signature), let verifier = ed25519(key.material) else {
                return false
            }
            return verifier.isValidSignature(bytes, for: payload)
        case .rsa:
            guard let bytes = Data(base64Encoded: signature),
                let key = try? _RSA.Signing.PublicKey(pemRepresentation: key.material)
            else { return false }
            return key.isValidSignature(
                _RSA.Signing.RSASignature(rawRepresentation: bytes),
                for: SHA256.hash(data: payload),
                padding: .insecurePKCS1v1_5
            )
        }
    }

    /// Whether a public key of a kind can be read.
    static func canRead(_ material: String, _ kind: KeyKind) -> Bool {
        switch kind {
        case .hmac: !material.isEmpty
        case .ed25519: ed25519(material) != nil
        case .rsa: (try? _RSA.Signing.PublicKey(pemRepresentation: material)) != nil
        }
    }

    /// A public key as PEM, or as base64 of its DER form or of its 32 bytes.
    static func ed25519(_ text: String) -> Curve25519.Signing.PublicKey? {
        let lines = text.split(whereSeparator: \.isNewline).filter { !$0.hasPrefix("-----") }
        guard let data = Data(base64Encoded: lines.joined()) else { return nil }
        // Any other bytes are some other key, or none: their end would be a key that nobody has.
        let bytes = Array(data)
        let isRaw = bytes.count == 32
        guard isRaw || (bytes.count == 44 && bytes.starts(with: ed25519Head)) else { return nil }
        // All zeros is what an empty key looks like: it verifies what nobody signed.
        if bytes.suffix(32).allSatisfy({ $0 == 0 }) { return nil }
        return try? Curve25519.Signing.PublicKey(rawRepresentation: bytes.suffix(32))
    }

    /// How the DER form of an Ed25519 key begins (RFC 8410).
    private static let ed25519Head: [UInt8] = [48, 42, 48, 5, 6, 3, 43, 101, 112, 3, 33, 0]

    /// A signed request that trades is taken again only if its sender can be taken to mean it: two equal
    /// orders of a grid, not one that somebody caught, nor one that a client sends again because it got no
    /// answer (API-8).
    private func refuseRepeated(
        _ key: APIKey,
        _ signed: [UInt8],
        _ parameters: WireParameters,
        isNamed: Bool,
        from address: String,
        now: Int64
    ) throws(BinanceError) {
        let timestamp = try parameters.requiredInteger("timestamp")
        // Its clock is right: it is the venue that does not know what it did before it was started.
        if timestamp < earliest { throw .startedSince }
        // Of the bytes that are signed, not of those that came: the same order may be escaped otherwise, and
        // its signature written in other letters, by somebody who cannot sign.
        let mark = SeenRequests.Mark(SHA256.hash(data: Array(key.name.utf8) + [0] + signed))
        guard let first = seen.withLock({ $0.note(mark, from: address, now: now) }) else { return }
        if isNamed { throw .repeatedName }
        if first.isOfTheSameMoment(address, now) { return }
        throw .repeated
    }
}

extension BinanceError {
    /// -1008: what the venue did before it was started is not known by request.
    static let startedSince = BinanceError(
        -1008,
        "The venue was started since, and cannot tell whether it took this very request before. "
            + "Nothing was done now; sign it with a new timestamp.",
        http: 503
    )

    /// -4116: the same signed request was here before, and what it makes has a name.
    static let repeatedName = BinanceError(
        -4116,
        "ClientOrderId is duplicated: this very request was taken before."
    )

    /// -2010: the same signed request was here before.
    static let repeated = BinanceError(
        -2010,
        "Duplicate request: this very request was taken before. Sign it with another timestamp."
    )
}

/// Signed requests of the last minute: enough, because older ones are outside of every window.
struct SeenRequests {
    /// A request: the first half of a SHA-256. Another one with the same would take 2^64 hashes, by whoever
    /// can sign for the key anyway.
    struct Mark: Hashable {
        var low: UInt64
        var high: UInt64

        // As good as random already.
        func hash(into hasher: inout Hasher) { hasher.combine(high) }
    }

    /// When a request came first, and from where.
    struct First {
        private var at: Int64
        private var address: Int

        /// ms within which equal requests are a client's own.
        static let moment: Int64 = 1_000

        init(_ address: String, _ now: Int64) {
            at = now
            self.address = address.hashValue
        }

        /// Whether another one can be taken to come from whoever sent the first.
        func isOfTheSameMoment(_ address: String, _ now: Int64) -> Bool {
            now - at <= First.moment && address.hashValue == self.address
        }
    }

    /// Many small tables: a large one that grows keeps every client waiting.
    private struct Marks {
        private var parts = [[Mark: First]](repeating: [:], count: 1_024)
        subscript(_ mark: Mark) -> First? {
            get { parts[Int(mark.low & 1_023)][mark] }
            set { parts[Int(mark.low & 1_023)][mark] = newValue }
        }
    }

    private var current = Marks()
    private var previous = Marks()
    private var turned: Int64 = 0

    /// Notes a request; if it was here already, when that was. `now` is in ms.
    mutating func note(_ mark: Mark, from address: String, now: Int64) -> First? {
        // Two halves of over a minute each: what is forgotten is older than the longest window.
        if now - turned > 62_000 {
            previous = now - turned > 124_000 ? Marks() : current
            current = Marks()
            turned = now
        }
        if let first = previous[mark] ?? current[mark] { return first }
        current[mark] = First(address, now)
        return nil
    }
}

extension SeenRequests.Mark {
    init(_ digest: SHA256.Digest) {
        self = digest.withUnsafeBytes { bytes in
            Self(
                low: bytes.loadUnaligned(as: UInt64.self),
                high: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
            )
        }
    }
}
