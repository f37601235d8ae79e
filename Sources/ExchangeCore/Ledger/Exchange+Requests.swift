/// Request keys: a keyed command that comes again gets its first answer (DET-3).
extension Exchange {
    /// The key of a command, and the account that it is remembered for (the venue's: `nowhere`).
    /// A command of an account that is not known has none: it must not reach the venue's keys.
    func requestKey(of command: Command) -> (RequestKey, Int32) {
        let (key, owner) = command.requestKey
        guard let account = owner?.raw else { return (key, nowhere) }
        let isKnown = account >= 0 && Int(account) < accounts.count
        return isKnown ? (key, account) : (.none, nowhere)
    }

    private func requestHash(_ key: RequestKey, _ account: Int32) -> UInt64 {
        var hash = Hash128()
        for shift in 0..<8 {
            hash.add(UInt8(truncatingIfNeeded: key.low >> UInt64(shift * 8)))
            hash.add(UInt8(truncatingIfNeeded: key.high >> UInt64(shift * 8)))
        }
        for shift in 0..<4 { hash.add(UInt8(truncatingIfNeeded: account >> Int32(shift * 8))) }
        return hash.digest.low
    }

    /// The outcome of an earlier command with the same key and account, if it is still remembered.
    func remembered(_ key: RequestKey, of account: Int32) -> Request? {
        assert(account == nowhere || hasAccount(account), "a key is one of an account or of the venue")
        if key == .none { return nil }
        var request = requestTable.find(requestHash(key, account))
        while request >= 0 {
            if requests[request].key == key && requests[request].account == account {
                return requests[request]
            }
            request = requests[request].nextInChain
        }
        return nil
    }

    /// Remembers an outcome, and forgets the oldest of the account beyond the limit.
    mutating func remember(_ key: RequestKey, of account: Int32, _ outcome: Outcome) {
        if key == .none || Int(account) >= accounts.count || account < nowhere { return }
        var request = Request()
        request.key = key
        request.account = account
        request.status = outcome.status
        request.result = outcome.result
        assert(remembered(key, of: account) == nil, "a key is remembered once")
        attach(request)
        let count = account < 0 ? venueRequests.requestCount : accounts[account].requestCount
        assert(count <= limits.requestKeys + 1, "one key comes at a time")
        if count > limits.requestKeys { forgetOldest(of: account) }
    }

    /// Enters a request into the table and at the end of its account's list.
    mutating func attach(_ request: Request) {
        let index = requests.insert(request)
        assert(request.key != .none && request.account >= nowhere, "a request has a key")
        let hash = requestHash(request.key, request.account)
        let first = requestTable.find(hash)
        if first < 0 {
            requestTable.insert(hash, index)
        } else {
            requests[index].nextInChain = requests[first].nextInChain
            requests[first].nextInChain = index
        }
        var list = request.account < 0 ? venueRequests : accounts[request.account]
        if list.lastRequest >= 0 {
            requests[list.lastRequest].next = index
        } else {
            list.firstRequest = index
        }
        list.lastRequest = index
        assert(list.requestCount >= 0, "a count is not negative")
        list.requestCount += 1
        if request.account < 0 { venueRequests = list } else { accounts[request.account] = list }
    }

    private mutating func forgetOldest(of account: Int32) {
        var list = account < 0 ? venueRequests : accounts[account]
        let oldest = list.firstRequest
        assert(oldest >= 0 && requests[oldest].account == account, "the oldest is one of the account")
        list.firstRequest = requests[oldest].next
        list.requestCount -= 1
        assert(
            list.requestCount >= 0 && (list.firstRequest < 0) == (list.requestCount == 0),
            "a list is as long as its count"
        )
        if list.firstRequest < 0 { list.lastRequest = nowhere }
        if account < 0 { venueRequests = list } else { accounts[account] = list }
        let hash = requestHash(requests[oldest].key, account)
        let first = requestTable.find(hash)
        if first == oldest {
            requestTable.remove(hash)
            if requests[oldest].nextInChain >= 0 { requestTable.insert(hash, requests[oldest].nextInChain) }
        } else {
            var previous = first
            assert(previous >= 0, "what is forgotten is in its chain")
            while requests[previous].nextInChain != oldest { previous = requests[previous].nextInChain }
            requests[previous].nextInChain = requests[oldest].nextInChain
        }
        requests.remove(oldest)
    }
}
