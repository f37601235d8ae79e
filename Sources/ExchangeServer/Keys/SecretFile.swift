import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Files that hold a secret: nobody but their owner may read them, from the moment they are there (API-7).
enum SecretFile {
    /// Writes a file, whole or not at all, also after a loss of power: beside it, and renamed.
    ///
    /// - Throws: `KeyStoreError` with the file and why.
    static func write(_ bytes: [UInt8], to path: String) throws(KeyStoreError) {
        let temporary = path + ".new"
        unlink(temporary)
        let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        if file < 0 { throw failure(temporary, "make it") }
        do throws(KeyStoreError) {
            try fill(file, bytes, temporary)
        } catch {
            close(file)
            unlink(temporary)
            throw error
        }
        close(file)
        if rename(temporary, path) != 0 {
            let error = failure(path, "replace it")
            unlink(temporary)
            throw error
        }
        sync(directoryOf: path)
    }

    private static func fill(_ file: Int32, _ bytes: [UInt8], _ path: String) throws(KeyStoreError) {
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Self.write(file, $0) }
            if count < 0 && errno == EINTR { continue }
            if count <= 0 { throw failure(path, "write it") }
            written += count
        }
        if fsync(file) != 0 { throw failure(path, "sync it") }
    }

    private static func write(_ file: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
        #if canImport(Glibc)
            Glibc.write(file, bytes.baseAddress, bytes.count)
        #elseif canImport(Musl)
            Musl.write(file, bytes.baseAddress, bytes.count)
        #else
            Darwin.write(file, bytes.baseAddress, bytes.count)
        #endif
    }

    private static func sync(directoryOf path: String) {
        let directory = open(URL(filePath: path).deletingLastPathComponent().path, O_RDONLY | O_CLOEXEC)
        if directory < 0 { return }
        fsync(directory)
        close(directory)
    }

    /// Reads a file, nil if there is none; one that others could read, such as a copy, no longer can be.
    static func read(_ path: String) throws(KeyStoreError) -> [UInt8]? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        chmod(path, 0o600)
        guard let data = FileManager.default.contents(atPath: path) else {
            throw KeyStoreError(description: "\(path): cannot be read")
        }
        return Array(data)
    }

    private static func failure(_ path: String, _ action: String) -> KeyStoreError {
        KeyStoreError(description: "\(path): cannot \(action): \(String(cString: strerror(errno)))")
    }
}

/// What an operator's token must be.
enum OperatorToken {
    /// Bytes of one at least: a shorter one is guessed, and an empty one is what a variable that is not set
    /// gives.
    static let shortest = 16

    /// The token that was given, or one that is made up.
    ///
    /// - Throws: `VenueError` for one that is too short, or that no header can carry as it is.
    static func checked(_ given: String?) throws(VenueError) -> String {
        guard let given else { return APIKey.token() }
        if given.utf8.count < shortest {
            throw VenueError(
                "--token: at least \(shortest) characters are expected, not \(given.utf8.count); "
                    + "without --token one is made up"
            )
        }
        if !given.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) {
            throw VenueError("--token: letters, digits and signs of ASCII are expected, and no spaces")
        }
        return given
    }
}
