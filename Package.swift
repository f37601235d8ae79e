// swift-tools-version: 6.2
import PackageDescription

/// With `ZEROSUM_STRICT=1`, as in continuous integration, a warning in our own code is an error. It is
/// not the default: a later compiler's new warning must not break the build of whoever depends on us.
let strict: [SwiftSetting] =
    Context.environment["ZEROSUM_STRICT"] == "1" ? [.treatAllWarnings(as: .error)] : []

/// Settings every target shares. Language mode 6 is the default of these tools.
let common: [SwiftSetting] =
    strict + [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
    ]

let package = Package(
    name: "zerosum",
    products: [
        .executable(name: "zerosum", targets: ["zerosum"]),
        .library(name: "ExchangeCore", targets: ["ExchangeCore"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // The market itself: deterministic, integer, imports nothing but the standard library.
        .target(
            name: "ExchangeCore",
            swiftSettings: common + [
                .strictMemorySafety(),
                // For one type, `ByAddress`, which says why.
                .enableExperimentalFeature("RawLayout"),
            ]
        ),
        // Decimals, JSON, the scenario language: bytes to commands, events to bytes.
        .target(name: "ExchangeText", dependencies: ["ExchangeCore"], swiftSettings: common),
        // The durable log: groups of commands in a chain, snapshots, recovery.
        .target(
            name: "ExchangeJournal",
            dependencies: [
                "ExchangeCore", "ExchangeText", .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: common
        ),
        // The sequencer: stamp, apply, make durable, publish.
        .target(
            name: "ExchangeRuntime",
            dependencies: ["ExchangeCore", "ExchangeJournal"],
            swiftSettings: common
        ),
        // What happened, as clients ask for it: bounded lists, receipts, tape, vault, episodes, queue, and the
        // one kind of row that the archive has.
        .target(
            name: "ReadModel",
            dependencies: [
                "ExchangeCore", "ExchangeText",
                .product(name: "DequeModule", package: "swift-collections"),
            ],
            swiftSettings: common
        ),
        // The Binance USD-M wire: bytes to requests, projection and answers to bytes. No socket, no clock.
        .target(
            name: "BinanceDialect",
            dependencies: ["ExchangeCore", "ExchangeText", "ReadModel"],
            swiftSettings: common
        ),
        // The page's files, embedded: a program that is one file.
        .target(name: "ExchangePage", resources: [.embedInCode("Files")], swiftSettings: common),
        // The database of histories: rows of what clients saw, made of the log, for queries.
        .target(
            name: "ExchangeHistory",
            dependencies: [
                "ExchangeCore", "ReadModel", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            swiftSettings: common
        ),
        // HTTP/1.1 and WebSocket on sockets: whole requests and messages, and nothing of what they say.
        .target(
            name: "ExchangeEdge",
            dependencies: [
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
                .product(name: "X509", package: "swift-certificates"),
            ],
            swiftSettings: common
        ),
        // What a venue plays with when nobody does anything: prices drawn from a seed, and people who trade.
        .target(
            name: "Playground",
            dependencies: ["ExchangeCore", "ExchangeJournal", "ExchangeRuntime"],
            swiftSettings: common
        ),
        // A venue: its way in and out, keys, and its own interface.
        .target(
            name: "ExchangeServer",
            dependencies: [
                "BinanceDialect", "ExchangeCore", "ExchangeEdge", "ExchangeHistory", "ExchangeJournal",
                "ExchangePage", "ExchangeRuntime", "ExchangeText", "Playground", "ReadModel",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
            ],
            swiftSettings: common
        ),
        // Crashes: tapes, populations, replay and its report.
        .target(
            name: "StressLab",
            dependencies: ["ExchangeCore", "ExchangeText"],
            swiftSettings: common
        ),
        // What `zerosum bench` measures: workloads, a load generator, its reports. Beside the product.
        .target(
            name: "Benchmarks",
            dependencies: [
                "ExchangeCore", "ExchangeEdge", "ExchangeRuntime", "ExchangeServer", "ExchangeText",
                "StressLab",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            path: "Benchmarks",
            swiftSettings: common
        ),
        .executableTarget(
            name: "zerosum",
            dependencies: [
                "Benchmarks", "BinanceDialect", "ExchangeCore", "ExchangeEdge", "ExchangeJournal",
                "ExchangeServer", "ExchangeText", "StressLab",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: common
        ),
        // The auditor and the workload: imported by tests and the campaign, never by a product.
        .target(
            name: "TestSupport",
            dependencies: ["ExchangeCore", "ExchangeText"],
            path: "Tests/TestSupport",
            swiftSettings: common
        ),
        // A disk that loses power, and worlds run through a journal on it.
        .target(
            name: "JournalSupport",
            dependencies: ["ExchangeCore", "ExchangeJournal", "TestSupport"],
            path: "Tests/JournalSupport",
            swiftSettings: common
        ),
        // Long random runs of the core against the auditor, in a release build.
        .executableTarget(
            name: "campaign",
            dependencies: ["ExchangeCore", "ExchangeText", "TestSupport"],
            path: "Tests/Campaign",
            swiftSettings: common
        ),
        // Makes code and tables of the lists in Records/; part of no product.
        .executableTarget(name: "records", path: "Records/Generator", swiftSettings: common),
        // A process that keeps a journal, to be killed.
        .executableTarget(
            name: "faults",
            dependencies: ["ExchangeCore", "ExchangeJournal", "JournalSupport", "TestSupport"],
            path: "Tests/Faults",
            swiftSettings: common
        ),
        .testTarget(
            name: "ZerosumTests",
            dependencies: [
                "Benchmarks", "BinanceDialect", "ExchangeCore", "ExchangeEdge", "ExchangeHistory",
                "ExchangeJournal", "ExchangeRuntime", "ExchangeServer", "ExchangeText", "JournalSupport",
                "Playground", "ReadModel", "StressLab", "TestSupport", "records",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
            ],
            path: "Tests/ZerosumTests",
            swiftSettings: common
        ),
    ]
)
