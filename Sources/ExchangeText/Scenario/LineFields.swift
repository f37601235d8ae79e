import ExchangeCore

/// The members of one object of a line, taken out one by one; what is left over at the end is an error.
struct LineFields {
    private let line: Int
    /// Where the object is, for messages: empty, or such as `tiers[0].`.
    private let path: String
    private let members: [JSONMember]
    private var isTaken: [Bool]
    private var asked: [String] = []

    init(line: Int, path: String = "", members: [JSONMember]) {
        self.line = line
        self.path = path
        self.members = members
        isTaken = Array(repeating: false, count: members.count)
    }

    func error(_ message: String, expected: String) -> ScenarioError {
        ScenarioError(line: line, message: message, expected: expected)
    }

    private func missing(_ name: String, _ expected: String) -> ScenarioError {
        error("\"\(path)\(name)\" is missing", expected: expected)
    }

    private func wrong(_ name: String, _ value: JSONValue, _ expected: String) -> ScenarioError {
        switch value {
        case .string(let text): error("\"\(path)\(name)\" is \"\(text)\"", expected: expected)
        case .number(let text): error("\"\(path)\(name)\" is \(text)", expected: expected)
        default: error("\"\(path)\(name)\" is \(value.kind)", expected: expected)
        }
    }

    /// The value of `name`, which counts as known from now on.
    mutating func value(_ name: String) -> JSONValue? {
        asked.append(name)
        guard let index = members.firstIndex(where: { $0.key == name }) else { return nil }
        isTaken[index] = true
        return members[index].value
    }

    /// Throws if a member was not asked for.
    func finish() throws(ScenarioError) {
        guard let index = isTaken.firstIndex(of: false) else { return }
        throw error(
            "unknown field \"\(path)\(members[index].key)\"",
            expected: asked.isEmpty ? "no field" : "one of " + asked.joined(separator: ", ")
        )
    }

    // Strings

    mutating func optionalString(
        _ name: String,
        expected: String = "a string that is not empty"
    ) throws(ScenarioError) -> String? {
        guard let value = value(name) else { return nil }
        guard case .string(let text) = value, !text.isEmpty else { throw wrong(name, value, expected) }
        return text
    }

    mutating func string(
        _ name: String,
        expected: String = "a string that is not empty"
    ) throws(ScenarioError) -> String {
        guard let text = try optionalString(name, expected: expected) else { throw missing(name, expected) }
        return text
    }

    // Decimals

    private static let decimal = "a decimal string such as \"0.1\""

    private func units(
        _ name: String,
        _ value: JSONValue,
        step: Int64?
    ) throws(ScenarioError) -> Int64 {
        guard case .string(let text) = value else { throw wrong(name, value, LineFields.decimal) }
        do throws(DecimalError) {
            guard let step else { return try DecimalText.parse(text.utf8) }
            return try DecimalText.parse(text.utf8, inStepsOf: step)
        } catch {
            throw decimalError(name, text, error)
        }
    }

    private func decimalError(_ name: String, _ text: String, _ error: DecimalError) -> ScenarioError {
        let expected =
            switch error {
            case .empty, .malformed: LineFields.decimal
            case .tooPrecise(let allowed): "at most \(allowed) decimals"
            case .tooLarge: "less than \(DecimalText.string(DecimalText.limit))"
            case .notMultiple(let step): "a multiple of \(DecimalText.string(Int128(step)))"
            }
        return self.error("\"\(path)\(name)\": \"\(text)\" \(error.message)", expected: expected)
    }

    mutating func optionalUnits(_ name: String, step: Int64? = nil) throws(ScenarioError) -> Int64? {
        guard let value = value(name) else { return nil }
        return try units(name, value, step: step)
    }

    mutating func units(_ name: String, step: Int64? = nil) throws(ScenarioError) -> Int64 {
        guard let units = try optionalUnits(name, step: step) else { throw missing(name, LineFields.decimal) }
        return units
    }

    mutating func amount(_ name: String) throws(ScenarioError) -> Amount { Amount(try units(name)) }

    mutating func amount(_ name: String, default value: Amount) throws(ScenarioError) -> Amount {
        Amount(try optionalUnits(name) ?? value.units)
    }

    mutating func rate(_ name: String) throws(ScenarioError) -> Rate { Rate(try units(name)) }

    mutating func rate(_ name: String, default value: Rate) throws(ScenarioError) -> Rate {
        Rate(try optionalUnits(name) ?? value.units)
    }

