#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The natural logarithm, from the system's library.
func logarithm(_ x: Double) -> Double { log(x) }
/// The exponential function, from the system's library.
func exponential(_ x: Double) -> Double { exp(x) }
