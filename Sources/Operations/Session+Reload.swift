import Host

extension Session {
    /// That the service of this host does not run; nil when it does, or when it is not asked about.
    package var idleService: String? {
        guard standpoint.records == .service, standpoint.refusal == nil, !asksService,
            StateDirectory.lockHolder(configuration.stateDirectory) == nil
        else { return nil }
        return "the service does not run on this host, and starts nothing: systemctl start almanac"
    }

    /// How long a reload may take: files that are being written are waited for, and the store may be slow.
    private static let reloadLimit: Duration = .seconds(60)
    /// Between two looks: short, for somebody waits.
    private static let reloadPoll: Duration = .milliseconds(20)

    /// Lets the daemon read its files again, and waits until that is over.
    package func reload() async throws(CommandError) -> ReloadReport {
        if let refusal = standpoint.refusal { throw refusal }
        try checkRoot()
        let directory = configuration.stateDirectory
        guard let process = StateDirectory.lockHolder(directory) else {
            throw CommandError(
                .unavailable, "no daemon runs with the state directory \(directory)",
                hint: "start it: systemctl start almanac")
        }
        let before = ReloadReport(in: directory).flatMap { $0.process == process ? $0.number : nil } ?? 0
        guard ProcessInformation.hangUp(process) else {
            throw CommandError(
                .unavailable, "the daemon, process \(process), cannot be asked to reload",
                hint: "run it as root, or as the daemon's user")
        }
        let end = ContinuousClock.now + Self.reloadLimit
        while ContinuousClock.now < end {
            if let report = ReloadReport(in: directory), report.process == process, report.number > before {
                return report
            }
            guard StateDirectory.lockHolder(directory) == process else {
                throw CommandError(
                    .unavailable, "the daemon ended meanwhile", hint: "see journalctl -u almanac")
            }
            // A cancelled sleep shortens the wait.
            try? await Task.sleep(for: Self.reloadPoll)
        }
        throw CommandError(
            .tryAgain, "the reload has not ended within \(Self.reloadLimit.components.seconds) s",
            hint: "`almanac health` says whether it waits for the store")
    }
}
