/// Why a token, a key or a sealed value is refused. No case carries key material, a token or a payload.
package enum JOSEError: Error, Equatable, Sendable {
  /// Not of the form the specification gives: parts, base64url, JSON or a member's type (RFC 7515 §5.2, RFC 7517 §5).
  case malformed
  /// Longer than the limit; nothing of it was decoded.
  case tooLarge
  /// A JSON object of the header, the payload or the key set names this member twice (RFC 7515 §5.2, RFC 7519 §4).
  case duplicateKey(String)
  /// The header's `alg` is not RS256: `none`, HS256 and every other (RFC 8725 §3.1). Cut to 32 printable characters.
  case algorithmUnsupported(String)
  /// The header has `crit`: it demands an extension, and none is known here (RFC 7515 §4.1.11).
  case criticalHeaderUnsupported
  /// The key cannot do this: wrong type, too short, malformed, or meant for something else.
  case keyUnusable
  /// The signature is not this key's signature of these bytes.
  case signatureInvalid
  /// The sealed value was altered or cut, or was sealed with another secret or for another purpose.
  case sealBroken
  /// OpenSSL failed where valid input cannot make it fail, such as for want of memory. The number is OpenSSL's packed
  /// error code, which `openssl errstr` puts in words (in hexadecimal).
  case openSSL(UInt)

  /// A stable name for logs and answers.
  package var code: String {
    switch self {
    case .malformed: "jose_malformed"
    case .tooLarge: "jose_too_large"
    case .duplicateKey: "jose_duplicate_key"
    case .algorithmUnsupported: "jose_algorithm_unsupported"
    case .criticalHeaderUnsupported: "jose_critical_header_unsupported"
    case .keyUnusable: "jose_key_unusable"
    case .signatureInvalid: "jose_signature_invalid"
    case .sealBroken: "jose_seal_broken"
    case .openSSL: "jose_openssl"
    }
  }
}

extension JOSEError: CustomStringConvertible {
  /// The reason in words, fit for a log: names from outside are cut and stripped of what is not printable ASCII.
  package var description: String {
    switch self {
    case .malformed: "malformed"
    case .tooLarge: "too large"
    case .duplicateKey(let name): "the member \"\(printable(name))\" is there twice"
    case .algorithmUnsupported(let name): "the algorithm \"\(printable(name))\" is not accepted, only RS256 is"
    case .criticalHeaderUnsupported: "the header demands an extension (crit), and none is known"
    case .keyUnusable: "the key cannot be used"
    case .signatureInvalid: "the signature does not match"
    case .sealBroken: "the sealed value cannot be opened"
    case .openSSL(let code): "OpenSSL error \(String(code, radix: 16, uppercase: true))"
    }
  }
}

/// Text from outside made fit for a log: printable ASCII, at most 32 characters.
func printable(_ text: String) -> String {
  String(decoding: text.utf8.prefix(32).map { (0x20...0x7E).contains($0) ? $0 : UInt8(ascii: "?") }, as: UTF8.self)
}
