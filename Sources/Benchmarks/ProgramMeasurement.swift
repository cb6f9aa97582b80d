import Glibc

/// What the measurements of the whole program have in common: options, and the head of the report.
struct ProgramMeasurement {
    /// How many jobs; of several, one measurement of each.
    var jobs: [Int]
    /// How often everything is measured.
    var repeats: Int
    /// How long a measurement that waits for nothing in particular lasts.
    var seconds: Int
    var stores: [StoreKind]
    /// The program.
    let program: String

    /// Reads options over the defaults of a measurement, whose name is the command.
    init(
        _ name: String, _ arguments: ArraySlice<String>, jobs: [Int], repeats: Int, seconds: Int,
        stores: [StoreKind]
    ) {
        self.jobs = jobs
        self.repeats = repeats
        self.seconds = seconds
        self.stores = stores
        guard let program = getenv("ALMANAC").map({ String(cString: $0) }), access(program, X_OK) == 0 else {
            Terminal.fail(
                "ALMANAC names no program to measure\nhint: use `make bench-\(name)`, or set ALMANAC to its path"
            )
        }
        self.program = program
        var rest = arguments
        while let option = rest.popFirst() {
            guard let text = rest.popFirst(), apply(option, text) else {
                Terminal.fail(
                    "\(option) is not an option, or its value is missing or not valid\n"
                        + "hint: bench-\(name) [--jobs N,…] [--repeats N] [--seconds N] [--store sqlite,postgres]"
                )
            }
        }
        if self.stores.contains(.postgres), MeasuredStore.testServer == nil {
            print(
                "PostgreSQL: left out, for ALMANAC_TEST_DSN names no server (`make bench-\(name)` starts one)"
            )
            self.stores.removeAll { $0 == .postgres }
        }
    }

    private mutating func apply(_ option: String, _ text: String) -> Bool {
        let words = text.split(separator: ",").map(String.init)
        let numbers = words.compactMap { Int($0) }.filter { $0 > 0 }
        switch option {
        case "--jobs":
            jobs = numbers
            return numbers.count == words.count && !numbers.isEmpty
        case "--repeats", "--seconds":
            guard words.count == 1, let number = numbers.first else { return false }
            if option == "--repeats" { repeats = number } else { seconds = number }
            return true
        case "--store":
            stores = words.compactMap { StoreKind(rawValue: $0) }
            return stores.count == words.count && !stores.isEmpty
        default: return false
        }
    }

    /// Prints what a reader must know to compare the figures with others.
    func printHead(_ title: String, method: String) {
        print("\n\(title)\n")
        print("machine:   \(Machine.description)")
        print("versions:  almanac \(version); \(Machine.versions(with: stores))")
        print("program:   \(program)")
        print("disk:      \(Machine.fileSystem(of: "/tmp")) at /tmp")
        print("load:      \(Machine.load) at the start")
        print("method:    \(method)")
        print("spread:    median (least–most) of \(repeats == 1 ? "1 repeat" : "\(repeats) repeats")")
    }

    func printEnd() {
        print("\nload at the end: \(Machine.load)")
    }

    private var version: String {
        let words = Shell.output(of: "'\(program)' --version 2>/dev/null").split { " \n".contains($0) }
        return words.last.map(String.init) ?? "of unknown version"
    }
}
