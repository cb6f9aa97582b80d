/// Names whose values are secret.
package enum SecretName {
    private static let words: Set<String> = [
        "TOKEN", "JWT", "BEARER", "SECRET", "SIGNATURE", "PASSWORD", "PASSWD", "PASSPHRASE", "PASS", "PWD",
        "KEY", "APIKEY", "DSN", "CREDENTIAL", "CREDENTIALS", "COOKIE", "AUTHORIZATION",
    ]

    /// What a word ends in that is written without a mark before it, as `accesstoken`: no other word ends so.
    private static let endings = ["TOKEN", "SECRET", "PASSWORD", "PASSWD", "PASSPHRASE", "APIKEY"]

    private static func isSecret(_ word: String) -> Bool {
        let word = word.uppercased()
        return words.contains(word) || endings.contains(where: word.hasSuffix)
    }

    /// Whether the configuration value or HTTP header `name` holds a secret: one of its words says so, as in
    /// `JOB_TOKEN`, `X-Job-Token`, `Authorization`, `X-Api-Key`, `accessToken` and `accesstoken`.
    ///
    /// `Idempotency-Key`, however it is written, is the one known name that only looks like it.
    package static func holds(_ name: some StringProtocol) -> Bool {
        guard name.uppercased().filter(\.isLetter) != "IDEMPOTENCYKEY" else { return false }
        var word = ""
        for character in name {
            let isHump = character.isUppercase && word.last?.isLowercase ?? false
            if isHump || character == "_" || character == "-" {
                if isSecret(word) { return true }
                word = ""
            }
            if character != "_", character != "-" { word.append(character) }
        }
        return isSecret(word)
    }
}
