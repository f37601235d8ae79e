/// Lexicographic: profit decides, then leverage, then size (ADL-13).
extension Exchange {
    /// Both parts in one number; size is what equal scores are told apart by anyway (ADL-2).
    func lexicographicScore(_ ranked: RankedLeg) -> Int128 {
        Int128(Int64(saturating: ranked.profit)) << 63 + Int128(ranked.leverage)
    }
}
