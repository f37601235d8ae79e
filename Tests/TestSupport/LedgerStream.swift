public import ExchangeCore
import ExchangeText

/// Hands what moves money in the worlds of a campaign to a checker beside the auditor (proofs.md).
public final class LedgerStream {
    private var lines = LedgerLines()
    private var bytes: [UInt8] = []
    private let write: ([UInt8]) -> Void

    /// A stream that hands its bytes over in large pieces.
    public init(write: @escaping ([UInt8]) -> Void) { self.write = write }

    /// Another world begins.
    public func begin() { LedgerLines.begin(in: &bytes) }

    /// Takes the events of a command.
    public func take(_ events: borrowing EventBuffer) {
        lines.append(events, to: &bytes)
        if bytes.count >= 1 << 16 { flush() }
    }

    /// Hands over what has not been yet.
    public func flush() {
        write(bytes)
        bytes.removeAll(keepingCapacity: true)
    }
}
