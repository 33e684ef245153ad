import DemoMoodle
import Foundation
import JOSE
import Synchronization
import Testing
import Wire

/// One exchange recorded against a real Moodle 4.5.6.
struct Exchange {
  var label: String
  var request: MoodleRequest
  var status: Int
  var reason: String
  var contentType: String?
  var link: String?
  var body: String
  var at: Instant

  init(_ json: JSONValue) throws {
    label = try #require(json["label"]?.stringValue)
    let sent = try #require(json["request"])
    let url = try #require(sent["url"]?.stringValue.flatMap { WebURL($0) })
    var fields = HTTPFields()
    for (name, value) in sent["headers"]?.objectValue?.members ?? [] { fields.append(name, value.stringValue ?? "") }
    request = MoodleRequest(
      method: try #require(sent["method"]?.stringValue), target: url.requestTarget, fields: fields,
      body: Array((sent["body"]?.stringValue ?? "").utf8))
    let answer = try #require(json["response"])
    let headers = answer["headers"]
    status = Int(try #require(answer["status"]?.intValue))
    reason = Self.asUTF8(answer["reason"]?.stringValue ?? "")
    contentType = headers?["Content-Type"]?.stringValue
    link = headers?["Link"]?.stringValue.map(Self.asUTF8)
    body = answer["body"]?.stringValue ?? ""
    at = try #require(headers?["Date"]?.stringValue.flatMap { Instant(httpDate: $0) })
  }

  /// The recorder read header bytes as Latin-1; Moodle had sent UTF-8.
  private static func asUTF8(_ text: String) -> String {
    let bytes = text.unicodeScalars.compactMap { UInt8(exactly: $0.value) }
    guard bytes.count == text.unicodeScalars.count else { return text }
    return String(validating: bytes, as: UTF8.self) ?? text
  }

  static func load(_ file: String) throws -> [Exchange] {
    try #require(Fixtures.json(file).arrayValue).map(Exchange.init)
  }
}

/// The recorded files, in Tests/Fixtures/moodle-4.5.
enum Fixtures {
  static func bytes(_ name: String) throws -> [UInt8] {
    let tests = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
      .deletingLastPathComponent()
    return Array(try Data(contentsOf: tests.appending(path: "Fixtures/moodle-4.5/\(name)")))
  }

  static func json(_ name: String) throws -> JSONValue { try JSONValue(parsing: bytes(name)) }
}

/// A platform set up as the recorded Moodle was: same address, ids, people and tool, and a clock that tests set.
struct RecordedSite {
  let platform: Platform
  let clock: Clock
  private static let key = Result { try RSAPrivateKey.generate() }

  final class Clock: Sendable {
    private let instant = Mutex(Instant(seconds: 1_795_396_386))
    var now: Instant {
      get { instant.withLock { $0 } }
      set { instant.withLock { $0 = newValue } }
    }
  }

  /// - Parameters:
  ///   - roster: ids in the order in which the recorded Moodle listed its members; who is absent is not enrolled.
  ///   - hashes: the hashes that Moodle made over the data of its sourced ids, with a secret that nobody recorded.
  init(roster: [Int] = [6, 5, 3, 4, 8, 7], hashes: [String: String]? = nil) throws {
    let tool = Tool(
      baseURL: "http://127.0.0.1:8091/launch", initiateLoginURL: "http://127.0.0.1:8091/login",
      redirectURIs: ["http://127.0.0.1:8091/launch", "http://127.0.0.1:8091/deeplink"],
      keysetURL: "http://127.0.0.1:8091/jwks", contentSelectionURL: "http://127.0.0.1:8091/deeplink")
    let shared = try Fixtures.json("credentials.json")["lti11"]
    let tool11 = Tool(
      launchURL: "http://127.0.0.1:8091/lti11", key: try #require(shared?["key"]?.stringValue),
      secret: try #require(shared?["secret"]?.stringValue))
    let quiz = Activity(
      custom: [("grain", "abc"), ("level", "$User.username"), ("prenom", "$Person.name.given")])
    let other = Activity(
      cmid: 3, instance: 2, name: "Quiz 1.1", custom: [("grain", "abc")], points: 20, container: .window, typeID: 2)
    let enrolled = roster.compactMap { id in Person.everyone.first { $0.id == id } }
    let others = Person.everyone.filter { !roster.contains($0.id) }.map { person in
      var person = person
      person.enrolment = .none
      return person
    }
    var configuration = PlatformConfiguration(tool: tool, activities: [quiz, other], people: enrolled + others)
    configuration.otherTools = [tool11]
    configuration.siteName = "BancLTI"
    configuration.siteDescription = "Moodle banc LTI"
    if let hashes { configuration.resultHash = { hashes[$0] ?? "nobody knows" } }
    let clock = Clock()
    configuration.now = { clock.now }
    let pem = try String(decoding: Fixtures.bytes("stub_tool_public_key.pem"), as: UTF8.self)
    let keys = JWKSet(keys: [JWK(try RSAPublicKey(pem: pem), kid: "stub-key-1")])
    configuration.send = { _ in HTTPResponse(status: 200, body: Array(keys.encoded.utf8)) }
    platform = try Platform(configuration, key: Self.key.get())
    platform.moveTo(wwwroot: "http://127.0.0.1:8090")
    self.clock = clock
  }

  /// A session of this person's, for the Cookie field.
  func session(user: Int) throws -> HTTPFields {
    let page = try answer(MoodleRequest(method: "GET", target: "/login/index.php?user=\(user)"))
    return HTTPFields([("Cookie", String(try #require(page.fields["Set-Cookie"]).prefix { $0 != ";" }))])
  }

  func answer(_ request: MoodleRequest) throws -> MoodleResponse {
    try #require(platform.respond(to: request, waiting: { _ in true }).response)
  }
}
