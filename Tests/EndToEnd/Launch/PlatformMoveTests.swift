import DemoMoodle
import TestSupport
import Testing
import Wire

/// `passerelle platform move`: a Moodle under a new URL.
@Suite("A platform's move", .needsStack) struct PlatformMoveTests {
  /// Gives the site the name `localhost`, which is another issuer on another host; answers the new address.
  private func move(_ moodle: Moodle) throws -> String {
    let address = "http://localhost:\(try #require(WebURL(moodle.url)).port)"
    moodle.platform.moveTo(wwwroot: address)
    return address
  }

  private func launch(_ world: World, at address: String, user: Int) throws -> LaunchTrace {
    let tool = world.tool
    var browser = LaunchClient(platform: address) { (request) throws(TransportFailure) in try tool.send(request) }
    return try browser.launch(user: user)
  }

  /// Everything in the database that begins with an address of the site.
  private func rows(_ world: World, at address: String) throws -> [String] {
    try world.database.values(
      """
      select what || ' ' || substr(url, length(\(address)) + 1) from (
        select 'issuer', issuer from passerelle.platforms
        union all select 'auth', auth_url from passerelle.registrations
        union all select 'token', token_url from passerelle.registrations
        union all select 'jwks', jwks_url from passerelle.registrations
        union all select 'members', memberships_url from passerelle.activities
        union all select 'line item', line_item from passerelle.enrolments
        union all select 'line items', line_items from passerelle.enrolments
        union all select 'outcome', outcome_url from passerelle.enrolments) x (what, url)
      where starts_with(url, \(address)) order by 1
      """)
  }

  @Test("People, activities and grades stay whose they are; what waited is sent to the new address, without a launch")
  func keepsPeople() throws {
    try World.run(.inProcess) { world in
      let old = world.moodle.url
      let page = try world.session(user: 3)
      try page.complete("accueil")
      let learner: String = try world.database.value("select id::text from public.learners")
      let before = try rows(world, at: old)
      #expect(before.count == 8)
      let new = try move(world.moodle)
      // A grade that fell due while nobody knew of the move.
      world.moodle.answer(scoresWith: MoodleResponse(status: 503, contentType: nil))
      #expect(try page.complete("bilan").json.at("grade.status") == "pending")
      world.moodle.answer(scoresWith: nil)

      let run = try world.command("platform", "move", old + "/", new + "/")
      #expect(run.status == 0, "\(run.errorText)")
      #expect(run.text.hasPrefix("moved: Moodle, \(old) → \(new)\n"))
      #expect(run.text.contains("people 1, registrations 1, activities 1, learners' activities with grade addresses 1"))
      #expect(try rows(world, at: new) == before)
      #expect(try rows(world, at: old) == [])

      #expect(try world.command("grade", "sync").status == 0)
      #expect(world.moodle.platform.grade(user: 3)?.grade == 50)
      let score = try #require(world.moodle.requests.last { $0.path.hasSuffix("/scores") })
      #expect("http://" + (score.fields["Host"] ?? "") == new)

      let again = try MiniSite(world, code: try world.code(of: try launch(world, at: new, user: 3)))
      #expect(again.opened.at("learner.id") == .string(learner))
      #expect(again.opened.at("progress.completed") == 2)
      #expect(try world.database.count("select from public.learners") == 1)
      #expect(try world.database.count("select from passerelle.enrolments") == 1)
    }
  }

  @Test("With --check the same is said and nothing is changed")
  func check() throws {
    try World.run(.inProcess) { world in
      _ = try world.session(user: 3)
      let before = try rows(world, at: world.moodle.url)
      let run = try world.command(
        "platform", "move", world.moodle.url, "https://new.example.org/m", "--check", "--different-keys")
      #expect(run.status == 0)
      #expect(run.text.hasPrefix("would move: Moodle, \(world.moodle.url) → https://new.example.org/m\n"))
      #expect(run.text.contains("registrations 1, activities 1, learners' activities with grade addresses 1"))
      #expect(try rows(world, at: world.moodle.url) == before)
      #expect(try world.command("grade", "sync").status == 0)
    }
  }

  @Test("Only what stands below the old address moves: no longer host name, no other port, no other site's")
  func boundaries() throws {
    try World.run(.inProcess, registered: false) { world in
      try world.database.script(
        """
        insert into passerelle.platforms (name, issuer) values
          ('A', 'https://m.example'), ('B', 'https://m.example.org'), ('C', 'https://m.example/sub');
        insert into passerelle.registrations (platform, client_id, auth_url, token_url, jwks_url)
          select id, name, case name when 'A' then 'https://auth.example/a' else issuer || '/a' end,
                 case name when 'A' then 'https://m.example:8443/t' else issuer || '/t' end, issuer || '/k?x=1'
          from passerelle.platforms;
        """)
      let run = try world.command(
        "platform", "move", "https://m.example", "https://new.example/moodle", "--different-keys")
      #expect(run.text.contains("1 registrations have addresses elsewhere"))
      #expect(
        try world.database.values(
          """
          select unnest(array[p.issuer, r.auth_url, r.token_url, r.jwks_url])
          from passerelle.platforms p join passerelle.registrations r on r.platform = p.id order by p.name
          """)
          == [
            "https://new.example/moodle", "https://auth.example/a", "https://m.example:8443/t",
            "https://new.example/moodle/k?x=1",
            "https://m.example.org", "https://m.example.org/a", "https://m.example.org/t",
            "https://m.example.org/k?x=1",
            "https://m.example/sub", "https://m.example/sub/a", "https://m.example/sub/t",
            "https://m.example/sub/k?x=1",
          ])
    }
  }

  @Test("What cannot be is refused with a reason: an unknown issuer, a known new one, a URL that is none")
  func refusals() throws {
    try World.run(.inProcess) { world in
      try world.database.execute("insert into passerelle.platforms (name, issuer) values ('B', 'https://b.example')")
      for (words, reason) in [
        (["https://nobody.example", "https://new.example"], "there is no platform of issuer https://nobody.example"),
        ([world.moodle.url, "https://b.example/"], "there is a platform of issuer https://b.example already"),
        ([world.moodle.url, "new.example"], "not an http or https URL"),
        ([world.moodle.url, "https://new.example/?x=1"], "not an http or https URL"),
      ] {
        let run = try world.command("platform", "move", words[0], words[1])
        #expect(run.status == 1)
        #expect(run.errorText.contains(reason), "\(run.errorText)")
      }
      try world.tool.set("PASSERELLE_ALLOW_INSECURE_HTTP", nil)
      try world.tool.set("PASSERELLE_BASE_URL", "https://tool.example")
      #expect(
        try world.command("platform", "move", world.moodle.url, "http://new.example").errorText.contains("use https"))
      #expect(try world.command("platform", "move", world.moodle.url).status == 64)
      #expect(try rows(world, at: world.moodle.url).count == 4)
    }
  }
}
