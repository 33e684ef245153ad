import CLibPQ
import Glibc

/// One try to open a session with one server.
struct Attempt {
  let options: [(keyword: String, value: String)]

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

  /// All keywords and values in one buffer, as C strings.
  private func start() -> OpaquePointer? {
    var bytes: [UInt8] = []
    var offsets: [(keyword: Int, value: Int)] = []
    for option in options {
      let keyword = bytes.count
      bytes.append(contentsOf: option.keyword.utf8)
      bytes.append(0)
      let value = bytes.count
      bytes.append(contentsOf: option.value.utf8)
      bytes.append(0)
      offsets.append((keyword, value))
    }
    return bytes.withUnsafeBytes { buffer in
      guard let base = buffer.baseAddress else { return nil }
      var keywords: [UnsafePointer<CChar>?] = offsets.map { (base + $0.keyword).assumingMemoryBound(to: CChar.self) }
      var values: [UnsafePointer<CChar>?] = offsets.map { (base + $0.value).assumingMemoryBound(to: CChar.self) }
      keywords.append(nil)
      values.append(nil)
      return PQconnectStartParams(keywords, values, 0)
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
    let state = Redaction.sqlState(in: message)
    return PostgresError(
      .connection, sqlState: state, "no PostgreSQL session: " + Redaction.connectionFailure(message),
      debugDetail: message)
  }
}
