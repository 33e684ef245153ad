import DemoMoodle
import TestSupport
import Testing
import Wire

/// Login CSRF: somebody else's login, begun in another browser, must not open in this one.
@Suite("Forged logins in a browser", .serialized, .needsBrowser) struct LoginForgeryTests {
  /// An attacker's own login, begun as in a frame so that its proof is on the page, and the token that Moodle gave them.
  private struct Loot: Sendable {
    let state: String
    let proof: String
    let token: String

    init(_ room: Classroom) throws {
      let tool = room.world.moodle.platform.tool
      let page = try room.world.post(
        "/lti/login",
        form: [
          ("iss", room.moodle), ("target_link_uri", tool.baseURL), ("login_hint", "4"), ("client_id", tool.clientID),
        ], fields: [("Sec-Fetch-Dest", "iframe")])
      #expect(page.status == 200, "\(page.text)")
      proof = String(try #require(page.text.firstMatch(of: /data-proof="([^"]+)"/)).1)
      let link = String(try #require(page.text.firstMatch(of: /<a href="([^"]+)"/)).1).replacing("&amp;", with: "&")
      let items = try #require(WebURL(link)).queryItems
      state = try #require(items.first { $0.name == "state" }?.value)
      let nonce = try #require(items.first { $0.name == "nonce" }?.value)
      token = try room.world.moodle.tokens.token(room.world.moodle.tokens.claims(user: 4, nonce: nonce))
    }

    /// The page that posts them from the attacker's site.
    func page(to launch: String, withProof: Bool) -> String {
      let fields = [("id_token", token), ("state", state)] + (withProof ? [("passerelle_proof", proof)] : [])
      return "<form method=post action=\"\(launch)\">"
        + fields.map { "<input type=hidden name=\($0.0) value=\"\($0.1)\">" }.joined()
        + "</form><script>document.forms[0].submit()</script>"
    }
  }

  @Test("Another person's token, state and proof, posted from another page, are refused")
  func forged() throws {
    try Classroom.run(.crossHTTP) { room in
      let loot = try Loot(room)
      let launch = room.world.tool.base.description + "/lti/launch"
      let answer = { @Sendable (request: MoodleRequest, _: String) -> MoodleResponse in
        request.path == "/frame"
          ? .html("<iframe width=800 height=600 src=\"/post?\(request.query)\"></iframe>")
          : .html(loot.page(to: launch, withProof: request.query == "proof"))
      }
      try PlatformStub.run(answer) { evil in
        let port = try #require(WebURL(evil.url)).port
        for host in ["localhost", "127.0.0.1"] {
          try room.world.database.execute(
            "insert into passerelle.platforms (name, issuer) values (\(host), \("http://\(host):\(port)"))")
        }
        let browser = try room.browser()
        defer { browser.quit() }
        // From another site, and from another port of the same one; in a window, and in a frame; without the proof the
        // tool's own page looks for one, and finds none.
        for address in ["http://localhost:\(port)", "http://127.0.0.1:\(port)"] {
          for query in ["proof", "none"] {
            try browser.open("\(address)/post?\(query)")
            try browser.wait(for: "state_missing", in: "main")
            #expect(try browser.url() == launch)
            try browser.open("\(address)/frame?\(query)")
            try browser.enterFrame("iframe")
            try browser.wait(for: "state_missing", in: "main")
          }
        }
        try Classroom.keepScreenshot(browser, "forged")
      }
      let statuses = try room.launches(count: 12)
      #expect(
        statuses.count { $0 == 400 } == 8 && statuses.count { $0 == 200 } == 4 && statuses.count == 12, "\(statuses)")
      #expect(try room.world.database.count("select from passerelle.codes") == 0)
      #expect(try room.world.database.count("select from public.learners") == 0)
      // It was the browser that was wrong: where the login began, the very same opens.
      let own = try room.world.post(
        "/lti/launch", form: [("id_token", loot.token), ("state", loot.state), ("passerelle_proof", loot.proof)],
        fields: [("Sec-Fetch-Site", "same-origin")])
      #expect(own.status == 303, "\(own.text)")
    }
  }
}
