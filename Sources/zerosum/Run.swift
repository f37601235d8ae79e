import ArgumentParser
import ExchangeCore
import ExchangeText

/// `zerosum run`: a scenario on a fresh exchange.
struct Run: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run a scenario on a fresh exchange and print what happens.",
        discussion: """
            A scenario is a file of JSON Lines, one object a line. Events are printed as JSON Lines.
            A line that cannot be understood, or an expectation that does not hold, ends the run with
            exit status 2 and FILE:LINE, what is wrong and what was expected on standard error.

            Every line has "do" and may have "at", microseconds since 1970 (default: the line before's).
            Command lines may have "status", the status with which the command must come back. Amounts,
            prices, quantities and rates are decimal strings. Optional fields stand in brackets.

            market        symbol tickSize lotSize [tiers:[{[upTo] maintenance leverage}] maker taker mark
                          indexBand averageBand averageSeconds priceBand quorum staleAfterSeconds
                          deviationLimit fundingIntervalHours interest fundingCap impactNotional
                          impactShare impactSeconds
                          liquidationFee buffer takeoverNumerator takeoverDenominator sizing selection
                          selectionSeed ownAccounts hedges deficitShare candidates bidLimit
                          fundPerEvent fundPerMarket fundShare workOff waterfall openInterestCap positionCap
                          backstopRate]
            tiers         symbol tiers
            caps          symbol [openInterest position backstopRate]
            owner         account owner
            deposit       account amount          withdraw      account amount
            transfer      from to amount          fund          amount
            vault         [amount leverage firstLoss lossLimit lockUpSeconds caps:{SYMBOL:amount}
                          edges:{SYMBOL:rate}]
            vaultDeposit  account amount          vaultRedeem   account shares
            leverage      account symbol leverage
            marginMode    account symbol mode     positionMode  account mode
            margin        account symbol (add or remove) [positionSide]
            hedge         account symbol group [positionSide]
            order         account symbol side quantity [positionSide type price timeInForce goodTill
                          triggerPrice activatePrice callbackRate workingType reduceOnly closePosition
                          selfTrade id]
            amend         account symbol (id or order) [price quantity]
            cancel        account symbol (id or order)
            cancelAll     account [symbol]        countdown     account symbol milliseconds
            volunteer     account symbol side quantity [edge]
            price         symbol source price     source        symbol source [weight kind]
            tick                                  funding       symbol [rate]
            kill          (account or symbol or both) [on]
            state         symbol state            settle        symbol price
            debtRule      rule                    note          [text]
            expect        account with equity cash available maintenance; account and symbol with
                          [positionSide] size entryNotional isolatedCash lights; symbol with mark index
                          openInterest state; fund debt vault fees deposits withdrawals episodes
            book          symbol

            A book line prints the orders that rest, each side in the order in which a taker meets them. A
            run that waits for its next line, on a pipe say, has printed the results of all lines before.
            """
    )

    @Argument(help: "The scenario; - for standard input.")
    var file: String

    @Flag(help: "Print the final state as one JSON object instead of the events.")
    var state = false

    @Flag(help: "Print what moves money as lines of whole numbers, for the checker of the proofs.")
    var ledger = false

    @Option(help: "Write the receipt of every liquidation to this file, one JSON object a line.")
    var receipts: String?

    /// Whether the events are printed as they are.
    private var isTold: Bool { !state && !ledger }

    func run() throws {
        do {
            try runScenario()
        } catch let error as ScenarioError {
            fail("\(file):\(error)")
            throw ExitCode(2)
        } catch let error as FileError {
            fail("\(error)")
            throw ExitCode(2)
        }
    }

    private func runScenario() throws {
        var reader = try LineReader(path: file)
        let output = OutputFile.standardOutput
        let receiptFile = try receipts.map { try OutputFile(path: $0) }
        var runner = ScenarioRunner()
        var events = EventBuffer()
        var writer = EventJSON()
        var receiptWriter = ReceiptJSON()
        var ledgerLines = LedgerLines()
        if ledger { LedgerLines.begin(in: &output.bytes) }
        // What was applied before a bad line is told all the same: the error says where it stopped.
        do {
            var number = 0
            while true {
                // Whoever feeds a pipe may wait for an answer before the next line.
                if !reader.holdsLine {
                    try output.flush()
                    try receiptFile?.flush()
                }
                guard let line = try reader.next() else { break }
                number += 1
                events.removeAll()
                defer {
                    if ledger { ledgerLines.append(events, to: &output.bytes) }
                    if isTold { writer.append(events, names: runner.names, to: &output.bytes) }
                    if isTold, let market = runner.shown {
                        BookJSON.append(runner.exchange, market, names: runner.names, to: &output.bytes)
                    }
                    if let receiptFile {
                        receiptWriter.append(
                            events,
                            at: runner.now,
                            names: runner.names,
                            to: &receiptFile.bytes
                        )
                    }
                }
                try runner.run(line, line: number, into: &events)
                try output.flushIfLarge()
                try receiptFile?.flushIfLarge()
            }
            if state { StateJSON.append(runner.exchange, names: runner.names, to: &output.bytes) }
        } catch {
            try output.flush()
            try receiptFile?.flush()
            throw error
        }
        try output.flush()
        try receiptFile?.flush()
    }
}
