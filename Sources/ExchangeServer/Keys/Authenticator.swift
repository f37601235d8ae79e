import BinanceDialect
import Crypto
import CryptoExtras
import ExchangeCore
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

    /// The key that a request names, for what needs no signature.
    func named(_ name: String?, from address: String) throws(BinanceError) -> APIKey {
        guard let name, !name.isEmpty else { throw .badKeyFormat }
        guard name.utf8.count <= 128, let key = keys.key(named: name) else { throw .badKey }
        if !key.addresses.isEmpty && !key.addresses.contains(address) { throw .badKey }
        return key
    }

    /// Checks a signed request.
    ///
    /// - Throws: Binance's errors in its order: key, timestamp, signature, permission.
    func check(
        _ name: String?,
        _ payload: SignedPayload,
        _ parameters: WireParameters,
        for scope: KeyScope,
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
        if scope != .read { try refuseReplay(key, signed, parameters, now: now) }
        return key
    }

    /// Lets a session go on that logged on before: its key must still be there, and may do this.
    func check(
        session name: String,
        for scope: KeyScope,
        from address: String
    ) throws(BinanceError) -> APIKey {
        let key = try named(name, from: address)
        try Authenticator.permit(key, scope)
        return key
    }

    private static func permit(_ key: APIKey, _ scope: KeyScope) throws(BinanceError) {
        if !key.scopes.contains(scope) { throw .badKey }
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
        guard let data = Data(base64Encoded: lines.joined()), data.count >= 32 else { return nil }
        return try? Curve25519.Signing.PublicKey(rawRepresentation: data.suffix(32))
    }

    /// A request that trades is taken once within its window, also across a restart.
    private func refuseReplay(
        _ key: APIKey,
        _ signed: [UInt8],
        _ parameters: WireParameters,
        now: Int64
    ) throws(BinanceError) {
        let timestamp = try parameters.requiredInteger("timestamp")
        if timestamp < earliest { throw .replayed }
        // Of the bytes that are signed, not of those that came: the same order may be escaped otherwise, and
        // its signature written in other letters, by somebody who cannot sign.
        let mark = SeenRequests.Mark(SHA256.hash(data: Array(key.name.utf8) + [0] + signed))
        if !seen.withLock({ $0.insert(mark, now: now) }) { throw .replayed }
    }
}

extension Endpoint {
    /// What a key must be allowed for this.
    var scope: KeyScope {
        if operation == .walletTransfer { return .transfer }
        return security == .trade ? .trade : .read
    }
}

extension BinanceError {
    /// -1021: the same signed request was here before.
    static let replayed = BinanceError(
        -1021,
        "Timestamp for this request was already used by an identical request."
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

    /// Many small sets: a large one that grows keeps every client waiting.
    private struct Marks {
        private var parts = [Set<Mark>](repeating: [], count: 1_024)
        private static func part(of mark: Mark) -> Int { Int(mark.low & 1_023) }

        func contains(_ mark: Mark) -> Bool { parts[Marks.part(of: mark)].contains(mark) }

        mutating func insert(_ mark: Mark) -> Bool { parts[Marks.part(of: mark)].insert(mark).inserted }
    }

    private var current = Marks()
    private var previous = Marks()
    private var turned: Int64 = 0

    /// Notes a request; false if it was here already. `now` is in ms.
    mutating func insert(_ mark: Mark, now: Int64) -> Bool {
        // Two halves of over a minute each: what is forgotten is older than the longest window.
        if now - turned > 62_000 {
            previous = now - turned > 124_000 ? Marks() : current
            current = Marks()
            turned = now
        }
        if previous.contains(mark) { return false }
        return current.insert(mark)
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
