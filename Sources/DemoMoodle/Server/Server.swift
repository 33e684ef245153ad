import Foundation
import Glibc
import Synchronization
import Wire

/// What kept the server from listening.
package enum ServerError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The host is not a dotted IPv4 address.
  case hostNotAnAddress(String)
  /// The public address is no http or https URL without a path.
  case publicAddressUnusable(String)
  /// A system call failed with this `errno`.
  case system(call: String, errno: Int32)

  /// What happened, in words.
  package var description: String {
    switch self {
    case .hostNotAnAddress(let host): "\(host) is not an IPv4 address"
    case .publicAddressUnusable(let address): "\(address) is not an http or https address without a path"
    case .system(let call, let code): "\(call): \(String(cString: strerror(code)))"
    }
  }
}

/// What a `Server` puts on the network.
package protocol Site: AnyObject, Sendable {
  /// Called once before the first request, with the address: `http://host:port`, no trailing slash.
  func moveTo(wwwroot: String)
  /// Answers a request.
  /// - Parameters:
  ///   - request: the request.
  ///   - waiting: lets so many milliseconds pass and returns false when the client has gone meanwhile.
  func respond(to request: MoodleRequest, waiting: (Int) -> Bool) -> Delivery
  /// Called just before the last bytes of an answer go, or its connection is cut: afterwards the client may already
  /// be sending its next request.
  func delivered(_ delivery: Delivery)
  /// The site's clock, for the `Date` field.
  func now() -> Instant
}

/// How people and tools reach a site, and so what its issuer is.
package enum PublicAddress: Sendable, Equatable {
  /// As it listens: `http://HOST:PORT`.
  case listening
  /// By another name for the same port, e.g. `localhost`: to a browser that is another site than `127.0.0.1`.
  case host(String)
  /// At this URL, where something forwards to it, e.g. `https://moodle.test:8443`; no path, no trailing slash.
  case url(String)

  func url(host: String, port: Int) throws(ServerError) -> String {
    let text =
      switch self {
      case .listening: "http://\(host):\(port)"
      case .host(let name): "http://\(name):\(port)"
      case .url(let url): url
      }
    guard let url = WebURL(text), url.requestTarget == "/", !text.hasSuffix("/") else {
      throw .publicAddressUnusable(text)
    }
    return text
  }
}

/// A blocking HTTP/1.1 server, one thread and one request per connection, in front of one `Site`.
///
/// It is blocking on purpose: tests run it beside blocking clients, and a handler that waits (the platform fetches the
/// tool's key set inside a token request) must never take a thread from Swift's small cooperative pool. It can also do
/// what a well-behaved server library will not: send any reason phrase, trickle an answer, or hang up without one.
package final class Server: Sendable {
  /// The site that answers.
  package let site: any Site
  /// The port it listens on.
  package let port: Int
  /// The site's address, Moodle's wwwroot and issuer, without a trailing slash: `http://host:port` unless
  /// `publicAddress` says otherwise.
  package let url: String

  private let listener: Int32
  private let state = Mutex(Connections())

  private struct Connections {
    var open: Set<Int32> = []
    var stopping = false
  }

  private init(site: any Site, port: Int, url: String, listener: Int32) {
    self.site = site
    self.port = port
    self.url = url
    self.listener = listener
  }

  /// Listens and serves on threads of its own until `stop()`.
  /// - Parameters:
  ///   - site: the site, usually a `Platform`; it learns its address from the server.
  ///   - host: the IPv4 address to listen on.
  ///   - port: the TCP port; 0 takes a free one.
  ///   - publicAddress: how people and tools reach it.
  /// - Throws: `ServerError` when the address cannot be listened on, or the public one is no address.
  package static func start(
    _ site: any Site, host: String = "127.0.0.1", port: Int = 0, publicAddress: PublicAddress = .listening
  ) throws(ServerError) -> Server {
    // Judged before anything listens; the port is filled in afterwards.
    _ = try publicAddress.url(host: host, port: max(port, 1))
    let (listener, port) = try listen(host: host, port: port)
    let url = try publicAddress.url(host: host, port: port)
    site.moveTo(wwwroot: url)
    let server = Server(site: site, port: port, url: url, listener: listener)
    Thread.detachNewThread { server.acceptConnections() }
    return server
  }

  /// Stops listening, lets the requests under way end for a while, then hangs up on the rest.
  /// - Parameter grace: how long requests under way may last, in milliseconds; 0 hangs up at once, as a crash would.
  package func stop(grace: Int = 2000) {
    // Within the lock, here and below: once it is closed, another connection of this process may have the same number.
    let alreadyStopping = state.withLock { state in
      guard !state.stopping else { return true }
      state.stopping = true
      shutdown(listener, Int32(SHUT_RDWR))
      return false
    }
    if alreadyStopping { return }
    var waited = 0
    while waited < grace, state.withLock({ !$0.open.isEmpty }) {
      usleep(10_000)
      waited += 10
    }
    state.withLock { state in for descriptor in state.open { shutdown(descriptor, Int32(SHUT_RDWR)) } }
  }

  private static func listen(host: String, port: Int) throws(ServerError) -> (Int32, Int) {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(UInt16(clamping: port)).bigEndian
    guard inet_pton(AF_INET, host, &address.sin_addr) == 1 else { throw .hostNotAnAddress(host) }
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw .system(call: "socket", errno: errno) }
    var on: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
    }
    guard bound == 0, Glibc.listen(descriptor, 256) == 0 else {
      let code = errno
      close(descriptor)
      throw .system(call: "bind \(host):\(port)", errno: code)
    }
    _ = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
    }
    return (descriptor, Int(UInt16(bigEndian: address.sin_port)))
  }

  private func acceptConnections() {
    while true {
      let descriptor = accept(listener, nil, nil)
      if descriptor >= 0 { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
      let stopping = state.withLock { state in
        if descriptor >= 0, !state.stopping { state.open.insert(descriptor) }
        return state.stopping
      }
      if stopping {
        if descriptor >= 0 { close(descriptor) }
        break
      }
      if descriptor >= 0 {
        Thread.detachNewThread { self.serve(descriptor) }
      } else if errno != EINTR && errno != ECONNABORTED {
        usleep(10_000)
      }
    }
    close(listener)
  }

  private func serve(_ descriptor: Int32) {
    let connection = Connection(descriptor: descriptor)
    switch connection.readRequest() {
    case .request(let request):
      let delivery = site.respond(to: request, waiting: connection.wait(milliseconds:))
      connection.send(delivery, headOnly: request.method == "HEAD", now: site.now()) {
        site.delivered(delivery)
      }
    case .refused(let response):
      connection.send(Delivery(response), headOnly: false, now: site.now()) {}
    case .gone:
      break
    }
    // The number must leave the set before it is closed: the next connection may get the same one.
    state.withLock { _ = $0.open.remove(descriptor) }
    connection.hangUp()
  }
}
