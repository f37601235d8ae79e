/// A rule that every state of an exchange keeps between two commands (DET-6).
public struct StateRule: Sendable {
    /// The room that keeps it.
    public let room: StateRoom
    /// The rule of the specification that it follows from.
    public let code: StaticString
    /// The rule, as a sentence.
    public let text: StaticString

    private init(_ room: StateRoom, _ code: StaticString, _ text: StaticString) {
        self.room = room
        self.code = code
        self.text = text
    }
}

// MARK: Encoding

extension StateRule {
    static var isWhole: StateRule { .init(.encoding, "DET-2", "a state has no byte too few or too many") }
    static var isKnown: StateRule { .init(.encoding, "DET-2", "a code is one of its set") }
    static var version: StateRule {
        .init(.encoding, "DET-2", "magic number, format and rules are this program's")
    }
    static var limits: StateRule { .init(.encoding, "LIM-1", "a bound is one with which work goes on") }
    static var canonical: StateRule { .init(.encoding, "DET-5", "a state is written in one form only") }
    static var counts: StateRule { .init(.encoding, "DET-2", "a count is that of the records behind it") }
    static var time: StateRule {
        .init(.encoding, "CMD-2", "the clock lies between 1970 and the latest time")
    }
    static var sequence: StateRule {
        .init(.encoding, "CMD-1", "a command makes at most one order, one offer and one number")
    }
}

// MARK: Ledger

extension StateRule {
    static var conservation: StateRule {
        .init(.ledger, "LED-4", "cash and quotes add up to what was paid in less what was paid out")
    }
    static var collateral: StateRule {
        .init(.ledger, "LED-1", "what was paid in and out is within the collateral limit")
    }
    static var cash: StateRule { .init(.ledger, "LED-1", "cash lies within 2⁶² either way") }
    static var owner: StateRule { .init(.ledger, "LED-2", "an account is in the list of its named owner") }
    static var venueAccount: StateRule {
        .init(.ledger, "LED-2", "the venue's own accounts choose nothing and hold what they may")
    }
    static var reference: StateRule { .init(.ledger, "DET-2", "a record names another that exists") }
    static var positionSide: StateRule {
        .init(.ledger, "LED-2", "a position's side and sign are those of its account's position mode")
    }
    static var oncePosition: StateRule {
        .init(.ledger, "LED-3", "an account has one position a market and side")
    }
    static var positionRange: StateRule {
        .init(.ledger, "LED-1", "size, quote and leverage of a position are in range")
    }
    static var marginAccount: StateRule {
        .init(.ledger, "LED-8", "a margin account is an account's cross one or an isolated position's, once")
    }
    static var hedge: StateRule { .init(.ledger, "ADL-18", "a hedge has a number from 0 to 1,000") }
    static var accountPositions: StateRule {
        .init(.ledger, "LED-3", "an account's list has each of its positions once")
    }
    static var request: StateRule {
        .init(.ledger, "DET-3", "a request key is remembered once, and no more of them than the bound")
    }
    static var shares: StateRule {
        .init(.ledger, "VLT-2", "the venue's shares and the depositors' are all shares")
    }
    static var holding: StateRule {
        .init(.ledger, "VLT-2", "a user holds shares once, and not fewer than none")
    }
    static var vault: StateRule { .init(.ledger, "VLT-1", "the vault's rules are in range") }
}

// MARK: Markets, prices, funding

