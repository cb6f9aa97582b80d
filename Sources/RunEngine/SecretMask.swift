import JobCatalog
import RequestText
package import RunModel

/// Takes secrets out of text and bytes that are kept or shown.
package struct SecretMask: Sendable {
    private let forms: [SecretForm]

    /// What stands in the place of a secret.
    package static let mark = "***"
    /// A secret that is shorter would mask ordinary words.
    private static let lengthMin = 4
    /// What only a name in a URL or a body says to be a secret, as in `sort_key=date`, is longer than most words.
    private static let guessedLengthMin = 8

    /// A mask for these secrets.
    package init(_ secrets: [String]) {
        forms = Set(secrets).map { Array($0.utf8) }.filter { $0.count >= Self.lengthMin }.flatMap(
            SecretForm.all)
    }

    /// A mask for the secrets of a request: the secret ones of the configuration's `values`, by name, its secret headers,
    /// and what its URL and body name as secret; some of these may stand in a schedule file as they are.
    package init(values: [String: String], request: HTTPRequest?) {
        let headers = request?.headers.filter(\.isSecret).map(\.value) ?? []
        // Without its scheme, as “Bearer”, an answer repeats it as well.
        let credentials = headers.compactMap { $0.split(separator: " ", maxSplits: 1).dropFirst().first }
        let texts = request.map { [$0.url, String(decoding: $0.body ?? [], as: UTF8.self)] } ?? []
        let guessed = texts.flatMap { ClearSecrets(in: TemplateText(literal: $0)).values }
        self.init(
            values.filter { !ValueName.shown.contains($0.key) }.map(\.value) + headers
                + (credentials.map(String.init) + guessed).filter { $0.utf8.count >= Self.guessedLengthMin })
    }

    /// `text` with each secret replaced.
    package func masked(_ text: String) -> String {
        forms.isEmpty ? text : String(decoding: masked(Array(text.utf8), isCut: false), as: UTF8.self)
    }

    /// `bytes` with each secret replaced; when they were cut at the end, also the beginning of a secret there.
    ///
    /// Secrets that touch or overlap share a mark, so that no part of one is left.
    package func masked(_ bytes: [UInt8], isCut: Bool) -> [UInt8] {
        guard !forms.isEmpty else { return bytes }
        let ends = forms.map { $0.hasEnd(in: bytes) }
        var result: [UInt8] = []
        var secretEnd = 0
        for index in bytes.indices {
            if let end = endOfSecret(in: bytes, at: index, isCut: isCut, ends) {
                if secretEnd == 0 || index > secretEnd { result += Self.mark.utf8 }
                secretEnd = max(secretEnd, end)
            }
            if index >= secretEnd { result.append(bytes[index]) }
        }
        return result
    }

    /// Where the longest secret that begins at `index` ends, in whichever of its forms.
    private func endOfSecret(in bytes: [UInt8], at index: Int, isCut: Bool, _ ends: [Bool]) -> Int? {
        zip(forms, ends).compactMap { form, hasEnd in
            form.end(in: bytes, at: index, isCut: isCut, cutMin: Self.lengthMin, hasEnd: hasEnd)
        }.max()
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
