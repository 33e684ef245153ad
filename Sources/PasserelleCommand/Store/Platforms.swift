import LTI
import Passerelle
import Postgres
import Wire

/// The aggregate of a platform: the site, its registrations of this tool, their deployments.
enum Platforms {
  /// What `platform add` was given, checked.
  struct Registration {
    /// Where the platform answers.
    struct Addresses {
      let authURL: WebURL
      let tokenURL: WebURL
      let jwksURL: WebURL
      /// False when they only follow from the issuer, which says nothing against those that a known client has.
      let replaceThoseKnown: Bool
    }

    /// nil leaves a known platform the name that it has.
    let name: String?
    let issuer: Issuer
    let clientID: ClientID
    let deploymentID: DeploymentID
    let addresses: Addresses
  }

  /// What was new about it.
  struct Added: RowDecodable {
    let name: String
    let platformIsNew: Bool
    let registrationIsNew: Bool
    let deploymentIsNew: Bool

    init(row: Row) throws(PostgresError) {
      name = try row.get("name")
      platformIsNew = try row.get("platform_is_new")
      registrationIsNew = try row.get("registration_is_new")
      deploymentIsNew = try row.get("deployment_is_new")
    }
  }

  /// Adds what is missing and brings name and addresses up to date; xmax is 0 in a row that was inserted. A platform that
  /// is not known needs a name.
  static func add(_ r: Registration, in database: Database) throws(PostgresError) -> Added {
    let a = r.addresses
    return try database.one(
      """
      with platform as (
        insert into passerelle.platforms as p (name, issuer)
        values (coalesce(\(r.name), (select k.name from passerelle.platforms k where k.issuer = \(r.issuer.value))),
                \(r.issuer.value))
        on conflict (issuer) do update set name = excluded.name
        returning p.id, p.name, p.xmax = 0 as is_new),
      registration as (
        insert into passerelle.registrations as g (platform, client_id, auth_url, token_url, jwks_url)
        select platform.id, \(r.clientID.value), \(a.authURL.description), \(a.tokenURL.description),
               \(a.jwksURL.description)
        from platform
        on conflict (platform, client_id) do update
          set auth_url = case when \(a.replaceThoseKnown) then excluded.auth_url else g.auth_url end,
              token_url = case when \(a.replaceThoseKnown) then excluded.token_url else g.token_url end,
              jwks_url = case when \(a.replaceThoseKnown) then excluded.jwks_url else g.jwks_url end
        returning g.id, g.xmax = 0 as is_new),
      deployment as (
        insert into passerelle.deployments as d (registration, deployment_id)
        select registration.id, \(r.deploymentID.value) from registration
        on conflict (registration, deployment_id) do update set deployment_id = excluded.deployment_id
        returning d.xmax = 0 as is_new)
      select platform.name, platform.is_new as platform_is_new, registration.is_new as registration_is_new,
             deployment.is_new as deployment_is_new
      from platform, registration, deployment
      """)
  }

  /// What was new about LTI 1.1 credentials.
  struct AddedConsumer: RowDecodable {
    let name: String
    let platformIsNew: Bool
    let keyIsNew: Bool

    init(row: Row) throws(PostgresError) {
      name = try row.get("name")
      platformIsNew = try row.get("platform_is_new")
      keyIsNew = try row.get("key_is_new")
    }
  }

  /// Adds LTI 1.1 credentials, and their platform when it is not known, which needs a name then; nil, with nothing stored,
  /// when the key is another platform's.
  static func addConsumer(_ key: String, sealed: [UInt8], name: String?, issuer: Issuer, in database: Database)
    throws(PostgresError) -> AddedConsumer?
  {
    try database.first(
      """
      with platform as (
        insert into passerelle.platforms as p (name, issuer)
        select coalesce(\(name), (select k.name from passerelle.platforms k where k.issuer = \(issuer.value))),
               \(issuer.value)
        where not exists (
          select from passerelle.consumers c join passerelle.platforms o on o.id = c.platform
          where c.consumer_key = \(key) and o.issuer <> \(issuer.value))
        on conflict (issuer) do update set name = excluded.name
        returning p.id, p.name, p.xmax = 0 as is_new),
      consumer as (
        insert into passerelle.consumers as c (platform, consumer_key, sealed)
        select platform.id, \(key), \(sealed) from platform
        on conflict (consumer_key) do update set sealed = excluded.sealed where c.platform = excluded.platform
        returning c.xmax = 0 as is_new)
      select platform.name, platform.is_new as platform_is_new, consumer.is_new as key_is_new from platform, consumer
      """)
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

    /// Its addresses, to be kept; nil when one is unusable.
    var addresses: Registration.Addresses? {
      guard let auth = WebURL(authURL), let token = WebURL(tokenURL), let jwks = WebURL(jwksURL) else { return nil }
      return Registration.Addresses(authURL: auth, tokenURL: token, jwksURL: jwks, replaceThoseKnown: false)
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
}
