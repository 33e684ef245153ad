import Glibc
import Wire

/// The hosts of a connection string, when libpq alone would not share the time among them: it resolves names without a
/// deadline and stays with a silent host for as long as it is polled.
struct HostList {
  /// A host of the list.
  struct Host {
    /// A name, an address, a socket directory, or empty for libpq's default.
    let name: String
    /// As written; nil is libpq's default.
    let port: String?
    /// As written in `hostaddr`.
    let address: String?
  }

  /// In the order of the connection string.
  let hosts: [Host]
  /// `target_session_attrs` of each round over the hosts; nil leaves it as it is.
  let passes: [String?]
  private let balances: Bool

  /// Whether the connection string names several hosts or one that needs the name service; a socket directory or an
  /// address alone does not.
  static func isNeeded(for options: ConnectionOptions) -> Bool {
    if options.value("hostaddr").map({ strchr($0, 0x2c) != nil }) ?? false { return true }
    guard let host = options.value("host") else { return false }
    if strchr(host, 0x2c) != nil { return true }
    if options.value("hostaddr") != nil || host.pointee == 0x2f { return false }
    return Host(name: String(cString: host), port: nil, address: nil).needsNameService
  }

  /// Nil if hosts and ports differ in number; libpq reports that itself.
  init?(_ options: ConnectionOptions) {
    let names = Self.list(options.string("host"))
    let addresses = Self.list(options.string("hostaddr"))
    let ports = Self.list(options.string("port"))
    let count = max(names.count, addresses.count)
    guard count > 0, names.isEmpty || names.count == count, addresses.isEmpty || addresses.count == count,
      ports.count <= 1 || ports.count == count
    else { return nil }
    hosts = (0..<count).map { index in
      let port = ports.count == 1 ? ports[0] : ports.isEmpty ? "" : ports[index]
      let address = addresses.isEmpty ? "" : addresses[index]
      return Host(
        name: names.isEmpty ? "" : names[index], port: port.isEmpty ? nil : port,
        address: address.isEmpty ? nil : address)
    }
    passes =
      switch options.string("target_session_attrs") {
      // libpq looks for a standby among all hosts before it takes any server.
      case "prefer-standby": ["standby", "any"]
      // A list is there for the day on which its first host takes no writing any more: whoever asks for nothing gets the one
      // that writes, and only without any the one that answers, whose refusal then says what is wrong.
      case nil where count > 1: ["read-write", "any"]
      default: [nil]
      }
    balances = options.string("load_balance_hosts") == "random"
  }

  /// The hosts in the order in which to try them (`load_balance_hosts=random` asks for any order).
  var shuffledWhenAsked: [Host] { balances ? hosts.shuffled() : hosts }

  private static func list(_ value: String?) -> [String] {
    guard let value, !value.isEmpty else { return [] }
    return value.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
  }
}

extension HostList.Host {
  /// Whether the name must be looked up: it is no address, no socket directory ("/…", "@…") and not the default.
  var needsNameService: Bool {
    guard address == nil, let first = name.utf8.first else { return false }
    if first == UInt8(ascii: "/") || first == UInt8(ascii: "@") { return false }
    var storage = in6_addr()
    return inet_pton(AF_INET, name, &storage) != 1 && inet_pton(AF_INET6, name, &storage) != 1
  }

  /// What to give libpq as `hostaddr`, one try for each; nil when it needs none.
  func addresses(until deadline: Deadline) throws(PostgresError) -> [String?] {
    guard needsNameService else { return [address] }
    let name = name
    guard let answer = BoundedCall.run(until: deadline, { NameService.addresses(of: name) }) else {
      throw PostgresError(
        .timeout, "the name of the database host was not resolved in time", debugDetail: "resolving \(name)")
    }
    switch answer {
    case .success(let addresses): return addresses
    case .failure(let error):
      throw PostgresError(
        .connection, "the name of the database host cannot be resolved: \(error.reason)",
        debugDetail: "resolving \(name): \(error.reason)")
    }
  }
}

/// getaddrinfo(3), for stream sockets, as numeric addresses.
enum NameService {
  /// getaddrinfo's reason in its own words.
  struct Failure: Error, Sendable {
    let reason: String
  }

  /// Every address of a host in the system's order of preference (RFC 6724).
  static func addresses(of name: String) -> Result<[String], Failure> {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    let status = getaddrinfo(name, nil, &hints, &list)
    guard status == 0 else { return .failure(Failure(reason: String(cString: gai_strerror(status)))) }
    defer { freeaddrinfo(list) }
    var addresses: [String] = []
    var entry = list
    while let info = entry?.pointee {
      var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
      if getnameinfo(info.ai_addr, info.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST) == 0 {
        let address = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        if !addresses.contains(address) { addresses.append(address) }
      }
      entry = info.ai_next
    }
    return .success(addresses)
  }
}
