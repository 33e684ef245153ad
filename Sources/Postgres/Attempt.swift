import CLibPQ
import Glibc
import Wire

/// One try to open a session with one server.
struct Attempt {
  /// The one server of a list to try, in place of what the connection string says.
  struct Place {
    let name: String
    let address: String?
    let port: String?
    /// `target_session_attrs`; nil leaves it as it is.
    let attributes: String?
  }

  let options: ConnectionOptions
  let applicationName: String
  /// Nil tries what the connection string says.
  let place: Place?

  /// A session whose socket does not block; the caller owns it.
  func run(until deadline: Deadline) throws(PostgresError) -> OpaquePointer {
    guard let handle = start() else { throw PostgresError(.connection, "out of memory") }
    do throws(PostgresError) {
      try finish(handle, until: deadline)
    } catch {
      PQfinish(handle)
      throw error
    }
    return handle
  }

  private func start() -> OpaquePointer? {
    // Arrays of pointers on the stack: an Array of a type not used elsewhere costs its metadata in every process.
    let capacity = options.count + 10
    return withUnsafeTemporaryAllocation(of: UnsafePointer<CChar>?.self, capacity: 2 * capacity) { storage in
      var list = OptionList(storage: storage, capacity: capacity)
      // Of two values for one keyword libpq takes the later, so the defaults come first. GSSAPI is not linked in, and
      // asking for it costs a round trip.
      list.append("gssencmode", "disable")
      list.append("client_encoding", "UTF8")
      // Without HOME, as under Apache, libpq would ask the user database for the directory of a .pgpass.
      if getenv("HOME") == nil && getenv("PGPASSFILE") == nil { list.append("passfile", "/nonexistent/pgpass") }
      return applicationName.withCString { applicationName in
        list.append("application_name", pointer: applicationName)
        options.forEach { keyword, value in list.appendPointers(keyword, value) }
        guard let place else { return list.start() }
        // Empty is libpq's default.
        return place.name.withCString { name in
          (place.address ?? "").withCString { address in
            (place.port ?? "").withCString { port in
              list.append("host", pointer: name)
              list.append("hostaddr", pointer: address)
              list.append("port", pointer: port)
              // Of libpq 16; older ones know no such option, so no value may be given unless the string gave one.
              if options.value("load_balance_hosts") != nil { list.append("load_balance_hosts", "disable") }
              guard let attributes = place.attributes else { return list.start() }
              return attributes.withCString { attributes in
                list.append("target_session_attrs", pointer: attributes)
                return list.start()
              }
            }
          }
        }
      }
    }
  }

  private func finish(_ handle: OpaquePointer, until deadline: Deadline) throws(PostgresError) {
    guard PQstatus(handle) != CONNECTION_BAD else { throw failure(handle) }
    // "verbose" is how a refusal's SQLSTATE gets into the message, the only place where it can be found.
    _ = PQsetErrorVerbosity(handle, PQERRORS_VERBOSE)
    // Notices would go to standard error, which is the web server's log.
    _ = PQsetNoticeReceiver(handle, { _, _ in }, nil)
    var events = POLLOUT
    while true {
      guard deadline.wait(for: PQsocket(handle), events: events) else {
        throw PostgresError(.timeout, "PostgreSQL did not accept a session in time", debugDetail: place(handle))
      }
      switch PQconnectPoll(handle) {
      case PGRES_POLLING_READING: events = POLLIN
      case PGRES_POLLING_WRITING: events = POLLOUT
      case PGRES_POLLING_OK:
        _ = PQsetErrorVerbosity(handle, PQERRORS_DEFAULT)
        guard PQsetnonblocking(handle, 1) == 0 else { throw failure(handle) }
        return
      default: throw failure(handle)
      }
    }
  }

  private func place(_ handle: OpaquePointer) -> String {
    let host = PQhost(handle).map { String(cString: $0) } ?? ""
    let port = PQport(handle).map { String(cString: $0) } ?? ""
    return "no session in time with \(host) port \(port)"
  }

  private func failure(_ handle: OpaquePointer) -> PostgresError {
    let message = PQerrorMessage(handle).map { String(cString: $0) } ?? ""
    let redacted = Redaction.connectionFailure(message)
    return PostgresError(
      .connection, sqlState: Redaction.sqlState(in: message), "no PostgreSQL session: " + redacted,
      // A complaint about an option, before any server was asked, may repeat a piece of the password.
      debugDetail: Redaction.namesServer(message) ? message : nil)
  }
}

/// The two parallel, NULL-terminated arrays that PQconnectStartParams takes.
private struct OptionList {
  let storage: UnsafeMutableBufferPointer<UnsafePointer<CChar>?>
  let capacity: Int
  var count = 0

  /// Keywords are the first half of the storage, values the second.
  init(storage: UnsafeMutableBufferPointer<UnsafePointer<CChar>?>, capacity: Int) {
    self.storage = storage
    self.capacity = capacity
    storage.initialize(repeating: nil)
  }

  /// Not named `append`: a literal given to it would become a pointer that dies with the call.
  mutating func appendPointers(_ keyword: UnsafePointer<CChar>, _ value: UnsafePointer<CChar>) {
    guard count < capacity - 1 else { return }
    storage[count] = keyword
    storage[capacity + count] = value
    count += 1
  }

  mutating func append(_ keyword: StaticString, _ value: StaticString) {
    appendPointers(Self.pointer(keyword), Self.pointer(value))
  }

  mutating func append(_ keyword: StaticString, pointer value: UnsafePointer<CChar>) {
    appendPointers(Self.pointer(keyword), value)
  }

  func start() -> OpaquePointer? {
    guard let base = storage.baseAddress else { return nil }
    return PQconnectStartParams(base, base + capacity, 0)
  }

  /// A static string ends with a NUL (as its documentation says) and lives as long as the program.
  private static func pointer(_ string: StaticString) -> UnsafePointer<CChar> {
    UnsafeRawPointer(string.utf8Start).assumingMemoryBound(to: CChar.self)
  }
}
