public import ExchangeCore

extension CodedEnum {
    /// All of the set, lowest number first.
    public static var all: [Self] { (UInt8.min...UInt8.max).compactMap { Self(rawValue: $0) } }

    /// What is expected where none of the set is found.
    static var expected: String { "one of " + all.map { "\($0.term)" }.joined(separator: ", ") }
}
