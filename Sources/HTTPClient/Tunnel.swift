import Wire

/// The way through a proxy: CONNECT, and then the bytes as they are (RFC 9110 §9.3.6).
enum Tunnel {
  /// Asks the proxy behind `stream` for a tunnel to a server, and waits until it stands.
  ///
  /// - Throws: `.proxy` with the proxy's status, or what became of the connection to it. Nothing of the request has left by
  ///   then.
  static func open(
    to url: WebURL, through proxy: OutgoingProxy, over stream: PlainStream, policy: HTTPClient.Policy,
    until deadline: Deadline
  ) throws(TransportFailure) {
    let host = url.host.utf8.contains(UInt8(ascii: ":")) ? "[\(url.host)]" : url.host
    var head = "CONNECT \(host):\(url.port) HTTP/1.1\r\nHost: \(host):\(url.port)\r\n"
    if !policy.userAgent.isEmpty { head += "User-Agent: \(policy.userAgent)\r\n" }
    if let authorization = proxy.authorization { head += "Proxy-Authorization: \(authorization)\r\n" }
    head += "\r\n"
    do { try stream.write(Array(head.utf8), until: deadline) } catch {
      switch error {
      case .timedOut: throw .timedOut(.connect)
      case .broken: throw .proxy(.closedEarly)
      }
    }
    var reader = ResponseReader(stream: stream, policy: policy, deadline: deadline)
    let status: Int
    do { status = try reader.tunnelStatus() } catch {
      switch error {
      case .timedOut: throw .timedOut(.connect)
      case .closedEarly: throw .proxy(.closedEarly)
      default: throw .proxy(.malformed)
      }
    }
    guard (200...299).contains(status) else { throw .proxy(.refused(status: status)) }
    // A server speaks TLS only when it is spoken to: what comes before is the proxy's, and not HTTP.
    guard reader.isDrained else { throw .proxy(.malformed) }
  }
}
