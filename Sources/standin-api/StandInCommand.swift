import ArgumentParser
import Glibc
import StandInAPI

/// The stand-in for the API as a program, for the demo and for trying things out.
@main
struct StandInCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "standin-api",
        abstract: "A stand-in for the API that the jobs call; it listens on 127.0.0.1 only.",
        discussion: """
            GET /requests lists what arrived, POST /misbehave?kind=KIND&count=N makes the next requests go \
            wrong, and POST /behave ends that. Kinds: \(Misbehaviour.kinds.joined(separator: ", ")). \
            GET /deployment lists what is asked before a launch, POST /deployment?cors=wildcard changes it, and \
            POST /deployment undoes that.
            """)

    @Option(help: "The port to listen on; 0 takes a free one.")
    var port = 0

    @Option(help: "The job token to ask for. (default: JOB_TOKEN of the environment, else a well-known one)")
    var token: String?

    @Option(help: "The id of the user with the role admin. (default: ADMIN_USER_UUID of the environment)")
    var admin: String?

    @Option(
        help:
            "The id of the user with the role superadmin. (default: SUPERADMIN_USER_UUID of the environment)")
    var superadmin: String?

    @Flag(help: "The voice provider is configured, so that a refresh answers 200 rather than 503.")
    var voiceProvider = false

    @Flag(help: "The purge answers 204 rather than 200.")
    var purgeWithoutContent = false

    @Option(help: "The one origin of web pages that may use the API.")
    var webOrigin = StandInSettings().webOrigin

    @Option(help: "Misbehave to all requests, as kind=delay&ms=500 or kind=status&status=429&retry-after=30.")
    var misbehave: String?

    func validate() throws {
        if let misbehave, Misbehaviour(query: misbehave) == nil {
            throw ValidationError(
                "'\(misbehave)' is no misbehaviour; kinds: \(Misbehaviour.kinds.joined(separator: ", "))")
        }
    }

    func run() async throws {
        let ends = EndSignals()
        var settings = StandInSettings()
        if let token = token ?? variable("JOB_TOKEN") { settings.token = token }
        if let admin = admin ?? variable("ADMIN_USER_UUID") { settings.adminID = admin }
        if let superadmin = superadmin ?? variable("SUPERADMIN_USER_UUID") {
            settings.superadminID = superadmin
        }
        settings.isVoiceProviderConfigured = voiceProvider
        settings.isPurgeWithoutContent = purgeWithoutContent
        settings.webOrigin = webOrigin
        let api = try await StandInAPI.start(port: port, settings)
        if let misbehave, let misbehaviour = Misbehaviour(query: misbehave) { api.misbehave(misbehaviour) }
        print("standin-api listening on \(api.url)")
        fflush(nil)
        await ends.next()
        try await api.stop()
    }

    private func variable(_ name: String) -> String? {
        guard let value = getenv(name), value.pointee != 0 else { return nil }
        return String(cString: value)
    }
}
