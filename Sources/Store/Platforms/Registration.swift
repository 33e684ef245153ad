import LTI
import Postgres
import Wire

/// A site, its registration of this tool and a deployment, whichever way the three become known.
package struct Registration {
  /// Where the platform answers.
  package struct Addresses {
    package let authURL: WebURL
    package let tokenURL: WebURL
    package let jwksURL: WebURL
    /// False if derived from the issuer; a known registration then keeps its URLs.
    package let replaceThoseKnown: Bool

    /// All three, which belong together.
    package init(authURL: WebURL, tokenURL: WebURL, jwksURL: WebURL, replaceThoseKnown: Bool) {
      self.authURL = authURL
      self.tokenURL = tokenURL
      self.jwksURL = jwksURL
      self.replaceThoseKnown = replaceThoseKnown
    }
  }

  /// A platform's name for people.
  package enum Name {
    /// Also that of a platform that is known.
    case given(String)
    /// Only that of a platform that is not known yet.
    case ifNew(String)
    /// That of the platform, which is known.
    case known
  }

  package let name: Name
  package let issuer: Issuer
  package let clientID: ClientID
  /// Nil when the platform deploys the tool later.
  package let deploymentID: DeploymentID?
  package let addresses: Addresses

  /// What is registered.
  package init(
    name: Name, issuer: Issuer, clientID: ClientID, deploymentID: DeploymentID?, addresses: Addresses
  ) {
    self.name = name
    self.issuer = issuer
    self.clientID = clientID
    self.deploymentID = deploymentID
    self.addresses = addresses
  }
}

extension Registration {
  /// What was new about it.
  package struct Added: RowDecodable {
    package let name: String
    package let platformIsNew: Bool
    package let registrationIsNew: Bool
    package let deploymentIsNew: Bool

    package init(row: Row) throws(PostgresError) {
      name = try row.get("name")
      platformIsNew = try row.get("platform_is_new")
      registrationIsNew = try row.get("registration_is_new")
      deploymentIsNew = try row.get("deployment_is_new")
    }
  }

  /// Adds what is missing and brings name and addresses up to date, in one statement. A platform that is not known needs
  /// a name.
  package func add(in database: Database) throws(PostgresError) -> Added {
    guard let added = try store(invite: nil, in: database) else {
      throw PostgresError(.decoding, "a registration that needs no invite was not stored")
    }
    return added
  }

  /// Consumes an invite, given by its digest, and adds what it lets in, in the same statement; nil when the invite was
  /// used or expired meanwhile. The platform is enabled.
  package func add(invite digest: [UInt8], in database: Database) throws(PostgresError) -> Added? {
    try store(invite: digest, in: database)
  }

  /// Of two with one invite, the second waits for the row and finds it used; xmax is 0 in a row that was inserted.
  private func store(invite: [UInt8]?, in database: Database) throws(PostgresError) -> Added? {
    let (given, ifNew): (String?, String?) =
      switch name {
      case .given(let name): (name, nil)
      case .ifNew(let name): (nil, name)
      case .known: (nil, nil)
      }
    return try database.first(
      """
      with invite as (
        select i.invite from passerelle.invites i
        where i.invite = \(invite) and i.used_at is null and i.expires_at > now() for update),
      platform as (
        insert into passerelle.platforms as p (name, issuer)
        select coalesce(
                 \(given), (select k.name from passerelle.platforms k where k.issuer = \(issuer.value)), \(ifNew)),
               \(issuer.value)
        where \(invite)::bytea is null or exists (select from invite)
        on conflict (issuer) do update
          set name = excluded.name, enabled = p.enabled or \(invite)::bytea is not null
        returning p.id, p.name, p.xmax = 0 as is_new),
      registration as (
        insert into passerelle.registrations as g (platform, client_id, auth_url, token_url, jwks_url)
        select platform.id, \(clientID.value), \(addresses.authURL.description), \(addresses.tokenURL.description),
               \(addresses.jwksURL.description)
        from platform
        on conflict (platform, client_id) do update
          set auth_url = case when \(addresses.replaceThoseKnown) then excluded.auth_url else g.auth_url end,
              token_url = case when \(addresses.replaceThoseKnown) then excluded.token_url else g.token_url end,
              jwks_url = case when \(addresses.replaceThoseKnown) then excluded.jwks_url else g.jwks_url end
        returning g.id, g.xmax = 0 as is_new),
      deployment as (
        insert into passerelle.deployments as d (registration, deployment_id)
        select registration.id, \(deploymentID?.value) from registration where \(deploymentID?.value)::text is not null
        on conflict (registration, deployment_id) do update set deployment_id = excluded.deployment_id
        returning d.xmax = 0 as is_new),
      used as (
        update passerelle.invites i set used_at = now(), registration = registration.id
        from invite, registration where i.invite = invite.invite)
      select platform.name, platform.is_new as platform_is_new, registration.is_new as registration_is_new,
             coalesce((select deployment.is_new from deployment), false) as deployment_is_new
      from platform, registration
      """)
  }
}
