import Crypto
import Foundation
import NIOCore

/// Signed orders that rest nowhere: limit orders that are cancelled at once, far from the market.
struct OrderRequests {
    private let name: String
    private let secret: SymmetricKey
    private var number = 0

    init(name: String, secret: String) {
        self.name = name
        self.secret = SymmetricKey(data: Array(secret.utf8))
    }

    /// The next so many, each another one, signed now.
    mutating func next(_ count: Int, _ wire: LoadWire) -> [ByteBuffer] {
        let now = Int64(Date().timeIntervalSince1970 * 1_000)
        defer { number += count }
        return (number..<number + count).map { number in
            switch wire {
            case .http: http(number, now)
            case .webSocket: webSocket(number, now)
            }
        }
    }

    private func signature(_ payload: String) -> String {
        let code = HMAC<SHA256>.authenticationCode(for: Array(payload.utf8), using: secret)
        return code.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }

    /// The next so many cancels of orders that are not there, each of another one, signed now.
    mutating func nextRefused(_ count: Int, _ wire: LoadWire) -> [ByteBuffer] {
        let now = Int64(Date().timeIntervalSince1970 * 1_000)
        defer { number += count }
        return (number..<number + count).map { number in
            switch wire {
            case .http:
                http(
                    "DELETE",
                    "symbol=BTCUSDT&origClientOrderId=n\(number)&recvWindow=60000&timestamp=\(now)"
                )
            case .webSocket:
                webSocket(
                    number,
                    "order.cancel",
                    [
                        ("apiKey", name), ("origClientOrderId", "n\(number)"), ("recvWindow", "60000"),
                        ("symbol", "BTCUSDT"), ("timestamp", "\(now)"),
                    ]
                )
            }
        }
    }

    private func http(_ number: Int, _ now: Int64) -> ByteBuffer {
        http(
            "POST",
            "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=IOC&quantity=0.001&price=40000"
                + "&newClientOrderId=b\(number)&recvWindow=60000&timestamp=\(now)"
        )
    }

    private func http(_ method: String, _ query: String) -> ByteBuffer {
        ByteBuffer(
            string: "\(method) /fapi/v1/order?\(query)&signature=\(signature(query)) HTTP/1.1\r\n"
                + "Host: 127.0.0.1\r\nX-MBX-APIKEY: \(name)\r\nContent-Length: 0\r\n\r\n"
        )
    }

    private func webSocket(_ number: Int, _ now: Int64) -> ByteBuffer {
        webSocket(
            number,
            "order.place",
            [
                ("apiKey", name), ("newClientOrderId", "b\(number)"), ("price", "40000"),
                ("quantity", "0.001"), ("recvWindow", "60000"), ("side", "BUY"), ("symbol", "BTCUSDT"),
                ("timeInForce", "IOC"), ("timestamp", "\(now)"), ("type", "LIMIT"),
            ]
        )
    }

    /// - Parameter parameters: in the order that signatures have it.
    private func webSocket(
        _ number: Int,
        _ method: String,
        _ parameters: [(name: String, value: String)]
    ) -> ByteBuffer {
        let payload = parameters.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
        let members = parameters.map { "\"\($0.name)\":\"\($0.value)\"" }.joined(separator: ",")
        return LoadWire.frame(
            "{\"id\":\(number),\"method\":\"\(method)\",\"params\":{\(members),"
                + "\"signature\":\"\(signature(payload))\"}}"
        )
    }
}
