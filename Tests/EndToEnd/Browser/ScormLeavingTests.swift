import DemoMoodle
import Foundation
import TestSupport
import Testing
import Wire

/// How SCORM packages are left, what is kept of them, and in how many requests.
@Suite("SCORM packages that are left", .serialized, .needsBrowser) struct ScormLeavingTests {
  /// Speaks only when it is left, as most tools do: at the first of these events.
  private static func lastWords(on events: String...) -> String {
    """
    \(ScormSite.content)<script>
    const api = parent.API;
    api.LMSInitialize("");
    let isSaid = false;
    const speak = () => {
      if (isSaid) return;
      isSaid = true;
      api.LMSSetValue("cmi.core.lesson_location", "last page");
      api.LMSSetValue("cmi.core.score.raw", "60");
      api.LMSSetValue("cmi.core.lesson_status", "passed");
      api.LMSFinish("");
    };
    for (const name of "\(events.joined(separator: " "))".split(" ")) addEventListener(name, speak);
    </script>
    """
  }

  /// Leaves a package, one way or another.
  private func leave(_ browser: WebDriver, _ way: String, for first: String) throws {
    switch way {
    case "link": try browser.click("#away")
    case "removed": try browser.run("document.querySelector('#frame').remove()")
    case "changed": try browser.run("document.querySelector('#frame').removeAttribute('data-src')")
    case "navigated": try browser.run("setTimeout(() => (location.href = '/nothing.html'), 0)")
    default: try browser.closeTab(enter: first)
    }
  }

  @Test(
    "Following a link, taking the frame out, giving it another package, going elsewhere, closing the window: what was said last is kept",
    arguments: ["link", "removed", "changed", "navigated", "closed"], WebDriver.Engine.installed)
  func leaving(_ way: String, engine: WebDriver.Engine) throws {
    let pages = ScormSite.pages(ScormSite.manifest("1.2"), content: Self.lastWords(on: "unload"))
    try Studio.run(pages, engine: engine) { studio in
      let browser = studio.browser
      let first = try browser.tabs()[0]
      _ = try browser.openTab()
      try studio.enter()
      try browser.playPackage()
      try leave(browser, way, for: first)
      try studio.expectFirstGrain("completed 0.6")
      try browser.wait(until: "the place is kept") { try studio.packageState().contains("last page") }
      let page = try studio.room.visit(user: 3)
      #expect(try page.state("bienvenue").json.at("cmi")?["core.lesson_location"] == "last page")
    }
  }

  @Test(
    "Where a policy forbids unload, a package is still heard that is left by a link or taken away; of one that is torn out, what it had set is kept",
    arguments: ["link", "changed", "removed"])
  func unloadForbidden(_ way: String) throws {
    let pages = ScormSite.pages(ScormSite.manifest("1.2"), content: Self.lastWords(on: "beforeunload", "unload"))
    try Studio.run(pages, fields: [("Permissions-Policy", "unload=()")]) { studio in
      let browser = studio.browser
      try studio.enter()
      try browser.playPackage()
      #expect(try browser.run("return document.featurePolicy.allowsFeature('unload')") == false)
      // In one breath with what was set before: the page has no time to keep it.
      try browser.run(
        """
        document.querySelector("#frame").contentWindow.API.LMSSetValue("cmi.core.lesson_location", "page 3");
        if (arguments[0] === "removed") document.querySelector("#frame").remove();
        """, [.string(way)])
      guard way != "removed" else {
        try browser.wait(until: "the place is kept") { try studio.packageState().contains("page 3") }
        #expect(try studio.firstGrain() == "started -")
        return
      }
      try leave(browser, way, for: "")
      try studio.expectFirstGrain("completed 0.6")
      try browser.wait(until: "the place is kept") { try studio.packageState().contains("last page") }
    }
  }

