import DemoMoodle
import Foundation
import TestSupport
import Testing
import Wire

/// What the dashboard points at, and what a teacher does from there.
@Suite("The dashboard points at who needs help", .serialized, .needsBrowser) struct DashboardHelpTests {
  private func dashboard(
    width: Int = 1200, height: Int = 900, language: String = "en", arguments: [String] = [],
    activity: String = "Découverte", resized: (width: Int, height: Int)? = nil,
    _ body: (Classroom, DashboardReader) throws -> Void
  ) throws {
    try Classroom.run(.crossHTTP) { room in
      try room.work()
      room.world.moodle.platform.changePerson(8) { $0.language = language }
      room.world.moodle.platform.changeActivity(cmid: 2) { $0.name = activity }
      // Éloïse, François and Zoë have stood still for nine days, each at a grain of their own.
      try room.world.database.script(
        """
        update public.progress set completed_at = now() - interval '9 days';
        update passerelle.enrolments set first_launch_at = now() - interval '9 days'
        """)
      let browser = try WebDriver(arguments: arguments, width: width, height: height)
      defer { browser.quit() }
      if let resized { try browser.resize(width: resized.width, height: resized.height) }
      try browser.open(room.moodle + "/mod/lti/launch.php?id=2&user=8")
      let page = DashboardReader(entered: browser)
      try page.waitForTable()
      try body(room, page)
    }
  }

  @Test("Above the table each thing to follow up is a link that filters; the address has it, and a reload keeps it")
  func links() throws {
    try dashboard { _, page in
      let browser = page.browser
      let help = try browser.text(".help")
      #expect(help.contains("52 never came") && help.contains("3 with nothing new for 7 days"), "\(help)")
      try Classroom.keepScreenshot(browser, "dashboard-help")
      try browser.click(".help a.still")
      #expect(try page.names() == ["François D'Hérouville", "Éloïse Lefèvre", "Zoë Müller-Garçon"])
      #expect(try browser.run("return location.search") == "?only=still")
      try browser.click("[data-sort=progress] button")
      try browser.type("e", into: "input[type=search]")
      let before = try page.names()
      #expect(try browser.run("return location.search") == "?only=still&sort=-progress&q=e")
      try browser.run("location.reload()")
      try page.waitForTable()
      #expect(try page.names() == before)
      #expect(try browser.run("return document.querySelector('input[type=search]').value") == "e")
      let mail = try browser.run("return document.querySelector('.letters a').href").stringValue
      #expect(mail?.hasPrefix("mailto:?bcc=student") == true && mail?.contains("example.org") == true)
    }
  }

