import Glibc

/// The variables the service manager gives a process.
enum ProcessEnvironment {
    /// The value of the variable `name`, or nil when it is not set.
    static func value(_ name: String) -> String? {
        guard let text = unsafe getenv(name) else { return nil }
        return unsafe String(cString: text)
    }
}
