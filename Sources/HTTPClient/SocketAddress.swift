import Glibc

/// One address to connect to: what connect(2) takes, with the port in place.
struct SocketAddress {
  private var storage = sockaddr_storage()
  private let length: socklen_t
  /// The address without its port, for the policy.
  let address: IPAddress

  /// An address given as a literal in the URL.
  init(_ address: IPAddress, port: Int) {
    switch address {
    case .v4(let bits):
      self.init(
        sockaddr_in(
          sin_family: sa_family_t(AF_INET), sin_port: UInt16(truncatingIfNeeded: port).bigEndian,
          sin_addr: in_addr(s_addr: bits.bigEndian), sin_zero: (0, 0, 0, 0, 0, 0, 0, 0)),
        address: address)
    case .v6(let upper, let lower):
      var value = sockaddr_in6()
      value.sin6_family = sa_family_t(AF_INET6)
      value.sin6_port = UInt16(truncatingIfNeeded: port).bigEndian
      withUnsafeMutableBytes(of: &value.sin6_addr) { octets in
        octets.storeBytes(of: upper.bigEndian, as: UInt64.self)
        octets.storeBytes(of: lower.bigEndian, toByteOffset: 8, as: UInt64.self)
      }
      self.init(value, address: address)
    }
  }

  /// An address as getaddrinfo(3) found it, the scope of a link-local one included; `nil` for another family.
  init?(_ found: addrinfo, port: Int) {
    guard let source = found.ai_addr else { return nil }
    let octets = UnsafeRawBufferPointer(start: source, count: Int(found.ai_addrlen))
    switch found.ai_family {
    case AF_INET where octets.count >= MemoryLayout<sockaddr_in>.size:
      let value = octets.loadUnaligned(as: sockaddr_in.self)
      self.init(.v4(UInt32(bigEndian: value.sin_addr.s_addr)), port: port)
    case AF_INET6 where octets.count >= MemoryLayout<sockaddr_in6>.size:
      var value = octets.loadUnaligned(as: sockaddr_in6.self)
      value.sin6_port = UInt16(truncatingIfNeeded: port).bigEndian
      self.init(value, address: IPAddress(value.sin6_addr))
    default:
      return nil
    }
  }

  private init<Value>(_ value: Value, address: IPAddress) {
    self.address = address
    length = socklen_t(MemoryLayout<Value>.size)
    withUnsafeBytes(of: value) { source in
      withUnsafeMutableBytes(of: &storage) { $0.copyMemory(from: source) }
    }
  }

  /// The address family, for socket(2).
  var family: Int32 { Int32(storage.ss_family) }

  /// The address as the C functions take it.
  func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    withUnsafePointer(to: storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
    }
  }
}
