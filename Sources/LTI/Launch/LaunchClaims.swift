import Wire

/// The activity in the platform through which the tool was opened (LTI 1.3 §5.3.5).
package struct ResourceLink: Equatable, Sendable {
  /// Unique within the deployment; in Moodle the number of the activity's instance. At most 255 bytes.
  package let id: String
  /// The activity's name, when sent.
  package let title: String?
  /// The activity's description, when sent and not empty.
  package let description: String?

  init?(_ claim: JSONObject) {
    guard let id = claim["id"]?.stringValue, isIdentifier(id) else { return nil }
    self.id = id
    title = claim.text("title")
    description = claim.text("description")
  }
}

/// The course or group in which the launch happens (LTI 1.3 §5.4.1).
package struct Context: Equatable, Sendable {
  /// Unique within the deployment; in Moodle the number of the course. At most 255 bytes.
  package let id: String
  /// The course's short name, when sent.
  package let label: String?
  /// The course's full name, when sent.
  package let title: String?

  init?(_ claim: JSONObject) {
    guard let id = claim["id"]?.stringValue, isIdentifier(id) else { return nil }
    self.id = id
    label = claim.text("label")
    title = claim.text("title")
  }
}

/// What the platform shares about the person (OpenID Connect Core §5.1; LTI 1.3 §5.3.6). All of it may be absent.
package struct Person: Equatable, Sendable {
  /// `name`: the full name as the platform displays it.
  package let name: String?
  /// `given_name`.
  package let givenName: String?
  /// `family_name`.
  package let familyName: String?
  /// `email`: as sent; whether to trust it is the platform's registration to say.
  package let email: String?
  /// The language the person uses: `launch_presentation.locale`, else the top-level `locale` (BCP 47).
  package let locale: String?

  init(_ claims: JSONObject, presentation: Presentation) {
    name = claims.text("name")
    givenName = claims.text("given_name")
    familyName = claims.text("family_name")
    email = claims.text("email")
    locale = presentation.locale ?? claims.text("locale")
  }
}

/// How the platform shows the launch (LTI 1.3 §5.4.4).
package struct Presentation: Equatable, Sendable {
  /// The language of the platform's pages for this person (BCP 47).
  package let locale: String?
  /// `document_target`: `iframe`, `window` or `frame`.
  package let documentTarget: String?
  /// Where to send the person when done. Moodle puts a session key in its query: never log it.
  package let returnURL: WebURL?

  init(_ claim: JSONObject?) {
    locale = claim?.text("locale")
    documentTarget = claim?.text("document_target")
    returnURL = claim?.url("return_url")
  }
}

/// The installation that sent the launch (LTI 1.3 §5.4.3).
package struct Platform: Equatable, Sendable {
  /// Stable and unique to the installation.
  package let guid: String
  /// The installation's own name, when sent.
  package let name: String?
  /// The product's version, when sent.
  package let version: String?
  /// The product, `moodle` for Moodle, when sent.
  package let productFamilyCode: String?

  init?(_ claim: JSONObject) {
    guard let guid = claim.text("guid") else { return nil }
    self.guid = guid
    name = claim.text("name")
    version = claim.text("version")
    productFamilyCode = claim.text("product_family_code")
  }
}
