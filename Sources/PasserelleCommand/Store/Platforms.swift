import LTI
import Passerelle
import Postgres
import Wire

/// The aggregate of a platform: the site, its registrations of this tool, their deployments.
enum Platforms {
  /// What `platform add` was given, checked.
  struct Registration {
    let name: String
    let issuer: Issuer
    let clientID: ClientID
    let deploymentID: DeploymentID
    let authURL: WebURL
    let tokenURL: WebURL
    let jwksURL: WebURL
  }

  /// What was new about it.
  struct Added: RowDecodable {
    let platformIsNew: Bool
    let registrationIsNew: Bool
    let deploymentIsNew: Bool

    init(row: Row) throws(PostgresError) {
      platformIsNew = try row.get("platform_is_new")
      registrationIsNew = try row.get("registration_is_new")
      deploymentIsNew = try row.get("deployment_is_new")
    }
  }

  /// Adds what is missing and brings name and addresses up to date; xmax is 0 in a row that was inserted.
  static func add(_ r: Registration, in database: Database) throws(PostgresError) -> Added {
    try database.one(
      """
      with platform as (
        insert into passerelle.platforms as p (name, issuer) values (\(r.name), \(r.issuer.value))
        on conflict (issuer) do update set name = excluded.name
        returning p.id, p.xmax = 0 as is_new),
      registration as (
        insert into passerelle.registrations as g (platform, client_id, auth_url, token_url, jwks_url)
        select platform.id, \(r.clientID.value), \(r.authURL.description), \(r.tokenURL.description),
               \(r.jwksURL.description)
        from platform
        on conflict (platform, client_id) do update
          set auth_url = excluded.auth_url, token_url = excluded.token_url, jwks_url = excluded.jwks_url
        returning g.id, g.xmax = 0 as is_new),
      deployment as (
        insert into passerelle.deployments as d (registration, deployment_id)
        select registration.id, \(r.deploymentID.value) from registration
        on conflict (registration, deployment_id) do update set deployment_id = excluded.deployment_id
        returning d.xmax = 0 as is_new)
      select platform.is_new as platform_is_new, registration.is_new as registration_is_new,
             deployment.is_new as deployment_is_new
      from platform, registration, deployment
      """)
  }

  /// Adds LTI 1.1 credentials, and their platform when it is not known; false, with nothing stored, when the key is
  /// another platform's.
  static func addConsumer(_ key: String, sealed: [UInt8], name: String, issuer: Issuer, in database: Database)
    throws(PostgresError) -> Bool
  {
    try database.execute(
      """
      with platform as (
        insert into passerelle.platforms as p (name, issuer)
        select \(name), \(issuer.value)
        where not exists (
          select from passerelle.consumers c join passerelle.platforms o on o.id = c.platform
          where c.consumer_key = \(key) and o.issuer <> \(issuer.value))
        on conflict (issuer) do update set name = excluded.name
        returning p.id)
      insert into passerelle.consumers as c (platform, consumer_key, sealed)
      select platform.id, \(key), \(sealed) from platform
      on conflict (consumer_key) do update set sealed = excluded.sealed where c.platform = excluded.platform
      """) > 0
  }

  /// A platform and how much hangs on it.
  struct Listed: RowDecodable {
    let id: String
    let name: String
    let issuer: String
    let enabled: Bool
    let clients: Int
    let deployments: Int
    /// The consumer keys of LTI 1.1.
    let lti11Keys: [String]
    let people: Int

    init(row: Row) throws(PostgresError) {
      id = try row.get("id")
      name = try row.get("name")
      issuer = try row.get("issuer")
      enabled = try row.get("enabled")
      clients = try row.get("clients")
      deployments = try row.get("deployments")
      lti11Keys = try row.get("lti11_keys")
      people = try row.get("people")
    }

