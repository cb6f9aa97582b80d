import Host
import JobCatalog
import Preflight
import RequestText
import RunEngine
import Systemd

/// The values that a list refers to: its own variables, those of the service, those of the process.
struct PreflightValues: Sendable {
    private let variables: [String: ReferencingText]
    private let configuration: Configuration
    private let environment: [String: String]

    /// A variable of the list may refer to others, so deep.
    private static let depthMax = 8

    init(_ list: PreflightList, _ configuration: Configuration) {
        variables = Dictionary(list.variables.map { ($0.name, $0.value) }) { first, _ in first }
        self.configuration = configuration
        environment = ProcessInformation.environment()
    }

    /// The value called `name`; nil when nothing answers.
    func value(_ name: String) -> String? { value(name, depth: 0) }

    private func value(_ name: String, depth: Int) -> String? {
        if let variable = variables[name], depth < Self.depthMax,
            let text = try? variable.filled({ $0 == name ? service($0) : value($0, depth: depth + 1) })
        {
            return text
        }
        return service(name)
    }

    /// A value of the service, or of the process. One that cannot be read counts as missing.
    func service(_ name: String) -> String? {
        let value = (try? configuration.value(name)) ?? nil
        return value?.text ?? environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Where a value of the service comes from; nil when it is nowhere.
    func origin(_ name: String) -> String? { ((try? configuration.value(name)) ?? nil)?.source }

    func filled(_ text: ReferencingText) throws(ReferencingText.Missing) -> String { try text.filled(value) }

    /// What hides the secrets among the values that these names have, in all that is said.
    func mask(of names: some Sequence<String>) -> SecretMask {
        SecretMask(
            (Array(names) + variables.keys + [ValueName.token, "DB_DSN", Session.statusToken])
                .filter(SecretName.holds).compactMap(value))
    }
}
