package import CivilTime
package import JobCatalog
package import Records
package import RunEngine
package import RunModel

/// Performs what runs want done: it asks the store, and sends the requests.
package struct RunPerformer: Sendable {
    private let store: any RunStore
    private let transport: any Transport
    private let userAgent: String
    private let rules: ValueRules
    private let values: @Sendable () -> [String: String]
    private let now: @Sendable () -> Instant

    /// A performer whose requests are filled with `values`, by name, as far as `rules` lets each go there.
    package init(
        store: any RunStore, transport: any Transport, userAgent: String, rules: ValueRules,
        values: @escaping @Sendable () -> [String: String],
        now: @escaping @Sendable () -> Instant
    ) {
        self.store = store
        self.transport = transport
        self.userAgent = userAgent
        self.rules = rules
        self.values = values
        self.now = now
    }

    /// Performs one effect of the run and answers the event that it leads to. `cancellation` ends a request
    /// early.
    package func perform(
        _ effect: RunEffect, of run: RunRecord, _ job: Job, cancellation: Cancellation
    ) async -> RunEvent {
        switch effect {
        case .write(let write): .written(await self.write(write))
        case .send(let attempt):
            .exchanged(await send(job, run.id, for: run.occurrenceInstant, attempt, cancellation))
        }
    }

    /// What the store answers to what a run wants.
    package func write(_ write: StoreWrite) async -> Result<StoreAnswer, StoreError> {
        await Self.result { () throws(StoreError) in try await store.perform(write) }
    }

    /// What `operation` answers or throws, as a value.
    package static func result<Value: Sendable>(
        _ operation: () async throws(StoreError) -> Value
    ) async -> Result<Value, StoreError> {
        do throws(StoreError) {
            return .success(try await operation())
        } catch {
            return .failure(error)
        }
    }

    /// Sends the request of an attempt of a run, which may be for an occurrence; secrets in what comes of it are masked.
    package func send(
        _ job: Job, _ id: RunID, for instant: Instant?, _ attempt: Int, _ cancellation: Cancellation
    ) async -> Exchange {
        let values = values()
        let request: HTTPRequest
        do throws(RequestBuilder.Problem) {
            request = try RequestBuilder.request(
                for: job, run: id, scheduledFor: instant, attempt: attempt, userAgent: userAgent,
                rules: rules,
                value: { values[$0] })
        } catch {
            return Exchange(result: .notSent(.configuration, error.message), elapsed: .zero)
        }
        let mask = SecretMask(values: values, request: request)
        return mask.masked(await cancellation.ending { await transport.send(request) })
    }
}
