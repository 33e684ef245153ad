import Wire

/// A tool as it is registered on the site: what Moodle calls a preconfigured tool.
package struct Tool: Sendable, Equatable {
  /// A consumer key and its secret: what LTI 1.1 signs with.
  package struct SharedSecret: Sendable, Equatable {
    /// `oauth_consumer_key`.
    package var key: String
    /// The secret, any text.
    package var secret: String

    /// A key and its secret.
    package init(key: String, secret: String) {
      self.key = key
      self.secret = secret
    }
  }

  /// Who decides whether something is shared with the tool.
  package enum Sharing: Int, Sendable {
    /// It never is.
    case never = 0
    /// It always is, whatever the activity says.
    case always = 1
    /// The activity decides.
    case delegated = 2
  }

  /// Whether a teacher may use the tool.
  package enum State: Int, Sendable {
    /// Usable.
    case configured = 1
    /// Registered, and waiting for the administrator.
    case pending = 2
  }

  /// The tool type id: the deployment id, and `type_id` in service addresses.
  package var typeID: Int
  /// The tool's name, which is also the title of what is chosen without one.
  package var name: String
  /// The description.
  package var summary = ""
  /// The tool's picture; empty without one.
  package var logoURL = ""
  /// The OAuth client id that Moodle gave the tool; empty for an LTI 1.1 tool.
  package var clientID: String
  /// The tool URL: `target_link_uri` of activities that name none.
  package var baseURL: String
  /// The OIDC login initiation URL.
  package var initiateLoginURL: String
  /// The redirection URIs, compared exactly.
  package var redirectURIs: [String]
  /// The tool's public key set.
  package var keysetURL: String
  /// Where content is chosen (Deep Linking); nil when the tool offers no choice.
  package var contentSelectionURL: String?
  /// Present for an LTI 1.1 tool: its launches are signed with it and know nothing of OIDC.
  package var sharedSecret: SharedSecret?
  /// Custom parameters of every activity, each `name=value`. They win over an activity's own of the same name.
  package var customParameters: [String] = []
  /// Whether the tool may use the grade services ("Use this service for grade sync and column management").
  package var mayUseGrades: Bool
  /// Whether the tool may also make and change columns; without it, grade sync only.
  package var mayManageColumns = true
  /// Whether the tool may read names and roles.
  package var mayReadMembers: Bool
  /// Whether names are shared.
  package var sendName = Sharing.delegated
  /// Whether the address is shared.
  package var sendEmail = Sharing.delegated
  /// Whether a teacher may use it.
  package var state = State.configured

  /// A tool from its registration.
  package init(
    typeID: Int = 1, name: String = "Passerelle", clientID: String = "sdCVQxdbZQil7Gc", baseURL: String,
    initiateLoginURL: String, redirectURIs: [String], keysetURL: String, contentSelectionURL: String? = nil,
    mayUseGrades: Bool = true, mayReadMembers: Bool = true
  ) {
    self.typeID = typeID
    self.name = name
    self.clientID = clientID
    self.baseURL = baseURL
    self.initiateLoginURL = initiateLoginURL
    self.redirectURIs = redirectURIs
    self.keysetURL = keysetURL
    self.contentSelectionURL = contentSelectionURL
    self.mayUseGrades = mayUseGrades
    self.mayReadMembers = mayReadMembers
  }

  /// An LTI 1.1 tool.
  package init(
    typeID: Int = 2, name: String = "Passerelle (1.1)", launchURL: String, key: String, secret: String,
    mayUseGrades: Bool = true, mayReadMembers: Bool = true
  ) {
    self.init(
      typeID: typeID, name: name, clientID: "", baseURL: launchURL, initiateLoginURL: "", redirectURIs: [],
      keysetURL: "", mayUseGrades: mayUseGrades, mayReadMembers: mayReadMembers)
    sharedSecret = SharedSecret(key: key, secret: secret)
  }

  /// Passerelle standing at a base URL, with the paths of its documented interface.
  package static func passerelle(
    at baseURL: String, clientID: String = "sdCVQxdbZQil7Gc", typeID: Int = 1
  ) -> Tool {
    let base = baseURL.hasSuffix("/") ? String(baseURL.dropLast()) : baseURL
    return Tool(
      typeID: typeID, clientID: clientID, baseURL: base + "/lti/launch", initiateLoginURL: base + "/lti/login",
      redirectURIs: [base + "/lti/launch"], keysetURL: base + "/lti/jwks", contentSelectionURL: base + "/lti/launch")
  }

  /// Passerelle standing at a base URL, by LTI 1.1.
  package static func passerelle11(at baseURL: String, key: String, secret: String, typeID: Int = 2) -> Tool {
    let base = baseURL.hasSuffix("/") ? String(baseURL.dropLast()) : baseURL
    return Tool(typeID: typeID, launchURL: base + "/lti/launch", key: key, secret: secret)
  }

  /// It is launched by LTI 1.1.
  package var isLTI11: Bool { sharedSecret != nil }

  /// The AGS scopes it has, in the order of the launch claim.
  var gradeScopes: [String] {
    guard mayUseGrades else { return [] }
    return mayManageColumns ? Scope.grades : Scope.grades.filter { $0 != Scope.lineItem }
  }

  /// The scopes it may ask for, in Moodle's order.
  package var permittedScopes: [String] {
    gradeScopes + (mayReadMembers ? [Scope.members] : []) + (mayUseGrades ? [Scope.basicOutcome] : [])
  }

  /// Host and port: what Moodle calls the tool's domain. A leading `www.` does not count.
  static func domain(of url: String) -> String? {
    guard let authority = WebURL(url)?.authority.lowercased() else { return nil }
    return authority.hasPrefix("www.") ? String(authority.dropFirst(4)) : authority
  }
}

/// The scopes of the services, as URLs.
package enum Scope {
  /// Read and write line items.
  package static let lineItem = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem"
  /// Read line items.
  package static let lineItemReadOnly = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly"
  /// Read results.
  package static let result = "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly"
  /// Post scores.
  package static let score = "https://purl.imsglobal.org/spec/lti-ags/scope/score"
  /// Read names and roles.
  package static let members = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
  /// Basic outcomes, which Moodle grants to 1.3 tools too.
  package static let basicOutcome = "https://purl.imsglobal.org/spec/lti-bo/scope/basicoutcome"
  /// The four that the AGS claim lists.
  package static let grades = [lineItem, lineItemReadOnly, result, score]
}
