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
    /// Hosts that may have such addresses all the same, by name or by network; https like all others.
    package var privateHosts = HostPatterns()
    /// The proxy through which https calls go, all but those to ``directHosts``.
    package var proxy: OutgoingProxy?
    /// Hosts that are called without the proxy; a name stands for the names below it, too.
    package var directHosts = HostPatterns()
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

  func connect(to url: WebURL, until deadline: Deadline) throws(TransportFailure) -> any ByteStream {
    if let proxy = policy.proxy, url.scheme == .https, !policy.directHosts.contains(url.host, withSubdomains: true) {
      return try connect(to: url, through: proxy, until: deadline)
    }
    let resolution = Resolution.start(host: url.host, port: url.port)
    // OpenSSL sets itself up while the name server thinks.
    if url.scheme == .https { try tls.prepare() }
    guard let found = resolution.wait(until: deadline) else { throw .timedOut(.nameResolution) }
    guard !found.isEmpty else { throw .nameNotResolved }
    let isListed = policy.allowsPrivateAddresses || policy.privateHosts.contains(url.host)
    let allowed = found.filter { isListed || $0.address.isGlobal || policy.privateHosts.contains($0.address) }
    guard !allowed.isEmpty else { throw .addressForbidden }
    let socket = try Socket.connect(to: allowed, until: deadline)
    guard url.scheme == .https else { return PlainStream(socket: socket) }
    return try TLSStream(context: tls, socket: socket, host: url.host, until: deadline)
  }

  /// Through a proxy, which may have any address and looks the name up: this machine often cannot. An address that stands in the URL
  /// is judged here all the same, and so are the names of the machine itself.
  private func connect(
    to url: WebURL, through proxy: OutgoingProxy, until deadline: Deadline
  ) throws(TransportFailure) -> any ByteStream {
    guard policy.allowsPrivateAddresses || policy.privateHosts.contains(url.host) || !Self.isInternal(url.host) else {
      throw .addressForbidden
    }
    let resolution = Resolution.start(host: proxy.url.host, port: proxy.url.port)
    try tls.prepare()
    guard let found = resolution.wait(until: deadline) else { throw .timedOut(.nameResolution) }
    guard !found.isEmpty else { throw .proxy(.nameNotResolved) }
    let socket: Socket
    do { socket = try Socket.connect(to: found, until: deadline) } catch {
      if case .connectFailed(let errno) = error { throw .proxy(.connectFailed(errno: errno)) }
      throw error
    }
    try Tunnel.open(
      to: url, through: proxy, over: PlainStream(socket: socket), policy: policy, until: deadline)
    return try TLSStream(context: tls, socket: socket, host: url.host, until: deadline)
  }

  private static func isInternal(_ host: String) -> Bool {
    if let address = IPAddress(host) { return !address.isGlobal }
    var name = host.asciiLowercased
    if name.hasSuffix(".") { name = String(name.dropLast()) }
    // RFC 6761 §6.3; and what inet_aton(3) reads as an address, such as 127.1, has a last label of digits or 0x….
    guard name != "localhost", !name.hasSuffix(".localhost") else { return true }
    let last = name.split(separator: ".").last ?? ""
    return last.utf8.allSatisfy(Octets.isDigit) || last.hasPrefix("0x")
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
