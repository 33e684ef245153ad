import Foundation
import TestSupport
import Testing
import Wire

/// What is held about a learner, and how it is forgotten, where people and progress live in an institution's own collections.
@Suite(.needsStack) struct AdoptedPrivacyTests {
  @Test(
    "What Directus recorded of the adopted collections' rows is exported and erased with them; of a user of Directus it stays",
    arguments: [Shape.french, .directusUsers])
  func directus(shape: Shape) throws {
    try World.run(.inProcess, on: shape) { world in
      let page = try world.session()
      try page.complete("accueil")
      try world.session(user: 4).complete("accueil")
      let id = try #require(page.opened.at("learner.id")?.stringValue)
      let people = shape == .french ? "apprenants" : "directus_users"
      // As the versions of Directus have them, where they are not there.
      try world.database.script(
        """
        create table if not exists public.directus_activity (
          id serial primary key, action varchar(45) not null, ip varchar(50),
          collection varchar(64) not null, item varchar(255) not null);
        create table if not exists public.directus_revisions (
          id serial primary key, activity integer not null references public.directus_activity on delete cascade,
          collection varchar(64) not null, item varchar(255) not null, data json,
          parent integer references public.directus_revisions (id));
        delete from public.directus_activity;
        insert into public.directus_activity (action, ip, collection, item)
          select 'update', '192.0.2.7', '\(people)', t.id::text from public.\(people) t
          union all select 'update', '192.0.2.7', '\(shape.progressTable)', t.id::text from public.\(shape.progressTable) t
          union all select 'update', '192.0.2.7', 'grades', t.id::text from public.grades t
          union all select 'update', '192.0.2.7', 'pages', '\(id)';
        insert into public.directus_revisions (activity, collection, item, data)
          select a.id, a.collection, a.item, '{"was": "Ancien"}' from public.directus_activity a;
        """)
      let before = try world.database.count("select from public.directus_activity")
      // What holds the id of a learner who is nothing else is about them, whatever it is of.
      let own =
        shape == .french
        ? [people, shape.progressTable, "grades", "pages"] : [shape.progressTable, "grades"]

      let export = try JSONValue(parsing: try world.command("learner", "export", id).output)
      for table in ["directus_activity", "directus_revisions"] {
        let rows = try #require(export.at("directus.\(table)")?.arrayValue, "\(table)")
        #expect(rows.compactMap { $0["collection"]?.stringValue }.sorted() == own.sorted())
      }
      #expect(!export.encoded.contains("192.0.2.7"))

      let erased = try world.command("learner", "erase", id, "--yes")
      #expect(erased.status == 0, "\(erased.errorText)")
      #expect(try world.database.count("select from public.directus_activity") == before - own.count)
      #expect(try world.database.count("select from public.directus_revisions") == before - own.count)
      // What is left of the two tables is of rows that are left.
      #expect(
        try world.database.count(
          """
          select from public.directus_activity a
          where (a.collection, a.item) not in (
            select '\(unescaped: people)', t.id::text from public.\(unescaped: people) t
            union all select '\(unescaped: shape.progressTable)', t.id::text from public.\(unescaped: shape.progressTable) t
            union all select 'grades', t.id::text from public.grades t)
          """) == (shape == .french ? 0 : 1))
    }
  }
}
