import CLibcurl
import RunModel
import Testing

@testable import CurlTransport

@Suite("What follows from the end of a transfer")
struct FindingsTests {
    private typealias Row = (code: CURLcode, stage: Findings.Stage, system: String?, result: Exchange.Result)

    @Test("the stage decides whether the request was not sent or is broken, and each has its sentence")
    func table() throws {
        let rows: [Row] = [
            (
                CURLE_COULDNT_RESOLVE_HOST, .resolving, nil,
                .notSent(.dns, "the host name api was not resolved")
            ),
            (
                CURLE_COULDNT_CONNECT, .connecting, "SYSTEM",
                .notSent(.connect, "no connection to api:443: SYSTEM")
            ),
            (CURLE_COULDNT_CONNECT, .connecting, nil, .notSent(.connect, "no connection to api:443: WORDS")),
            (CURLE_SSL_CONNECT_ERROR, .securing, nil, .notSent(.tls, "no TLS handshake with api:443: WORDS")),
            (
                CURLE_SSL_CONNECT_ERROR, .securing, "SYSTEM",
                .notSent(.tls, "no TLS handshake with api:443: WORDS (SYSTEM)")
            ),
            (
                CURLE_SSL_CACERT_BADFILE, .connecting, nil,
                .notSent(.configuration, "the file of trusted certificates cannot be read: WORDS")
            ),
            (
                CURLE_OUT_OF_MEMORY, .resolving, nil,
                .notSent(.configuration, "the request could not be made: WORDS")
            ),
            (
                CURLE_SEND_ERROR, .ready, "SYSTEM",
                .notSent(.connection, "nothing could be written to api:443: SYSTEM")
            ),
            (
                CURLE_SEND_ERROR, .sent, "SYSTEM",
                .broken(.connection, "the connection to api:443 broke: SYSTEM")
            ),
            (
                CURLE_RECV_ERROR, .sent, nil,
                .broken(
                    .connection, "the connection to api:443 broke: Failure when receiving data from the peer")
            ),
            (
                CURLE_GOT_NOTHING, .sent, nil,
                .broken(.connection, "api:443 closed the connection without an answer")
            ),
            (
                CURLE_WEIRD_SERVER_REPLY, .sent, nil,
                .broken(.response, "api:443 did not answer in valid HTTP: Weird server reply")
            ),
            (
                CURLE_OPERATION_TIMEDOUT, .resolving, nil,
                .notSent(.dns, "the host name api was not resolved within 2.0 seconds")
            ),
            (
                CURLE_OPERATION_TIMEDOUT, .connecting, nil,
                .notSent(.connect, "no connection to api:443 within 2.0 seconds")
            ),
            (
                CURLE_OPERATION_TIMEDOUT, .securing, nil,
                .notSent(.tls, "no TLS handshake with api:443 within 2.0 seconds")
            ),
            (
                CURLE_OPERATION_TIMEDOUT, .ready, nil,
                .notSent(.connection, "nothing could be written to api:443 within 2.0 seconds")
            ),
            (
                CURLE_OPERATION_TIMEDOUT, .sent, nil,
                .timedOut("no whole answer from api:443 within 2.0 seconds")
            ),
            // Nothing but the end of a transfer with a status is an answer.
            (CURLE_OK, .sent, nil, .broken(.response, "api:443 did not answer in valid HTTP: No error")),
        ]
        let destination = try #require(Destination(url: "https://user:secret@api/secret"))
        for row in rows {
            let findings = Findings(
                code: row.code, stage: row.stage, destination: destination, timeout: .seconds(2),
                answer: HTTPAnswer(status: 0), errorText: "WORDS", systemErrorText: row.system)
            #expect(findings.result == row.result, "\(row.code) \(row.stage)")
        }
    }

    @Test(
        "a destination is the host and the port of a URL",
        arguments: [
            ("http://localhost/x?y#z", "localhost:80"),
            ("HTTPS://user:secret@Api.example/", "Api.example:443"),
            ("http://[::1]:8080", "[::1]:8080"), ("https://api:99999", nil), ("//api/", nil), ("", nil),
        ])
    func destinations(_ url: String, _ text: String?) {
        #expect(Destination(url: url)?.description == text)
    }
}
