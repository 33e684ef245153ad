import LTI
import Wire

/// Every stable code that a person can meet: on a page, in an API answer, in the log, or beside a grade. The
/// documentation explains each of them; a test compares the two.
package enum RefusalCodes {
  /// The lists of all sources.
  static let sources: [any StableCode.Type] = [
    // Requests
    Refusal.Code.self, FormError.Code.self, LoginRefusal.Code.self, LaunchRefusal.Code.self, Launch11Refusal.Code.self,
    DeepLinkingRefusal.Code.self, RegistrationFailure.Code.self,
    // Grades
    DeliveryProblem.Code.self, GradeOutcomeCode.self, ScoreRefusal.Code.self, ResultRefusal.Code.self,
    ServiceFailure.Code.self, TokenFailure.Code.self,
    // Both
    TransportFailure.Code.self,
  ]

  /// The codes, each once; not that of a grade which arrived, for nobody is shown it.
  package static var all: Set<String> {
    Set(sources.flatMap { codes(of: $0) }).subtracting([GradeOutcomeCode.delivered.rawValue]).union([gradesRestored])
  }

  /// Of a grade whose table was lost and made anew, by `migrate` and not by a delivery (Sources/Schema/Migrator+Grades.swift).
  private static let gradesRestored = "grades_restored"

  private static func codes<Code: StableCode>(of type: Code.Type) -> [String] { type.allCases.map(\.rawValue) }
}
