import DemoMoodle
import TestSupport
import Testing
import Wire

/// `/api/state`: what a page keeps for a learner and a grain.
@Suite(.needsStack) struct StateTests {
  @Test(
    "A value is kept as it was written, with an ETag; the next launch, on whatever device, reads it",
    arguments: Stage.allCases)
  func kept(stage: Stage) throws {
    try World.run(stage) { world in
      let page = try world.session()
      #expect(Refused(try page.state("accueil")) == Refused(404, "no_state"))
      let text = #"{"page":3,  "answers":["é", 1.0, null]}"#
      let put = try page.keep(text, for: "accueil")
      let tag = try #require(put.fields["ETag"])
      #expect(put.status == 204 && put.body.isEmpty && tag.hasPrefix("\""))
      let again = try world.session().state("accueil")
      #expect(again.status == 200 && again.text == text && again.fields["ETag"] == tag)
      #expect(again.fields["Content-Type"] == "application/json" && again.fields["Cache-Control"] == "no-store")
      let known = try page.state("accueil", [("If-None-Match", tag)])
      #expect(known.status == 304 && known.body.isEmpty && known.fields["ETag"] == tag)
      #expect(try page.keep("null", for: "accueil").status == 204)
      #expect(try page.state("accueil").text == "null")
      #expect(Refused(try page.state("vocabulaire")) == Refused(404, "no_state"))
    }
  }

  @Test("Another learner has another state of the same grain, and a teacher has none: 403")
  func othersState() throws {
    try World.run(.inProcess) { world in
      let page = try world.session()
      #expect(try page.keep("1", for: "accueil").status == 204)
      let other = try world.session(user: 4)
      #expect(Refused(try other.state("accueil")) == Refused(404, "no_state"))
      #expect(try other.keep("2", for: "accueil").status == 204)
      #expect(try page.state("accueil").text == "1")
      let teacher = try Teacher(world).page
      #expect(Refused(try teacher.state("accueil")) == Refused(403, "forbidden"))
      #expect(Refused(try teacher.keep("3", for: "accueil")) == Refused(403, "forbidden"))
    }
  }

