import Wire

/// Hosts as a setting lists them, separated by commas or blanks: names, `.example.org` for everything below a name, addresses
/// and networks (`10.0.0.0/8`, `fd00::/8`), and `*` for every host.
package struct HostPatterns: Sendable, Equatable {
  private enum Pattern: Equatable {
    case name(String)
    case below(String)
    case network(Network)
    case everything
  }

  private var patterns: [Pattern] = []

  /// No host at all.
  package init() {}

  /// Reads a list; nil when an entry is none of these.
  package init?(_ text: String) {
    for entry in text.split(whereSeparator: { $0 == "," || $0 == " " || $0 == "\t" }) {
      guard let pattern = Self.pattern(entry.asciiLowercased) else { return nil }
      patterns.append(pattern)
    }
  }

  /// Whether nothing is listed.
  package var isEmpty: Bool { patterns.isEmpty }

  private static func pattern(_ entry: String) -> Pattern? {
    if entry == "*" { return .everything }
    if let network = Network(entry) { return .network(network) }
    let suffix =
      entry.hasPrefix("*.") ? String(entry.dropFirst(2)) : entry.hasPrefix(".") ? String(entry.dropFirst()) : nil
    let name = suffix ?? entry
    // What WebURL takes as a host is what can be called.
    guard let url = WebURL("https://\(name)/"), url.authority == name, url.host == name else { return nil }
    return suffix == nil ? .name(name) : .below(name)
  }

  /// Whether a host is listed by its name, or a literal by a network.
  ///
  /// - Parameter withSubdomains: whether a name also stands for the names below it, as `no_proxy` has it.
  package func contains(_ host: String, withSubdomains: Bool = false) -> Bool {
    guard !patterns.isEmpty else { return false }
    let address = IPAddress(host)
    let name = Self.withoutRoot(host.asciiLowercased)
    return patterns.contains { pattern in
      switch pattern {
      case .everything: true
      case .network(let network): address.map(network.contains) ?? false
      case .name(let listed): address == nil && (name == listed || withSubdomains && name.hasSuffix("." + listed))
      case .below(let listed): address == nil && (name.hasSuffix("." + listed) || withSubdomains && name == listed)
      }
    }
  }

  /// Whether an address lies in a listed network.
  func contains(_ address: IPAddress) -> Bool {
    patterns.contains { pattern in
      if case .network(let network) = pattern { return network.contains(address) }
      return false
    }
  }

  /// `moodle.example.org.` is `moodle.example.org`.
  private static func withoutRoot(_ name: String) -> String { name.hasSuffix(".") ? String(name.dropLast()) : name }
}

/// An address range in CIDR notation (RFC 4632 §3.1, RFC 4291 §2.3), or one address.
struct Network: Equatable {
  private let address: IPAddress
  private let length: Int

  /// Reads `10.0.0.0/8`, `fd00::/8`, `[fd00::1]` or one address; nil for anything else.
  init?(_ text: String) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    var literal = parts[0]
    if literal.hasPrefix("["), literal.hasSuffix("]") { literal = String(literal.dropFirst().dropLast()) }
    guard let address = IPAddress(literal) else { return nil }
    let longest = if case .v4 = address { 32 } else { 128 }
    var length = longest
    if parts.count == 2 {
      guard parts[1].utf8.allSatisfy(Octets.isDigit), let number = Int(parts[1]), number <= longest else { return nil }
      length = number
    }
    self.address = address
    self.length = length
  }

  /// Whether an address is in the range; those of the other family never are.
  func contains(_ other: IPAddress) -> Bool {
    switch (address, other) {
    case (.v4(let mine), .v4(let theirs)):
      return length == 0 || (mine ^ theirs) >> UInt32(32 - length) == 0
    case (.v6(let upper, let lower), .v6(let theirUpper, let theirLower)):
      if length == 0 { return true }
      if length <= 64 { return (upper ^ theirUpper) >> UInt64(64 - length) == 0 }
      return upper == theirUpper && (lower ^ theirLower) >> UInt64(128 - length) == 0
    default: return false
    }
  }
}
