/// A JSON object (RFC 8259 §4) that keeps the order of its members and has each name once.
///
/// Names are compared byte by byte (RFC 8259 §8.3), so `é` composed and decomposed are two names. Lookup is linear:
/// the objects of this program have a dozen members.
package struct JSONObject: Sendable {
  /// The members, in order.
  package private(set) var members: [(key: String, value: JSONValue)]

  /// An empty object.
  package init() {
    members = []
  }

  /// An object of these members; a name given twice keeps its first place and its last value.
  package init(_ members: [(String, JSONValue)]) {
    self.members = []
    self.members.reserveCapacity(members.count)
    var names = UniqueNames()
    for (key, value) in members {
      if names.insert(key, after: self.members) {
        self.members.append((key, value))
      } else {
        self[key] = value
      }
    }
  }

  /// For the parser, which has already refused duplicates.
  init(distinct members: [(key: String, value: JSONValue)]) {
    self.members = members
  }

  /// The value of that member; assigning nil removes it, assigning to a new name appends it.
  package subscript(key: String) -> JSONValue? {
    get {
      for member in members where sameBytes(member.key, key) { return member.value }
      return nil
    }
    set {
      let index = members.firstIndex { sameBytes($0.key, key) }
      switch (index, newValue) {
      case (let index?, let value?): members[index].value = value
      case (let index?, nil): members.remove(at: index)
      case (nil, let value?): members.append((key, value))
      case (nil, nil): break
      }
    }
  }

  /// How many members there are.
  package var count: Int { members.count }

  /// Whether there are no members.
  package var isEmpty: Bool { members.isEmpty }

  /// The names, in order.
  package var keys: [String] { members.map(\.key) }
}

extension JSONObject: Equatable {
  /// Two objects are equal when they have the same members, in whatever order (RFC 8259 §1: an object is unordered).
  package static func == (left: JSONObject, right: JSONObject) -> Bool {
    guard left.members.count == right.members.count else { return false }
    return left.members.allSatisfy { right[$0.key] == $0.value }
  }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
  /// An object; a name given twice keeps its first place and its last value.
  package init(dictionaryLiteral elements: (String, JSONValue)...) {
    self.init(elements)
  }
}

/// Tells whether a name is new among the members read so far: by looking at each while they are few, by hashing when
/// they are many, so that 30 000 names in one body cost no quadratic time.
struct UniqueNames {
  private static let fewMembers = 48
  private var hashed: Set<ExactName> = []

  /// Whether `name` is none of the names of `members`, which must be those accepted so far.
  mutating func insert(_ name: String, after members: [(key: String, value: JSONValue)]) -> Bool {
    if members.count < Self.fewMembers {
      for member in members where sameBytes(member.key, name) { return false }
      return true
    }
    if hashed.isEmpty {
      for member in members { hashed.insert(ExactName(text: member.key)) }
    }
    return hashed.insert(ExactName(text: name)).inserted
  }

  private struct ExactName: Hashable {
    let text: String

    static func == (left: ExactName, right: ExactName) -> Bool {
      sameBytes(left.text, right.text)
    }

    func hash(into hasher: inout Hasher) {
      var text = text
      text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
  }
}
