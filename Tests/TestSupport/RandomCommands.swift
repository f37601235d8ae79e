public import ExchangeCore

/// A small generator with a seed, so that a failure can be run again; or one that says what bytes say.
public struct Seeded {
    private var state: UInt64
    private var bytes: ArraySlice<UInt8> = []
    private let endsWithBytes: Bool
    /// Whether prices, lots and amounts are drawn by their order of magnitude, up to their bounds (LED-1).
    public var isWide = false

    /// Numbers that follow from a seed.
    public init(_ seed: UInt64) {
        state = seed
        endsWithBytes = false
    }

    /// Numbers made of `bytes`, two at a time, so that whoever changes one byte changes one choice.
    public init(bytes: ArraySlice<UInt8>) {
        state = 0
        self.bytes = bytes
        endsWithBytes = true
    }

    /// Whether there is nothing left to say.
    public var isSpent: Bool { endsWithBytes && bytes.isEmpty }

    /// The next number.
    public mutating func next() -> UInt64 {
        if endsWithBytes {
            let low = bytes.popFirst() ?? 0
            return UInt64(low) | UInt64(bytes.popFirst() ?? 0) << 8
        }
        // SplitMix64 (Steele, Lea and Flood, 2014).
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return word ^ word >> 31
    }

    /// A number from 0 to `count` − 1.
    public mutating func below(_ count: Int) -> Int { Int(next() % UInt64(count)) }
}

/// Writes the binary form of a record with its fields drawn anew: mostly what a user would send, now
/// and then the strangest number that fits.
public struct RandomEncoder: FieldVisitor, ~Copyable {
    var writer = ByteWriter()
    var random: Seeded

    init(_ random: Seeded) { self.random = random }

    private mutating func pick(_ usual: ClosedRange<Int>) -> Int64 {
        let strange: [Int64] = [
            0, 1, -1, .max, .min, 1 << 30, 1 << 31, 1 << 50, 1 << 56, 1 << 60, 1 << 61, 1 << 62,
        ]
        if random.below(40) == 0 { return strange[random.below(strange.count)] }
        return Int64(usual.lowerBound + random.below(usual.count))
    }

    /// A power of two below 2^`bits`, or a bit less or more than it.
    private mutating func far(_ bits: Int) -> Int64 {
        let choice = random.below(bits * 4)
        return (1 << Int64(choice >> 2)) + [0, -1, 1, 0][choice & 3]
    }

    public mutating func visit(_ name: StaticString, _ value: inout Int64) {
        switch "\(name)" {
        case "tickSize", "lotSize": value = random.below(4) == 0 ? pick(0...10) : 100_000_000
        case "staleAfter", "fundingInterval": value = pick(1...10_000_000)
        case "lockUp": value = pick(0...1_000)
        case "averageTime": value = pick(1_000_000...10_000_000)
        default: value = pick(0...1_000_000)
        }
        writer.visit(name, &value)
    }

    public mutating func visit(_ name: StaticString, _ value: inout Int32) {
        switch "\(name)" {
        // The number of brackets decides what is read behind it, so it is the value that is written.
        case "tiers": value = Int32(random.below(3))
        case "source": value = Int32(truncatingIfNeeded: pick(0...2))
        case "takeoverNumerator": value = Int32(truncatingIfNeeded: pick(1...3))
        case "takeoverDenominator": value = Int32(truncatingIfNeeded: pick(3...4))
        default: value = Int32(truncatingIfNeeded: pick(0...20))
        }
        writer.visit(name, &value)
    }

    public mutating func visit(_ name: StaticString, _ value: inout UInt64) {
        value = random.next()
        writer.visit(name, &value)
    }

    public mutating func visit(_ name: StaticString, _ value: inout Int128) {
        value = Int128(pick(0...100))
        writer.visit(name, &value)
    }

    public mutating func visit(_ name: StaticString, _ value: inout Bool) {
        value = random.below(4) == 0
        writer.visit(name, &value)
    }

    public mutating func visit(_ name: StaticString, _ value: inout Price) {
        value = Price(random.below(3) == 0 ? 0 : random.isWide ? far(30) : pick(80...120))
        writer.visit(name, &value)
    }

    public mutating func visit(_ name: StaticString, _ value: inout Quantity) {
        value = Quantity(random.isWide ? far(50) : pick(0...20))
        writer.visit(name, &value)
    }

    public mutating func visit(_ name: StaticString, _ value: inout Amount) {
        let amount = random.isWide ? far(61) : pick(0...500) &* (random.below(4) == 0 ? 1 : 100_000_000)
        value = Amount(amount)
        writer.visit(name, &value)
    }

