import ExchangeEdge
import ExchangePage
import Foundation

/// The page's files, which are a part of the program; and the chart library, which is not (PAGE-1).
struct PageFiles: Sendable {
    /// Nothing from elsewhere, and nothing but what is served here (Content Security Policy, level 3).
    private static let policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

    private let files: [String: HTTPReply]
    /// Read anew at each request, for whoever works on the page.
    private let directory: String?

    init(_ options: VenueOptions) {
        directory = options.pageDirectory
        var files: [String: HTTPReply] = [:]
        for (name, bytes) in Page.files { files["/page/" + name] = PageFiles.reply(name, bytes) }
        files["/"] = files["/page/index.html"]
        files["/favicon.ico"] = files["/page/icon.svg"]
        // Without the library a script that does nothing: asked for, and no failure.
        files["/page/chart.js"] = PageFiles.reply(
            "chart.js",
            options.chart ?? Array("// no chart library\n".utf8)
        )
        self.files = files
    }

    /// What lies at a path; nil if nothing does.
    func file(_ path: String) -> HTTPReply? {
        guard let file = files[path] else { return nil }
        guard let directory, path != "/page/chart.js" else { return file }
        let name =
            path == "/" ? "index.html" : path == "/favicon.ico" ? "icon.svg" : String(path.dropFirst(6))
        guard let data = FileManager.default.contents(atPath: directory + "/" + name) else { return file }
        return PageFiles.reply(name, [UInt8](data))
    }

    private static func reply(_ name: String, _ bytes: [UInt8]) -> HTTPReply {
        let kind: String
        switch name.split(separator: ".").last {
        case "html": kind = "text/html; charset=utf-8"
        case "js": kind = "text/javascript; charset=utf-8"
        case "css": kind = "text/css; charset=utf-8"
        case "svg": kind = "image/svg+xml"
        default: kind = "application/octet-stream"
        }
        return HTTPReply(
            status: 200,
            body: bytes,
            contentType: kind,
            headers: [
                ("content-security-policy", policy), ("referrer-policy", "no-referrer"),
                ("cross-origin-opener-policy", "same-origin"), ("cache-control", "no-cache"),
            ]
        )
    }
}
