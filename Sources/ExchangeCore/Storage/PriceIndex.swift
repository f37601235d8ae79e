/// Ordered sets of price levels: radix-64 tries over 30-bit prices, all in one pool of nodes.
///
/// The same structure serves the book's levels, the triggers of conditional orders and the triggers
/// of liquidation (MG-7). An index is named by its root; every operation is O(5) steps, whatever the
/// number of levels or their distance.
struct PriceIndex: ~Copyable {
    /// A node of 64 children; `bitmap` says which exist. In the lowest row children are level numbers.
    struct Node: BitwiseCopyable {
        var bitmap: UInt64 = 0
        var children = InlineArray<64, Int32>(repeating: -1)
    }

    private var nodes = Pool<Node>()

    private static let topShift: Int64 = 24

    @inline(__always)
    private func digit(_ price: Int64, _ shift: Int64) -> Int {
        Int(truncatingIfNeeded: (price >> shift) & 63)
    }

    /// The level stored at `price`, or -1.
    func find(_ root: Int32, _ price: Int64) -> Int32 {
        var node = root
        var shift = Self.topShift
        while node >= 0 {
            let child = digit(price, shift)
            if nodes[node].bitmap & (1 << UInt64(child)) == 0 { return -1 }
            node = nodes[node].children[child]
            if shift == 0 { return node }
            shift -= 6
        }
        return -1
    }

    /// Stores `level` at a price that has none yet.
    mutating func insert(_ root: inout Int32, _ price: Int64, _ level: Int32) {
        precondition(price >= 0 && price >> 30 == 0)
        if root < 0 { root = nodes.insert(Node()) }
        var node = root
        var shift = Self.topShift
        while true {
            let child = digit(price, shift)
            let bit = UInt64(1) << UInt64(child)
            if shift == 0 {
                nodes[node].bitmap |= bit
                nodes[node].children[child] = level
                return
            }
            if nodes[node].bitmap & bit == 0 {
                let fresh = nodes.insert(Node())
                nodes[node].bitmap |= bit
                nodes[node].children[child] = fresh
            }
            node = nodes[node].children[child]
            shift -= 6
        }
    }

    /// Removes the level at `price`, and the nodes that it leaves empty.
    mutating func remove(_ root: inout Int32, _ price: Int64) {
        var path = InlineArray<5, Int32>(repeating: -1)
        var node = root
        var depth = 0
        var shift = Self.topShift
        while shift > 0 {
            path[depth] = node
            node = nodes[node].children[digit(price, shift)]
            shift -= 6
            depth += 1
        }
        path[depth] = node
        while depth >= 0 {
            let row = path[depth]
            nodes[row].bitmap &= ~(UInt64(1) << UInt64(digit(price, shift)))
            if nodes[row].bitmap != 0 { return }
            nodes.remove(row)
            depth -= 1
            shift += 6
        }
        root = -1
    }

    /// The level with the lowest price, or -1.
    func lowest(_ root: Int32) -> Int32 {
        var node = root
        var shift = Self.topShift
        while node >= 0 {
            node = nodes[node].children[nodes[node].bitmap.trailingZeroBitCount]
            if shift == 0 { return node }
            shift -= 6
        }
        return -1
    }

    /// The level with the highest price, or -1.
    func highest(_ root: Int32) -> Int32 {
        var node = root
        var shift = Self.topShift
        while node >= 0 {
            node = nodes[node].children[63 - nodes[node].bitmap.leadingZeroBitCount]
            if shift == 0 { return node }
            shift -= 6
        }
        return -1
    }

    /// The level next above `price`, or -1.
    func above(_ root: Int32, _ price: Int64) -> Int32 { neighbour(root, price, up: true) }

    /// The level next below `price`, or -1.
    func below(_ root: Int32, _ price: Int64) -> Int32 { neighbour(root, price, up: false) }

    private func neighbour(_ root: Int32, _ price: Int64, up: Bool) -> Int32 {
        var node = root
        var shift = Self.topShift
        // The last place where the path could have turned the other way.
        var turn: Int32 = -1
        var turnShift: Int64 = 0
        while node >= 0 {
            let child = UInt64(digit(price, shift))
            let beyond = up ? ~((1 << child) | ((1 << child) - 1)) : (UInt64(1) << child) - 1
            let rest = nodes[node].bitmap & beyond
            if rest != 0 {
                let next = up ? rest.trailingZeroBitCount : 63 - rest.leadingZeroBitCount
                turn = nodes[node].children[next]
                turnShift = shift
            }
            if shift == 0 || nodes[node].bitmap & (1 << child) == 0 { break }
            node = nodes[node].children[Int(child)]
            shift -= 6
        }
        if turn < 0 { return -1 }
        while turnShift > 0 {
            let bitmap = nodes[turn].bitmap
            turn = nodes[turn].children[up ? bitmap.trailingZeroBitCount : 63 - bitmap.leadingZeroBitCount]
            turnShift -= 6
        }
        return turn
    }
}
