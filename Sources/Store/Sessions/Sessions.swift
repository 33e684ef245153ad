import Postgres

/// One-time codes and the sessions they are traded for.
package enum Sessions {
  /// What `passerelle.session_open` answers.
  package struct Opened: RowDecodable {
    package enum Outcome: String {
      case accepted
      /// The code was used, is over, or never was.
      case invalidCode = "invalid_code"
    }
    package let outcome: Outcome
    package let role: String?
    package let learner: String?
    package let name: String?
    package let email: String?
    package let locale: String?
    package let returnURL: String?
    package let expires: String?
    /// Where the session is, a JSON object; nil for a deep link.
    package let place: String?
    /// As in `ProgressStore.Answer`; nil for a deep link.
    package let progress: String?
    package let grade: String?

    package init(row: Row) throws(PostgresError) {
      guard let known = Outcome(rawValue: try row.get("outcome")) else {
        throw PostgresError(.decoding, "column outcome has a word that is not known")
      }
      outcome = known
      role = try row.get("role")
      learner = try row.get("learner_id")
      name = try row.get("name")
      email = try row.get("email")
      locale = try row.get("locale")
      returnURL = try row.get("return_url")
      expires = try row.get("expires")
      place = try row.get("place")
      progress = try row.get("progress")
      grade = try row.get("grade")
    }
  }

  /// Trades a code for a session of so many hours; code and token are digests.
  package static func open(code: [UInt8], token: [UInt8], hours: Int, in database: Database) throws(PostgresError)
    -> Opened
  {
    try database.oneAgain(
      """
      select outcome, role, learner_id::text, name, email, locale, return_url, expires, place, progress, grade
      from passerelle.session_open(\(code), \(token), \(hours))
      """)
  }

  /// What `passerelle.code_for` answers.
  package struct Code: RowDecodable {
    package let outcome: String
    package let locale: String?
    package let moduleURL: String?
    package let expires: String?

    package init(row: Row) throws(PostgresError) {
      outcome = try row.get("outcome")
      locale = try row.get("locale")
      moduleURL = try row.get("module_url")
      expires = try row.get("expires")
    }
  }

  /// Leaves another code for a session's person, place and role; code and token are digests.
  package static func code(_ code: [UInt8], for token: [UInt8], in database: Database) throws(PostgresError) -> Code {
    try database.one("select outcome, locale, module_url, expires from passerelle.code_for(\(token), \(code))")
  }

  /// What `passerelle.as_learner` answers.
  package struct Judged: RowDecodable {
    package let outcome: String
    package let locale: String?

    package init(row: Row) throws(PostgresError) {
      outcome = try row.get("outcome")
      locale = try row.get("locale")
    }
  }

  /// Makes a learner for good of somebody who taught the session's activity and only looks at it as one.
  package static func becomeLearner(token: [UInt8], in database: Database) throws(PostgresError) -> Judged {
    try database.oneAgain("select outcome, locale from passerelle.as_learner(\(token))")
  }

  /// Ends a session; false when there was none.
  package static func end(token: [UInt8], in database: Database) throws(PostgresError) -> Bool {
    try database.execute("delete from passerelle.sessions where token = \(token)") > 0
  }

  /// How many sessions and codes were ended.
  package struct Ended: RowDecodable {
    package let sessions: Int
    package let codes: Int

    package init(row: Row) throws(PostgresError) {
      sessions = try row.get("sessions")
      codes = try row.get("codes")
    }
  }

  /// Ends at once every session of a platform, and takes the codes that would open others.
  package static func revoke(platform: String, in database: Database) throws(PostgresError) -> Ended {
    try database.one("select sessions, codes from passerelle.sessions_end(\(platform)::uuid, null)")
  }

  /// The same for a learner, whatever the platform.
  package static func revoke(learner: UUIDText, in database: Database) throws(PostgresError) -> Ended {
    try database.one("select sessions, codes from passerelle.sessions_end(null, \(learner.value)::uuid)")
  }

  /// Deletes expired codes and sessions; answers how many of each.
  package static func sweep(_ database: Database) throws(PostgresError) -> (codes: Int, sessions: Int) {
    (
      try database.execute("delete from passerelle.codes where expires_at <= now()"),
      try database.execute("delete from passerelle.sessions where expires_at <= now()")
    )
  }
}
