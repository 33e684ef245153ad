import Foundation
import Postgres
import Schema
import TestSupport
import Testing

/// The web server's role: what `migrate` gives it, and that this is what statements need.
@Suite struct WebRightsTests {
  // MARK: - What is needed

  /// What only the owner runs, or runs as its owner.
  private static let ownersFunctions = [
    "activity_forget", "join_activities", "join_enrolments", "learner_delete", "learner_drop", "learner_forget",
    "merge_learners", "platform_merge", "platform_remove", "progress_give",
  ]
  private static let ownersFiles = ["Erasure.swift", "Merging.swift", "Retention.swift"]
  /// Read by module Adoption for the command: which tables are adopted.
  private static let readElsewhere = ["passerelle.adoption"]

  /// What functions that a role other than the owner calls, and statements of the programs, do to which tables.
  private static func needed() throws -> Set<WebRights.Right> {
    var texts: [String] = []
    for file in try SourceFiles.names(in: "Functions") {
      let text = try SourceFiles.text("Functions/\(file)").replacing(/--[^\n]*/, with: "")
      for definition in SQLScript.statements(of: text).compactMap(Definition.init) {
        guard case .function(let name) = definition.kind, !ownersFunctions.contains(name),
          !definition.sql.contains("returns trigger")
        else { continue }
        texts.append(definition.sql)
      }
    }
    let sources = Stack.root.appending(path: "Sources")
    for module in ["Store", "Passerelle", "PasserelleCommand"] {
      let files = try #require(FileManager.default.enumerator(atPath: sources.appending(path: module).path))
      for case let path as String in files
      where path.hasSuffix(".swift") && !ownersFiles.contains(where: { path.hasSuffix($0) }) {
        let text = try String(contentsOf: sources.appending(path: "\(module)/\(path)"), encoding: .utf8)
        texts += text.matches(of: /"""((?s).*?)"""|"([^"\n]*)"/).map { String($0.1 ?? $0.2 ?? "") }
      }
    }
    var rights: Set<WebRights.Right> = []
    func need(_ relation: Substring, _ privileges: String...) {
      for privilege in privileges { rights.insert(.init(String(relation), privilege)) }
    }
    for text in texts {
      for match in text.matches(of: /\b(?:from|join|using)\s+((?:passerelle|public)\.\w+)(?![\w(])/) {
        need(match.1, "select")
      }
      for match in text.matches(of: /\bdelete from\s+((?:passerelle|public)\.\w+)/) {
        need(match.1, "delete", "select")
      }
      for match in text.matches(of: /\bupdate\s+((?:passerelle|public)\.\w+)/) { need(match.1, "update", "select") }
      for part in text.split(separator: "insert into ").dropFirst() {
        guard let relation = part.prefixMatch(of: /(?:passerelle|public)\.\w+/)?.0 else { continue }
        need(relation, "insert")
        let statement = part.split(separator: ";").first ?? part
        if statement.contains(/\b(on conflict|returning)\b/) { need(relation, "select") }
        if statement.contains(/\bdo\s+update\b/) { need(relation, "update") }
      }
    }
    return rights
  }

  @Test("The role has the rights that functions and statements need, and no others")
  func list() throws {
    let needed = try Self.needed()
    #expect(needed.count > 60)
    let granted = Set(WebRights.own)
    let lacking = needed.subtracting(granted).map { "\($0.privilege) \($0.relation)" }.sorted()
    #expect(lacking == [], "add these to WebRights")
    let spare = granted.subtracting(needed).filter { !Self.readElsewhere.contains($0.relation) }
    #expect(spare.map { "\($0.privilege) \($0.relation)" }.sorted() == [], "nothing needs these")
  }

  // MARK: - What is granted

  /// A role, and a database that was migrated for it.
  private final class Place {
    let database: ScratchDatabase
    let role: String

    init(granted: Bool = true) throws {
      database = try ScratchDatabase(migrated: false)
      role = "Web \(database.name)"
      try database.connection.execute("create role \(identifier: role) login password 'geheim'")
      if granted { try migrate(role) }
    }

