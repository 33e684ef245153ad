import Wire

/// The platform's request that a login be started: the first hop of an LTI 1.3 launch.
///
/// OpenID Connect Core §4 "Initiating Login from a Third Party", 1EdTech Security Framework §5.1.1.1,
/// and LTI 1.3 §4.1 for `lti_message_hint`, `lti_deployment_id` and `client_id`. It comes by GET or POST, unsigned:
/// nothing in it is proven until the id_token arrives.
package struct LoginInitiation: Equatable, Sendable {
  /// `iss`: who the platform says it is.
  package let issuer: Issuer
  /// `login_hint`: the platform's own note of who is launching, to be returned unaltered.
  package let loginHint: String
  /// `target_link_uri`: where the launch is meant to end; only the signed claim of that name counts.
  package let targetLinkURI: String
  /// `client_id`: which of the platform's registrations of the tool is meant, when it says so.
  package let clientID: ClientID?
  /// `lti_deployment_id`: which deployment is meant, when it says so.
  package let deploymentID: DeploymentID?
  /// `lti_message_hint`: to be returned unaltered when it was sent, an empty one too.
  package let messageHint: String?

  /// The most bytes accepted in a hint or in the target; all three travel on in one URL.
  package static var maximumFieldLength: Int { 4096 }

  /// Reads the fields of the query or of the form body.
  ///
  /// - Throws: `LoginRefusal` when `iss`, `login_hint` or `target_link_uri` is missing or empty, when one of the six
  ///   fields is sent twice, or when a value cannot be what it should be. Other fields are ignored.
  package init(form: Form) throws(LoginRefusal) {
    guard let issuer = Issuer(try Self.required("iss", in: form)) else { throw .parameterInvalid("iss") }
    self.issuer = issuer
    loginHint = try Self.required("login_hint", in: form)
    targetLinkURI = try Self.required("target_link_uri", in: form)
    if let value = try Self.optional("client_id", in: form), !value.isEmpty {
      guard let clientID = ClientID(value) else { throw .parameterInvalid("client_id") }
      self.clientID = clientID
    } else {
      clientID = nil
    }
    if let value = try Self.optional("lti_deployment_id", in: form), !value.isEmpty {
      guard let deploymentID = DeploymentID(value) else { throw .parameterInvalid("lti_deployment_id") }
      self.deploymentID = deploymentID
    } else {
      deploymentID = nil
    }
    messageHint = try Self.optional("lti_message_hint", in: form)
  }

  private static func required(_ name: String, in form: Form) throws(LoginRefusal) -> String {
    guard let value = try optional(name, in: form), !value.isEmpty else { throw .parameterMissing(name) }
    return value
  }

  private static func optional(_ name: String, in form: Form) throws(LoginRefusal) -> String? {
    let value: String?
    do { value = try form.value(name) } catch { throw .parameterDuplicate(name) }
    guard let value else { return nil }
    guard value.utf8.count <= maximumFieldLength, !value.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
      throw .parameterInvalid(name)
    }
    return value
  }
}
