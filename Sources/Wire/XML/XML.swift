/// XML 1.0 (Fifth Edition) with namespaces (Namespaces in XML 1.0), as far as messages between programs need it: no
/// document type, so no entities but the five, and no external anything.
package enum XML {
  /// Text for the content of an element, escaped; nil when it holds a character that XML 1.0 cannot carry (§2.2): most
  /// control characters, U+FFFE and U+FFFF.
  package static func text(_ text: String) -> String? {
    var output: [UInt8] = []
    output.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      guard isCharacter(scalar) else { return nil }
      switch scalar {
      case "&": output.append(contentsOf: "&amp;".utf8)
      case "<": output.append(contentsOf: "&lt;".utf8)
      case ">": output.append(contentsOf: "&gt;".utf8)
      // A bare carriage return would be read as a line feed (§2.11).
      case "\r": output.append(contentsOf: "&#13;".utf8)
      default: output.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
      }
    }
    return String(decoding: output, as: UTF8.self)
  }

  /// `Char` (§2.2).
  static func isCharacter(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x09, 0x0A, 0x0D, 0x20...0xD7FF, 0xE000...0xFFFD, 0x10000...0x10FFFF: true
    default: false
    }
  }

  /// An element with what is in it. Comments and processing instructions are not kept.
  package struct Element: Equatable, Sendable {
    /// The local part of the name.
    package let name: String
    /// The namespace's name, nil for none.
    package let namespace: String?
    /// The attributes, in order, without namespace declarations.
    package let attributes: [Attribute]
    /// The character data directly inside, joined, references replaced and line ends as line feeds; white space is kept.
    package let text: String
    /// The elements directly inside, in order.
    package let children: [Element]

    /// The first child of that name in this element's own namespace.
    package func child(_ name: String) -> Element? {
      children.first { sameBytes($0.name, name) && $0.namespace == namespace }
    }

    /// The element at the end of a path of such children.
    package func descendant(_ path: String...) -> Element? {
      var element = self
      for name in path {
        guard let next = element.child(name) else { return nil }
        element = next
      }
      return element
    }
  }

  /// An attribute.
  package struct Attribute: Equatable, Sendable {
    /// The local part of the name.
    package let name: String
    /// The namespace's name, nil for none: a default namespace is not for attributes.
    package let namespace: String?
    /// The value, references replaced, white space as spaces.
    package let value: String
  }
}

extension XML.Element {
  /// Parses a document and answers its root element. Strict: what is not well-formed is refused, and so are a document
  /// type and encodings other than UTF-8.
  ///
  /// - Parameters:
  ///   - maxDepth: how deep elements may nest; never more than 128, which the stack is sure to hold.
  ///   - maxBytes: how long the document may be.
  package init(parsing bytes: [UInt8], maxDepth: Int = 32, maxBytes: Int = 1 << 16) throws(XMLError) {
    guard bytes.count <= maxBytes else { throw .tooLarge }
    var reader = try XMLReader(bytes, maxDepth: min(maxDepth, 128))
    self = try reader.document()
  }
}

/// Why bytes are not the XML this program accepts. Offsets count bytes from 0; no case carries what was read.
package enum XMLError: Error, Equatable, Sendable {
  /// The document is longer than asked for, or an element has more than 64 attributes.
  case tooLarge
  /// Elements are nested deeper than asked for.
  case tooDeep
  /// The bytes are not well-formed UTF-8, or hold a character that XML 1.0 forbids (§2.2).
  case invalidCharacters
  /// The XML declaration names another encoding than UTF-8, or another version than 1.x.
  case encodingUnsupported
  /// There is a document type declaration (§2.8).
  case doctypeForbidden
  /// A reference to an entity that is none of the five (§4.6).
  case entityUndeclared(offset: Int)
  /// A prefix is not bound, or a declaration binds what may not be bound (Namespaces in XML 1.0 §3, §5).
  case namespaceInvalid(offset: Int)
  /// An element names an attribute twice, also by two prefixes of one namespace (Namespaces in XML 1.0 §6.3).
  case duplicateAttribute(offset: Int)
  /// The grammar is broken at this byte.
  case syntax(offset: Int)

  /// A stable name for logs and answers.
  package var code: String {
    switch self {
    case .tooLarge: "xml_too_large"
    case .tooDeep: "xml_too_deep"
    case .invalidCharacters: "xml_invalid_characters"
    case .encodingUnsupported: "xml_encoding_unsupported"
    case .doctypeForbidden: "xml_doctype_forbidden"
    case .entityUndeclared: "xml_entity_undeclared"
    case .namespaceInvalid: "xml_namespace_invalid"
    case .duplicateAttribute: "xml_duplicate_attribute"
    case .syntax: "xml_syntax"
    }
  }
}
