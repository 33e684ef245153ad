import LTI
import Wire

/// Where the members of an activity's course are read, as `passerelle.memberships_of` says it.
package struct MembershipSource {
  /// The launch's `context_memberships_url`.
  package let url: WebURL
  package let access: TokenAccess
  /// The platform, for the log.
  package let host: String

  /// Nil when a member is missing or of another type.
  package init?(_ json: JSONValue) {
    guard let url = json["url"]?.stringValue.flatMap({ WebURL($0) }), let access = TokenAccess(json) else { return nil }
    self.url = url
    self.access = access
    host = json["host"]?.stringValue ?? ""
  }
}
