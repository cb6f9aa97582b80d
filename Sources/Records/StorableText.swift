package import RunModel

extension String {
    /// The text as every store can hold it: at most `bytesMax` bytes of UTF-8, cut between characters, each
    /// NUL, which PostgreSQL refuses in texts, shown as `␀`.
    package func storable(bytesMax: Int) -> String {
        let clean =
            utf8.contains(0)
            ? String(String.UnicodeScalarView(unicodeScalars.map { $0 == "\0" ? "\u{2400}" : $0 })) : self
        guard clean.utf8.count > bytesMax else { return clean }
        var kept = 0
        var end = clean.unicodeScalars.startIndex
        for index in clean.unicodeScalars.indices {
            kept += UTF8.width(clean.unicodeScalars[index])
            if kept > bytesMax { break }
            end = clean.unicodeScalars.index(after: index)
        }
        return String(clean[..<end])
    }
}

extension RunRecord {
    /// The record with its free texts as every store can hold them.
    package var storable: RunRecord {
        var record = self
        record.detail = detail?.storable(bytesMax: Limits.detailBytesMax)
        record.responseExcerpt = responseExcerpt?.storable(bytesMax: Limits.responseExcerptBytesMax)
        record.requestedBy = requestedBy?.storable(bytesMax: Limits.requestedByBytesMax)
        return record
    }
}

extension AttemptRecord {
    /// The record with its free text as every store can hold it.
    package var storable: AttemptRecord {
        var record = self
        record.detail = detail?.storable(bytesMax: Limits.detailBytesMax)
        return record
    }
}

extension Completion {
    /// The completion without any text that came from outside.
    package var withoutTexts: Completion {
        var plain = self
        plain.detail = detail == nil ? nil : "the store did not take the text of this run"
        plain.attempt?.detail = nil
        plain.responseExcerpt = nil
        return plain
    }

    /// The completion with its free texts as every store can hold them.
    package var storable: Completion {
        var completion = self
        completion.detail = detail?.storable(bytesMax: Limits.detailBytesMax)
        completion.responseExcerpt = responseExcerpt?.storable(bytesMax: Limits.responseExcerptBytesMax)
        completion.attempt = attempt?.storable
        return completion
    }
}
