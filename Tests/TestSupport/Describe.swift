internal import ExchangeCore

/// Writes the fields of a record as `name=value`.
struct FieldPrinter: FieldVisitor, ~Copyable {
    var text = ""
    mutating func add(_ name: StaticString, _ value: some CustomStringConvertible, _ plain: Bool) {
        if !plain { text += " \(name)=\(value)" }
    }
    mutating func visit(_ name: StaticString, _ value: inout Int64) { add(name, value, value == 0) }
    mutating func visit(_ name: StaticString, _ value: inout Int32) { add(name, value, false) }
    mutating func visit(_ name: StaticString, _ value: inout UInt64) { add(name, value, value == 0) }
    mutating func visit(_ name: StaticString, _ value: inout Int128) { add(name, value, value == 0) }
    mutating func visit(_ name: StaticString, _ value: inout Bool) { add(name, value, !value) }
    mutating func visit(_ name: StaticString, _ value: inout Price) { add(name, value.ticks, value == .none) }
    mutating func visit(_ name: StaticString, _ value: inout Quantity) {
        add(name, value.lots, value == .zero)
    }
    mutating func visit(_ name: StaticString, _ value: inout Amount) {
        add(name, value.units, value == .unlimited)
    }
    mutating func visit(_ name: StaticString, _ value: inout Rate) { add(name, value.units, false) }
    mutating func visit(_ name: StaticString, _ value: inout Timestamp) {
        add(name, value.microseconds, value.microseconds == 0)
    }
    mutating func visit(_ name: StaticString, _ value: inout AccountID) { add(name, value.raw, false) }
    mutating func visit(_ name: StaticString, _ value: inout OwnerID) { add(name, value.raw, value.raw == 0) }
    mutating func visit(_ name: StaticString, _ value: inout MarketID) { add(name, value.raw, false) }
    mutating func visit(_ name: StaticString, _ value: inout OrderID) { add(name, value.raw, value == .none) }
    mutating func visit(_ name: StaticString, _ value: inout Symbol) { add(name, value.low, false) }
    mutating func visit(_ name: StaticString, _ value: inout ClientID) {
        add(name, value.words.0, value.isEmpty)
    }
    mutating func visit(_ name: StaticString, _ value: inout RequestKey) {
        add(name, "\(value.high).\(value.low)", value == .none)
    }
    mutating func visit<E: CodedEnum>(_ name: StaticString, _ value: inout E) {
        add(name, "\(value.term)", value.rawValue == 0)
    }
}

/// A command in one line: time, kind and every field that says something.
public func describe(_ timed: TimedCommand) -> String {
    var printer = FieldPrinter()
    timed.command.fields(&printer)
    let distance = timed.distance == 0 ? "" : " distance=\(timed.distance)"
    return "at=\(timed.at)\(distance) \(timed.command.kind.term)\(printer.text)"
}

/// The core's events of the last of some commands, one a line.
public func lastEvents(of commands: [TimedCommand], limits: AuditedLimits) -> [String] {
    let comparison = Comparison(limits: limits)
    for command in commands { _ = comparison.step(command) }
    var lines: [String] = []
    comparison.buffer.forEach { event in
        var printer = FieldPrinter()
        event.fields(&printer)
        lines.append("\(event.kind.term)\(printer.text)")
    }
    return lines
}
