import Glibc
import Wire

/// The look-up of one host name, bounded by a deadline.
///
/// getaddrinfo(3) takes no deadline: resolv.conf decides (5 s × 2 attempts × each server by default), and other name
/// services decide for themselves. It therefore runs on a thread of its own, which is left behind when time is up: it
/// owns what it touches, ends when the resolver gives up, and holds no process back from exiting.
final class Resolution {
  /// A look-up that takes the time it takes: the addresses of a name, none when it has none.
  typealias LookUp = (_ host: String, _ port: Int) -> [SocketAddress]

  private let host: String
  private let port: Int
  private let lookUp: LookUp
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let finished: UnsafeMutablePointer<pthread_cond_t>
  private var addresses: [SocketAddress]?

  /// Starts looking `host` up. An address literal is answered at once, without a thread.
  static func start(host: String, port: Int, lookUp: @escaping LookUp = systemLookUp) -> Resolution {
    let resolution = Resolution(host: host, port: port, lookUp: lookUp)
    if let literal = IPAddress(host) {
      resolution.addresses = [SocketAddress(literal, port: port)]
    } else {
      resolution.startThread()
    }
    return resolution
  }

  private init(host: String, port: Int, lookUp: @escaping LookUp) {
    self.host = host
    self.port = port
    self.lookUp = lookUp
    mutex = .allocate(capacity: 1)
    pthread_mutex_init(mutex, nil)
    finished = .allocate(capacity: 1)
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    pthread_cond_init(finished, &attributes)
    pthread_condattr_destroy(&attributes)
  }

  deinit {
    pthread_cond_destroy(finished)
    finished.deallocate()
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  private func startThread() {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    let reference = Unmanaged.passRetained(self)
    var thread = pthread_t()
    let error = pthread_create(
      &thread, &attributes,
      { argument in
        guard let argument else { return nil }
        let resolution = Unmanaged<Resolution>.fromOpaque(argument).takeRetainedValue()
        resolution.finish()
        return nil
      }, reference.toOpaque())
    guard error != 0 else { return }
    // No thread to be had (RLimitNPROC in Apache's configuration, say): look up here, bounded by resolv.conf alone,
    // rather than fail a call that would work.
    reference.release()
    finish()
  }

  /// What the system's name service says, in the order of RFC 6724.
  static func systemLookUp(_ host: String, _ port: Int) -> [SocketAddress] {
    var hints = addrinfo()
    hints.ai_family = AF_UNSPEC
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(host, nil, &hints, &list) == 0 else { return [] }
    defer { freeaddrinfo(list) }
    return sequence(first: list, next: { $0?.pointee.ai_next })
      .prefix { $0 != nil }
      .compactMap { $0.flatMap { SocketAddress($0.pointee, port: port) } }
  }

  private func finish() {
    let found = lookUp(host, port)
    pthread_mutex_lock(mutex)
    addresses = found
    pthread_cond_signal(finished)
    pthread_mutex_unlock(mutex)
  }

  /// Waits for the addresses, in the order in which they should be tried; empty when the name has none, `nil` when the
  /// deadline passed first.
  func wait(until deadline: Deadline) -> [SocketAddress]? {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    var limit = deadline.monotonicTime
    while addresses == nil {
      guard pthread_cond_timedwait(finished, mutex, &limit) == 0 else { break }
    }
    return addresses
  }
}
