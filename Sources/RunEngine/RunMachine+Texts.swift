import Records
import RunModel

extension RunMachine.State {
    /// The state without what the API said, which is all that a store may fail to take; nil when nothing of it is left.
    var withoutTexts: RunMachine.State? {
        switch self {
        case .recordingFinish(let owned, let completion):
            let plain = completion.withoutTexts
            return plain == completion ? nil : .recordingFinish(owned, plain)
        case .recordingRetry(let owned, var attempt, let retryAt):
            guard attempt.detail != nil else { return nil }
            attempt.detail = nil
            return .recordingRetry(owned, attempt, retryAt: retryAt)
        case .recordingRefusal(let owned, var attempt, let until):
            guard attempt.detail != nil else { return nil }
            attempt.detail = nil
            return .recordingRefusal(owned, attempt, until: until)
        case .planned, .claiming, .recordingAttempt, .requesting, .awaitingAPI, .waiting, .finished, .dropped:
            return nil
        }
    }
}
