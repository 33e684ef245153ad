import Foundation
import TestSupport
import Testing
import Wire

/// `apache-conf/demo` as somebody sees it who starts it and follows what it prints.
@Suite(.serialized, .needsStack) struct DemoTests {
  /// A demo that runs until it is told to stop.
  private final class Demo {
    private let pid: pid_t
    private let output: String
    private var status: Int32?

    init(_ arguments: [String] = []) throws {
      output = FileManager.default.temporaryDirectory.appendingPathComponent("demo-\(UUID().uuidString).log").path
      let file = open(output, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
      try #require(file >= 0)
      defer { close(file) }
      // Settings of these tests are not the demo's; the programs are those that the tests were built with. Foundation's
      // Process would wait for the demo's servers, too, and block the signal that ends it.
      pid = try ProgramRun.spawn(
        Stack.root.appendingPathComponent("apache-conf/demo").path, arguments,
        [
          ("PATH", "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"), ("LC_ALL", "C.UTF-8"), ("STACK_CGI", Stack.cgi),
          ("STACK_COMMAND", Stack.command), ("STACK_DEMO_MOODLE", try Stack.value("PASSERELLE_TEST_DEMO_MOODLE")),
        ],
        [file, file, file])
    }

    /// Everything printed so far.
    var text: String { (try? String(contentsOfFile: output, encoding: .utf8)) ?? "" }

    /// Waits until it has printed these words; fails when it ends before.
    func wait(for words: String) throws {
      let end = ContinuousClock.now + .seconds(180)
      while !text.contains(words) {
        try #require(exitStatus(WNOHANG) == nil && ContinuousClock.now < end, "\(text)")
        Thread.sleep(forTimeInterval: 0.1)
      }
    }

    /// Lets it come to its end by itself; answers its exit status.
    func end() -> Int32? { exitStatus(0) }

    /// As Ctrl-C does.
    func interrupt() -> Int32? {
      if status == nil { kill(pid, SIGINT) }
      let status = end()
      try? FileManager.default.removeItem(atPath: output)
      return status
    }

    private func exitStatus(_ options: Int32) -> Int32? {
      var code: Int32 = 0
      if status == nil, waitpid(pid, &code, options) == pid { status = (code >> 8) & 0xFF }
      return status
    }

    /// What the printed text has where the pattern has its group.
    func find(_ pattern: Regex<(Substring, Substring)>) throws -> String {
      String(try #require(text.firstMatch(of: pattern), "\(text)").1)
    }
  }

  private static func keepScreenshot(_ browser: WebDriver, _ name: String) throws {
    guard let folder = Stack.optional("PASSERELLE_TEST_SCREENSHOTS") else { return }
    try browser.screenshot(to: "\(folder)/demo-\(name).png")
  }

  @Test("--once launches one learner by LTI 1.3 and LTI 1.1, sees both grades arrive, and leaves nothing running")
  func once() throws {
    let demo = try Demo(["--once"])
    defer { _ = demo.interrupt() }
    #expect(demo.end() == 0, "\(demo.text)")
    let text = demo.text
    for words in ["LTI 1.3", "LTI 1.1", "same profile", "100 / 100", "20 / 20", "Mise en place"] {
      #expect(text.contains(words), "\(words) in \(text)")
    }
    let place = try demo.find(/--lti11-secret-file (\S+)\/lti11-secret/)
    #expect(!FileManager.default.fileExists(atPath: place))
    #expect(try ShellCommand(["pgrep", "-f", place]).status == 1)
  }

  @Test("The printed invite, pasted into the demo Moodle, registers the tool; content is chosen with it, and graded")
  func printedAddresses() throws {
    let demo = try Demo()
    defer { _ = demo.interrupt() }
    try demo.wait(for: "Ctrl-C stops everything.")
    let moodle = try demo.find(/export MOODLE=(\S+)/)
    let invite = try demo.find(/(http\S+\/lti\/register\?invite=\S+)/)
    let administrator = try demo.find(/(http\S+\/toolconfigure\.php\?user=2)/)
    let teacher = try demo.find(/(http\S+\/course\/view\.php\?id=2&user=8)/)

    let browser = try WebDriver()
    defer { browser.quit() }
    try browser.open(administrator)
    // Both versions side by side, by hand.
    #expect(try browser.count("section.tool") == 2)
    try Self.keepScreenshot(browser, "tools")
    try browser.type(invite, into: "input[name=url]")
    try browser.click("form[method=get] button")
    try browser.enterFrame("#registration")
    try browser.click("a[href*='type=0']")
    try browser.wait(for: "Activ", in: "main")
    try browser.leaveFrames()
    try Self.keepScreenshot(browser, "registration")
    try browser.enterFrame("#registration")
    try browser.click("#close button")
    try browser.leaveFrames()
    try browser.wait(for: "Pending", in: "[data-type='3'] .state")
    try Self.keepScreenshot(browser, "pending")
    try browser.click("[data-type='3'] form button")
    try browser.wait(for: "Active", in: "[data-type='3'] .state")

    try browser.open(teacher)
    try Self.keepScreenshot(browser, "course-teacher")
    try browser.click("a[href*='type=3']")
    try browser.enterFrame("#contentitem")
    try browser.wait(for: "Découverte de Passerelle", in: "form")
    try Self.keepScreenshot(browser, "choose")
    try browser.click("input[name=item]")
    try browser.clickAway("button[type=submit]")
    try browser.leaveFrames()
    try browser.wait(for: "Découverte de Passerelle", in: "main h2")

    // A learner opens what was chosen, in the frame of the course page, and completes a grain.
    let chosen = try #require(WebURL(try browser.url())?.queryItems.first { $0.name == "cm" }?.value)
    try browser.open("\(moodle)/course/view.php?id=2&cm=\(chosen)&user=5")
    try browser.enterFrame("#contentframe")
    try browser.wait(for: "François D'Hérouville", in: "body")
    try browser.click("a[href='#bienvenue']")
    try browser.click("#bienvenue button")
    try browser.wait(for: "1", in: "#progress-words")
    // What others made for the mini-site has another name than the dashboard.
    #expect(try browser.run("return location.hostname") == "localhost")
    #expect(WebURL(invite)?.host == "127.0.0.1")
    try browser.leaveFrames()
    try browser.wait(for: "25 / 100", in: "#gradebook")
    try Self.keepScreenshot(browser, "learner")
    try browser.open("\(moodle)/course/view.php?id=2&cm=3&user=5")
    try browser.enterFrame("#contentframe")
    // The same profile by LTI 1.1: what was done there is done here.
    try browser.wait(for: "1", in: "#progress-words")
    try browser.leaveFrames()
    try browser.wait(for: "5 / 20", in: "#gradebook")
    try Self.keepScreenshot(browser, "lti11")
    #expect(demo.interrupt() == 130)
  }
}
