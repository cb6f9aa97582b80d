import CommandRequests

/// An element of a document with the place of everything in it.
struct XMLElement: Sendable {
    var name: String
    /// Nil when the element is in no namespace.
    var namespace: String?
    var attributes: [XMLAttribute]
    var children: [XMLElement] = []
    /// The element's own text, that of its children left out.
    var text: MappedText
    /// Where its start tag begins in the text of the file.
    var offset: Int

    /// The first child of that name in the element's own namespace.
    func child(_ name: String) -> XMLElement? {
        children.first { $0.name == name && $0.namespace == namespace }
    }
}

struct XMLAttribute: Sendable {
    var name: String
    var value: String
    /// Where its name begins in the text of the file.
    var offset: Int
}

struct XMLComment: Sendable {
    var text: String
    var offset: Int
    var isAfterRoot: Bool
}

struct XMLDocument: Sendable {
    var root: XMLElement
    var comments: [XMLComment]
    /// Names and places of processing instructions.
    var instructions: [(target: String, offset: Int)]
}

/// Why a text is not a document that this program reads.
struct XMLFault: Error, Equatable {
    enum Reason: Equatable {
        case malformed
        case documentType
        case limit
    }

    var reason: Reason
    var message: String
    var hint: String?
    var offset: Int
}
