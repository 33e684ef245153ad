import DemoMoodle
import Foundation
import LTI
import Postgres
import Store
import Testing
import Wire

/// One installation to try things on: the program over a transport, a database, a Moodle on which it is registered.
final class World: Sendable {
  let transport: Transport
  /// In whose collections it lives.
  let shape: Shape
  let tool: Tool
  let moodle: Moodle
  let database: TestDatabase

  /// Where launches land.
  static let minisite = "https://minisite.example/grains/"
  /// The mini-site's origin.
  static let minisiteOrigin = "https://minisite.example"

  /// Makes a world, hands it to `body` and takes it down again.
  /// - Parameters:
  ///   - base: `PASSERELLE_BASE_URL`; nil takes the transport's own.
  ///   - settings: further settings.
  ///   - activities: what Moodle's course holds.
  ///   - shape: in whose collections it lives.
  static func run<Value>(
    _ transport: Transport, base: String? = nil, settings: [(String, String)] = [],
    activities: [Activity] = [Activity()], registered: Bool = true, on shape: Shape = .own,
    _ body: (World) throws -> Value
  ) throws -> Value {
    try Apache.lend(transport) { apache in
      let world = try World(transport, apache, base: base, settings: settings, activities: activities, shape: shape)
      defer { world.end() }
      return try FailedWorld.watch(world) {
        if registered { try world.register(world.moodle) }
        return try body(world)
      }
    }
  }

  /// The same for a transport and a shape together.
  static func run<Value>(
    _ stage: Stage, settings: [(String, String)] = [], activities: [Activity] = [Activity()],
    _ body: (World) throws -> Value
  ) throws -> Value {
    try run(stage.transport, settings: settings, activities: activities, on: stage.shape, body)
  }

  private init(
    _ transport: Transport, _ apache: Apache?, base: String?, settings: [(String, String)], activities: [Activity],
    shape: Shape
  ) throws {
    let base = try #require(WebURL(try base ?? apache?.baseURL ?? "http://tool.example/passerelle"))
    self.transport = transport
    self.shape = shape
    database = try TestDatabase(shape)
    let tool = try Tool(
      transport, apache: apache, base: base,
      settings: [
        ("PASSERELLE_DATABASE_URL", try Stack.asWebRole(database.name)), ("PASSERELLE_BASE_URL", base.description),
        ("PASSERELLE_SECRET", TestDatabase.secret), ("PASSERELLE_MINISITE_URL", Self.minisite),
        ("PASSERELLE_ALLOW_INSECURE_HTTP", "1"), ("PASSERELLE_LOG_LEVEL", "debug"),
      ] + settings)
    self.tool = tool
    moodle = try Moodle(base: base, activities: activities) { (request) throws(TransportFailure) in
      try tool.send(request)
    }
  }

  private func end() {
    moodle.stop()
    try? tool.end()
    database.drop()
  }

  /// Registers a site as `platform add --moodle` does.
  func register(_ moodle: Moodle, clientID: String? = nil, deployments: [String]? = nil) throws {
    let tool = moodle.platform.tool
    let site = try #require(WebURL(moodle.url))
    for deployment in deployments ?? [String(tool.typeID)] {
      let registration = Store.Registration(
        name: .given("Moodle"), issuer: try #require(Issuer(moodle.url)),
        clientID: try #require(ClientID(clientID ?? tool.clientID)),
        deploymentID: try #require(DeploymentID(deployment)),
        addresses: .init(
          authURL: site.insertingPath("/mod/lti/auth.php"), tokenURL: site.insertingPath("/mod/lti/token.php"),
          jwksURL: site.insertingPath("/mod/lti/certs.php"), replaceThoseKnown: false))
      _ = try database.store { try registration.add(in: $0) }
    }
  }