  @Test("If-Match writes only over what it names; 412 says what there is, and its ETag")
  func preconditions() throws {
    try World.run(.inProcess) { world in
      let page = try world.session()
      #expect(Refused(try page.keep("1", for: "accueil", [("If-Match", "*")])) == Refused(412, "state_changed"))
      let first = try page.keep("1", for: "accueil", [("If-None-Match", "*")])
      let tag = try #require(first.fields["ETag"])
      #expect(first.status == 204)
      let second = try page.keep("[2]", for: "accueil", [("If-None-Match", "*")])
      #expect(Refused(second) == Refused(412, "state_changed"))
      #expect(try second.json["value"] == 1 && second.fields["ETag"] == tag)
      // A web server that compresses adds to a tag, or makes it weak.
      for form in [tag, "\"x\", W/\(tag)", String(tag.dropLast()) + "-gzip\"", "*"] {
        #expect(try page.keep("1", for: "accueil", [("If-Match", form)]).status == 204, "\(form)")
      }
      for form in ["\"x\"", "x", "", "\"\"", "\"' or 1=1 --\""] {
        #expect(
          Refused(try page.keep("3", for: "accueil", [("If-Match", form)])) == Refused(412, "state_changed"), "\(form)")
      }
      let gone = try page.keep("1", for: "bilan", [("If-Match", tag)])
      #expect(Refused(gone) == Refused(412, "state_changed"))
      #expect(try gone.json["value"] == .null && gone.fields["ETag"] == nil)
      #expect(
        Refused(try page.keep("1", for: "bilan", [("If-None-Match", "\"x\"")])) == Refused(400, "invalid_body"))
    }
  }

  @Test("64 KiB are kept whole, a byte more is 413, and what is no JSON is 400", arguments: Transport.both)
  func limits(transport: Transport) throws {
    try World.run(transport) { world in
      let page = try world.session()
      let longest = "\"" + String(repeating: "é", count: (64 << 10) / 2 - 1) + "\""
      #expect(longest.utf8.count == 64 << 10)
      #expect(try page.keep(longest, for: "accueil").status == 204)
      #expect(try page.state("accueil").text == longest)
      #expect(Refused(try page.keep(longest + " ", for: "accueil")) == Refused(413, "body_too_large"))
      for text in ["", "{", "{\"a\":1,\"a\":2}", "\"\\u0000\"", "\"\\ud800\"", String(repeating: "[", count: 60_000)] {
        #expect(Refused(try page.keep(text, for: "accueil")) == Refused(400, "invalid_body"), "\(text.prefix(20))")
      }
      #expect(try page.state("accueil").text == longest)
      let plain = try world.send(
        "PUT", "/api/state?grain=accueil",
        fields: [("Authorization", "Bearer \(page.token)"), ("Content-Type", "text/plain")], body: Array("1".utf8))
      #expect(Refused(plain) == Refused(415, "unsupported_media_type"))
    }
  }

  @Test("An unknown, an archived or another module's grain is 422, no grain 400, no session 401")
  func places() throws {
    try World.run(.inProcess) { world in
      let page = try world.session()
      try world.database.script(
        """
        insert into public.modules (slug, title) values ('autre', 'Autre');
        insert into public.grains (module, slug, title) select id, 'ailleurs', 'A' from public.modules where slug = 'autre';
        update public.grains set status = 'archived' where slug = 'bilan'
        """)
      for slug in ["nulle-part", "ailleurs", "bilan"] {
        #expect(Refused(try page.state(slug)) == Refused(422, "unknown_grain"), "\(slug)")
        #expect(Refused(try page.keep("1", for: slug)) == Refused(422, "unknown_grain"), "\(slug)")
      }
      for query in ["", "?grain=", "?grain=a%20b", "?grain=%27%20or%201=1"] {
        let answer = try world.send("GET", "/api/state" + query, fields: [("Authorization", "Bearer \(page.token)")])
        #expect(Refused(answer) == Refused(400, "invalid_body"), "\(query)")
      }
      #expect(Refused(try world.send("GET", "/api/state?grain=accueil")) == Refused(401, "invalid_token"))
      try world.database.execute("update passerelle.sessions set expires_at = now()")
      #expect(Refused(try page.keep("1", for: "accueil")) == Refused(401, "session_expired"))
      #expect(try world.database.count("select from passerelle.states") == 0)
    }
  }

  @Test("The mini-site's pages may PUT with conditions and read the ETag; a foreign origin may not")
  func origins() throws {
    try World.run(.inProcess) { world in
      for (origin, isAllowed) in [(World.minisiteOrigin, true), ("https://evil.example", false)] {
        let asked = try world.send(
          "OPTIONS", "/api/state?grain=accueil",
          fields: [
            ("Origin", origin), ("Access-Control-Request-Method", "PUT"),
            ("Access-Control-Request-Headers", "authorization,content-type,if-match"),
          ])
        #expect(asked.status == 204)
        #expect((asked.fields["Access-Control-Allow-Methods"]?.contains("PUT") ?? false) == isAllowed)
        #expect((asked.fields["Access-Control-Allow-Headers"]?.contains("If-Match") ?? false) == isAllowed)
        let answer = try world.session().keep("1", for: "accueil", [("Origin", origin)])
        #expect(answer.fields["Access-Control-Allow-Origin"] == (isAllowed ? origin : nil))
        #expect(answer.fields["Access-Control-Expose-Headers"] == (isAllowed ? "ETag" : nil))
      }
    }
  }

  @Test("The sweep leaves states; export and erasure have them")
  func person() throws {
    try World.run(.inProcess) { world in
      let page = try world.session()
      #expect(try page.keep(#"{"Marque-page":[[1]]}"#, for: "accueil").status == 204)
      try world.database.execute("update passerelle.states set changed_at = now() - interval '10 years'")
      #expect(try world.command("sweep").status == 0)
      let id = try #require(page.opened.at("learner.id")?.stringValue)
      let export = try JSONValue(parsing: try world.command("learner", "export", id).output)
      #expect(export["states"]?.arrayValue?.first?["grain"] == "accueil")
      #expect(export["states"]?.arrayValue?.first?["value"] == ["Marque-page": [[1]]])
      #expect(try world.command("learner", "erase", id, "--yes").status == 0)
      #expect(try world.database.count("select from passerelle.states") == 0)
    }
  }
}

extension MiniSite {
  /// GET /api/state.
  func state(_ grain: String, _ fields: [(String, String)] = []) throws -> HTTPResponse {
    try world.send("GET", "/api/state?grain=\(grain)", fields: [("Authorization", "Bearer \(token)")] + fields)
  }

  /// PUT /api/state; with the run that the page knows, if it says so.
  func keep(
    _ text: String, for grain: String, _ fields: [(String, String)] = [], run: String? = nil
  ) throws -> HTTPResponse {
    try world.send(
      "PUT", "/api/state?grain=\(grain)" + (run.map { "&run=\($0)" } ?? ""),
      fields: [("Authorization", "Bearer \(token)"), ("Content-Type", "application/json")] + fields,
      body: Array(text.utf8))
  }
}
