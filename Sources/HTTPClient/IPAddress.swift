import Glibc

/// An IPv4 or IPv6 address, and whether the public Internet routes it.
///
/// The policy asks about the address that is about to be connected to, after resolution, so a public name that points
/// inside the institution's network does not get past it.
enum IPAddress: Equatable {
  /// The 32 bits in host order.
  case v4(UInt32)
  /// The upper and lower 64 bits in host order.
  case v6(UInt64, UInt64)

  /// Parses a literal as inet_pton(3) does; `nil` for anything else.
  init?(_ literal: String) {
    var four = in_addr()
    var six = in6_addr()
    if inet_pton(AF_INET, literal, &four) == 1 {
      self = .v4(UInt32(bigEndian: four.s_addr))
    } else if inet_pton(AF_INET6, literal, &six) == 1 {
      self.init(six)
    } else {
      return nil
    }
  }

  /// The sixteen octets of an IPv6 address in network order.
  init(_ address: in6_addr) {
    let octets = withUnsafeBytes(of: address) { Array($0) }
    let halves = [octets.prefix(8), octets.suffix(8)].map { $0.reduce(UInt64(0)) { $0 << 8 | UInt64($1) } }
    self = .v6(halves[0], halves[1])
  }

  /// Whether the address is globally reachable: not loopback, private, link-local, multicast, unspecified, reserved,
  /// nor an IPv6 form that carries an IPv4 address inside it.
  ///
  /// The ranges are those of the IANA special-purpose registries (RFC 6890).
  var isGlobal: Bool {
    switch self {
    case .v4(let bits): IPAddress.isGlobal(v4: bits)
    case .v6(let upper, let lower): IPAddress.isGlobal(upper: upper, lower: lower)
    }
  }

  private static func isGlobal(v4 bits: UInt32) -> Bool {
    switch bits {
    case 0x0000_0000...0x00FF_FFFF: false  // 0.0.0.0/8, "this network" (RFC 791)
    case 0x0A00_0000...0x0AFF_FFFF: false  // 10.0.0.0/8, private (RFC 1918)
    case 0x6440_0000...0x647F_FFFF: false  // 100.64.0.0/10, carrier-grade NAT (RFC 6598)
    case 0x7F00_0000...0x7FFF_FFFF: false  // 127.0.0.0/8, loopback (RFC 1122)
    case 0xA9FE_0000...0xA9FE_FFFF: false  // 169.254.0.0/16, link-local (RFC 3927), clouds' metadata
    case 0xAC10_0000...0xAC1F_FFFF: false  // 172.16.0.0/12, private (RFC 1918)
    case 0xC000_0000...0xC000_00FF: false  // 192.0.0.0/24, protocol assignments (RFC 6890)
    case 0xC000_0200...0xC000_02FF: false  // 192.0.2.0/24, documentation (RFC 5737)
    case 0xC058_6300...0xC058_63FF: false  // 192.88.99.0/24, former 6to4 relays (RFC 7526)
    case 0xC0A8_0000...0xC0A8_FFFF: false  // 192.168.0.0/16, private (RFC 1918)
    case 0xC612_0000...0xC613_FFFF: false  // 198.18.0.0/15, benchmarking (RFC 2544)
    case 0xC633_6400...0xC633_64FF: false  // 198.51.100.0/24, documentation (RFC 5737)
    case 0xCB00_7100...0xCB00_71FF: false  // 203.0.113.0/24, documentation (RFC 5737)
    case 0xE000_0000...0xFFFF_FFFF: false  // multicast (RFC 5771), reserved (RFC 1112), broadcast
    default: true
    }
  }

  private static func isGlobal(upper: UInt64, lower: UInt64) -> Bool {
    // A network that reaches IPv4 through NAT64 gets these from its own resolver for every IPv4-only name, so the
    // address inside decides: 64:ff9b::/96 (RFC 6052).
    if upper == 0x0064_FF9B_0000_0000, lower >> 32 == 0 { return isGlobal(v4: UInt32(truncatingIfNeeded: lower)) }
    // Only 2000::/3 is allocated for global unicast (RFC 4291 §2.4). What lies outside is refused as a whole:
    // ::, ::1, ::ffff:0:0/96 (IPv4-mapped), fc00::/7 (ULA), fe80::/10, fec0::/10, ff00::/8, 100::/64, 64:ff9b:1::/48.
    guard upper >> 61 == 0b001 else { return false }
    switch upper >> 32 {
    case 0x2001_0000: return false  // 2001::/32, Teredo, an IPv4 address inside (RFC 4380)
    case 0x2001_0DB8: return false  // 2001:db8::/32, documentation (RFC 3849)
    case 0x2002_0000...0x2002_FFFF: return false  // 2002::/16, 6to4, an IPv4 address inside (RFC 3056)
    case 0x3FFF_0000...0x3FFF_0FFF: return false  // 3fff::/20, documentation (RFC 9637)
    default: return true
    }
  }
}
