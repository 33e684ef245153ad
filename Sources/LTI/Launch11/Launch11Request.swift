import JOSE
import Wire

/// An LTI 1.1 launch as it arrived: its OAuth parameters are there and well formed, but nothing is proven yet.
///
/// Reading it is separate from verifying it because the secret that proves it must first be found by its consumer key.
/// That a nonce is used once per consumer key is for the caller to see to, after `verify`.
package struct Launch11Request: Sendable {
  /// `oauth_consumer_key`: whose secret proves the launch.
  package let consumerKey: ConsumerKey
  /// `oauth_timestamp`: when the platform signed, in whole seconds.
  package let timestamp: Instant
  /// `oauth_nonce`: never used again with that consumer key, which is more than RFC 5849 §3.3 asks; 1 to 255 bytes.
  package let nonce: String
  /// `oauth_signature_method`.
  package let signatureMethod: OAuth1.SignatureMethod

  /// Seconds by which `oauth_timestamp` may differ from our time, on either side (LTI 1.1 §4.2 suggests 5 minutes).
  package static var window: Int64 { 300 }

  let signature: String
  let form: Form

  /// Reads the OAuth parameters of the posted form.
  ///
  /// - Throws: `Launch11Refusal`, one that comes before the proof.
  package init(form: Form) throws(Launch11Refusal) {
    self.form = form
    guard let consumerKey = ConsumerKey(try Self.required("oauth_consumer_key", in: form)) else {
      throw .parameterInvalid("oauth_consumer_key")
    }
    self.consumerKey = consumerKey
    if let version = try Self.optional("oauth_version", in: form), !sameBytes(version, "1.0") {
      throw .oauthVersionUnsupported
    }
    let method = try Self.required("oauth_signature_method", in: form)
    guard let known = OAuth1.SignatureMethod.allCases.first(where: { sameBytes($0.rawValue, method) }) else {
      throw .signatureMethodUnsupported
    }
    signatureMethod = known
    signature = try Self.required("oauth_signature", in: form)
    // A positive number (RFC 5849 §3.3). Fifteen digits are thirty million years, and no overflow.
    let seconds = try Self.required("oauth_timestamp", in: form)
    guard seconds.utf8.count <= 15, seconds.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let value = Int64(seconds),
      value > 0
    else { throw .parameterInvalid("oauth_timestamp") }
    timestamp = Instant(seconds: value)
    nonce = try Self.required("oauth_nonce", in: form)
    guard isIdentifier(nonce) else { throw .parameterInvalid("oauth_nonce") }
  }

  /// `launch_presentation_…`: language and return URL as sent; nothing is proven about them before `verify`.
  package var unverifiedPresentation: Presentation { Launch11Form(form).presentation }

  /// Proves the launch and reads its message: the signature first, then the timestamp, then the message.
  ///
  /// - Parameters:
  ///   - secret: the secret shared with the platform under `consumerKey`; an empty one proves nothing.
  ///   - launchURL: the URL that the platform posts to, from the settings, with the query that the request came with:
  ///     its items are signed too.
  ///   - now: the time at which the launch is judged.
  /// - Throws: the `Launch11Refusal` of the first check that fails.
  package func verify(secret: String, launchURL: WebURL, now: Instant) throws(Launch11Refusal) -> LaunchMessage {
    let baseString = OAuth1.signatureBaseString(method: "POST", url: launchURL, parameters: form.items)
    let expected = OAuth1.signature(of: baseString, method: signatureMethod, secret: secret)
    guard !secret.isEmpty, constantTimeEqual(Array(expected.utf8), Array(signature.utf8)) else {
      throw .signatureInvalid
    }
    guard abs(now.seconds - timestamp.seconds) <= Self.window else { throw .timestampRefused }
    return try LaunchMessage(form: Launch11Form(form), consumerKey: consumerKey, launchURL: launchURL)
  }

  /// Where to send the browser after a refusal: the return URL that the platform signed, with the words to show there.
  ///
  /// nil when the refusal comes before the proof, and when no http or https URL was sent: then a page must say it.
  package func returnURL(
    after refusal: Launch11Refusal, errorMessage: String, errorLog: String? = nil
  ) -> WebURL? {
    guard refusal.comesAfterProof else { return nil }
    return unverifiedPresentation.returnURL(errorMessage: errorMessage, errorLog: errorLog)
  }

  private static func required(_ name: String, in form: Form) throws(Launch11Refusal) -> String {
    guard let value = try optional(name, in: form), !value.isEmpty else { throw .parameterMissing(name) }
    return value
  }

  private static func optional(_ name: String, in form: Form) throws(Launch11Refusal) -> String? {
    do { return try form.value(name) } catch { throw .parameterDuplicate(name) }
  }
}

extension Launch11Request: CustomStringConvertible, CustomReflectable {
  /// Says which consumer key the launch names; never its parameters, which are personal.
  package var description: String { "Launch11Request(consumerKey: \(loggable(consumerKey.value)))" }

  /// Shows as little as `description`.
  package var customMirror: Mirror { Mirror(self, children: []) }
}

extension Presentation {
  /// The return URL with `lti_errormsg`, which the platform shows, and `lti_errorlog`, which it may log (LTI 1.1 §3).
  ///
  /// nil when the platform sent no http or https URL.
  package func returnURL(errorMessage: String, errorLog: String? = nil) -> WebURL? {
    var items = [("lti_errormsg", errorMessage)]
    if let errorLog { items.append(("lti_errorlog", errorLog)) }
    return returnURL?.addingQueryItems(items)
  }
}
