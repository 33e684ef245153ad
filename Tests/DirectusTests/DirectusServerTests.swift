import DemoMoodle
import Directus
import HTTPClient
import TestSupport
import Testing
import Wire

/// What is said to a running Directus, over HTTP to a stand-in.
@Suite struct DirectusServerTests {
  @Test("The system caches are cleared with an administrator's token", arguments: ["", "/"])
  func clear(path: String) throws {
    let site = FakeDirectus()
    try FakeDirectus.with(site, path: path) { try $0.clearCaches() }
    #expect(site.requests == ["POST /utils/cache/clear?system"])
  }

  @Test("Another's token is refused in words", arguments: [FakeDirectus.trainerToken, "unbekannt"])
  func token(token: String) throws {
    #expect(throws: ServerProblem.tokenRefused) {
      try FakeDirectus.with(FakeDirectus(), token: token) { try $0.clearCaches() }
    }
    #expect(throws: ServerProblem.tokenRefused) {
      try FakeDirectus.with(FakeDirectus(), token: token) { _ = try $0.shape() }
    }
    #expect(!ServerProblem.tokenRefused.description.contains(token))
  }

  @Test("The version is told by the server itself", arguments: FakeDirectus.Version.allCases)
  func version(_ version: FakeDirectus.Version) throws {
    let shape = try FakeDirectus.with(FakeDirectus(version)) { try $0.shape() }
    #expect(version.rawValue.hasPrefix("\(shape.rawValue)."))
  }

  @Test("Only version 12 has a licence, which says what is taken and how much there may be")
  func licence() throws {
    for version in [FakeDirectus.Version.ten, .eleven] {
      #expect(try FakeDirectus.with(FakeDirectus(version)) { try $0.licence() } == nil)
    }
    let licence = try #require(try FakeDirectus.with(FakeDirectus(.twelve)) { try $0.licence() })
    #expect(licence.name == "Core" && licence.status == "active" && licence.graceEnds == nil)
    #expect(licence.seats.words == Words(fr: "3 sur 3", en: "3 of 3") && licence.seats.isFull)
    #expect(licence.collections.words.english == "5 of 25" && !licence.collections.isFull)
    #expect(licence.flows.words.english == "0 of 5" && !licence.hasKey)
  }

  @Test("The days of grace are counted from the licence's end, which without a key is the update to version 12")
  func grace() throws {
    let site = FakeDirectus(.twelve)
    let count: JSONValue = ["seats": ["limit": 3], "collections": ["limit": 25], "flows": ["limit": 5]]
    for (source, end, grace, day) in [
      (JSONValue.null, 1_780_000_000, 2_592_000, "2026-06-27"), ("settings", 1_780_000_000, 604_800, "2026-06-04"),
      (.null, -1, -1, nil), ("settings", 1_780_000_000, -1, nil), (.null, Int64.max, Int64.max, nil),
    ] as [(JSONValue, Int64, Int64, String?)] {
      site.setLicence([
        "name": "Core", "status": "grace", "source": source, "expires_at": .number(Double(end)),
        "grace_period": .number(Double(grace)), "entitlements": count,
        "usage": ["seats": 4, "collections": 5, "flows": 0],
      ])
      let licence = try #require(try FakeDirectus.with(site) { try $0.licence() })
      #expect(licence.graceEnds.map { String($0.rfc3339.prefix(10)) } == day, "\(end) \(grace)")
      #expect(licence.hasKey == (source != .null) && licence.seats.isOver && !licence.collections.isOver)
    }
  }

  @Test("What is not Directus, does not answer or answers too much is told apart")
  func trouble() throws {
    #expect(throws: ServerProblem.notDirectus) {
      try FakeDirectus.with(FakeDirectus(), path: "/admin") { try $0.clearCaches() }
    }
    #expect(throws: ServerProblem.notDirectus) {
      try FakeDirectus.with(FakeDirectus(), path: "/?a=b") { try $0.clearCaches() }
    }
    #expect(throws: ServerProblem.notDirectus) {
      try FakeDirectus.with(FakeDirectus(trouble: .status(302))) { try $0.clearCaches() }
    }
    #expect(throws: ServerProblem.status(500)) {
      try FakeDirectus.with(FakeDirectus(trouble: .status(500))) { try $0.clearCaches() }
    }
    #expect(throws: ServerProblem.notDirectus) {
      try FakeDirectus.with(FakeDirectus(trouble: .nonsense)) { _ = try $0.shape() }
    }
    #expect(throws: ServerProblem.unreachable(.tooLarge)) {
      try FakeDirectus.with(FakeDirectus(trouble: .tooMuch)) { _ = try $0.shape() }
    }
    #expect(throws: ServerProblem.unreachable(.timedOut(.receive))) {
      try FakeDirectus.with(FakeDirectus(trouble: .silence)) { try $0.clearCaches() }
    }
  }

  @Test("Where nobody listens it is unreachable")
  func unreachable() throws {
    let server = try Server.start(FakeDirectus())
    let url = try #require(WebURL(server.url))
    server.stop(grace: 0)
    let client = HTTPClient(policy: HTTPClient.Policy(allowsInsecureHTTP: true, allowsPrivateAddresses: true))
    let directus = DirectusServer(url: url, token: FakeDirectus.token) { (request) throws(TransportFailure) in
      try client.send(request, timeout: 1_000)
    }
    let problem = caught(ServerProblem.self) { try directus.clearCaches() }
    guard case .unreachable(.connectFailed) = problem else {
      Issue.record("\(String(describing: problem))")
      return
    }
  }
}
