import CurlTransport
import FoundationEssentials
import Host
import RunModel
import Systemd

/// What a running daemon answered about its health.
package struct HealthAnswer: Sendable {
    /// One line of it.
    package struct Check: Sendable {
        /// The check's key and its component, as `job:last_outcome purge`.
        package var name: String
        /// `pass`, `warn` or `fail`.
        package var status: String
        /// The observed value with its unit; `-` when there is none.
        package var value: String
        /// A sentence about what is wrong; `-` when nothing is.
        package var detail: String
    }

    /// `pass`, `warn` or `fail`.
    package var status: String
    /// Sorted by their keys, those of one key in the daemon's order.
    package var checks: [Check]
    /// The whole document, as it came.
    package var text: String

    /// 0 for pass, 1 for warn, 2 for fail.
    package var exitStatus: ExitStatus {
        switch status {
        case "pass": .done
        case "warn": .failed
        default: .unhealthy
        }
    }
}

/// The members of the document that are shown (draft-inadarei-api-health-check-06, sections 3 and 4).
private struct HealthDocument: Decodable {
    struct Check: Decodable {
        enum Value: Decodable {
            case text(String)
            case number(Double)

            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                if let number = try? container.decode(Double.self) {
                    // A value is a number or, failing that, a text; nothing is lost by asking twice.
                    self = .number(number)
                } else {
                    self = .text(try container.decode(String.self))
                }
            }

            var description: String {
                switch self {
                case .text(let text): text
                case .number(let number): Int64(exactly: number).map { String($0) } ?? String(number)
                }
            }
        }

        var componentId: String?
        var status: String
        var observedValue: Value?
        var observedUnit: String?
        var output: String?
    }

    var status: String
    var checks: [String: [Check]]
}

extension Session {
    /// Asks the daemon of this host for its health.
    package func askHealth() async throws(CommandError) -> HealthAnswer {
        let address = daemonAddress
        let answer = try await askDaemon("GET", "/health")
        guard answer.status == 200 || answer.status == 503 else {
            throw notAlmanac(address)
        }
        do {
            let document = try JSONDecoder().decode(HealthDocument.self, from: Data(answer.bodyBeginning))
            return HealthAnswer(
                status: document.status, checks: Self.lines(document),
                text: String(decoding: answer.bodyBeginning, as: UTF8.self))
        } catch {
            throw notAlmanac(address)
        }
    }

    /// Where the daemon of this host is asked: at its socket by those whom it knows there.
    private var daemonAddress: String { standpoint.socket.map { "unix:" + $0 } ?? configuration.listen }

    /// Asks the daemon of this host.
    func askDaemon(
        _ method: String, _ path: String, token: String? = nil, _ body: String? = nil,
        timeout: Duration = .seconds(10)
    ) async throws(CommandError) -> HTTPAnswer {
        let address = daemonAddress
        let transport = try openTransport()
        let isLocal = address.hasPrefix("unix:")
        var headers = [HTTPRequest.Header("User-Agent", Program.userAgent)]
        if let token { headers.append(.init("X-Job-Token", token, isSecret: true)) }
        if body != nil { headers.append(.init("Content-Type", "application/json")) }
        let exchange = await transport.send(
            HTTPRequest(
                method: method, url: "http://\(isLocal ? "localhost" : address)\(path)", headers: headers,
                body: body.map { Array($0.utf8) }, timeout: timeout,
                socketPath: isLocal ? String(address.dropFirst("unix:".count)) : nil,
                bodyBytesKept: Limits.responseBodyBytesMax))
        await transport.shutdown()
        guard case .answered(let answer) = exchange.result else {
            throw noAnswer(address, exchange.result, within: timeout)
        }
        return answer
    }

    private func noAnswer(
        _ address: String, _ result: Exchange.Result, within timeout: Duration
    ) -> CommandError {
        if let socket = standpoint.socket, !SocketFile.isOpen(socket) {
            return CommandError(
                .refused, "\(socket) is not open to this user",
                hint: "become root, or a member of the group \(InstalledService.groupName)")
        }
        if case .timedOut = result {
            return CommandError(
                .unavailable,
                "the daemon takes connections on \(address) and has not answered within \(timeout.components.seconds) s",
                hint: "journalctl -u almanac shows what it waits for")
        }
        return CommandError(
            .unavailable, "no daemon answers on \(address)",
            hint: asksService
                ? "is it running? systemctl status almanac"
                : "is it running? ALMANAC_LISTEN must be the daemon's own")
    }

    private func notAlmanac(_ address: String) -> CommandError {
        CommandError(
            .unavailable, "what answers on \(address) is not almanac",
            hint: standpoint.socket == nil ? "correct ALMANAC_LISTEN" : "correct ALMANAC_SOCKET")
    }

    /// A unit as it is said of a value: `1 host`, `2 hosts`, `1 ms`.
    private static func unit(_ unit: String, of value: String) -> String {
        value == "1" && unit.count > 2 && unit.hasSuffix("s") ? String(unit.dropLast()) : unit
    }

    private static func lines(_ document: HealthDocument) -> [HealthAnswer.Check] {
        document.checks.sorted { $0.key < $1.key }.flatMap { name, checks in
            checks.map { check in
                let value = check.observedValue.map { value in
                    value.description
                        + (check.observedUnit.map { " " + unit($0, of: value.description) } ?? "")
                }
                return HealthAnswer.Check(
                    name: check.componentId.map { "\(name) \($0)" } ?? name, status: check.status,
                    value: value ?? "-", detail: check.output ?? "-")
            }
        }
    }
}
