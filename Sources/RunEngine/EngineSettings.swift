/// How patient the engine is with an API that is not up yet.
package struct EngineSettings: Sendable, Equatable {
    /// How long a run whose connection is refused waits for the API, from its first request on; zero: not at all.
    package var apiGrace: Duration
    /// How long after the first load no occurrence is made up for; zero: at once.
    package var startDelay: Duration

    package init(apiGrace: Duration = .zero, startDelay: Duration = .zero) {
        self.apiGrace = apiGrace
        self.startDelay = startDelay
    }
}
