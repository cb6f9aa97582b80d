package import RequestText

/// The HTTP request that a command line makes.
package struct CommandRequest: Sendable, Equatable {
    /// A header line of the request.
    package struct Header: Sendable, Equatable {
        /// A token (RFC 9110, section 5.6.2), in the case it was written in.
        package var name: String
        /// References stand for values of the configuration.
        package var value: TemplateText
        /// The value is shown as `***` wherever it is shown.
        package var isSecret: Bool

        package init(name: String, value: TemplateText, isSecret: Bool) {
            self.name = name
            self.value = value
            self.isSecret = isSecret
        }
    }

    /// How often a failed request is made again.
    package struct Retry: Sendable, Equatable {
        /// Tries after the first, 1 to 100.
        package var count: Int
        /// The wait between two tries; nil for the usual, growing one.
        package var delay: Duration?

        package init(count: Int, delay: Duration? = nil) {
            self.count = count
            self.delay = delay
        }
    }

    /// Upper-case letters.
    package var method: String
    /// An absolute `http` or `https` URL, or one that begins with a reference.
    package var url: TemplateText
    /// In the order of the command line; names may repeat.
    package var headers: [Header]
    /// nil for a request without one.
    package var body: TemplateText?
    /// The bound of the whole attempt, if the action states one.
    package var timeout: Duration?
    /// Whether the program ends as failed when the API answers with an HTTP error. Windows sees no error
    /// without it.
    package var failsOnStatus: Bool
    /// nil when the command does not ask for another try.
    package var retry: Retry?

    package init(
        method: String, url: TemplateText, headers: [Header] = [], body: TemplateText? = nil,
        timeout: Duration? = nil,
        failsOnStatus: Bool, retry: Retry? = nil
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
        self.failsOnStatus = failsOnStatus
        self.retry = retry
    }
}
