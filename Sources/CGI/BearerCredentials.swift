import Wire

/// The credentials of the `Bearer` scheme (RFC 6750 §2.1).
enum BearerCredentials {
  /// The one `token68` (RFC 9110 §11.2) after the scheme, or nil.
  static func token(of field: String) -> String? {
    let scheme = "bearer"
    let bytes = Array(field.utf8)
    guard HTTPFields.sameName(String(decoding: bytes.prefix(scheme.utf8.count), as: UTF8.self), scheme) else {
      return nil
    }
    let rest = bytes.dropFirst(scheme.utf8.count)
    let token = rest.drop { $0 == UInt8(ascii: " ") }
    guard token.count < rest.count else { return nil }
    let padding = token.reversed().prefix { $0 == UInt8(ascii: "=") }.count
    let characters = token.dropLast(padding)
    guard !characters.isEmpty, characters.allSatisfy(isToken68) else { return nil }
    return String(decoding: token, as: UTF8.self)
  }

  private static func isToken68(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
      UInt8(ascii: "~"), UInt8(ascii: "+"), UInt8(ascii: "/"):
      true
    default: false
    }
  }
}
