import Wire

extension HTTPResponse {
  /// Whether a status that is no success is the service's own word: every answer of Moodle's `services.php` and `token.php`
  /// is JSON, an object or `[]`, whatever media type it names. A page, plain text or nothing comes from something in front:
  /// a maintenance page, a firewall, a web server that is being changed.
  var isOfService: Bool {
    guard let first = body.first(where: { !isWhitespace($0) }),
      first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
    else { return false }
    return (try? JSONValue(parsing: body)) != nil
  }
}
