import Postgres
import Wire

/// An activity's resource link id, in whose place a launch brought another one with the same line item.
package enum FormerLink {
  /// What the platform's list of line items says of it.
  package enum Answer: String, Sendable {
    /// The list still names it: the activity and that of the launch are two.
    case stands
    /// The list names it no more: the platform numbers the activity otherwise by now.
    case gone
    /// The list could not be read.
    case unread
  }

  /// What is asked, and how.
  package struct Question {
    /// The id.
    package let link: String
    /// The course's line items.
    package let lineItems: WebURL
    package let access: TokenAccess
    /// The platform, for the log and for the places in which requests wait.
    package let host: String

    /// Nil where the database names no id to ask for, or no place to ask at.
    init?(_ json: JSONValue) {
      guard let link = json["formerLink"]?.stringValue,
        let lineItems = json[.lineItems]?.stringValue.flatMap({ WebURL($0) }), let access = TokenAccess(json)
      else { return nil }
      self.link = link
      self.lineItems = lineItems
      self.access = access
      host = json[.host]?.stringValue ?? ""
    }
  }

  /// Keeps what a later reading of the list said of the id that an activity had.
  package static func told(_ link: String, of activity: String, stands: Bool, in database: Database)
    throws(PostgresError)
  {
    try database.execute("select passerelle.former_link_told(\(activity)::uuid, \(link), \(stands))")
  }
}
