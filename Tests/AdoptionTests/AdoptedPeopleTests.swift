import Adoption
import DirectusTestSupport
import Postgres
import TestSupport
import Testing

/// Who a person is in a table of theirs: matched by an explicit rule only, created only when asked.
@Suite(.needsPostgres) struct AdoptedPeopleTests {
  /// directus_users with these rows, adopted with those lines.
  private func users(_ lines: String, _ rows: String = "") throws -> AdoptedDatabase {
    let database = try AdoptedDatabase("directus/system_tables_12", migrated: true)
    try database.script(
      """
      insert into public.directus_users (id, first_name, last_name, email, title)
      values (gen_random_uuid(), 'Ada', 'Lovelace', 'Ada@Example.org', '7'),
             (gen_random_uuid(), 'Alan', 'Turing', 'alan@example.org', null)\(rows);
      insert into passerelle.platforms (name, issuer)
      values ('Moodle', 'https://moodle.example'), ('Autre', 'https://autre.example');
      """)
    try database.adopt(
      """
      [learners]
      table = directus_users
      given_name = first_name
      family_name = last_name
      email = email
      \(lines)
      """)
    return database
  }

  private func launch(
    _ database: AdoptedDatabase, _ subject: String, email: String?, platform: String = "Moodle",
    family: String = "Moodle"
  ) throws -> String {
    let id: String = try database.value(
      """
      select passerelle.learner_of(p.id, \(subject), 'N', 'G', \(family), \(email), null)::text
      from passerelle.platforms p where p.name = \(platform)
      """)
    return try database.value(
      "select l.family_name || coalesce(' ' || l.email, '') from passerelle.learner_rows l where l.id = \(id)::uuid")
  }

  private func isUnknown(_ body: () throws -> Void) -> Bool {
    do { try body() } catch {
      return (error as? PostgresError)?.sqlState == "PSA01"
    }
    return false
  }

  @Test("By e-mail in any case, once, when exactly one row has it; staff's values stand")
  func email() throws {
    let database = try users("match = email")
    #expect(try launch(database, "1", email: "ada@example.ORG") == "Lovelace Ada@Example.org")
    // Another person of that Moodle with the same address is not the same person.
    #expect(isUnknown { _ = try launch(database, "2", email: "ada@example.org") })
    // The same person on another Moodle is.
    #expect(try launch(database, "9", email: "ada@example.org", platform: "Autre") == "Lovelace Ada@Example.org")
    #expect(isUnknown { _ = try launch(database, "3", email: nil) })
    #expect(isUnknown { _ = try launch(database, "3", email: "nobody@example.org") })
    #expect(try database.line("select count(*) from public.directus_users") == "2")
    // Moodle's own change of name is taken over, the address people sign in with is not.
    #expect(try launch(database, "1", email: "new@example.org", family: "King") == "King Ada@Example.org")
  }

  @Test("Two people of one address who come at the same instant are not both the one who is there")
  func atOnce() throws {
    let database = try users("match = email\ncreate = yes")
    for round in 1...5 {
      try database.script(
        "insert into public.directus_users (id, email) values (gen_random_uuid(), 'r\(round)@example.org')")
      let failures = onThreads(4) { index in
        let session = try database.scratch.another()
        defer { session.close() }
        try session.execute(
          """
          select passerelle.learner_of(p.id, \("\(round)-\(index)"), 'N', 'G', 'F', \("R\(round)@example.org"), null)
          from passerelle.platforms p where p.name = 'Moodle'
          """)
      }
      #expect(failures.isEmpty, "\(failures)")
    }
    #expect(
      try database.line("select count(*), count(distinct learner) from passerelle.identities") == "20|20")
    #expect(try database.line("select count(*) from public.directus_users where email like 'r%'") == "5")
  }

  @Test("An address that two rows have in two cases matches neither")
  func twice() throws {
    let database = try users("match = email", ", (gen_random_uuid(), 'Al', 'Autre', 'ALAN@example.org', null)")
    #expect(isUnknown { _ = try launch(database, "1", email: "alan@example.org") })
  }

  @Test("By a column that holds the platform's name of the person")
  func subject() throws {
    let database = try users("match = title holds subject")
    #expect(try launch(database, "7", email: nil) == "Lovelace Ada@Example.org")
    #expect(isUnknown { _ = try launch(database, "8", email: "alan@example.org") })
  }

  @Test("With create = yes: a user without a role, and without an address that somebody has")
  func creates() throws {
    let database = try users("create = yes")
    #expect(try launch(database, "1", email: "ada@example.org", family: "Un") == "Un")
    #expect(try launch(database, "2", email: "new@example.org", family: "Deux") == "Deux new@example.org")
    #expect(
      try database.line(
        "select status, role, password, language, token from public.directus_users where last_name = 'Deux'")
        == "active|–|–|–|–")
  }

  @Test("A key of integers is compared as a number, and a subject that is none fits nobody")
  func integers() throws {
    let database = try AdoptedDatabase(migrated: true)
    try database.script(
      """
      create table public.eleves (id bigint generated always as identity primary key, nom text, moodle integer unique);
      insert into public.eleves (nom, moodle) values ('Ada', 7);
      insert into passerelle.platforms (name, issuer) values ('Moodle', 'https://moodle.example');
      """)
    try database.adopt("[learners]\ntable = eleves\nname = nom\nmatch = moodle holds subject\n")
    func launch(_ subject: String) throws -> String {
      try database.value(
        """
        select l.name from passerelle.learner_rows l where l.id = (
          select passerelle.learner_of(p.id, \(subject), 'N', null, null, null, null) from passerelle.platforms p)
        """)
    }
    #expect(try launch("7") == "Ada")
    for subject in ["8", "x7", "-7", "99999999999999999999", ""] { #expect(isUnknown { _ = try launch(subject) }) }
  }
}
