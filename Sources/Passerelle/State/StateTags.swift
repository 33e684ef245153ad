/// The entity tags of states as `If-Match` and `If-None-Match` list them (RFC 9110, sections 8.8.3 and 13.1).
struct StateTags {
  /// The tags without their quotes, parted by spaces, or `*`; empty when the field holds none.
  let listed: String

  /// Reads a field. A web server that compresses may have made a tag weak, or added `-gzip` to it.
  init(_ field: String) {
    if field.filter({ $0 != " " && $0 != "\t" }) == "*" {
      listed = "*"
      return
    }
    let parts = field.split(separator: "\"", omittingEmptySubsequences: false)
    listed = parts.indices.filter { $0 % 2 == 1 }.map { index in
      let tag = parts[index]
      return String(tag.hasSuffix("-gzip") ? tag.dropLast(5) : tag)
    }.joined(separator: " ")
  }

  /// Whether the field lists this tag.
  func include(_ tag: String) -> Bool { listed == "*" || listed.split(separator: " ").contains { $0 == tag } }

  /// A tag as a field's value.
  static func field(_ tag: String) -> String { "\"\(tag)\"" }
}
