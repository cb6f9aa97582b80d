import CLibcurl

/// Owns a list of request header lines, in the form that libcurl reads.
@safe
struct HeaderList: ~Copyable {
    private(set) var raw: UnsafeMutablePointer<curl_slist>?

    init() { unsafe raw = nil }

    deinit { unsafe curl_slist_free_all(raw) }

    /// Adds a line; false when there is no memory for it.
    mutating func append(_ line: String) -> Bool {
        guard let longer = unsafe curl_slist_append(raw, line) else { return false }
        unsafe raw = longer
        return true
    }
}
