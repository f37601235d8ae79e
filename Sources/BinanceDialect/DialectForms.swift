/// A form that was asked for and is none (WIRE-30).
public struct FormError: Error, CustomStringConvertible, Sendable {
    /// What is wrong, and what was expected.
    public var description: String
}

extension DialectOptions {
    /// A form that can be chosen: its name, its values, the usual one first, and where one goes.
    private struct Form {
        var name: String
        var values: [String]
        /// Sets it; false for a text that is none of its values.
        var set: (inout DialectOptions, String) -> Bool

        init<Value: RawRepresentable<String> & CaseIterable>(
            _ name: String,
            _ field: WritableKeyPath<DialectOptions, Value>
        ) {
            self.name = name
            values = Value.allCases.map(\.rawValue)
            set = { options, text in
                guard let value = Value(rawValue: text) else { return false }
                options[keyPath: field] = value
                return true
            }
        }
    }

    private static var all: [Form] {
        [
            Form("liquidation.orderType", \.liquidationType),
            Form("liquidation.execType", \.liquidationExecution),
            Form("takeover.execType", \.takeoverExecution),
            Form("adl.execType", \.deleveragingExecution),
            Form("adl.orderType", \.deleveragingType),
            Form("adl.status", \.deleveragingStatus),
            Form("adl.clientIdForm", \.deleveragingClientID),
            Form("adl.accountReason", \.deleveragingReason),
        ]
    }

    /// The names of the forms, each with the values that it can have, the usual one first.
    public static var forms: [(name: String, values: [String])] { all.map { ($0.name, $0.values) } }

    /// Chooses a form, as `NAME=VALUE` (WIRE-30).
    ///
    /// - Throws: what is wrong with the text, and what was expected.
    public mutating func choose(_ text: String) throws(FormError) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(
            String.init
        )
        guard parts.count == 2, let form = DialectOptions.all.first(where: { $0.name == parts[0] }) else {
            let names = DialectOptions.all.map(\.name).joined(separator: ", ")
            throw FormError(description: "\(text): NAME=VALUE is expected, with one of the names \(names)")
        }
        if !form.set(&self, parts[1]) {
            let values = form.values.joined(separator: ", ")
            throw FormError(description: "\(text): one of \(values) is expected behind \(form.name)=")
        }
    }
}
