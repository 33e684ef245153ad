import DemoMoodle
import TestSupport
import Testing
import Wire

/// Pages on paper, as browsers print them: without backgrounds.
@Suite("Pages on paper", .serialized, .needsBrowser, .needsPaper) struct PrintTests {
  @Test(
    "The table is landscape, says by figures and words who did what, repeats its heading and cuts no row",
    arguments: ["fr", "en"])
  func table(language: String) throws {
    try Classroom.run(.crossHTTP) { room in
      try room.work()
      room.world.moodle.platform.changePerson(8) { $0.language = language }
      let browser = try room.browser(arguments: ["--blink-settings=preferredColorScheme=0"])
      defer { browser.quit() }
      try browser.open(room.moodle + "/mod/lti/launch.php?id=2&user=8")
      try DashboardReader(entered: browser).waitForTable()
      let paper = try Paper(browser.printed(), keptAs: "dashboard-\(language)")
      #expect(paper.size.width > paper.size.height)
      #expect(paper.pages.count > 1)
      let head = language == "fr" ? "Dernier progrès" : "Last progress"
      let lines = paper.pages.map { $0.split(separator: "\n").map(String.init) }
      for page in lines {
        #expect(page.contains { $0.contains(head) || $0.contains(head.split(separator: " ")[0]) }, "\(page)")
      }
      // 50 for the first grain and 100 for the second; not begun is a dash, and a beginning would be an ellipsis.
      let row = try #require(lines.joined().first { $0.contains("Éloïse Lefèvre") })
      #expect(row.firstMatch(of: /50 +100 +– +–$/) != nil, "\(row)")
      let all = try #require(lines.joined().first { $0.contains("Noël") })
      #expect(all.firstMatch(of: /100 +100 +100 +100$/) != nil, "\(all)")
      #expect(!paper.pages.joined().contains(language == "fr" ? "Copier" : "Copy"))
    }
  }

  @Test("Of a class of 400 every row is printed, though the screen holds a few")
  func crowd() throws {
    try Classroom.run(.crossHTTP) { room in
      try room.work()
      try room.fill(learners: 400, grains: 12)
      let browser = try room.browser()
      defer { browser.quit() }
      try browser.open(room.moodle + "/mod/lti/launch.php?id=2&user=8")
      try browser.wait(for: "Noël", in: "table.roster tbody")
      #expect(try browser.count(".roster tbody tr[data-id]") < 100)
      let text = try Paper(browser.printed(), keptAs: "dashboard-crowd").pages.joined()
      for number in [1, 200, 400] {
        #expect(text.contains("Camille Nom-\(number) ") || text.contains("Camille Nom-\(number)\n"), "\(number)")
      }
    }
  }

  @Test(
    "Whoever completed everything prints a certificate: name, module, date, grains, scores, institution; nothing else")
  func certificate() throws {
    try Classroom.run(.crossHTTP) { room in
      try room.world.tool.set("PASSERELLE_INSTITUTION", "Lycée des Métiers")
      try room.world.tool.set("PASSERELLE_LOGO_URL", "https://lycee.example/logo.svg")
      room.world.moodle.platform.changePerson(3) { $0.language = "fr" }
      let learner = try room.visit(user: 3)
      for grain in Classroom.grains { try learner.complete(grain, score: 0.9) }
      let browser = try room.browser()
      defer { browser.quit() }
      try browser.open("\(room.world.tool.base)/me#passerelle=\(try room.world.code(of: room.launch(user: 3)))")
      let words = try browser.wait(for: "Éloïse Lefèvre a terminé le module « À la découverte » le", in: ".attestation")
      #expect(
        words.contains("Lycée des Métiers") && words.contains("4 grains, résultat : 90") && words.contains("Fait le"))
      #expect(
        try browser.run("return document.querySelector('.attestation img').src") == "https://lycee.example/logo.svg")
      #expect(try browser.text("p.next") == "Tout est terminé. Bravo !")
      try Classroom.keepScreenshot(browser, "certificate")
      let paper = try Paper(browser.printed(), keptAs: "certificate")
      #expect(paper.pages.count == 1)
      let text = paper.pages[0]
      for part in [
        "Attestation", "Éloïse Lefèvre a terminé le module « À la découverte » le", "Fait le", "Lycée des Métiers",
      ] {
        #expect(text.contains(part), "\(part)")
      }
      #expect(text.matches(of: /90 ?%/).count == Classroom.grains.count + 1, "\(text)")
      for part in ["Imprimer", "Envoyée à Moodle", "Continuer", "Tout est terminé"] {
        #expect(!text.contains(part), "\(part)")
      }
    }
  }
}
