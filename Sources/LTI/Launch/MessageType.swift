/// The LTI messages that a platform may launch this tool with (LTI 1.3 §5.3.1).
package enum MessageType: String, Equatable, Sendable, CaseIterable {
  /// A person opens a resource link (LTI 1.3 §5.3.1). The only message that must name its resource link.
  case resourceLink = "LtiResourceLinkRequest"
  /// A teacher chooses content to link (LTI Deep Linking 2.0 §4.4.1). It has no resource link yet.
  case deepLinking = "LtiDeepLinkingRequest"
  /// A teacher reviews a learner's submission (LTI Submission Review 1.0 §4.1). Moodle names the resource link.
  case submissionReview = "LtiSubmissionReviewRequest"
}
