import CGI
import JOSE
import Store
import Wire

/// The entity tag of a roster (RFC 9110, section 8.8.3): how it is told, and the version that it was read from. Weak, because
/// the web server may compress what it names.
struct RosterTag {
  /// What the program adds to the database's rows: its own words, in a language and a form.
  private let telling: String

  init(_ form: Rosters.Form, _ exchange: Exchange) {
    let words = "\(Version.current) \(form.rawValue) \(exchange.request.language)"
    telling = Hex.encode(Array(SHA256.hash(words).prefix(4)))
  }

  /// The field's value.
  func value(_ version: RosterVersion) -> String { "W/\"\(telling)-\(version.text)\"" }

  /// The version of the tag that a client brings back in `If-None-Match`; nil when it brings none of this kind. Of several the
  /// first is looked at.
  func known(_ field: String?) -> RosterVersion? {
    guard let field else { return nil }
    for part in field.split(separator: "\"") where part.utf8.count > telling.utf8.count + 1 {
      guard part.utf8.starts(with: (telling + "-").utf8) else { continue }
      return RosterVersion(text: String(part.dropFirst(telling.utf8.count + 1)))
    }
    return nil
  }
}
