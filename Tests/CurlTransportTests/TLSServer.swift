import CivilTime
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
        // Only `openssl ca` lets a certificate end in the past in every version: `x509` refuses it since 3.4.
        let (authority, now) = (directory.path + "/authority.conf", Instant(seconds: Int64(time(nil))))
        try write(Self.authority(in: directory.path), to: authority)
        try write("", to: directory.path + "/issued")
        try ChildProcess.run([
            "openssl", "ca", "-batch", "-notext", "-selfsign", "-rand_serial", "-config", authority,
            "-keyfile", key, "-in", request, "-out", certificate,
            "-startdate", Self.text(now - .seconds(30 * 86_400)),
            "-enddate", Self.text(now + .seconds(Int64(days) * 86_400)),
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

    /// An authority that certifies whatever it is asked to.
    private static func authority(in directory: String) -> String {
        """
        [ca]
        default_ca = throw_away
        [throw_away]
        database = \(directory)/issued
        serial = \(directory)/serial
        new_certs_dir = \(directory)
        default_md = sha256
        policy = any
        copy_extensions = copy
        [any]
        commonName = supplied

        """
    }

    /// As `openssl` reads it: `20261130060000Z`.
    private static func text(_ instant: Instant) -> String {
        instant.rfc3339.filter(\.isNumber) + "Z"
    }
}
