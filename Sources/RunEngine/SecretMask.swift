import JobCatalog
package import RunModel

/// Takes secrets out of text and bytes that are kept or shown.
package struct SecretMask: Sendable {
    private let secrets: [[UInt8]]

    /// What stands in the place of a secret.
    package static let mark = "***"
    /// A secret that is shorter would mask ordinary words.
    private static let lengthMin = 4

    /// A mask for these secrets.
    package init(_ secrets: [String]) {
        // The longest first, so that a secret that contains another is masked whole.
        self.secrets = Set(secrets).map { Array($0.utf8) }.filter { $0.count >= Self.lengthMin }
            .sorted { ($1.count, $1.lexicographicKey) < ($0.count, $0.lexicographicKey) }
    }

    /// A mask for the secrets of a request: the secret ones of the configuration's `values`, by name, and its secret
    /// headers, some of which may stand in a schedule file as they are.
    package init(values: [String: String], request: HTTPRequest?) {
        let headers = request?.headers.filter(\.isSecret).map(\.value) ?? []
        self.init(values.filter { !ValueName.shown.contains($0.key) }.map(\.value) + headers)
    }

    /// `text` with each secret replaced.
    package func masked(_ text: String) -> String {
        secrets.isEmpty ? text : String(decoding: masked(Array(text.utf8), isCut: false), as: UTF8.self)
    }

    /// `bytes` with each secret replaced; when they were cut at the end, also the beginning of a secret there.
    package func masked(_ bytes: [UInt8], isCut: Bool) -> [UInt8] {
        var result: [UInt8] = []
        var index = 0
        scan: while index < bytes.count {
            for secret in secrets {
                let rest = bytes[index...]
                if rest.starts(with: secret) {
                    result += Self.mark.utf8
                    index += secret.count
                    continue scan
                }
                if isCut, rest.count >= Self.lengthMin, secret.starts(with: rest) {
                    return result + Self.mark.utf8
                }
            }
            result.append(bytes[index])
            index += 1
        }
        return result
    }

    /// The exchange as it may be kept: no secret in its answer or its error text.
    package func masked(_ exchange: Exchange) -> Exchange {
        var exchange = exchange
        switch exchange.result {
        case .answered(var answer):
            answer.bodyBeginning = masked(
                answer.bodyBeginning, isCut: answer.bodyBeginning.count < answer.bodyBytes)
            exchange.result = .answered(answer)
        case .notSent(let reason, let detail): exchange.result = .notSent(reason, masked(detail))
        case .broken(let reason, let detail): exchange.result = .broken(reason, masked(detail))
        case .timedOut(let detail): exchange.result = .timedOut(masked(detail))
        case .cancelled: break
        }
        return exchange
    }
}

extension [UInt8] {
    fileprivate var lexicographicKey: String { String(decoding: self, as: UTF8.self) }
}
