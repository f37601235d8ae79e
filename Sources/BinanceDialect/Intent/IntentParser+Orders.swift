import ExchangeCore
import ExchangeText

/// Orders: place, change, cancel, singly and in batches (WIRE-9 to WIRE-12).
extension IntentParser {
    func order(
        _ operation: Operation,
        _ parameters: WireParameters,
        _ account: AccountID
    ) throws(BinanceError) -> Intent? {
        switch operation {
        case .placeOrder, .testOrder:
            let command = try placement(parameters, account, isAlgo: false)
            var form = OrderForm.acknowledged
            if try isResultWanted(parameters) { form = .result }
            if operation == .testOrder { return tested(command, account) }
            return single(operation, command, form, .order(command.side), account)
        case .placeAlgo:
            if try parameters.required("algoType") != "CONDITIONAL" { throw .invalid("algoType") }
            let command = try placement(parameters, account, isAlgo: true)
            return single(operation, command, .algo, .algoOrder(command.side), account)
        case .amendOrder:
            let (step, modifyID) = try amendment(parameters, account)
            return Intent(
                operation: operation,
                account: account,
                steps: [step],
                form: .orders(.amended(modifyID), isBatch: false)
            )
        case .cancelOrder:
            let market = try market(parameters)
            let step = cancellation(
                try reference(parameters, "orderId", "origClientOrderId"),
                market.id,
                account
            )
            var intent = Intent(
                operation: operation,
                account: account,
                steps: [step],
                form: .orders(.canceled, isBatch: false)
            )
            intent.prelude = waiting(market.id, account)
            return intent
        case .placeBatch, .amendBatch: return try batch(operation, parameters, account)
        case .cancelBatch: return try cancelBatch(parameters, account)
        case .cancelAllOrders, .cancelAllAlgo: return try cancelAll(operation, parameters, account)
        case .cancelAlgo: return try cancelAlgo(parameters, account)
        default: return nil
        }
    }

    private func isResultWanted(_ parameters: WireParameters) throws(BinanceError) -> Bool {
        switch parameters["newOrderRespType"]?.asciiUppercased {
        case nil, "ACK": return false
        case "RESULT": return true
        default: throw .invalid("newOrderRespType")
        }
    }

    private func single(
        _ operation: Operation,
        _ command: PlaceOrder,
        _ form: OrderForm,
        _ context: RequestContext,
        _ account: AccountID
    ) -> Intent {
        Intent(
            operation: operation,
            account: account,
            steps: [.command(.placeOrder(command), context)],
            form: .orders(form, isBatch: false)
        )
    }

    /// What `order/test` answers: the parameters were in order, nothing more was looked at.
    private func tested(_ command: PlaceOrder, _ account: AccountID) -> Intent {
        var record = OrderRecord()
        record.take(command)
        var writer = JSONWriter()
        if let market = directory[command.market] {
            Answers.order(record, market, .tested, &writer)
        }
        return Intent(operation: .testOrder, account: account, form: .ready(writer.bytes))
    }

    // MARK: Batches

    private static let placeLimit = 5
    private static let cancelLimit = 10

    private func elements(_ parameters: WireParameters, _ name: String) throws(BinanceError) -> [JSONValue] {
        let text = try parameters.required(name)
        let value: JSONValue
        do {
            value = try JSONParser.parse(Array(text.utf8)[...], stringLimit: WireParameters.stringLimit)
        } catch {
            throw .invalidJSON(name)
        }
        guard case .array(let elements) = value else { throw .invalidJSON(name) }
        return elements
    }

    /// Up to five orders, each accepted or refused by itself.
    private func batch(
        _ operation: Operation,
        _ parameters: WireParameters,
        _ account: AccountID
    ) throws(BinanceError) -> Intent {
        let elements = try elements(parameters, "batchOrders")
        if elements.isEmpty || elements.count > IntentParser.placeLimit { throw .batchSize }
        var steps: [Intent.Step] = []
        for element in elements {
            do throws(BinanceError) {
                guard case .object(let members) = element else { throw .invalidJSON("batchOrders") }
                let own = try WireParameters(members: members)
                if operation == .placeBatch {
                    let command = try placement(own, account, isAlgo: false)
                    steps.append(.command(.placeOrder(command), .order(command.side)))
                } else {
                    steps.append(try amendment(own, account).step)
                }
            } catch {
                steps.append(.refused(error))
            }
        }
        return Intent(
            operation: operation,
            account: account,
            steps: steps,
            form: .orders(operation == .placeBatch ? .result : .amended(nil), isBatch: true)
        )
    }

