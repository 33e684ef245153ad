import DemoMoodle
import Foundation
import Postgres
import TestSupport
import Testing
import Wire

/// What Directus is told of an adoption.
extension AdoptTests {
  @Test(
    "A grade leads to its learner by their key: Directus knows how, a deletion goes that way, nothing of it remains")
  func gradeKey() throws {
    let directus = try Stack.fixture("directus/system_tables_12.sql")
    try World.run(.inProcess, on: .french) { world in
      try world.database.script(directus)
      let told = try world.command("migrate")
      #expect(told.status == 0 && told.text.contains("added to Directus"), "\(told.errorText)")
      let page = try world.session()
      try page.complete("accueil")
      try world.session(user: 4).complete("accueil")
      let id = try #require(page.opened.at("learner.id")?.stringValue)
      #expect(
        try world.database.values(
          """
          select a.prenom from public.grades g join public.apprenants a on a.id = g.learner_key
          where g.learner = \(id)::uuid and a.passerelle_id = g.learner
          """) == ["Éloïse"])
      #expect(try world.database.count("select from public.grades where learner_key is not null") == 2)
      // Directus's row says what the foreign key does, between fields that are there.
      #expect(
        try world.database.values(
          """
          select r.many_field from public.directus_relations r
          join public.directus_fields f on f.collection = r.many_collection and f.field = r.many_field and f.special = 'm2o'
          join pg_constraint k on k.contype = 'f' and k.conrelid = ('public.' || r.many_collection)::regclass
            and k.confrelid = ('public.' || r.one_collection)::regclass
          join pg_attribute a on a.attrelid = k.conrelid and a.attnum = k.conkey[1] and a.attname = r.many_field
          join pg_index i on i.indrelid = k.confrelid and i.indisprimary and i.indkey[0] = k.confkey[1]
          where r.many_collection = 'grades' and r.one_field is null
          """) == ["learner_key"])

      try world.database.execute("delete from public.apprenants where passerelle_id = \(id)::uuid")
      #expect(Refused(try page.progress()) == Refused(401, "invalid_token"))
      for table in [
        "public.grades", "public.progressions", "passerelle.enrolments", "passerelle.identities",
        "passerelle.learner_rows",
      ] {
        #expect(try world.database.count("select from \(unescaped: table)") == 1, "\(table)")
      }

      #expect(try world.command("directus", "remove").status == 0)
      let undone = try world.command("directus", "adopt", "--undo", "--forget")
      #expect(undone.status == 0, "\(undone.errorText)")
      #expect(try world.database.count("select from public.progressions") == 1)
      for table in ["collections", "fields", "relations", "presets", "translations"] {
        #expect(try world.database.count("select from public.\(identifier: "directus_" + table)") == 0, "\(table)")
      }
      let untouched = try institution(.french)
      defer { untouched.drop() }
      try untouched.script(directus)
      #expect(try schema(world.database) == schema(untouched))
    }
  }

  @Test("Directus is made to forget its caches by an adoption and by the way back, and not by a rehearsal")
  func caches() throws {
    let site = FakeDirectus()
    let server = try Server.start(site)
    defer { server.stop(grace: 0) }
    site.keepAnswers()
    let database = try institution(.directusUsers)
    defer { database.drop() }
    let token = try file(FakeDirectus.token)
    defer { try? FileManager.default.removeItem(atPath: token) }
    let access = ["--directus-url", server.url, "--directus-token-file", token]
    let adopt = ["directus", "adopt", "--map", try #require(Shape.directusUsers.map)]
    let tried = try run(adopt + ["--dry-run"] + access, on: database)
    #expect(tried.status == 0 && site.clearings == 0, "\(tried.errorText)")
    let told = try run(adopt, on: database)
    #expect(told.status == 0 && told.text.contains("Directus keeps its schema in memory"), "\(told.errorText)")
    // Directus is told of what stays Passerelle's own, and of nothing that is the institution's.
    #expect(told.text.contains("added to Directus 12: 1 collection, a folder, "), "\(told.text)")
    #expect(try database.values("select collection from directus_collections order by 1") == ["grades", "passerelle"])
    let cleared = try run(adopt + access, on: database)
    #expect(cleared.text.contains("forgotten its caches") && site.clearings == 1, "\(cleared.errorText)")

    // The doctor names the collections that are in use, for Directus's setting.
    let findings = try run(["doctor", "--json"] + access, on: database)
    let list =
      "CACHE_AUTO_PURGE_IGNORE_LIST=directus_activity,directus_presets,directus_users,courses,lessons,lesson_progress,grades"
    #expect(
      try (JSONValue(parsing: findings.output).arrayValue ?? []).contains {
        $0["mend"]?.stringValue?.hasSuffix(list) == true
      }, "\(findings.text)")

    let undone = try run(["directus", "adopt", "--undo"] + access, on: database)
    #expect(undone.text.contains("forgotten its caches") && site.clearings == 2, "\(undone.errorText)")
  }
}