    public mutating func visit(_ name: StaticString, _ value: inout Rate) {
        value = Rate(pick(0...10) &* Int64(1 + random.below(2) * 99_999))
        writer.visit(name, &value)
    }

    public mutating func visit(_ name: StaticString, _ value: inout Timestamp) {
        value = Timestamp(random.below(2) == 0 ? 0 : pick(0...100_000_000))
        writer.visit(name, &value)
    }

    public mutating func visit(_ name: StaticString, _ value: inout AccountID) {
        value = AccountID(Int32(truncatingIfNeeded: pick(-1...9)))
        writer.visit(name, &value)
    }

    public mutating func visit(_ name: StaticString, _ value: inout OwnerID) {
        value = OwnerID(Int32(truncatingIfNeeded: pick(0...3)))
        writer.visit(name, &value)
    }

    public mutating func visit(_ name: StaticString, _ value: inout MarketID) {
        value = MarketID(Int32(truncatingIfNeeded: pick(-1...2)))
        writer.visit(name, &value)
    }

    public mutating func visit(_ name: StaticString, _ value: inout OrderID) {
        value = OrderID(pick(0...200))
        writer.visit(name, &value)
    }

    public mutating func visit(_ name: StaticString, _ value: inout Symbol) {
        value = Symbol(low: UInt64(65 + random.below(4)), high: random.below(20) == 0 ? random.next() : 0)
        writer.visit(name, &value)
    }

    public mutating func visit(_ name: StaticString, _ value: inout ClientID) {
        value = .none
        for _ in 0..<random.below(3) { _ = value.append(UInt8(97 + random.below(3))) }
        writer.visit(name, &value)
    }

    public mutating func visit(_ name: StaticString, _ value: inout RequestKey) {
        value = random.below(3) == 0 ? RequestKey(low: UInt64(random.below(5)), high: 0) : .none
        writer.visit(name, &value)
    }

    public mutating func visit<E: CodedEnum>(_ name: StaticString, _ value: inout E) {
        let cases = (UInt8.min...63).compactMap { E(rawValue: $0) }
        value = random.below(2) == 0 ? .zero : cases[random.below(cases.count)]
        writer.visit(name, &value)
    }
}

/// Commands of all kinds.
public enum AllCommands {
    /// One of each kind, its fields at their defaults, in the order of their numbers.
    public static let defaults: [Command] = [
        .createMarket(MarketSpecification()), .setTiers(SetTiers()), .openAccount(OpenAccount()),
        .setOwner(SetOwner()), .deposit(Deposit()), .withdraw(Withdraw()), .transfer(Transfer()),
        .placeOrder(PlaceOrder()), .amendOrder(AmendOrder()), .cancelOrder(CancelOrder()),
        .cancelAll(CancelAll()), .countdown(Countdown()), .setLeverage(SetLeverage()),
        .setMarginMode(SetMarginMode()), .setPositionMode(SetPositionMode()),
        .adjustIsolatedMargin(AdjustIsolatedMargin()), .offer(Offer()), .price(PriceUpdate()),
        .configureSource(ConfigureSource()), .funding(FundingUpdate()), .tick(Tick()),
        .configureVault(ConfigureVault()), .configureVaultMarket(ConfigureVaultMarket()),
        .vaultDeposit(VaultDeposit()), .vaultRedeem(VaultRedeem()), .kill(Kill()),
        .setMarketState(SetMarketState()), .settle(Settle()), .setCaps(SetCaps()),
        .setDebtRule(SetDebtRule()), .continue(Continue()),
    ]

    /// The bytes of a command of `kind` with fields drawn anew.
    public static func bytes(of kind: Command, seed: UInt64) -> [UInt8] {
        var random = Seeded(seed)
        return bytes(of: kind, from: &random)
    }

    /// The same with numbers from elsewhere.
    public static func bytes(of kind: Command, from random: inout Seeded) -> [UInt8] {
        var encoder = RandomEncoder(random)
        encoder.writer.append(byte: kind.kind.rawValue)
        kind.fields(&encoder)
        random = encoder.random
        return (0..<encoder.writer.count).map { encoder.writer[$0] }
    }

    /// Decodes one command; nil if the bytes do not hold exactly one.
    public static func decode(_ bytes: [UInt8]) -> Command? {
        var index = 0
        var reader = ByteReader {
            index += 1
            return index <= bytes.count ? bytes[index - 1] : nil
        }
        guard let command = Command(from: &reader), reader.isAtEnd else { return nil }
        return command
    }

    /// The binary form of a command.
    public static func encode(_ command: Command) -> [UInt8] {
        var writer = ByteWriter()
        command.encode(into: &writer)
        return (0..<writer.count).map { writer[$0] }
    }
}
