import DemoMoodle
import Wire

/// Trouble ends, what can be delivered is, and what is said is compared with what Moodle has.
extension School {
  /// The first node does all of it, and nobody kills it.
  private static let quiet = Act(what: .sync(now: true), node: 0, kill: nil)

  /// In the middle of the year: what is not in Moodle is said to be not there.
  func reckon() throws {
    begin(.end)
    try settle()
    try verify()
    try check(isStrict: false)
    locked { $0.counts.reckonings += 1 }
  }

  /// Everybody is enrolled and opens what they had opened, and what was emptied or failed is sent again: after that, Moodle has
  /// every grade that it can have.
  func backToSchool() throws {
    begin(.end)
    try pass(400)
    for user in Schedule.users { make(.enrol(user: user)) }
    let places = locked { state in
      state.launched.filter { state.slots[$0.slot].activity != nil }
        .sorted { ($0.slot, $0.user) < ($1.slot, $1.user) }
    }
    for place in places {
      let words = try perform(
        Act(what: .launch(user: place.user, slot: place.slot), node: 0, kill: nil), isAlone: true)
      if words != "launched" { violate("\(place) cannot come back: \(words)") }
    }
    try verify(mayFail: true)
    for status in ["failed", "emptied"] { try done(["grade", "retry", "--status", status]) }
    try settle()
    try verify()
    try observe(isTogether: true)
    try check(isStrict: true)
    locked { $0.counts.reckonings += 1 }
  }

  private func done(_ words: [String]) throws {
    let run = try command(words, Self.quiet)
    if !run.isDone { violate("\(words.joined(separator: " ")): \(run.words)") }
  }

  /// `grade sync` until nothing is pending, minutes apart.
  private func settle() throws {
    for _ in 0..<6 {
      try pass(400)
      _ = try command(["grade", "sync", "--now"], Self.quiet)
      if try pending().isEmpty { break }
    }
    let left = try pending()
    if !left.isEmpty { violate("still pending after 40 minutes without trouble: \(left.joined(separator: "; "))") }
    // What is to be read once more, two minutes after an answer that was lost.
    try pass(400)
    _ = try command(["grade", "sync", "--now"], Self.quiet)
  }

  private func pending() throws -> [String] {
    try world.database.values(
      """
      select concat_ws(' ', e.subject, a.resource_link_id, g.score, g.attempts, g.last_error_code)
      from public.grades g join passerelle.enrolments e on e.id = g.id join passerelle.activities a on a.id = e.activity
      where g.status = 'pending' order by 1
      """)
  }

  private func verify(mayFail: Bool = false) throws {
    let run = try command(["grade", "verify"], Self.quiet)
    if !run.isDone, !mayFail { violate("the gradebook cannot be verified: \(run.words)") }
    locked { $0.changed = [] }
  }
}
