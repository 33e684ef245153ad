import LTI
import Wire

/// What a launch says about where and how its person is graded.
package struct GradeService {
  /// Where scores go; nil when the platform names no line item, or did not grant the score scope.
  package let lineItem: WebURL?
  /// The collection of the course's line items, in which one may be found or made when none is named.
  package let lineItems: WebURL?
  /// Every scope the platform granted.
  package let scopes: [String]
  /// The Basic Outcomes endpoint, used where the platform offers no line items.
  package let outcome: BasicOutcomeEndpoint?
  /// Whether the platform takes grades for this activity.
  ///
  /// Moodle leaves the line item out when the activity takes no grade, but also when its line item was deleted or a
  /// second one is linked; its Basic Outcomes claim is there exactly when grades are accepted. Other platforms leave the
  /// tool to manage its line items when they grant the scope (AGS 2.0, section 3.1).
  package let isGradable: Bool

  /// The `scope` of the token request: those granted that deliveries use, in a fixed order, because tokens are cached
  /// under it.
  package var tokenScope: String {
    if lineItem == nil, lineItems == nil { return outcome == nil ? "" : BasicOutcomes.scope }
    var used = ""
    for scope in [AGSScope.lineItem, AGSScope.lineItemReadOnly, AGSScope.resultReadOnly, AGSScope.score]
    where scopes.contains(scope) {
      used += used.isEmpty ? scope : " " + scope
    }
    return used
  }

  /// An LTI 1.1 launch is graded through Basic Outcomes, which is how its activities have always been: it names no line
  /// items.
  package init(_ message: LaunchMessage) {
    let granted = message.ags?.scopes ?? []
    scopes = granted
    outcome = message.basicOutcome
    let takesScores = granted.contains(AGSScope.score)
    let mayLook = granted.contains(AGSScope.lineItem) || granted.contains(AGSScope.lineItemReadOnly)
    lineItem = takesScores ? message.ags?.lineItem : nil
    let collection = takesScores && (lineItem != nil || mayLook) ? message.ags?.lineItems : nil
    let isMoodle = message.platform?.productFamilyCode == "moodle"
    lineItems = lineItem != nil || outcome != nil || !isMoodle ? collection : nil
    isGradable = lineItem != nil || lineItems != nil || outcome != nil
  }
}
