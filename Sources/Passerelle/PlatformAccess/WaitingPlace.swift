import Glibc
import JOSE
import Wire

/// A place in which a request waits for a platform: a web server has only so many for each (`PASSERELLE_PLATFORM_CONCURRENCY`), so
/// that a slow Moodle does not take all its processes and the launches of another's learners with them.
///
/// What is shared is the web server, so that the count is kept where it is, by its kernel: a place is a name in the abstract
/// namespace of unix sockets (unix(7)), which one socket at a time can have and which a process that dies, however, gives back.
/// Exact, without a statement, and without a file to make or to clean away.
package final class WaitingPlace: Sendable {
  private let descriptor: Int32

  private init(descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  /// Takes one of a platform's places; nil when all are taken. `site` tells this installation's from another's on the machine.
  package static func take(platform: String, of count: Int, site: String) -> WaitingPlace? {
    let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    // Without sockets there are no grades to send either; that is told where they are needed.
    guard descriptor >= 0 else { return WaitingPlace(descriptor: -1) }
    let name = "passerelle/" + Hex.encode(Array(SHA256.hash("\(site)\n\(platform)").prefix(16))) + "/"
    // From a place of its own on, so that few are found taken.
    let start = Int(getpid()) % count
    for offset in 0..<count {
      switch bind(descriptor, to: name + String((start + offset) % count)) {
      case 0: return WaitingPlace(descriptor: descriptor)
      case EADDRINUSE: continue
      // A system that has no such names: better to wait than to leave a grade.
      default: return WaitingPlace(descriptor: descriptor)
      }
    }
    close(descriptor)
    return nil
  }

  /// 0, or the error.
  private static func bind(_ descriptor: Int32, to name: String) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    // A first byte of 0 is what makes the name abstract; its length says where it ends.
    let length = withUnsafeMutableBytes(of: &address.sun_path) { path in
      let bytes = Array(name.utf8.prefix(path.count - 1))
      path[0] = 0
      for (index, byte) in bytes.enumerated() { path[index + 1] = byte }
      return MemoryLayout<sa_family_t>.size + 1 + bytes.count
    }
    return withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.bind(descriptor, $0, socklen_t(length)) == 0 ? 0 : errno
      }
    }
  }

  /// The platform of an issuer, as the database names it in deliveries: host and port.
  static func platform(of issuer: String) -> String {
    guard let start = issuer.firstRange(of: "://")?.upperBound else { return issuer }
    return String(issuer[start...].prefix { $0 != "/" })
  }
}

extension Environment {
  /// A place in which to wait for this platform, named by host and port; nil when so many wait that this request must not.
  func waitingPlace(_ platform: String) -> WaitingPlace? {
    WaitingPlace.take(
      platform: platform, of: settings.platformConcurrency,
      site: "\(settings.baseURL.description)\n\(settings.databaseURL)")
  }
}
