/// What a mark method remembers between price commands (PX-8). A market has one if its method or its
/// band needs one.
struct MarkMemory: BitwiseCopyable {
    /// When the market was last looked at, and whether ever.
    var lastLook = Timestamp(0)
    var hasLook = false
    /// Mid less index in half ticks, over 150 s.
    var basis = Average()
    /// The middle of best bid, best ask and last, in ticks, over 30 s.
    var book = Average()
    /// The mark itself in ticks, over the market's averaging time.
    var mark = Average()
    /// Mid less index in half ticks, the plain mean of 150 s.
    var window = BasisWindow()

    static let basisTime: Int64 = 150_000_000
    static let bookTime: Int64 = 30_000_000
}

/// An average in which a sample's weight decays: Σ sample·weight and Σ weight, in 2⁻²⁴ µs (PX-8).
struct Average: BitwiseCopyable {
    var sum: Int128 = 0
    var weight: Int128 = 0

    /// One µs of weight; with less than that an average counts as not there.
    static var scale: Int128 { 1 << 24 }

    var isThere: Bool { weight >= Average.scale }

    /// Lets what is there decay over `elapsed` µs.
    mutating func age(_ elapsed: Int64, over time: Int64) {
        // The sum outlives a weight that was cut off to nothing, and is not to lie about for ever.
        if weight == 0 && sum == 0 { return }
        assert(elapsed >= 0 && time > 0, "time does not go back")
        assert(weight >= 0, "a weight is not negative")
        let factor = decay(elapsed, over: time)
        sum = scaled(sum, by: factor, over: 1 << 60, .towardZero)
        assert(factor >= 0 && factor <= 1 << 60, "what decays does not grow")
        weight = scaled(weight, by: factor, over: 1 << 60, .down)
    }

    /// Adds a sample that stands for `elapsed` µs, at most for `time`, at least for nothing.
    mutating func add(_ sample: Int128, _ elapsed: Int64, over time: Int64) {
        assert(elapsed >= 0 && time > 0, "time does not go back")
        let share = Int128(min(elapsed, time)) * Average.scale
        assert(share >= 0, "a sample stands for no less than nothing")
        sum += sample * share
        weight += share
    }
}

/// The mean of 150 s in 30 slots of 5 s (PX-8).
struct BasisWindow: BitwiseCopyable {
    var slots = InlineArray<30, BasisSlot>(repeating: BasisSlot())

    static let slotTime: Int64 = 5_000_000

    mutating func add(_ sample: Int128, _ elapsed: Int64, at now: Timestamp) {
        assert(elapsed >= 0 && now.microseconds >= 0, "time does not go back")
        let number = BasisWindow.number(now)
        let place = BasisWindow.place(number)
        if slots[place].number != number {
            slots[place] = BasisSlot()
            slots[place].number = number
        }
        assert(slots[place].number == number, "a slot is that of its time")
        let share = min(elapsed, MarkMemory.basisTime)
        slots[place].sum += sample * Int128(share)
        slots[place].weight += share
    }

    /// Sum and weight of the slots that lie in the window.
    func total(at now: Timestamp) -> Average {
        assert(now.microseconds >= 0, "time begins in 1970")
        let number = BasisWindow.number(now)
        var total = Average()
        for place in 0..<30 {
            let age = number - slots[place].number
            if age < 0 || age > 29 { continue }
            total.sum += slots[place].sum
            total.weight += Int128(slots[place].weight)
        }
        assert(total.weight >= 0, "weights are not negative")
        return total
    }

    static func number(_ now: Timestamp) -> Int64 {
        Int64(quotient(Int128(now.microseconds), Int128(slotTime), .down))
    }

    static func place(_ number: Int64) -> Int { Int(number % 30) }
}

/// What the samples of 5 s come to.
struct BasisSlot: BitwiseCopyable {
    var number: Int64 = 0
    var sum: Int128 = 0
    var weight: Int64 = 0
}

