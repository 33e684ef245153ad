import TestSupport
import Testing
import Wire

/// What a page looks like without a style sheet of the author's.
@Suite("The library's looks", .serialized, .needsBrowser) struct LookTests {
  private static let mark = "return getComputedStyle(document.querySelector('#one'), '::before').content"

  @Test(
    "A button is disabled while it sends, then looks done and is announced so; the next grain is named and marked",
    arguments: WebDriver.Engine.installed)
  func done(engine: WebDriver.Engine) throws {
    try Studio.run(engine: engine) { studio in
      let browser = studio.browser
      try studio.enter()
      try studio.wait(for: "0 of 4 grains")
      #expect(try browser.run(Self.mark) == "none")
      #expect(try browser.run("return document.querySelector('#one').ariaPressed") == "false")
      try browser.run(
        """
        window.seen = [];
        new MutationObserver(() => seen.push(document.querySelector("#one").disabled))
          .observe(document.querySelector("#one"), { attributeFilter: ["disabled"] });
        """)
      try browser.click("#one")
      try browser.wait(for: "Next: ", in: "#one + \(Studio.beside)")
      try browser.wait(until: "the button is free") { try browser.count("[aria-busy], :disabled") == 0 }
      #expect(try browser.run("return seen") == [true, false])
      #expect(try browser.run(Self.mark) == "\"✓ \"")
      #expect(try browser.run("return document.querySelector('#one').ariaPressed") == "true")
      #expect(try browser.run("return document.activeElement.id") == "one")
      #expect(
        try browser.run("return [...document.querySelectorAll('[data-passerelle-next]')].map(({ id }) => id)") == [
          "second", "two",
        ])
    }
  }

  @Test("Any rule of the author's wins over the library's", arguments: WebDriver.Engine.installed)
  func overridden(engine: WebDriver.Engine) throws {
    let style = "<style>button::before { content: 'mine' }</style>"
    try Studio.run(["/": Studio.head + style + Studio.body], engine: engine) { studio in
      try studio.enter()
      try studio.browser.click("#one")
      try studio.wait(for: "1 of 4 grains — grade sent")
      #expect(try studio.browser.run(Self.mark) == "\"mine\"")
    }
  }

  @Test(
    "How a grade stands is said in words: failed, taken away in Moodle, and the activity gone, too",
    arguments: WebDriver.Engine.installed)
  func grades(engine: WebDriver.Engine) throws {
    let reply = """
      <script>
      const real = fetch;
      fetch = async (...call) => {
        const answer = await real(...call);
        const body = await answer.json();
        const { grade } = body.progress ?? body;
        if (grade && localStorage.status) grade.status = localStorage.status;
        return Response.json(body);
      };
      </script>
      """
    try Studio.run(["/": Studio.head + reply + Studio.body], engine: engine) { studio in
      try studio.enter()
      for (status, words) in [
        ("delivered", "grade sent"), ("pending", "grade on its way"), ("failed", "grade not delivered"),
        ("emptied", "Moodle no longer has the grade"), ("gone", "the activity no longer exists in Moodle"),
      ] {
        try studio.browser.run("localStorage.status = arguments[0]", [.string(status)])
        try studio.browser.reload()
        try studio.wait(for: "0 of 4 grains — \(words)")
      }
      // One that is not known yet is not said.
      try studio.browser.run("localStorage.status = 'unheard-of'")
      try studio.browser.reload()
      try studio.browser.wait(until: "nothing is said") {
        try studio.browser.text("#progress") == "0 of 4 grains"
      }
    }
  }

  @Test("A strict content security policy takes nothing away", arguments: WebDriver.Engine.installed)
  func policy(engine: WebDriver.Engine) throws {
    let policy =
      "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'; script-src http:; connect-src http:\">"
    try Studio.run(
      ["/": Studio.page.replacing("<meta charset=utf-8>", with: "<meta charset=utf-8>" + policy)], engine: engine
    ) {
      studio in
      try studio.enter()
      try studio.browser.click("#one")
      try studio.wait(for: "1 of 4 grains — grade sent")
      #expect(try studio.browser.run(Self.mark) == "\"✓ \"")
    }
  }

  @Test("A message appears beside what was clicked, and in the place for it", arguments: WebDriver.Engine.installed)
  func beside(engine: WebDriver.Engine) throws {
    try Studio.run(engine: engine) { studio in
      try studio.enter()
      studio.front.answerReports(status: 502)
      try studio.browser.click("#two")
      try studio.browser.wait(for: "Your work is kept", in: "#two + \(Studio.beside)")
      #expect(try studio.browser.text("#message").contains("Your work is kept"))
    }
  }

  @Test(
    "Slugs that the module does not have are named in the console, with those it has",
    arguments: WebDriver.Engine.installed)
  func unknown(engine: WebDriver.Engine) throws {
    let typo = "<i id=typo data-passerelle-grain=bienvenu></i>"
    try Studio.run(["/": Studio.page + typo], engine: engine) { studio in
      try studio.enter()
      try studio.expectConsole("bienvenu\\\", but bienvenue, moodle, directus, passerelle")
      #expect(
        try studio.browser.run("return document.querySelector('#typo').dataset.passerelleStatus ?? null") == .null)
    }
  }

  @Test(
    "data-passerelle-start marks a grain as started: an element by being there, a link at the click",
    arguments: WebDriver.Engine.installed)
  func start(engine: WebDriver.Engine) throws {
    let page =
      Studio.page + "<div data-passerelle-start=moodle></div><a id=go href='#x' data-passerelle-start=directus>Go</a>"
    try Studio.run(["/": page], engine: engine) { studio in
      try studio.enter()
      try studio.browser.wait(until: "the second is started") {
        try studio.browser.run("return document.querySelector('#second').dataset.passerelleStatus") == "started"
      }
      #expect(studio.front.grains == [["grain": "moodle", "status": "started"]])
      try studio.browser.click("#go")
      try studio.browser.wait(until: "the third is reported") { studio.front.grains.count == 2 }
      #expect(studio.front.grains.last == ["grain": "directus", "status": "started"])
    }
  }
}
