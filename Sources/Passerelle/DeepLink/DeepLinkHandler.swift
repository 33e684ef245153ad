import CGI
import LTI
import Postgres
import Store
import Wire

/// `/deep-link` and `/api/deep-link`: a teacher chooses what an activity shows (LTI Deep Linking 2.0). The page lists
/// and asks, the API signs; the browser posts the answer to the platform.
enum DeepLinkHandler {
  /// What a line item is out of: `grade.maximum` of an activity whose line item says nothing else.
  private static var scoreMaximum: Double { 100 }
  /// As many as an API call may name grains.
  private static var maximumCount: Int { GrainReport.maximumCount }

  /// The request for content as a launch: leaves a one-time code and goes on to the page.
  static func launch(
    _ message: LaunchMessage, _ context: Launches.Context, state: [UInt8], _ exchange: Exchange
  ) throws(Refusal) -> Response {
    guard message.isInstructor else { throw .teachersOnly }
    guard let platform = context.platform, let issuer = context.issuer, let clientID = context.clientID,
      context.deployment != nil
    else { throw .launch(.deploymentUnknown(message.deploymentID)) }
    guard let request = DeepLinkRequest(message, issuer: issuer, clientID: clientID) else {
      throw .deepLinkingSettingsMissing
    }
    guard request.settings.acceptsResourceLinks else { throw .deepLinking(.typeNotAccepted) }
    let code = exchange.secret()
    let isNew = try exchange.database { (database) throws(PostgresError) in
      try DeepLinks.record(
        message, request: request.json, state: state, platform: platform, code: code.digest, in: database)
    }
    guard isNew else { throw .launch(.nonceUsed) }
    exchange.environment.log(.info, "deep link opened platform=\(platform)")
    return .redirect(303, to: exchange.settings.baseURL.insertingPath("/deep-link").carrying(code: code.value))
  }

  static func page(_ exchange: Exchange) throws(Refusal) -> Response {
    ScriptedPage.deepLink(api: exchange.apiAddress, language: exchange.language)
      .response(status: 200, frameAncestors: exchange.frameAncestors, house: exchange.settings.house)
  }

  static func read(_ exchange: Exchange) throws(Refusal) -> Response {
    let (request, modules) = try session(exchange)
    var answer = JSONObject()
    answer["modules"] = .array(modules.map(\.json))
    answer["acceptMultiple"] = .bool(request.settings.acceptMultiple)
    return .json(.object(answer))
  }

  static func answer(_ exchange: Exchange) throws(Refusal) -> Response {
    // The token first: what an unknown caller sends is not even read.
    let (request, modules) = try session(exchange)
    let choices = try choices(in: try exchange.json())
    var items: [ResourceLinkItem] = []
    for choice in choices { items.append(try item(choice, of: modules, request)) }
    let response: DeepLinkingResponse
    do {
      response = try DeepLinkingResponse(
        issuer: request.issuer, clientID: request.clientID, deploymentID: request.deploymentID,
        settings: request.settings, items: items)
    } catch { throw .deepLinking(error) }
    var answer = JSONObject()
    answer["returnUrl"] = .string(request.settings.returnURL.description)
    answer["jwt"] = .string(try sign(response, exchange))
    return .json(.object(answer))
  }

  private static func session(_ exchange: Exchange) throws(Refusal) -> (DeepLinkRequest, [Module]) {
    let token = try exchange.sessionToken()
    let found = try exchange.database { (database) throws(PostgresError) in
      try DeepLinks.session(token: token, in: database)
    }
    try exchange.admit(found.outcome, locale: found.locale)
    guard let request = found.request.flatMap({ DeepLinkRequest($0) }),
      let list = found.modules.flatMap({ try? JSONValue(parsing: $0) })?.arrayValue
    else { throw .internalError("the database answered a deep link that cannot be read") }
    return (request, list.compactMap(Module.init))
  }

  private static func sign(_ response: DeepLinkingResponse, _ exchange: Exchange) throws(Refusal) -> String {
    let environment = exchange.environment
    let signing = try exchange.database { (database) throws(PostgresError) in try ToolKeys.signing(in: database) }
    guard let signing, let key = signing.privateKey(environment.settings.sealer),
      let jwt = try? response.signed(
        with: key, keyID: signing.kid, now: environment.now(), randomBytes: environment.randomBytes)
    else { throw .internalError("the tool's key is missing or does not open with PASSERELLE_SECRET") }
    return jwt
  }

  // MARK: - What was chosen

  /// A module, or one grain of it.
  private struct Choice {
    let module: String
    let grain: String?
  }

  private static func choices(in body: JSONValue) throws(Refusal) -> [Choice] {
    guard body.objectValue != nil else {
      throw .invalidBody("expected an object with \"module\" or with \"items\"")
    }
    guard let items = body["items"] else { return [try choice(body)] }
    guard body["module"] == nil, let list = items.arrayValue else {
      throw .invalidBody("\"items\" is not an array, or stands beside \"module\"")
    }
    guard list.count <= maximumCount else { throw .invalidBody("more than \(maximumCount) items") }
    var choices: [Choice] = []
    for item in list { choices.append(try choice(item)) }
    return choices
  }

  private static func choice(_ value: JSONValue) throws(Refusal) -> Choice {
    guard let module = value["module"]?.stringValue else {
      throw .invalidBody("\"module\" is missing or has a value that cannot be used")
    }
    switch value["grain"] {
    case nil, .null: return Choice(module: module, grain: nil)
    case .string(let grain): return Choice(module: module, grain: grain)
    default: throw .invalidBody("\"grain\" has a value that cannot be used")
    }
  }

  private static func item(_ choice: Choice, of modules: [Module], _ request: DeepLinkRequest) throws(Refusal)
    -> ResourceLinkItem
  {
    guard let module = modules.first(where: { $0.slug == choice.module }) else { throw .moduleNotFound(choice.module) }
    var custom = [(name: CustomParameter.module, value: module.slug)]
    if request.isModuleSetByTool { custom.append((name: CustomParameter.chosenModule, value: module.slug)) }
    guard let slug = choice.grain else {
      let contents = module.grains.map(\.title).joined(separator: ", ")
      return ResourceLinkItem(
        title: module.title, text: contents.isEmpty ? module.title : contents, custom: custom,
        lineItem: .init(scoreMaximum: scoreMaximum))
    }
    guard let grain = module.grains.first(where: { $0.slug == slug }) else { throw .unknownGrain(slug) }
    custom.append((name: CustomParameter.grain, value: grain.slug))
    custom.append((name: CustomParameter.chosenGrain, value: grain.slug))
    return ResourceLinkItem(
      title: "\(module.title) – \(grain.title)", text: module.title, custom: custom,
      lineItem: .init(scoreMaximum: scoreMaximum))
  }
}

extension DeepLinkHandler {
  /// What can be chosen: a module with its grains.
  private struct Module {
    struct Grain {
      let slug: String
      let title: String
    }
    let slug: String
    let title: String
    let grains: [Grain]
    let json: JSONValue

    init?(_ value: JSONValue) {
      guard let slug = value["slug"]?.stringValue, let title = value["title"]?.stringValue else { return nil }
      self.slug = slug
      self.title = title
      json = value
      grains = (value["grains"]?.arrayValue ?? []).compactMap { grain in
        guard let slug = grain["slug"]?.stringValue, let title = grain["title"]?.stringValue else { return nil }
        return Grain(slug: slug, title: title)
      }
    }
  }
}
