import Testing

/// A mistake, as it might be made in a function of the database: whether the simulator would find it.
enum PlantedFault: String, CaseIterable, Sendable, CustomTestStringConvertible {
  /// Whoever delivers does not ask whether somebody else does just now.
  case leaseIsNotAsked
  /// A grain that comes, goes or weighs another thing changes nothing of what is owed.
  case catalogueIsNotOwed
  /// Two records that become one are not owed what both did together.
  case mergeIsNotOwed

  var testDescription: String {
    switch self {
    case .leaseIsNotAsked: "a lease is not asked for"
    case .catalogueIsNotOwed: "a change of the catalogue owes nothing anew"
    case .mergeIsNotOwed: "a merge owes nothing anew"
    }
  }

  /// Functions, what stands in each, and what is put in its place.
  private var changes: [(function: String, former: String, planted: String)] {
    let lease = "passerelle.is_over(e.leased_until, interval '10 minutes')"
    switch self {
    case .leaseIsNotAsked:
      return [
        ("is_served", "and o.lease is not null", "and false"), ("lease", "and o.lease is not null", "and false"),
        ("lease", lease, "true"), ("take_next", lease, "true"), ("lease_due", lease, "true"),
      ]
    case .catalogueIsNotOwed:
      return ["grains_changed", "grains_updated"].map { ($0, "perform passerelle.owe_module(m);", "null;") }
    case .mergeIsNotOwed: return [("merge_learners", "perform passerelle.owe(p_into, m);", "null;")]
    }
  }

  /// Puts it into a test's own database; the product's functions stay as they are.
  func plant(in database: TestDatabase) throws {
    for change in changes {
      let source: String = try database.value(
        """
        select pg_get_functiondef(p.oid) from pg_proc p
        where p.pronamespace = 'passerelle'::regnamespace and p.proname = \(change.function)
        """)
      try #require(source.contains(change.former), "\(change.function) has no “\(change.former)” any more")
      try database.script(source.replacing(change.former, with: change.planted))
    }
  }
}
