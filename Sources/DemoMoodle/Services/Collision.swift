import Wire

extension Platform.State {
  /// Whether a grade that has just arrived meets another of the same learner before the row of their course total is there: both
  /// insert it, and one fails (recorded on Moodle 5.1 for Basic Outcomes, seen on 5.0 and 5.1 for scores).
  func collides(_ entry: Int) -> Bool {
    let arrived = log.entries[entry]
    guard let user = arrived.user, !gradebook.hasTotal(of: user) else { return false }
    return log.entries.indices.contains { index in
      index != entry && log.entries[index].user == user && log.entries[index].completedAt == nil
        && log.entries[index].status == nil
    }
  }
}

extension Platform {
  /// Moodle's answer to the second: a 500 with `[]`, or an envelope that says what its database said.
  static func collision(_ endpoint: Endpoint, _ request: MoodleRequest) -> MoodleResponse {
    guard endpoint == .outcome else {
      return MoodleResponse(
        status: 500, contentType: Services.scoreType + "; charset=utf-8", body: Array("[]".utf8))
    }
    return OutcomeReply(
      codeMajor: "failure", description: "Error writing to database"
    ).response(identifier: 1)
  }
}
