import ExchangeCore

// Who is deleveraged first, by every rule that a market may choose (ADL-2, ADL-4, ADL-11 to ADL-18).

extension Auditor {
    private static let most = Whole(1) << 62

    private func capped(_ x: Whole) -> Whole { max(-Self.most, min(Self.most, x)) }

    /// What a leg scores in its market's queue.
    func score(_ account: Int, _ index: Int, _ lots: Whole, episode: Int64) -> Whole {
        let a = s.accounts[account]
        let leg = a.legs[index]
        let b = bucket(of: account, leg: index)
        let rules = s.markets[leg.market].rules
        let n = lots * s.markets[leg.market].mark * s.markets[leg.market].u
        let e = equity(b)
        let entry = abs(leg.quote)
        let pnl = unrealized(leg)
        // Amounts count for the net lots; a return is the same for all lots.
        let win = positivePart(floorOf(pnl, lots, over: abs(leg.size)))
        let leverage = e > 0 ? capped(floorOf(n, 1_000_000, over: e)) : 0
        // Return in millionths, toward zero.
        let size = entry == 0 ? 0 : capped(floorOf(abs(pnl), 1_000_000, over: entry))
        let gain = pnl < 0 ? -size : size
        switch rules.selection {
        case .whale: return capped(win) * leverage
        case .returnTimesLeverage: return positivePart(gain) * leverage
        case .proRataByProfit, .cappedProRata, .leastOvershoot: return win
        case .proRataByContracts: return lots
        case .proRataByEquity: return positivePart(e)
        case .okx: return gain * leverage
        case .bitmex:
            if gain >= 0 { return gain * leverage }
            if e <= 0 { return 0 }
            return -floorOf(-gain, 1_000_000_000_000, over: max(1, leverage))
        case .binance: return binanceScore(account, index, e)
        case .hyperliquidDocumented:
            return entry == 0 ? 0 : capped(floorOf(notional(leg), one, over: entry)) * leverage
        case .hyperliquid:
            let l = e > 0 ? floorOf(n, one, over: e) : 0
            let r = entry == 0 ? 0 : floorOf(positivePart(pnl), one, over: entry)
            return max(1, capped(l)) * max(1, capped(r))
        case .bluefin:
            let margin = max(e, maintenance(leg.market, n))
            if entry == 0 || margin <= 0 { return 0 }
            let m = s.markets[leg.market]
            let atIndex = positivePart(leg.size * m.index * m.u + leg.quote)
            return capped(floorOf(atIndex, 1_000_000, over: entry))
                * capped(floorOf(n, 1_000_000, over: margin))
        case .lexicographic: return capped(win) * (Whole(1) << 63) + leverage
        case .lottery:
            let words = [
                rules.selectionSeed, Int64(leg.market), episode, Int64(account), Int64(leg.side.rawValue),
            ]
            var hash = Hash128()
            for word in words {
                var rest = UInt64(bitPattern: word)
                for _ in 0..<8 {
                    hash.add(UInt8(rest & 255))
                    rest >>= 8
                }
            }
            return Whole(hash.digest.low / 2)
        }
    }

    private func binanceScore(_ account: Int, _ index: Int, _ e: Whole) -> Whole {
        if e <= 0 { return 0 }
        let a = s.accounts[account]
        let leg = a.legs[index]
        let b = bucket(of: account, leg: index)
        var pnl: Whole = 0
        for (place, other) in a.legs.enumerated() where other.market == leg.market && other.size != 0 {
            if place == index || (b.leg == nil && bucket(of: account, leg: place) == b) {
                pnl += unrealized(other)
            }
        }
        let percent = floorOf(positivePart(pnl), one, over: max(one, cash(b)))
        let ratio = floorOf(maintenance(b), one, over: e)
        return capped(percent) * capped(ratio)
    }

    // MARK: hedges (ADL-18)

