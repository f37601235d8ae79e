import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// How requests go out and answers come back.
enum LoadWire: Sendable {
    /// HTTP/1.1.
    case http
    /// Text frames on a WebSocket of this path.
    case webSocket(String)

    /// What a connection begins with; nil if it may send requests at once.
    var greeting: ByteBuffer? {
        guard case .webSocket(let path) = self else { return nil }
        return ByteBuffer(
            string: "GET \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        )
    }

    /// The first answer of some bytes; nil if not all of it is there.
    func answer(_ bytes: UnsafeRawBufferPointer) -> LoadAnswer? {
        switch self {
        case .http: LoadAnswer(http: bytes)
        case .webSocket: LoadAnswer(frame: bytes)
        }
    }

    /// A text as a client sends it in one frame: masked with zeros, which leaves it as it is.
    static func frame(_ text: String) -> ByteBuffer {
        let size = text.utf8.count
        var frame = ByteBuffer()
        frame.writeInteger(UInt8(0x81))
        if size < 126 {
            frame.writeInteger(UInt8(0x80 | size))
        } else {
            frame.writeInteger(UInt8(0x80 | 126))
            frame.writeInteger(UInt16(size))
        }
        frame.writeInteger(UInt32(0))
        frame.writeString(text)
        return frame
    }
}

/// Where an answer ends, and whether it is good.
///
/// The client writes its requests as bytes, which the library's own decoders of answers do not let through.
struct LoadAnswer {
    var size: Int
    var isGood: Bool
    /// Whether it was not even looked at (429).
    var isTurnedAway = false
    /// Whether it is a frame that answers nothing.
    var isControl = false
    private static let lengthName: StaticString = "content-length: "
    private static let status: StaticString = "\"status\":200"
    private static let tooMany: StaticString = "\"status\":429"

    /// The first answer over HTTP; nil if not all of it is there.
    init?(http bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress else { return nil }
        var line = 0
        var length = 0
        while let end = bytes[line...].firstIndex(of: UInt8(ascii: "\n")) {
            if end - line <= 1 {
                size = end + 1 + length
                isGood = bytes.count > 9 && bytes[9] == UInt8(ascii: "2")
                isTurnedAway = bytes.count > 11 && bytes[9..<12].elementsEqual("429".utf8)
                if bytes.count < size { return nil }
                return
            }
            let name = LoadAnswer.lengthName.utf8CodeUnitCount
            if end - line > name, memcmp(base + line, LoadAnswer.lengthName.utf8Start, name) == 0 {
                for digit in bytes[(line + name)..<end] where digit >= 48 && digit <= 57 {
                    length = length * 10 + Int(digit - 48)
                }
            }
            line = end + 1
        }
        return nil
    }

    /// The first frame of a server; nil if not all of it is there.
    init?(frame bytes: UnsafeRawBufferPointer) {
        if bytes.count < 2 { return nil }
        var head = 2
        var length = Int(bytes[1] & 0x7F)
        if length > 125 {
            let digits = length == 126 ? 2 : 8
            if bytes.count < head + digits { return nil }
            length = bytes[head..<head + digits].reduce(0) { $0 << 8 | Int($1) }
            head += digits
        }
        size = head + length
        if bytes.count < size { return nil }
        isControl = bytes[0] & 0x08 != 0
        // It stands right behind the request's number.
        let beginning = bytes[head..<min(size, head + 48)]
        isGood = LoadAnswer.contains(LoadAnswer.status, beginning)
        isTurnedAway = LoadAnswer.contains(LoadAnswer.tooMany, beginning)
    }

    private static func contains(_ text: StaticString, _ bytes: Slice<UnsafeRawBufferPointer>) -> Bool {
        let size = text.utf8CodeUnitCount
        guard let base = bytes.base.baseAddress, bytes.count >= size else { return false }
        return (bytes.startIndex...bytes.endIndex - size).contains {
            memcmp(base + $0, text.utf8Start, size) == 0
        }
    }
}
