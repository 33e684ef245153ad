import LTI
import Wire

/// What a launch says about where and how its person is graded.
struct GradeService {
  /// Where scores go; nil when the activity takes no grade, or the platform did not grant the score scope.
  let lineItem: WebURL?
  /// The collection of the course's line items.
  let lineItems: WebURL?
  /// Every scope the platform granted.
  let scopes: [String]

  /// The `scope` of the token request: those granted that deliveries use, in a fixed order, because tokens are cached
  /// under it.
  var tokenScope: String {
    [AGSScope.lineItem, AGSScope.lineItemReadOnly, AGSScope.resultReadOnly, AGSScope.score]
      .filter(scopes.contains).joined(separator: " ")
  }

  init(_ message: LaunchMessage) {
    let granted = message.ags?.scopes ?? []
    scopes = granted
    lineItem = granted.contains(AGSScope.score) ? message.ags?.lineItem : nil
    lineItems = message.ags?.lineItems
  }
}
