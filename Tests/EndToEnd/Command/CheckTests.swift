import DemoMoodle
import Foundation
import TestSupport
import Testing
import Wire

/// `passerelle check`: what it tells the author of a mini-site.
@Suite(.needsStack) struct CheckTests {
  /// The findings about a site with these pages; `SCRIPT` stands for the line that `passerelle script` prints.
  private func check(
    _ pages: [String: String], fields: [(String, String)] = [], settings: Bool = true, words: [String] = []
  ) throws -> (status: Int32, findings: [Examination.Finding]) {
    var result: (Int32, [Examination.Finding]) = (0, [])
    try World.run(.inProcess) { world in
      let tag = try world.command("script").text.trimmingCharacters(in: .whitespacesAndNewlines)
      let base = world.tool.base.description
      try PlatformStub.run({ request, _ in
        guard let page = pages[request.path] else { return .html("<h1>404</h1>", status: 404) }
        var answer = MoodleResponse.html(page.replacing("SCRIPT", with: tag).replacing("BASE", with: base))
        for (name, value) in fields { _ = answer.fields.set(name, value) }
        return answer
      }) { site in
        if settings { try world.tool.set("PASSERELLE_MINISITE_URL", site.url + "/") }
        let examination = try examine(world, "\(site.url)/", words)
        result = (examination.status, examination.findings)
      }
    }
    return result
  }

  /// Checks what an address leads to, in both languages.
  private func examine(_ world: World, _ address: String, _ words: [String]) throws -> Examination {
    try Examination(["check", address] + words) {
      try ProgramRun.run(Stack.command, arguments: $0, environment: world.administration + $1)
    }
  }

  /// The sentences about a subject.
  private func words(_ findings: [Examination.Finding], _ subject: String) -> String {
    findings.filter { $0.subject == subject }.map(\.words).joined(separator: "\n")
  }

  private static let grains = TestDatabase.grains.map { "<li data-passerelle-grain=\($0)>" }.joined()

  @Test("A site that is well, over several pages, is told to be so")
  func well() throws {
    let (status, findings) = try check([
      "/": "<!doctype html><head>SCRIPT</head><a href=two.html>2</a><a href='https://elsewhere.example/'>3</a>",
      "/two.html":
        "<head>SCRIPT</head><!-- <i data-passerelle-grain=none> --><script>\"<i data-passerelle-grain=none>\"</script>\(Self.grains)<a href='/#top'>",
    ])
    #expect(status == 0, "\(findings)")
    #expect(findings.allSatisfy { $0.state == "ok" }, "\(findings)")
    #expect(words(findings, "pages") == "2 looked at")
  }

  @Test("Grains are compared both ways, modules too, and links that lead nowhere are named")
  func catalogue() throws {
    let (status, findings) = try check([
      "/": "<head>SCRIPT</head><a href=two.html>2</a><a href=gone.html>3</a><button data-passerelle-grain=acceuil>",
      "/two.html": "<html data-passerelle-module=decouvert><head>SCRIPT</head><p data-passerelle-grain=bilan>",
    ])
    #expect(status == 1)
    #expect(words(findings, "grain").contains("names grain “acceuil”, which module “decouverte” does not have"))
    #expect(words(findings, "grain").contains("no page names grain “accueil”"))
    #expect(words(findings, "module").contains("names module “decouvert”, which there is not"))
    #expect(words(findings, "page").contains("gone.html, to which") && words(findings, "page").contains("status 404"))
  }

  @Test("The script: none, after others, with a wrong hash, with one that will not last, without crossorigin")
  func script() throws {
    for (head, expected) in [
      ("", "without its script"), ("<script src=other.js></script>SCRIPT", "loads other scripts before"),
      ("<script src=BASE/passerelle.js integrity=sha256-x crossorigin></script>", "another hash"),
      ("<script src=BASE/passerelle.js integrity=sha256-x></script>", "no crossorigin"),
    ] {
      let (_, findings) = try check(["/": "<head>\(head)</head>\(Self.grains)"])
      #expect(words(findings, "script").contains(expected), "\(head): \(findings)")
    }
    let (status, findings) = try check([
      "/": "<script defer src=a.js></script><script src='BASE/passerelle.js?x'></script>\(Self.grains)"
    ])
    #expect(status == 0 && words(findings, "script") == "", "\(findings)")
  }

