/// What is wrong with a market's rules: the status of a command that states them, and the field.
struct SpecificationFault: Error {
    let status: Status
    let field: StaticString
}

/// The rules that a market's specification must keep, in the order in which a command is refused
/// (commands.md).
extension MarketSpecification {
    /// - Throws: the first field that is not as it must be.
    func check() throws(SpecificationFault) {
        try require(tickSize > 0, "tickSize", .invalidTick)
        try require(Market.unitValue(of: self) != nil, "lotSize", .invalidTick)
        if let field = table.invalidField { throw SpecificationFault(status: .invalidTiers, field: field) }
        try checkFees()
        try checkBands()
        try checkRates()
        try requirePart(bidLimit.units <= 0 || bidLimit <= .one, "bidLimit")
        try requirePart((.zero...(.one)).contains(fundShare), "fundShare")
        try require((1...16).contains(quorum), "quorum", .invalidField)
        try require(workOff >= 0, "workOff", .invalidField)
        try require(takeoverNumerator >= 0, "takeoverNumerator", .invalidField)
        try require(takeoverDenominator >= 1, "takeoverDenominator", .invalidField)
        try require(takeoverNumerator <= takeoverDenominator, "takeoverNumerator", .invalidField)
        let latest = Timestamp.latest.microseconds
        try require((0...latest).contains(staleAfter), "staleAfter", .invalidTime)
        try require((0...latest).contains(fundingInterval), "fundingInterval", .invalidTime)
        try requirePart((.zero...(.one)).contains(impactShare), "impactShare")
        try require((0...MarketSpecification.week).contains(impactAge), "impactAge", .invalidTime)
        try require(impactNotional.units >= 0, "impactNotional", .invalidAmount)
        try require(fundPerEvent.units >= 0, "fundPerEvent", .invalidAmount)
        try require(fundPerMarket.units >= 0, "fundPerMarket", .invalidAmount)
    }

    private static var week: Int64 { 604_800_000_000 }

    private func require(_ holds: Bool, _ field: StaticString, _ status: Status) throws(SpecificationFault) {
        if !holds { throw SpecificationFault(status: status, field: field) }
    }

    private func requirePart(_ holds: Bool, _ field: StaticString) throws(SpecificationFault) {
        try require(holds, field, .invalidRate)
    }

    private func checkFees() throws(SpecificationFault) {
        let highest = Rate(10_000_000)
        try requirePart((Rate(-highest.units)...highest).contains(maker), "maker")
        try requirePart((.zero...highest).contains(taker), "taker")
        try requirePart(maker.units + taker.units >= 0, "maker")
        try requirePart((.zero...highest).contains(liquidationFee), "liquidationFee")
        // A liquidation that sells just enough must leave more than its fee takes (WF-3).
        let isBorne =
            sizing != .justEnough || liquidationFee.units * 2 <= table.tiers[0].maintenance.units
        try requirePart(isBorne, "liquidationFee")
    }

    private func checkBands() throws(SpecificationFault) {
        try requirePart((.zero..<(.one)).contains(indexBand), "indexBand")
        try requirePart((.zero..<(.one)).contains(averageBand), "averageBand")
        let hasBand = indexBand > .zero || averageBand > .zero
        try require(mark != .last || !hasBand, "mark", .invalidCombination)
        let times = 1_000_000...MarketSpecification.week
        try require(times.contains(averageTime), "averageTime", .invalidTime)
        try requirePart((.zero..<(.one)).contains(priceBand), "priceBand")
        try requirePart((.zero...(.one)).contains(triggerProtect), "triggerProtect")
        try requirePart((.zero...(.one)).contains(deviationLimit), "deviationLimit")
    }

    private func checkRates() throws(SpecificationFault) {
        try requirePart(interest.units.magnitude <= Rate.one.units.magnitude, "interest")
        try requirePart((.zero...(.one)).contains(fundingCap), "fundingCap")
        try requirePart((.zero...(.one)).contains(buffer), "buffer")
    }
}
