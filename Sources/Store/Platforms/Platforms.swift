import Postgres
import Wire

/// The platforms that may launch, as an administrator looks after them.
package enum Platforms {
  /// A platform and how much hangs on it.
  package struct Listed: RowDecodable {
    package let id: String
    package let name: String
    package let issuer: String
    package let enabled: Bool
    package let clients: Int
    package let deployments: Int
    /// The consumer keys of LTI 1.1.
    package let lti11Keys: [String]
    package let people: Int

    package init(row: Row) throws(PostgresError) {
      id = try row.get("id")
      name = try row.get("name")
      issuer = try row.get("issuer")
      enabled = try row.get("enabled")
      clients = try row.get("clients")
      deployments = try row.get("deployments")
      lti11Keys = try row.get("lti11_keys")
      people = try row.get("people")
    }

    package var json: JSONObject {
      [
        "id": .string(id), "name": .string(name), "issuer": .string(issuer), "enabled": .bool(enabled),
        "clients": .number(Double(clients)), "deployments": .number(Double(deployments)),
        "lti11Keys": .array(lti11Keys.map(JSONValue.string)), "people": .number(Double(people)),
      ]
    }
  }

  /// Every platform, by name.
  package static func list(in database: Database) throws(PostgresError) -> [Listed] {
    try database.all(
      """
      select p.id::text, p.name, p.issuer, p.enabled,
             (select count(*) from passerelle.registrations r where r.platform = p.id) as clients,
             (select count(*) from passerelle.deployments d join passerelle.registrations r on r.id = d.registration
              where r.platform = p.id) as deployments,
             array(select c.consumer_key from passerelle.consumers c
                   where c.platform = p.id order by c.consumer_key) as lti11_keys,
             (select count(*) from passerelle.identities i where i.platform = p.id) as people
      from passerelle.platforms p order by p.name, p.issuer
      """)
  }

  /// The issuers of all platforms, a hundred at most.
  package static func issuers(in database: Database) throws(PostgresError) -> [String] {
    try database.values("select issuer from passerelle.platforms order by issuer limit 100", as: String.self)
  }

  /// From how many courses a registration's activities were opened, ever: when an invite last updated it is kept nowhere.
  package static func courses(of registration: String, in database: Database) throws(PostgresError) -> Int {
    try database.value(
      """
      select count(distinct coalesce(a.context_id, a.id::text)) from passerelle.activities a
      join passerelle.deployments d on d.id = a.deployment where d.registration::text = \(registration)
      """)
  }

  /// Lets a platform in or keeps it out.
  package static func setEnabled(_ enabled: Bool, _ id: String, in database: Database) throws(PostgresError) {
    try database.execute("update passerelle.platforms set enabled = \(enabled) where id = \(id)")
  }

  /// Forgets a platform with all that is its own: registrations, people's identities, activities and grades. Learners and their
  /// progress stay. For the owner of the tables.
  package static func remove(_ id: String, in database: Database) throws(PostgresError) {
    try database.execute("select passerelle.platform_remove(\(id)::uuid)")
  }

  /// A registration with its deployments, for `platform show` and `doctor`.
  package struct Known: RowDecodable {
    package let id: String
    package let clientID: String
    package let authURL: String
    package let tokenURL: String
    package let jwksURL: String
    package let deployments: [String]

    package init(row: Row) throws(PostgresError) {
      id = try row.get("id")
      clientID = try row.get("client_id")
      authURL = try row.get("auth_url")
      tokenURL = try row.get("token_url")
      jwksURL = try row.get("jwks_url")
      deployments = try row.get("deployments")
    }

    /// Its addresses; nil when one is unusable.
    package var addresses: Registration.Addresses? {
      guard let auth = WebURL(authURL), let token = WebURL(tokenURL), let jwks = WebURL(jwksURL) else { return nil }
      return Registration.Addresses(authURL: auth, tokenURL: token, jwksURL: jwks, replaceThoseKnown: false)
    }

    package var json: JSONObject {
      [
        "clientId": .string(clientID), "authUrl": .string(authURL), "tokenUrl": .string(tokenURL),
        "jwksUrl": .string(jwksURL), "deployments": .array(deployments.map(JSONValue.string)),
      ]
    }
  }

  /// The registrations of a platform.
  package static func registrations(of platform: String, in database: Database) throws(PostgresError) -> [Known] {
    try database.all(
      """
      select r.id::text, r.client_id, r.auth_url, r.token_url, r.jwks_url,
             array(select d.deployment_id from passerelle.deployments d
                   where d.registration = r.id order by d.deployment_id) as deployments
      from passerelle.registrations r where r.platform = \(platform) order by r.client_id
      """)
  }

  /// What a move changed.
  package struct Moved: RowDecodable {
    package let registrations: Int
    package let activities: Int
    package let enrolments: Int
    /// Registrations with an address that is not below the old issuer and stays.
    package let elsewhere: Int
    /// Grades that had failed by the move, or were gone with the old address, and are pending again.
    package let again: Int

    package init(row: Row) throws(PostgresError) {
      registrations = try row.get("registrations")
      activities = try row.get("activities")
      enrolments = try row.get("enrolments")
      elsewhere = try row.get("elsewhere")
      again = try row.get("again")
    }
  }

  /// Gives a platform a new issuer, in one transaction; with `isKept` false it is taken back at the end.
  package static func move(_ platform: Listed, to issuer: String, isKept: Bool, in database: Database)
    throws(PostgresError) -> Moved
  {
    let connection = try database.connection()
    try connection.script("begin")
    do throws(PostgresError) {
      let moved: Moved = try database.one(
        """
        select registrations, activities, enrolments, elsewhere, again
        from passerelle.move_platform(\(platform.id), \(platform.issuer), \(issuer))
        """)
      try connection.script(isKept ? "commit" : "rollback")
      return moved
    } catch {
      // Closing the session rolls back, whatever state it is in.
      connection.close()
      throw error
    }
  }
}
