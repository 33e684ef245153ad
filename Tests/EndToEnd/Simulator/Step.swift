import DemoMoodle

/// One thing that happens in a simulated school.
enum Step: Sendable {
  /// Somebody does something, and it ends before anything else happens.
  case alone(Act)
  /// So many at the same instant.
  case together([Act])
  /// Moodle changes on its own.
  case moodle(Change)
  /// Staff edit in Directus.
  case staff(Edit)
  /// Requests to Moodle go wrong from now on.
  case trouble(Trouble)
  /// So many seconds go by.
  case pass(Int)
  /// Trouble ends, everything is delivered that can be, the gradebook is verified, and looked at.
  case reckoning
}

/// What a program is asked to do, on one of two nodes.
struct Act: Sendable {
  let what: What
  /// 0 has the machine's clock, 1 another.
  let node: Int
  /// After which part of its usual system calls the program is killed; nil lets it live.
  let kill: Double?

  /// Which program, to which end.
  enum What: Sendable {
    /// A learner opens an activity.
    case launch(user: Int, slot: Int)
    /// A page reports.
    case report(user: Int, slot: Int, [Entry])
    /// `grade sync`.
    case sync(now: Bool)
    /// `grade verify`.
    case verify(resend: Bool)
    /// `grade retry --status`.
    case retry(String)
    /// `learner restart`, of an activity or (nil) of the module.
    case restart(user: Int, slot: Int?, keeps: Bool)
    /// `learner merge`.
    case merge(from: Int, into: Int)
    /// `learner erase`.
    case erase(user: Int)
    /// The database's sessions end after so many milliseconds, as at a failover.
    case loseSessions(after: Int)
  }

  /// One grain of a report.
  struct Entry: Sendable {
    let grain: String
    let isCompleted: Bool
    let score: Double?
  }
}

/// What a school year does to Moodle's course. A slot is an activity's place in the simulated course, whatever its ids are.
enum Change: Sendable {
  case resetCourse
  case remakeColumn(slot: Int)
  case deleteItemsAndGrades
  case copy(slot: Int)
  case delete(slot: Int)
  case restore(slot: Int)
  case renumber(slot: Int)
  case override(user: Int, slot: Int, grade: Double)
  case enrol(user: Int)
  case unenrol(user: Int)
  case revokeTokens
}

/// What staff do in Directus.
enum Edit: Sendable {
  case score(user: Int, grain: String, Double)
  case complete(user: Int, grain: String)
  case reopen(user: Int, grain: String)
  case forget(user: Int, grain: String)
  case archive(grain: String)
  case restore(grain: String)
  case weigh(grain: String, Double)
  case addGrain(String, weight: Double)
  case scope(String)
  case grading(String)
  /// Every grade that was delivered or emptied is set to "pending".
  case sendAgain
}

/// What goes wrong between the program and Moodle.
enum Trouble: Sendable {
  /// The next requests to a service, one each.
  case faults([Fault], Endpoint)
  /// Every request to every service.
  case outage(Fault)
  /// Nothing any more.
  case end
}
