public import ExchangeCore
public import ExchangeJournal
public import ExchangeRuntime

/// Runs a demo population against a sequencer, once a second, until it is stopped.
public final class DemoDriver<Disk: Storage>: @unchecked Sendable {
    private let monitor = Monitor()
    private let sequencer: Sequencer<Disk>
    private let budget: Int
    private var population: DemoPopulation
    private let markets: [MarketID]
    private let accounts: [AccountID]
    private var sizes: [Int64]
    private var isStopped = false
    private var worker: Worker?

    /// - Parameter rate: commands a second at most, prices included.
    public init(
        _ population: DemoPopulation,
        markets: [MarketID],
        accounts: [AccountID],
        rate: Int,
        on sequencer: Sequencer<Disk>
    ) {
        self.population = population
        self.markets = markets
        self.accounts = accounts
        self.sequencer = sequencer
        budget = rate
        sizes = [Int64](repeating: 0, count: markets.count * accounts.count)
        worker = Worker { [self] in run() }
    }

    /// Shocks prices from the next second on.
    public func begin(_ crash: Crash, in market: MarketID?) {
        monitor.locked { population.begin(crash, in: market) }
    }

    /// Ends it; returns once nothing more comes from it.
    public func stop() {
        monitor.locked {
            isStopped = true
            monitor.signal()
        }
        worker?.join()
        worker = nil
    }

    private func run() {
        var next = SystemClock.monotonic
        while true {
            next += 1_000_000
            let commands: [Command]? = monitor.locked {
                while !isStopped && SystemClock.monotonic < next { monitor.wait(until: next) }
                if isStopped { return nil }
                let (known, width) = (sizes, self.markets.count)
                return population.step(budget: budget) { Quantity(known[$0 * width + $1]) }
            }
            guard let commands else { return }
            let (accounts, markets) = (self.accounts, self.markets)
            // Refused when too much waits: the demo simply misses a second.
            try? sequencer.submit(
                Job(
                    commands,
                    read: { exchange, _ in DemoDriver.sizes(exchange, accounts, markets) },
                    finish: { [self] result in
                        if case .success(let (_, sizes)) = result { monitor.locked { self.sizes = sizes } }
                    }
                )
            )
        }
    }

    private static func sizes(
        _ exchange: borrowing Exchange,
        _ accounts: [AccountID],
        _ markets: [MarketID]
    ) -> [Int64] {
        var sizes = [Int64](repeating: 0, count: accounts.count * markets.count)
        for (row, account) in accounts.enumerated() {
            exchange.forEachPosition(of: account) { position in
                if let column = markets.firstIndex(of: position.market), position.positionSide == .both {
                    sizes[row * markets.count + column] = position.size.lots
                }
            }
        }
        return sizes
    }
}
