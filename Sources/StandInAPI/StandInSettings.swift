/// What the stand-in checks requests against.
package struct StandInSettings: Sendable {
    /// The job token that `X-Job-Token` must equal.
    package var token: String
    /// The user whose role is `admin`.
    package var adminID: String
    /// The user whose role is `superadmin`.
    package var superadminID: String
    /// A user who is known, and has no role that may start a job.
    package var plainUserID: String
    /// The voice provider is configured, so that a refresh is done rather than declined.
    package var isVoiceProviderConfigured: Bool
    /// The purge answers 204 without a body instead of 200.
    package var isPurgeWithoutContent: Bool
    /// The one origin of web pages that may use the API.
    package var webOrigin: String
    /// What a launch check finds, until it is told otherwise.
    package var deployment: StandInDeployment

    package init(
        token: String = String(repeating: "0123456789abcdef", count: 4),
        adminID: String = "6f0c9b5e-3a53-4d56-9a0e-2f1f5f3e8a01",
        superadminID: String = "c2f7a7f4-8f0e-4b7e-b8a4-5d1f0a9b6c02",
        plainUserID: String = "0a4d2e6c-1b7f-4c3a-8e5d-9f6b7c8d9e03",
        isVoiceProviderConfigured: Bool = false, isPurgeWithoutContent: Bool = false,
        webOrigin: String = "https://app.example.org", deployment: StandInDeployment = StandInDeployment()
    ) {
        self.token = token
        self.adminID = adminID
        self.superadminID = superadminID
        self.plainUserID = plainUserID
        self.isVoiceProviderConfigured = isVoiceProviderConfigured
        self.isPurgeWithoutContent = isPurgeWithoutContent
        self.webOrigin = webOrigin
        self.deployment = deployment
    }

    enum Role { case user, admin, superadmin }

    /// The role of the user in `X-User-ID`; nil when it is nobody who is known.
    func role(of request: ReceivedRequest) -> Role? {
        switch request.header("X-User-ID")?.lowercased() {
        case adminID.lowercased(): .admin
        case superadminID.lowercased(): .superadmin
        case plainUserID.lowercased(): .user
        default: nil
        }
    }
}
