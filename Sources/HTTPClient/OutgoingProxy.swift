import Wire

/// A proxy through which https calls go out, by CONNECT (RFC 9110 §9.3.6). The credentials in its URL are told to it alone.
package struct OutgoingProxy: Sendable, Equatable {
  /// Where it listens, without its credentials.
  let url: WebURL
  /// The value of `Proxy-Authorization` (RFC 9110 §11.7.1, RFC 7617); nil without credentials.
  let authorization: String?

  /// Reads `http://[user:password@]host[:port]`, the port 3128 when none is named; nil for anything else. User and password are
  /// percent-encoded where they hold `@`, `:`, `/` or `%`.
  package init?(_ text: String) {
    let prefix = "http://"
    guard text.asciiLowercased.hasPrefix(prefix) else { return nil }
    var rest = text.dropFirst(prefix.count)
    if rest.hasSuffix("/") { rest = rest.dropLast() }
    if let at = rest.lastIndex(of: "@") {
      let parts = rest[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      var decoded: [[UInt8]] = []
      for part in parts {
        guard let bytes = Self.percentDecoded(part) else { return nil }
        decoded.append(bytes)
      }
      // A user with a colon would be read as another user with another password (RFC 7617 §2).
      guard let user = decoded.first, !user.isEmpty, !user.contains(UInt8(ascii: ":")) else { return nil }
      authorization = "Basic " + Base64.encode(user + [UInt8(ascii: ":")] + (decoded.count > 1 ? decoded[1] : []))
      rest = rest[rest.index(after: at)...]
    } else {
      authorization = nil
    }
    guard let url = WebURL(prefix + rest), url.authority == String(rest) else { return nil }
    let namesPort = url.authority != url.host && url.authority != "[\(url.host)]"
    guard let complete = namesPort ? url : WebURL(prefix + rest + ":3128") else { return nil }
    self.url = complete
  }

  private static func percentDecoded(_ text: Substring) -> [UInt8]? {
    let encoded = Array(text.utf8)
    var bytes: [UInt8] = []
    var index = 0
    while index < encoded.count {
      guard encoded[index] == UInt8(ascii: "%") else {
        bytes.append(encoded[index])
        index += 1
        continue
      }
      guard index + 2 < encoded.count, let high = Octets.hexValue(encoded[index + 1]),
        let low = Octets.hexValue(encoded[index + 2])
      else { return nil }
      bytes.append(UInt8(high << 4 | low))
      index += 3
    }
    // What ends up in a header field, encoded or not, must be text on one line.
    return bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7F } ? bytes : nil
  }
}

extension OutgoingProxy: CustomStringConvertible, CustomReflectable {
  /// Host and port; never the credentials.
  package var description: String { "http://\(url.authority)" }

  /// Shows as little as `description`.
  package var customMirror: Mirror { Mirror(self, children: []) }
}
