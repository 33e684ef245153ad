import DemoMoodle
import Passerelle
import TestSupport
import Testing
import Wire

/// The library in mini-sites of other origins: as a classic script, and as a module.
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
      import Passerelle, { connect } from "\(library.dropLast(2))mjs";
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

  @Test("<script src> of passerelle.js and import of passerelle.mjs both work on another origin")
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
        try room.world.tool.set("PASSERELLE_MINISITE_URL", site.url + "/module")
        try browser.open(launch)
        try browser.wait(for: "Éloïse Lefèvre", in: "#learner")
        try browser.wait(for: "2 of 4, true", in: "#progress")
        #expect(room.world.gradebook() == 50)
      }
    }
  }

  // MARK: - Delivery

  /// A page that works against a preview, with the script's line of `tag`, under this policy.
  private static func preview(_ tag: String, policy: String) -> String {
    """
    <!doctype html><meta charset=utf-8><meta http-equiv=Content-Security-Policy content="\(policy)">\(tag)
    <button data-passerelle-grain=bienvenue data-passerelle-score="4/5">OK</button><p id=progress data-passerelle-progress></p>
    """
  }

  @Test("With integrity, crossorigin and a strict policy the script and its parts run, as a module, too")
  func strict() throws {
    try Classroom.run(.crossHTTP) { room in
      let base = room.world.tool.base.description
      let origin = room.world.tool.base.origin.description
      let file = try #require(ScriptFile(name: ScriptFile.versioned))
      let policy = "default-src 'none'; script-src \(origin); connect-src \(origin)"
      for tag in [
        "<script src=\"\(base)/\(file.name)\" integrity=\"\(file.integrity)\" crossorigin></script>",
        "<script type=module src=\"\(base)/passerelle.js\"></script>",
        "<script type=module crossorigin src=\"\(base)/passerelle-\(Version.current).mjs\"></script>",
        "<script crossorigin src=\"\(base)/passerelle.js\"></script>",
      ] {
        try PlatformStub.run({ _, _ in .html(Self.preview(tag, policy: policy)) }) { site in
          let browser = try room.browser()
          defer { browser.quit() }
          try browser.open(site.url + "/?passerelle=preview")
          try browser.wait(for: "0 of 1 grain", in: "#progress")
          try browser.click("button")
          try browser.wait(for: "1 of 1 grain", in: "#progress")
          #expect(try browser.run("return Passerelle.version") == .string(Version.current))
        }
      }
    }
  }

  @Test("A script that is not the one its hash is of does not run, nor does a part that somebody changed")
  func tampered() throws {
    try Classroom.run(.crossHTTP) { room in
      let core = try #require(ScriptFile(name: "passerelle.js"))
      try PlatformStub.run({ request, _ in
        switch request.path {
        case "/passerelle.js":
          MoodleResponse(status: 200, contentType: "text/javascript", body: core.bytes)
        case "/passerelle-parts-\(Version.current).js":
          MoodleResponse(status: 200, contentType: "text/javascript", body: Array("window.stolen = true".utf8))
        case "/wrong":
          .html(
            "<script src=/passerelle.js integrity=sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU= crossorigin></script>"
          )
        default: .html(Self.preview("<script src=/passerelle.js></script>", policy: "default-src 'self'"))
        }
      }) { site in
        let browser = try room.browser()
        defer { browser.quit() }
        try browser.open(site.url + "/wrong")
        #expect(try browser.run("return typeof Passerelle") == "undefined")
        try browser.open(site.url + "/?passerelle=preview")
        try browser.click("button")
        try browser.wait(for: "The server does not answer.", in: "[data-passerelle-own]")
        #expect(try browser.run("return typeof stolen") == "undefined")
        #expect(try browser.console().contains("integrity"))
      }
    }
  }
}
