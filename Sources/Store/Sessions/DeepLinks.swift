import LTI
import Postgres
import Wire

/// Requests for content (LTI Deep Linking 2.0): what one leaves behind, and what its session is answered with.
package enum DeepLinks {
  /// Consumes the state and leaves a one-time code for the teacher, in one statement; false when the state was used.
  /// `request` is what ``session(token:in:)`` answers later.
  package static func record(
    _ message: LaunchMessage, request: JSONObject, state: [UInt8], platform: String, code: [UInt8],
    in database: Database
  ) throws(PostgresError) -> Bool {
    let person = message.person
    return try database.again { () throws(PostgresError) in
      try database.value(
        """
        select passerelle.deep_link(
          p_state => \(state), p_platform => \(platform), p_subject => \(message.subject.value),
          p_name => \(person.displayName), p_given_name => \(person.givenName), p_family_name => \(person.familyName),
          p_email => \(person.email), p_locale => \(person.locale), p_code => \(code),
          p_return_url => \(message.presentation.returnURL?.description),
          p_deep_link => \(JSONValue.object(request).encoded))
        """)
    }
  }

  /// What `passerelle.deep_link_of` answers.
  package struct Session: RowDecodable {
    package let outcome: String
    package let locale: String?
    package let request: String?
    /// The active modules with their grains, a JSON array.
    package let modules: String?

    package init(row: Row) throws(PostgresError) {
      outcome = try row.get("outcome")
      locale = try row.get("locale")
      request = try row.get("deep_link")
      modules = try row.get("modules")
    }
  }

  /// The request behind a session, and what can be chosen; `token` is a digest.
  package static func session(token: [UInt8], in database: Database) throws(PostgresError) -> Session {
    try database.one("select outcome, locale, deep_link, modules from passerelle.deep_link_of(\(token))")
  }
}
