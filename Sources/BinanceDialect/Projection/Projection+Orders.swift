import ExchangeCore
import ReadModel

/// Orders from acceptance to end.
extension Projection {
    mutating func orderAccepted(_ event: OrderAccepted, _ command: Command?) {
        guard isUser(event.account) else { return }
        var record = OrderRecord()
        record.id = event.order
        record.account = event.account
        record.market = event.market
        record.positionSide = event.positionSide
        record.side = event.side
        record.type = event.type
        record.originalType = event.type
        record.timeInForce = event.timeInForce
        record.price = event.price
        record.quantity = event.quantity
        record.triggerPrice = event.triggerPrice
        record.reduceOnly = event.reduceOnly
        record.clientID = event.clientID
        record.created = work.time
        record.updated = work.time
        if case .placeOrder(let asked) = command {
            record.takeDetails(asked)
            // In hedge mode the core says what the side implies; a row shows what was asked for.
            record.reduceOnly = asked.reduceOnly
        }
        orders[event.order.raw] = record
        lastOrder = max(lastOrder, event.order.raw)
        accounts[Int(event.account.raw)].open.append(event.order.raw)
        if !event.clientID.isEmpty {
            names[OrderName(account: event.account, clientID: event.clientID)] = event.order
        }
        if record.isWaiting {
            algoUpdate(record)
            if options.legacyConditionalOrders { orderUpdate(record, .new) }
        } else {
            orderUpdate(record, .new)
        }
    }

    mutating func orderRested(_ event: OrderRested) {
        guard var record = orders[event.order.raw] else {
            changeBook(event.market, event.side, event.price, by: event.remaining.lots)
            return
        }
        record.resting = event.remaining.lots
        record.price = event.price
        orders[event.order.raw] = record
        changeBook(event.market, event.side, event.price, by: event.remaining.lots)
    }

    mutating func orderAmended(_ event: OrderAmended) {
        guard var record = orders[event.order.raw] else { return }
        var change = AmendmentRecord()
        change.priceBefore = record.price
        change.quantityBefore = record.quantity
        if event.keptPlace {
            changeBook(record.market, record.side, record.price, by: event.remaining.lots - record.resting)
            record.resting = event.remaining.lots
        } else {
            changeBook(record.market, record.side, record.price, by: -record.resting)
            record.resting = 0
        }
        record.price = event.price
        record.quantity = record.filled + event.remaining
        record.updated = work.time
        record.amendments += 1
        lastAmendment += 1
        change.id = lastAmendment
        change.order = record.id
        change.market = record.market
        change.clientID = record.clientID
        change.priceAfter = record.price
        change.quantityAfter = record.quantity
        change.count = record.amendments
        change.time = work.time
        orders[event.order.raw] = record
        let number = Int(record.account.raw)
        if isKeeping {
            kept.amendments.append(Placed(record.account, accounts[number].amendments.total, change))
        }
        accounts[number].amendments.append(change)
        orderUpdate(record, .amendment)
    }

    mutating func orderTriggered(_ event: OrderTriggered) {
        guard var record = orders[event.order.raw] else { return }
        record.type = record.originalType.hasLimit ? .limit : .market
        record.algoStatus = .triggered
        if record.originalType.hasLimit { record.price = event.price }
        record.triggered = work.time
        record.updated = work.time
        if record.closePosition {
            // Its quantity is the position's at this moment (BK-23).
            let size =
                accounts[Int(record.account.raw)].leg(record.market, record.positionSide)?.size.lots ?? 0
            record.quantity = Quantity(max(0, record.side == .buy ? -size : size))
        }
        orders[event.order.raw] = record
        work.triggered.append(event.order)
        algoUpdate(record)
        orderUpdate(record, .new)
    }

