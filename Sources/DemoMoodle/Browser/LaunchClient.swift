import Wire

/// One request of a launch and its answer.
package struct Hop: Sendable {
  /// What the browser sent.
  package var request: HTTPRequest
  /// What came back.
  package var response: HTTPResponse

  /// The body as text.
  package var text: String { String(decoding: response.body, as: UTF8.self) }

  /// The first form in the body.
  package var form: HTMLForm? { HTMLForm(in: text) }

  /// Where the answer redirects to, resolved against the request.
  package var location: WebURL? {
    response.fields["Location"].flatMap { LaunchClient.resolve($0, against: request.url) }
  }
}

/// A whole launch as the browser saw it.
package struct LaunchTrace: Sendable {
  /// launch.php, the tool's login, auth.php, the tool's launch; by LTI 1.1 launch.php and the tool's launch.
  package var hops: [Hop]

  /// The last answer: the tool's verdict.
  package var final: Hop? { hops.last }
  /// Where the tool sent the browser in the end.
  package var location: WebURL? { final?.location }
  /// The form that auth.php posted to the tool.
  package var authenticationForm: HTMLForm? { hops.first { $0.text.contains("ltiAuthForm") }?.form }
  /// The id_token that the browser carried.
  package var idToken: String? { authenticationForm?.value("id_token") }
  /// The form that launch.php posted to the tool by LTI 1.1.
  package var launchForm11: HTMLForm? { hops.first { $0.text.contains("ltiLaunchForm") }?.form }
  /// The state that the tool made.
  package var state: String? { authenticationForm?.value("state") }
}

/// Why a launch could not go on.
package enum LaunchClientError: Error, Equatable, Sendable {
  /// No answer.
  case transport(TransportFailure)
  /// An answer that is neither a redirection nor a form where one of them had to come; the status and the hop's path.
  case stuck(status: Int, path: String)
  /// An address that is no http or https URL.
  case badURL(String)
}

