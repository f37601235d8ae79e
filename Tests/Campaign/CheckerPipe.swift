import Glibc
import TestSupport

/// A checker that reads the ledger lines of a campaign on its standard input.
final class CheckerPipe {
    private let file: UnsafeMutablePointer<FILE>
    /// What the worlds write into.
    let stream: LedgerStream

    /// Starts a command of the shell; nil if it cannot be started.
    init?(_ command: String) {
        // A checker that ends early has refused something and says so: its status counts, not the signal.
        signal(SIGPIPE, SIG_IGN)
        guard let file = popen(command, "w") else { return nil }
        self.file = file
        stream = LedgerStream { bytes in
            _ = bytes.withUnsafeBytes { fwrite($0.baseAddress, 1, $0.count, file) }
        }
    }

    /// Whether it still reads: who has refused something does not.
    var isOpen: Bool { ferror(file) == 0 }

    /// Ends the input and waits; the status that the command ended with.
    func close() -> Int32 {
        stream.flush()
        // What the checker says comes after what has been said here, not in the middle of it.
        fflush(nil)
        return pclose(file)
    }
}
