/// An attribute of an element. Its value is escaped; of addresses only those of this site can be written.
package struct Attribute: Sendable {
    let name: StaticString
    /// nil for one that is there or not, as `required`.
    let value: String?

    private init(_ name: StaticString, _ value: String?) {
        self.name = name
        self.value = value
    }

    /// Any attribute whose value cannot be an address or a program. Those have names of their own, below.
    package static func other(_ name: StaticString, _ value: String) -> Attribute {
        precondition(!active(name), "an attribute that is followed or run")
        return Attribute(name, value)
    }

    /// One that is there or not.
    package static func flag(_ name: StaticString) -> Attribute { Attribute(name, nil) }

    package static func `class`(_ names: StaticString) -> Attribute { Attribute("class", "\(names)") }
    package static func id(_ name: String) -> Attribute { Attribute("id", name) }
    package static func label(_ text: String) -> Attribute { Attribute("aria-label", text) }
    package static func labelledBy(_ id: String) -> Attribute { Attribute("aria-labelledby", id) }
    package static func href(_ address: Address) -> Attribute { Attribute("href", address.description) }
    package static func action(_ address: Address) -> Attribute { Attribute("action", address.description) }
    package static let decorative = Attribute("aria-hidden", "true")

    private static func active(_ name: StaticString) -> Bool {
        let name = "\(name)".lowercased()
        return name.hasPrefix("on")
            || ["href", "src", "action", "formaction", "style", "srcdoc", "xlink:href", "srcset", "data"]
                .contains(name)
    }
}

/// An address of this site: a path and a query, both in percent encoding (RFC 3986, section 2.1).
package struct Address: Sendable, Equatable, CustomStringConvertible {
    package private(set) var description: String

    /// A path of the source, and segments behind it that may be anything.
    package init(_ path: StaticString, _ segments: String...) {
        description = "\(path)" + segments.map { "/" + Self.encoded($0) }.joined()
    }

    /// The start of a page's address, as `#jobs`.
    package init(fragment: StaticString) {
        description = "#\(fragment)"
    }

    /// What a browser sent as the place to go back to; nil for what is not of this site, as `//example.org` or `/\example.org`.
    package init?(local text: String) {
        let bytes = Array(text.utf8)
        guard bytes.first == UInt8(ascii: "/"), bytes.count < 2 || !"/\\".utf8.contains(bytes[1]),
            bytes.allSatisfy({ 0x21...0x7e ~= $0 && !"\"<>\\^`{|}#".utf8.contains($0) }), bytes.count <= 2000
        else { return nil }
        description = text
    }

    /// The address with one more parameter; nil leaves it as it is.
    package func with(_ name: StaticString, _ value: String?) -> Address {
        guard let value else { return self }
        var address = self
        address.description += (description.contains("?") ? "&" : "?") + "\(name)=" + Self.encoded(value)
        return address
    }

    private static func encoded(_ text: String) -> String {
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: "~"):
                bytes.append(byte)
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                bytes += Array("%".utf8) + (digits.count < 2 ? Array("0".utf8) : []) + Array(digits.utf8)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
