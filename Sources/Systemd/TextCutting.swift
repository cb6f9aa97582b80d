extension String {
    /// The longest beginning of whole characters that fits in `bytesMax` bytes of UTF-8.
    func cut(toBytes bytesMax: Int) -> String {
        guard utf8.count > bytesMax else { return self }
        var bytes = 0
        return String(
            prefix { character in
                bytes += character.utf8.count
                return bytes <= bytesMax
            })
    }
}

extension Unicode.Scalar {
    /// Whether a terminal or a reader of lines could take it for a command or the end of a line.
    var isControlOrLineEnd: Bool {
        properties.generalCategory == .control || value == 0x2028 || value == 0x2029
    }
}
