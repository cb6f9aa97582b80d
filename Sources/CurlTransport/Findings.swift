import CLibcurl
import RunModel

/// What is known of a transfer that has ended, and what follows from it.
struct Findings {
    /// How far the transfer came; each stage leads to the next, and any of them to the end.
    enum Stage: Int, Comparable {
        /// The host name is looked up.
        case resolving
        case connecting
        /// The TLS handshake is under way.
        case securing
        /// The connection stands, and nothing of the request has been written.
        case ready
        /// A part of the request, or all of it, has been written, or may have been.
        case sent

        static func < (left: Stage, right: Stage) -> Bool { left.rawValue < right.rawValue }
    }

    /// Why we ended the transfer from within.
    enum Stop {
        case headersTooLong
        case bodyLongEnough
    }

    var code: CURLcode
    var stage: Stage
    var stop: Stop?
    var destination: Destination
    var timeout: Duration
    /// What came of an answer; its status is 0 when none came.
    var answer: HTTPAnswer
    /// libcurl's own words.
    var errorText = ""
    /// The system's words for its error, if there was one.
    var systemErrorText: String?

    var result: Exchange.Result {
        if stop == .bodyLongEnough || (code == CURLE_OK && answer.status != 0) { return .answered(answer) }
        if code == CURLE_OPERATION_TIMEDOUT {
            return stage < .sent
                ? .notSent(reasonBeforeSending, "\(nothingWritten) within \(timeout)")
                : .timedOut("no whole answer from \(destination) within \(timeout)\(progress)")
        }
        return stage < .sent ? notSent : broken
    }

    /// The reason of a failure before anything was written.
    private var reasonBeforeSending: Reason {
        switch stage {
        case .resolving: .dns
        case .connecting: .connect
        case .securing: .tls
        case .ready, .sent: .connection
        }
    }

    private var nothingWritten: String {
        switch stage {
        case .resolving: "the host name \(destination.host) was not resolved"
        case .connecting: "no connection to \(destination)"
        case .securing: "no TLS handshake with \(destination)"
        case .ready, .sent: "nothing could be written to \(destination)"
        }
    }

    private var notSent: Exchange.Result {
        switch code {
        case CURLE_SSL_CACERT_BADFILE:
            return .notSent(.configuration, "the file of trusted certificates cannot be read: \(errorText)")
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL, CURLE_OUT_OF_MEMORY, CURLE_FAILED_INIT:
            return .notSent(.configuration, "the request could not be made: \(explanation)")
        case CURLE_COULDNT_RESOLVE_HOST:
            // libcurl says no more than that.
            return .notSent(reasonBeforeSending, nothingWritten)
        default:
            return .notSent(reasonBeforeSending, "\(nothingWritten): \(explanation)")
        }
    }

    private var broken: Exchange.Result {
        if stop == .headersTooLong {
            return .broken(
                .response,
                "the headers of \(destination)'s answer exceed \(Limits.responseHeaderBytesMax) bytes"
            )
        }
        switch code {
        case CURLE_GOT_NOTHING:
            return .broken(.connection, "\(destination) closed the connection without an answer")
        case CURLE_PARTIAL_FILE, CURLE_RECV_ERROR, CURLE_SEND_ERROR:
            return .broken(.connection, "the connection to \(destination) broke\(progress): \(explanation)")
        default:
            return .broken(
                .response, "\(destination) did not answer in valid HTTP\(progress): \(explanation)")
        }
    }

    /// How much of an answer had come.
    private var progress: String {
        answer.status == 0
            ? "" : " (status \(answer.status) and \(answer.bodyBytes) bytes of the body had come)"
    }

    private var explanation: String {
        // Once something was exchanged, libcurl's words may repeat what the server sent, and so a secret that
        // it echoes.
        let words =
            stage == .sent || errorText.isEmpty ? unsafe String(cString: curl_easy_strerror(code)) : errorText
        let text = words.last == " " ? String(words.dropLast()) : words
        guard let systemErrorText else { return text }
        return stage == .securing ? "\(text) (\(systemErrorText))" : systemErrorText
    }
}
