/// Pages of 2 MiB for large slabs: a million accounts lie on a few hundred of them, which the processor
/// finds without walking its tables, and which come with one fault in place of 512.
enum LargePages {
    static var size: Int { 1 << 21 }

    #if os(Linux) && !hasFeature(Embedded)
        /// Asks for large pages where the system gives them on request. Whether it does changes nothing
        /// but speed, so the answer is not looked at.
        static func ask(for storage: UnsafeMutableRawPointer, _ count: Int) {
            _ = unsafe advise(storage, count, 14)  // MADV_HUGEPAGE
        }
    #else
        static func ask(for storage: UnsafeMutableRawPointer, _ count: Int) {}
    #endif
}

#if os(Linux) && !hasFeature(Embedded)
    /// The C library's own, named here because the core imports nothing.
    @_silgen_name("madvise")
    private func advise(_ storage: UnsafeMutableRawPointer, _ count: Int, _ advice: Int32) -> Int32
#endif
