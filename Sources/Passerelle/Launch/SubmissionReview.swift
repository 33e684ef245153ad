import CGI
import LTI
import Postgres
import Store
import Wire

/// A launch from the gradebook (LTI Submission Review 1.0): a teacher looks at one learner's work, a learner at their own.
enum SubmissionReview {
  /// Whose work may be seen: a teacher of the course sees everybody's, a learner their own.
  static func check(_ message: LaunchMessage) throws(Refusal) {
    guard message.isInstructor || message.forUser == message.subject else { throw .reviewNotAllowed }
  }

  /// The dashboard with that learner, for a teacher; `learner=none` when the person never came to the activity: the
  /// platform's name for them stays out of the address. For a learner their own page.
  static func response(
    _ message: LaunchMessage, link: ResourceLink, platform: String, deployment: String, code: String,
    _ exchange: Exchange
  ) throws(Refusal) -> Response {
    let base = exchange.settings.baseURL
    guard message.isInstructor else {
      exchange.environment.log(.info, "submission review opened by its learner")
      return .redirect(303, to: base.insertingPath("/me").carrying(code: code))
    }
    guard let subject = message.forUser else { throw .launch(.forUserMissing) }
    let learner = try exchange.database { (database) throws(PostgresError) in
      try Rosters.learner(subject, platform: platform, deployment: deployment, resourceLink: link.id, in: database)
    }
    exchange.environment.log(.info, "submission review opened learner=\(learner ?? "none")")
    return .redirect(
      303, to: base.insertingPath("/dashboard").addingQueryItems([("learner", learner ?? "none")]).carrying(code: code))
  }
}
