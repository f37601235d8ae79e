/// Lists of orders: in levels by price, and in positions by age (BK-2 to BK-5).
extension Exchange {
    // MARK: Levels of the book

    /// Puts an order at the end of the queue at its price. `hint` is a node that may hold it.
    @inline(__always)
    mutating func rest(_ order: Int32, hint: Int32 = nowhere) {
        let it = book.orders[order]
        book.rest(order, &markets[positions[it.position].market].roots, hint: hint)
        setRestedAt(order, clock)
        addToSums(it, it.remaining)
    }

    /// Since when an order has stood at its price (FUND-1).
    @inline(__always) func restedAt(_ order: Int32) -> Timestamp { restTimes[order] }

    @inline(__always)
    mutating func setRestedAt(_ order: Int32, _ at: Timestamp) {
        while restTimes.count <= Int(order) { restTimes.append(Timestamp(0)) }
        restTimes[order] = at
    }

    /// Takes a resting order out of its level. Returns the node of the price index where it was, if that
    /// is left.
    @inline(__always)
    @discardableResult
    mutating func unrest(_ order: Int32) -> Int32 {
        let it = book.orders[order]
        addToSums(it, -it.remaining)
        return book.unrest(order, &markets[positions[it.position].market].roots)
    }

    /// Books a fill of a resting order on its level and on the sums of its position.
    @inline(__always)
    mutating func fillResting(_ order: Int32, _ quantity: Quantity) {
        addToSums(book.orders[order], -quantity)
        book.fill(order, quantity)
    }

    /// Keeps what the open orders of a position add up to (BK-5). Reduce-only orders count nothing.
    @inline(__always)
    private mutating func addToSums(_ order: Order, _ delta: Quantity) {
        if order.reduceOnly { return }
        let price = order.price.ticks
        let worth = Amount(delta.lots * price * markets[positions[order.position].market].unitValue)
        positions[order.position].addOrder(order.side, delta, worth, at: Int32(truncatingIfNeeded: price))
    }

    // MARK: Orders of a position

    /// Makes an order known: in its position's list, by client id, with its expiry.
    mutating func enter(_ order: Int32, _ clientID: ClientID, goodTill: Timestamp) {
        let it = book.orders[order]
        let ends = it.timeInForce == .gte
        let previous = positions[it.position].enter(order, depends: it.dependsOnPosition, ends: ends)
        book.orders[order].previousOfPosition = previous
        if previous >= 0 { book.orders[previous].nextOfPosition = order }
        if !clientID.isEmpty { enterName(clientID, order) }
        if goodTill.microseconds > 0 {
            book.orders[order].expiry = deadlines.add(goodTill, .expiry, it.id.raw)
        }
    }

    /// Forgets an order that is in no level any more.
    mutating func leave(_ order: Int32) {
        let it = book.orders[order]
        positions[it.position].leave(it.previousOfPosition, it.nextOfPosition, depends: it.dependsOnPosition)
        if it.previousOfPosition >= 0 {
            book.orders[it.previousOfPosition].nextOfPosition = it.nextOfPosition
        }
        if it.nextOfPosition >= 0 {
            book.orders[it.nextOfPosition].previousOfPosition = it.previousOfPosition
        }
        if it.client >= 0 { leaveName(order) }
        if it.expiry >= 0 { deadlines.remove(it.expiry) }
        if it.condition >= 0 { conditions.remove(it.condition) }
        book.remove(order)
    }

    // MARK: Client names

    private func nameKey(_ account: Int32, _ id: ClientID) -> UInt64 {
        var hash = Hash128()
        hash.add(UInt8(truncatingIfNeeded: account))
        hash.add(UInt8(truncatingIfNeeded: account >> 8))
        hash.add(UInt8(truncatingIfNeeded: account >> 16))
        hash.add(UInt8(truncatingIfNeeded: account >> 24))
        for index in 0..<id.count { hash.add(id.byte(index)) }
        return hash.digest.low
    }

    /// The open order that an account gave a name to, or `nowhere`. O(1).
    func findOrder(_ account: Int32, _ id: ClientID) -> Int32 {
        var name = clientTable.find(nameKey(account, id))
        while name >= 0 {
            let order = clients[name].order
            if clients[name].id == id && positions[book.orders[order].position].account == account {
                return order
            }
            name = clients[name].nextInChain
        }
        return nowhere
    }

    private mutating func enterName(_ id: ClientID, _ order: Int32) {
        let key = nameKey(positions[book.orders[order].position].account, id)
        let first = clientTable.find(key)
        let name = clients.insert(ClientName(id: id, order: order, nextInChain: nowhere))
        book.orders[order].client = name
        if first < 0 {
            clientTable.insert(key, name)
        } else {
            clients[name].nextInChain = clients[first].nextInChain
            clients[first].nextInChain = name
        }
    }

    private mutating func leaveName(_ order: Int32) {
        let name = book.orders[order].client
        let key = nameKey(positions[book.orders[order].position].account, clients[name].id)
        let first = clientTable.find(key)
        if first == name {
            clientTable.remove(key)
            if clients[name].nextInChain >= 0 { clientTable.insert(key, clients[name].nextInChain) }
        } else {
            var previous = first
            while clients[previous].nextInChain != name { previous = clients[previous].nextInChain }
            clients[previous].nextInChain = clients[name].nextInChain
        }
        clients.remove(name)
    }

    /// The open order of an account in a market by number or by the client's name, or `nowhere`.
    func findOrder(_ account: Int32, _ market: Int32, _ id: OrderID, _ name: ClientID) -> Int32 {
        let order =
            id != .none
            ? book.find(id) : name.isEmpty ? nowhere : findOrder(account, name)
        if order < 0 { return nowhere }
        let position = book.orders[order].position
        return positions[position].account == account && positions[position].market == market
            ? order : nowhere
    }
}
