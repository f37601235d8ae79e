public import ExchangeCore

/// What a key may do.
public enum KeyScope: String, Codable, Sendable, CaseIterable {
    /// Read the account.
    case read
    /// Trade with it.
    case trade
    /// Move cash in and out.
    case transfer
}

/// By what a key's requests are signed.
public enum KeyKind: String, Codable, Sendable {
    /// A secret that both sides know: HMAC-SHA-256.
    case hmac
    /// The client's public key: the server keeps nothing that signs.
    case ed25519, rsa
}

/// A key of the interface: whose it is, what signs for it, what it may do.
public struct APIKey: Codable, Sendable {
    /// The name that requests carry in `X-MBX-APIKEY`.
    public var name: String
    /// What signs.
    public var kind: KeyKind
    /// The secret (HMAC), or the public key as PEM or base64.
    public var material: String
    /// The account's number.
    public var account: Int32
    /// What it may do.
    public var scopes: Set<KeyScope>
    /// Addresses that may use it; empty: all.
    public var addresses: [String] = []
    /// What its owner calls it.
    public var label = ""
    /// When it was made, in ms.
    public var created: Int64 = 0

    /// Whose it is.
    public var accountID: AccountID { AccountID(account) }

    /// Whether anything can be signed with it that nobody else can sign: it has a name, and what signs is
    /// not empty.
    var isUsable: Bool { !name.isEmpty && Authenticator.canRead(material, kind) }

    /// Whether it may be used from an address.
    func mayComeFrom(_ address: String) -> Bool { addresses.isEmpty || addresses.contains(address) }

    /// A key with a fresh name and secret.
    public static func generate(
        for account: AccountID,
        scopes: Set<KeyScope> = Set(KeyScope.allCases),
        label: String = "",
        created: Int64
    ) -> APIKey {
        APIKey(
            name: token(),
            kind: .hmac,
            material: token(),
            account: account.raw,
            scopes: scopes,
            label: label,
            created: created
        )
    }

    /// Sixty-four letters and digits from the system's randomness.
    static func token() -> String {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)
        var random = SystemRandomNumberGenerator()
        let bytes = (0..<64).map { _ in letters[Int.random(in: 0..<letters.count, using: &random)] }
        return String(decoding: bytes, as: UTF8.self)
    }
}
