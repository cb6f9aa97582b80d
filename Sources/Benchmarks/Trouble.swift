import Glibc

/// What keeps a measurement from being made.
struct Trouble: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }

    /// What the system said last, of `subject`.
    static func system(_ subject: String) -> Trouble {
        Trouble("\(subject): \(String(cString: strerror(errno)))")
    }
}
