import Wire

/// What the platform posts to the redirect URI instead of an id_token when it will not authenticate the person.
///
/// OpenID Connect Core §3.1.2.6. Moodle sends `unauthorized_client` (unknown client_id), `access_denied` (another person
/// is logged in than the launch was for) and `invalid_request`. Anyone may post this form: it proves nothing.
package struct AuthenticationErrorResponse: Equatable, Sendable {
  /// `error`: the code, cut to 80 bytes and free of anything but letters, digits and simple punctuation.
  package let error: String
  /// `error_description`: the platform's own words, cut to 200 characters, without control characters; not markup-safe.
  package let errorDescription: String?
  /// `state`: as it came, when it is not empty.
  package let state: String?

  /// Reads the form; nil when it carries no `error`, which means that it is not an error response.
  package init?(form: Form) {
    guard let error = form.first("error"), !error.isEmpty else { return nil }
    self.error = loggable(error)
    if let words = form.first("error_description"), !words.isEmpty {
      let printable = words.unicodeScalars.filter { $0.properties.generalCategory != .control }
      errorDescription = String(String.UnicodeScalarView(printable.prefix(200)))
    } else {
      errorDescription = nil
    }
    if let state = form.first("state"), !state.isEmpty { self.state = state } else { self.state = nil }
  }
}
