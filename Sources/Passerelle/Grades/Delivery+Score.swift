import LTI
import Store
import Wire

/// A delivery as the services' messages say it, and what a result says about it.
extension Delivery {
  /// How the platform gives access tokens; a problem where it has no registration that would.
  func tokenAccess() throws(DeliveryProblem) -> TokenAccess {
    guard let access else { throw .registrationMissing }
    return access
  }

  /// The score to post; nil when its numbers are none that a platform stores.
  var message: Score? {
    Score(
      userID: subject, scoreGiven: score, scoreMaximum: maximum,
      activityProgress: count.isComplete ? .completed : .inProgress,
      comment: count.words[Language(locale: locale) ?? .french], timestamp: timestamp)
  }

  /// Whether a result settles every doubt: it is this grade, and no earlier score can replace it any more.
  ///
  /// A score that is still on its way is refused when it is not later than the one in the gradebook, so the result has to
  /// be as late as the last score sent. A platform that does not date its results is believed when only this very grade
  /// is in doubt.
  func isSettled(by result: AGS.Result?, sent: Int64?) -> Bool {
    guard isEqual(to: result) else { return false }
    guard let stored = result?.timestamp?.seconds else { return doubtfulTimestamp == nil }
    return stored >= max(sent ?? .min, doubtfulTimestamp ?? .min)
  }

  /// Whether a result is this grade, at the five decimals that Moodle stores.
  func isEqual(to result: AGS.Result?) -> Bool {
    guard let score = result?.resultScore, let maximum = result?.resultMaximum, maximum > 0 else { return false }
    return abs(score - ratio * maximum) < 0.000_02
  }
}
