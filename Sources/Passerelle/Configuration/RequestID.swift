import JOSE

/// What the log's lines of one request have in common, and the page that refuses it: whoever is told it by a learner finds the lines.
package final class RequestID {
  /// Crockford's alphabet: no letter that is taken for another, or for a digit.
  private static let letters = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)
  private var made: String?

  /// An id that is made when it is first asked for: most requests write nothing.
  package init() {}

  /// Eight letters and digits, 40 random bits.
  package var text: String {
    if let made { return made }
    let text = String(decoding: randomBytes(8).map { Self.letters[Int($0 & 31)] }, as: UTF8.self)
    made = text
    return text
  }
}
