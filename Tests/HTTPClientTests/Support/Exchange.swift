import Foundation
import HTTPClient
import Testing
import Wire

/// A client that may call servers on loopback, and trusts the test authority when told where it is.
func loopbackClient(
  maximumResponseBytes: Int = 1 << 20, maximumHeaderBytes: Int = 65536, caDirectory: String = "/etc/ssl/certs"
) -> HTTPClient {
  HTTPClient(
    policy: .init(
      caDirectory: caDirectory, allowsInsecureHTTP: true, allowsPrivateAddresses: true,
      maximumResponseBytes: maximumResponseBytes, maximumHeaderBytes: maximumHeaderBytes, userAgent: "test"))
}

/// A URL on loopback.
func url(_ scheme: WebURL.Scheme = .http, host: String = "127.0.0.1", port: Int, path: String = "/") throws -> WebURL {
  try #require(WebURL("\(scheme.rawValue)://\(host):\(port)\(path)"))
}

/// The failure of an exchange, or `nil` when it had a response.
func failure(
  of request: HTTPRequest, client: HTTPClient = loopbackClient(), timeout milliseconds: Int = 10_000
) -> TransportFailure? {
  do throws(TransportFailure) {
    _ = try client.send(request, timeout: milliseconds)
    return nil
  } catch {
    return error
  }
}

/// Runs the body and says how long it took.
func elapsed(_ body: () throws -> Void) rethrows -> Duration {
  try ContinuousClock().measure(body)
}
