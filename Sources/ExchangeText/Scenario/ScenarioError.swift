/// A line of a scenario that cannot be applied, or whose expectation does not hold.
public struct ScenarioError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The line's number, from 1.
    public var line: Int
    /// What is wrong, without a full stop.
    public var message: String
    /// What was expected instead.
    public var expected: String

    /// An error.
    public init(line: Int, message: String, expected: String) {
        self.line = line
        self.message = message
        self.expected = expected
    }

    /// `LINE: what is wrong; expected what was expected`.
    public var description: String { "\(line): \(message); expected \(expected)" }
}
