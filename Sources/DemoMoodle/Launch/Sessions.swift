import Wire

extension Platform {
  static let sessionCookie = "MoodleSession"

  /// The person of the browser's session, if it has one.
  func sessionPerson(_ request: MoodleRequest) -> Person? {
    guard let id = request.cookie(Self.sessionCookie) else { return nil }
    return state.withLock { state in
      state.sessions[id].flatMap { session in state.people.first { $0.id == session.user } }
    }
  }

  /// The browser's session.
  func session(_ request: MoodleRequest) -> Session? {
    request.cookie(Self.sessionCookie).flatMap { id in state.withLock { $0.sessions[id] } }
  }

  /// The person whom `user=ID` in the query names: the demo's way to be somebody without logging in.
  func queriedPerson(_ request: MoodleRequest) -> Person? {
    guard let id = request.queryValue("user").flatMap({ Int($0) }) else { return nil }
    return person(id)
  }

  func person(_ id: Int) -> Person? { state.withLock { $0.people.first { $0.id == id } } }

  func activity(cmid: Int?) -> Activity? { state.withLock { $0.activities.first { $0.cmid == cmid } } }

  /// Whoever is at the browser: the person of the session, or the one whom `user=ID` names, who gets a session then.
  struct Visitor {
    var person: Person
    var sessionID: String
    var session: Session
    /// `user=ID` named them, so they may go on without a cookie.
    var wasNamed: Bool
  }

  /// - Parameters:
  ///   - mayBeNamed: whether `user=ID` names the visitor; where it names somebody else, the session alone counts.
  ///   - response: gets the cookie of a session that is opened.
  func visitor(_ request: MoodleRequest, mayBeNamed: Bool = true, _ response: inout MoodleResponse) -> Visitor? {
    let named = mayBeNamed ? queriedPerson(request) : nil
    guard let person = named ?? sessionPerson(request) else { return nil }
    let known = person == sessionPerson(request) ? request.cookie(Self.sessionCookie) : nil
    let id = known ?? openSession(for: person, in: &response)
    guard let session = state.withLock({ $0.sessions[id] }) else { return nil }
    return Visitor(person: person, sessionID: id, session: session, wasNamed: named != nil)
  }

  /// Moodle's page for somebody who lacks a capability.
  func notPermitted(_ capability: String) -> MoodleResponse {
    Pages.moodleError(
      "Sorry, but you do not currently have permissions to do that (\(capability)).", site: configuration.siteName)
  }

  /// Opens a session for a person and sets its cookie: `path=/; HttpOnly`, no SameSite, as on a plain-http Moodle. Over
  /// https Moodle adds `secure` and, for most browsers, `SameSite=None` (read in its source, not observed); one that was patched
  /// since June 2026 `SameSite=Lax`.
  func openSession(for person: Person, in response: inout MoodleResponse) -> String {
    let id = randomHex(32)
    let session = Session(user: person.id, sesskey: randomHex(10))
    let (isSecure, isLax) = state.withLock { state in
      state.sessions[id] = session
      return (state.wwwroot.hasPrefix("https:"), state.sendsLaxCookies)
    }
    let attributes =
      (isSecure ? "secure; " : "") + "HttpOnly" + (isLax ? "; SameSite=Lax" : isSecure ? "; SameSite=None" : "")
    response.fields.append("Set-Cookie", "\(Self.sessionCookie)=\(id); path=/; \(attributes)")
    return id
  }

  /// Sends the session's cookie as sites do that were patched since June 2026.
  package func sendLaxCookies() { state.withLock { $0.sendsLaxCookies = true } }

  /// How often a browser was asked to post a request again, because its session's cookie had not come with it.
  package var reposts: Int { state.withLock { $0.reposts } }

  /// Moodle's detour for a request that came without the session's cookie: the page posts it again from Moodle's own site.
  func repost(_ request: MoodleRequest) -> MoodleResponse {
    state.withLock { $0.reposts += 1 }
    return .html(Pages.repost(to: request.target, fields: request.postItems.map { ($0.name, $0.value) }))
  }
}