/// The browser's part of a launch: forms, redirections and cookies, over any `HTTPSend`.
///
/// It is what an end-to-end test drives: the platform and the tool stay real. `launch` does all of it; `open`,
/// `submit` and `follow` do one hop each, for a test that wants to change something on the way.
package struct LaunchClient {
  /// The platform's address, without a trailing slash.
  package var platform: String
  /// The cookies.
  package var jar = CookieJar()
  /// Fields added to every request, for instance `Sec-Fetch-Dest: iframe`.
  package var extraFields: [(String, String)] = [("Accept-Language", "fr")]

  private let send: HTTPSend

  /// A browser for a platform.
  /// - Parameters:
  ///   - platform: its address, e.g. `http://127.0.0.1:8090`.
  ///   - send: how requests travel; the default allows plain http and private addresses and waits 15 s.
  package init(platform: String, send: @escaping HTTPSend = { try PlainHTTP.send($0) }) {
    self.platform = platform
    self.send = send
  }

  /// A whole launch: launch.php, the tool's login, auth.php, the tool's launch; of an LTI 1.1 activity launch.php and
  /// one POST. Redirections of the final answer are not followed: its Location is the result.
  /// - Parameters:
  ///   - user: the Moodle user id.
  ///   - cmid: the activity's course-module id.
  /// - Throws: `LaunchClientError` when a hop gives nothing to go on with.
  package mutating func launch(user: Int, cmid: Int = 2) throws(LaunchClientError) -> LaunchTrace {
    try goOn(from: try begin(user: user, cmid: cmid))
  }

  /// A launch that reviews somebody's work: this user, a teacher, opens it from the gradebook.
  /// - Throws: `LaunchClientError` when a hop gives nothing to go on with.
  package mutating func review(
    _ learner: Int, asTeacher user: Int, cmid: Int = 2
  ) throws(LaunchClientError) -> LaunchTrace {
    try signIn(user: user)
    return try goOn(from: try open("\(platform)/mod/lti/launch.php?id=\(cmid)&action=gradeReport&user=\(learner)"))
  }

  /// A deep-linking launch: this user, a teacher, begins to choose content.
  /// - Throws: `LaunchClientError` when a hop gives nothing to go on with.
  package mutating func chooseContent(user: Int, typeID: Int = 1) throws(LaunchClientError) -> LaunchTrace {
    try goOn(from: try open("\(platform)/mod/lti/contentitem.php?id=\(typeID)&course=\(Course.id)&user=\(user)"))
  }

  /// Sends a deep-linking response to the return URL, as the tool's page does in the browser.
  /// - Throws: `LaunchClientError` when there is no answer.
  package mutating func returnContent(_ jwt: String, to returnURL: String) throws(LaunchClientError) -> Hop {
    try submit(HTMLForm(action: returnURL, fields: [("JWT", jwt)]))
  }

  /// Becomes somebody: the site's session is theirs from now on.
  /// - Throws: `LaunchClientError` when there is no answer.
  package mutating func signIn(user: Int) throws(LaunchClientError) {
    _ = try open("\(platform)/login/index.php?user=\(user)")
  }

  /// What follows the first hop.
  private mutating func goOn(from first: Hop) throws(LaunchClientError) -> LaunchTrace {
    var hops = [first]
    let form = try form(of: first)
    hops.append(try submit(form))
    if form.value("oauth_signature") != nil { return LaunchTrace(hops: hops) }
    hops.append(try follow(hops[1]))
    hops.append(try submit(try self.form(of: hops[2])))
    return LaunchTrace(hops: hops)
  }

  /// The first hop: launch.php as this user.
  package mutating func begin(user: Int, cmid: Int = 2) throws(LaunchClientError) -> Hop {
    try open("\(platform)/mod/lti/launch.php?id=\(cmid)&user=\(user)")
  }

  /// A GET.
  package mutating func open(_ url: String) throws(LaunchClientError) -> Hop {
    guard let url = WebURL(url) else { throw .badURL(url) }
    return try exchange(HTTPRequest(method: "GET", url: url, fields: HTTPFields(), body: []))
  }

  /// Sends a form as a browser does.
  package mutating func submit(_ form: HTMLForm, origin: String? = nil) throws(LaunchClientError) -> Hop {
    guard let url = WebURL(form.action) else { throw .badURL(form.action) }
    let encoded = FormURLEncoded.encode(form.fields)
    guard form.method == "POST" else {
      return try exchange(
        HTTPRequest(method: "GET", url: url.addingQueryItems(form.fields), fields: HTTPFields(), body: []))
    }
    var fields = HTTPFields([("Content-Type", "application/x-www-form-urlencoded")])
    fields.append("Origin", origin ?? platform)
    return try exchange(HTTPRequest(method: "POST", url: url, fields: fields, body: Array(encoded.utf8)))
  }

  /// Goes where an answer redirects to.
  package mutating func follow(_ hop: Hop) throws(LaunchClientError) -> Hop {
    guard (300...399).contains(hop.response.status), let location = hop.location else {
      throw .stuck(status: hop.response.status, path: hop.request.url.path)
    }
    return try exchange(HTTPRequest(method: "GET", url: location, fields: HTTPFields(), body: []))
  }

  /// The form of an answer.
  package func form(of hop: Hop) throws(LaunchClientError) -> HTMLForm {
    guard hop.response.status == 200, var form = hop.form else {
      throw .stuck(status: hop.response.status, path: hop.request.url.path)
    }
    if let url = Self.resolve(form.action, against: hop.request.url) { form.action = url.description }
    return form
  }

  private mutating func exchange(_ request: HTTPRequest) throws(LaunchClientError) -> Hop {
    var request = request
    request.fields.append("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
    for (name, value) in extraFields { request.fields.append(name, value) }
    if let cookies = jar.field(for: request.url) { request.fields.append("Cookie", cookies) }
    let response: HTTPResponse
    do throws(TransportFailure) {
      response = try send(request)
    } catch {
      throw .transport(error)
    }
    jar.store(response, from: request.url)
    return Hop(request: request, response: response)
  }

  /// An absolute URL, or a path on the same origin.
  static func resolve(_ reference: String, against base: WebURL) -> WebURL? {
    if reference.hasPrefix("/"), !reference.hasPrefix("//") { return WebURL(base.origin.description + reference) }
    return WebURL(reference)
  }
}