  @Test("Headers that shut Moodle or the script out, an origin that may not call, and one that is Passerelle's own")
  func headers() throws {
    let page = ["/": "<head>SCRIPT</head>\(Self.grains)"]
    let (_, framed) = try check(page, fields: [("X-Frame-Options", "DENY")])
    #expect(words(framed, "frame").contains("X-Frame-Options: DENY"))
    let (_, closed) = try check(page, fields: [("Content-Security-Policy", "default-src 'self'; frame-ancestors *")])
    #expect(words(closed, "policy").contains("script-src") && words(closed, "policy").contains("connect-src"))
    let meta = [
      "/": "<meta http-equiv=Content-Security-Policy content=\"script-src BASE/; connect-src *\">SCRIPT\(Self.grains)"
    ]
    let (status, open) = try check(meta)
    #expect(status == 0 && words(open, "policy") == "", "\(open)")
    let (_, foreign) = try check(page, settings: false)
    #expect(words(foreign, "origin").contains("may not call Passerelle"))
  }

  @Test("A site whose module has an address with accents may call, and is checked by that address")
  func accents() throws {
    try World.run(.inProcess) { world in
      let tag = try world.command("script").text.trimmingCharacters(in: .whitespacesAndNewlines)
      try PlatformStub.run({ request, _ in
        request.path.lowercased() == "/%c3%a9t%c3%a9/"
          ? .html("<head>\(tag)</head>\(Self.grains)") : .html("<h1>404</h1>", status: 404)
      }) { site in
        try world.tool.set("PASSERELLE_MINISITE_URL", nil)
        try world.database.execute("update public.modules set url = \(site.url + "/été/")")
        let examination = try examine(world, "\(site.url)/été/", [])
        #expect(examination.status == 0, "\(examination.run.text)")
        #expect(words(examination.findings, "origin") == "", "\(examination.run.text)")
      }
    }
  }

  @Test("What a page over https loads over http is named")
  func mixedContent() throws {
    try World.run(.tls) { world in
      try world.tool.set("PASSERELLE_CA_DIR", try Stack.value("PASSERELLE_TEST_CA_DIR"))
      let apache = try #require(world.tool.apache)
      let name = "mixed-\(UUID().uuidString).html"
      let file = try apache.minisiteFolder + name
      let tag = try world.command("script").text
      let page = """
        <!doctype html><head>\(tag)<link rel=stylesheet href=http://elsewhere.example/a.css></head>\(Self.grains)
        <a href="http://elsewhere.example/">A link loads nothing</a><img src="http://elsewhere.example/b.png">
        <iframe data-passerelle-scorm data-src="HTTP://elsewhere.example/c/"></iframe><img src="https://elsewhere.example/d.png">
        """
      try Data(page.utf8).write(to: URL(fileURLWithPath: file))
      defer { try? FileManager.default.removeItem(atPath: file) }
      let examination = try examine(world, try apache.minisiteURL + name, ["--limit", "1"])
      let findings = examination.findings
      let found = words(findings, "mixed content")
      #expect(examination.status == 1 && found.split(separator: "\n").count == 3, "\(examination.run.text)")
      for address in ["http://elsewhere.example/a.css", "http://elsewhere.example/b.png", "HTTP://elsewhere"] {
        #expect(found.contains("loads \(address)"), "\(found)")
      }
      // This Apache shows the mini-site beside the program.
      #expect(words(findings, "origin").contains("Passerelle's own address"), "\(findings)")
    }
  }

  @Test("It looks at no more pages than it is told, and at none outside of the folder or of the origin")
  func bounded() throws {
    let endless = Dictionary(
      uniqueKeysWithValues: (0...20).map { ("/\($0 == 0 ? "" : "\($0).html")", "SCRIPT<a href=\($0 + 1).html>") })
    let (_, findings) = try check(endless, words: ["--limit", "5"])
    #expect(words(findings, "pages").contains("more than the 5"))
    #expect(words(findings, "pages").contains("5 looked at"))
  }
}
