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

  /// The person whom `user=ID` in the query names: the demo's way to be somebody without logging in.
  func queriedPerson(_ request: MoodleRequest) -> Person? {
    guard let id = request.queryValue("user").flatMap({ Int($0) }) else { return nil }
    return person(id)
  }

  func person(_ id: Int) -> Person? { state.withLock { $0.people.first { $0.id == id } } }

  func activity(cmid: Int?) -> Activity? { state.withLock { $0.activities.first { $0.cmid == cmid } } }

  /// Opens a session for a person and sets its cookie (`path=/; HttpOnly`, no SameSite, as on a plain-http Moodle).
  func openSession(for person: Person, in response: inout MoodleResponse) -> String {
    let id = randomHex(32)
    let session = Session(user: person.id, sesskey: randomHex(10))
    state.withLock { $0.sessions[id] = session }
    response.fields.append("Set-Cookie", "\(Self.sessionCookie)=\(id); path=/; HttpOnly")
    return id
  }
}