    var json: JSONObject {
      [
        "id": .string(id), "name": .string(name), "issuer": .string(issuer), "enabled": .bool(enabled),
        "clients": .number(Double(clients)), "deployments": .number(Double(deployments)),
        "lti11Keys": .array(lti11Keys.map(JSONValue.string)), "people": .number(Double(people)),
      ]
    }
  }

  /// Every platform, by name.
  static func list(in database: Database) throws(PostgresError) -> [Listed] {
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

  /// The one platform of that name, issuer or id.
  static func find(_ text: String, in database: Database) throws -> Listed {
    let all = try list(in: database)
    let matches = all.filter { $0.id == text || $0.issuer == text || $0.name == text }
    guard let found = matches.first else {
      throw CommandFailure("there is no platform “\(text)”; known: \(all.map(\.name).joined(separator: ", "))")
    }
    guard matches.count == 1 else {
      throw CommandFailure("several platforms are named “\(text)”; give the issuer instead")
    }
    return found
  }

  /// Lets a platform in or keeps it out.
  static func setEnabled(_ enabled: Bool, _ id: String, in database: Database) throws(PostgresError) {
    try database.execute("update passerelle.platforms set enabled = \(enabled) where id = \(id)")
  }

  /// A registration with its deployments, for `platform show` and `doctor`.
  struct Known: RowDecodable, CustomStringConvertible {
    let id: String
    let clientID: String
    let authURL: String
    let tokenURL: String
    let jwksURL: String
    let deployments: [String]

    init(row: Row) throws(PostgresError) {
      id = try row.get("id")
      clientID = try row.get("client_id")
      authURL = try row.get("auth_url")
      tokenURL = try row.get("token_url")
      jwksURL = try row.get("jwks_url")
      deployments = try row.get("deployments")
    }

    var json: JSONObject {
      [
        "clientId": .string(clientID), "authUrl": .string(authURL), "tokenUrl": .string(tokenURL),
        "jwksUrl": .string(jwksURL), "deployments": .array(deployments.map(JSONValue.string)),
      ]
    }

    var description: String {
      """
        client        \(clientID)
        deployments   \(deployments.joined(separator: ", "))
        auth URL      \(authURL)
        token URL     \(tokenURL)
        JWKS URL      \(jwksURL)
      """
    }
  }

  /// The registrations of a platform.
  static func registrations(of platform: String, in database: Database) throws(PostgresError) -> [Known] {
    try database.all(
      """
      select r.id::text, r.client_id, r.auth_url, r.token_url, r.jwks_url,
             array(select d.deployment_id from passerelle.deployments d
                   where d.registration = r.id order by d.deployment_id) as deployments
      from passerelle.registrations r where r.platform = \(platform) order by r.client_id
      """)
  }

  /// The addresses that Moodle's tool form asks for.
  struct ToolAddresses: CustomStringConvertible {
    let toolURL: String
    let loginURL: String
    let redirectURI: String
    let jwksURL: String

    var json: JSONObject {
      [
        "toolUrl": .string(toolURL), "initiateLoginUrl": .string(loginURL), "redirectionUri": .string(redirectURI),
        "publicKeysetUrl": .string(jwksURL),
      ]
    }

    var description: String {
      """

      Paste into Moodle (Site administration > Plugins > External tool > Manage tools > configure a tool manually):
        Tool URL                           \(toolURL)
        LTI version                        LTI 1.3
        Public key type                    Keyset URL
        Public keyset                      \(jwksURL)
        Initiate login URL                 \(loginURL)
        Redirection URI(s)                 \(redirectURI)
        IMS LTI Assignment and Grade Services   Use this service for grade sync and column management
        Share launcher's name and email    Always (optional: launches without them work too)
      """
    }
  }

  static func addresses(of settings: Settings) -> ToolAddresses {
    func address(_ path: String) -> String { settings.baseURL.insertingPath(path).description }
    return ToolAddresses(
      toolURL: address("/lti/launch"), loginURL: address("/lti/login"), redirectURI: address("/lti/launch"),
      jwksURL: address("/lti/jwks"))
  }
}
