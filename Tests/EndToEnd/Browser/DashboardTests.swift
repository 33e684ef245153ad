import DemoMoodle
import Foundation
import TestSupport
import Testing
import Wire

/// The dashboard as teachers meet it: in Moodle's frame, with third-party cookies blocked.
@Suite("The dashboard in a browser", .serialized, .needsBrowser) struct DashboardTests {
  private static let blocksCookies: JSONObject = [
    "profile.block_third_party_cookies": true, "profile.cookie_controls_mode": 1,
  ]
  private static let enter = "\u{E007}"
  private static let tab = "\u{E004}"
  private static let down = "\u{E015}"
  private static let upward = "\u{E013}"

  /// A class at work, and its dashboard in a browser.
  private func dashboard(
    _ sites: Classroom.Sites = .crossHTTP, preferences: JSONObject = blocksCookies, arguments: [String] = [],
    setUp: (Classroom) throws -> Void = { try $0.work() }, _ body: (Classroom, DashboardReader) throws -> Void
  ) throws {
    try Classroom.run(sites) { room in
      try setUp(room)
      let browser = try room.browser(arguments: arguments, preferences: preferences)
      defer { browser.quit() }
      try body(room, try DashboardReader(room, browser))
    }
  }

  @Test(
    "A teacher sees who did what, where the grades are and why one is not in Moodle",
    arguments: [
      Classroom.Sites.crossHTTP, .crossHTTPS,
    ])
  func overview(sites: Classroom.Sites) throws {
    try dashboard(sites) { room, page in
      let browser = page.browser
      #expect(try browser.text(DashboardReader.heading) == "Découverte")
      #expect(try browser.text(".head").contains("À la découverte"))
      #expect(try page.tile("opened") == "4")
      #expect(try page.tile("finished") == "1")
      #expect(try page.tile("delivered") == "2")
      #expect(try page.tile("pending") == "0")
      #expect(try page.tile("failed") == "1")
      let names = try page.names()
      #expect(try page.tile("learners") == String(names.count))
      #expect(names.count > 50 && names.contains("Anaïs Bœuf") && !names.contains("Hélène Professeur"))

      #expect(try page.cell(".progress", of: "Éloïse").contains("2 of 4 grains"))
      #expect(try page.cell(".grade", of: "Éloïse").contains("37.5 out of 100"))
      #expect(try page.cell(".grade", of: "Éloïse").contains("Sent to Moodle"))
      #expect(try page.cell(".cell", of: "Éloïse") == "Completed, 50%")
      #expect(try page.cell(".cell ~ .cell", of: "Éloïse") == "Completed")
      #expect(try page.cell(".cell:last-child", of: "Éloïse") == "Not started")
      #expect(try page.cell(".grade", of: "François").contains("Not delivered"))
      #expect(try page.cell(".grade", of: "François").contains("The grade item belongs to another tool."))
      #expect(try page.cell(".progress", of: "Anaïs") == "Never opened")
      #expect(try page.cell(".seen", of: "Anaïs") == "–")
      #expect(try page.cell(".seen", of: "Zoë") != "–")
      // Who never came has no page.
      #expect(try browser.run("return [...document.querySelectorAll('.roster a')].length") == 4)
      #expect(try browser.run("return location.hash") == "")
      try Classroom.keepScreenshot(browser, "dashboard-\(sites)")
    }
  }

  @Test("It is a real table: a caption, headings with a scope, and the order told where it is")
  func semantics() throws {
    try dashboard { _, page in
      let browser = page.browser
      #expect(try browser.count("table.roster > caption") == 1)
      #expect(try browser.count("table.roster thead th[scope=col]") == 9)
      #expect(try browser.count("table.roster thead th:not([scope=col])") == 0)
      let people = try page.names().count
      #expect(try browser.count("table.roster tbody tr > th[scope=row]") == people)
      #expect(try browser.count("[aria-sort]") == 1)
      #expect(try browser.count("[data-sort=name][aria-sort=ascending]") == 1)
      #expect(try browser.count("input:not(label input), select:not(label select)") == 0)
      // Everything that can be scrolled can be reached with the keyboard.
      #expect(try browser.count(".scroll[tabindex='0'][role=region][aria-labelledby=caption]") == 1)
      #expect(try browser.count(DashboardReader.heading) == 1)
    }
  }

