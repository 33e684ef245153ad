import DemoMoodle
import Foundation
import TestSupport
import Testing
import Wire

/// The roster as files for spreadsheets, and what they are narrowed to.
@Suite(.needsStack) struct RosterFileTests {
  private static let headings = [
    "Family name", "Given name", "E-mail address", "Moodle id", "Groups", "Status", "Grains completed",
    "Grains of the module", "Result", "Delivery of the grade", "Grade", "Grade out of", "Last visit (UTC)",
    "Last progress (UTC)",
  ]

  /// The sheet of a workbook: of each row its cells by column, as kind and value.
  private func sheet(_ answer: HTTPResponse) throws -> [[String: (kind: String, value: String)]] {
    #expect(answer.status == 200, "\(answer.text.prefix(300))")
    #expect(
      answer.fields["Content-Type"] == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
    let bytes = answer.body
    // The sheet is the last entry, stored as it is.
    let text = String(decoding: bytes, as: UTF8.self)
    let open = try #require(text.range(of: "<sheetData>")), close = try #require(text.range(of: "</sheetData>"))
    let xml = "<sheetData>\(text[open.upperBound..<close.lowerBound])</sheetData>"
    let root = try XML.Element(parsing: Array(xml.utf8), maxBytes: 64 << 20)
    return root.children.map { row in
      var cells: [String: (kind: String, value: String)] = [:]
      for cell in row.children {
        func attribute(_ name: String) -> String? { cell.attributes.first { $0.name == name }?.value }
        let column = String((attribute("r") ?? "").prefix { $0.isLetter })
        if attribute("t") == "inlineStr" {
          cells[column] = ("text", cell.descendant("is", "t")?.text ?? "")
        } else {
          let kinds = ["2": "share", "3": "date"]
          cells[column] = (kinds[attribute("s") ?? ""] ?? "number", cell.child("v")?.text ?? "")
        }
      }
      return cells
    }
  }

  @Test("The workbook has human headings, names apart, and every number and date as one", arguments: Transport.both)
  func workbook(transport: Transport) throws {
    try World.run(transport) { world in
      let learner = try world.session(user: 3)
      try learner.complete("accueil", score: 0.5)
      _ = try learner.report(["grain": "bilan", "status": "started"])
      let answer = try Teacher(world).answer("?format=xlsx")
      let day = Instant.now().rfc3339.prefix(10)
      #expect(answer.fields["Content-Disposition"] == "attachment; filename=\"decouverte-\(day).xlsx\"")
      let rows = try sheet(answer)
      let letters = (0..<22).map { String(UnicodeScalar(UInt8(65 + $0))) }
      let grains = TestDatabase.grains.flatMap { [$0.capitalized, "\($0.capitalized) – completed on"] }
      #expect(letters.compactMap { rows[0][$0]?.value } == Self.headings + grains)
      let row = try #require(rows.first { $0["C"]?.value == "student1@example.org" })
      #expect(row["A"]?.value == "Lefèvre" && row["B"]?.value == "Éloïse" && row["D"]?.value == "3")
      #expect(row["F"]?.value == "In progress" && row["J"]?.value == "Moodle has the grade.")
      for (column, kind, value) in [
        ("G", "number", "1"), ("H", "number", "4"), ("I", "share", "0.125"), ("K", "number", "12.5"),
        ("L", "number", "100"), ("O", "share", "0.5"), ("U", "text", "started"),
      ] {
        #expect(row[column]?.kind == kind && row[column]?.value == value, "\(column)")
      }
      // Days since 1899, of this minute.
      let now = Double(Instant.now().seconds) / 86_400 + 25_569
      for column in ["M", "N", "P"] {
        let date = try #require(row[column].flatMap { Double($0.value) })
        #expect(row[column]?.kind == "date" && abs(date - now) < 0.01, "\(column)")
      }
      #expect(row["Q"] == nil && row["R"] == nil && row["V"] == nil)
      let absent = try #require(rows.first { $0["C"]?.value == "student2@example.org" })
      #expect(absent["F"]?.value == "Never opened" && absent["M"] == nil && absent["D"]?.value == "4")
    }
  }

