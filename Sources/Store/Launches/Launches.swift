import LTI
import Postgres
import Wire

/// The two round trips of a launch: what it is judged by, and what it leaves behind.
package enum Launches {
  /// What `passerelle.launch_context` answers about a state.
  package struct Context: RowDecodable {
    package enum StateIs: String {
      case live, consumed, expired, unknown, foreign
    }
    package let stateIs: StateIs
    /// Whether the browser was given its proof in storage, too.
    package let isProofStored: Bool
    package let nonce: [UInt8]?
    package let platform: String?
    package let platformEnabled: Bool
    package let issuer: Issuer?
    package let clientID: ClientID?
    package let deployment: String?
    package let jwksURL: WebURL?
    package let jwks: String?
    package let jwksExpired: Bool

    package init(row: Row) throws(PostgresError) {
      guard let state = StateIs(rawValue: try row.get("state_is")) else {
        throw PostgresError(.decoding, "column state_is has a word that is not known")
      }
      stateIs = state
      isProofStored = try row.get("stored", as: Bool?.self) ?? false
      nonce = try row.get("nonce")
      platform = try row.get("platform")
      platformEnabled = try row.get("platform_enabled", as: Bool?.self) ?? false
      issuer = try row.get("issuer", as: String?.self).flatMap { Issuer($0) }
      clientID = try row.get("client_id", as: String?.self).flatMap { ClientID($0) }
      deployment = try row.get("deployment")
      jwksURL = try row.get("jwks_url", as: String?.self).flatMap { WebURL($0) }
      jwks = try row.get("jwks")
      jwksExpired = try row.get("jwks_expired", as: Bool?.self) ?? true
    }
  }

  /// Looks at a state without consuming it.
  package static func context(state: [UInt8], browser: [UInt8], deploymentID: String?, in database: Database)
    throws(PostgresError) -> Context
  {
    try database.one(
      """
      select state_is, stored, nonce, platform::text, platform_enabled, issuer, client_id, deployment::text,
             jwks_url, jwks, jwks_expired
      from passerelle.launch_context(\(state), \(browser), \(deploymentID))
      """)
  }

  /// What `passerelle.launch` answers.
  package struct Recorded: RowDecodable {
    package let outcome: String
    package let slugs: [String]?
    package let moduleSlug: String?
    package let moduleURL: String?
    /// What the learner is owed, leased: deliveries as JSON.
    package let deliveries: String?
    /// What the platform is to be asked before the launch is recorded; nothing was done yet.
    package let question: FormerLink.Question?

    package init(row: Row) throws(PostgresError) {
      outcome = try row.get("outcome")
      slugs = try row.get("slugs")
      moduleSlug = try row.get("module_slug")
      moduleURL = try row.get("module_url")
      deliveries = try row.get("deliveries")
      question = try row.get("question", as: String?.self).flatMap { try? JSONValue(parsing: $0) }
        .flatMap(FormerLink.Question.init)
    }
  }

  /// The places where a launch may name its module.
  package struct ModuleChoice {
    let custom: String?
    let query: String?
    let path: String?
    /// The slug of the one grain that the activity is about.
    let grain: String?

    /// The custom parameter, the target's query and the last part of its path, in the order in which they count; beside them the
    /// grain that the content chooser wrote.
    package init(custom: String?, query: String?, path: String?, grain: String?) {
      self.custom = custom
      self.query = query
      self.path = path
      self.grain = grain
    }
  }

  /// What the launch consumes, so that it happens once.
  package enum Proof {
    /// The state of an LTI 1.3 login, by its digest.
    case state([UInt8])
    /// The nonce of an LTI 1.1 consumer, by its digest.
    case nonce([UInt8], consumer: String)
  }

  /// Consumes the state or nonce and records the launch, in one statement; what its learner is owed is leased for `leaseSeconds`.
  /// `history` names the courses that this one was copied from, the nearest first, where the platform says so; `former` is the
  /// answer to the question of a first try.
  package static func record(
    _ message: LaunchMessage, link: ResourceLink, grade: GradeService, module: ModuleChoice, history: [String]?,
    proof: Proof, platform: String, deployment: String?, groups: [String]?, code: [UInt8], leaseSeconds: Int,
    former: FormerLink.Answer? = nil, in database: Database
  ) throws(PostgresError) -> Recorded {
    let person = message.person
    let context = message.context
    let (state, nonce, consumer): ([UInt8]?, [UInt8]?, String?) =
      switch proof {
      case .state(let digest): (digest, nil, nil)
      case .nonce(let digest, let consumer): (nil, digest, consumer)
      }
    return try database.oneAgain(
      """
      select outcome, slugs, module_slug, module_url, deliveries, question from passerelle.launch(
        p_state => \(state), p_consumer => \(consumer), p_nonce => \(nonce), p_platform => \(platform), p_deployment => \(deployment),
        p_subject => \(message.subject.value),
        p_name => \(person.displayName), p_given_name => \(person.givenName), p_family_name => \(person.familyName),
        p_email => \(person.email), p_locale => \(person.locale),
        p_resource_link_id => \(link.id), p_title => \(link.title),
        p_context_id => \(context?.id), p_context_label => \(context?.label), p_context_title => \(context?.title),
        p_memberships_url => \(message.contextMembershipsURL?.description),
        p_module_custom => \(module.custom), p_module_query => \(module.query), p_module_path => \(module.path),
        p_roles => \(message.roles), p_instructor => \(message.isInstructor),
        p_gradable => \(grade.isGradable),
        p_line_item => \(grade.lineItem?.description), p_line_items => \(grade.lineItems?.description),
        p_scopes => \(grade.scopes), p_token_scope => \(grade.tokenScope),
        p_outcome_url => \(grade.outcome?.serviceURL.description),
        p_outcome_sourcedid => \(grade.outcome?.sourcedID),
        p_code => \(code), p_return_url => \(message.presentation.returnURL?.description),
        p_lease_seconds => \(leaseSeconds), p_grain => \(module.grain), p_history => \(history),
        p_groups => \(groups)::text[], p_former => \(former?.rawValue))
      """)
  }
}
