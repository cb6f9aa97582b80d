/// One way to write a secret, and how it is recognized in a text.
///
/// Whoever echoes a secret may write it as JSON, a URL or HTML does, in base64 or hexadecimal digits, in capitals, or only a part
/// of it. `SecretForm.all` is the table of these ways.
struct SecretForm: Sendable, Equatable {
    /// What the text spells, after its escapes are undone; in small letters where the case does not matter.
    let bytes: [UInt8]
    /// Whether letters match in either case.
    let ignoresCase: Bool
    /// How much of it, at its beginning or its end, is a part that must not be left.
    let partMin: Int

    /// A part of a secret of so many characters says too much.
    static let charactersMin = 8

    /// The ways to write `secret`.
    static func all(_ secret: [UInt8]) -> [SecretForm] {
        // Of a short secret each part may be an ordinary word.
        func part(_ length: Int, of whole: Int) -> Int {
            secret.count > charactersMin ? min(length, whole) : whole
        }
        let plain = secret.map(lowercased)
        var forms = [
            SecretForm(bytes: plain, ignoresCase: true, partMin: part(charactersMin, of: plain.count))
        ]
        let hex = secret.flatMap { byte in [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
        forms.append(
            SecretForm(bytes: hex, ignoresCase: true, partMin: part(2 * charactersMin, of: hex.count)))
        for alphabet in [base64, base64URL] {
            for lead in 0..<3 {
                let form = encoded(secret, behind: lead, alphabet)
                // Of a short secret too little is left when it stands between others.
                guard form.count >= charactersMin, !forms.contains(where: { $0.bytes == form }) else {
                    continue
                }
                forms.append(
                    SecretForm(
                        bytes: form, ignoresCase: false,
                        partMin: part((4 * charactersMin + 2) / 3, of: form.count)))
            }
        }
        return forms
    }

    // MARK: Matching

    /// Whether the end of the secret is in the text: only then is it worth while to look for parts without its beginning, each
    /// of which has it.
    func hasEnd(in text: [UInt8]) -> Bool {
        guard bytes.count > partMin else { return false }
        let start = bytes.count - partMin
        return text.indices.contains { match(text, $0, from: start).map { $0.count == partMin } ?? false }
    }

    /// Where the longest part of the secret that begins at `index` of the text ends; nil when none does. At the end of a text
    /// that `isCut` its first `cutMin` characters are enough; `hasEnd` is whether the text has the end of the secret.
    func end(in text: [UInt8], at index: Int, isCut: Bool, cutMin: Int, hasEnd: Bool) -> Int? {
        var best: Int?
        func take(_ match: (end: Int, count: Int), from start: Int) {
            let isWhole = start + match.count == bytes.count
            let isEnough =
                (start == 0 || isWhole) && match.count >= (start == 0 && isWhole ? bytes.count : partMin)
            let isCutOff = isCut && start == 0 && match.count >= cutMin && Self.isEnd(text, match.end)
            if isEnough || isCutOff { best = max(best ?? 0, isCutOff ? text.count : match.end) }
        }
        if let match = match(text, index, from: 0) { take(match, from: 0) }
        // Its beginning is missing.
        if hasEnd {
            for start in 1...bytes.count - partMin {
                if let match = match(text, index, from: start), start + match.count == bytes.count {
                    take(match, from: start)
                }
            }
        }
        return best
    }

    /// How much of the secret, from `start` on, the text spells from `index` on.
    private func match(_ text: [UInt8], _ index: Int, from start: Int) -> (end: Int, count: Int)? {
        var (place, count) = (index, 0)
        while place < text.count, start + count < bytes.count {
            let wanted = bytes[start + count]
            if same(text[place], wanted) {
                place += 1
                count += 1
            } else if let escape = Escape(text, at: place), spells(escape, from: start + count) {
                place += escape.length
                count += escape.bytes.count
            } else {
                break
            }
        }
        return count == 0 ? nil : (place, count)
    }

    private func same(_ byte: UInt8, _ wanted: UInt8) -> Bool {
        byte == wanted || ignoresCase && Self.lowercased(byte) == wanted
    }

    private func spells(_ escape: Escape, from start: Int) -> Bool {
        guard start + escape.bytes.count <= bytes.count else { return false }
        return zip(escape.bytes, bytes[start...]).allSatisfy { same($0, $1) }
    }

    /// Whether the text ends there, perhaps within an escape.
    private static func isEnd(_ text: [UInt8], _ place: Int) -> Bool {
        let rest = text[place...]
        return rest.isEmpty || rest.count < Escape.lengthMax && "%\\&".utf8.contains(rest.first ?? 0)
    }

    // MARK: Spelling

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte ? byte + 0x20 : byte
    }

    private static let digits = Array("0123456789abcdef".utf8)
    private static let base64 = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let base64URL = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    /// What is always the same of the secret in base64 (RFC 4648, section 4) behind so many other bytes, whatever follows.
    private static func encoded(_ secret: [UInt8], behind lead: Int, _ alphabet: [UInt8]) -> [UInt8] {
        let bytes = [UInt8](repeating: 0, count: lead) + secret
        let bits = bytes.count * 8
        let (first, last) = ((lead * 8 + 5) / 6, bits / 6)
        guard first < last else { return [] }
        return (first..<last).map { number in
            var value = 0
            for bit in number * 6..<number * 6 + 6 {
                value = value << 1 | Int(bytes[bit / 8] >> (7 - UInt8(bit % 8)) & 1)
            }
            return alphabet[value]
        }
    }
}

/// A way to write a character that is not the character itself, as it stands in a text.
struct Escape: Equatable {
    /// What it stands for, in UTF-8.
    let bytes: [UInt8]
    /// How many bytes of the text it takes.
    let length: Int

