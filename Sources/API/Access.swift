package import StatusServer

/// Who may do what.
package struct Access: Sendable {
    /// What somebody may do; each includes those before it.
    package enum Right: Int, Comparable, Sendable {
        /// Names, times, outcomes and reasons, as health shows them to everybody on this host.
        case look
        /// Also the beginnings of answers, who asked for what, and audits.
        case read
        /// Run, pause, cancel.
        case write

        package static func < (left: Right, right: Right) -> Bool { left.rawValue < right.rawValue }
    }

    /// The secrets that open more than `look`; nil: there is none.
    package struct Tokens: Sendable, Equatable {
        /// The token of the jobs, which may do all.
        package var job: String?
        /// A token that only reads.
        package var status: String?

        package init(job: String? = nil, status: String? = nil) {
            self.job = job
            self.status = status
        }
    }

    private let tokens: Tokens
    /// The names under which this host may be asked, besides those of loopback.
    private let hostNames: Set<String>

    /// The access that `tokens` open, to requests for this host by its loopback names and `hostNames`.
    package init(tokens: Tokens, hostNames: Set<String>) {
        self.tokens = tokens
        self.hostNames = hostNames
    }

    /// What the one who asks may do. A token that is none of ours is a problem, whatever is asked for.
    package func right(of request: WebRequest) throws(Problem) -> Right {
        try checkHost(request)
        guard let token = try token(of: request) else {
            // Who may write into the service's socket is root or in its group, and needs no secret.
            if case .member = request.peer { return .write }
            return .look
        }
        guard let right = right(of: token) else {
            throw unauthorized("the token is not one of this service", "wrong-token")
        }
        return right
    }

    /// What a token opens; nil when it is none of ours.
    package func right(of token: String) -> Right? {
        // Both are compared whatever the first says, so that the time tells nothing.
        let (isJob, isStatus) = (Self.isSame(token, tokens.job), Self.isSame(token, tokens.status))
        return isJob ? .write : isStatus ? .read : nil
    }

    /// Checks that who may do `right` may do what needs `needed`.
    package func check(_ right: Right, for needed: Right, _ request: WebRequest) throws(Problem) {
        if needed == .write { try checkOrigin(request) }
        guard right < needed else { return }
        if right == .look {
            throw unauthorized(
                needed == .write ? "this needs the job token" : "this needs STATUS_TOKEN or the job token",
                "token-needed")
        }
        throw Problem(
            403, "forbidden", "STATUS_TOKEN only reads", hint: "send the job token, JOB_TOKEN of the service")
    }

    private func unauthorized(_ detail: String, _ code: String) -> Problem {
        var problem = Problem(
            401, code, detail, hint: "send it as X-Job-Token, or as Authorization: Bearer TOKEN")
        problem.fields = [.init("WWW-Authenticate", "Bearer realm=\"almanac\"")]
        return problem
    }

    /// The token that was sent; nil when none was.
    private func token(of request: WebRequest) throws(Problem) -> String? {
        var sent: [String] = []
        for field in request.fields {
            switch field.name {
            case "x-job-token": sent.append(field.value)
            case "authorization":
                let parts = field.value.split(separator: " ", maxSplits: 1)
                guard parts.count == 2, parts[0].lowercased() == "bearer" else {
                    throw unauthorized("Authorization is not Bearer and a token", "wrong-token")
                }
                sent.append(String(parts[1]))
            default: break
            }
        }
        guard Set(sent).count <= 1 else { throw unauthorized("two tokens were sent", "wrong-token") }
        return sent.first
    }

    /// Whether two secrets are the same, in a time that follows from the length of `sent` alone.
    static func isSame(_ sent: String, _ secret: String?) -> Bool {
        let (sent, secret) = (Array(sent.utf8), Array((secret ?? "").utf8))
        var difference: UInt8 = sent.count == secret.count && !secret.isEmpty ? 0 : 1
        for (index, byte) in sent.enumerated() {
            difference |= byte ^ (secret.isEmpty ? 1 : secret[index % secret.count])
        }
        return difference == 0
    }

    // MARK: Where it came from

    /// A page in a browser may ask this host by a name of its own (DNS rebinding): only our names are answered. A local socket is
    /// asked by any name, but a browser may come through one, as by `ssh -L 8787:/run/almanac/almanac.sock`: a name of the
    /// network, which has a dot, must be ours.
    private func checkHost(_ request: WebRequest) throws(Problem) {
        switch request.peer {
        case .network: break
        case .local, .member:
            guard request.fields.contains(where: { $0.name == "host" && $0.value.contains(".") }) else {
                return
            }
        }
        guard let host = request.field("host"), isOurs(host) else {
            throw Problem(
                421, "wrong-host", "this service is not asked by that name",
                hint: "ask 127.0.0.1 or localhost; ALMANAC_HOSTNAMES names others")
        }
    }

    /// A page of another origin must not write, even if it had the token.
    package func checkOrigin(_ request: WebRequest) throws(Problem) {
        let sites = request.fields.filter { $0.name == "sec-fetch-site" }.map(\.value)
        let origins = request.fields.filter { $0.name == "origin" }.map(\.value)
        let isForeign = origins.contains { origin in
            let parts = origin.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3, let host = request.field("host") else { return true }
            // Through a local socket, too, a browser comes by one of our names.
            return String(parts[2]) != host || !isOurs(host)
        }
        guard !isForeign, origins.count <= 1, sites.allSatisfy({ $0 == "none" || $0 == "same-origin" }) else {
            throw Problem(403, "foreign-origin", "a page of another origin must not change anything here")
        }
    }

    private func isOurs(_ host: String) -> Bool {
        let name = Self.withoutPort(host).lowercased()
        if name == "localhost" || name == "[::1]" || hostNames.contains(name) { return true }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    private static func withoutPort(_ host: String) -> Substring {
        guard let colon = host.lastIndex(of: ":"), !host[colon...].contains("]") else { return host[...] }
        return host[..<colon]
    }
}
