import Wire

/// A refusal of `services.php`, before or instead of a resource's own answer.
struct ServiceRefusal: Error {
  var status: Int
  var reason: String?

  init(_ status: Int, _ reason: String? = nil) {
    self.status = status
    self.reason = reason
  }
}

/// One resource behind `services.php`.
struct ServiceResource: Sendable {
  /// The path as segments; `*` matches one.
  var template: [String]
  /// The media types it names: the first is the container.
  var formats: [String]
  /// The methods it takes.
  var methods: [String]
  /// Which service it is, for faults and the log.
  var endpoint: Endpoint
  /// Answers; the array holds what the `*` matched.
  var handle: @Sendable (Platform, MoodleRequest, [String]) throws -> MoodleResponse
}

/// `services.php` and its resources: path, Accept and Content-Type together pick one, in this order.
enum Services {
  static let prefix = "/mod/lti/services.php"

  static let lineItemType = "application/vnd.ims.lis.v2.lineitem+json"
  static let lineItemsType = "application/vnd.ims.lis.v2.lineitemcontainer+json"
  static let resultsType = "application/vnd.ims.lis.v2.resultcontainer+json"
  static let scoresType = "application/vnd.ims.lis.v1.scorecontainer+json"
  static let scoreType = "application/vnd.ims.lis.v1.score+json"
  static let membersType = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
  static let membersOldType = "application/vnd.ims.lis.v2.membershipcontainer+json"

  static let resources: [ServiceResource] = [
    ServiceResource(
      template: ["*", "lineitems", "*", "lineitem"], formats: [lineItemType], methods: ["GET", "PUT", "DELETE"],
      endpoint: .lineItem, handle: { try $0.lineItem($1, $2) }),
    ServiceResource(
      template: ["*", "lineitems"], formats: [lineItemsType, lineItemType], methods: ["GET", "POST"],
      endpoint: .lineItems, handle: { try $0.lineItems($1, $2) }),
    ServiceResource(
      template: ["*", "lineitems", "*", "lineitem", "results"], formats: [resultsType], methods: ["GET"],
      endpoint: .results, handle: { try $0.results($1, $2) }),
    ServiceResource(
      template: ["*", "lineitems", "*", "lineitem", "scores"], formats: [scoresType, scoreType], methods: ["POST"],
      endpoint: .score, handle: { try $0.scores($1, $2) }),
    ServiceResource(
      template: ["CourseSection", "*", "bindings", "*", "memberships"], formats: [membersOldType, membersType],
      methods: ["GET"], endpoint: .members, handle: { try $0.members($1, $2) }),
  ]

  /// What the path asks for, whatever the media types; for faults and the log.
  static func endpoint(_ request: MoodleRequest) -> Endpoint? {
    resources.first { match($0.template, request) != nil }?.endpoint
  }

  static func answer(_ platform: Platform, _ request: MoodleRequest) -> MoodleResponse {
    let path = String(request.path.dropFirst(prefix.count))
    let isGet = request.method == "GET"
    let accept = isGet ? request.fields["Accept"] ?? "" : ""
    let contentType = isGet ? "" : request.mediaType
    for resource in resources {
      // The whole Accept field is one string to Moodle: no list, no quality; only `*/*` anywhere in it opens all.
      if isGet, !accept.isEmpty, !accept.contains("*/*"), !resource.formats.contains(accept) { continue }
      if !isGet, request.method != "DELETE", !resource.formats.contains(contentType) { continue }
      guard let arguments = match(resource.template, request) else { continue }
      do {
        guard resource.methods.contains(request.method) else { throw ServiceRefusal(405) }
        return try resource.handle(platform, request, arguments)
      } catch let refusal as ServiceRefusal {
        return refused(refusal, request)
      } catch {
        return refused(ServiceRefusal(500), request)
      }
    }
    return refused(ServiceRefusal(400, "No handler found for \(path) \(accept) \(contentType)"), request)
  }

  private static func match(_ template: [String], _ request: MoodleRequest) -> [String]? {
    let segments = request.path.dropFirst(prefix.count + 1).split(separator: "/", omittingEmptySubsequences: false)
    guard segments.count == template.count else { return nil }
    var arguments: [String] = []
    for (part, segment) in zip(template, segments) {
      if part == "*" {
        guard !segment.isEmpty else { return nil }
        arguments.append(String(segment))
      } else if part != segment {
        return nil
      }
    }
    return arguments
  }

