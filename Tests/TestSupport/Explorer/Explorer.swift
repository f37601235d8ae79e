import ExchangeCore
import ExchangeText
import Glibc

/// What counts as the same state: nothing, so that every sequence of commands is gone; what goes on alike;
/// that, with interchangeable accounts exchanged for one another.
public enum Merging: Int, Sendable {
    case nothing, identical, symmetric
}

/// What a search is asked for.
public struct ExplorerOptions: Sendable {
    /// States to find; the search ends behind the one that is expanded when they are there.
    public var states = 1_000_000
    /// Commands in a row.
    public var depth = 255
    /// What counts as the same state.
    public var merging = Merging.symmetric
    /// Whether the second implementation goes along, command by command.
    public var isAudited = false
    /// Whether laws are looked at: without them it counts states only.
    public var looksAtLaws = true
    /// Whether ADL-5 is a law for the second implementation; nil: where the world keeps to its third premise.
    public var demandsTheorem: Bool?
    /// A million states, all laws, symmetric ones merged.
    public init() {}
}

/// Every state that a world's commands can reach, breadth first, each once.
///
/// A state is forked from the one it was reached from by copying slabs. Those of a level are taken in the
/// order in which they were found, so that neighbours share their way: a stack of forks, one a command of
/// the present way, is all that is kept beside the identities.
public final class Explorer {
    /// A fork, and what goes with it.
    private final class Node {
        var exchange: Exchange
        var picture = Picture()
        var comparison: Comparison?
        var state = -1

        init(_ limits: Limits) { exchange = Exchange(limits: limits) }
    }

    /// What is explored.
    public let world: ExploredWorld
    private let options: ExplorerOptions
    private var states = StateSet()
    private var stack: [Node] = []
    private let next: Node
    private var events = EventBuffer()
    private var written = ByteWriter(capacity: 1 << 13)
    private var again = ByteWriter(capacity: 1 << 13)
    private var laws = StepLaws()
    /// Steps that were looked at, and those among them that were refused.
    public private(set) var (steps, refused) = (0, 0)
    /// Commands in a row for which every state was seen.
    public private(set) var completeDepth = 0
    /// Whether nothing is left: every reachable state was seen.
    public private(set) var isExhausted = false
    /// The first law that did not hold.
    public private(set) var violation: Violation?
    private var pathOfViolation: [Int] = []

    /// What happened, by name: a world in which nobody is deleveraged proves nothing about deleveraging.
    public var seen: [String: Int] { laws.seen }
    /// How many states were found.
    public var stateCount: Int { states.count }
    /// How many different identities they have: as many, but with nothing merged.
    public var identityCount: Int {
        if options.merging != .nothing { return states.count }
        var different = Set<UInt64>()
        for index in 0..<states.count { different.insert(states.identities[index]) }
        return different.count
    }

    /// The world after its setup; a failure if that is refused.
    public init(_ world: ExploredWorld, _ options: ExplorerOptions) throws(ExploredWorld.Failure) {
        self.world = world
        self.options = options
        next = Node(world.limits)
        let root = Node(world.limits)
        if options.isAudited {
            root.comparison = Comparison(limits: Explorer.auditedLimits(world.limits))
            next.comparison = Comparison(limits: Explorer.auditedLimits(world.limits))
            root.comparison?.demandsTheorem = options.demandsTheorem ?? world.isTheoremDemanded
        }
        stack = [root]
        for line in world.setup {
            for command in line.commands {
                let status = try set(up: command, at: line.at, line.line)
                if status != .ok {
                    throw ExploredWorld.Failure(
                        text: "\(world.name):\(line.line): \(status.term); expected ok"
                    )
                }
            }
        }
        root.picture.take(root.exchange)
        root.state = 0
        let identity = identity(of: root)
        _ = states.insert(identity, isAlwaysNew: options.merging == .nothing, from: 0, by: 0)
    }

    /// Whether a waterfall is done within one step of the search.
    private var isWhole: Bool { world.limits.waterfallSteps >= Limits().waterfallSteps }

    private static func auditedLimits(_ limits: Limits) -> AuditedLimits {
        var audited = AuditedLimits()
        audited.waterfallSteps = Int(limits.waterfallSteps)
        return audited
    }

