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
    /// Where the pen is, in whole units; nil when that is not known.
    private var pen: (x: Int, y: Int)?

    package init() {}

    /// Whether it draws nothing.
    package var isEmpty: Bool { data.isEmpty }

    /// A line from a point, `height` upwards.
    package mutating func up(fromX x: Double, y: Double, _ height: Double) {
        move(x, y)
        data += "v\(Coordinate(-height))"
        pen = nil
    }

    /// The outline of a bar that stands on a point, without its foot.
    package mutating func box(x: Double, y: Double, width: Double, _ height: Double) {
        move(x, y)
        data += "v\(Coordinate(-height))h\(Coordinate(width))v\(Coordinate(height))"
        pen = nil
    }

    /// A line to the right.
    package mutating func right(fromX x: Double, y: Double, _ width: Double) {
        move(x, y)
        data += "h\(Coordinate(width))"
        pen = nil
    }

    /// A line through points.
    package mutating func line(_ points: [(x: Double, y: Double)]) {
        for (index, point) in points.enumerated() {
            data += "\(index == 0 ? "M" : "L")\(Coordinate(point.x)) \(Coordinate(point.y))"
        }
        pen = nil
    }

    /// A point, which a round end of a wide line makes a dot; a step from the last one when that is shorter.
    package mutating func dot(x: Int, y: Int) {
        let absolute = "M\(x) \(y)"
        let relative = pen.map { "m\(x - $0.x) \(y - $0.y)" } ?? absolute
        data += (relative.utf8.count < absolute.utf8.count ? relative : absolute) + "h0"
        pen = (x, y)
    }

    /// Anything else of the source, at a place.
    package mutating func mark(x: Double, y: Double, _ shape: StaticString) {
        move(x, y)
        data += "\(shape)"
        pen = nil
    }

    /// Columns side by side, each `width` wide, on the line y = 0: an area that goes up and down in steps.
    package mutating func columns(fromX x: Int, width: Int, _ heights: [Int]) {
        data += "M\(x) 0"
        var (height, run) = (0, 0)
        for next in heights {
            if next != height {
                if run > 0 { data += "h\(run)" }
                data += next == 0 ? "V0" : "v\(height - next)"
                (height, run) = (next, 0)
            }
            run += width
        }
        if run > 0, height > 0 { data += "h\(run)" }
        data += "V0"
        pen = nil
    }

    private mutating func move(_ x: Double, _ y: Double) {
        data += "M\(Coordinate(x)) \(Coordinate(y))"
    }

    /// The element that draws it; none when it draws nothing.
    package func drawn(_ classes: StaticString) -> HTML {
        isEmpty ? HTML() : shape("path", .class(classes), .other("d", data))
    }

    /// The elements that draw it twice, one over the other; none when it draws nothing. `id` is its own on the page.
    package func drawn(_ below: StaticString, then above: StaticString, id: StaticString) -> HTML {
        guard !isEmpty else { return HTML() }
        return tag("defs") { shape("path", .id("\(id)"), .other("d", data)) }
            + shape("use", .class(below), .href(Address(fragment: id)))
            + shape("use", .class(above), .href(Address(fragment: id)))
    }
}
