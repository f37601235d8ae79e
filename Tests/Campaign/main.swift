import ExchangeCore
import Glibc
import TestSupport

// campaign --allocations
// campaign --fuzz-seeds FOLDER
// campaign --explore [--states N] [--depth D] [--merge 0|1|2] [--audit 0|1] [--laws 0|1] [--only WORLD]
//          [--out FOLDER] [--list] [--first] FILE…
// campaign --mutants-source FOLDER, and where faults are compiled in: campaign --mutant NUMBER, and with
//          worlds of coalitions and their law alone campaign --mutant-together NUMBER, and with a checker of
//          ledger lines alone campaign --check COMMAND --mutant-checked NUMBER
// campaign [--commands N | --minutes M] [--seed S] [--seeds-from S] [--world-length L] [--failures F]
//          [--shrink 0|1] [--check COMMAND]

var options = CampaignOptions()
var arguments = Array(CommandLine.arguments.dropFirst())
while let name = arguments.first {
    arguments.removeFirst()
    if name == "--allocations" { exit(AllocationCheck.run()) }
    if name == "--explore" { exit(Exploration.run(arguments)) }
    guard let word = arguments.first else {
        print("campaign: \(name) needs a value")
        exit(2)
    }
    arguments.removeFirst()
    if name == "--fuzz-seeds" { exit(Seeds.write(to: word)) }
    if name == "--check" {
        options.checker = word
        continue
    }
    if name == "--mutants-source" { exit(Faults.write(to: word)) }
    #if MUTANTS
        if name == "--mutant", let number = Int32(word) {
            plantedMutant = number
            exit(Faults.attempt(worlds: number == 0 ? 300 : 1_500))
        }
        if name == "--mutant-together", let number = Int32(word) {
            plantedMutant = number
            exit(Faults.attemptTogether(worlds: 4_000))
        }
        if name == "--mutant-checked", let number = Int32(word), let checker = options.checker {
            plantedMutant = number
            exit(Faults.attemptChecked(by: checker, worlds: 300))
        }
    #endif
    guard let value = UInt64(word), options.take(name, value) else {
        print("campaign: \(name) \(word) is not understood")
        exit(2)
    }
}
var campaign = Campaign(options: options)
exit(campaign.run())
