/// Lists of orders: in levels by price, and in legs by age (BK-2 to BK-5).
extension Exchange {
    // MARK: Levels of the book

    /// Puts an order at the end of the queue at its price.
    @inline(__always)
    mutating func rest(_ order: Int32) {
        book.rest(order, &markets[legs[book.orders[order].leg].market].roots)
        addToSums(order, book.orders[order].remaining)
    }

    /// Takes a resting order out of its level.
    @inline(__always)
    mutating func unrest(_ order: Int32) {
        addToSums(order, -book.orders[order].remaining)
        book.unrest(order, &markets[legs[book.orders[order].leg].market].roots)
    }

    /// Books a fill of a resting order on its level and on the sums of its leg.
    @inline(__always)
    mutating func fillResting(_ order: Int32, _ quantity: Quantity) {
        addToSums(order, -quantity)
        book.fill(order, quantity)
    }

    /// Keeps what the open orders of a leg add up to (BK-5). Reduce-only orders count nothing.
    @inline(__always)
    private mutating func addToSums(_ order: Int32, _ delta: Quantity) {
        if book.orders[order].reduceOnly { return }
        let leg = book.orders[order].leg
        let price = book.orders[order].price.ticks
        let worth = Amount(delta.lots * price * markets[legs[leg].market].unitValue)
        let ticks = Int32(truncatingIfNeeded: price)
        if book.orders[order].side == .buy {
            legs[leg].buyQuantity += delta
            legs[leg].buyNotional += worth
            if legs[leg].buyQuantity.lots == 0 {
                legs[leg].highestBuy = 0
            } else if ticks > legs[leg].highestBuy {
                legs[leg].highestBuy = ticks
            }
        } else {
            legs[leg].sellQuantity += delta
            legs[leg].sellNotional += worth
            if legs[leg].sellQuantity.lots == 0 {
                legs[leg].lowestSell = Int32.max
            } else if ticks < legs[leg].lowestSell {
                legs[leg].lowestSell = ticks
            }
        }
    }

    // MARK: Orders of a leg

    /// Makes an order known: in its leg's list, by client id, with its expiry.
    mutating func enter(_ order: Int32, _ clientID: ClientID, goodTill: Timestamp) {
        let leg = book.orders[order].leg
        let last = legs[leg].lastOrder
        book.orders[order].previousOfLeg = last
        book.orders[order].nextOfLeg = nowhere
        if last >= 0 { book.orders[last].nextOfLeg = order } else { legs[leg].firstOrder = order }
        legs[leg].lastOrder = order
        legs[leg].orderCount += 1
        if book.orders[order].reduceOnly { legs[leg].reduceOnlyOrders += 1 }
        if !clientID.isEmpty { enterName(clientID, order) }
        if goodTill.microseconds > 0 {
            book.orders[order].expiry = deadlines.add(goodTill, .expiry, book.orders[order].id.raw)
        }
    }

    /// Forgets an order that is in no level any more.
    mutating func leave(_ order: Int32) {
        let leg = book.orders[order].leg
        let previous = book.orders[order].previousOfLeg
        let next = book.orders[order].nextOfLeg
        if previous >= 0 { book.orders[previous].nextOfLeg = next } else { legs[leg].firstOrder = next }
        if next >= 0 { book.orders[next].previousOfLeg = previous } else { legs[leg].lastOrder = previous }
        legs[leg].orderCount -= 1
        if book.orders[order].reduceOnly { legs[leg].reduceOnlyOrders -= 1 }
        if book.orders[order].client >= 0 { leaveName(order) }
        if book.orders[order].expiry >= 0 { deadlines.remove(book.orders[order].expiry) }
        if book.orders[order].condition >= 0 { conditions.remove(book.orders[order].condition) }
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
            if clients[name].id == id && legs[book.orders[order].leg].account == account { return order }
            name = clients[name].nextInChain
        }
        return nowhere
    }

    private mutating func enterName(_ id: ClientID, _ order: Int32) {
        let key = nameKey(legs[book.orders[order].leg].account, id)
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
        let key = nameKey(legs[book.orders[order].leg].account, clients[name].id)
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
        let leg = book.orders[order].leg
        return legs[leg].account == account && legs[leg].market == market ? order : nowhere
    }
}
