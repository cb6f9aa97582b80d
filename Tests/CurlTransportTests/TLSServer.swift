import Glibc
import TestFiles

/// A TLS server of loopback with a throw-away certificate, made and run by the `openssl` command. It answers
/// any GET.
final class TLSServer {
    let port: Int
    private let directory: TemporaryDirectory
    private let process: ChildProcess

    /// - Parameters:
    ///   - names: what the certificate is for, as in `DNS:localhost`.
    ///   - days: how long from now it is valid; below zero, it has ended.
    init(names: String, days: Int) throws {
        directory = try TemporaryDirectory()
        let (key, request, certificate) = (
            directory.path + "/key.pem", directory.path + "/request.pem", directory.path + "/certificate.pem"
        )
        try ChildProcess.run([
            "openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-keyout", key,
            "-out", request, "-subj", "/CN=throw-away", "-addext", "subjectAltName=\(names)",
        ])
        try ChildProcess.run([
            "openssl", "x509", "-req", "-in", request, "-signkey", key, "-days", "\(days)",
            "-copy_extensions", "copy",
            "-out", certificate,
        ])
        process = try ChildProcess([
            "openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", certificate, "-key", key, "-www",
        ])
        var port: Int?
        while port == nil, let line = process.line() {
            // `ACCEPT 127.0.0.1:45093`
            if line.hasPrefix("ACCEPT ") {
                port = line.split(separator: ":").last.flatMap { Int($0.prefix { $0.isNumber }) }
            }
        }
        guard let port else { throw ProgramFailed(arguments: ["openssl", "s_server"]) }
        self.port = port
    }

    /// The certificate, which is its own authority.
    var certificateFile: String { directory.path + "/certificate.pem" }

    func end() {
        process.end()
        directory.remove()
    }
}
