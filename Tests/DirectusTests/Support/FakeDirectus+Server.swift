import DemoMoodle
import Directus
import HTTPClient
import TestSupport
import Testing
import Wire

extension FakeDirectus {
  /// Puts a Directus on the network, and speaks to it as somebody.
  static func with<Value>(
    _ site: FakeDirectus, path: String = "", token: String = FakeDirectus.token,
    _ body: (DirectusServer) throws -> Value
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
}