  @Test("With the keyboard alone a teacher sorts by progress, last visit and grade, and back by name")
  func sorting() throws {
    try dashboard { _, page in
      let browser = page.browser
      let byName = try page.names()
      // By family name, as in Moodle.
      #expect(Array(byName.prefix(4)) == ["Noël Àçîñ", "Anaïs Bœuf", "François D'Hérouville", "Éloïse Lefèvre"])
      try browser.type(Self.tab + Self.enter, into: "[data-sort=name] button")
      #expect(try browser.count("[data-sort=progress][aria-sort=descending]") == 1)
      #expect(try browser.count("[aria-sort]") == 1)
      #expect(
        try page.names().prefix(4) == ["Noël Àçîñ", "Éloïse Lefèvre", "François D'Hérouville", "Zoë Müller-Garçon"])
      // The focus stays on the button, so that the same key turns the order round; who never came stays at the end.
      try browser.type(Self.enter, into: "[data-sort=progress] button")
      #expect(try browser.count("[data-sort=progress][aria-sort=ascending]") == 1)
      #expect(
        try page.names().prefix(4) == ["Zoë Müller-Garçon", "François D'Hérouville", "Éloïse Lefèvre", "Noël Àçîñ"])
      try browser.type(Self.tab + Self.enter, into: "[data-sort=progress] button")
      #expect(try browser.count("[data-sort=grade][aria-sort=descending]") == 1)
      #expect(try page.names().prefix(2) == ["Noël Àçîñ", "Éloïse Lefèvre"])
      #expect(try browser.run("return location.search") == "?sort=-grade")
      try browser.type(Self.enter, into: "[data-sort=seen] button")
      #expect(Set(try page.names().prefix(4)).contains("Zoë Müller-Garçon"))
      #expect(try page.names().first == "Noël Àçîñ")
      try browser.type(Self.enter, into: "[data-sort=name] button")
      #expect(try page.names() == byName)
      try browser.type(Self.enter, into: "[data-sort=name] button")
      #expect(try page.names() == byName.reversed())
    }
  }

  @Test("With the keyboard alone a teacher searches without accents, and shows one state at a time")
  func filtering() throws {
    try dashboard { _, page in
      let browser = page.browser
      let everybody = try page.names().count
      try browser.type("lefevre ELO", into: "input[type=search]")
      #expect(try page.names() == ["Éloïse Lefèvre"])
      #expect(try browser.text(".matches") == "1 of \(everybody) learners")
      #expect(try page.spoken() == "1 of \(everybody) learners")
      try browser.type("zzz", into: "input[type=search]")
      #expect(try page.names().isEmpty)
      #expect(try browser.text("tr.empty") == "Nobody matches this search.")
      try browser.run("document.querySelector('input').select()")
      try browser.type("\u{E003}", into: "input[type=search]")
      #expect(try page.names().count == everybody)

      try browser.type("In progress", into: "select.only")
      #expect(try page.names() == ["François D'Hérouville", "Éloïse Lefèvre", "Zoë Müller-Garçon"])
      try browser.type(Self.down, into: "select.only")
      #expect(try page.names() == ["Noël Àçîñ"])
      try browser.type(Self.down, into: "select.only")
      #expect(try page.names() == ["François D'Hérouville"])
      try browser.type(String(repeating: Self.upward, count: 3), into: "select.only")
      #expect(try page.names().count == everybody - 4)
    }
  }

  @Test("The person's language wins over the browser's, for words, numbers and dates")
  func french() throws {
    try dashboard(
      arguments: ["--lang=en"],
      setUp: { room in
        try room.work()
        room.world.moodle.platform.changePerson(8) { $0.language = "fr" }
      }
    ) { _, page in
      let browser = page.browser
      #expect(try browser.run("return document.documentElement.lang") == "fr")
      #expect(try browser.text("[data-sort=seen] button") == "Vu le")
      #expect(try page.cell(".grade", of: "Éloïse").contains("37,5 sur 100"))
      #expect(try page.cell(".grade", of: "François").contains("L’élément de note appartient à un autre outil."))
      #expect(try page.cell(".progress", of: "Anaïs") == "Jamais ouvert")
      let year = Calendar(identifier: .gregorian).component(.year, from: Date())
      #expect(try page.cell(".seen", of: "Éloïse").contains(try Regex("^\\d+ \\p{L}+\\.? \(year)")))
      try Classroom.keepScreenshot(browser, "dashboard-french")
    }
  }

  @Test("A name with HTML in it is text")
  func hostileName() throws {
    let name = "<img src=x onerror=\"document.title='pwned'\"> & <b>Zoë</b>"
    try dashboard(setUp: { room in
      room.world.moodle.platform.changePerson(4) { $0.givenName = name }
      try room.work()
    }) { room, page in
      let browser = page.browser
      let full = name + " Müller-Garçon"
      #expect(try page.names().contains(full))
      #expect(try browser.count("main img, main b:not(td b, .help b)") == 0)
      try page.open(full)
      #expect(try browser.text(DashboardReader.heading) == full)
      #expect(try browser.count("main img") == 0)
      try browser.wait(until: "the title is the name") {
        try browser.run("return document.title").stringValue?.hasPrefix(full) == true
      }
    }
  }

  @Test("Download CSV saves the table with a byte order mark, under the server's name")
  func csv() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("csv-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    var preferences = Self.blocksCookies
    preferences["download.default_directory"] = .string(folder.path)
    try dashboard(preferences: preferences) { room, page in
      try page.browser.click("button.csv")
      let end = Date(timeIntervalSinceNow: 60)
      var files: [String] = []
      repeat {
        Thread.sleep(forTimeInterval: 0.1)
        files = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".csv") }
      } while files.isEmpty && Date() < end
      let file = try #require(files.first)
      #expect(file.hasPrefix("decouverte"), "\(file)")
      let bytes = [UInt8](try Data(contentsOf: folder.appendingPathComponent(file)))
      #expect(bytes.prefix(6) == [0xEF, 0xBB, 0xBF, 0x6E, 0x61, 0x6D])
      let lines = String(decoding: bytes.dropFirst(3), as: UTF8.self).split(whereSeparator: \.isNewline)
      #expect(
        lines.first == "name,email,completed,total,ratio,grade_status,grade_score,grade_maximum,last_seen,"
          + Classroom.grains.joined(separator: ","))
      let people = try page.names().count
      #expect(lines.count == people + 1)
      let eloise = try #require(lines.first { $0.hasPrefix("Éloïse Lefèvre,") })
      #expect(eloise.hasPrefix("Éloïse Lefèvre,student1@example.org,2,4,0.375,delivered,37.5,100,"))
      #expect(eloise.hasSuffix(",completed,completed,none,none"))
    }
  }

  @Test("Where Moodle does not tell who is in the course, those who came are shown, and the page says so")
  func noMembers() throws {
    try dashboard(setUp: { room in
      try room.work()
      room.world.moodle.platform.injectNext(.status(503), at: .members)
    }) { _, page in
      let names = try page.names()
      #expect(names == ["Noël Àçîñ", "François D'Hérouville", "Éloïse Lefèvre", "Zoë Müller-Garçon"])
      try page.browser.wait(for: "Moodle has not given the list of members", in: "p.members")
    }
  }

  @Test("Without a mini-site the tab that was opened is closed again, and the page says why")
  func noMinisite() throws {
    try dashboard { room, page in
      let browser = page.browser
      try room.world.tool.set("PASSERELLE_MINISITE_URL", "")
      let before = try browser.tabs()
      try browser.click("button.minisite")
      try browser.wait(for: "No mini-site is named for this module.", in: "[role=alert]")
      #expect(try browser.tabs() == before)
      #expect(try browser.text("[role=alert]") == "No mini-site is named for this module.")
    }
  }

  @Test("Open the mini-site opens it in a new tab, with the teacher already known there")
  func minisite() throws {
    try dashboard { _, page in
      let browser = page.browser
      let before = try browser.tabs()
      try browser.click("button.minisite")
      try Classroom.enterNewTab(of: browser, before: before)
      try browser.wait(for: "Hélène Professeur", in: "#learner")
      #expect(try browser.run("return window.opener") == .null)
    }
  }
}
