import RunModel

extension RunRecord {
    /// The name of a constraint of the real stores' schema that the row breaks, if there is one.
    func brokenConstraint(isLeased: Bool) -> String? {
        let isFinished = state == .finished
        let isUntouched = attempts == 0 && startedAt == nil && httpStatus == nil
        let isSpanPlain =
            (scheduledUntil == nil) == (occurrences == 1)
            && (scheduledUntil.map { last in
                scheduledFor.map { $0 < last } ?? false && (outcome == .skipped || outcome == .missed)
            } ?? true)
        let rules: [(String, Bool)] = [
            ("runs_occurrences", occurrences >= 1),
            ("runs_attempts_max", attemptsMax >= 1),
            ("runs_host_length", (1...255).contains(host.description.count)),
            ("runs_config_hash_length", configHash.count <= 64),
            ("runs_http_status", httpStatus.map { (100...999).contains($0) } ?? true),
            ("runs_response_bytes", responseBytes.map { $0 >= 0 } ?? true),
            ("runs_scheduled", (trigger == .manual) == (scheduledFor == nil)),
            ("runs_backfill_by_hand", backfillOf == nil || trigger == .manual),
            ("runs_span", isSpanPlain),
            ("runs_finished", isFinished == (outcome != nil) && isFinished == (finishedAt != nil)),
            ("runs_leased", isFinished == !isLeased),
            ("runs_retry", (state == .retryWait) == (retryAt != nil)),
            ("runs_explained", (reason == nil) == (outcome == nil || outcome == .succeeded)),
            ("runs_attempts", (0...max(0, attemptsMax)).contains(attempts)),
            ("runs_attempted", state == .claimed || isFinished || attempts >= 1),
            ("runs_untouched", !(outcome == .skipped || outcome == .missed) || isUntouched),
        ]
        return rules.first { !$0.1 }?.0
    }
}
