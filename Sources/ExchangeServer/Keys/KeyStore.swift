import Crypto
public import ExchangeCore
import Foundation
import Synchronization

/// Why keys cannot be read or kept.
public struct KeyStoreError: Error, CustomStringConvertible {
    /// What is wrong, with the file.
    public var description: String
}

/// The keys of the interface, in a file of the venue's own, encrypted; never in the log.
///
/// The file is ChaCha20-Poly1305 over JSON. The key to it comes from the environment or, for a venue on
/// one machine, from a file beside it that only its owner reads.
public final class KeyStore: Sendable {
    fileprivate struct State {
        var keys: [String: APIKey] = [:]
        var names: [Int32: [String]] = [:]
    }
    private let state = Mutex(State())
    private let path: String
    private let master: SymmetricKey
    /// What stands open with the keys.
    let doors = Doors()

    /// The variable that holds 64 hexadecimal digits.
    public static let variable = "ZEROSUM_MASTER_KEY"
    /// The most keys of an account.
    public static let limit = 30

    /// Opens the store in a directory, or begins one.
    ///
    /// - Throws: `KeyStoreError` if a file cannot be read, is not the store's, or is encrypted otherwise.
    public init(directory: String, environment: [String: String]? = nil) throws {
        let environment = environment ?? ProcessInfo.processInfo.environment
        path = directory + "/keys"
        master = try KeyStore.masterKey(directory, environment)
        guard let sealed = try SecretFile.read(path) else { return }
        guard let box = try? ChaChaPoly.SealedBox(combined: sealed),
            let plain = try? ChaChaPoly.open(box, using: master),
            let keys = try? JSONDecoder().decode([APIKey].self, from: plain)
        else {
            throw KeyStoreError(description: "\(path): not encrypted with the master key in use")
        }
        for key in keys where !key.isUsable {
            throw KeyStoreError(description: "\(path): a key of account \(key.account) is empty")
        }
        state.withLock { for key in keys { $0.add(key) } }
    }

    private static func masterKey(_ directory: String, _ environment: [String: String]) throws -> SymmetricKey
    {
        if let text = environment[variable] {
            guard let bytes = bytes(hexadecimal: text), bytes.count == 32 else {
                throw KeyStoreError(description: "\(variable): 64 hexadecimal digits are expected")
            }
            return SymmetricKey(data: bytes)
        }
        let path = directory + "/master.key"
        if let data = try SecretFile.read(path) {
            guard data.count == 32 else { throw KeyStoreError(description: "\(path): 32 bytes are expected") }
            return SymmetricKey(data: data)
        }
        let key = SymmetricKey(size: .bits256)
        try SecretFile.write(key.withUnsafeBytes { Array($0) }, to: path)
        return key
    }

    /// The bytes of a text in hexadecimal, of any case; nil if it is none.
    static func bytes(hexadecimal text: String) -> [UInt8]? {
        let digits = Array(text.utf8)
        if digits.count % 2 != 0 { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = value(digits[index]), let low = value(digits[index + 1]) else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case 48...57: digit - 48
        case 65...70: digit - 55
        case 97...102: digit - 87
        default: nil
        }
    }

    /// The key with that name.
    public func key(named name: String) -> APIKey? { state.withLock { $0.keys[name] } }

    /// All keys of an account.
    public func keys(of account: AccountID) -> [APIKey] {
        state.withLock { state in (state.names[account.raw] ?? []).compactMap { state.keys[$0] } }
    }

    /// How many keys there are.
    public var count: Int { state.withLock { $0.keys.count } }

    /// Adds a key, and keeps it before it returns.
    ///
    /// - Throws: `KeyStoreError` if it is empty, if the account has too many, or if it cannot be kept.
    public func add(_ key: APIKey) throws {
        if !key.isUsable {
            throw KeyStoreError(
                description: "a key needs a name, and a secret or public key that can be read"
            )
        }
        try state.withLock { state in
            if state.names[key.account]?.count ?? 0 >= KeyStore.limit {
                throw KeyStoreError(description: "the account has \(KeyStore.limit) keys already")
            }
            // What cannot be kept is not there either.
            var next = state
            next.add(key)
            try save(next)
            state = next
        }
    }

    /// Takes a key away with all that it holds open (API-16), and keeps that before it returns.
    public func remove(_ name: String) throws {
        try state.withLock { state in
            var next = state
            guard let key = next.keys.removeValue(forKey: name) else { return }
            next.names[key.account]?.removeAll { $0 == name }
            try save(next)
            state = next
        }
        doors.end(.key(name), .takenAway)
    }

    /// Opens a door until the key with that name is taken away; nil if it was.
    func open(_ door: Door, with name: String, shut: @escaping @Sendable (RightEnd) -> Void) -> Doors.Pass? {
        doors.open(door, with: .key(name), while: { key(named: name) != nil }, shut: shut)
    }

    private func save(_ state: State) throws {
        let keys = state.keys.values.sorted { $0.name < $1.name }
        let sealed = try ChaChaPoly.seal(try JSONEncoder().encode(keys), using: master)
        try SecretFile.write(Array(sealed.combined), to: path)
    }
}

extension KeyStore.State {
    fileprivate mutating func add(_ key: APIKey) {
        keys[key.name] = key
        names[key.account, default: []].append(key.name)
    }
}