  @Test("For French spreadsheets: semicolons, decimal commas, French dates in the zone asked for, a byte order mark")
  func french() throws {
    try World.run(.inProcess) { world in
      try world.session(user: 3).complete("accueil", score: 0.5)
      try world.database.execute(
        "update public.progress set completed_at = '2026-07-01T22:30:00Z'")
      let answer = try Teacher(world).answer("?format=csv&for=fr&zone=Europe/Paris&q=lefevre")
      #expect(answer.status == 200, "\(answer.text)")
      #expect(answer.body.prefix(3) == [0xEF, 0xBB, 0xBF])
      let lines = String(decoding: answer.body.dropFirst(3), as: UTF8.self).components(separatedBy: "\r\n")
      #expect(lines.count == 3 && lines[2].isEmpty)
      #expect(lines[0].hasPrefix("Nom;Prénom;Adresse électronique;Identifiant Moodle;Groupes;État;Grains terminés;"))
      #expect(lines[0].contains(";Dernière visite;Dernier progrès;Accueil;Accueil – terminé le;"))
      let fields = lines[1].components(separatedBy: ";")
      #expect(Array(fields.prefix(8)) == ["Lefèvre", "Éloïse", "student1@example.org", "3", "", "En cours", "1", "4"])
      #expect(Array(fields[8..<12]) == ["0,125", "Moodle a la note.", "12,5", "100"])
      #expect(fields[13] == "02/07/2026 00:30" && fields[14] == "0,5" && fields[15] == "02/07/2026 00:30")
    }
  }

  @Test("What people wrote is no formula in either file, full-width signs included")
  func forged() throws {
    try World.run(.inProcess) { world in
      for (user, name) in [(3, "=1+1"), (4, "\u{FF0B}1"), (5, "\u{FF20}SUM")] {
        _ = try world.session(user: user)
        try world.database.execute(
          """
          update public.learners l set family_name = \(name)
          from passerelle.identities i where i.learner = l.id and i.subject = \(String(user))
          """)
      }
      let teacher = try Teacher(world)
      let names = try sheet(try teacher.answer("?format=xlsx")).compactMap { $0["A"]?.value }
      let text = try teacher.answer("?format=csv&for=fr").text
      for name in ["'=1+1", "'\u{FF0B}1", "'\u{FF20}SUM"] {
        #expect(names.contains(name) && text.contains("\r\n\(name);"))
      }
      #expect(!names.contains { "=+-@\u{FF1D}\u{FF0B}\u{FF0D}\u{FF20}".contains($0.first ?? "x") })
    }
  }

  @Test("A file has who is on screen: by words, by state, by what they lack")
  func filters() throws {
    try World.run(.inProcess) { world in
      let eloise = try world.session(user: 3)
      try eloise.complete("accueil", score: 0.25)
      _ = try world.session(user: 4)
      let noel = try world.session(user: 7)
      for grain in TestDatabase.grains { try noel.complete(grain) }
      let teacher = try Teacher(world)
      func names(_ query: String) throws -> Set<String> {
        let lines = try teacher.answer("?format=csv&" + query).text.components(separatedBy: "\r\n").dropFirst()
        return Set(lines.filter { !$0.isEmpty }.map { String($0.prefix { $0 != "," }) })
      }
      #expect(try names("q=LEFEVRE%20elo") == ["Éloïse Lefèvre"])
      #expect(try names("q=100%25").isEmpty)
      #expect(try names("only=done") == ["Noël Àçîñ"])
      #expect(try names("only=underWay") == ["Éloïse Lefèvre", "Zoë Müller-Garçon"])
      #expect(try names("only=absent").count == 53)
      #expect(try names("only=below") == ["Éloïse Lefèvre"])
      #expect(try names("only=below&pass=20").isEmpty)
      #expect(try names("only=still").isEmpty)
      try world.database.execute(
        """
        update public.progress set completed_at = now() - interval '8 days' where completed_at is not null
        """)
      #expect(try names("only=still") == ["Éloïse Lefèvre"])
      #expect(try names("only=still&days=9").isEmpty)
      try world.database.execute("update passerelle.enrolments set first_launch_at = now() - interval '8 days'")
      #expect(try names("only=still") == ["Éloïse Lefèvre", "Zoë Müller-Garçon"])
      // Three who stand still at one grain.
      #expect(try names("only=stuck").isEmpty)
      for user in [5, 6] { _ = try world.session(user: user) }
      try world.database.execute("update passerelle.enrolments set first_launch_at = now() - interval '8 days'")
      #expect(try names("only=stuck").count == 3)
      #expect(try names("only=stuck&at=accueil").count == 3)
      #expect(try names("only=stuck&at=bilan").isEmpty)
    }
  }
}
