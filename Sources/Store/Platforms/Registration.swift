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
    /// Whether a registration that was known has other addresses now.
    package let replacesAddresses: Bool

    package init(row: Row) throws(PostgresError) {
      name = try row.get("name")
      platformIsNew = try row.get("platform_is_new")
      registrationIsNew = try row.get("registration_is_new")
      deploymentIsNew = try row.get("deployment_is_new")
      replacesAddresses = try row.get("replaces_addresses")
    }
  }

  /// What became of an invite.
  package enum Admission {
    /// It is used, and let this in.
    case added(Added)
    /// It was used, or has expired, meanwhile.
    case inviteInvalid
    /// The platform's client is known with other addresses, which this invite may not replace. It is still good.
    case known
  }

  /// Adds what is missing and brings name and addresses up to date, in one statement. A platform that is not known needs
  /// a name.
  package func add(in database: Database) throws(PostgresError) -> Added {
    guard case .added(let added) = try store(invite: nil, in: database) else {
      throw PostgresError(.decoding, "a registration that needs no invite was not stored")
    }
    return added
  }

  /// Consumes an invite, given by its digest, and adds what it lets in, in the same statement. The platform is enabled.
  package func add(invite digest: [UInt8], in database: Database) throws(PostgresError) -> Admission {
    try store(invite: digest, in: database)
  }

  private struct Stored: RowDecodable {
    let outcome: String
    let added: Added?

    init(row: Row) throws(PostgresError) {
      outcome = try row.get("outcome")
      added = outcome == "accepted" ? try Added(row: row) : nil
    }
  }

  /// Of two with one invite, the second waits for the row and finds it used; xmax is 0 in a row that was inserted. Where no
  /// invite is asked for an administrator wrote the addresses, and decides whether they replace others.
  private func store(invite: [UInt8]?, in database: Database) throws(PostgresError) -> Admission {
    let (given, ifNew): (String?, String?) =
      switch name {
      case .given(let name): (name, nil)
      case .ifNew(let name): (nil, name)
      case .known: (nil, nil)
      }
    let stored: Stored = try database.one(
      """
      with invite as (
        select i.invite, i.replaces from passerelle.invites i
        where i.invite = \(invite) and i.used_at is null and i.expires_at > now() for update),
      former as (
        select p.id as platform,
               (g.auth_url, g.token_url, g.jwks_url) is distinct from
                 (\(addresses.authURL.description), \(addresses.tokenURL.description), \(addresses.jwksURL.description)) as differs
        from passerelle.registrations g join passerelle.platforms p on p.id = g.platform
        where p.issuer = \(issuer.value) and g.client_id = \(clientID.value)),
      verdict as (
        select case
                 when \(invite)::bytea is null then 'accepted'
                 when not exists (select from invite) then 'invite_invalid'
                 when exists (
                   select from former, invite where former.differs and invite.replaces is distinct from former.platform)
                   then 'known'
                 else 'accepted'
               end as outcome,
               \(addresses.replaceThoseKnown)
                 and (\(invite)::bytea is null or exists (select from invite where invite.replaces is not null)) as replaces),
      platform as (
        \(platform: issuer, named: given, ifNew: ifNew, enabling: invite != nil, where: "from verdict where outcome = 'accepted'")),
      registration as (
        insert into passerelle.registrations as g (platform, client_id, auth_url, token_url, jwks_url)
        select platform.id, \(clientID.value), \(addresses.authURL.description), \(addresses.tokenURL.description),
               \(addresses.jwksURL.description)
        from platform
        on conflict (platform, client_id) do update
          set auth_url = case when (select v.replaces from verdict v) then excluded.auth_url else g.auth_url end,
              token_url = case when (select v.replaces from verdict v) then excluded.token_url else g.token_url end,
              jwks_url = case when (select v.replaces from verdict v) then excluded.jwks_url else g.jwks_url end
        returning g.id, g.xmax = 0 as is_new),
      deployment as (
        insert into passerelle.deployments as d (registration, deployment_id)
        select registration.id, \(deploymentID?.value) from registration where \(deploymentID?.value)::text is not null
        on conflict (registration, deployment_id) do update set deployment_id = excluded.deployment_id
        returning d.xmax = 0 as is_new),
      used as (
        update passerelle.invites i set used_at = now(), registration = registration.id
        from invite, registration where i.invite = invite.invite)
      select verdict.outcome, platform.name, platform.is_new as platform_is_new, registration.is_new as registration_is_new,
             coalesce((select deployment.is_new from deployment), false) as deployment_is_new,
             verdict.replaces and exists (select from former where former.differs) as replaces_addresses
      from verdict left join platform on true left join registration on true
      """)
    switch (stored.outcome, stored.added) {
    case (_, let added?): return .added(added)
    case ("known", nil): return .known
    default: return .inviteInvalid
    }
  }
}
