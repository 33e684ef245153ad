import Wire

/// One blocking HTTP/1.1 exchange with another server, over TLS, within a deadline and within limits.
///
/// Each exchange has a connection of its own (`Connection: close`). No redirect is followed: a token or a score goes to
/// the server that was named, or nowhere. Safe to share between threads.
package struct HTTPClient: Sendable {
  /// What the client may do and how much it takes.
  package struct Policy: Sendable {
    /// The trust store: a directory of certificates named by hash, as `openssl rehash` or `update-ca-certificates`
    /// make it.
    package var caDirectory: String
    /// Whether `http` URLs are called at all.
    package var allowsInsecureHTTP: Bool
    /// Whether addresses that the public Internet does not route are called: loopback, private, link-local and so on.
    package var allowsPrivateAddresses: Bool
    /// The largest response body, in octets.
    package var maximumResponseBytes: Int
    /// The largest response head, in octets, interim responses, chunk extensions and trailers included.
    package var maximumHeaderBytes: Int
    /// The `User-Agent` field (RFC 9110 §10.1.5) of requests that bring none; empty for none.
    package var userAgent: String

    /// A policy; without arguments, the one for production.
    package init(
      caDirectory: String = "/etc/ssl/certs", allowsInsecureHTTP: Bool = false, allowsPrivateAddresses: Bool = false,
      maximumResponseBytes: Int = 1 << 20, maximumHeaderBytes: Int = 65536, userAgent: String = "Passerelle"
    ) {
      self.caDirectory = caDirectory
      self.allowsInsecureHTTP = allowsInsecureHTTP
      self.allowsPrivateAddresses = allowsPrivateAddresses
      self.maximumResponseBytes = maximumResponseBytes
      self.maximumHeaderBytes = maximumHeaderBytes
      self.userAgent = userAgent
    }
  }

  /// What this client may do.
  package let policy: Policy
  private let tls: TLSContext

  /// A client; cheap until the first exchange over TLS.
  package init(policy: Policy) {
    self.policy = policy
    tls = TLSContext(caDirectory: policy.caDirectory)
  }

  /// Sends the request and waits for the whole response, whatever its status.
  ///
  /// - Parameters:
  ///   - request: What to send. `Host`, `Content-Length`, `Transfer-Encoding` and `Connection` are the client's own
  ///     and ignored in its fields.
  ///   - milliseconds: The time for everything together: name, connection, handshake, request and response.
  /// - Throws: The failure; `mayHaveBeenProcessed` is false for all that happens before the first octet of the request
  ///   is handed to the network.
  package func send(_ request: HTTPRequest, timeout milliseconds: Int) throws(TransportFailure) -> HTTPResponse {
    let deadline = Deadline(milliseconds: milliseconds)
    let url = request.url
    guard url.scheme == .https || policy.allowsInsecureHTTP else { throw .insecure("the URL is not https") }
    let octets = try RequestEncoder.encode(request, userAgent: policy.userAgent)
    let stream = try connect(to: url, until: deadline)
    return try exchange(octets, method: request.method, over: stream, until: deadline)
  }

  private func connect(to url: WebURL, until deadline: Deadline) throws(TransportFailure) -> any ByteStream {
    let resolution = Resolution.start(host: url.host, port: url.port)
    // OpenSSL sets itself up while the name server thinks.
    if url.scheme == .https { try tls.prepare() }
    guard let found = resolution.wait(until: deadline) else { throw .timedOut(.nameResolution) }
    guard !found.isEmpty else { throw .nameNotResolved }
    let allowed = found.filter { policy.allowsPrivateAddresses || $0.address.isGlobal }
    guard !allowed.isEmpty else { throw .addressForbidden }
    let socket = try Socket.connect(to: allowed, until: deadline)
    guard url.scheme == .https else { return PlainStream(socket: socket) }
    return try TLSStream(context: tls, socket: socket, host: url.host, until: deadline)
  }

  /// Writes the octets of a request with that method and reads the response.
  func exchange(
    _ octets: [UInt8], method: String, over stream: any ByteStream, until deadline: Deadline
  ) throws(TransportFailure) -> HTTPResponse {
    try write(octets, to: stream, until: deadline)
    var reader = ResponseReader(stream: stream, policy: policy, deadline: deadline)
    return try reader.response(to: method)
  }

  private func write(
    _ octets: [UInt8], to stream: any ByteStream, until deadline: Deadline
  ) throws(TransportFailure) {
    do {
      try stream.write(octets, until: deadline)
    } catch {
      switch error {
      case .timedOut: throw stream.hasSent ? .timedOut(.send) : .timedOut(.connect)
      // A server may answer and hang up before it has read everything (413, say): the answer is then still there to
      // be read, and if it is not, reading says so.
      case .broken: guard stream.hasSent else { throw .closedEarly(afterSending: false) }
      }
    }
  }
}
