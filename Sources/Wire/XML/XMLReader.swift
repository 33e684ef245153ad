/// One pass over a document's bytes: recursive descent over elements, names resolved as they are met.
struct XMLReader {
  let bytes: [UInt8]
  var index = 0
  private let maxDepth: Int
  private var namespaces = XMLNamespaces()

  init(_ bytes: [UInt8], maxDepth: Int) throws(XMLError) {
    guard let text = bytes.withUnsafeBufferPointer(UTF8Text.string),
      text.unicodeScalars.allSatisfy(XML.isCharacter)
    else { throw .invalidCharacters }
    self.bytes = bytes
    self.maxDepth = maxDepth
  }

  /// `document` (§2.1): a declaration, perhaps, then one element, with nothing but comments, instructions and blanks around.
  mutating func document() throws(XMLError) -> XML.Element {
    _ = skip([0xEF, 0xBB, 0xBF])
    if looksAt("<?xml"), isBlank(at: index + 5) { try declaration() }
    try miscellaneous()
    guard looksAt("<") else { throw .syntax(offset: index) }
    let root = try element(depth: 1)
    try miscellaneous()
    guard index == bytes.count else { throw .syntax(offset: index) }
    return root
  }

  /// `XMLDecl` (§2.8).
  private mutating func declaration() throws(XMLError) {
    index += 5
    var names: [String] = []
    while skipBlanks(), !looksAt("?>") {
      let name = try qualifiedName().text
      let value = try attributeValue()
      switch name {
      case "version" where names.isEmpty:
        guard value.utf8.starts(with: "1.".utf8) else { throw .encodingUnsupported }
      case "encoding" where names == ["version"]:
        guard value.asciiLowercased == "utf-8" else { throw .encodingUnsupported }
      case "standalone" where names.first == "version" && !names.contains(name) && (value == "yes" || value == "no"):
        break
      default: throw .syntax(offset: index)
      }
      names.append(name)
    }
    guard names.first == "version", skip("?>") else { throw .syntax(offset: index) }
  }

  /// `Misc*` (§2.8).
  private mutating func miscellaneous() throws(XMLError) {
    while true {
      _ = skipBlanks()
      if looksAt("<?") {
        try processingInstruction()
      } else if looksAt("<!--") {
        try comment()
      } else if looksAt("<!DOCTYPE") {
        throw .doctypeForbidden
      } else {
        return
      }
    }
  }

  /// `element` (§3), from its `<` to the end of its end tag.
  private mutating func element(depth: Int) throws(XMLError) -> XML.Element {
    guard depth <= maxDepth else { throw .tooDeep }
    let start = index
    index += 1
    let tag = try qualifiedName()
    let outerScope = namespaces.count
    let attributes = try attributes(start)
    let namespace = try namespaces.name(of: tag.prefix, isAttribute: false, offset: start)
    var text: [UInt8] = []
    var children: [XML.Element] = []
    if !skip("/>") {
      index += 1
      try content(depth, &text, &children)
      let end = try qualifiedName()
      guard sameBytes(end.text, tag.text) else { throw .syntax(offset: index) }
      _ = skipBlanks()
      guard skip(">") else { throw .syntax(offset: index) }
    }
    namespaces.truncate(to: outerScope)
    return XML.Element(
      name: tag.local, namespace: namespace, attributes: attributes, text: String(decoding: text, as: UTF8.self),
      children: children)
  }

  /// `content` (§3.1), up to and with the `</` of the end tag.
  private mutating func content(
    _ depth: Int, _ text: inout [UInt8], _ children: inout [XML.Element]
  ) throws(XMLError) {
    while true {
      try characterData(into: &text)
      if skip("</") { return }
      if looksAt("<!--") {
        try comment()
      } else if looksAt("<?") {
        try processingInstruction()
      } else if skip("<![CDATA[") {
        try characterDataSection(into: &text)
      } else {
        children.append(try element(depth: depth + 1))
      }
    }
  }

  /// The attributes of a start tag (§3.1); those that declare namespaces take effect and are left out.
  private mutating func attributes(_ start: Int) throws(XMLError) -> [XML.Attribute] {
    var written: [(name: QualifiedName, value: String)] = []
    while skipBlanks(), !looksAt(">"), !looksAt("/>") {
      guard written.count < 64 else { throw .tooLarge }
      let name = try qualifiedName()
      guard !written.contains(where: { sameBytes($0.name.text, name.text) }) else {
        throw .duplicateAttribute(offset: start)
      }
      written.append((name, try attributeValue()))
    }
    guard looksAt(">") || looksAt("/>") else { throw .syntax(offset: index) }
    for (name, value) in written where name.declaresNamespace {
      try namespaces.bind(name.prefix == nil ? nil : name.local, to: value, offset: start)
    }
    var attributes: [XML.Attribute] = []
    for (name, value) in written where !name.declaresNamespace {
      let namespace = try namespaces.name(of: name.prefix, isAttribute: true, offset: start)
      guard !attributes.contains(where: { sameBytes($0.name, name.local) && $0.namespace == namespace }) else {
        throw .duplicateAttribute(offset: start)
      }
      attributes.append(XML.Attribute(name: name.local, namespace: namespace, value: value))
    }
    return attributes
  }
}

/// `QName` (Namespaces in XML 1.0 §4).
struct QualifiedName {
  let text: String
  let prefix: String?
  let local: String

  /// `xmlns` or `xmlns:…`.
  var declaresNamespace: Bool { prefix == "xmlns" || (prefix == nil && local == "xmlns") }
}

/// The bindings in force (Namespaces in XML 1.0 §3, §6), innermost last.
struct XMLNamespaces {
  private var bindings: [(prefix: String?, name: String)] = []

  var count: Int { bindings.count }

  mutating func truncate(to count: Int) { bindings.removeLast(bindings.count - count) }

  private static var xml: String { "http://www.w3.org/XML/1998/namespace" }
  private static var xmlns: String { "http://www.w3.org/2000/xmlns/" }

  mutating func bind(_ prefix: String?, to name: String, offset: Int) throws(XMLError) {
    let isXML = prefix == "xml"
    guard prefix != "xmlns", name != Self.xmlns, isXML == (name == Self.xml), prefix == nil || !name.isEmpty else {
      throw .namespaceInvalid(offset: offset)
    }
    bindings.append((prefix, name))
  }

  func name(of prefix: String?, isAttribute: Bool, offset: Int) throws(XMLError) -> String? {
    if prefix == nil, isAttribute { return nil }
    if prefix == "xml" { return Self.xml }
    if let bound = bindings.last(where: { $0.prefix == prefix }) { return bound.name.isEmpty ? nil : bound.name }
    guard prefix == nil else { throw .namespaceInvalid(offset: offset) }
    return nil
  }
}
