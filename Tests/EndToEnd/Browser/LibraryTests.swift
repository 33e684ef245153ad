import DemoMoodle
import TestSupport
import Testing
import Wire

/// `passerelle.js` in mini-sites of other origins: as a classic script, and as a module.
@Suite("The library in a browser", .serialized, .needsBrowser) struct LibraryTests {
  private static func page(_ path: String, _ library: String) -> String {
    switch path {
    case "/classic":
      """
      <!doctype html><meta charset=utf-8><p id=learner data-passerelle-learner></p>
      <button data-passerelle-grain=bienvenue>OK</button><p id=progress data-passerelle-progress></p>
      <script src="\(library)"></script>
      """
    case "/module":
      """
      <!doctype html><meta charset=utf-8><p id=learner></p><p id=progress></p>
      <script type=module>
      import Passerelle, { connect } from "\(library)";
      const session = await connect();
      document.getElementById("learner").textContent = session.learner.name;
      const { completed, total } = await session.complete("moodle");
      document.getElementById("progress").textContent =
        `${completed} of ${total}, ${Passerelle.connect === connect}`;
      </script>
      """
    default: ""
    }
  }

  @Test("<script src> and import of passerelle.js both work on another origin")
  func both() throws {
    try Classroom.run(.crossHTTP) { room in
      let library = room.world.tool.base.description + "/passerelle.js"
      try PlatformStub.run({ request, _ in .html(Self.page(request.path, library)) }) { site in
        let browser = try room.browser()
        defer { browser.quit() }
        let launch = room.moodle + "/mod/lti/launch.php?id=2&user=3"
        try room.world.tool.set("PASSERELLE_MINISITE_URL", site.url + "/classic")
        try browser.open(launch)
        try browser.wait(for: "Éloïse Lefèvre", in: "#learner")
        try browser.click("button")
        try browser.wait(for: "1 of 4 grains — grade sent", in: "#progress")
        #expect(room.world.gradebook() == 25)
        // The same URL, so the browser's cache must not hand one out for the other.
        try room.world.tool.set("PASSERELLE_MINISITE_URL", site.url + "/module")
        try browser.open(launch)
        try browser.wait(for: "Éloïse Lefèvre", in: "#learner")
        try browser.wait(for: "2 of 4, true", in: "#progress")
        #expect(room.world.gradebook() == 50)
      }
    }
  }
}
