import JOSE
import Wire

/// What who reads the counts brings as a bearer token. Only its digest is kept, which is also what comparing it takes.
package struct MetricsToken: Sendable, Equatable {
  private let digest: [UInt8]

  /// Reads a token: 16 characters or more of those that `Authorization: Bearer` can carry (RFC 6750 §2.1).
  package init?(_ text: String) {
    let bytes = Array(text.utf8)
    func isToken68(_ byte: UInt8) -> Bool {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"), UInt8(ascii: "+"), UInt8(ascii: "/"):
        true
      default: false
      }
    }
    guard bytes.count >= 16, let end = bytes.lastIndex(where: { $0 != UInt8(ascii: "=") }),
      bytes[...end].allSatisfy(isToken68)
    else { return nil }
    digest = SHA256.hash(bytes)
  }

  /// Whether that is the token, in a time that does not tell how much of it is right.
  package func isEqual(to text: String) -> Bool { constantTimeEqual(SHA256.hash(Array(text.utf8)), digest) }
}

extension MetricsToken: CustomStringConvertible {
  /// Tells nothing of it.
  package var description: String { "MetricsToken" }
}
