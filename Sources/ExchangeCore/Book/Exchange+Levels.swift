/// Lists of orders: in levels by price, and in legs by age (BK-2 to BK-5).
extension Exchange {
    // MARK: Levels of the book

    /// Puts an order at the end of the queue at its price.
    mutating func rest(_ order: Int32) {
        let market = legs[orders[order].leg].market
        let price = orders[order].price.ticks
        let side = orders[order].side
        var level = prices.find(side == .buy ? markets[market].bids : markets[market].asks, price)
        if level < 0 {
            level = levels.insert(Level(price: price))
            if side == .buy {
                prices.insert(&markets[market].bids, price, level)
                let best = markets[market].bestBid
                if best < 0 || levels[best].price < price { markets[market].bestBid = level }
            } else {
                prices.insert(&markets[market].asks, price, level)
                let best = markets[market].bestAsk
                if best < 0 || levels[best].price > price { markets[market].bestAsk = level }
            }
        }
        append(order, to: level)
        levels[level].quantity += orders[order].remaining
        addToSums(order, orders[order].remaining)
    }

    /// Takes a resting order out of its level.
    mutating func unrest(_ order: Int32) {
        let market = legs[orders[order].leg].market
        let level = orders[order].level
        addToSums(order, -orders[order].remaining)
        levels[level].quantity -= orders[order].remaining
        remove(order, from: level)
        if levels[level].first >= 0 { return }
        let price = levels[level].price
        if orders[order].side == .buy {
            prices.remove(&markets[market].bids, price)
            if markets[market].bestBid == level {
                markets[market].bestBid = prices.highest(markets[market].bids)
            }
        } else {
            prices.remove(&markets[market].asks, price)
            if markets[market].bestAsk == level {
                markets[market].bestAsk = prices.lowest(markets[market].asks)
            }
        }
        levels.remove(level)
    }

    mutating func append(_ order: Int32, to level: Int32) {
        let last = levels[level].last
        orders[order].level = level
        orders[order].previous = last
        orders[order].next = nowhere
        if last >= 0 { orders[last].next = order } else { levels[level].first = order }
        levels[level].last = order
    }

    mutating func remove(_ order: Int32, from level: Int32) {
        let previous = orders[order].previous
        let next = orders[order].next
        if previous >= 0 { orders[previous].next = next } else { levels[level].first = next }
        if next >= 0 { orders[next].previous = previous } else { levels[level].last = previous }
        orders[order].level = nowhere
    }

    /// Books a fill of a resting order on its level and on the sums of its leg.
    @inline(__always)
    mutating func fillResting(_ order: Int32, _ quantity: Quantity) {
        levels[orders[order].level].quantity -= quantity
        addToSums(order, -quantity)
        orders[order].filled += quantity
    }

    /// Keeps what the open orders of a leg add up to (BK-5). Reduce-only orders count nothing.
    @inline(__always)
    private mutating func addToSums(_ order: Int32, _ delta: Quantity) {
        if orders[order].reduceOnly { return }
        let leg = orders[order].leg
        let price = orders[order].price.ticks
        let worth = Amount(delta.lots * price * markets[legs[leg].market].unitValue)
        let ticks = Int32(truncatingIfNeeded: price)
        if orders[order].side == .buy {
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

    /// Makes an order known: in its leg's list, by number, by client id, with its expiry.
    mutating func enter(_ order: Int32, _ clientID: ClientID, goodTill: Timestamp) {
        let leg = orders[order].leg
        let last = legs[leg].lastOrder
        orders[order].previousOfLeg = last
        orders[order].nextOfLeg = nowhere
        if last >= 0 { orders[last].nextOfLeg = order } else { legs[leg].firstOrder = order }
        legs[leg].lastOrder = order
        legs[leg].orderCount += 1
        if orders[order].reduceOnly { legs[leg].reduceOnlyOrders += 1 }
        orderTable.insert(UInt64(bitPattern: orders[order].id.raw), order)
        if !clientID.isEmpty { enterName(clientID, order) }
        if goodTill.microseconds > 0 {
            orders[order].expiry = deadlines.add(goodTill, .expiry, orders[order].id.raw)
        }
    }

    /// Forgets an order that is in no level any more.
    mutating func leave(_ order: Int32) {
        let leg = orders[order].leg
        let previous = orders[order].previousOfLeg
        let next = orders[order].nextOfLeg
        if previous >= 0 { orders[previous].nextOfLeg = next } else { legs[leg].firstOrder = next }
        if next >= 0 { orders[next].previousOfLeg = previous } else { legs[leg].lastOrder = previous }
        legs[leg].orderCount -= 1
        if orders[order].reduceOnly { legs[leg].reduceOnlyOrders -= 1 }
        orderTable.remove(UInt64(bitPattern: orders[order].id.raw))
        if orders[order].client >= 0 { leaveName(order) }
        if orders[order].expiry >= 0 { deadlines.remove(orders[order].expiry) }
        if orders[order].condition >= 0 { conditions.remove(orders[order].condition) }
        orders.remove(order)
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
            if clients[name].id == id && legs[orders[order].leg].account == account { return order }
            name = clients[name].nextInChain
        }
        return nowhere
    }

    private mutating func enterName(_ id: ClientID, _ order: Int32) {
        let key = nameKey(legs[orders[order].leg].account, id)
        let first = clientTable.find(key)
        let name = clients.insert(ClientName(id: id, order: order, nextInChain: nowhere))
        orders[order].client = name
        if first < 0 {
            clientTable.insert(key, name)
        } else {
            clients[name].nextInChain = clients[first].nextInChain
            clients[first].nextInChain = name
        }
    }

    private mutating func leaveName(_ order: Int32) {
        let name = orders[order].client
        let key = nameKey(legs[orders[order].leg].account, clients[name].id)
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
            ? orderTable.find(UInt64(bitPattern: id.raw)) : name.isEmpty ? nowhere : findOrder(account, name)
        if order < 0 { return nowhere }
        let leg = orders[order].leg
        return legs[leg].account == account && legs[leg].market == market ? order : nowhere
    }
}
