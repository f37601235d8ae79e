import ExchangeCore

/// The states that were seen: identities in order of discovery, each with the state it was reached from and
/// by which command.
///
/// 13 bytes a state, and a table of eight bytes a slot that is at most half full. The path to a state is read
/// off its parents.
struct StateSet: ~Copyable {
    private var table = Slab<UInt64>(repeating: 0, count: 1 << 16)
    private var mask = 0
    private(set) var identities = Slab<UInt64>()
    private var parents = Slab<UInt32>()
    private var letters = Slab<UInt8>()

    /// How many there are.
    var count: Int { identities.count }

    init() { mask = table.count - 1 }

    /// Whether a state is new; if so it is the last of all. Zero stands for an empty slot and is taken for
    /// one.
    ///
    /// - Parameter isAlwaysNew: takes it for new whether its identity was seen or not.
    mutating func insert(_ identity: UInt64, isAlwaysNew: Bool, from parent: Int, by letter: Int) -> Bool {
        if isAlwaysNew {
            add(identity, parent, letter)
            return true
        }
        let key = identity == 0 ? 1 : identity
        var slot = Int(truncatingIfNeeded: key &* 0x9E37_79B9_7F4A_7C15 >> 8) & mask
        while table[slot] != 0 {
            if table[slot] == key { return false }
            slot = (slot + 1) & mask
        }
        table[slot] = key
        add(identity, parent, letter)
        if identities.count * 2 > table.count { grow() }
        return true
    }

    private mutating func add(_ identity: UInt64, _ parent: Int, _ letter: Int) {
        identities.append(identity)
        parents.append(UInt32(truncatingIfNeeded: parent))
        letters.append(UInt8(truncatingIfNeeded: letter))
    }

    private mutating func grow() {
        var larger = Slab<UInt64>(repeating: 0, count: table.count * 2)
        let mask = larger.count - 1
        for index in 0..<identities.count {
            let key = identities[index] == 0 ? 1 : identities[index]
            var slot = Int(truncatingIfNeeded: key &* 0x9E37_79B9_7F4A_7C15 >> 8) & mask
            while larger[slot] != 0 { slot = (slot + 1) & mask }
            larger[slot] = key
        }
        self.mask = mask
        swap(&larger, &table)
    }

    /// The state that one was first reached from; the first one's is itself.
    func parent(of state: Int) -> Int { Int(parents[state]) }
    /// By which command it was reached.
    func letter(of state: Int) -> Int { Int(letters[state]) }
}
