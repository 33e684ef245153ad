import DemoMoodle
import Foundation
import TestSupport
import Testing
import Wire

/// The whole pages of the authors' guide, as the demo shows them.
@Suite("The authors' guide's pages", .serialized, .needsBrowser) struct ExampleTests {
  /// A page, what is clicked on it (in the frames named before), and the grains that are completed then.
  private struct Example {
    let path: String
    var frames = 0
    var clicks: [String] = []
    var script = ""
    let grains: [String]
  }

  private static let examples = [
    Example(
      path: "plain.html", clicks: ["[data-passerelle-grain=bienvenue]", "[data-passerelle-grain=moodle]"],
      grains: ["bienvenue -", "moodle 0.8"]),
    Example(path: "pages.html", clicks: ["button", "li + li a", "button"], grains: ["bienvenue -", "moodle -"]),
    Example(
      path: "app.html", clicks: ["main button", "nav a + a", "main button"], grains: ["bienvenue -", "moodle -"]),
    Example(
      path: "quiz.html", clicks: ["[name=sum][data-passerelle-right]", "[name=even]"],
      script: """
        document.querySelectorAll("[name=even]")[2].checked = true;
        document.querySelector("[data-passerelle-right=Paris]").value = "paris";
        document.querySelector("button").click();
        """, grains: ["passerelle 1"]),
    Example(path: "media.html", script: "document.querySelector('audio').play()", grains: ["directus -", "moodle -"]),
    Example(path: "scorm.html", frames: 2, clicks: ["#next", "#next"], grains: ["directus 1"]),
    Example(
      path: "h5p.html", script: "setTimeout(() => document.querySelector('#player button').click(), 1000)",
      grains: ["passerelle 1"]),
    Example(path: "preview.html", clicks: ["button"], grains: ["bienvenue -"]),
    Example(path: "a/index.html", clicks: ["button"], grains: ["bienvenue -"]),
  ]

  @Test("Each page does what the guide says: one page, several, an app, a quiz, a recording, SCORM, H5P, two modules")
  func pages() throws {
    try Classroom.run(.same) { room in
      let address = try #require(room.world.tool.apache).minisiteURL + "examples/"
      for example in Self.examples {
        try room.world.database.script("delete from public.progress; delete from passerelle.states")
        try room.world.tool.set("PASSERELLE_MINISITE_URL", address + example.path)
        let browser = try room.browser(arguments: ["--autoplay-policy=no-user-gesture-required"])
        defer { browser.quit() }
        try browser.open("\(room.moodle)/mod/lti/launch.php?id=2&user=3")
        try browser.wait(for: "4", in: "[data-passerelle-progress]")
        for _ in 0..<example.frames {
          try browser.wait(until: "the frame is there") { try browser.count("iframe") == 1 }
          try browser.enterFrame("iframe")
        }
        for click in example.clicks {
          try browser.wait(until: "\(click) can be clicked") {
            try browser.count(click) > 0 && browser.count("[aria-busy]") == 0
          }
          try browser.click(click)
        }
        if !example.script.isEmpty { try browser.run(example.script) }
        try browser.wait(until: "\(example.path): \(example.grains)") {
          let grains: [String] = try room.world.database.values(
            """
            select g.slug || ' ' || coalesce(p.score::text, '-') from public.progress p
            join public.grains g on g.id = p.grain where p.status = 'completed' order by 1
            """)
          return grains == example.grains
        }
      }
    }
  }

  @Test("The page of another module refuses, and a preview needs nobody")
  func others() throws {
    try Classroom.run(.same) { room in
      let address = try #require(room.world.tool.apache).minisiteURL + "examples/"
      let browser = try room.browser()
      defer { browser.quit() }
      try browser.open(address + "preview.html?passerelle=preview")
      try browser.click("button")
      try browser.wait(for: "1 grain", in: "[data-passerelle-progress]")
      try room.world.tool.set("PASSERELLE_MINISITE_URL", address + "b/index.html")
      try browser.open("\(room.moodle)/mod/lti/launch.php?id=2&user=3")
      try browser.wait(for: "autre activité", in: "[data-passerelle-message]")
    }
  }
}