  @Test("A grain's heading says how it stands and sorts; the pictures have tables behind them")
  func grains() throws {
    try dashboard { _, page in
      let browser = page.browser
      let first = "thead .cell button"
      let label = try browser.run("return document.querySelector('\(first)').textContent").stringValue ?? ""
      #expect(label.hasSuffix(" 83% mean, 3 completed, 0 started, 53 not started. Sort."), "\(label)")
      try browser.click(first)
      #expect(try browser.run("return location.search").stringValue?.hasPrefix("?sort=-grain.") == true)
      #expect(try Array(page.names().prefix(3)) == ["Noël Àçîñ", "François D'Hérouville", "Éloïse Lefèvre"])
      // Folded where there is little room.
      _ = try browser.run("document.querySelector('details.pictures').open = true")
      try eventually { try browser.count(".picture svg") == 2 }
      #expect(try browser.count(".picture svg + .unseen caption") == 2)
      #expect(try browser.count(".figures tbody tr") == 4)
      try browser.click("input.scores")
      #expect(
        try browser.run(
          "return getComputedStyle(document.querySelector('.numbers .mark.completed'), '::after').content")
          == "\"100\"")
    }
  }

  @Test(
    "A name with Ctrl or the middle button opens its own tab with a session of its own; the next learner is one link away"
  )
  func tabs() throws {
    try dashboard { room, page in
      let browser = page.browser
      for event in ["click', { ctrlKey: true", "auxclick', { button: 1"] {
        let before = try browser.tabs()
        let own = try #require(before.first)
        try browser.run(
          """
          [...document.querySelectorAll('.roster a')].find((a) => a.textContent === 'Éloïse Lefèvre')
            .dispatchEvent(new MouseEvent('\(event), bubbles: true, cancelable: true }))
          """)
        try Classroom.enterNewTab(of: browser, before: before)
        try browser.wait(for: "50%", in: "table.grains tbody tr:nth-child(1)")
        #expect(try browser.run("return location.hash") == "")
        try browser.wait(for: "Next", in: ".way a.next")
        try browser.click(".way a.next")
        try browser.wait(for: "Zoë Müller-Garçon", in: DashboardReader.heading)
        try browser.click(".way a.previous")
        try browser.wait(for: "Éloïse Lefèvre", in: DashboardReader.heading)
        try browser.closeTab(enter: own)
      }
      let sessions = try room.world.database.count(
        "select from passerelle.sessions s join passerelle.enrolments e on e.id = s.enrolment where e.instructor")
      #expect(sessions == 3)
    }
  }

  @Test("Correct asks for a reason, changes the grain and says where the grade is")
  func correction() throws {
    try dashboard { room, page in
      let browser = page.browser
      try page.open("Éloïse Lefèvre")
      try browser.wait(for: "50%", in: "table.grains tbody tr:nth-child(1)")
      try browser.click("table.grains tbody tr:nth-child(1) button.correct")
      try browser.run("document.querySelector('dialog [name=score]').value = '90'")
      // Without a reason nothing is sent.
      try browser.click("dialog button.apply")
      #expect(try browser.count("dialog[open]") == 1)
      try browser.type("Oral", into: "dialog [name=reason]")
      try Classroom.keepScreenshot(browser, "dashboard-correct")
      try browser.click("dialog button.apply")
      try browser.wait(for: "Corrected. Grades: Sent to Moodle 1.", in: "[role=alert]")
      try browser.wait(for: "90%", in: "table.grains tbody tr:nth-child(1)")
      #expect(try browser.text("table.grains .corrected") == "Corrected by Hélène Professeur: Oral")
    }
  }

  @Test(
    "A title in several languages is read in the reader's, and one of 1,333 characters takes two lines",
    arguments: ["fr", "en"])
  func titles(language: String) throws {
    let title = "{mlang fr}Été{mlang}{mlang en}Summer{mlang} " + String(repeating: "long ", count: 256)
    try dashboard(language: language, activity: title) { _, page in
      let browser = page.browser
      let heading = try browser.text(DashboardReader.heading)
      #expect(heading.hasPrefix(language == "fr" ? "Été long" : "Summer long") && !heading.contains("mlang"))
      let lines = try browser.run(
        """
        const heading = document.querySelector(".head h1");
        return Math.round(heading.clientHeight / parseFloat(getComputedStyle(heading).lineHeight));
        """)
      #expect(lines == 2)
    }
  }

  /// A window, and the language and the colours of its owner.
  struct Window: Sendable, CustomTestStringConvertible {
    let width: Int
    let height: Int
    let language: String
    let isDark: Bool
    var testDescription: String { "\(width) by \(height) in \(language)\(isDark ? ", dark" : "")" }
  }

  @Test(
    "The first learner is in sight without scrolling, and the page is no wider than the window",
    arguments: [
      Window(width: 830, height: 560, language: "fr", isDark: false),
      Window(width: 390, height: 844, language: "fr", isDark: true),
      Window(width: 390, height: 844, language: "en", isDark: false),
      Window(width: 1280, height: 900, language: "en", isDark: true),
    ])
  func sizes(window: Window) throws {
    let colours = window.isDark ? ["--blink-settings=preferredColorScheme=0"] : []
    try dashboard(language: window.language, arguments: colours, resized: (window.width, window.height)) { _, page in
      let browser = page.browser
      try Classroom.keepScreenshot(browser, "dashboard-\(window.width)-\(window.language)")
      let places = try browser.run(
        """
        const { top, bottom } = document.querySelector(".roster tbody tr:not([hidden])").getBoundingClientRect();
        return [innerWidth, innerHeight, top > 0 && bottom <= innerHeight, document.documentElement.scrollWidth <= innerWidth];
        """)
      #expect(places == [.number(Double(window.width)), .number(Double(window.height)), true, true])
      // One thing scrolls up and down: in Moodle's frame the page's main part, on a telephone the page.
      let scrolling = try browser.run(
        """
        const page = document.scrollingElement;
        return [page, ...document.querySelectorAll("main, main *")].filter((element) => {
          const style = getComputedStyle(element === page ? document.body : element).overflowY;
          return (element === page ? style !== "hidden" : /auto|scroll/.test(style)) && element.scrollHeight > element.clientHeight + 1;
        }).map(({ localName }) => localName);
        """)
      if window.width < 1000 { #expect(scrolling == (window.width < 640 ? ["html"] : ["main"])) }
    }
  }
}