    deinit {
      _ = try? database.connection.execute("drop owned by \(identifier: role) cascade")
      _ = try? database.connection.execute("drop role \(identifier: role)")
    }

    @discardableResult
    func migrate(_ role: String? = nil) throws -> Migrator.Outcome {
      try Migrator(seams: { (_) throws(MigrationError) in .own }, webRole: role).migrate(on: database.connection)
    }

    /// Every right of the role's own on tables and views.
    func rights(of role: String? = nil) throws -> Set<WebRights.Right> {
      Set(
        try database.connection.query(
          """
          select format('%s.%s', c.relnamespace::regnamespace, c.relname) as relation, lower(a.privilege_type) as privilege
          from pg_class c cross join lateral aclexplode(c.relacl) a
          where a.grantee = (select oid from pg_roles where rolname = \(role ?? self.role))
          """
        ).map { .init(try $0.get("relation"), try $0.get("privilege")) })
    }
  }

  @Test("It is given once, remembered, and given again whatever is new or was taken", .needsPostgres)
  func remembered() throws {
    let place = try Place()
    #expect(try place.rights() == Set(WebRights.own))
    #expect(try place.migrate() == Migrator.Outcome(applied: [], madeFunctions: false))
    try place.database.connection.script(
      """
      revoke all on passerelle.sessions from public, "\(place.role)";
      grant truncate on public.progress to "\(place.role)";
      grant select on passerelle.functions_made to "\(place.role)"
      """)
    let outcome = try place.migrate()
    #expect(
      outcome.granted == [
        "revoke select on passerelle.functions_made from \"\(place.role)\"",
        "revoke truncate on public.progress from \"\(place.role)\"",
        "grant delete, insert, select, update on passerelle.sessions to \"\(place.role)\"",
      ])
    #expect(try place.rights() == Set(WebRights.own))
    #expect(try place.migrate().granted == [])
  }

  @Test(
    "Another role takes its place, and the former has nothing any more; the owner's name means nobody else",
    .needsPostgres)
  func another() throws {
    let place = try Place()
    let other = "other_\(place.database.name)"
    try place.database.connection.execute("create role \(identifier: other)")
    defer {
      _ = try? place.database.connection.script("drop owned by \(other); drop role \(other)")
    }
    try place.migrate(other)
    #expect(try place.rights().isEmpty)
    #expect(
      try !place.database.value(
        "select has_schema_privilege(\(place.role), 'passerelle', 'usage')", as: Bool.self))
    #expect(try place.rights(of: other) == Set(WebRights.own))
    let owner: String = try place.database.value("select current_user::text")
    try place.migrate(owner)
    #expect(try place.rights(of: other).isEmpty)
    #expect(try Migrator.webRole(on: place.database.connection) == nil)
    #expect(try place.migrate().granted == [])
  }

  @Test(
    "A role that is not there, is a superuser, or is a member of the owner is refused, and nothing is migrated",
    .needsPostgres)
  func refused() throws {
    let place = try Place(granted: false)
    let owner = "owner_\(place.database.name)"
    let superuser = "super_\(place.database.name)"
    try place.database.connection.script(
      "create role \(owner); create role \(superuser) superuser; create schema passerelle authorization \(owner)")
    defer {
      _ = try? place.database.connection.script(
        "drop schema passerelle cascade; drop role \(owner); drop role \(superuser)")
    }
    try place.database.connection.execute("grant \(identifier: owner) to \(identifier: place.role)")
    for (role, words) in [
      ("nobody at all", "there is no database role “nobody at all”"), (superuser, "is a superuser"),
      (place.role, "first run: revoke \(owner) from \"\(place.role)\""),
    ] {
      let error = caught(MigrationError.self) { try place.migrate(role) }
      #expect(error?.description.contains(words) == true, "\(String(describing: error))")
      #expect(try !place.database.value("select to_regclass('passerelle.sessions') is not null", as: Bool.self))
    }
    // One that was remembered and is gone is named, with the way on.
    try place.database.connection.execute("revoke \(identifier: owner) from \(identifier: place.role)")
    try place.migrate(place.role)
    try place.database.connection.script(
      "drop owned by \"\(place.role)\"; alter role \"\(place.role)\" rename to \(owner)_gone")
    let error = caught(MigrationError.self) { try place.migrate() }
    #expect(error?.description.contains("name another with --web-role") == true)
    try place.database.connection.script("drop role \(owner)_gone")
  }

  @Test("What the role has beyond Passerelle's tables and no use for is found", .needsPostgres)
  func excessive() throws {
    let place = try Place()
    let connection = place.database.connection
    #expect(try WebRole.excessive(place.role, on: connection) == [])
    try connection.script(
      """
      create table public.directus_users (id int);
      grant select on public.directus_users to "\(place.role)";
      grant create on schema public to public;
      grant create on database \(place.database.name) to "\(place.role)";
      alter table passerelle.codes owner to "\(place.role)";
      alter role "\(place.role)" createrole
      """)
    let owner: String = try place.database.value("select current_user::text")
    let statements = try WebRole.excessive(place.role, on: connection)
    #expect(
      statements == [
        "alter role \"\(place.role)\" nocreaterole nocreatedb noreplication nobypassrls;",
        "alter table passerelle.codes owner to \(owner);", "revoke create on schema public from public;",
        "revoke create on database \(place.database.name) from \"\(place.role)\";",
        "revoke all on public.directus_users from \"\(place.role)\";",
      ])
    for statement in statements { try connection.script(statement) }
    #expect(try WebRole.excessive(place.role, on: connection) == [])
  }

  // MARK: - What it cannot do

  @Test(
    "As that role nothing can be made, changed in kind, owned or switched off", .needsPostgres,
    arguments: [
      "create table public.mine (id int)", "create table passerelle.mine (id int)",
      "create function public.f() returns int language sql as 'select 1'",
      "create or replace function passerelle.utc(p_instant timestamptz) returns text language sql stable as 'select null'",
      "create schema mine", "create view passerelle.mine as select 1",
      "alter table public.progress add column mine int", "alter table public.progress disable trigger progress_updated",
      "alter table public.progress disable trigger all", "drop trigger progress_updated on public.progress",
      "create trigger mine after insert on public.progress for each row execute function suppress_redundant_updates_trigger()",
      "drop table passerelle.sessions", "truncate public.progress", "drop function passerelle.utc(timestamptz)",
      "alter function passerelle.utc(timestamptz) owner to current_user",
      "alter table passerelle.tool_keys owner to current_user", "alter schema passerelle owner to current_user",
      "set session_replication_role = replica", "delete from public.learners", "delete from passerelle.identities",
      "delete from passerelle.platforms", "delete from passerelle.tool_keys", "select from passerelle.roles",
      "update passerelle.adoption set map = ''", "insert into passerelle.migrations (number, name) values (99, 'x')",
      "select from public.directus_users", "grant select on passerelle.tool_keys to public",
      "select passerelle.learner_delete(gen_random_uuid())",
    ])
  func powerless(statement: String) throws {
    let place = try Place()
    try place.database.connection.script(
      "create table public.directus_users (id int); insert into public.learners default values")
    let web = try place.database.another(as: place.role, password: "geheim")
    defer { web.close() }
    let before = try place.rights()
    // A grant of what somebody may use and not grant is a warning to PostgreSQL, and changes nothing.
    if statement.hasPrefix("grant") {
      try web.script(statement)
    } else {
      let refusal = caught(PostgresError.self) { try web.script(statement) }
      #expect(refusal?.sqlState == "42501", "\(String(describing: refusal))")
    }
    #expect(try place.rights() == before)
    #expect(
      try !place.database.value("select has_table_privilege('public', 'passerelle.tool_keys', 'select')", as: Bool.self)
    )
  }
}
