import CLibpq
import Records

/// A connection string that libpq understands, and the password in it, which must never be shown.
///
/// libpq quotes from strings that it cannot read, and takes what follows an unescaped `@` or `/` of a
/// password for a host or a port, which it names in errors. Such strings are refused here, without a
/// quotation.
struct ConnectionString: Sendable {
    /// As it was given; for libpq only.
    let text: String
    private let password: String?
    /// The database and its host, as people call them, without a secret: `almanac@db.example.org`.
    let place: String

    init(_ text: String) throws(StoreError) {
        // A file often ends with a line feed.
        let text = String(text.trimmingSuffix(\.isWhitespace))
        guard let options = unsafe PQconninfoParse(text, nil) else { throw Self.unreadable(text) }
        defer { unsafe PQconninfoFree(options) }
        var values: [String: String] = [:]
        var next = unsafe options
        while let keyword = unsafe next.pointee.keyword {
            if let value = unsafe next.pointee.val {
                values[unsafe String(cString: keyword)] = unsafe String(cString: value)
            }
            unsafe next += 1
        }
        let isPortPlain = (values["port"] ?? "").utf8.allSatisfy {
            $0 == UInt8(ascii: ",") || (48...57).contains($0)
        }
        let isHostPlain = !(values["host"] ?? "").contains("@") && !(values["dbname"] ?? "").contains("@")
        guard isPortPlain, isHostPlain else { throw Self.unreadable(text) }
        self.text = text
        password = values["password"]
        place = Self.place(values)
    }

    /// What the string does not say libpq takes from the environment, and else has its own for.
    private static func place(_ given: [String: String]) -> String {
        var values = given
        if let defaults = unsafe PQconndefaults() {
            defer { unsafe PQconninfoFree(defaults) }
            var next = unsafe defaults
            while let keyword = unsafe next.pointee.keyword {
                let name = unsafe String(cString: keyword)
                if values[name] == nil, let value = unsafe next.pointee.val {
                    values[name] = unsafe String(cString: value)
                }
                unsafe next += 1
            }
        }
        let hosts = [values["host"], values["hostaddr"]].compactMap(\.self).first { !$0.isEmpty }
        return (values["dbname"] ?? values["user"] ?? "") + "@" + (hosts ?? "localhost")
    }

    /// `message` without the password, should libpq ever quote it.
    func masking(_ message: String) -> String {
        guard let password, !password.isEmpty else { return message }
        return message.split(separator: password, omittingEmptySubsequences: false).joined(separator: "***")
    }

    private static func unreadable(_ text: String) -> StoreError {
        StoreError(
            .refused, "the connection string of the database cannot be read",
            hint: ConnectionHint.ofString(text)
                ?? "write postgres://user:password@host:5432/database, with @ : / ? # % in the password as "
                + "%40 %3A %2F %3F %23 %25")
    }
}

extension String {
    fileprivate func trimmingSuffix(_ isLeftOut: (Character) -> Bool) -> Substring {
        guard let last = lastIndex(where: { !isLeftOut($0) }) else { return "" }
        return self[...last]
    }
}
