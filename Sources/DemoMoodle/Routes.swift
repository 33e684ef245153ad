/// The whole site on one screen: method and path, the service it counts as, and the handler.
struct Routes {
  /// Which service a request counts as, for faults and the log; nil for pages.
  var endpoint: Endpoint?
  /// Answers the request.
  var handle: (Platform, MoodleRequest) -> MoodleResponse

  private struct Row {
    var methods: [String]
    var path: String
    var endpoint: Endpoint?
    var handle: @Sendable (Platform, MoodleRequest) -> MoodleResponse

    init(
      _ methods: [String], _ path: String, _ endpoint: Endpoint? = nil,
      _ handle: @escaping @Sendable (Platform, MoodleRequest) -> MoodleResponse
    ) {
      self.methods = methods
      self.path = path
      self.endpoint = endpoint
      self.handle = handle
    }
  }

  private static let rows: [Row] = [
    Row(["GET"], "/mod/lti/certs.php", .keySet) { $0.keySet($1) },
    Row(["GET"], "/mod/lti/openid-configuration.php") { $0.openIDConfiguration($1) },
    Row(["GET"], "/mod/lti/launch.php") { $0.launch($1) },
    Row(["GET", "POST"], "/mod/lti/auth.php") { $0.authenticate($1) },
    Row(["GET", "POST", "PUT", "DELETE"], "/mod/lti/token.php", .token) { $0.token($1) },
    Row(["POST"], "/mod/lti/service.php", .outcome) { $0.basicOutcome($1) },
    Row(["GET", "POST"], "/mod/lti/openid-registration.php") { $0.registration($1) },
    Row(["GET"], "/mod/lti/startltiadvregistration.php") { $0.startRegistration($1) },
    Row(["GET", "POST"], "/mod/lti/toolconfigure.php") { $0.configureTools($1) },
    Row(["GET", "POST"], "/mod/lti/contentitem.php") { $0.contentItem($1) },
    Row(["POST"], "/mod/lti/contentitem_return.php") { $0.contentItemReturn($1) },
    Row(["GET", "POST"], "/course/modedit.php") { $0.editModule($1) },
    Row(["GET"], "/mod/lti/view.php") { $0.view($1) },
    Row(["GET"], "/mod/lti/return.php") { $0.returnFromTool($1) },
    Row(["GET"], "/") { $0.front($1) },
    Row(["GET"], "/course/view.php") { $0.course($1) },
    Row(["GET"], "/mod/page/view.php") { $0.textPage($1) },
    Row(["GET"], "/grade/report/grader/index.php") { $0.gradebookPage($1) },
    Row(["GET"], "/enrol/index.php") { $0.enrol($1) },
    Row(["GET"], "/login/index.php") { $0.login($1) },
    Row(["GET"], "/demo/gradebook") { $0.gradebookRows($1) },
    Row(["GET"], "/demo/requests") { $0.loggedRequests($1) },
    Row(["GET"], "/demo/audit") { $0.auditDocument($1) },
    Row(["GET"], "/demo/faults") { $0.faultDocument($1) },
    Row(["POST"], "/demo/faults") { $0.changeFaults($1) },
    Row(["POST"], "/demo/control") { $0.control($1) },
  ]

  /// The row for a request; `services.php` has its own table.
  static func match(_ request: MoodleRequest) -> Routes {
    let path = request.path
    if path == Services.prefix || path.hasPrefix(Services.prefix + "/") {
      return Routes(endpoint: Services.endpoint(request), handle: Services.answer)
    }
    let ofPath = rows.filter { $0.path == path }
    guard !ofPath.isEmpty else {
      return Routes { platform, _ in Pages.moodleError("Not found", site: platform.configuration.siteName) }
    }
    let method = request.method == "HEAD" ? "GET" : request.method
    guard let row = ofPath.first(where: { $0.methods.contains(method) }) else {
      let allowed = Set(ofPath.flatMap(\.methods)).sorted().joined(separator: ", ")
      return Routes { _, _ in
        MoodleResponse(status: 405, contentType: "text/html; charset=utf-8", fields: [("Allow", allowed)])
      }
    }
    return Routes(endpoint: row.endpoint, handle: row.handle)
  }
}
