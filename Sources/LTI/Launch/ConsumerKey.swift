/// The name of a shared secret between a platform and this tool, `oauth_consumer_key` (RFC 5849 §1.1; LTI 1.1 §4.1).
package struct ConsumerKey: PlatformIdentifier {
  /// The key as the platform writes it.
  package let value: String

  /// Takes a key; nil when it is empty, longer than 255 bytes, or holds a control character.
  package init?(_ value: String) {
    guard isIdentifier(value) else { return nil }
    self.value = value
  }
}
