import Postgres
import Wire

/// The web origins that the database knows: mini-sites that may call the API, platforms that may frame pages.
enum Origins {
  private struct Address: RowDecodable {
    let url: String
    init(row: Row) throws(PostgresError) { url = try row.get("url") }
  }

  /// The origins of active modules' own URLs.
  static func ofModules(in database: Database) throws(PostgresError) -> [Origin] {
    try database.all(
      "select distinct url from passerelle.module_rows where url is not null and status = 'active'", as: Address.self
    ).compactMap { WebURL($0.url)?.origin }
  }

  /// The origins of enabled platforms, from which they embed the tool; each once.
  static func ofPlatforms(in database: Database) throws(PostgresError) -> [Origin] {
    var origins: [Origin] = []
    for address in try database.all(
      """
      select distinct u.url from passerelle.platforms p
      left join passerelle.registrations r on r.platform = p.id
      cross join lateral (values (p.issuer), (r.auth_url)) u (url)
      where p.enabled and u.url is not null order by 1
      """, as: Address.self)
    {
      if let origin = WebURL(address.url)?.origin, !origins.contains(origin) { origins.append(origin) }
    }
    return origins
  }
}