    private func set(up command: Command, at: Timestamp, _ line: Int) throws(ExploredWorld.Failure) -> Status
    {
        let root = stack[0]
        while root.exchange.nextDeadline <= at {
            _ = try apply(.tick(Tick()), root, at: max(root.exchange.nextDeadline, root.exchange.now), line)
        }
        let status = try apply(command, root, at: at, line)
        while root.exchange.isWaterfallPending { _ = try apply(.continue(Continue()), root, at: at, line) }
        return status
    }

    private func apply(_ command: Command, _ node: Node, at: Timestamp, _ line: Int) throws(ExploredWorld
        .Failure) -> Status
    {
        events.removeAll()
        let status = node.exchange.apply(command, sequence: node.exchange.nextSequence, at: at, into: &events)
        if let difference = node.comparison?.step(TimedCommand(command: command, at: at.microseconds)) {
            if violation == nil { violation = Violation(law: .auditor, text: "line \(line): \(difference)") }
        }
        return status
    }

    private func identity(of node: Node) -> UInt64 {
        node.exchange.identity(interchangeable: options.merging == .identical ? 0..<0 : world.interchangeable)
    }

    // MARK: Breadth first

    /// Searches until enough was found, nothing is left, or a law does not hold.
    public func run() {
        var (first, depth) = (0, 0)
        while violation == nil && depth < options.depth {
            let end = states.count
            if first == end {
                isExhausted = true
                return
            }
            for state in first..<end {
                expand(state, depth)
                if violation != nil || states.count >= options.states { return }
            }
            depth += 1
            completeDepth = depth
            first = end
        }
    }

    private func expand(_ state: Int, _ depth: Int) {
        goTo(state, depth)
        if violation != nil { return }
        let node = stack[depth]
        if node.exchange.isWaterfallPending {
            step(node, world.letters.count, depth)
            return
        }
        for letter in world.letters.indices {
            step(node, letter, depth)
            if violation != nil || states.count > Int(UInt32.max) { return }
        }
    }

    /// Makes the stack end with a state: what it shares with the last one stays.
    private func goTo(_ state: Int, _ depth: Int) {
        while stack.count <= depth { stack.append(makeNode()) }
        var way = [Int](repeating: 0, count: depth + 1)
        var at = state
        for place in stride(from: depth, through: 0, by: -1) {
            way[place] = at
            at = states.parent(of: at)
        }
        for place in 1..<(depth + 1) where stack[place].state != way[place] {
            let node = stack[place]
            copy(stack[place - 1], to: node)
            _ = give(states.letter(of: way[place]), to: node) { _, _, _ in }
            node.picture.take(node.exchange)
            node.state = way[place]
            // What goes on from here goes on from a snapshot, so that what that forgets comes out (DET-5).
            if let difference = node.comparison?.reload() {
                fail(Violation(law: .auditor, text: difference), way[place], nil)
                return
            }
            if identity(of: node) != states.identities[way[place]] {
                fail(Violation(law: .fork, text: "the same commands reach another state"), way[place], nil)
                return
            }
            for behind in stack.dropFirst(place + 1) { behind.state = -1 }
        }
    }

    private func makeNode() -> Node {
        let node = Node(world.limits)
        if options.isAudited { node.comparison = Comparison(limits: Explorer.auditedLimits(world.limits)) }
        return node
    }

    private func copy(_ node: Node, to other: Node) {
        other.exchange.become(copyOf: node.exchange)
        if let comparison = node.comparison { other.comparison?.become(copyOf: comparison) }
    }

    // MARK: A step

    /// The commands of a letter at its time; behind the last letter stands `continue`.
    private func commands(of letter: Int) -> [Command] {
        letter < world.letters.count ? world.letters[letter].commands : [.continue(Continue())]
    }

    /// Gives a letter's commands to a fork. Returns whether anything was done, nil if no deadline is there
    /// for a tick. `told` gets each command with the events behind it.
    private func give(_ letter: Int, to node: Node, _ told: (Command, Status, borrowing Exchange) -> Void)
        -> Bool?
    {
        var at = node.exchange.now
        if letter < world.letters.count && world.letters[letter].isTick {
            if node.exchange.nextDeadline > .latest { return nil }
            at = max(at, node.exchange.nextDeadline)
        }
        var isDone = false
        if letter < world.letters.count && world.letters[letter].delay > 0 {
            // Time passes whether the command is refused or not.
            isDone = true
            at = Timestamp(at.microseconds + world.letters[letter].delay)
            while node.exchange.nextDeadline <= at && violation == nil {
                _ = give(.tick(Tick()), to: node, max(node.exchange.nextDeadline, node.exchange.now), told)
                goOn(node, told)
            }
        }
        for command in commands(of: letter) {
            let status = give(command, to: node, at, told)
            if status != .ok { break }
            isDone = true
            // With bounded steps each part of a waterfall is a state of its own.
            if isWhole { goOn(node, told) }
        }
        return isDone
    }

