import LTI
import Postgres

/// The states of logins under way: written by `/lti/login`, consumed by `/lti/launch`.
package enum LoginStates {
  /// What `passerelle.login` answers.
  package struct Started: RowDecodable {
    package let outcome: String
    package let clientID: String?
    package let authURL: String?

    package init(row: Row) throws(PostgresError) {
      outcome = try row.get("outcome")
      clientID = try row.get("client_id")
      authURL = try row.get("auth_url")
    }
  }

  /// Finds the registration that a login initiation means and remembers digests of the state, nonce and browser proof,
  /// and whether the proof was also put in the browser's storage.
  package static func start(
    _ login: LoginInitiation, state: [UInt8], nonce: [UInt8], browser: [UInt8], isStored: Bool, in database: Database
  ) throws(PostgresError) -> Started {
    try database.one(
      """
      select outcome, client_id, auth_url from passerelle.login(
        \(login.issuer.value), \(login.clientID?.value), \(login.deploymentID?.value), \(state), \(nonce), \(browser),
        \(isStored))
      """)
  }

  /// Whether a launch was accepted with this nonce before.
  package static func nonceWasConsumed(_ nonce: [UInt8], in database: Database) throws(PostgresError) -> Bool {
    try database.value(
      """
      select exists (select from passerelle.login_states s where s.nonce = \(nonce) and s.consumed_at is not null)
      """)
  }

  /// Deletes what is past its ten minutes; answers how many.
  package static func sweep(_ database: Database) throws(PostgresError) -> Int {
    try database.execute("delete from passerelle.login_states where expires_at <= now()")
  }
}
