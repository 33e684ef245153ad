import Wire

/// A name that a platform gave to something: compared byte for byte, never folded, never normalised.
///
/// Swift compares strings by canonical equivalence, which would let two different identifiers pass for one;
/// LTI compares them exactly (OpenID Connect Core §3.1.3.7, RFC 7519 §2 "StringOrURI").
package protocol PlatformIdentifier: Hashable, Sendable, CustomStringConvertible {
  /// The identifier as the platform writes it.
  var value: String { get }

  /// Takes the identifier, or answers nil when it is empty, longer than 255 bytes, or holds a control character.
  init?(_ value: String)
}

extension PlatformIdentifier {
  /// The identifier itself.
  package var description: String { value }

  /// True when both hold the same bytes.
  package static func == (left: Self, right: Self) -> Bool { sameBytes(left.value, right.value) }

  /// Hashes the bytes that `==` compares.
  package func hash(into hasher: inout Hasher) {
    for byte in value.utf8 { hasher.combine(byte) }
  }
}

/// The platform's issuer identifier, `iss` (OpenID Connect Core §2; LTI 1.3 §5.1.1).
package struct Issuer: PlatformIdentifier {
  /// The issuer as the platform writes it, without any added or removed slash.
  package let value: String

  /// Takes an issuer; nil when it is empty, longer than 255 bytes, or holds a control character.
  package init?(_ value: String) {
    guard isIdentifier(value) else { return nil }
    self.value = value
  }
}

/// The name under which a platform knows this tool, `client_id` (RFC 6749 §2.2; LTI 1.3 §3.1.3).
package struct ClientID: PlatformIdentifier {
  /// The client identifier as the platform writes it.
  package let value: String

  /// Takes a client identifier; nil when it is empty, longer than 255 bytes, or holds a control character.
  package init?(_ value: String) {
    guard isIdentifier(value) else { return nil }
    self.value = value
  }
}

/// One installation of the tool in a platform, `deployment_id` (LTI 1.3 §3.1.4, §5.3.3: at most 255 ASCII characters).
package struct DeploymentID: PlatformIdentifier {
  /// The deployment identifier as the platform writes it.
  package let value: String

  /// Takes a deployment identifier; nil when it is empty, longer than 255 bytes, or holds a control character.
  package init?(_ value: String) {
    guard isIdentifier(value) else { return nil }
    self.value = value
  }
}

/// A person at one issuer, `sub` (OpenID Connect Core §2; LTI 1.3 §5.3.6: at most 255 ASCII characters).
package struct Subject: PlatformIdentifier {
  /// The subject as the platform writes it; in Moodle the number of the user.
  package let value: String

  /// Takes a subject; nil when it is empty, longer than 255 bytes, or holds a control character.
  package init?(_ value: String) {
    guard isIdentifier(value) else { return nil }
    self.value = value
  }
}

/// The rule all identifiers share: 1 to 255 bytes, no control character (a NUL would end the value in PostgreSQL's protocol).
func isIdentifier(_ value: String) -> Bool {
  let bytes = value.utf8
  guard !bytes.isEmpty, bytes.count <= 255 else { return false }
  return !bytes.contains { $0 < 0x20 || $0 == 0x7F }
}

/// An identifier as it may stand in a log line: letters, digits and URL punctuation, at most 80 bytes.
///
/// Values come from whoever sent the request, so anything that could forge a line or drown it is replaced by `?`.
func loggable(_ value: String) -> String {
  var bytes: [UInt8] = []
  for byte in value.utf8.prefix(80) {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"),
      UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: ":"), UInt8(ascii: "/"),
      UInt8(ascii: "+"), UInt8(ascii: "="), UInt8(ascii: "@"), UInt8(ascii: "#"):
      bytes.append(byte)
    default:
      bytes.append(UInt8(ascii: "?"))
    }
  }
  return String(decoding: bytes, as: UTF8.self) + (value.utf8.count > 80 ? "…" : "")
}
