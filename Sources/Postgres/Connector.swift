import CLibPQ
import Glibc
import Wire

/// Opens sessions: one connection string, its defaults, and the hosts to try in turn.
struct Connector {
  private let options: ConnectionOptions
  private let applicationName: String

  /// Parses the connection string; throws `.connection` when libpq does not understand it.
  init(conninfo: String, applicationName: String) throws(PostgresError) {
    guard !holdsNUL(applicationName) else {
      throw PostgresError(.connection, "the application's name holds a NUL character")
    }
    options = try ConnectionOptions(parsing: conninfo)
    self.applicationName = applicationName
  }

  /// A session whose socket does not block; the caller owns it.
  func connect(within milliseconds: Int) throws(PostgresError) -> OpaquePointer {
    let deadline = Deadline(milliseconds: milliseconds)
    guard HostList.isNeeded(for: options), let hosts = HostList(options) else {
      return try Attempt(options: options, applicationName: applicationName, place: nil).run(until: deadline)
    }
    var failures: [PostgresError] = []
    for (index, pass) in hosts.passes.enumerated() {
      if index > 0, deadline.hasPassed { break }
      // A server that takes no writing says so at once: whoever is asked again needs no time kept back.
      let passDeadline = pass == "read-write" ? deadline : deadline.share(of: hosts.passes.count - index)
      if let handle = try connect(hosts.shuffledWhenAsked, attributes: pass, until: passDeadline, &failures) {
        return handle
      }
    }
    throw summary(of: failures)
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
        let place = Attempt.Place(name: host.name, address: address, port: host.port, attributes: attributes)
        let attempt = Attempt(options: options, applicationName: applicationName, place: place)
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

  /// The last failure speaks for all; the others are kept for the administrator.
  private func summary(of failures: [PostgresError]) -> PostgresError {
    guard let last = failures.last else { return PostgresError(.connection, "the connection string names no host") }
    var detail = ""
    for failure in failures { detail += detail.isEmpty ? failure.debugDetail : "\n" + failure.debugDetail }
    return PostgresError(last.kind, sqlState: last.sqlState, last.description, debugDetail: detail)
  }
}
