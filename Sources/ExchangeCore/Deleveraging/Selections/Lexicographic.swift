/// Lexicographic: profit decides, then leverage, then size (ADL-13).
extension Score {
    /// Both parts in one number; size is what equal scores are told apart by anyway (ADL-2).
    static func lexicographic(profit: Int128, leverage: Int64) -> Int128 {
        assert(profit >= 0 && leverage >= 0, "parts of a score are not negative")
        let score = Int128(Int64(saturating: profit)) << 63 + Int128(leverage)
        assert(score >= Int128(leverage), "leverage decides behind profit")
        return score
    }
}
