import Postgres
import Wire

/// The web origins that the database knows: mini-sites that may call the API, platforms that may frame pages.
package enum Origins {
  /// The origins of active modules' own URLs.
  package static func ofModules(in database: Database) throws(PostgresError) -> [Origin] {
    try database.values(
      "select distinct url from passerelle.module_rows where url is not null and status = 'active'", as: String.self
    ).compactMap { WebURL(written: $0)?.origin }
  }

  /// The origins of enabled platforms, from which they embed the tool; each once.
  package static func ofPlatforms(in database: Database) throws(PostgresError) -> [Origin] {
    var origins: [Origin] = []
    for address in try database.values(
      """
      select distinct u.url from passerelle.platforms p
      left join passerelle.registrations r on r.platform = p.id
      cross join lateral (values (p.issuer), (r.auth_url)) u (url)
      where p.enabled and u.url is not null order by 1
      """, as: String.self)
    {
      if let origin = WebURL(address)?.origin, !origins.contains(origin) { origins.append(origin) }
    }
    return origins
  }
}
