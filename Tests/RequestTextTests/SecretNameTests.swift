import RequestText
import Testing

@Suite struct SecretNameTests {
    @Test(
        "a name is that of a secret when one of its words says so",
        arguments: [
            ("JOB_TOKEN", true), ("X-Api-Key", true), ("accessToken", true), ("Authorization", true),
            ("db_pass", true), ("PGPASSPHRASE", true), ("key-passphrase", true), ("X-Signature", true),
            ("jwt", true), ("Idempotency-Key", false), ("idempotencyKey", false), ("API_BASE_URL", false),
            ("bypass", false), ("keyboard", false), ("tokens", false), ("", false), ("accesstoken", true),
            ("cronsecret", true), ("userpassword", true),
            ("myApikey", true), ("x-myapikey-2", true), ("tokenize", false), ("sortkey", false),
            ("secretary", false),
        ])
    func holds(_ name: String, _ isSecret: Bool) {
        #expect(SecretName.holds(name) == isSecret)
    }
}
