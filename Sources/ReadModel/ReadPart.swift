public import ExchangeCore

/// A command that was applied, with what it did: what everything that clients are shown is made of.
public struct AppliedCommand: Sendable {
    /// The command. Without it a conditional order's details are not known: the core's events leave them
    /// out.
    public var command: Command?
    /// Its time.
    public var at: Timestamp
    /// Its number in the log.
    public var sequence: UInt64
    /// Its events in order, the outcome last.
    public var events: [Event]

    /// A command with its time, number and events.
    public init(command: Command?, at: Timestamp, sequence: UInt64 = 0, events: [Event]) {
        self.command = command
        self.at = at
        self.sequence = sequence
        self.events = events
    }
}

/// A part of what clients are shown: made of what commands did alone, bounded, and written out as bytes so
/// that a restart goes on with it (HIST-5).
public protocol ReadPart: Sendable {
    /// Takes in what one command did.
    mutating func take(_ applied: AppliedCommand)
    /// Writes all of it.
    func encodeView(into writer: inout ByteWriter)
}
