import DemoMoodle
import TestSupport
import Testing
import Wire

/// `/api/roster` as comma-separated values.
@Suite(.needsStack) struct RosterTableTests {
  private static let header =
    "name,email,completed,total,ratio,grade_status,grade_score,grade_maximum,last_seen,accueil,vocabulaire,exercice,bilan"

  /// The records, whose fields have no line ends here.
  private func records(_ answer: HTTPResponse) -> [String] {
    #expect(answer.status == 200, "\(answer.text)")
    #expect(answer.fields["Content-Type"] == "text/csv; charset=utf-8; header=present")
    #expect(answer.body.suffix(2) == [0x0D, 0x0A] && !answer.body.starts(with: [0xEF, 0xBB, 0xBF]))
    return answer.body.split(separator: 0x0A).map { line in
      #expect(line.last == 0x0D)
      return String(decoding: line.dropLast(), as: UTF8.self)
    }
  }

  @Test("The table has a record for each learner, and a column for each grain", arguments: Transport.both)
  func table(transport: Transport) throws {
    try World.run(transport) { world in
      let learner = try world.session(user: 3)
      try learner.complete("accueil", score: 0.5)
      _ = try learner.report(["grain": "bilan", "status": "started"])
      let teacher = try Teacher(world)
      let answer = try teacher.answer("?format=csv")
      let day = Instant.now().rfc3339.prefix(10)
      #expect(answer.fields["Content-Disposition"] == "attachment; filename=\"decouverte-\(day).csv\"")
      #expect(answer.fields["Cache-Control"] == "no-store")
      let lines = records(answer)
      #expect(lines.count == 57 && lines[0] == Self.header)
      let seen = try #require(try teacher.roster()["Éloïse Lefèvre"]?["lastSeenAt"]?.stringValue)
      #expect(
        lines.contains(
          "Éloïse Lefèvre,student1@example.org,1,4,0.125,delivered,12.5,100,\(seen),completed,none,none,started"))
      #expect(lines.contains("Zoë Müller-Garçon,student2@example.org,0,4,0,none,0,100,,none,none,none,none"))
    }
  }

  @Test("Cells that a spreadsheet would run are made text, and separators in names stay in their cell")
  func forged() throws {
    try World.run(.inProcess) { world in
      let names = [
        (3, "=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"), (4, "+33 1", "'+33 1"), (5, "-2+3", "'-2+3"),
        (6, "@SUM(A1)", "'@SUM(A1)"), (7, "Dupont, \"Bob\"", "\"Dupont, \"\"Bob\"\"\""),
        (102, "\u{FF1D}1+1", "'\u{FF1D}1+1"),
      ]
      for (user, name, _) in names {
        _ = try world.session(user: user)
        try world.database.execute(
          """
          update public.learners l set name = \(name), email = '=1+1@example.org'
          from passerelle.identities i where i.learner = l.id and i.subject = \(String(user))
          """)
      }
      // From Moodle's list, too.
      world.moodle.platform.changePerson(101) {
        $0.givenName = "\t=1"; $0.familyName = "+1"
      }
      let lines = records(try Teacher(world).answer("?format=csv"))
      for (_, name, cell) in names {
        #expect(lines.contains { $0.hasPrefix(cell + ",'=1+1@example.org,") }, "\(name)")
      }
      #expect(lines.contains { $0.hasPrefix("'\t=1 +1,learner1@example.org,") })
      #expect(!lines.contains { "=+-@\t".contains($0.first ?? "x") })
    }
  }

  @Test("Accept asks for it as well; the query wins, and an unknown format is refused")
  func formats() throws {
    try World.run(.inProcess) { world in
      let teacher = try Teacher(world)
      func type(_ query: String, _ accept: String?) throws -> String? {
        try teacher.answer(query, accept.map { [("Accept", $0)] } ?? []).fields["Content-Type"]
      }
      let (json, csv) = ("application/json", "text/csv; charset=utf-8; header=present")
      #expect(try type("", nil) == json)
      #expect(try type("", "*/*") == json)
      #expect(try type("", "text/csv") == csv)
      #expect(try type("", "text/csv, application/json;q=0.5") == csv)
      #expect(try type("", "application/json, text/csv;q=0.5") == json)
      #expect(try type("", "text/csv;q=0") == json)
      #expect(try type("?format=json", "text/csv") == json)
      #expect(try type("?format=csv", "application/json") == csv)
      for query in [
        "?format=csv&for=en", "?format=xlsx&for=fr", "?only=nobody", "?days=0", "?pass=101", "?cells=full",
        "?format=xlsx&zone=Mars/Base", "?format=xml", "?format=", "?format=CSV", "?format=csv%20",
      ] {
        #expect(Refused(try teacher.answer(query)) == Refused(400, "invalid_body"), "\(query)")
      }
      #expect(Refused(try teacher.answer("?format=csv&format=json")) == Refused(400, "form_duplicate_field"))
    }
  }
}
