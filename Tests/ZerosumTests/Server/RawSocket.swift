import Foundation
import Glibc

/// A reply, as it came.
struct RawReply: Sendable {
    var status: Int
    var headers: [(name: String, value: String)]
    var body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }

    func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
}

/// A connection over which anything may be sent, also what is no HTTP. Waits on threads of its own: the
/// venue's tasks share the others with the tests.
final class RawSocket: @unchecked Sendable {
    private let descriptor: Int32
    private var buffer: [UInt8] = []
    private var isEnded = false

    /// How long a reply may take, in seconds: generous, because a machine may be slow.
    static let patience = 60

    struct Failure: Error { var what: String }

    init(port: Int, receiveBuffer: Int32? = nil) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        if descriptor < 0 { throw Failure(what: "no socket") }
        if var size = receiveBuffer {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port)).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, size) }
        }
        if result != 0 {
            Glibc.close(descriptor)
            throw Failure(what: "not connected: \(errno)")
        }
        var patience = timeval(tv_sec: RawSocket.patience, tv_usec: 0)
        let length = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, length)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, length)
    }

    deinit { Glibc.close(descriptor) }

    private func blocking<R: Sendable>(_ body: @escaping @Sendable () throws -> R) async throws -> R {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
        }
    }

    /// Sends bytes; false if the other end has closed.
    @discardableResult
    func send(_ bytes: [UInt8]) async throws -> Bool {
        try await blocking { [descriptor] in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes {
                    Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                if count <= 0 { return false }
                rest = rest.dropFirst(count)
            }
            return true
        }
    }

    @discardableResult
    func send(_ text: String) async throws -> Bool { try await send(Array(text.utf8)) }

    /// Says that nothing more is sent.
    func finish() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Takes the next bytes into the buffer; false at the end.
    private func more() async throws -> Bool {
        if isEnded { return false }
        let bytes: [UInt8] = try await blocking { [descriptor] in
            var bytes = [UInt8](repeating: 0, count: 1 << 16)
            let count = bytes.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
            if count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) {
                throw Failure(what: "no answer within \(RawSocket.patience) seconds")
            }
            return count > 0 ? Array(bytes.prefix(count)) : []
        }
        isEnded = bytes.isEmpty
        buffer += bytes
        return !isEnded
    }

    /// Exactly so many bytes; nil if the connection ends before.
    func take(_ count: Int) async throws -> [UInt8]? {
        while buffer.count < count { if try await !more() { return nil } }
        let taken = Array(buffer.prefix(count))
        buffer.removeFirst(count)
        return taken
    }

    /// Everything until the other end closes.
    func rest() async throws -> [UInt8] {
        while try await more() {}
        defer { buffer = [] }
        return buffer
    }

    /// The next reply; nil if the connection ends without one.
    func reply(toHead: Bool = false) async throws -> RawReply? {
        let end = Array("\r\n\r\n".utf8)
        var place = find(end)
        while place == nil {
            if try await !more() { return nil }
            place = find(end)
        }
        guard let place, let head = try await take(place + end.count) else { return nil }
        let lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n")
        let words = lines[0].split(separator: " ")
        guard words.count > 1, let status = Int(words[1]) else { throw Failure(what: "\(lines[0])") }
        var reply = RawReply(status: status, headers: [], body: [])
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            let value = parts.count > 1 ? parts[1].drop { $0 == " " } : ""
            reply.headers.append((parts[0].lowercased(), String(value)))
        }
        if let length = reply.header("content-length").flatMap({ Int($0) }), !toHead {
            guard let body = try await take(length) else { throw Failure(what: "half a body") }
            reply.body = body
        }
        return reply
    }

    private func find(_ pattern: [UInt8]) -> Int? {
        if buffer.count < pattern.count { return nil }
        return (0...(buffer.count - pattern.count)).first {
            Array(buffer[$0..<($0 + pattern.count)]) == pattern
        }
    }
}

/// A frame of a WebSocket, as it came.
struct RawFrame: Sendable {
    var opcode: UInt8
    var payload: [UInt8]

    var text: String { String(decoding: payload, as: UTF8.self) }
    /// The code of a frame that closes.
    var code: Int { payload.count >= 2 ? Int(payload[0]) << 8 | Int(payload[1]) : 0 }
    /// The reason of a frame that closes.
    var reason: String { String(decoding: payload.dropFirst(2), as: UTF8.self) }
}

/// A WebSocket that may break every rule.
final class RawWebSocket: Sendable {
    let socket: RawSocket

    /// Asks for a WebSocket; throws if it is refused.
    init(port: Int, path: String, headers: String = "", receiveBuffer: Int32? = nil) async throws {
        socket = try RawSocket(port: port, receiveBuffer: receiveBuffer)
        try await socket.send(RawWebSocket.request(path, headers))
        guard let reply = try await socket.reply() else { throw RawSocket.Failure(what: "no reply") }
        if reply.status != 101 { throw RawSocket.Failure(what: "\(reply.status)") }
        // The sample of RFC 6455, 1.3.
        if reply.header("sec-websocket-accept") != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" {
            throw RawSocket.Failure(what: "a wrong acceptance")
        }
    }

    static func request(_ path: String, _ headers: String = "") -> String {
        "GET \(path) HTTP/1.1\r\n" + (headers.contains("Host:") ? "" : "Host: localhost\r\n")
            + "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\(headers)\r\n"
    }

    /// A frame as a client sends it; the first byte holds FIN, the reserved bits and the opcode.
    static func frame(_ first: UInt8, _ payload: [UInt8], isMasked: Bool = true) -> [UInt8] {
        var bytes = [first]
        let mask: UInt8 = isMasked ? 0x80 : 0
        if payload.count < 126 {
            bytes.append(mask | UInt8(payload.count))
        } else if payload.count < 1 << 16 {
            bytes += [mask | 126, UInt8(payload.count >> 8), UInt8(payload.count & 255)]
        } else {
            bytes.append(mask | 127)
            bytes += (0..<8).map { UInt8(payload.count >> (56 - 8 * $0) & 255) }
        }
        if !isMasked { return bytes + payload }
        let key: [UInt8] = [1, 2, 3, 4]
        return bytes + key + payload.enumerated().map { $1 ^ key[$0 % 4] }
    }

    func send(_ text: String) async throws {
        try await socket.send(RawWebSocket.frame(0x81, Array(text.utf8)))
    }

    /// The next frame; nil if the connection ends.
    func next() async throws -> RawFrame? {
        guard let head = try await socket.take(2) else { return nil }
        var length = Int(head[1] & 0x7F)
        if length > 125 {
            guard let more = try await socket.take(length == 126 ? 2 : 8) else { return nil }
            length = more.reduce(0) { $0 << 8 | Int($1) }
        }
        guard let payload = try await socket.take(length) else { return nil }
        return RawFrame(opcode: head[0] & 0x0F, payload: payload)
    }

    /// The next frame with text.
    func message() async throws -> String? {
        while let frame = try await next() {
            if frame.opcode == 1 { return frame.text }
            if frame.opcode == 8 { return nil }
        }
        return nil
    }

    /// Reads on until the frame that closes; nil if the connection ends without one.
    func closing() async throws -> RawFrame? {
        while let frame = try await next() { if frame.opcode == 8 { return frame } }
        return nil
    }
}
