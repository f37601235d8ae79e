/// OKX: return times effective leverage with its natural sign (ADL-11).
extension Exchange {
    /// A loser's score is negative, so that among losers the most levered stands last.
    func okxScore(_ ranked: RankedLeg) -> Int128 { signedReturn(ranked.leg) * Int128(ranked.leverage) }
}