    /// A price in ticks; `nil` as default makes it compulsory.
    mutating func price(
        _ name: String,
        _ market: MarketText,
        default value: Price? = nil
    ) throws(ScenarioError) -> Price {
        guard let value else { return Price(try units(name, step: market.tickSize)) }
        return Price(try optionalUnits(name, step: market.tickSize) ?? value.ticks)
    }

    /// A quantity in lots; `nil` as default makes it compulsory.
    mutating func quantity(
        _ name: String,
        _ market: MarketText,
        default value: Quantity? = nil
    ) throws(ScenarioError) -> Quantity {
        guard let value else { return Quantity(try units(name, step: market.lotSize)) }
        return Quantity(try optionalUnits(name, step: market.lotSize) ?? value.lots)
    }

    /// A length of time in microseconds, written as a decimal number of `unit` microseconds.
    mutating func duration(_ name: String, unit: Int64, default value: Int64) throws(ScenarioError) -> Int64 {
        let expected = "a decimal string or a whole number, in microseconds below 2⁶²"
        guard let value = self.value(name) else { return value }
        let text: String
        switch value {
        case .string(let string): text = string
        case .number(let number): text = number
        default: throw wrong(name, value, expected)
        }
        do throws(DecimalError) {
            let units = Int128(try DecimalText.parse(text.utf8)) * Int128(unit)
            let (microseconds, rest) = units.quotientAndRemainder(dividingBy: 100_000_000)
            if rest != 0 || microseconds.magnitude >= DecimalText.limit.magnitude {
                throw DecimalError.tooLarge
            }
            return Int64(microseconds)
        } catch {
            throw wrong(name, value, expected)
        }
    }

    // Whole numbers, truth values, terms

    mutating func optionalInteger(
        _ name: String,
        in range: ClosedRange<Int64>
    ) throws(ScenarioError) -> Int64? {
        guard let value = value(name) else { return nil }
        let expected = "a whole number from \(range.lowerBound) to \(range.upperBound)"
        let text: String
        switch value {
        case .string(let string): text = string
        case .number(let number): text = number
        default: throw wrong(name, value, expected)
        }
        guard let number = try? DecimalText.parse(text.utf8, scale: 0), range.contains(number) else {
            throw wrong(name, value, expected)
        }
        return number
    }

    mutating func integer(_ name: String, in range: ClosedRange<Int64>) throws(ScenarioError) -> Int64 {
        guard let number = try optionalInteger(name, in: range) else {
            throw missing(name, "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// A whole number of 32 bits; `nil` as default makes it compulsory.
    mutating func int32(_ name: String, default value: Int32? = nil) throws(ScenarioError) -> Int32 {
        let range = Int64(Int32.min)...Int64(Int32.max)
        guard let value else { return Int32(try integer(name, in: range)) }
        return Int32(try optionalInteger(name, in: range) ?? Int64(value))
    }

    mutating func bool(_ name: String, default value: Bool) throws(ScenarioError) -> Bool {
        guard let found = self.value(name) else { return value }
        guard case .bool(let bool) = found else { throw wrong(name, found, "true or false") }
        return bool
    }

    mutating func optionalTerm<E: CodedEnum>(_ name: String, _ type: E.Type) throws(ScenarioError) -> E? {
        guard let value = value(name) else { return nil }
        if case .string(let text) = value, let term = E.all.first(where: { "\($0.term)" == text }) {
            return term
        }
        throw wrong(name, value, E.expected)
    }

    mutating func term<E: CodedEnum>(_ name: String, default value: E) throws(ScenarioError) -> E {
        try optionalTerm(name, E.self) ?? value
    }

    mutating func term<E: CodedEnum>(_ name: String) throws(ScenarioError) -> E {
        guard let term = try optionalTerm(name, E.self) else { throw missing(name, E.expected) }
        return term
    }

    // Structure

    mutating func array(_ name: String) throws(ScenarioError) -> [JSONValue]? {
        guard let value = value(name) else { return nil }
        guard case .array(let values) = value else { throw wrong(name, value, "an array of objects") }
        return values
    }

    mutating func object(_ name: String) throws(ScenarioError) -> [JSONMember]? {
        guard let value = value(name) else { return nil }
        guard case .object(let members) = value else { throw wrong(name, value, "an object") }
        return members
    }

    /// The fields of an object inside this one.
    func inner(_ name: String, _ value: JSONValue) throws(ScenarioError) -> LineFields {
        guard case .object(let members) = value else { throw wrong(name, value, "an object") }
        return LineFields(line: line, path: "\(path)\(name).", members: members)
    }

    /// The fields of an object of which all members are of one kind.
    func inner(_ name: String, _ members: [JSONMember]) -> LineFields {
        LineFields(line: line, path: "\(path)\(name).", members: members)
    }
}
