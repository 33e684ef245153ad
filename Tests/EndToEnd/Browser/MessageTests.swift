import Foundation
import TestSupport
import Testing
import Wire

/// Frames of other sites that say what was done in them.
@Suite("Messages of frames", .serialized, .needsBrowser) struct MessageTests {
  @Test(
    "Messages count from the attributed frame and the origin that is named, for its own grain; all others are ignored",
    arguments: WebDriver.Engine.installed)
  func messages(engine: WebDriver.Engine) throws {
    // Frames of the other names of this machine are other origins.
    let inner = """
      <!doctype html><script>
      addEventListener("message", ({ data }) => parent.postMessage(data, "*"));
      </script>
      """
    let page = """
      <iframe id=a data-passerelle-messages="OTHER" data-passerelle-grain=bienvenue src="OTHER/inner"></iframe>
      <iframe id=b data-passerelle-messages="https://elsewhere.example" data-passerelle-grain=moodle src="OTHER/inner"></iframe>
      <iframe id=c src="OTHER/inner"></iframe>
      <iframe id=d data-passerelle-messages="OTHER" src="OTHER/inner"></iframe>
      <script>
      for (const frame of document.querySelectorAll("iframe")) {
        frame.src = frame.getAttribute("src").replace("OTHER", location.origin.replace("127.0.0.1", "localhost"));
        if (frame.dataset.passerelleMessages === "OTHER") frame.dataset.passerelleMessages = new URL(frame.src).origin;
      }
      window.say = (id, data) => document.getElementById(id).contentWindow.postMessage(data, "*");
      </script>
      """
    try Studio.run(["/": Studio.head + Studio.body + page, "/inner": inner], engine: engine) { studio in
      try studio.enter()
      Studio.pause()
      func say(_ frame: String, _ data: JSONValue) throws {
        try studio.browser.run("say(arguments[0], arguments[1])", [.string(frame), data])
      }
      let done: JSONValue = ["passerelle": ["grain": "directus", "score": 0.5]]
      for frame in ["a", "b", "c"] { try say(frame, done) }
      for score in [2, -1, .null, "1", true] as [JSONValue] {
        try say("a", ["passerelle": ["grain": "bienvenue", "score": score]])
      }
      // The page itself, which no frame is.
      try studio.browser.run("postMessage(arguments[0], '*')", [done])
      try say("a", ["verb": ["id": "http://adlnet.gov/expapi/verbs/terminated"]])
      Studio.pause()
      #expect(try studio.grains() == [])
      try say("d", done)
      try studio.expectGrains(["directus completed 0.5"])
      try say("a", ["passerelle": ["score": 0.25]])
      try studio.expectGrains(["bienvenue completed 0.25", "directus completed 0.5"])
      let statement = XAPI.statement("passed", ["min": 0, "max": 100, "raw": 80, "scaled": 0.8])
      try say("a", ["type": "exe-xapi-statement", "statement": statement])
      try studio.expectGrains(["bienvenue completed 0.8", "directus completed 0.5"])
      try say("a", .string(XAPI.statement("completed", ["scaled": 0.9]).encoded))
      try studio.expectGrains(["bienvenue completed 0.9", "directus completed 0.5"])
    }
  }

  @Test(
    "A frame within the attributed one is not heard, nor is one that the attributed one gave way to",
    arguments: WebDriver.Engine.installed)
  func nested(engine: WebDriver.Engine) throws {
    let speaks = "<!doctype html><script>parent.parent.postMessage({ passerelle: { score: 1 } }, '*')</script>"
    let holds = "<!doctype html><iframe src=/speaks></iframe>"
    let page = """
      <iframe id=a data-passerelle-grain=bienvenue src=/holds></iframe>
      <script>a.dataset.passerelleMessages = location.origin</script>
      """
    let pages = ["/": Studio.head + Studio.body + page, "/holds": holds, "/speaks": speaks]
    try Studio.run(pages, engine: engine) { studio in
      try studio.enter()
      Studio.pause()
      // Of the right origin, but within.
      try studio.browser.run("a.contentWindow.frames[0].location.reload()")
      Studio.pause()
      #expect(try studio.grains() == [])
      // In the attributed frame, but what stands there now is of another origin.
      let other = "location.origin.replace('127.0.0.1', 'localhost')"
      try studio.browser.run("a.src = \(other) + '/speaks'")
      Studio.pause()
      #expect(try studio.grains() == [])
      let direct = "parent.postMessage({ passerelle: { score: 0.5 } }, '*')"
      try studio.browser.enterFrame("#a")
      try studio.browser.run(direct)
      try studio.browser.leaveFrames()
      Studio.pause()
      #expect(try studio.grains() == [])
      try studio.browser.run("a.src = '/holds'")
      Studio.pause()
      try studio.browser.enterFrame("#a")
      try studio.browser.run(direct)
      try studio.browser.leaveFrames()
      try studio.expectGrains(["bienvenue completed 0.5"])
    }
  }

  @Test(
    "eXeLearning's statements: a part does not count, and a page that is gone hurts nobody",
    arguments: WebDriver.Engine.installed)
  func exelearning(engine: WebDriver.Engine) throws {
    let inner =
      "<!doctype html><script>addEventListener('message', ({ data }) => parent.postMessage(data, '*'))</script>"
    let page =
      "<iframe id=a data-passerelle-grain=bienvenue src=/inner></iframe><script>a.dataset.passerelleMessages = location.origin</script>"
    try Studio.run(["/": Studio.head + Studio.body + page, "/inner": inner], engine: engine) { studio in
      try studio.enter()
      Studio.pause()
      let trace = try ContentTrace("exelearning-4.0.2-emitter-web-trueorfalse-wrong-then-right").json.arrayValue ?? []
      let messages = trace.filter { $0["call"] == "(message)" }.compactMap { $0["args"]?.arrayValue?.first }
      #expect(messages.count > 5)
      for message in messages {
        try studio.browser.run("a.contentWindow.postMessage(arguments[0], '*')", [message])
      }
      try studio.expectGrains(["bienvenue completed 1"])
      // After the frame has gone.
      try studio.browser.run(
        "dispatchEvent(new MessageEvent('message', { origin: location.origin, source: null, data: arguments[0] }))",
        [["type": "exe-xapi-statement", "statement": XAPI.statement("terminated")]])
      try studio.expectConsole("TypeError", isThere: false)
    }
  }
}
