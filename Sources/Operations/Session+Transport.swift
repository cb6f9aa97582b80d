package import CurlTransport
import Host

extension Session {
    /// The transport of this process.
    package func openTransport() throws(CommandError) -> CurlTransport {
        do {
            return try CurlTransport(
                userAgent: Program.userAgent,
                certificateAuthoritiesFile: ProcessInformation.environment()["ALMANAC_CA_FILE"])
        } catch {
            throw CommandError(.configuration, "\(error)", hint: "correct ALMANAC_CA_FILE, or take it out")
        }
    }
}
