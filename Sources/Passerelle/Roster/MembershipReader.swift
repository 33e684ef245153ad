import HTTPClient
import LTI
import Postgres
import Store
import Wire

/// Reads a course's members from its platform (NRPS 2.0) and keeps them for those who ask next. No statement is open
/// while the platform is waited for: two who ask at once read twice, and the later answer stays.
struct MembershipReader {
  let environment: Environment
  let database: Database

  /// Why the members were not read, for the log.
  private struct Problem: Error {
    let logLine: String
    /// For how many seconds the platform is not asked again; nil when the next request may.
    let pause: Int?
  }

  /// After a platform kept somebody waiting to the end of their patience, the next ones do not wait for half a minute.
  private static var pauseAfterSilence: Int { 30 }
  /// As long as members count as fresh; a platform that asks for more is asked again then.
  private static var longestPause: Int { 300 }

  /// Reads and keeps the members, within `PASSERELLE_GRADE_TIMEOUT` in all. What goes wrong with the platform is told to
  /// the log only: the roster is answered with what is known.
  func read(_ source: MembershipSource) throws(PostgresError) {
    guard let place = environment.waitingPlace(source.host) else {
      environment.log(.info, "memberships not read platform=\(source.host): many wait")
      return
    }
    defer { withExtendedLifetime(place) {} }
    let deadline = Deadline(milliseconds: environment.settings.gradeTimeout)
    do throws(Problem) {
      let memberships = try fetch(source, until: deadline)
      guard memberships.isComplete else {
        environment.log(.warning, "memberships cut at \(memberships.members.count) platform=\(source.host)")
        return try keep(memberships, of: source)
      }
      environment.log(.info, "memberships read platform=\(source.host) members=\(memberships.members.count)")
      try keep(memberships, of: source)
    } catch {
      environment.log(.warning, "memberships not read platform=\(source.host) \(error.logLine)")
      if let pause = error.pause { try MembershipLists.markFailed(source, seconds: pause, in: database) }
    }
  }

  private func fetch(_ source: MembershipSource, until deadline: Deadline) throws(Problem) -> Memberships {
    let tokens = AccessTokenSource(environment: environment, database: database)
    let token: AccessTokenSource.Token
    do { token = try tokens.token(for: source.access, until: deadline) } catch { throw Self.problem(error) }
    do { return try memberships(source, token, deadline) } catch {
      guard error == .unauthorized else { throw Self.problem(error) }
    }
    // The token may have been forgotten on the other side: one new one, once.
    let fresh: AccessTokenSource.Token
    do { fresh = try tokens.replacement(of: token, for: source.access, until: deadline) } catch {
      throw Self.problem(error)
    }
    do { return try memberships(source, fresh, deadline) } catch { throw Self.problem(error) }
  }

  private func memberships(
    _ source: MembershipSource, _ token: AccessTokenSource.Token, _ deadline: Deadline
  ) throws(ServiceFailure) -> Memberships {
    try NRPS.memberships(
      source.url, token: token.value, now: environment.now(), send: environment.send(until: deadline))
  }

  private func keep(_ memberships: Memberships, of source: MembershipSource) throws(Problem) {
    do {
      try MembershipLists.store(.array(memberships.members.map(Self.json)), from: source, in: database)
    } catch { throw Problem(logLine: error.description, pause: nil) }
  }

  /// A member as the database keeps it: what the roster shows, and nothing more.
  private static func json(_ member: Member) -> JSONValue {
    [
      "subject": .string(member.userID.value), "roles": .array(member.roles.map(JSONValue.string)),
      "instructor": .bool(member.isInstructor), "status": .string(member.status.rawValue),
      "name": JSONValue(member.person.displayName), "given_name": JSONValue(member.person.givenName),
      "family_name": JSONValue(member.person.familyName), "email": JSONValue(member.person.email),
    ]
  }

  private static func problem(_ error: DeliveryProblem) -> Problem {
    Problem(
      logLine: error.logLine.utf8.starts(with: error.code.utf8) ? error.logLine : "\(error.code) \(error.logLine)",
      pause: error.retryAfter.map { min($0, longestPause) } ?? (error.code == silence ? pauseAfterSilence : nil))
  }

  private static func problem(_ error: ServiceFailure) -> Problem {
    switch error {
    case .unavailable(let seconds?, _): Problem(logLine: error.logLine, pause: min(seconds, longestPause))
    case .transport(.timedOut): Problem(logLine: error.logLine, pause: pauseAfterSilence)
    default: Problem(logLine: error.logLine, pause: nil)
    }
  }

  private static var silence: String { TransportFailure.timedOut(.connect).code }
}
