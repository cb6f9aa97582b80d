import Host
import Logging
import Operations
import ServiceLifecycle
import Site
import StatusServer

/// The status servers of a daemon: for everybody on this host, and for root and the members of the service's group.
struct Listeners {
    private let addresses: DaemonStart.Addresses
    private let status: StatusServer
    /// Nil without a socket for them.
    private let members: StatusServer?

    init(
        _ addresses: DaemonStart.Addresses, connectionsMax: Int, source: any HealthSource, site: Site,
        logger: Logger
    ) {
        self.addresses = addresses
        status = StatusServer(
            listen: addresses.status, source: source, api: site, connectionsMax: connectionsMax,
            logger: logger)
        members = addresses.members.map {
            StatusServer(
                listen: $0, membership: SocketPeer.member(of:), source: source, api: site,
                connectionsMax: connectionsMax, logger: logger)
        }
    }

    var services: [any Service] { [status, members].compactMap(\.self) }

    /// Waits until all listen, and answers where everybody may ask.
    func listening() async throws -> ListenAddress {
        _ = try await members?.listening()
        return try await status.listening()
    }

    /// The error of one of them with the setting that cures it.
    func explained(_ error: StatusServerError) -> CommandError {
        let setting = error.address == addresses.members?.description ? "ALMANAC_SOCKET" : "ALMANAC_LISTEN"
        return CommandError(.configuration, "\(setting): \(error)", hint: error.hint)
    }
}
