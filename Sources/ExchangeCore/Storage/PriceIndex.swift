/// Ordered sets of price levels: radix-64 tries over 30-bit prices, all in one pool of nodes.
///
/// The same structure serves the book's levels, the triggers of conditional orders and the triggers
/// of liquidation (MG-7). An index is named by its root. A root stands only as high as its prices need,
/// so that a book of 4,096 neighbouring ticks is two nodes deep; every operation is O(5) steps at most,
/// whatever the number of levels or their distance.
struct PriceIndex: ~Copyable {
    /// A node of 64 children; `bitmap` says which exist. In the lowest row children are level numbers.
    struct Node: BitwiseCopyable {
        var bitmap: UInt64 = 0
        /// The first price under the node.
        var base: Int32
        /// A child covers 2^shift prices.
        var shift: Int32
        var children = InlineArray<64, Int32>(repeating: -1)

        @inline(__always)
        func digit(_ price: Int64) -> Int { Int(truncatingIfNeeded: (price >> Int64(shift)) & 63) }

        @inline(__always)
        func covers(_ price: Int64) -> Bool { (price ^ Int64(base)) >> Int64(shift + 6) == 0 }
    }

    private var nodes = Pool<Node>()

    /// Becomes a copy of all indices of another, with the same roots.
    mutating func copy(from other: borrowing PriceIndex) { nodes.copy(from: other.nodes) }

    /// A node for the 64 children round a price.
    private mutating func makeNode(_ price: Int64, _ shift: Int32) -> Int32 {
        let base = Int32(truncatingIfNeeded: (price >> Int64(shift + 6)) << Int64(shift + 6))
        if let node = nodes.reuse() {
            // A node that was given back has no children: only its place is new.
            nodes[node].base = base
            nodes[node].shift = shift
            return node
        }
        return nodes.insert(Node(base: base, shift: shift))
    }

    /// The level stored at `price`, or -1.
    func find(_ root: Int32, _ price: Int64) -> Int32 {
        if root < 0 || !nodes[root].covers(price) { return -1 }
        var node = root
        while nodes[node].shift > 0 {
            node = nodes[node].children[nodes[node].digit(price)]
            if node < 0 { return -1 }
        }
        return nodes[node].children[nodes[node].digit(price)]
    }

    /// Stores `level` at a price that has none yet.
    mutating func insert(_ root: inout Int32, _ price: Int64, _ level: Int32) {
        let node = self.node(&root, for: price)
        precondition(self.level(at: price, in: node, orInsert: level) == level)
    }

    /// The level stored at `price` in the lowest node that covers it; `fresh`, which is then stored there,
    /// if there is none.
    @inline(__always)
    mutating func level(at price: Int64, in node: Int32, orInsert fresh: Int32) -> Int32 {
        let child = nodes[node].digit(price)
        if nodes[node].bitmap & UInt64(1) << UInt64(child) == 0 {
            set(node, child, fresh)
            return fresh
        }
        return nodes[node].children[child]
    }

    /// Whether a lowest node is the one that a price belongs to.
    @inline(__always)
    func isCovered(_ price: Int64, by node: Int32) -> Bool { (price ^ Int64(nodes[node].base)) >> 6 == 0 }

    /// The lowest node that covers `price`, made if there is none.
    mutating func node(_ root: inout Int32, for price: Int64) -> Int32 {
        precondition(price >= 0 && price >> 30 == 0)
        if root < 0 { root = makeNode(price, 0) }
        while !nodes[root].covers(price) {
            let base = Int64(nodes[root].base)
            let higher = makeNode(base, nodes[root].shift + 6)
            set(higher, nodes[higher].digit(base), root)
            root = higher
        }
        var node = root
        while nodes[node].shift > 0 {
            let child = nodes[node].digit(price)
            var next = nodes[node].children[child]
            if next < 0 {
                next = makeNode(price, nodes[node].shift - 6)
                set(node, child, next)
            }
            node = next
        }
        return node
    }

    @inline(__always)
    private mutating func set(_ node: Int32, _ child: Int, _ value: Int32) {
        nodes[node].bitmap |= UInt64(1) << UInt64(child)
        nodes[node].children[child] = value
    }

    /// Removes the level at `price` from the lowest node that holds it. Returns false, and does nothing, if
    /// the node would be left empty.
    @inline(__always)
    mutating func remove(at price: Int64, from node: Int32) -> Bool {
        let child = nodes[node].digit(price)
        let rest = nodes[node].bitmap & ~(UInt64(1) << UInt64(child))
        if rest == 0 { return false }
        nodes[node].bitmap = rest
        nodes[node].children[child] = -1
        return true
    }

