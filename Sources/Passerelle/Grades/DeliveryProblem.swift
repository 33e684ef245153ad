import LTI
import Wire

/// Why a grade was not delivered, for the row that staff see in Directus and for `grade list`.
///
/// Each source of problems has its file, in which code, words and remedy stand side by side: this program
/// (`+Here`), the platform's services (`+Services`), and what became of a grade that was sent (`+Outcome`).
package struct DeliveryProblem: Error {
  /// What can help.
  enum Remedy {
    /// Trying again later.
    case time
    /// Trying again, but when a day has not helped, a person must: a locked grade looks like any other error of Moodle's.
    case timeForADay
    /// Nothing, until somebody launches the activity: the platform no longer has it.
    case gone
    /// A change: opening the activity again, new progress, an administrator.
    case change
  }

  /// Stable code.
  package var code: String { stableCode.rawValue }
  let stableCode: any StableCode
  /// What staff read.
  package let words: Words
  let remedy: Remedy
  /// Whether the score may have been stored all the same.
  let leavesDoubt: Bool
  /// Whether the platform as a whole seems away, so that others need not wait for it.
  let platformIsAway: Bool
  /// Seconds the platform asks to wait.
  let retryAfter: Int?
  /// Whether something in front of the platform answered in its place.
  let isIntercepted: Bool
  /// For the log: codes and statuses.
  let logLine: String

  init(
    _ code: any StableCode, _ words: Words, remedy: Remedy = .time, leavesDoubt: Bool = false,
    platformIsAway: Bool = false,
    isIntercepted: Bool = false, retryAfter: Int? = nil, logLine: String? = nil
  ) {
    stableCode = code
    self.words = words
    self.remedy = remedy
    self.leavesDoubt = leavesDoubt
    self.platformIsAway = platformIsAway
    self.isIntercepted = isIntercepted
    self.retryAfter = retryAfter
    self.logLine = logLine ?? code.rawValue
  }

  /// Whether the platform understood the question and will answer the same again: not a failure on the way, nor a token that
  /// it does not give.
  var isPersistent: Bool { remedy == .change || remedy == .gone || code == ServiceFailure.unauthorized.code }
}