  @Test(
    "Another device goes on where this one was: entry is resume, and the time adds up",
    arguments: WebDriver.Engine.installed)
  func resume(engine: WebDriver.Engine) throws {
    let data = String(repeating: "é", count: 5000)
    try Studio.run(ScormSite.pages(ScormSite.manifest("1.2")), engine: engine) { studio in
      try studio.enter()
      try studio.browser.playPackage()
      let first = [
        ["LMSInitialize", ""], ["LMSGetValue", "cmi.core.entry"], ["LMSSetValue", "cmi.suspend_data", data],
        ["LMSSetValue", "cmi.core.session_time", "0000:00:10.5"],
        ["LMSSetValue", "cmi.core.session_time", "0000:01:02.54"],
        ["LMSSetValue", "cmi.core.exit", "logout"], ["LMSFinish", ""],
      ]
      #expect(try studio.browser.callPackage(first)[1...2] == ["ab-initio 0", "true 0"])
      try studio.browser.wait(until: "it is kept") { try studio.packageState().contains("62.54") }
      let other = try studio.room.browser()
      defer { other.quit() }
      try other.open("\(studio.room.moodle)/mod/lti/launch.php?id=2&user=3")
      try other.playPackage()
      let again = [
        ["LMSInitialize", ""], ["LMSGetValue", "cmi.core.entry"], ["LMSGetValue", "cmi.suspend_data"],
        ["LMSGetValue", "cmi.core.total_time"], ["LMSGetValue", "cmi.core.lesson_status"],
      ]
      #expect(
        try other.callPackage(again) == ["true 0", "resume 0", "\(data) 0", "0000:01:02.54 0", "not attempted 0"])
    }
  }

  @Test(
    "A burst of calls is one request, or two: what came with the first, and what came meanwhile",
    arguments: WebDriver.Engine.installed)
  func burst(engine: WebDriver.Engine) throws {
    try Studio.run(ScormSite.pages(ScormSite.manifest("1.2")), engine: engine) { studio in
      try studio.enter()
      try studio.browser.playPackage()
      var calls = [["LMSInitialize", ""]]
      for number in 1...50 {
        calls += [
          ["LMSSetValue", "cmi.core.lesson_location", String(number)], ["LMSSetValue", "cmi.core.score.raw", "50"],
          ["LMSCommit", ""], ["LMSSetValue", "cmi.core.lesson_status", "passed"],
        ]
      }
      #expect(try studio.browser.callPackage(calls).allSatisfy { $0 == "true 0" })
      try studio.browser.wait(until: "it is kept") { try studio.packageState().contains("\"50\"") }
      try studio.expectFirstGrain("completed 0.5")
      #expect((1...2).contains(studio.front.calls.count { $0.hasPrefix("PUT ") && $0.contains("/api/state") }))
      #expect((1...2).contains(studio.front.reports.count))
    }
  }

  @Test(
    "What is longer than a state may be is kept without its interactions; longer still, the last that fitted stays",
    arguments: WebDriver.Engine.installed)
  func huge(engine: WebDriver.Engine) throws {
    try Studio.run(ScormSite.pages(ScormSite.manifest("2004")), engine: engine) { studio in
      try studio.enter()
      try studio.browser.playPackage()
      let long = String(repeating: "x", count: 70_000)
      let first = [
        ["Initialize", ""], ["SetValue", "cmi.location", "7"], ["SetValue", "cmi.interactions.0.id", "q"],
        ["SetValue", "cmi.interactions.0.learner_response", long],
        ["GetValue", "cmi.interactions.0.learner_response"],
      ]
      #expect(try studio.browser.callPackage(first).last == long + " 0")
      try studio.browser.wait(until: "the place is kept") { try studio.packageState().contains("\"7\"") }
      #expect(try !studio.packageState().contains("interactions"))
      try studio.expectConsole("longer than 65536 bytes")
      let second = [
        ["SetValue", "cmi.suspend_data", long], ["SetValue", "cmi.score.scaled", "0.5"],
        ["SetValue", "cmi.completion_status", "completed"], ["Commit", ""],
      ]
      #expect(try studio.browser.callPackage(second) == Array(repeating: "true 0", count: 4))
      // The grade does not suffer from it.
      try studio.expectFirstGrain("completed 0.5")
      #expect(try studio.packageState().utf8.count < 64 << 10)
      #expect(try studio.packageState().contains("\"7\""))
    }
  }
}