    /// Reads a bit of what a change at a price will read of its lowest node.
    @inline(__always)
    func touch(_ node: Int32, at price: Int64) -> Int32 {
        nodes[node].base ^ nodes[node].children[Int(truncatingIfNeeded: price & 63)]
    }

    /// The highest level of a lowest node.
    @inline(__always)
    func highest(in node: Int32) -> Int32 {
        nodes[node].children[63 - nodes[node].bitmap.leadingZeroBitCount]
    }

    /// The lowest level of a lowest node.
    @inline(__always)
    func lowest(in node: Int32) -> Int32 { nodes[node].children[nodes[node].bitmap.trailingZeroBitCount] }

    /// Removes the level at `price`, and the nodes that it leaves without need.
    mutating func remove(_ root: inout Int32, _ price: Int64) {
        var path = InlineArray<5, Int32>(repeating: -1)
        var depth = 0
        path[0] = root
        while nodes[path[depth]].shift > 0 {
            let next = nodes[path[depth]].children[nodes[path[depth]].digit(price)]
            depth += 1
            path[depth] = next
        }
        while depth >= 0 {
            let node = path[depth]
            let child = nodes[node].digit(price)
            nodes[node].bitmap &= ~(UInt64(1) << UInt64(child))
            nodes[node].children[child] = -1
            if nodes[node].bitmap != 0 { break }
            nodes.remove(node)
            depth -= 1
        }
        if depth < 0 { root = -1 } else if depth == 0 { lower(&root) }
    }

    /// A high root with a single child gives way to it. One over 4,096 prices stays: a book moves to and
    /// fro between its children.
    private mutating func lower(_ root: inout Int32) {
        while nodes[root].shift > 6 && nodes[root].bitmap & (nodes[root].bitmap - 1) == 0 {
            let child = nodes[root].bitmap.trailingZeroBitCount
            let only = nodes[root].children[child]
            nodes[root].bitmap = 0
            nodes[root].children[child] = -1
            nodes.remove(root)
            root = only
        }
    }

    /// The level with the lowest price, or -1.
    func lowest(_ root: Int32) -> Int32 {
        if root < 0 { return -1 }
        var node = root
        while nodes[node].shift > 0 {
            node = nodes[node].children[nodes[node].bitmap.trailingZeroBitCount]
        }
        return nodes[node].children[nodes[node].bitmap.trailingZeroBitCount]
    }

    /// The level with the highest price, or -1.
    func highest(_ root: Int32) -> Int32 {
        if root < 0 { return -1 }
        var node = root
        while nodes[node].shift > 0 {
            node = nodes[node].children[63 - nodes[node].bitmap.leadingZeroBitCount]
        }
        return nodes[node].children[63 - nodes[node].bitmap.leadingZeroBitCount]
    }

    /// The level next above `price`, or -1.
    func above(_ root: Int32, _ price: Int64) -> Int32 {
        if root < 0 { return -1 }
        if !nodes[root].covers(price) { return price < Int64(nodes[root].base) ? lowest(root) : -1 }
        var node = root
        // The last subtree that the path could have turned up into.
        var turn: Int32 = -1
        while true {
            let child = nodes[node].digit(price)
            let rest = nodes[node].bitmap & ~(UInt64.max >> UInt64(63 - child))
            let next = rest == 0 ? -1 : nodes[node].children[rest.trailingZeroBitCount]
            if nodes[node].shift == 0 { return rest != 0 ? next : turn < 0 ? -1 : lowest(turn) }
            if rest != 0 { turn = next }
            node = nodes[node].children[child]
            if node < 0 { return turn < 0 ? -1 : lowest(turn) }
        }
    }

    /// The level next below `price`, or -1.
    func below(_ root: Int32, _ price: Int64) -> Int32 {
        if root < 0 { return -1 }
        if !nodes[root].covers(price) { return price < Int64(nodes[root].base) ? -1 : highest(root) }
        var node = root
        var turn: Int32 = -1
        while true {
            let child = nodes[node].digit(price)
            let rest = nodes[node].bitmap & ((UInt64(1) << UInt64(child)) - 1)
            let next = rest == 0 ? -1 : nodes[node].children[63 - rest.leadingZeroBitCount]
            if nodes[node].shift == 0 { return rest != 0 ? next : turn < 0 ? -1 : highest(turn) }
            if rest != 0 { turn = next }
            node = nodes[node].children[child]
            if node < 0 { return turn < 0 ? -1 : highest(turn) }
        }
    }
}
