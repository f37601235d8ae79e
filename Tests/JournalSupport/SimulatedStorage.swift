public import ExchangeJournal
public import TestSupport

/// A disk in memory that loses power as real ones do: what was not synced is lost, cut, reordered or, if it
/// is asked for, put into a wrong place, sector by sector, as a seed draws it.
public final class SimulatedStorage: Storage {
    /// What a loss of power may do with sectors that were not synced.
    public struct Damage: Sendable {
        /// In per cent: a sector is lost, cut in its middle, one bit of it turned, written to another place.
        public var lost = 50
        public var cut = 10
        public var turned = 0
        public var misplaced = 0
        public init() {}
    }

    private final class File {
        var bytes: [UInt8] = []
        var durable: [UInt8] = []
        var pending: [(offset: Int, count: Int)] = []
    }

    public let place = "simulated"
    private var files: [String: File] = [:]
    private var durableNames: [String: File] = [:]
    /// Calls that change something, so far.
    public private(set) var calls = 0
    /// The call that fails, and whether all behind it fail too: power is lost, not one call refused.
    public var failingCall = Int.max
    public var isDead = false
    /// Why a failing call fails.
    public var reason = "Input/output error"

    public init() {}

    private func called(_ name: String, _ action: String) throws(StorageError) {
        calls += 1
        if isDead || calls == failingCall { throw StorageError(path: name, action: action, reason: reason) }
    }

    private func file(_ name: String, _ action: String) throws(StorageError) -> File {
        guard let file = files[name] else {
            throw StorageError(path: name, action: action, reason: "No such file or directory")
        }
        return file
    }

    public func names() throws(StorageError) -> [String] { files.keys.sorted() }

    public func size(of name: String) throws(StorageError) -> Int { try file(name, "measure it").bytes.count }

    public func read(_ name: String, at offset: Int, count: Int) throws(StorageError) -> [UInt8] {
        let bytes = try file(name, "read it").bytes
        return Array(bytes[min(offset, bytes.count)..<min(offset + count, bytes.count)])
    }

    public func create(_ name: String, size: Int) throws(StorageError) {
        try called(name, "make it")
        let file = File()
        file.bytes = [UInt8](repeating: 0, count: size)
        file.durable = file.bytes
        files[name] = file
    }

    public func write(_ name: String, at offset: Int, _ bytes: RawSpan) throws(StorageError) {
        let file = try file(name, "write it")
        // A call that fails may have written a part.
        let isFailing = isDead || calls + 1 == failingCall
        let count = isFailing ? bytes.byteCount / 2 : bytes.byteCount
        if !isDead {
            if file.bytes.count < offset + count {
                file.bytes += [UInt8](repeating: 0, count: offset + count - file.bytes.count)
            }
            for index in 0..<count {
                file.bytes[offset + index] = bytes.unsafeLoad(fromByteOffset: index, as: UInt8.self)
            }
            file.pending.append((offset, count))
        }
        try called(name, "write it")
    }

    public func sync(_ name: String) throws(StorageError) {
        let file = try file(name, "sync it")
        try called(name, "sync it")
        file.durable = file.bytes
        file.pending = []
    }

    public func rename(_ name: String, to other: String) throws(StorageError) {
        let file = try file(name, "rename it")
        try called(name, "rename it")
        files[name] = nil
        files[other] = file
    }

    public func remove(_ name: String) throws(StorageError) {
        _ = try file(name, "remove it")
        try called(name, "remove it")
        files[name] = nil
    }

    public func syncDirectory() throws(StorageError) {
        try called(".", "sync it")
        durableNames = files
    }

    /// Loses power and comes back: what was not synced is damaged.
    public func losePower(_ random: inout SplitMix64, _ damage: Damage = Damage()) {
        if random.chance(50) { files = durableNames }
        for name in files.keys.sorted() {
            guard let file = files[name] else { continue }
            var after = file.durable
            if file.bytes.count > after.count {
                after += [UInt8](repeating: 0, count: file.bytes.count - after.count)
            }
            for write in file.pending {
                SimulatedStorage.replay(write, of: file, into: &after, &random, damage)
            }
            file.bytes = after
            file.durable = after
            file.pending = []
        }
        durableNames = files
        revive()
    }

    private static func replay(
        _ write: (offset: Int, count: Int),
        of file: File,
        into after: inout [UInt8],
        _ random: inout SplitMix64,
        _ damage: Damage
    ) {
        var start = write.offset
        while start < write.offset + write.count {
            let end = min((start / 512 + 1) * 512, write.offset + write.count)
            var reach = end
            var place = start
            if random.chance(damage.lost) { reach = start }
            if random.chance(damage.cut) { reach = start + random.below(end - start) }
            if random.chance(damage.misplaced) {
                place = random.below(max(1, (after.count - (end - start)) / 512)) * 512
            }
            for index in start..<reach { after[place + index - start] = file.bytes[index] }
            if reach > start && random.chance(damage.turned) {
                after[place + random.below(reach - start)] ^= UInt8(1 << random.below(8))
            }
            start = end
        }
    }

    /// Works again, without having lost anything: the process ended, not the power.
    public func revive() {
        isDead = false
        failingCall = Int.max
        calls = 0
    }

    /// Changes a byte, as a fault of the medium would.
    public func turn(_ name: String, byte: Int, by mask: UInt8) {
        guard let file = files[name] else { return }
        file.bytes[byte] ^= mask
        file.durable = file.bytes
    }

    /// Replaces a file's bytes, or takes it away.
    public func set(_ name: String, _ bytes: [UInt8]?) {
        let file = File()
        file.bytes = bytes ?? []
        file.durable = file.bytes
        files[name] = bytes == nil ? nil : file
        durableNames = files
    }

    /// A disk with the same bytes.
    public func copy() -> SimulatedStorage {
        let other = SimulatedStorage()
        for (name, file) in files { other.set(name, file.bytes) }
        return other
    }
}