    func setHedge(_ c: SetHedge) -> Status {
        if let status = refusal(c.account, c.market) { return status }
        if c.group < 0 || c.group > 1_000 { return .invalidField }
        let market = Int(c.market.raw)
        let account = Int(c.account.raw)
        if s.markets[market].state == .settled { return .marketSettled }
        if s.accounts[account].hedge == (c.positionSide == .both) { return .positionSideMismatch }
        let full = s.accounts[account].legs.count >= limits.positionsPerAccount
        if s.accounts[account].leg(market, c.positionSide) == nil && full { return .positionLimit }
        let leg = touch(account, market, c.positionSide)
        s.accounts[account].legs[leg].group = Int(c.group)
        return .ok
    }

    /// Lots of a leg that its hedge covers.
    func hedged(_ account: Int, _ index: Int) -> Whole {
        let legs = s.accounts[account].legs
        let own = legs[index]
        if own.group == 0 || bucket(of: account, leg: index).leg != nil { return 0 }
        var sums: [Bool: Whole] = [:]
        for (place, leg) in legs.enumerated() where leg.group == own.group && leg.size != 0 {
            if bucket(of: account, leg: place).leg != nil { continue }
            if s.markets[leg.market].validity != .valid { continue }
            sums[leg.size > 0, default: 0] += notional(leg)
        }
        let same = sums[own.size > 0] ?? 0
        if same == 0 { return 0 }
        return floorOf(abs(own.size), min(same, sums[own.size < 0] ?? 0), over: same)
    }

    // MARK: shares of a remainder (ADL-4, ADL-15 to ADL-17)

    /// What each gives up at first, by what it weighs and what it can bear.
    func shares(_ rule: Selection, _ r: Whole, _ weights: [Whole], _ caps: [Whole]) -> [Whole] {
        let all = weights.reduce(0, +)
        var given = weights.map { _ in Whole(0) }
        if all == 0 { return given }
        switch rule {
        case .cappedProRata:
            // Round after round, whoever cannot bear its part of what is left is full.
            var open = weights.indices.filter { caps[$0] > 0 }
            var left = r
            while true {
                let sum = open.reduce(0) { $0 + weights[$1] }
                if sum == 0 { return given }
                let full = open.filter { !productBelow(left, weights[$0], caps[$0], sum) }
                if full.isEmpty {
                    for i in open { given[i] = floorOf(left, weights[i], over: sum) }
                    return given
                }
                for i in full {
                    given[i] = caps[i]
                    left -= caps[i]
                }
                open.removeAll { full.contains($0) }
            }
        case .leastOvershoot:
            // Whole lots of the exact share first; then lot by lot to whoever is then least above it.
            let able = weights.indices.filter { caps[$0] > 0 }
            let sum = able.reduce(0) { $0 + weights[$1] }
            if sum == 0 { return given }
            for i in able { given[i] = min(caps[i], floorOf(r, weights[i], over: sum)) }
            return levelled(given, r, caps, able) { i in r * weights[i] % sum }
        default:
            for i in weights.indices { given[i] = min(caps[i], floorOf(r, weights[i], over: all)) }
            return given
        }
    }

    /// Hands out what is left of `r` in rounds of one lot each, in a round the largest rest first.
    private func levelled(
        _ begin: [Whole],
        _ r: Whole,
        _ caps: [Whole],
        _ able: [Int],
        _ rest: (Int) -> Whole
    ) -> [Whole] {
        var given = begin
        var left = r - begin.reduce(0, +)
        let order = able.sorted { rest($0) != rest($1) ? rest($0) > rest($1) : $0 < $1 }
        while left > 0 {
            let open = order.filter { given[$0] < caps[$0] }
            if open.isEmpty { return given }
            // Whole rounds at once while they are certain.
            let room = open.map { caps[$0] - given[$0] }.min() ?? 0
            let rounds = min(room, left / Whole(open.count))
            if rounds > 0 {
                for i in open { given[i] += rounds }
                left -= rounds * Whole(open.count)
                continue
            }
            for i in open where left > 0 {
                given[i] += 1
                left -= 1
            }
        }
        return given
    }
}