  /// The JSON that describes a refusal; the reason stands in the status line too.
  static func refused(_ refusal: ServiceRefusal, _ request: MoodleRequest) -> MoodleResponse {
    let reason = refusal.reason ?? MoodleResponse.standardReason(refusal.status)
    var described: JSONObject = ["method": .string(request.method), "url": .string(request.target)]
    if let accept = request.fields["Accept"] { described["accept"] = .string(accept) }
    if request.fields["Content-Type"] != nil { described["contentType"] = .string(request.mediaType) }
    let document: JSONValue = [
      "status": .number(Double(refusal.status)), "reason": .string(reason), "request": .object(described),
    ]
    return MoodleResponse(
      status: refusal.status, reason: reason, contentType: "application/json; charset=utf-8",
      body: Array(PHPJSON.pretty(document).utf8))
  }
}

extension Platform {
  /// Bearer (case counts), a token that lives, one of the scopes, and the right `type_id` or none. All else is 401.
  ///
  /// An LTI 1.1 tool signs its requests with OAuth 1.0 instead.
  func checkTool(
    _ request: MoodleRequest, anyOf scopes: [String], typeID: Int? = nil
  ) throws(ServiceRefusal) -> Tool {
    let field = request.fields["Authorization"] ?? ""
    let found =
      field.hasPrefix("Bearer ") ? bearer(String(field.dropFirst(7)), anyOf: scopes) : signer(of: request, scopes)
    guard let tool = found else { throw ServiceRefusal(401) }
    let asked = typeID ?? request.queryValue("type_id").flatMap { Int($0.prefix { $0.isNumber }) }
    guard asked == nil || asked == tool.typeID else { throw ServiceRefusal(401) }
    return tool
  }

  /// The tool that holds a living access token with one of these scopes.
  func bearer(_ token: String, anyOf scopes: [String]) -> Tool? {
    let now = now().seconds
    return state.withLock { state in
      guard let access = state.accessTokens[token], access.validUntil > now,
        !scopes.filter(access.scopes.contains).isEmpty
      else { return nil }
      return state.tools.first { $0.typeID == access.typeID }
    }
  }

  private func signer(of request: MoodleRequest, _ scopes: [String]) -> Tool? {
    guard let tool = oauthSigner(of: request), !scopes.filter(tool.permittedScopes.contains).isEmpty else { return nil }
    return tool
  }

  /// Course and grade item of a service path, in Moodle's order of refusals.
  func checkItem(_ arguments: [String], tool: Tool) throws(ServiceRefusal) -> LineItem {
    try checkCourse(arguments)
    guard arguments.count > 1, let id = Int(arguments[1]), let item = state.withLock({ $0.gradebook.lineItem(id) })
    else { throw ServiceRefusal(404, "Not Found: Grade item \(arguments.last ?? "") doesn't exist") }
    switch item.origin {
    case .courseTotal: break
    case .activity(let instance):
      guard shows(tool, instance: instance) else { throw ServiceRefusal(403, "Invalid LTI id supplied.") }
    case .tool(let typeID):
      guard typeID == tool.typeID else { throw ServiceRefusal(403, "Invalid LTI id supplied.") }
    }
    return item
  }

  func checkCourse(_ arguments: [String]) throws(ServiceRefusal) {
    guard arguments.first == String(Course.id) else {
      throw ServiceRefusal(404, "Not Found: Course \(arguments.first ?? "") doesn't exist")
    }
  }

  /// The resources that have two formats take the container for GET and the single one for POST, and nothing else.
  func checkFormat(_ request: MoodleRequest, container: String, single: String) throws(ServiceRefusal) {
    let type = request.method == "GET" ? request.fields["Accept"] ?? "" : request.mediaType
    let isContainer = type.isEmpty || type == container
    guard isContainer != (request.method == "POST"), type.isEmpty || type == container || type == single else {
      throw ServiceRefusal(400, "No context or unsupported content type")
    }
  }

  /// JSON of the service answers: PHP's, with the resource's own type.
  static func service(_ json: JSONValue, type: String, status: Int = 200, escapingSlashes: Bool = true)
    -> MoodleResponse
  {
    MoodleResponse(
      status: status, contentType: type + "; charset=utf-8",
      body: Array(PHPJSON.encode(json, escapingSlashes: escapingSlashes).utf8))
  }
}
