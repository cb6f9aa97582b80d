/// A length or a place in a picture, to a tenth.
package struct Coordinate: Sendable, Equatable, CustomStringConvertible {
    private let tenths: Int

    package init(_ value: Double) {
        tenths = Int((value * 10).rounded())
    }

    /// As SVG takes it, no longer than it must be: `12`, `12.3`, `-.5`.
    package var description: String {
        let (whole, part) = (abs(tenths) / 10, abs(tenths) % 10)
        let sign = tenths < 0 ? "-" : ""
        if part == 0 { return sign + String(whole) }
        return sign + (whole == 0 ? "" : String(whole)) + "." + String(part)
    }
}

extension Attribute {
    /// A place or a length of an element of SVG.
    package static func at(_ name: StaticString, _ value: Double) -> Attribute {
        .other(name, Coordinate(value).description)
    }
}

/// What a path of SVG draws, collected from many marks: a picture of thousands of marks is a few elements.
package struct Path: Sendable {
    package private(set) var data = ""

    package init() {}

    /// Whether it draws nothing.
    package var isEmpty: Bool { data.isEmpty }

    /// A line from a point, `height` upwards.
    package mutating func up(fromX x: Double, y: Double, _ height: Double) {
        data += "M\(Coordinate(x)) \(Coordinate(y))v\(Coordinate(-height))"
    }

    /// The outline of a bar that stands on a point, without its foot.
    package mutating func box(x: Double, y: Double, width: Double, _ height: Double) {
        data +=
            "M\(Coordinate(x)) \(Coordinate(y))v\(Coordinate(-height))h\(Coordinate(width))v\(Coordinate(height))"
    }

    /// A line to the right.
    package mutating func right(fromX x: Double, y: Double, _ width: Double) {
        data += "M\(Coordinate(x)) \(Coordinate(y))h\(Coordinate(width))"
    }

    /// A line through points.
    package mutating func line(_ points: [(x: Double, y: Double)]) {
        for (index, point) in points.enumerated() {
            data += "\(index == 0 ? "M" : "L")\(Coordinate(point.x)) \(Coordinate(point.y))"
        }
    }

    /// A point, which a round end of a wide line makes a dot.
    package mutating func dot(x: Double, y: Double) {
        data += "M\(Coordinate(x)) \(Coordinate(y))h0"
    }

    /// Anything else of the source, at a place.
    package mutating func mark(x: Double, y: Double, _ shape: StaticString) {
        data += "M\(Coordinate(x)) \(Coordinate(y))\(shape)"
    }

    /// The element that draws it; none when it draws nothing.
    package func drawn(_ classes: StaticString) -> HTML {
        isEmpty ? HTML() : tag("path", .class(classes), .other("d", data))
    }
}
