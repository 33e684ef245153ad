import Foundation
import TestSupport
import Testing
import Wire

/// Recordings that are watched and texts that are read.
@Suite("Recordings and texts", .serialized, .needsBrowser) struct MediaTests {
  /// A recording of silence of so many seconds, as a page makes it.
  private static func recording(_ seconds: Int) -> String {
    """
    <audio id=recording data-passerelle-grain=bienvenue data-passerelle-watch="80%" controls></audio>
    <script>
    const count = 8000 * \(seconds), view = new DataView(new ArrayBuffer(44 + count));
    const text = (at, words) => [...words].forEach((each, n) => view.setUint8(at + n, each.charCodeAt(0)));
    text(0, "RIFF"); view.setUint32(4, 36 + count, true); text(8, "WAVEfmt "); view.setUint32(16, 16, true);
    view.setUint16(20, 1, true); view.setUint16(22, 1, true); view.setUint32(24, 8000, true);
    view.setUint32(28, 8000, true); view.setUint16(32, 1, true); view.setUint16(34, 8, true); text(36, "data");
    view.setUint32(40, count, true);
    for (let n = 0; n < count; n += 1) view.setUint8(44 + n, 128);
    recording.src = URL.createObjectURL(new Blob([view], { type: "audio/wav" }));
    </script>
    """
  }

  @Test("Seconds that were played count, each once; a jump to the end earns nothing")
  func watch() throws {
    let arguments = ["--autoplay-policy=no-user-gesture-required"]
    try Studio.run(["/": Studio.head + Studio.body + Self.recording(5)], arguments: arguments) { studio in
      try studio.enter()
      Studio.pause()
      // Jumps to the end, and plays the beginning twice.
      try studio.browser.run("recording.currentTime = 4.5; return recording.play()")
      try studio.browser.wait(until: "the end is there") { try studio.browser.run("return recording.ended") == true }
      for _ in 1...2 {
        try studio.browser.run(
          """
          recording.currentTime = 0;
          return recording.play().then(() => new Promise((resume) => setTimeout(resume, 2000))).then(() => recording.pause());
          """)
      }
      Studio.pause()
      #expect(try studio.grains() == ["bienvenue started -"])
      try studio.browser.run("recording.currentTime = 1.5; return recording.play()")
      try studio.expectGrains(["bienvenue completed -"])
      #expect(try studio.browser.run("return recording.ended") == false)
    }
  }

  /// A recording of a hundred seconds of which a test says what was played: WebKit here has no decoder.
  private static let pretended = """
    <audio id=recording data-passerelle-grain=bienvenue data-passerelle-watch="80%"></audio>
    <script>
    let list = [];
    const played = { get: () => ({ length: list.length, start: (n) => list[n][0], end: (n) => list[n][1] }) };
    Object.defineProperties(recording, { duration: { value: 100 }, played });
    window.plays = (...stretches) => {
      list = stretches;
      for (const name of ["play", "timeupdate", "pause"]) recording.dispatchEvent(new Event(name));
    };
    </script>
    """

  @Test(
    "What was played at several visits, on whatever device, adds up, each second once",
    arguments: WebDriver.Engine.installed)
  func visits(engine: WebDriver.Engine) throws {
    try Studio.run(["/": Studio.head + Studio.body + Self.pretended], engine: engine) { studio in
      func play(_ stretches: String, keeps watched: String) throws {
        try studio.enter()
        Studio.pause()
        try studio.browser.run("plays(\(stretches))")
        try studio.browser.wait(until: "\(watched) is kept") { try studio.packageState().contains(watched) }
      }
      try play("[0, 30], [20, 50.04]", keeps: #"{"watched":[[0,50]],"duration":100}"#)
      try play("[40, 70]", keeps: "[[0,70]]")
      try play("[75, 84]", keeps: "[[0,70],[75,84]]")
      try studio.expectGrains(["bienvenue started -"])
      try studio.browser.run("plays([75, 86])")
      try studio.expectGrains(["bienvenue completed -"])
    }
  }

  @Test(
    "A page that uses the grain's state itself keeps it, and its author is told", arguments: WebDriver.Engine.installed)
  func ownState(engine: WebDriver.Engine) throws {
    try Studio.run(["/": Studio.head + Studio.body + Self.pretended], engine: engine) { studio in
      try studio.enter()
      Studio.pause()
      try studio.browser.run("return Passerelle.connect().then(({ state }) => state('bienvenue').set({ page: 1 }))")
      try studio.browser.wait(until: "it is kept") { try studio.packageState() == #"{"page":1}"# }
      try studio.browser.run("plays([0, 79])")
      try studio.expectGrains(["bienvenue started -"])
      Studio.pause()
      try studio.expectConsole("what was watched is not kept")
      #expect(try studio.packageState() == #"{"page":1}"#)
      try studio.browser.run("plays([0, 81])")
      try studio.expectGrains(["bienvenue completed -"])
    }
  }

  @Test("A text is read when its end was on screen for a moment", arguments: WebDriver.Engine.installed)
  func read(engine: WebDriver.Engine) throws {
    let page =
      "<article id=text data-passerelle-grain=bienvenue data-passerelle-read style='height: 3000px'>Text</article>"
    try Studio.run(["/": Studio.head + Studio.body + page], engine: engine) { studio in
      try studio.enter()
      Thread.sleep(forTimeInterval: 3)
      #expect(try studio.grains() == [])
      // A moment is not enough.
      try studio.browser.run("scrollTo(0, 9999)")
      try studio.browser.run("scrollTo(0, 0)")
      Thread.sleep(forTimeInterval: 3)
      #expect(try studio.grains() == [])
      try studio.browser.run("scrollTo(0, 9999)")
      try studio.expectGrains(["bienvenue completed -"])
    }
  }
}