/// e^(−elapsed/time) in 2⁻⁶⁰, for times of 1 µs up to 2⁴⁰ µs (PX-8 states the steps and the error).
func decay(_ elapsed: Int64, over time: Int64) -> Int128 {
    let whole = quotient(Int128(elapsed), Int128(time), .down)
    assert(whole >= 0 && time >= 1, "time does not go back")
    if whole > 41 { return 0 }
    let rest = Int128(elapsed) - whole * Int128(time)
    var factor = exponential(of: quotient(rest << 60, Int128(time), .down))
    let step = exponential(of: 1 << 60)
    assert(rest >= 0 && rest < Int128(time) && factor <= Int128(1) << 60, "what decays does not grow")
    var left = whole
    while left > 0 {
        factor = (factor * step) >> 60
        left -= 1
    }
    return factor
}

/// e^(−x) by its series up to the 20th power, x and result in 2⁻⁶⁰, 0 ≤ x ≤ 1.
private func exponential(of x: Int128) -> Int128 {
    var term = Int128(1) << 60
    var sum = term
    var power: Int128 = 1
    while power <= 20 {
        term = quotient(term * x, power << 60, .down)
        sum += power & 1 == 1 ? -term : term
        power += 1
    }
    assert(x >= 0 && x <= Int128(1) << 60, "the series is one of 0 to 1")
    assert(sum > 0 && sum <= Int128(1) << 60, "what decays does not grow")
    return sum
}

extension Average {
    mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("sum", &sum)
        visitor.visit("weight", &weight)
    }

    /// The number that is not such as samples of at most 2³¹ make that stand for at most `time` each, if
    /// one is.
    ///
    /// Weights decay between samples and so stay below 1.6 times the longest. What is cut off at each
    /// decay adds up to less than one unit for each µs of `time`, hence the room beside the weight.
    func unmadeField(over time: Int64) -> StaticString? {
        if weight < 0 || weight > 2 * Int128(time) * Average.scale { return "weight" }
        let most = (weight + Int128(1) << 40) << 31
        return sum <= most && sum >= -most ? nil : "sum"
    }
}

extension BasisSlot {
    /// The number of a slot at a place that is not such as samples up to `now` make: one from before its 5 s,
    /// which stands for at most 150 s, and those within.
    func unmadeField(at place: Int, now: Timestamp) -> StaticString? {
        if weight < 0 || weight > MarkMemory.basisTime + BasisWindow.slotTime { return "weight" }
        if number < 0 || number > BasisWindow.number(now) { return "slot" }
        if BasisWindow.place(number) != place && (weight > 0 || number != 0) { return "slot" }
        let most = Int128(weight) << 31
        return sum <= most && sum >= -most ? nil : "sum"
    }
}

extension MarkMemory {
    mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("lastLook", &lastLook)
        visitor.visit("hasLook", &hasLook)
        basis.fields(&visitor)
        book.fields(&visitor)
        mark.fields(&visitor)
        for place in 0..<30 {
            visitor.visit("slot", &window.slots[place].number)
            visitor.visit("sum", &window.slots[place].sum)
            visitor.visit("weight", &window.slots[place].weight)
        }
    }

    /// The field of a memory that samples up to `now` cannot make, if one is.
    func unmadeField(averageTime: Int64, now: Timestamp) -> StaticString? {
        for place in 0..<30 {
            if let field = window.slots[place].unmadeField(at: place, now: now) { return field }
        }
        if lastLook.microseconds < 0 || lastLook > now { return "lastLook" }
        let isEmpty = lastLook.microseconds == 0 && basis.weight | book.weight | mark.weight == 0
        if !hasLook && !isEmpty { return "hasLook" }
        if book.sum < 0 || mark.sum < 0 { return "sum" }
        return basis.unmadeField(over: MarkMemory.basisTime) ?? book.unmadeField(over: MarkMemory.bookTime)
            ?? mark.unmadeField(over: averageTime)
    }
}