    /// The longest of them, `\u0041` and `&#x0041;`.
    static let lengthMax = 8

    /// The escape of a URL, of JSON or of HTML that begins at `index`; nil when none does.
    init?(_ text: [UInt8], at index: Int) {
        func byte(_ offset: Int) -> UInt8? { index + offset < text.count ? text[index + offset] : nil }
        func number(_ range: Range<Int>, radix: Int) -> UInt32? {
            guard range.upperBound + index <= text.count, !range.isEmpty else { return nil }
            let digits = text[index + range.lowerBound..<index + range.upperBound]
            guard digits.allSatisfy({ UInt8(ascii: "+") != $0 && UInt8(ascii: "-") != $0 }) else {
                return nil
            }
            return UInt32(String(decoding: digits, as: UTF8.self), radix: radix)
        }
        switch byte(0) {
        case UInt8(ascii: "+"): self.init([0x20], 1)
        case UInt8(ascii: "%"):
            guard let value = number(1..<3, radix: 16) else { return nil }
            self.init([UInt8(value)], 3)
        case UInt8(ascii: "\\"):
            switch byte(1) {
            case UInt8(ascii: "u"):
                guard let value = number(2..<6, radix: 16), let scalar = Unicode.Scalar(value) else {
                    return nil
                }
                self.init(Array(String(Character(scalar)).utf8), 6)
            case UInt8(ascii: "x"):
                guard let value = number(2..<4, radix: 16) else { return nil }
                self.init([UInt8(value)], 4)
            case UInt8(ascii: "n"): self.init([0x0a], 2)
            case UInt8(ascii: "r"): self.init([0x0d], 2)
            case UInt8(ascii: "t"): self.init([0x09], 2)
            case let other?: self.init([other], 2)
            case nil: return nil
            }
        case UInt8(ascii: "&"):
            guard let end = text[index...].prefix(Self.lengthMax).firstIndex(of: UInt8(ascii: ";")) else {
                return nil
            }
            let length = end - index
            if byte(1) == UInt8(ascii: "#") {
                let isHex = byte(2) == UInt8(ascii: "x") || byte(2) == UInt8(ascii: "X")
                guard let value = isHex ? number(3..<length, radix: 16) : number(2..<length, radix: 10),
                    let scalar = Unicode.Scalar(value)
                else { return nil }
                self.init(Array(String(Character(scalar)).utf8), length + 1)
            } else {
                let name = String(decoding: text[index + 1..<end], as: UTF8.self)
                guard let character = Self.named[name] else { return nil }
                self.init([UInt8(ascii: character)], length + 1)
            }
        default: return nil
        }
    }

    private init(_ bytes: [UInt8], _ length: Int) {
        self.bytes = bytes
        self.length = length
    }

    /// The characters of ASCII that HTML has names for and that encoders use.
    private static let named: [String: Unicode.Scalar] = [
        "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "sol": "/", "plus": "+", "equals": "=",
    ]
}