    mutating func orderCanceled(_ event: OrderCanceled) {
        guard var record = orders[event.order.raw] else { return }
        if record.resting > 0 {
            changeBook(record.market, record.side, record.price, by: -record.resting)
            record.resting = 0
        }
        let wasWaiting = record.isWaiting
        let (status, reason) = Projection.ending(event.reason, record)
        record.status = status
        record.expiryReason = reason
        record.updated = work.time
        if wasWaiting {
            record.algoStatus = status == .canceled ? .canceled : .expired
        } else if record.isConditional {
            // What was in the book before it ended was not refused when it fired.
            let isRefusal = event.reason == .refused || event.reason == .reduceOnly
            let isNew = record.filled == .zero && work.triggered.contains(record.id)
            record.algoStatus = isRefusal && isNew ? .rejected : .finished
        }
        end(&record)
        if record.isConditional { algoUpdate(record) }
        if !wasWaiting || options.legacyConditionalOrders {
            orderUpdate(record, status == .canceled ? .canceled : .expired)
        }
        if record.algoStatus == .rejected && work.triggered.contains(record.id) {
            triggerReject(record, event.reason)
        }
    }

    /// Binance's state and expiry reason of an order that left without being filled (WIRE-18).
    static func ending(_ reason: CancelReason, _ record: OrderRecord) -> (OrderStatus, Int) {
        switch reason {
        case .request, .cancelAll, .countdown, .kill, .amended: (.canceled, 0)
        case .expired: (.expired, 0)
        case .immediateOrCancel: (.expired, record.type == .market ? 9 : 2)
        case .selfTrade: (.expiredInMatch, record.timeInForce == .ioc ? 3 : 1)
        case .margin, .noPrice: (.expired, 0)
        case .reduceOnly: (.expired, record.timeInForce == .gte ? 6 : 4)
        case .liquidation: (.expired, 5)
        case .settlement: (.expired, 7)
        case .refused: (.expired, 8)
        }
    }

    /// Puts an order that is over among the ended ones; the oldest of these goes.
    mutating func end(_ record: inout OrderRecord) {
        let number = Int(record.account.raw)
        accounts[number].close(record.id.raw)
        orders[record.id.raw] = record
        if isKeeping { kept.orders.append(record) }
        guard let gone = accounts[number].ended.append(record.id.raw),
            let old = orders.removeValue(forKey: gone)
        else { return }
        accounts[number].goneOrder = max(accounts[number].goneOrder, gone)
        accounts[number].goneCreated = max(accounts[number].goneCreated, old.created)
        let name = OrderName(account: old.account, clientID: old.clientID)
        if !old.clientID.isEmpty && names[name] == old.id { names[name] = nil }
    }

    // MARK: Finding

    /// An order of an account by number or name; nil if there is none, or it is too long ago.
    func find(_ account: AccountID, _ reference: OrderReference) -> OrderRecord? {
        let number: Int64
        if reference.id != .none {
            number = reference.id.raw
        } else if let named = names[OrderName(account: account, clientID: reference.clientID)] {
            number = named.raw
        } else {
            return nil
        }
        guard let record = orders[number], record.account == account else { return nil }
        return record
    }

    /// Orders of an account, ascending by number, open and ended.
    func orders(of account: AccountID, where isWanted: (OrderRecord) -> Bool) -> [OrderRecord] {
        guard isUser(account) else { return [] }
        let it = accounts[Int(account.raw)]
        var found: [OrderRecord] = []
        for place in 0..<it.ended.count {
            if let record = orders[it.ended[place]], isWanted(record) { found.append(record) }
        }
        for number in it.open {
            if let record = orders[number], isWanted(record) { found.append(record) }
        }
        return found.sorted { $0.id < $1.id }
    }

    /// Open orders of an account, ascending by number.
    func openOrders(of account: AccountID, where isWanted: (OrderRecord) -> Bool) -> [OrderRecord] {
        guard isUser(account) else { return [] }
        return accounts[Int(account.raw)].open.compactMap { orders[$0] }.filter(isWanted)
    }
}
