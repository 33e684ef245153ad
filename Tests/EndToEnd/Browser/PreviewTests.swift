import Foundation
import TestSupport
import Testing
import Wire

/// A page without Moodle: read, previewed, looked at by a teacher.
@Suite("Pages without Moodle", .serialized, .needsBrowser) struct PreviewTests {
  private static let words = "Preview: nothing is recorded."

  /// Everything works, and each state of the grade can be looked at.
  private func tryOut(_ browser: WebDriver, name: String = "First Last") throws {
    try browser.wait(for: Self.words, in: Studio.foot)
    try browser.wait(for: name, in: "b")
    try browser.click("#one")
    try browser.wait(for: "1 of 2 grains — grade sent", in: "#progress")
    try browser.run("const moods = document.querySelector('select'); moods.value = 'pending'; moods.onchange()")
    try browser.wait(for: "1 of 2 grains — grade on its way", in: "#progress")
    try browser.run("const moods = document.querySelector('select'); moods.value = 'failed'; moods.onchange()")
    try browser.wait(for: "1 of 2 grains — grade not delivered", in: "#progress")
  }

  @Test(
    "?passerelle=preview plays the server, also on the site's next page, with a banner; Passerelle.preview() does the same",
    arguments: WebDriver.Engine.installed)
  func address(engine: WebDriver.Engine) throws {
    let linked = Studio.page + "<a id=on href='/two.html'>On</a>"
    try Studio.run(["/": linked, "/two.html": Studio.page], engine: engine) { studio in
      try studio.browser.open(studio.site.url + "/?passerelle=preview")
      try tryOut(studio.browser)
      try studio.browser.click("#on")
      try studio.browser.wait(for: "0 of 2 grains", in: "#progress")
      #expect(try studio.browser.url() == studio.site.url + "/two.html?passerelle=preview")
      try studio.browser.open(studio.site.url + "/")
      try studio.browser.wait(for: "open the activity in Moodle", in: "#message")
      try studio.browser.run("Passerelle.preview()")
      try tryOut(studio.browser)
      #expect(studio.front.reports == [])
    }
  }

  @Test("On file:// too")
  func file() throws {
    try Studio.run { studio in
      let page = Studio.page.replacing("LIBRARY", with: studio.library)
      let url = FileManager.default.temporaryDirectory.appendingPathComponent("preview-\(UUID().uuidString).html")
      try Data(page.utf8).write(to: url)
      defer { try? FileManager.default.removeItem(at: url) }
      try studio.browser.open("\(url.absoluteString)?passerelle=preview")
      try tryOut(studio.browser)
    }
  }

  @Test(
    "A real session wins over a preview: from a code, in the tab, from another tab",
    arguments: WebDriver.Engine.installed)
  func realWins(engine: WebDriver.Engine) throws {
    try Studio.run(engine: engine) { studio in
      let browser = studio.browser
      try studio.world.tool.set("PASSERELLE_MINISITE_URL", studio.site.url + "/?passerelle=preview")
      try studio.enter()
      try browser.click("#one")
      try studio.wait(for: "1 of 4 grains — grade sent")
      #expect(try browser.count(Studio.foot) == 0)
      try browser.open(studio.site.url + "/?passerelle=preview&again")
      try studio.wait(for: "1 of 4 grains — grade sent")
      _ = try browser.openTab()
      try browser.open(studio.site.url + "/?passerelle=preview")
      try studio.wait(for: "1 of 4 grains — grade sent")
      #expect(studio.world.gradebook() == 25)
    }
  }

  @Test(
    "A teacher who comes from the dashboard sees the banner, tries everything, and nothing is recorded",
    arguments: WebDriver.Engine.installed)
  func teacher(engine: WebDriver.Engine) throws {
    try Studio.run(engine: engine) { studio in
      let code = try studio.world.code(of: studio.room.launch(user: 8))
      try studio.browser.open("\(studio.site.url)/#passerelle=\(code)")
      try studio.browser.wait(until: "the banner is there") { try studio.browser.count(Studio.foot) == 1 }
      try studio.wait(for: "0 of 4 grains")
      try studio.browser.click("#one")
      try studio.wait(for: "1 of 4 grains")
      #expect(studio.front.reports == [])
      #expect(try studio.world.database.count("select from public.progress") == 0)
    }
  }

  @Test(
    "A teacher whom Moodle sends as a learner may become one in the page, and what they do counts from then on",
    arguments: WebDriver.Engine.installed)
  func becomesLearner(engine: WebDriver.Engine) throws {
    try Studio.run(engine: engine) { studio in
      _ = try studio.room.visit(user: 8)
      studio.world.moodle.platform.changePerson(8) { $0.role = .student }
      try studio.launch(user: 8)
      try studio.browser.wait(for: Self.words, in: Studio.foot)
      // What comes into the page later moves the button, under the driver's hand.
      try studio.wait(for: "0 of 4 grains")
      try studio.browser.click("#one")
      try studio.wait(for: "1 of 4 grains")
      #expect(studio.front.reports == [])
      try studio.browser.click("\(Studio.foot) button")
      try studio.wait(for: "0 of 4 grains")
      try studio.browser.click("#one")
      try studio.wait(for: "1 of 4 grains — grade sent")
      #expect(try studio.browser.count(Studio.foot) == 0)
      #expect(studio.world.gradebook(user: 8) == 25)
    }
  }

  @Test(
    "Without Moodle a button says kindly where the work counts, with the author's link",
    arguments: WebDriver.Engine.installed)
  func visitor(engine: WebDriver.Engine) throws {
    let page = Studio.page.replacing(
      "<script ", with: "<script data-passerelle-moodle=\"https://moodle.example/course\" ")
    try Studio.run(["/": page], engine: engine) { studio in
      try studio.browser.open(studio.site.url + "/")
      try studio.browser.wait(
        for: "For your work to count, open the activity in Moodle. Open in Moodle", in: "#message")
      try studio.browser.click("#one")
      try studio.browser.wait(for: "For your work to count", in: "#one + span")
      let link = "return document.querySelector('#one + span a').href"
      #expect(try studio.browser.run(link) == "https://moodle.example/course")
      #expect(try studio.browser.run("return document.querySelector('#message a').target") == "_top")
      #expect(studio.front.reports == [])
    }
  }
}
