import ArgumentParser
import DemoMoodle
import Foundation

/// The demo platform as a process of its own.
@main
struct DemoMoodleCommand: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "demo-moodle",
      abstract:
        "A Moodle-like LTI 1.3 and 1.1 platform for demonstrations and tests; nobody has to log in, so keep it on loopback.",
      discussion: """
        When it listens it prints one line: demo-moodle ready http://HOST:PORT
        People: student1 to student5 are users 3 to 7, teacher1 is 8, outsider 9, teacher2 10, manager1 11, admin 2.
        Pages: /course/view.php?id=2 (with &user=ID to be somebody), /demo/gradebook, /demo/requests, /demo/audit.
        The administrator registers a tool by its URL at /mod/lti/toolconfigure.php?user=2.
        Faults: POST JSON to /demo/faults, for instance {"queue": {"score": ["cut-after-store", {"status": 503}]}}.
        """)
  }

  @Option(help: "The TCP port; 0 takes a free one.") var port: Int = 8090
  @Option(help: "The IPv4 address to listen on.") var host: String = "127.0.0.1"
  @Option(name: .customLong("public-host"), help: "Another name for that address, e.g. localhost: the issuer has it.")
  var publicHost: String?
  @Option(
    name: .customLong("public-url"),
    help: "Where people and tools reach the site when something forwards to it, e.g. https://moodle.test:8443")
  var publicURL: String?
  @Option(name: .customLong("tool-base-url"), help: "Where the tool stands, e.g. http://127.0.0.1:8080/passerelle")
  var toolBaseURL: String
  @Option(name: .customLong("client-id"), help: "The client id that the site gave the tool.")
  var clientID: String = "sdCVQxdbZQil7Gc"
  @Option(name: .customLong("deployment-id"), help: "The tool's type id, which is its deployment id.")
  var deploymentID: Int = 1
  @Option(
    name: .customLong("activity-module"),
    help:
      "One activity that shows this module, graded on 100; may be repeated. Without it, one activity with no module."
  ) var modules: [String] = []
  @Option(name: .customLong("lti11-key"), help: "The consumer key of an LTI 1.1 tool; without it there is none.")
  var lti11Key: String?
  @Option(name: .customLong("lti11-secret"), help: "Its secret.") var lti11Secret: String?
  @Option(
    name: .customLong("lti11-activity-module"),
    help: "One LTI 1.1 activity that shows this module, graded on 20; may be repeated. Without it, one with no module."
  ) var lti11Modules: [String] = []
  @Flag(help: "A Moodle Page that shows the course's activities inside it.") var page = false
  @Option(name: .customLong("learners"), help: "So many more learners, users 101 and up.") var learners: Int = 0
  @Option(help: "The language of everybody's profile, sent to the tool at a launch.") var language: String = "en"
  @Option(help: "Makes tokens, ids and the dice of faults repeatable.") var seed: UInt64?

  func validate() throws {
    guard (0...65535).contains(port) else { throw ValidationError("--port is between 0 and 65535") }
    guard learners >= 0 else { throw ValidationError("--learners is not negative") }
    guard toolBaseURL.hasPrefix("http://") || toolBaseURL.hasPrefix("https://") else {
      throw ValidationError("--tool-base-url starts with http:// or https://")
    }
    guard publicHost == nil || publicURL == nil else {
      throw ValidationError("--public-host and --public-url exclude each other")
    }
    guard (lti11Key == nil) == (lti11Secret == nil), lti11Key != nil || lti11Modules.isEmpty else {
      throw ValidationError("--lti11-key and --lti11-secret go together, and --lti11-activity-module needs them")
    }
  }

  func run() throws {
    var tool = Tool.passerelle(at: toolBaseURL, clientID: clientID, typeID: deploymentID)
    // As after a registration that asked for both: also what a teacher chooses shares them.
    tool.sendName = .always
    tool.sendEmail = .always
    var setup = PlatformConfiguration(
      tool: tool,
      activities: modules.isEmpty ? [Activity()] : modules.enumerated().map { .module($1, position: $0) },
      people: Person.everyone + Person.learners(learners))
    for index in setup.people.indices { setup.people[index].language = language }
    setup.seed = seed
    let platform: Platform
    if let lti11Key, let lti11Secret {
      setup.otherTools = [
        .passerelle11(at: toolBaseURL, key: lti11Key, secret: lti11Secret, typeID: deploymentID + 1)
      ]
      platform = try Platform(setup)
      for module in lti11Modules.isEmpty ? [nil] : lti11Modules.map(Optional.some) {
        platform.addNewActivity(.lti11(module: module, typeID: deploymentID + 1))
      }
    } else {
      platform = try Platform(setup)
    }
    if page { platform.showInPage(platform.activities.map(\.cmid)) }
    let address = publicURL.map(PublicAddress.url) ?? publicHost.map(PublicAddress.host) ?? .listening
    let server = try Server.start(platform, host: host, port: port, publicAddress: address)
    print("demo-moodle ready \(server.url)")
    fflush(nil)
    while true { sleep(3600) }
  }
}