    /// Continues a waterfall until it is over (WF-11).
    private func goOn(_ node: Node, _ told: (Command, Status, borrowing Exchange) -> Void) {
        var turns = 0
        while node.exchange.isWaterfallPending && turns <= 1_000 {
            _ = give(.continue(Continue()), to: node, node.exchange.now, told)
            turns += 1
        }
        if turns > 1_000 { laws.fail(.ends, "1,000 times continued") }
    }

    private func give(
        _ command: Command,
        to node: Node,
        _ at: Timestamp,
        _ told: (Command, Status, borrowing Exchange) -> Void
    ) -> Status {
        events.removeAll()
        let status = node.exchange.apply(command, sequence: node.exchange.nextSequence, at: at, into: &events)
        if let comparison = node.comparison {
            let difference = comparison.step(TimedCommand(command: command, at: at.microseconds))
            if let difference { laws.fail(.auditor, difference) }
        }
        told(command, status, node.exchange)
        return status
    }

    private func step(_ node: Node, _ letter: Int, _ depth: Int) {
        copy(node, to: next)
        var before = node.picture
        var isOpen = false
        let done = give(letter, to: next) { command, status, exchange in
            if status != .ok || !options.looksAtLaws { return }
            laws.begin(command, exchange, before, isWhole: isWhole)
            events.forEach { laws.take($0, exchange, before) }
            next.picture.take(exchange)
            laws.end(command, before, next.picture)
            before = next.picture
            isOpen = true
        }
        guard let done else { return }
        steps += 1
        let identity = identity(of: next)
        if !done {
            refused += 1
            let isSame = identity == states.identities[node.state]
            laws.check(isSame, .refusal, "the state is another behind a refused command")
        } else if isOpen && !next.exchange.isWaterfallPending {
            laws.endWaterfall(next.picture)
        }
        if done
            && states.insert(identity, isAlwaysNew: options.merging == .nothing, from: node.state, by: letter)
            && options.looksAtLaws
        {
            laws.look(next.exchange, next.picture)
            checkRestore()
        }
        if let violation = laws.violation { fail(violation, node.state, letter) }
    }

    /// DET-5: what is restored from its snapshot gives the same snapshot, byte by byte.
    private func checkRestore() {
        written.removeAll()
        next.exchange.snapshot(into: &written)
        written.withBytes { span in
            var reader = ByteReader(copying: span)
            do throws(StateFault) {
                let restored = try Exchange(restoring: &reader)
                again.removeAll()
                restored.snapshot(into: &again)
            } catch {
                laws.fail(.restore, error.text)
            }
        }
        laws.check(areSame(), .restore, "the restored state is another")
    }

    private func areSame() -> Bool {
        if written.count != again.count { return false }
        return written.withBytes { one in
            again.withBytes { other in
                one.withUnsafeBytes { one in
                    other.withUnsafeBytes { other in
                        guard let one = one.baseAddress, let other = other.baseAddress else { return false }
                        return memcmp(one, other, written.count) == 0
                    }
                }
            }
        }
    }

    private func fail(_ violation: Violation, _ state: Int, _ letter: Int?) {
        self.violation = violation
        var way: [Int] = letter.map { [$0] } ?? []
        var at = state
        while at != 0 {
            way.append(states.letter(of: at))
            at = states.parent(of: at)
        }
        pathOfViolation = way.reversed()
    }

    // MARK: The counterexample

    /// The shortest way to the law that does not hold, as a scenario file; nil without one.
    public func counterexample() -> String? {
        guard let violation else { return nil }
        let node = makeNode()
        copy(stack[0], to: node)
        var path: [(letter: ExploredWorld.Letter, at: Timestamp)] = []
        for letter in pathOfViolation {
            _ = give(letter, to: node) { _, _, _ in }
            if letter < world.letters.count { path.append((world.letters[letter], node.exchange.now)) }
        }
        let note = "\(violation.law.code): \(violation.law.text). \(violation.text)"
        return world.scenario(note, path)
    }
}
