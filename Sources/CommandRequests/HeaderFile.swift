import RequestText

/// The convention for curl's `-H @FILE`: what the file is called says which header it holds.
///
/// A file called `job-token.header` holds the one line `X-Job-Token: …`, and stands for that header with the
/// value of `JOB_TOKEN`. So a task can name a secret without holding it, on Windows and here.
enum HeaderFile {
    /// The header that the file at `path` stands for, or nil when it is not called so.
    static func header(of path: String) -> CommandRequest.Header? {
        let name = path.split { $0 == "\\" || $0 == "/" }.last.map(String.init) ?? path
        guard name.hasSuffix(".header") else { return nil }
        let words = name.dropLast(".header".count).split(separator: "-", omittingEmptySubsequences: false)
        let isPlain = words.allSatisfy { word in
            !word.isEmpty && word.utf8.allSatisfy { (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) }
        }
        guard isPlain, !words.isEmpty else { return nil }
        let header = words.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined(separator: "-")
        let reference = words.map { $0.uppercased() }.joined(separator: "_")
        return CommandRequest.Header(
            name: "X-" + header, value: TemplateText([.reference(reference)]), isSecret: true)
    }
}

extension CommandRequest.Header {
    /// The name of the file for a header of a single reference, if the convention has one for it.
    package var fileName: String? {
        guard value.parts.count == 1, let reference = value.references.first else { return nil }
        let file = reference.lowercased().split(separator: "_").joined(separator: "-") + ".header"
        return HeaderFile.header(of: file)?.name.lowercased() == name.lowercased() ? file : nil
    }
}