  /// A URL below the script.
  func url(_ path: String) throws -> WebURL { try #require(WebURL(tool.base.description + path)) }

  /// One request to the script.
  func send(
    _ method: String, _ path: String, fields: [(String, String)] = [], body: [UInt8] = []
  ) throws -> HTTPResponse {
    try tool.send(HTTPRequest(method: method, url: try url(path), fields: HTTPFields(fields), body: body))
  }

  /// A form post to the script.
  func post(_ path: String, form: [(String, String)], fields: [(String, String)] = []) throws -> HTTPResponse {
    try send(
      "POST", path, fields: [("Content-Type", "application/x-www-form-urlencoded")] + fields,
      body: Array(FormURLEncoded.encode(form).utf8))
  }

  /// A JSON post to the script.
  func post(_ path: String, json: JSONValue, fields: [(String, String)] = []) throws -> HTTPResponse {
    try send(
      "POST", path, fields: [("Content-Type", "application/json")] + fields, body: Array(json.encoded.utf8))
  }

  /// A browser that stands before Moodle.
  func browser(_ moodle: Moodle? = nil) -> LaunchClient {
    let tool = tool
    return LaunchClient(platform: (moodle ?? self.moodle).url) { (request) throws(TransportFailure) in
      try tool.send(request)
    }
  }

  /// A whole launch in a fresh browser.
  func launch(user: Int = 3, cmid: Int = 2) throws -> LaunchTrace {
    var browser = browser()
    return try browser.launch(user: user, cmid: cmid)
  }

  /// A launch that ends in a session of the mini-site.
  func session(user: Int = 3, cmid: Int = 2) throws -> MiniSite {
    try MiniSite(self, code: try code(of: try launch(user: user, cmid: cmid)))
  }

  /// The one-time code that a launch left in the fragment.
  func code(of trace: LaunchTrace) throws -> String {
    let fragment = try #require(trace.location?.fragment, "\(trace.final.map { $0.text } ?? "")")
    let code = fragment.dropFirst("passerelle=".count)
    #expect(fragment.hasPrefix("passerelle=") && code.utf8.count == 43)
    return String(code)
  }

  /// The administrator's command with this world's settings.
  func command(_ words: String...) throws -> ProgramRun {
    try ProgramRun.run(Stack.command, arguments: words, environment: administration)
  }

  /// What the administrator's command finds in its environment: the settings, and the connection of the tables' owner. The
  /// program itself never sees that one, and works as the stack's web role.
  var administration: [(String, String)] {
    get throws {
      let owner = "PASSERELLE_OWNER_DATABASE_URL"
      let settings = tool.settings
      if settings.contains(where: { $0.0 == owner }) { return settings }
      return settings + [(owner, try Stack.pooled(database.name))]
    }
  }
}

/// What a page of the mini-site does with its session.
struct MiniSite: Sendable {
  let world: World
  let token: String
  /// The answer to the code.
  let opened: JSONValue

  /// Trades a code for a session.
  init(_ world: World, code: String) throws {
    let response = try world.post(
      "/api/session", json: ["code": .string(code)], fields: [("Origin", World.minisiteOrigin)])
    #expect(response.status == 200, "\(response.text)")
    opened = try response.json
    self.world = world
    token = try #require(opened["token"]?.stringValue)
  }

  private var authorization: (String, String) { ("Authorization", "Bearer \(token)") }

  /// GET /api/progress.
  func progress(_ fields: [(String, String)] = []) throws -> HTTPResponse {
    try world.send("GET", "/api/progress", fields: [authorization] + fields)
  }

  /// POST /api/progress.
  func report(_ body: JSONValue) throws -> HTTPResponse {
    try world.post("/api/progress", json: body, fields: [authorization])
  }

  /// Completes one grain.
  @discardableResult
  func complete(_ grain: String, score: Double? = nil) throws -> HTTPResponse {
    var body: JSONObject = ["grain": .string(grain), "status": "completed"]
    if let score { body["score"] = .number(score) }
    return try report(.object(body))
  }

  /// DELETE /api/session.
  func end() throws -> HTTPResponse { try world.send("DELETE", "/api/session", fields: [authorization]) }
}
