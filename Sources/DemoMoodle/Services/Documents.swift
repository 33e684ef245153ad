import JOSE
import Wire

extension Platform {
  /// certs.php: the site's public key set, in Moodle's order of members and without Cache-Control.
  func keySet(_ request: MoodleRequest) -> MoodleResponse {
    let document: JSONValue = [
      "keys": [
        [
          "kty": "RSA", "alg": "RS256", "kid": .string(keyID),
          "e": .string(Base64URL.encode(key.publicKey.exponent)),
          "n": .string(Base64URL.encode(key.publicKey.modulus)), "use": "sig",
        ]
      ]
    ]
    return Self.document(document)
  }

  /// openid-configuration.php. `registration_endpoint` is named as Moodle names it.
  func openIDConfiguration(_ request: MoodleRequest) -> MoodleResponse {
    let lti = wwwroot + "/mod/lti"
    let variables = [
      "basic-lti-launch-request", "ContentItemSelectionRequest", "ToolProxyRegistrationRequest", "Context.id",
      "Context.title", "Context.label", "Context.id.history", "Context.sourcedId", "Context.longDescription",
      "Context.timeFrame.begin", "CourseSection.title", "CourseSection.label", "CourseSection.sourcedId",
      "CourseSection.longDescription", "CourseSection.timeFrame.begin", "CourseSection.timeFrame.end",
      "ResourceLink.id", "ResourceLink.title", "ResourceLink.description", "User.id", "User.username",
      "Person.name.full", "Person.name.given", "Person.name.family", "Person.email.primary", "Person.sourcedId",
      "Person.name.middle", "Person.address.street1", "Person.address.locality", "Person.address.country",
      "Person.address.timezone", "Person.phone.primary", "Person.phone.mobile", "Person.webaddress",
      "Membership.role", "Result.sourcedId", "Result.autocreate", "BasicOutcome.sourcedId", "BasicOutcome.url",
      "Moodle.Person.userGroupIds",
    ]
    let scopes = [
      Scope.basicOutcome, Scope.lineItemReadOnly, Scope.result, Scope.score, Scope.lineItem, Scope.members,
      "https://purl.imsglobal.org/spec/lti-ts/scope/toolsetting", "openid",
    ]
    let document: JSONValue = [
      "issuer": .string(wwwroot), "token_endpoint": .string(lti + "/token.php"),
      "token_endpoint_auth_methods_supported": ["private_key_jwt"],
      "token_endpoint_auth_signing_alg_values_supported": ["RS256"], "jwks_uri": .string(lti + "/certs.php"),
      "authorization_endpoint": .string(lti + "/auth.php"),
      "registration_endpoint": .string(lti + "/openid-registration.php"),
      "scopes_supported": .array(scopes.map(JSONValue.string)), "response_types_supported": ["id_token"],
      "subject_types_supported": ["public", "pairwise"], "id_token_signing_alg_values_supported": ["RS256"],
      "claims_supported": ["sub", "iss", "name", "given_name", "family_name", "email"],
      "https://purl.imsglobal.org/spec/lti-platform-configuration": [
        "product_family_code": "moodle", "version": "4.5.6 (Build: 20250811)",
        "messages_supported": [
          ["type": "LtiResourceLinkRequest"], ["type": "LtiDeepLinkingRequest", "placements": ["ContentArea"]],
        ],
        "variables": .array(variables.map(JSONValue.string)),
      ],
    ]
    return Self.document(document)
  }

  private static func document(_ json: JSONValue) -> MoodleResponse {
    MoodleResponse(
      status: 200, contentType: "application/json; charset=utf-8", body: Array(PHPJSON.pretty(json).utf8))
  }
}
