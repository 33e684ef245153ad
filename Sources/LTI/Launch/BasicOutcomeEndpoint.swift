import Wire

/// The Basic Outcomes service of the activity, which Moodle sends beside AGS in 1.3 too.
package struct BasicOutcomeEndpoint: Equatable, Sendable {
  /// `lis_result_sourcedid`: an opaque handle for one person's result.
  package let sourcedID: String
  /// `lis_outcome_service_url`.
  package let serviceURL: WebURL

  /// An endpoint as it was kept from a launch.
  package init(sourcedID: String, serviceURL: WebURL) {
    self.sourcedID = sourcedID
    self.serviceURL = serviceURL
  }

  init?(_ claim: JSONObject) {
    guard let sourcedID = claim.text("lis_result_sourcedid"), let serviceURL = claim.url("lis_outcome_service_url")
    else {
      return nil
    }
    self.sourcedID = sourcedID
    self.serviceURL = serviceURL
  }
}
