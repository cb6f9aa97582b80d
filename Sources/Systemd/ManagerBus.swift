import CLibsystemd
import Glibc

/// A connection to the service manager itself, for root: it needs no message bus.
@safe
final class ManagerBus {
    private var bus: OpaquePointer?

    /// Where the service manager listens for root.
    private static let address = "unix:path=/run/systemd/private"
    private static let destination = "org.freedesktop.systemd1"

    init() throws(SystemdError) {
        try check(unsafe sd_bus_new(&bus))
        try check(unsafe sd_bus_set_address(bus, Self.address))
        try check(unsafe sd_bus_start(bus))
    }

    deinit {
        unsafe sd_bus_flush_close_unref(bus)
    }

    /// A property of a unit that is one text.
    func text(_ property: String, of unit: Unit) throws(SystemdError) -> String {
        var text: UnsafeMutablePointer<CChar>?
        try check(
            unsafe sd_bus_get_property_string(
                bus, Self.destination, unit.path, unit.interface(of: property), property, nil, &text))
        defer { unsafe free(text) }
        return unsafe text.map { unsafe String(cString: $0) } ?? ""
    }

    /// A property of a unit that is a list of texts.
    func texts(_ property: String, of unit: Unit) throws(SystemdError) -> [String] {
        let message = try unsafe message(property, of: unit, type: "as")
        defer { unsafe sd_bus_message_unref(message) }
        try check(unsafe sd_bus_message_enter_container(message, Self.array, "s"))
        var texts: [String] = []
        while let text = try unsafe nextText(of: message) { texts.append(text) }
        return texts
    }

    /// A property of a unit that is a list of files, each of which may be missing or not.
    func files(_ property: String, of unit: Unit) throws(SystemdError) -> [(path: String, isOptional: Bool)] {
        let message = try unsafe message(property, of: unit, type: "a(sb)")
        defer { unsafe sd_bus_message_unref(message) }
        try check(unsafe sd_bus_message_enter_container(message, Self.array, "(sb)"))
        var files: [(path: String, isOptional: Bool)] = []
        while try check(unsafe sd_bus_message_enter_container(message, Self.record, "sb")) > 0 {
            guard let path = try unsafe nextText(of: message) else { break }
            var isOptional: Int32 = 0
            try check(unsafe sd_bus_message_read_basic(message, Self.boolean, &isOptional))
            try check(unsafe sd_bus_message_exit_container(message))
            files.append((path, isOptional != 0))
        }
        return files
    }

    private func message(
        _ property: String, of unit: Unit, type: String
    ) throws(SystemdError) -> OpaquePointer? {
        var message: OpaquePointer?
        try check(
            unsafe sd_bus_get_property(
                bus, Self.destination, unit.path, unit.interface(of: property), property, nil, &message, type)
        )
        return unsafe message
    }

    private func nextText(of message: OpaquePointer?) throws(SystemdError) -> String? {
        var text: UnsafePointer<CChar>?
        guard try check(unsafe sd_bus_message_read_basic(message, Self.string, &text)) > 0 else { return nil }
        return unsafe text.map { unsafe String(cString: $0) }
    }

    @discardableResult
    private func check(_ result: Int32) throws(SystemdError) -> Int32 {
        guard result >= 0 else {
            throw SystemdError(subject: "the service manager", reason: .system(errno: -result))
        }
        return result
    }

    // The types of sd_bus_message_read(3).
    private static let array = CChar(UInt8(ascii: "a"))
    private static let record = CChar(UInt8(ascii: "r"))
    private static let string = CChar(UInt8(ascii: "s"))
    private static let boolean = CChar(UInt8(ascii: "b"))

    /// A service unit, by its name.
    struct Unit {
        let name: String

        /// Its object, in the name of which other characters than letters and digits are their numbers.
        var path: String {
            let escaped = name.utf8.map { byte -> String in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    String(UnicodeScalar(byte))
                default: "_" + String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
                }
            }
            return "/org/freedesktop/systemd1/unit/" + escaped.joined()
        }

        func interface(of property: String) -> String {
            "org.freedesktop.systemd1." + (property == "LoadState" ? "Unit" : "Service")
        }
    }
}
