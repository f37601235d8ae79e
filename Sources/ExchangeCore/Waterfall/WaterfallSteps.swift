/// A step of the waterfall, by its number in the specification (waterfall.md).
enum WaterfallStep: UInt8, BitwiseCopyable {
    case cancelOrders = 1
    case netting, book, fund, volunteers, vault, deleveraging, residual

    /// Whom a step is for. What is past takeover or below zero is found out once, at the first step that asks
    /// for it: what later steps pay does not change who they are for.
    enum Need: UInt8, BitwiseCopyable, Comparable {
        case underMaintenance, pastTakeover, belowZero

        static func < (a: Need, b: Need) -> Bool { a.rawValue < b.rawValue }
    }

    var need: Need {
        switch self {
        case .cancelOrders, .netting, .book: .underMaintenance
        case .volunteers, .vault: .pastTakeover
        case .fund, .deleveraging, .residual: .belowZero
        }
    }

    /// Whether all of a round go through it before the first goes through the next.
    var isOfRound: Bool { self == .cancelOrders || self == .netting }
}

/// The steps of a market's waterfall in the order in which they are gone through.
struct WaterfallSteps: BitwiseCopyable {
    private var steps = InlineArray<8, WaterfallStep>(repeating: .cancelOrders)
    private(set) var count = 0

    @inline(__always)
    subscript(place: Int) -> WaterfallStep {
        assert(place >= 0 && place < count, "a place is one of the list")
        return steps[place]
    }

    mutating func append(_ step: WaterfallStep) {
        precondition(count < 8, "a list has each step once at most")
        steps[count] = step
        count += 1
    }

    /// Whether a step is in the list.
    func has(_ step: WaterfallStep) -> Bool {
        for place in 0..<count where steps[place] == step { return true }
        return false
    }

    /// All eight by number: the order of the preset `zerosum`.
    static var byNumber: WaterfallSteps {
        var steps = WaterfallSteps()
        for number in UInt8(1)...8 {
            if let step = WaterfallStep(rawValue: number) { steps.append(step) }
        }
        return steps
    }
}
