package import RunModel

extension RunRecord {
    /// The row as `completion` leaves it.
    package func ended(by completion: Completion) -> RunRecord {
        var row = self
        row.state = .finished
        row.outcome = completion.outcome
        row.reason = completion.reason
        row.detail = completion.detail
        row.finishedAt = completion.finishedAt
        row.startedAt = completion.startedAt ?? startedAt
        row.host = completion.host ?? host
        row.httpStatus = completion.httpStatus
        row.responseBytes = completion.responseBytes
        row.responseExcerpt = completion.responseExcerpt
        return row
    }
}
