#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A directory of the file system. Of the files that were used the newest few stay open, whatever the log's
/// length (DUR-11).
///
/// Calls may come from two threads as long as they concern different files, but for opening and closing,
/// which a lock guards.
public final class DirectoryStorage: Storage, @unchecked Sendable {
    /// The directory's path.
    public let place: String
    private let directory: Int32
    private let isReadOnly: Bool
    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    /// A file that is open.
    private struct OpenFile {
        var descriptor: Int32
        /// Calls that use it now.
        var users = 0
        /// Whether something was written that was not synced: such a file stays open, because an error of
        /// the disk is told to those who had it open.
        var isDirty = false
        /// When it was used last.
        var used: UInt64 = 0
    }
    private var files: [String: OpenFile] = [:]
    private var uses: UInt64 = 0
    /// Files that stay open though nobody uses them and nothing of them waits for a sync.
    public static let idleLimit = 8

    /// Opens a directory, making it if there is none, and keeps every other process out of it.
    ///
    /// - Parameter readOnly: changes nothing and locks nobody out, to look at a log that is being written.
    /// - Throws: `StorageError` if it cannot be made, opened or locked; "in use by another process" if it
    ///   is locked already.
    public init(path: String, readOnly: Bool = false) throws(StorageError) {
        place = path
        isReadOnly = readOnly
        if !readOnly && mkdir(path, 0o700) != 0 && errno != EEXIST {
            throw DirectoryStorage.last(path, "make it")
        }
        directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if directory < 0 { throw DirectoryStorage.last(path, "open it") }
        lock = .allocate(capacity: 1)
        lock.initialize(to: pthread_mutex_t())
        pthread_mutex_init(lock, nil)
        if !readOnly && flock(directory, LOCK_EX | LOCK_NB) != 0 {
            let reason = errno == EWOULDBLOCK ? "in use by another process" : String(cString: strerror(errno))
            throw StorageError(path: path, action: "lock it", reason: reason)
        }
    }

    deinit {
        for file in files.values { close(file.descriptor) }
        if directory >= 0 { close(directory) }
        pthread_mutex_destroy(lock)
        lock.deinitialize(count: 1)
        lock.deallocate()
    }

    private static func last(_ path: String, _ action: String) -> StorageError {
        StorageError(path: path, action: action, reason: String(cString: strerror(errno)))
    }

    private func failure(_ name: String, _ action: String) -> StorageError {
        DirectoryStorage.last("\(place)/\(name)", action)
    }

    /// Calls `body` with a file's descriptor, which stays open at least that long.
    private func with<R>(
        _ name: String,
        _ body: (Int32) throws(StorageError) -> R
    ) throws(StorageError) -> R {
        let file = try use(name)
        defer { release(name) }
        return try body(file)
    }

    private func use(_ name: String) throws(StorageError) -> Int32 {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        if files[name] == nil {
            // A pipe in a file's place is opened without waiting for its writer, and then refused.
            let flags = (isReadOnly ? O_RDONLY : O_RDWR) | O_CLOEXEC | O_NONBLOCK
            let opened = openat(directory, name, flags)
            if opened < 0 { throw failure(name, "open it") }
            if let found = DirectoryStorage.notAFile(opened) {
                close(opened)
                let reason = "it is \(found), expected a file"
                throw StorageError(path: "\(place)/\(name)", action: "open it", reason: reason)
            }
            add(name, opened)
        }
        uses += 1
        files[name]?.users += 1
        files[name]?.used = uses
        return files[name]?.descriptor ?? -1
    }

