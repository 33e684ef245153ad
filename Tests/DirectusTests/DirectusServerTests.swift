import DemoMoodle
import Directus
import HTTPClient
import TestSupport
import Testing
import Wire

/// What is said to a running Directus, over HTTP to a stand-in.
@Suite struct DirectusServerTests {
  private func with<Value>(
    _ site: StandIn, path: String = "", token: String = StandIn.token, _ body: (DirectusServer) throws -> Value
  ) throws -> Value {
    let server = try Server.start(site)
    defer { server.stop(grace: 0) }
    let client = HTTPClient(
      policy: HTTPClient.Policy(allowsInsecureHTTP: true, allowsPrivateAddresses: true, maximumResponseBytes: 1 << 20))
    let url = try #require(WebURL(server.url + path))
    return try body(
      DirectusServer(url: url, token: token) { (request) throws(TransportFailure) in
        try client.send(request, timeout: 1_000)
      })
  }

  @Test("The system caches are cleared with an administrator's token", arguments: ["", "/"])
  func clear(path: String) throws {
    let site = StandIn()
    try with(site, path: path) { try $0.clearCaches() }
    #expect(site.requests == ["POST /utils/cache/clear?system"])
  }

  @Test("Another's token is refused in words", arguments: [StandIn.trainerToken, "unbekannt"])
  func token(token: String) throws {
    #expect(throws: ServerProblem.tokenRefused) { try with(StandIn(), token: token) { try $0.clearCaches() } }
    #expect(throws: ServerProblem.tokenRefused) { try with(StandIn(), token: token) { _ = try $0.dataCache() } }
    #expect(!ServerProblem.tokenRefused.description.contains(token))
  }

  @Test("Whether there is a data cache is told by the health report", arguments: [true, false])
  func cache(isThere: Bool) throws {
    #expect(try with(StandIn(hasDataCache: isThere)) { try $0.dataCache() } == (isThere ? .on : .off))
  }

  @Test("What is not Directus, does not answer or answers too much is told apart")
  func trouble() throws {
    #expect(throws: ServerProblem.notDirectus) { try with(StandIn(), path: "/admin") { try $0.clearCaches() } }
    #expect(throws: ServerProblem.notDirectus) { try with(StandIn(), path: "/?a=b") { try $0.clearCaches() } }
    #expect(throws: ServerProblem.notDirectus) {
      try with(StandIn(trouble: .status(302))) { try $0.clearCaches() }
    }
    #expect(throws: ServerProblem.status(500)) {
      try with(StandIn(trouble: .status(500))) { try $0.clearCaches() }
    }
    #expect(throws: ServerProblem.notDirectus) { try with(StandIn(trouble: .nonsense)) { _ = try $0.dataCache() } }
    #expect(throws: ServerProblem.unreachable(.tooLarge)) {
      try with(StandIn(trouble: .tooMuch)) { _ = try $0.dataCache() }
    }
    #expect(throws: ServerProblem.unreachable(.timedOut(.receive))) {
      try with(StandIn(trouble: .silence)) { try $0.clearCaches() }
    }
  }

  @Test("Where nobody listens it is unreachable")
  func unreachable() throws {
    let server = try Server.start(StandIn())
    let url = try #require(WebURL(server.url))
    server.stop(grace: 0)
    let client = HTTPClient(policy: HTTPClient.Policy(allowsInsecureHTTP: true, allowsPrivateAddresses: true))
    let directus = DirectusServer(url: url, token: StandIn.token) { (request) throws(TransportFailure) in
      try client.send(request, timeout: 1_000)
    }
    let problem = caught(ServerProblem.self) { try directus.clearCaches() }
    guard case .unreachable(.connectFailed) = problem else {
      Issue.record("\(String(describing: problem))")
      return
    }
  }
}
