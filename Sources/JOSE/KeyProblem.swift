/// What keeps a published key from verifying RS256; the raw value is a stable name for logs and reports.
package enum KeyProblem: String, Error, Sendable {
  /// `kty` is there and is not RSA.
  case notRSA = "not_rsa"
  /// `use` is not `sig`, or `key_ops` does not hold `verify` (RFC 7517 §4.2, §4.3).
  case notForSignatures = "not_for_signatures"
  /// `alg` is there and is not RS256 (RFC 7517 §4.4).
  case algorithmNotRS256 = "algorithm_not_rs256"
  /// A member that an RSA key needs is missing, or a member has the wrong type or is not base64url.
  case malformed
  /// The modulus has less than 2048 bits (RFC 7518 §3.3).
  case modulusTooShort = "modulus_too_short"
  /// The modulus has more than 8192 bits: checking a signature would cost too much.
  case modulusTooLong = "modulus_too_long"
  /// The modulus is even, so it is no product of two odd primes.
  case modulusEven = "modulus_even"
  /// The exponent is even, less than 3 (RFC 8017 §3.1) or longer than 64 bits.
  case exponentUnusable = "exponent_unusable"
}
