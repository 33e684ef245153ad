import CLibPQ
import Glibc
import Wire

/// One request and its answers over a session whose socket does not block.
struct RoundTrip {
  let handle: OpaquePointer
  let deadline: Deadline

  /// Sends, and returns the last result. The first error among the results is thrown once all have been read, so that
  /// the session is ready for the next request.
  func run(_ send: (OpaquePointer) -> Int32) throws(PostgresError) -> ResultHandle {
    try begin(send)
    try flush()
    var last: ResultHandle?
    var failure: PostgresError?
    while let result = try next() {
      switch PQresultStatus(result.pointer) {
      case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY: last = result
      case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
        // The server now waits for a dialogue that nobody holds.
        throw PostgresError(.connection, "COPY is not supported; the session is closed")
      default: failure = failure ?? .server(result.pointer)
      }
    }
    if let failure {
      if PQstatus(handle) == CONNECTION_OK || failure.kind == .connection { throw failure }
      throw PostgresError(
        .connection, sqlState: failure.sqlState, failure.description, debugDetail: failure.debugDetail)
    }
    guard let last else { throw lost() }
    return last
  }

  /// Hands the request to libpq, which may not have sent all of it yet.
  func begin(_ send: (OpaquePointer) -> Int32) throws(PostgresError) {
    guard send(handle) == 1 else {
      if PQstatus(handle) != CONNECTION_OK { throw lost() }
      throw PostgresError(.decoding, "libpq cannot send the statement", debugDetail: message())
    }
  }

  /// Asks the server to stop what it does for us, as well as can be done in a fifth of a second.
  func cancel() {
    guard let request = PQgetCancel(handle) else { return }
    nonisolated(unsafe) let sent = request
    _ = BoundedCall.run(until: Deadline(milliseconds: 200)) {
      // libpq writes at most this many bytes of its reason, which nobody needs.
      var reason = [CChar](repeating: 0, count: 256)
      let answer = PQcancel(sent, &reason, 256)
      PQfreeCancel(sent)
      return answer
    }
  }

  /// Sends what libpq still holds.
  func flush() throws(PostgresError) {
    while true {
      let pending = PQflush(handle)
      if pending == 0 { return }
      // A failed send is told by the result, where the server's own reason, if it gave one, comes first.
      if pending < 0 { return }
      try wait(POLLIN | POLLOUT)
      // A server that is itself blocked on sending to us must be read from, or both wait for ever.
      _ = PQconsumeInput(handle)
    }
  }

  /// The next result; nil when the server is ready for the next request.
  func next() throws(PostgresError) -> ResultHandle? {
    while PQisBusy(handle) == 1 {
      try wait(POLLIN)
      if PQconsumeInput(handle) == 0 { break }
    }
    return PQgetResult(handle).map(ResultHandle.init)
  }

  private func wait(_ events: Int32) throws(PostgresError) {
    let socket = PQsocket(handle)
    guard socket >= 0 else { throw lost() }
    guard deadline.wait(for: socket, events: events) else {
      throw PostgresError(.timeout, "PostgreSQL did not answer in time")
    }
  }

  private func lost() -> PostgresError {
    PostgresError(.connection, "the connection to PostgreSQL was lost", debugDetail: message())
  }

  private func message() -> String { PQerrorMessage(handle).map { String(cString: $0) } ?? "" }
}
