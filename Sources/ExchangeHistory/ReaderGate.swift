import Foundation

/// Lets readers in until it is shut, and shuts when the last of them has left.
final class ReaderGate: @unchecked Sendable {
    private let lock = NSCondition()
    private var readers = 0
    private var isShut = false

    /// Whether a reader may go in; one that was let in leaves.
    func enter() -> Bool {
        lock.lock()
        defer { lock.unlock() }
        if isShut { return false }
        readers += 1
        return true
    }

    func leave() {
        lock.lock()
        readers -= 1
        lock.broadcast()
        lock.unlock()
    }

    /// Lets nobody in any more, and waits for those who are inside.
    func shut() {
        lock.lock()
        isShut = true
        while readers > 0 { lock.wait() }
        lock.unlock()
    }
}
