import LTI
import Postgres

extension Statement.StringInterpolation {
  /// What makes the platform of an issuer, or gives the one that is known its name: the body of a `with`, which answers `id`, `name`
  /// and `is_new` (xmax is 0 in a row that was inserted).
  ///
  /// - Parameters:
  ///   - name: what it is called from now on; nil leaves its name.
  ///   - ifNew: what it is called where it is not known and has no other name.
  ///   - enabling: whether one that was disabled is enabled.
  ///   - condition: SQL, when this is done at all.
  mutating func appendInterpolation(
    platform issuer: Issuer, named name: String?, ifNew: String? = nil, enabling: Bool = false, where condition: String
  ) {
    appendLiteral(
      """
      insert into passerelle.platforms as p (name, issuer)
      select coalesce(
      """)
    appendInterpolation(name)
    appendLiteral(", (select k.name from passerelle.platforms k where k.issuer = ")
    appendInterpolation(issuer.value)
    appendLiteral("), ")
    appendInterpolation(ifNew)
    appendLiteral("), ")
    appendInterpolation(issuer.value)
    appendLiteral(
      """
       \(condition)
      on conflict (issuer) do update set name = excluded.name, enabled = p.enabled or 
      """)
    appendInterpolation(enabling)
    appendLiteral(" returning p.id, p.name, p.xmax = 0 as is_new")
  }
}