    /// What a descriptor is of, if not of a file.
    private static func notAFile(_ descriptor: Int32) -> String? {
        var status = stat()
        if fstat(descriptor, &status) != 0 { return "unknown" }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return nil
        case S_IFDIR: return "a directory"
        case S_IFIFO: return "a pipe"
        default: return "a device or a socket"
        }
    }

    private func release(_ name: String) {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        files[name]?.users -= 1
    }

    /// Notes an open file, and closes the one that was idle longest if too many are. The lock must be held.
    private func add(_ name: String, _ descriptor: Int32) {
        files[name] = OpenFile(descriptor: descriptor)
        let idle = files.filter { $0.key != name && $0.value.users == 0 && !$0.value.isDirty }
        if idle.count < DirectoryStorage.idleLimit { return }
        guard let oldest = idle.min(by: { $0.value.used < $1.value.used }) else { return }
        files[oldest.key] = nil
        close(oldest.value.descriptor)
    }

    private func note(_ name: String, isDirty: Bool) {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        files[name]?.isDirty = isDirty
    }

    /// How many files are open.
    var openFiles: Int {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return files.count
    }

    /// Forgets the open file of a name that goes, or that becomes another file's.
    private func forget(_ name: String) {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        if let open = files.removeValue(forKey: name) { close(open.descriptor) }
    }

    /// Whether the directory still lies at its path, and files that are open under their names: what is
    /// written to others is lost with the process (RUN-4).
    public func check(_ names: [String]) throws(StorageError) {
        var (there, own) = (stat(), stat())
        if stat(place, &there) != 0 { throw DirectoryStorage.last(place, "find it") }
        if fstat(directory, &own) != 0 { throw DirectoryStorage.last(place, "look at it") }
        if there.st_ino != own.st_ino || there.st_dev != own.st_dev {
            throw StorageError(path: place, action: "find it", reason: "another directory lies there")
        }
        for name in names {
            try with(name) { file throws(StorageError) in
                if fstatat(directory, name, &there, 0) != 0 { throw failure(name, "find it") }
                if fstat(file, &own) != 0 { throw failure(name, "look at it") }
                if there.st_ino != own.st_ino || there.st_dev != own.st_dev {
                    throw StorageError(
                        path: "\(place)/\(name)",
                        action: "find it",
                        reason: "another file lies there"
                    )
                }
            }
        }
    }

    /// All names, in byte order.
    public func names() throws(StorageError) -> [String] {
        let copy = dup(directory)
        guard copy >= 0, let stream = fdopendir(copy) else { throw failure(".", "list it") }
        defer { closedir(stream) }
        rewinddir(stream)
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else { break }
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        if errno != 0 { throw failure(".", "list it") }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// The size of a file in bytes.
    public func size(of name: String) throws(StorageError) -> Int {
        try with(name) { file throws(StorageError) in
            let end = lseek(file, 0, SEEK_END)
            if end < 0 { throw failure(name, "measure it") }
            return Int(end)
        }
    }

    /// At most `count` bytes from `offset` on; fewer only at the end of the file.
    public func read(_ name: String, at offset: Int, count: Int) throws(StorageError) -> [UInt8] {
        try with(name) { file throws(StorageError) in
            var bytes = [UInt8](repeating: 0, count: count)
            var got = 0
            while got < count {
                let done = bytes.withUnsafeMutableBytes { buffer in
                    pread(file, buffer.baseAddress.map { $0 + got }, count - got, off_t(offset + got))
                }
                if done < 0 && errno == EINTR { continue }
                if done < 0 { throw failure(name, "read it") }
                if done == 0 { break }
                got += done
            }
            bytes.removeLast(count - got)
            return bytes
        }
    }

    /// Makes a file of `size` zero bytes, all of them written.
    public func create(_ name: String, size: Int) throws(StorageError) {
        forget(name)
        let opened = openat(directory, name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        if opened < 0 { throw failure(name, "make it") }
        pthread_mutex_lock(lock)
        add(name, opened)
        pthread_mutex_unlock(lock)
        let zeros = [UInt8](repeating: 0, count: min(size, 1 << 20))
        var offset = 0
        while offset < size {
            let part = min(zeros.count, size - offset)
            try write(name, at: offset, zeros.span.bytes.extracting(first: part))
            offset += part
        }
    }

    /// Writes all bytes at `offset`, however many calls that takes.
    public func write(_ name: String, at offset: Int, _ bytes: RawSpan) throws(StorageError) {
        try with(name) { file throws(StorageError) in
            note(name, isDirty: true)
            var written = 0
            while written < bytes.byteCount {
                let done = bytes.withUnsafeBytes { buffer in
                    pwrite(
                        file,
                        buffer.baseAddress.map { $0 + written },
                        buffer.count - written,
                        off_t(offset + written)
                    )
                }
                if done < 0 && errno == EINTR { continue }
                if done < 0 { throw failure(name, "write it") }
                if done == 0 {
                    throw StorageError(
                        path: "\(place)/\(name)",
                        action: "write it",
                        reason: "nothing written"
                    )
                }
                written += done
            }
        }
    }

    /// Lets the kernel write these bytes now; an error is found by the sync that follows.
    public func startWriting(_ name: String, at offset: Int, count: Int) {
        #if os(Linux)
            // Starts what is dirty there on its way, and waits for nothing.
            _ = try? with(name) { file throws(StorageError) in
                posix_fadvise(file, off_t(offset), off_t(count), POSIX_FADV_DONTNEED)
            }
        #endif
    }

    /// Makes what was written to a file durable; an error is final.
    public func sync(_ name: String) throws(StorageError) {
        // Not tried again on any error: after a failed sync what is on the disk is not known (DUR-5).
        try with(name) { file throws(StorageError) in
            if fdatasync(file) != 0 { throw failure(name, "sync it") }
        }
        note(name, isDirty: false)
    }

    /// Gives a file another name.
    public func rename(_ name: String, to other: String) throws(StorageError) {
        forget(other)
        if renameat(directory, name, directory, other) != 0 { throw failure(name, "rename it") }
        // What is open stays open under its new name: there may be no more files to be had.
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        files[other] = files.removeValue(forKey: name)
    }

    /// Takes a file away.
    public func remove(_ name: String) throws(StorageError) {
        forget(name)
        if unlinkat(directory, name, 0) != 0 { throw failure(name, "remove it") }
    }

    /// Makes names durable.
    public func syncDirectory() throws(StorageError) {
        if fsync(directory) != 0 { throw failure(".", "sync it") }
    }
}
