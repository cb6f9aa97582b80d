import CLibcurl
package import RunModel

/// Sends requests with libcurl: each on a connection of its own, TLS verified, no redirects, no proxies, no
/// cookies.
///
/// An answer whose body does not end within `Limits.responseBodyBytesMax` counts as answered, with that many
/// bytes: its status is what the job asked for. Answers are never decompressed. Of an unfinished attempt it
/// is known whether any of the request may have left this host: libcurl says when it begins to write it and
/// how much it has written.
package final class CurlTransport: Transport {
    private let loop: TransferLoop

    /// Starts the transport's thread.
    ///
    /// - Parameters:
    ///   - userAgent: sent with the requests that have no `User-Agent` of their own.
    ///   - certificateAuthoritiesFile: a PEM file of the certificates that are trusted instead of the
    ///     system's.
    package init(userAgent: String, certificateAuthoritiesFile: String? = nil) throws(CurlTransportError) {
        try LibcurlCheck.result.get()
        let settings = TransferSettings(
            userAgent: userAgent, certificateAuthoritiesFile: certificateAuthoritiesFile)
        guard let loop = TransferLoop(settings: settings), loop.start() else { throw .noResources }
        self.loop = loop
    }

    deinit { loop.stop() }

    package func send(_ request: HTTPRequest) async -> Exchange {
        await answer(to: request) { .send($0) }
    }

    package func probe(_ request: HTTPRequest) async -> Probe {
        await answer(to: request) { .probe($0) }
    }

    private func answer<Answer: Sendable>(
        to request: HTTPRequest, for purpose: (CheckedContinuation<Answer, Never>) -> Submission.Purpose
    ) async -> Answer {
        let cancellation = CancellationFlag()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                loop.submit(
                    Submission(
                        request: request, purpose: purpose(continuation), cancellation: cancellation))
            }
        } onCancel: {
            loop.cancel(cancellation)
        }
    }

    /// Ends what is under way as cancelled, and then the thread; later requests are cancelled at once. May be
    /// called again.
    package func shutdown() async {
        loop.stop()
        await loop.waitForTheEnd()
    }
}
