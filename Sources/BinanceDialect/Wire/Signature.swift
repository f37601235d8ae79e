public import ExchangeText

/// What a signature must be that of (WIRE-2). Nothing here checks one: keys are the server's.
public struct SignedPayload: Hashable, Sendable {
    /// The bytes as they came, without the signature's own pair: to be tried first.
    public var raw: [UInt8]
    /// The same percent-decoded, if that is different: clients that sign before they encode.
    public var decoded: [UInt8]?
    /// The signature as text: hexadecimal in any case, or base64.
    public var signature: String
}

extension WireParameters {
    /// The payload of a REST request: raw query and raw body, one right behind the other, less the pair of
    /// the signature, wherever it stands.
    ///
    /// - Throws: -1102 without a signature.
    public static func signaturePayload(
        query: [UInt8],
        body: [UInt8] = []
    ) throws(BinanceError) -> SignedPayload {
        if query.count > sizeLimit || body.count > sizeLimit { throw .tooLarge }
        var signature: String?
        let raw = strip(query, &signature) + strip(body, &signature)
        guard let signature, !signature.isEmpty else { throw .mandatory("signature") }
        let isEncoded = raw.contains(UInt8(ascii: "%"))
        let decoded = isEncoded ? PercentText.decoded(raw, plusIsSpace: false) : nil
        return SignedPayload(raw: raw, decoded: decoded == raw ? nil : decoded, signature: signature)
    }

    private static let signatureName = Array("signature=".utf8)

    private static func strip(_ bytes: [UInt8], _ signature: inout String?) -> [UInt8] {
        var kept: [UInt8] = []
        kept.reserveCapacity(bytes.count)
        var isFirst = true
        for piece in bytes.split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: false) {
            if !isSignature(piece) {
                if !isFirst { kept.append(UInt8(ascii: "&")) }
                isFirst = false
                kept += piece
            } else if signature == nil {
                // A plus sign is a digit of base64 here, whatever forms take it for.
                signature = PercentText.text(piece.dropFirst(signatureName.count), plusIsSpace: false) ?? ""
            }
        }
        return kept
    }

    private static func isSignature(_ piece: ArraySlice<UInt8>) -> Bool {
        if piece.count < signatureName.count { return false }
        return zip(piece, signatureName).allSatisfy { ($0 >= 65 && $0 <= 90 ? $0 + 32 : $0) == $1 }
    }

    /// The payload of a WS-API request: all parameters but the signature, sorted by name, values as they
    /// are, `true` and `false` in small letters.
    ///
    /// - Throws: -1102 without a signature.
    public static func signaturePayload(parameters: [JSONMember]) throws(BinanceError) -> SignedPayload {
        var signature: String?
        var pairs: [(name: String, value: String)] = []
        for member in parameters {
            guard let text = text(of: member.value) else { continue }
            if member.key == "signature" {
                signature = text
            } else {
                pairs.append((member.key, text))
            }
        }
        guard let signature, !signature.isEmpty else { throw .mandatory("signature") }
        pairs.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        let raw = pairs.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
        return SignedPayload(raw: Array(raw.utf8), decoded: nil, signature: signature)
    }

    /// The window of a signed request (WIRE-2).
    ///
    /// - Parameter serverTime: now, in ms.
    /// - Throws: -1102 without a timestamp, -1130 or -1131 for the window, -1021 if the request is too old
    ///   or from the future.
    public func checkTime(serverTime: Int64) throws(BinanceError) {
        let timestamp = try requiredInteger("timestamp")
        let window = try integer("recvWindow") ?? 5_000
        if window > 60_000 { throw .badWindow }
        if timestamp - serverTime >= 1_000 { throw .aheadOfServer }
        if serverTime - timestamp > window { throw .outsideWindow }
    }
}
