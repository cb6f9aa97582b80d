/// Names whose values are secret.
package enum SecretName {
    private static let words: Set<String> = [
        "TOKEN", "SECRET", "PASSWORD", "PASSWD", "PWD", "KEY", "APIKEY", "DSN", "CREDENTIAL", "CREDENTIALS",
        "COOKIE",
        "AUTHORIZATION",
    ]

    /// Whether the configuration value or HTTP header `name` holds a secret: one of its words says so, as in
    /// `JOB_TOKEN`, `X-Job-Token`, `Authorization` and `X-Api-Key`.
    ///
    /// `Idempotency-Key` is the one known name that only looks like it.
    package static func holds(_ name: some StringProtocol) -> Bool {
        let name = name.uppercased()
        guard name != "IDEMPOTENCY-KEY" else { return false }
        return name.split { $0 == "_" || $0 == "-" }.contains { words.contains(String($0)) }
    }
}
