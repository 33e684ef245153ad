import HTTPClient
import Wire

/// HTTP for demonstrations and tests: plain http and private addresses are allowed.
package enum PlainHTTP {
  /// One exchange.
  /// - Parameters:
  ///   - request: the request.
  ///   - timeout: milliseconds for all of it.
  /// - Throws: `TransportFailure` when there is no answer.
  package static func send(
    _ request: HTTPRequest, timeout: Int = 15_000
  ) throws(TransportFailure) -> HTTPResponse {
    var policy = HTTPClient.Policy()
    policy.allowsInsecureHTTP = true
    policy.maximumResponseBytes = 32 << 20
    policy.allowsPrivateAddresses = true
    return try HTTPClient(policy: policy).send(request, timeout: timeout)
  }
}
