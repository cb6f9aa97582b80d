import StatusServer
import Testing

@Suite struct ListenAddressTests {
    @Test(
        "an address is read and written alike",
        arguments: [
            ("127.0.0.1:8787", ListenAddress.tcp(host: "127.0.0.1", port: 8787), "127.0.0.1:8787"),
            ("127.8.0.1:0", .tcp(host: "127.8.0.1", port: 0), "127.8.0.1:0"),
            ("[::1]:65535", .tcp(host: "::1", port: 65535), "[::1]:65535"),
            ("localhost:80", .tcp(host: "127.0.0.1", port: 80), "127.0.0.1:80"),
            ("unix:/run/almanac/status", .unix(path: "/run/almanac/status"), "unix:/run/almanac/status"),
        ])
    func valid(text: String, expected: ListenAddress, description: String) throws {
        let address = try ListenAddress(parsing: text)
        #expect(address == expected)
        #expect(address.description == description)
    }

    @Test(
        "what is not a loopback address is refused with the reason",
        arguments: [
            ("", StatusServerError.Reason.malformedAddress), ("8787", .malformedAddress),
            (":8787", .malformedAddress),
            ("::1:8787", .malformedAddress), ("127.0.0.1:", .invalidPort), ("127.0.0.1:65536", .invalidPort),
            ("127.0.0.1:+80", .invalidPort), ("127.0.0.1:http", .invalidPort), ("0.0.0.0:8787", .notLoopback),
            ("192.168.1.1:80", .notLoopback), ("[::]:8787", .notLoopback), ("[::1:8787", .malformedAddress),
            ("127.0.0.1.example.com:80", .notLoopback), ("127.1:80", .notLoopback),
            ("127.0.0.256:80", .notLoopback),
            ("example.com:80", .notLoopback), ("unix:run/almanac", .relativePath), ("unix:", .relativePath),
            ("unix:/a\0b", .relativePath), ("unix:/" + String(repeating: "x", count: 107), .pathTooLong),
        ])
    func invalid(text: String, reason: StatusServerError.Reason) {
        #expect(throws: StatusServerError(address: text, reason: reason)) { try ListenAddress(parsing: text) }
    }

    @Test(
        "each error says what, why and what to do",
        arguments: [
            (StatusServerError.Reason.malformedAddress, "“X” is not an address to listen on"),
            (.invalidPort, "the port of “X” is not a number from 0 to 65535"),
            (.notLoopback, "“X” is not a loopback address"),
            (.relativePath, "the path of “X” is not absolute"),
            (.pathTooLong, "the path of “X” is longer than 107 bytes"),
            (.inUse, "cannot listen on X: another process is listening there"),
            (.notSocket, "cannot listen on X: a file that is not a socket is there"),
            (.system("Permission denied"), "cannot listen on X: Permission denied"),
        ])
    func texts(reason: StatusServerError.Reason, text: String) {
        let error = StatusServerError(address: "X", reason: reason)
        #expect(error.description == text)
        #expect(!error.hint.isEmpty)
    }
}