extension StateRule {
    static var specification: StateRule {
        .init(.markets, "CMD-3", "a market's rules are such as are accepted")
    }
    static var symbol: StateRule { .init(.markets, "CMD-3", "a market has a symbol of its own") }
    static var caps: StateRule {
        .init(.markets, "MG-9", "caps, edges and what the fund has paid are in range")
    }
    static var trades: StateRule { .init(.markets, "CMD-2", "a market's trades are counted from 0") }
    static var openInterest: StateRule {
        .init(.markets, "LED-4", "longs and shorts of a market are as large as its open interest")
    }
    static var openWorth: StateRule {
        .init(.markets, "PX-6", "the open interest is worth at most 2⁶¹ at the mark")
    }
    static var marketPositions: StateRule {
        .init(.markets, "LED-3", "a market's list has each of its positions once")
    }
    static var prices: StateRule { .init(.prices, "PX-1", "prices lie between none and the highest") }
    static var marks: StateRule { .init(.prices, "PX-4", "mark and latest mark are there or not together") }
    static var source: StateRule {
        .init(.prices, "PX-1", "price, time, weight and kind of a source are in range")
    }
    static var validity: StateRule { .init(.prices, "PX-2", "as many sources are valid as there are") }
    static var memory: StateRule { .init(.prices, "PX-8", "what a mark remembers is such as samples make") }
    static var samples: StateRule {
        .init(.funding, "FUND-1", "sums of the premium are such as samples make")
    }
    static var payment: StateRule { .init(.funding, "FUND-2", "a rate of funding is at most one") }
}

// MARK: Book

extension StateRule {
    static var order: StateRule { .init(.book, "CMD-3", "an order is one that is accepted") }
    static var orderNumber: StateRule {
        .init(.book, "BK-4", "an order has a number of its own, given before")
    }
    static var orderTime: StateRule { .init(.book, "FUND-1", "an order stands since a time that has been") }
    static var orderSums: StateRule {
        .init(.book, "BK-5", "a position knows what its open orders add up to")
    }
    static var positionOrders: StateRule {
        .init(.book, "BK-5", "a position's list has each of its orders once, oldest first")
    }
    static var orderLimit: StateRule { .init(.book, "LIM-1", "a position has no more orders than the bound") }
    static var level: StateRule {
        .init(.book, "BK-3", "a level has the orders of its price and side, and their lots")
    }
    static var best: StateRule { .init(.book, "BK-2", "the best level of a side is the first of its index") }
    static var crossed: StateRule { .init(.book, "BK-1", "the book is not crossed") }
    static var resting: StateRule { .init(.book, "BK-4", "each resting order is in its level once") }
    static var name: StateRule { .init(.book, "BK-4", "an open order is found by its client's name") }
    static var condition: StateRule {
        .init(.book, "BK-20", "a conditional order waits at its trigger, for its price and direction")
    }
    static var trailing: StateRule {
        .init(.book, "BK-21", "a market's list has each of its trailing orders once")
    }
}

// MARK: Margin, waterfall, storage

extension StateRule {
    static var trigger: StateRule {
        .init(.margin, "MG-7", "a position's trigger lies in its market's index")
    }
    static var notPassed: StateRule {
        .init(.margin, "MG-7", "no trigger was passed while its margin account could be closed")
    }
    static var inLiquidation: StateRule {
        .init(.waterfall, "MG-5", "who is in liquidation is listed once")
    }
    static var pending: StateRule {
        .init(
            .waterfall,
            "WF-11",
            "a pending waterfall has a phase, a market and a queue; another has nothing"
        )
    }
    static var queued: StateRule { .init(.waterfall, "WF-0", "a margin account is queued once") }
    static var affected: StateRule { .init(.waterfall, "WF-0", "a margin account is affected once") }
    static var active: StateRule { .init(.waterfall, "BK-22", "an active market is listed once") }
    static var heldMark: StateRule {
        .init(.prices, "PX-6", "a mark that is held back has a market and a price")
    }
    static var offer: StateRule {
        .init(
            .waterfall,
            "WF-5",
            "a user's offer has lots and an edge, and stands behind cheaper and older ones"
        )
    }
    static var deadline: StateRule {
        .init(
            .storage,
            "DET-4",
            "a deadline is where its record says, and none is older than what was learned"
        )
    }
    static var scratch: StateRule { .init(.storage, "DET-2", "nothing of a command is left behind") }
}
