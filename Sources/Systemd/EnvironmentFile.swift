/// Reads files as `EnvironmentFile=` of a unit names them: `NAME=value`, a line each (systemd.exec(5)).
package enum EnvironmentFile {
    /// The variables that the text sets, in its order; of a name that comes twice the last counts. What the service manager
    /// leaves out is left out: lines without `=`, and names that no variable can have.
    package static func parse(_ text: String) -> [(name: String, value: String)] {
        var reader = Reader(rest: Array(text.unicodeScalars)[...])
        var variables: [(name: String, value: String)] = []
        while let variable = reader.next() {
            if isName(variable.name) { variables.append(variable) }
        }
        return variables
    }

    /// Letters, digits and `_`, no digit first (environ(7)).
    static func isName(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first, !("0"..."9").contains(first) else { return false }
        return text.unicodeScalars.allSatisfy { scalar in
            ("A"..."Z").contains(scalar) || ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar)
                || scalar == "_"
        }
    }

    private struct Reader {
        var rest: ArraySlice<Unicode.Scalar>

        /// The next line that sets something; nil at the end.
        mutating func next() -> (name: String, value: String)? {
            while true {
                skip { Self.isBlank($0) || $0 == "\n" }
                guard let first = rest.first else { return nil }
                if first == "#" || first == ";" {
                    skipComment()
                    continue
                }
                let name = take { $0 != "=" && $0 != "\n" }
                // Without a value the line sets nothing.
                guard rest.popFirst() == "=" else { continue }
                return (Self.trimmed(name), value())
            }
        }

        /// A comment goes on in the next line when its own ends with a backslash.
        private mutating func skipComment() {
            while let scalar = rest.popFirst(), scalar != "\n" {
                if scalar == "\\" { _ = rest.popFirst() }
            }
        }

        /// The parts of a value: quoted ones, and at the end one without quotes.
        private mutating func value() -> String {
            var value = ""
            while true {
                skip(Self.isBlank)
                switch rest.first {
                case "'":
                    rest.removeFirst()
                    value += take { $0 != "'" }
                    _ = rest.popFirst()
                case "\"":
                    rest.removeFirst()
                    value += doubleQuoted()
                case nil, "\n":
                    _ = rest.popFirst()
                    return value
                case .some: return value + plain()
                }
            }
        }

        /// A backslash escapes the characters that are special to the shell, and joins the line with the next one.
        private mutating func doubleQuoted() -> String {
            var text = String.UnicodeScalarView()
            while let scalar = rest.popFirst(), scalar != "\"" {
                guard scalar == "\\", let next = rest.popFirst() else {
                    text.append(scalar)
                    continue
                }
                if next == "\n" { continue }
                if !"\"\\`$".unicodeScalars.contains(next) { text.append("\\") }
                text.append(next)
            }
            return String(text)
        }

        /// Up to the end of the line, without the blanks before that; a backslash keeps what follows it as it is.
        private mutating func plain() -> String {
            var text = String.UnicodeScalarView()
            var length = 0
            while let scalar = rest.popFirst(), scalar != "\n" {
                if scalar == "\\" {
                    guard let next = rest.popFirst() else { break }
                    if next == "\n" { continue }
                    text.append(next)
                    length = text.count
                } else {
                    text.append(scalar)
                    if !Self.isBlank(scalar) { length = text.count }
                }
            }
            return String(String.UnicodeScalarView(text.prefix(length)))
        }

        private mutating func take(_ isWanted: (Unicode.Scalar) -> Bool) -> String {
            let taken = rest.prefix(while: isWanted)
            rest = rest.dropFirst(taken.count)
            return String(String.UnicodeScalarView(taken))
        }

        private mutating func skip(_ isSkipped: (Unicode.Scalar) -> Bool) {
            rest = rest.drop(while: isSkipped)
        }

        private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
            scalar == " " || scalar == "\t" || scalar == "\r"
        }

        private static func trimmed(_ text: String) -> String {
            String(text.unicodeScalars.reversed().drop(while: isBlank).reversed().map(Character.init))
        }
    }
}
