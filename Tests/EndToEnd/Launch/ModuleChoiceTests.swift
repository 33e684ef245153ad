import DemoMoodle
import TestSupport
import Testing
import Wire

/// Which module a launch opens: custom parameter, query item, path, the only one, refusal; in this order.
@Suite(.needsStack) struct ModuleChoiceTests {
  /// Two more modules, so that nothing is decided by there being one.
  private func addModules(_ world: World) throws {
    try world.database.execute(
      """
      insert into public.modules (slug, title, url, status) values
        ('algebre', 'Algèbre', null, 'active'), ('botanique', 'Botanique', 'https://botanique.example/b?x=1#top', 'active'),
        ('vieux', 'Vieux', null, 'archived')
      """)
  }

  /// Launches with a custom claim and a target, and answers the module's slug or the refusal.
  private func module(
    _ world: World, custom: JSONValue? = nil, target: String? = nil
  ) throws -> (answer: HTTPResponse, slug: String?) {
    let attempt = try Attempt(world)
    let token = try attempt.token([
      (Claim.custom, custom), (Claim.targetLinkURI, .string(target ?? world.tool.base.description + "/lti/launch")),
    ])
    let answer = try attempt.present(token)
    guard answer.status == 303 else { return (answer, nil) }
    let slug: String = try world.database.value(
      "select m.slug from passerelle.activities a join public.modules m on m.id = a.module")
    return (answer, slug)
  }

  @Test("Each place is asked in turn, and the first that names a module decides", arguments: Transport.both)
  func order(transport: Transport) throws {
    try World.run(transport) { world in
      try addModules(world)
      let base = world.tool.base.description + "/lti/launch"
      let query = base + "?module=botanique"
      #expect(try module(world, custom: ["module": "algebre"], target: query).slug == "algebre")
      #expect(try module(world, target: query).slug == "botanique")
      #expect(try module(world, target: base + "/algebre?module=botanique").slug == "botanique")
      #expect(try module(world, target: "https://minisite.example/modules/algebre").slug == "algebre")
      #expect(try module(world, target: "https://minisite.example/modules/algebre/").slug == "algebre")
      #expect(try module(world, custom: ["module": ""], target: query).slug == "botanique")
      #expect(try module(world, target: query + "&titre=été {1|2}").slug == "botanique")
      #expect(try module(world, target: "https://minisite.example/été/algebre").slug == "algebre")
      #expect(try module(world, custom: ["other": "x"], target: base + "?module=&a=b#algebre").slug == nil)
    }
  }

  @Test("When nothing names a module the only active one is meant", arguments: Transport.both)
  func onlyOne(transport: Transport) throws {
    try World.run(transport) { world in
      #expect(try module(world).slug == "decouverte")
      try world.database.execute("insert into public.modules (slug, title, status) values ('vieux', 'V', 'archived')")
      #expect(try module(world).slug == "decouverte")
      #expect(try module(world, target: "https://minisite.example/vieux").slug == "decouverte")
    }
  }

  @Test(
    "A module that is named but does not exist, or is archived, is refused with the slugs that exist",
    arguments: Transport.both)
  func unknown(transport: Transport) throws {
    try World.run(transport) { world in
      try addModules(world)
      for custom in ["nulle-part", "vieux", "ALGEBRE", "../algebre", "a\u{301}"] {
        let answer = try module(world, custom: ["module": .string(custom)]).answer
        #expect(Refused(answer) == Refused(400, "unknown_module"), "\(custom)")
        #expect(answer.text.contains("algebre, botanique, decouverte"))
        #expect(answer.text.contains("Please tell your teacher.") && !answer.text.contains("Select content"))
        #expect(!answer.text.contains("vieux"))
      }
      #expect(Refused(try module(world).answer) == Refused(400, "unknown_module"))
      #expect(try world.database.count("select from public.learners") == 0)
      try world.database.execute("update public.modules set status = 'archived'")
      #expect(Refused(try module(world).answer) == Refused(400, "unknown_module"))
    }
  }

  @Test(
    "The custom parameter grain is handed on in the landing URL, unless it is no slug", arguments: Transport.both)
  func grain(transport: Transport) throws {
    try World.run(transport) { world in
      try addModules(world)
      func location(_ custom: JSONValue) throws -> String? {
        try module(world, custom: custom).answer.fields["Location"]
      }
      #expect(
        try location(["module": "decouverte", "grain": "bilan"])?.hasPrefix(World.minisite + "?grain=bilan#passerelle=")
          == true)
      // A module's own URL keeps its query and its fragment.
      #expect(
        try location(["module": "botanique", "grain": "fleur"])?
          .hasPrefix("https://botanique.example/b?x=1&grain=fleur#top&passerelle=") == true)
      #expect(
        try location(["module": "decouverte", "grain": "a b&c=d"])?.hasPrefix(World.minisite + "#passerelle=") == true)
    }
  }

  @Test(
    "A teacher goes to the dashboard, whichever grain the activity opens and wherever the mini-site is",
    arguments: Transport.both)
  func teacher(transport: Transport) throws {
    try World.run(transport) { world in
      try addModules(world)
      let dashboard = try world.url("/dashboard").description
      func location() throws -> String? {
        let attempt = try Attempt(world)
        let token = try attempt.token(user: 8, [(Claim.custom, ["module": "botanique", "grain": "fleur"])])
        return try attempt.present(token).fields["Location"]
      }
      #expect(try location()?.hasPrefix(dashboard + "#passerelle=") == true)
      // The dashboard needs no mini-site.
      try world.tool.set("PASSERELLE_MINISITE_URL", nil)
      try world.database.execute("update public.modules set url = null")
      #expect(try location()?.hasPrefix(dashboard + "#passerelle=") == true)
    }
  }

  @Test("Without a mini-site's address the launch is a 500 that the log explains", arguments: Transport.both)
  func noMinisite(transport: Transport) throws {
    try World.run(transport) { world in
      try world.tool.set("PASSERELLE_MINISITE_URL", nil)
      #expect(Refused(try module(world).answer) == Refused(500, "minisite_missing"))
      #expect(try world.tool.log.contains("PASSERELLE_MINISITE_URL"))
      try world.database.execute("update public.modules set url = 'https://ici.example/'")
      #expect(try module(world).answer.fields["Location"]?.hasPrefix("https://ici.example/#passerelle=") == true)
    }
  }

  @Test("An activity that shows another module from now on owes what that module's progress says")
  func moved() throws {
    try World.run(.inProcess) { world in
      try addModules(world)
      try world.database.execute(
        """
        insert into public.grains (module, slug, title)
        select id, s, s from public.modules, unnest(array['un', 'deux']) s where slug = 'algebre'
        """)
      _ = try module(world, custom: ["module": "decouverte"])
      try world.database.execute(
        """
        insert into public.progress (learner, grain, status)
        select l.id, g.id, 'completed' from public.learners l, public.grains g where g.slug in ('accueil', 'bilan', 'un')
        """)
      #expect(try world.database.value("select score::float8 from public.grades") == 50.0)
      _ = try module(world, custom: ["module": "algebre"])
      #expect(try world.database.value("select score::float8 from public.grades") == 50.0)
      #expect(
        try world.database.value("select m.slug from public.grades g join public.modules m on m.id = g.module")
          == "algebre")
      try world.database.execute(
        """
        insert into public.progress (learner, grain, status)
        select l.id, g.id, 'completed' from public.learners l, public.grains g where g.slug = 'deux'
        """)
      #expect(try world.database.value("select score::float8 from public.grades") == 100.0)
    }
  }
}
