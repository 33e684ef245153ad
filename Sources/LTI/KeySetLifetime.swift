import Wire

/// How long a platform's key set may be used from the cache (RFC 9111 §4.2.1, within bounds of our own).
package enum KeySetLifetime {
  /// The shortest life, in seconds: five minutes, so that a platform is not asked at every launch.
  package static var minimum: Int { 300 }
  /// The longest life, in seconds: a day, so that a withdrawn key does not stay trusted.
  package static var maximum: Int { 86_400 }
  /// The life when the platform says nothing, as Moodle does: an hour.
  package static var unspecified: Int { 3600 }

  /// Seconds that an answer with this `Cache-Control` may be used, from `minimum` to `maximum`.
  ///
  /// `no-store` and `no-cache` give the minimum, and so does a `max-age` that is no number (RFC 9111 §4.2.1: then the
  /// answer counts as stale). The smallest of several `max-age` counts. Other directives have no bearing.
  package static func lifetime(cacheControl: String?) -> Int {
    guard let cacheControl else { return unspecified }
    var smallest: Int?
    for directive in cacheControl.asciiLowercased.split(separator: ",") {
      let parts = directive.split(separator: "=", maxSplits: 1).map(trimmed)
      switch parts.first {
      case "no-store", "no-cache": return minimum
      case "max-age":
        let digits = parts.count == 2 ? trimmed(parts[1], quotes: true) : ""
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return minimum }
        smallest = min(smallest ?? maximum, Int(digits) ?? maximum)
      default: continue
      }
    }
    guard let smallest else { return unspecified }
    return min(max(smallest, minimum), maximum)
  }

  private static func trimmed(_ text: Substring) -> Substring { trimmed(text, quotes: false) }

  private static func trimmed(_ text: Substring, quotes: Bool) -> Substring {
    let isDropped = { (byte: UInt8) in byte == 0x20 || byte == 0x09 || (quotes && byte == UInt8(ascii: "\"")) }
    var bytes = text.utf8.drop(while: isDropped)
    while let last = bytes.last, isDropped(last) { bytes = bytes.dropLast() }
    return Substring(bytes)
  }
}
