import Crypto
import Foundation
import NIOCore
import NIOHTTP1
import NIOWebSocket

/// The handlers of a connection that speaks HTTP, which go when it becomes a WebSocket.
///
/// Clients with a pool of connections ask for a WebSocket on one that has served requests before, so any
/// request may become one, not only the first.
struct HTTPStage {
    let encoder: HTTPResponseEncoder
    let decoder: ByteToMessageHandler<HTTPRequestDecoder>
    let pipelining: HTTPServerPipelineHandler
    let errors: HTTPServerProtocolErrorHandler

    /// The key of a request for a WebSocket (RFC 6455, 4.2.1); nil if it is none.
    static func key(of head: HTTPRequestHead) -> String? {
        guard head.method == .GET,
            head.headers[canonicalForm: "upgrade"].contains(where: { $0.lowercased() == "websocket" }),
            head.headers[canonicalForm: "connection"].contains(where: { $0.lowercased() == "upgrade" }),
            head.headers.first(name: "sec-websocket-version") == "13",
            let key = head.headers.first(name: "sec-websocket-key"),
            Data(base64Encoded: key)?.count == 16
        else { return nil }
        return key
    }

    /// The reply that says yes.
    static func acceptance(of key: String) -> HTTPResponseHead {
        let digest = Insecure.SHA1.hash(data: Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8))
        var headers = HTTPHeaders()
        headers.add(name: "upgrade", value: "websocket")
        headers.add(name: "connection", value: "upgrade")
        headers.add(name: "sec-websocket-accept", value: Data(digest).base64EncodedString())
        return HTTPResponseHead(version: .http1_1, status: .switchingProtocols, headers: headers)
    }

    /// Puts the handlers of a WebSocket in the place of these; `handler` is the one that saw the request.
    func become(
        _ session: any WebSocketSession,
        _ handler: HTTPHandler,
        _ pipeline: ChannelPipeline.SynchronousOperations,
        unreadLimit: Int,
        _ sockets: OpenSockets
    ) {
        pipeline.removeHandler(pipelining, promise: nil)
        pipeline.removeHandler(errors, promise: nil)
        pipeline.removeHandler(encoder, promise: nil)
        do {
            try pipeline.addHandler(WebSocketFrameEncoder())
            try pipeline.addHandler(
                ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: WebSocketHandler.frameLimit))
            )
            try pipeline.addHandler(WebSocketHandler(session, unreadLimit: unreadLimit, sockets))
        } catch {
            // The channel is gone: there is nobody to tell.
        }
        pipeline.removeHandler(handler, promise: nil)
        // Last, because it hands on the bytes that came behind the request.
        pipeline.removeHandler(decoder, promise: nil)
    }
}
