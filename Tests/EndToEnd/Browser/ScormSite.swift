import Foundation
import Testing
import Wire

/// A mini-site with one SCORM package whose content a test writes.
enum ScormSite {
  static let frame = """
    <iframe id=frame title=Package data-passerelle-grain=bienvenue data-passerelle-scorm
      data-src="/package/content/index.html"></iframe><a id=away href="/nothing.html">Away</a>
    """
  static let content = "<!doctype html><title>Content</title><button id=inside>Inside</button>"

  /// A site with one package; `manifest` lies above its content.
  static func pages(_ manifest: String?, content: String = content, body: String = frame) -> [String: String] {
    var pages = [
      "/": Studio.head + Studio.body + body, "/package/content/index.html": content,
      "/nothing.html": "<!doctype html><p id=there>there",
    ]
    pages["/package/imsmanifest.xml"] = manifest
    return pages
  }

  /// A manifest of one SCO.
  static func manifest(_ version: String, item: String = "") -> String {
    """
    <?xml version="1.0"?>
    <manifest identifier="m" xmlns="http://www.imsproject.org/xsd/imscp_rootv1p1p2"
      xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_rootv1p2" xmlns:imsss="http://www.imsglobal.org/xsd/imsss">
      <metadata><schema>ADL SCORM</schema><schemaversion>\(version == "1.2" ? "1.2" : "2004 3rd Edition")</schemaversion></metadata>
      <organizations default="o"><organization identifier="o">
        <item identifier="other" identifierref="r0"><title>Other</title></item>
        <item identifier="i" identifierref="r1"><title>One</title>\(item)</item></organization></organizations>
      <resources>
        <resource identifier="r0" type="webcontent" href="content/other.html"/>
        <resource identifier="r1" type="webcontent" adlcp:scormtype="sco" href="content/index.html"/></resources>
    </manifest>
    """
  }
}

extension WebDriver {
  /// Waits until the package plays.
  func playPackage(_ frame: String = "#frame") throws {
    try wait(until: "the package is there") {
      try run(
        "return !!document.querySelector(arguments[0])?.contentWindow?.frames[0]?.document.querySelector('button')",
        [.string(frame)]) == true
    }
  }

  /// Calls the API; returns the answers, each with the error's code after it.
  func callPackage(_ calls: [[String]], frame: String = "#frame") throws -> [String] {
    let script = """
      const outer = document.querySelector(arguments[1]).contentWindow;
      const api = outer.API ?? outer.API_1484_11;
      const error = api.LMSGetLastError ?? api.GetLastError;
      return arguments[0].map(([name, ...rest]) => api[name](...rest) + " " + error());
      """
    let list = JSONValue.array(calls.map { .array($0.map(JSONValue.string)) })
    return try run(script, [list, .string(frame)]).arrayValue?.compactMap(\.stringValue) ?? []
  }
}

extension Studio {
  /// What the server keeps of the learner's first grain: status and score.
  func firstGrain() throws -> String {
    try world.database.value(
      """
      select coalesce((select p.status || ' ' || coalesce(p.score::text, '-') from public.progress p
        join public.grains g on g.id = p.grain where g.slug = 'bienvenue'), 'nothing')
      """)
  }

  func expectFirstGrain(_ words: String) throws {
    try browser.wait(until: "the progress is “\(words)”") { try firstGrain() == words }
  }

  /// What the server keeps of the package.
  func packageState() throws -> String {
    try world.database.value("select coalesce((select value::text from passerelle.states), '')")
  }
}
