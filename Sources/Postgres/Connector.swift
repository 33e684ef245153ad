import CLibPQ
import Glibc

/// Opens sessions: one connection string, its defaults, and the hosts to try in turn.
struct Connector {
  private let options: [(keyword: String, value: String)]

  /// Parses the connection string; throws `.connection` when libpq does not understand it.
  init(conninfo: String, applicationName: String) throws(PostgresError) {
    guard !conninfo.utf8.contains(0), !applicationName.utf8.contains(0) else {
      throw PostgresError(.connection, "the connection string holds a NUL character")
    }
    var message: UnsafeMutablePointer<CChar>?
    guard let parsed = PQconninfoParse(conninfo, &message) else {
      let reason = message.map { String(cString: $0) } ?? "out of memory"
      PQfreemem(message)
      let detail = Redaction.connectionFailure(reason)
      throw PostgresError(.connection, "the connection string cannot be read: \(detail)")
    }
    defer { PQconninfoFree(parsed) }
    var options: [(keyword: String, value: String)] = []
    var entry = parsed
    while let keyword = entry.pointee.keyword {
      if let value = entry.pointee.val { options.append((String(cString: keyword), String(cString: value))) }
      entry += 1
    }
    func addDefault(_ keyword: String, _ value: String) {
      if !options.contains(where: { $0.keyword == keyword }) { options.append((keyword, value)) }
    }
    // GSSAPI is not linked in, and asking for it costs a round trip.
    addDefault("gssencmode", "disable")
    addDefault("application_name", applicationName)
    addDefault("client_encoding", "UTF8")
    // Without HOME, as under Apache, libpq would ask the user database for the directory of a .pgpass.
    let knowsPassword = options.contains { $0.keyword == "password" } || getenv("PGPASSWORD") != nil
    if !knowsPassword && getenv("HOME") == nil && getenv("PGPASSFILE") == nil {
      addDefault("passfile", "/nonexistent/pgpass")
    }
    self.options = options
  }

  /// A session whose socket does not block; the caller owns it.
  func connect(within milliseconds: Int) throws(PostgresError) -> OpaquePointer {
    let deadline = Deadline(milliseconds: milliseconds)
    let hosts = HostList(option: { keyword in options.first { $0.keyword == keyword }?.value })
    guard let hosts else { return try Attempt(options: options).run(until: deadline) }
    var failures: [PostgresError] = []
    for (index, pass) in hosts.passes.enumerated() {
      let passDeadline = deadline.share(of: hosts.passes.count - index)
      if let handle = try connect(hosts.shuffledWhenAsked, attributes: pass, until: passDeadline, &failures) {
        return handle
      }
    }
    throw worst(of: failures)
  }

  private func connect(
    _ hosts: [HostList.Host], attributes: String?, until deadline: Deadline, _ failures: inout [PostgresError]
  ) throws(PostgresError) -> OpaquePointer? {
    for (index, host) in hosts.enumerated() {
      let hostDeadline = deadline.share(of: hosts.count - index)
      let addresses: [String?]
      do throws(PostgresError) {
        addresses = try host.addresses(until: hostDeadline)
      } catch {
        failures.append(error)
        continue
      }
      for (number, address) in addresses.enumerated() {
        let attempt = Attempt(options: overriding(host: host, address: address, attributes: attributes))
        do throws(PostgresError) {
          return try attempt.run(until: hostDeadline.share(of: addresses.count - number))
        } catch {
          // As libpq does: a server that answers and refuses us is not a reason to ask the next one, unless it only
          // says that it cannot serve just now (57P03).
          if error.sqlState != nil && error.sqlState != "57P03" { throw error }
          failures.append(error)
        }
      }
    }
    return nil
  }

  private func overriding(host: HostList.Host, address: String?, attributes: String?) -> [(
    keyword: String, value: String
  )] {
    var changed = options.filter { option in
      switch option.keyword {
      case "host", "port", "hostaddr", "load_balance_hosts": false
      case "target_session_attrs": attributes == nil
      default: true
      }
    }
    if !host.name.isEmpty { changed.append(("host", host.name)) }
    if let port = host.port { changed.append(("port", port)) }
    if let address { changed.append(("hostaddr", address)) }
    if let attributes { changed.append(("target_session_attrs", attributes)) }
    return changed
  }

  /// The last failure speaks for all; the others are kept for the administrator.
  private func worst(of failures: [PostgresError]) -> PostgresError {
    guard let last = failures.last else { return PostgresError(.connection, "the connection string names no host") }
    var detail = ""
    for failure in failures { detail += detail.isEmpty ? failure.debugDetail : "\n" + failure.debugDetail }
    return PostgresError(last.kind, sqlState: last.sqlState, last.description, debugDetail: detail)
  }
}
