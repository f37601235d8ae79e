import ExchangeText

/// A form that was asked for and is none (WIRE-30).
public struct FormError: Error, CustomStringConvertible, Sendable {
    /// What is wrong, and what was expected.
    public var description: String
}

extension DialectOptions {
    /// The names of the forms, each with the values that it can have, the usual one first.
    public static var forms: [(name: String, values: [String])] {
        [
            ("liquidation.orderType", LiquidationType.allCases.map(\.rawValue)),
            ("liquidation.execType", Execution.allCases.map(\.rawValue)),
            ("takeover.execType", Execution.allCases.map(\.rawValue)),
            ("adl.execType", Execution.allCases.map(\.rawValue)),
            ("adl.orderType", DeleveragingType.allCases.map(\.rawValue)),
            ("adl.status", DeleveragingStatus.allCases.map(\.rawValue)),
            ("adl.clientIdForm", ClientIDForm.allCases.map(\.rawValue)),
            ("adl.accountReason", AccountReason.allCases.map(\.rawValue)),
        ]
    }

    /// Chooses a form, as `NAME=VALUE` (WIRE-30).
    ///
    /// - Throws: what is wrong with the text, and what was expected.
    public mutating func choose(_ text: String) throws(FormError) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(
            String.init
        )
        guard parts.count == 2, let form = DialectOptions.forms.first(where: { $0.name == parts[0] }) else {
            let names = DialectOptions.forms.map(\.name).joined(separator: ", ")
            throw FormError(description: "\(text): NAME=VALUE is expected, with one of the names \(names)")
        }
        guard set(parts[0], parts[1]) else {
            let values = form.values.joined(separator: ", ")
            throw FormError(description: "\(text): one of \(values) is expected behind \(form.name)=")
        }
    }

    private mutating func set(_ name: String, _ value: String) -> Bool {
        func take<Form: RawRepresentable>(_ field: inout Form) -> Bool where Form.RawValue == String {
            guard let form = Form(rawValue: value) else { return false }
            field = form
            return true
        }
        switch name {
        case "liquidation.orderType": return take(&liquidationType)
        case "liquidation.execType": return take(&liquidationExecution)
        case "takeover.execType": return take(&takeoverExecution)
        case "adl.execType": return take(&deleveragingExecution)
        case "adl.orderType": return take(&deleveragingType)
        case "adl.status": return take(&deleveragingStatus)
        case "adl.clientIdForm": return take(&deleveragingClientID)
        case "adl.accountReason": return take(&deleveragingReason)
        default: return false
        }
    }
}
