import CGI
import Wire

/// Who may read what monitoring counts: whoever brings the token, or this machine where none is set.
enum Monitoring {
  /// How a request stands to it.
  enum Access: Equatable {
    case granted
    /// A token is set, and this is not it.
    case tokenNeeded
    /// None is set, and the request is not this machine's own.
    case loopbackOnly
  }

  static func access(_ exchange: Exchange) -> Access {
    if let token = exchange.settings.metricsToken {
      return exchange.request.bearerToken.map(token.isEqual) == true ? .granted : .tokenNeeded
    }
    return isLoopback(exchange.request) ? .granted : .loopbackOnly
  }

  /// Whether the request comes from a process of this machine and from nobody through one: a proxy on it says for whom it asks.
  private static func isLoopback(_ request: Request) -> Bool {
    guard let peer = request.remoteAddress, peer == "::1" || isLoopbackV4(peer) else { return false }
    return ["Forwarded", "X-Forwarded-For", "X-Real-IP", "Via"].allSatisfy { request.header($0) == nil }
  }

  /// 127.0.0.0/8, also as a socket for both families writes it.
  private static func isLoopbackV4(_ address: String) -> Bool {
    let prefix = "::ffff:"
    let four = address.asciiLowercased.hasPrefix(prefix) ? address.dropFirst(prefix.count) : address[...]
    let parts = four.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
  }
}
