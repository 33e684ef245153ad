import TestSupport
import Testing
import Wire

/// The library in WebKit and in Firefox: what rests on the browser's storage, channels and locks.
@Suite("The library in other engines than Chromium's", .serialized, .needsOtherEngine) struct LibraryEngineTests {
  @Test(
    "Work that is kept goes with the same learner's next tab, and not with another's",
    arguments: WebDriver.Engine.others)
  func queue(engine: WebDriver.Engine) throws {
    try Studio.run(engine: engine) { studio in
      let browser = studio.browser
      let first = try browser.tabs()[0]
      _ = try browser.openTab()
      try browser.open(studio.landing())
      try browser.wait(for: "Éloïse", in: "b")
      studio.front.answerReports(status: 429)
      try browser.click("#one")
      try browser.wait(for: "Your work is kept", in: "#one + span")
      // What the page tries on its way out is answered before anything else is.
      try studio.leaveInVain()
      try browser.closeTab(enter: first)
      studio.front.answerReports(nil)
      try browser.open(studio.landing(user: 4))
      try studio.wait(for: "0 of 4 grains")
      #expect(studio.world.gradebook() == nil && studio.world.gradebook(user: 4) == nil)
      try browser.open(studio.site.url + "/nothing")
      try browser.open(studio.landing())
      try studio.wait(for: "1 of 4 grains — grade sent")
      #expect(studio.world.gradebook() == 25)
    }
  }

  @Test(
    "A new tab has the session of an open one, and the first follows what it does",
    arguments: WebDriver.Engine.others)
  func newTab(engine: WebDriver.Engine) throws {
    try Studio.run(["/": Studio.page, "/two.html": Studio.page], engine: engine) { studio in
      let browser = studio.browser
      try browser.open(studio.landing())
      try browser.wait(for: "Éloïse", in: "b")
      let first = try browser.tabs()[0]
      _ = try browser.openTab()
      try browser.open(studio.site.url + "/two.html")
      try browser.wait(for: "Éloïse", in: "b")
      try browser.click("#one")
      try studio.wait(for: "1 of 4 grains — grade sent")
      try browser.enterTab(first)
      try studio.wait(for: "1 of 4 grains — grade sent")
    }
  }

  @Test("A button that is done looks done, and a preview plays the server", arguments: WebDriver.Engine.others)
  func looks(engine: WebDriver.Engine) throws {
    try Studio.run(engine: engine) { studio in
      let browser = studio.browser
      try browser.open(studio.site.url + "/?passerelle=preview")
      try browser.wait(for: "Preview: nothing is recorded.", in: Studio.foot)
      try browser.click("#one")
      try studio.wait(for: "1 of 2 grains — grade sent")
      let mark = "return getComputedStyle(document.querySelector('#one'), '::before').content"
      #expect(try browser.run(mark) == "\"✓ \"")
      #expect(try browser.run("return document.querySelector('#one').ariaPressed") == "true")
    }
  }
}
