extension Command {
    /// Appends the canonical binary form: the kind, then the fields, little-endian, without padding.
    public func encode(into writer: inout ByteWriter) {
        writer.append(byte: kind.rawValue)
        fields(&writer)
    }

    /// Reads one command; nil if the bytes do not hold exactly one in canonical form.
    public init?(from reader: inout ByteReader) {
        guard let kind = CommandKind(rawValue: reader.byte()) else { return nil }
        self.init(kind: kind, from: &reader)
    }
}
