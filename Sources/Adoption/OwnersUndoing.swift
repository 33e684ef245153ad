/// What only the owner of the institution's tables may take away of an adoption, once Passerelle does not use them any more.
package struct OwnersUndoing: Equatable, Sendable {
  /// Who owns the tables.
  package let owner: String
  /// In the order in which they are run.
  package let statements: [String]
  /// The tables.
  private let tables: [String]

  /// Whether nothing is the owner's alone.
  package var isEmpty: Bool { statements.isEmpty }

  init(owner: String, tables: [String], statements: [String]) {
    self.owner = owner
    self.tables = tables
    self.statements = statements
  }

  init(_ plan: AdoptionPlan, role: String) {
    let shapes = plan.shapes.filter { !$0.isOurs }
    owner = shapes.first?.owner ?? ""
    tables = shapes.map(\.name)
    statements = OwnersPart.undoing(plan, role: role)
  }

  /// As one script for `psql`, in one transaction, which refuses in words to run too early.
  package var script: String {
    let names = tables.map { SQLText.literal(SQLText.table($0)) }.joined(separator: ", ")
    return """
      -- What only the owner of these tables may take away of Passerelle's adoption.
      -- First: passerelle directus adopt --undo
      -- Then run this in the same database as the role \(owner): psql -v ON_ERROR_STOP=1 -f THIS-FILE
      begin;
      set local lock_timeout = '15s';

      do $passerelle$ begin
        if exists (
          select from pg_catalog.pg_trigger t
          where not t.tgisinternal and starts_with(t.tgname::text, 'passerelle_')
            and t.tgrelid = any (array[\(names)]::regclass[])) then
          raise exception 'Passerelle still uses these tables: first run passerelle directus adopt --undo';
        end if;
      end $passerelle$;

      \(statements.map { $0 + ";" }.joined(separator: "\n"))

      commit;

      """
  }
}
