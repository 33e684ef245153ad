import LTI
import Wire

/// Where the members of an activity's course are read, as `passerelle.memberships_of` says it.
struct MembershipSource {
  /// The launch's `context_memberships_url`.
  let url: WebURL
  let access: TokenAccess
  /// The platform, for the log.
  let host: String

  /// Nil when a member is missing or of another type.
  init?(_ json: JSONValue) {
    guard let url = json["url"]?.stringValue.flatMap({ WebURL($0) }), let access = TokenAccess(json) else { return nil }
    self.url = url
    self.access = access
    host = json["host"]?.stringValue ?? ""
  }
}
