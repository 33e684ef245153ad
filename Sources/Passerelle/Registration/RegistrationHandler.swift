import CGI
import LTI
import Postgres
import Store
import Wire

/// `/lti/register`: a platform's administrator pastes an invite's address into the platform, which opens it with the
/// address of its own configuration (LTI Dynamic Registration 1.0, section 3). Without a valid invite nothing is fetched:
/// anybody could otherwise have this server call any address.
enum RegistrationHandler {
  /// Milliseconds for both exchanges with the platform together.
  static let timeout = 10_000

  static func register(_ exchange: Exchange) throws(Refusal) -> Response {
    let items: Form
    do { items = try exchange.request.queryForm() } catch { throw .form(error) }
    let configurationText = try value("openid_configuration", of: items)
    let configurationURL = configurationText.flatMap { WebURL($0) }
    // The platform is not registered yet, and its administrator is to read refusals, too.
    exchange.framedBy = configurationURL?.origin

    let invite = try value("invite", of: items) ?? ""
    guard invite.utf8.count == 43 else { throw .inviteInvalid }
    let digest = Exchange.digest(invite)
    let usable = try exchange.database { (database) throws(PostgresError) in
      try Invites.usable(digest, in: database)
    }
    guard let usable else { throw .inviteInvalid }
    guard configurationText != nil else { throw .registrationFieldMissing("openid_configuration") }
    guard let configurationURL else { throw .registration(.configurationIncomplete("openid_configuration")) }

    let (platform, tool) = try agree(
      configurationURL, token: try value("registration_token", of: items), onlyWith: usable.replaces, exchange)
    let name = WebURL(platform.issuer.value)?.authority ?? platform.issuer.value
    let registration = Registration(
      name: .ifNew(name), issuer: platform.issuer, clientID: tool.clientID, deploymentID: tool.deploymentID,
      addresses: .init(
        authURL: platform.authorizationEndpoint, tokenURL: platform.tokenEndpoint, jwksURL: platform.keySetURL,
        replaceThoseKnown: true))
    let admission = try exchange.database { (database) throws(PostgresError) in
      try registration.add(invite: digest, in: database)
    }
    let added: Registration.Added
    switch admission {
    case .added(let it): added = it
    // Another registration was quicker with the same invite. Its tool stays pending in the platform.
    case .inviteInvalid: throw .inviteInvalid
    case .known: throw .registrationKnown(issuer: platform.issuer, clientID: tool.clientID)
    }
    let who =
      "issuer=\(platform.issuer.value) client_id=\(tool.clientID.value) deployment_id=\(tool.deploymentID?.value ?? "none")"
    if added.replacesAddresses { exchange.environment.log(.warning, "platform addresses replaced \(who)") }
    exchange.environment.log(.info, "platform registered \(who)")
    return RegistrationPage.make(
      platform: name, origin: platform.origin, isDeployed: tool.deploymentID != nil,
      isReplacement: added.replacesAddresses, isUpdate: !added.registrationIsNew, language: exchange.language
    ).response(status: 200, frameAncestors: [platform.origin], house: exchange.settings.house)
  }

  /// Fetches the platform's configuration and registers this tool with it. Where the invite is for one issuer alone, nobody else
  /// is told anything.
  private static func agree(
    _ url: WebURL, token: String?, onlyWith issuer: String?, _ exchange: Exchange
  ) throws(Refusal) -> (PlatformConfiguration, RegisteredTool) {
    let settings = exchange.settings
    let send = exchange.environment.send(until: Deadline(milliseconds: timeout))
    let platform: PlatformConfiguration
    do {
      platform = try PlatformConfiguration.fetch(url, allowsInsecureHTTP: settings.allowsInsecureHTTP, send: send)
    } catch { throw .registration(error) }
    if let issuer, issuer != platform.issuer.value { throw .inviteForAnother(issuer: platform.issuer.value) }
    do {
      let tool = try registration(settings).register(
        with: platform, token: token, now: exchange.environment.now(), send: send)
      return (platform, tool)
    } catch { throw .registration(error) }
  }

  /// What this tool says of itself.
  private static func registration(_ settings: Settings) -> ToolRegistration {
    let launch = settings.baseURL.insertingPath("/lti/launch")
    return ToolRegistration(
      name: .init("Passerelle"),
      summary: .init(
        // Both in one: Moodle shows this one alone, in whatever language.
        "Des modules faits de petits grains, avec des notes · Learning modules made of small grains, with grades",
        translations: [
          ("fr", "Des modules faits de petits grains, avec des notes"),
          ("en", "Learning modules made of small grains, with grades"),
        ]),
      initiateLoginURI: settings.baseURL.insertingPath("/lti/login"), redirectURIs: [launch],
      keySetURL: settings.baseURL.insertingPath("/lti/jwks"),
      logoURI: settings.house.logo ?? settings.baseURL.insertingPath("/icon.svg"), targetLinkURI: launch,
      deepLinking: (
        targetLinkURI: launch,
        label: .init("Choose a module", translations: [("fr", "Choisir un module")])
      ),
      // No empty `module`: in Moodle a tool's own parameter hides one of that name which a teacher writes into an activity, even when
      // it is empty.
      customParameters: [
        (name: CustomParameter.groups, value: CustomParameter.groupsVariable),
        (name: CustomParameter.history, value: CustomParameter.historyVariable),
      ])
  }

  private static func value(_ name: String, of items: Form) throws(Refusal) -> String? {
    do { return try items.value(name) } catch { throw .form(error) }
  }
}