    private func cancelBatch(
        _ parameters: WireParameters,
        _ account: AccountID
    ) throws(BinanceError) -> Intent {
        let market = try market(parameters)
        var references: [OrderReference] = []
        let isNumbered = parameters.has("orderIdList")
        if !isNumbered && !parameters.has("origClientOrderIdList") {
            throw .either("orderIdList", "origClientOrderIdList")
        }
        let name = isNumbered ? "orderIdList" : "origClientOrderIdList"
        for element in try elements(parameters, name) {
            guard let text = WireParameters.text(of: element) else { throw .invalid(name) }
            if isNumbered {
                guard let number = WireParameters.integer(text) else { throw .invalid(name) }
                references.append(OrderReference(id: OrderID(number)))
            } else {
                references.append(IntentParser.reference(named: text))
            }
        }
        if references.isEmpty || references.count > IntentParser.cancelLimit { throw .batchSize }
        var intent = Intent(
            operation: .cancelBatch,
            account: account,
            steps: references.map { cancellation($0, market.id, account) },
            form: .orders(.canceled, isBatch: true)
        )
        intent.prelude = waiting(market.id, account)
        return intent
    }

    // MARK: Cancel and change

    private func cancellation(
        _ reference: OrderReference,
        _ market: MarketID,
        _ account: AccountID
    ) -> Intent.Step {
        let command = CancelOrder(
            account: account,
            market: market,
            order: reference.id,
            clientID: reference.clientID
        )
        return .command(.cancelOrder(command), .cancel)
    }

    /// What must be known before orders are cancelled by name: conditional ones are cancelled elsewhere.
    private func waiting(_ market: MarketID, _ account: AccountID) -> CoreRead? {
        options.legacyConditionalOrders ? nil : .openOrders(account, market, conditional: true)
    }

    private func cancelAll(
        _ operation: Operation,
        _ parameters: WireParameters,
        _ account: AccountID
    ) throws(BinanceError) -> Intent {
        let market = try market(parameters)
        var intent = Intent(operation: operation, account: account, form: .canceledAll)
        if operation == .cancelAllOrders && options.legacyConditionalOrders {
            intent.steps = [.command(.cancelAll(CancelAll(account: account, market: market.id)), .cancel)]
        } else {
            intent.prelude = .openOrders(account, market.id, conditional: operation == .cancelAllAlgo)
        }
        return intent
    }

    /// A request for a conditional order names no market, which the core wants to know.
    private func cancelAlgo(
        _ parameters: WireParameters,
        _ account: AccountID
    ) throws(BinanceError) -> Intent {
        let reference = try reference(parameters, "algoId", "clientAlgoId")
        var intent = Intent(
            operation: .cancelAlgo,
            account: account,
            form: .orders(.canceledAlgo, isBatch: false)
        )
        intent.prelude = .conditionalOrder(account, reference)
        return intent
    }

    private func amendment(
        _ parameters: WireParameters,
        _ account: AccountID
    ) throws(BinanceError) -> (step: Intent.Step, modifyID: Int64?) {
        let market = try market(parameters)
        let side = try self.side(parameters)
        var command = AmendOrder(account: account, market: market.id)
        let reference = try reference(parameters, "orderId", "origClientOrderId")
        command.order = reference.id
        command.clientID = reference.clientID
        guard let quantity = try quantity(parameters, market) else { throw .mandatory("quantity") }
        command.quantity = quantity
        command.hasSide = true
        command.side = side
        if let matched = try matchedPrice(parameters, market, side, hasLimit: true) {
            command.price = matched
        } else {
            guard let price = try price("price", parameters, market) else { throw .mandatory("price") }
            command.price = price
        }
        return (.command(.amendOrder(command), .amend), try parameters.integer("modifyId"))
    }
}
