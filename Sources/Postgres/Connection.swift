import CLibPQ
import Glibc
import Wire

/// A session with PostgreSQL, directly or through PgBouncer, in which every wait has an end.
///
/// Nothing here depends on what a session remembers: no named prepared statement, no `SET`, no session lock; so
/// PgBouncer's transaction pooling is safe. Not thread-safe: one thread at a time.
package final class Connection {
  private var handle: OpaquePointer?
  /// Milliseconds that one statement may take.
  private let queryTimeout: Int

  /// Opens a session within `connectTimeout` milliseconds, name resolution, all hosts and TLS included.
  ///
  /// - Parameters:
  ///   - conninfo: a URL or a keyword string (PostgreSQL documentation, section 34.1.1); with several hosts each gets an
  ///     equal share of the time left, in the order given.
  ///   - applicationName: what `pg_stat_activity` shows, unless `conninfo` says otherwise.
  ///   - connectTimeout: milliseconds.
  ///   - queryTimeout: milliseconds for each statement or script.
  /// - Throws: `.timeout` when no host answered in time, `.connection` for everything else.
  package init(conninfo: String, applicationName: String, connectTimeout: Int, queryTimeout: Int)
    throws(PostgresError)
  {
    self.queryTimeout = queryTimeout
    let connector = try Connector(conninfo: conninfo, applicationName: applicationName)
    handle = try connector.connect(within: connectTimeout)
  }

  deinit { close() }

  /// Whether statements can still be sent; false after `close()`, a timeout or a lost connection.
  package var isOpen: Bool { handle != nil }

  /// The server's version as libpq counts it: 150018 is 15.18. Zero when closed.
  package var serverVersion: Int { handle.map { Int(PQserverVersion($0)) } ?? 0 }

  /// Ends the session; a second call does nothing.
  package func close() {
    if let handle { PQfinish(handle) }
    handle = nil
  }

  /// Runs one statement and returns its rows.
  ///
  /// Throws `.server` with the SQLSTATE when PostgreSQL refuses it, `.timeout` after the query timeout, `.connection`
  /// when the session is lost, `.decoding` when a parameter holds a NUL character.
  package func query(_ statement: Statement) throws(PostgresError) -> Rows {
    Rows(try run(statement))
  }

  /// Runs one statement and returns how many rows it inserted, updated, deleted or selected; throws as `query` does.
  @discardableResult
  package func execute(_ statement: Statement) throws(PostgresError) -> Int {
    let result = try run(statement)
    return PQcmdTuples(result.pointer).map { strtol($0, nil, 10) } ?? 0
  }

  /// Runs several statements, separated by semicolons, in one round trip and, unless they say otherwise, one
  /// transaction. The first error ends the script; throws as `query` does.
  package func script(_ sql: String) throws(PostgresError) {
    try refuseNUL(sql, called: "the script")
    _ = try exchange { handle in PQsendQuery(handle, sql) }
  }

  /// Runs `body` between `begin` and `commit`; an error rolls back and is thrown on.
  ///
  /// A transaction in which a statement failed cannot be committed: if `body` hides such an error, this throws SQLSTATE
  /// 25P02.
  package func transaction<T>(_ body: () throws(PostgresError) -> T) throws(PostgresError) -> T {
    // The level is said, because databases and roles may have another by default, at which a statement does not see what others
    // committed since the transaction began.
    try script("begin isolation level read committed")
    let value: T
    do throws(PostgresError) {
      value = try body()
    } catch {
      // Closing the session rolls back too, where the rollback itself cannot be sent.
      if isOpen { do throws(PostgresError) { try script("rollback") } catch { close() } }
      throw error
    }
    let result = try exchange { handle in PQsendQuery(handle, "commit") }
    if let tag = PQcmdStatus(result.pointer), String(cString: tag) != "COMMIT" {
      throw PostgresError(.server, sqlState: "25P02", "25P02 the transaction was rolled back: a statement in it failed")
    }
    return value
  }

  /// libpq's own, for what is told of the session.
  var openHandle: OpaquePointer? { handle }

  /// Whether a transaction is open, also one that failed already.
  package var isInTransaction: Bool {
    guard let handle else { return false }
    let status = PQtransactionStatus(handle)
    return status == PQTRANS_INTRANS || status == PQTRANS_INERROR
  }

  private func run(_ statement: Statement) throws(PostgresError) -> ResultHandle {
    try refuseNUL(statement.sql, called: "the statement")
    let parameters = try EncodedParameters(statement.parameters)
    return try exchange { handle in parameters.send(statement.sql, on: handle) }
  }

  private func refuseNUL(_ sql: String, called name: String) throws(PostgresError) {
    if holdsNUL(sql) { throw PostgresError(.decoding, "\(name) holds a NUL character") }
  }

  /// Sends something and gathers what is answered, until the server is ready for the next.
  private func exchange(_ send: (OpaquePointer) -> Int32) throws(PostgresError) -> ResultHandle {
    guard let handle else { throw PostgresError(.connection, "the session is closed") }
    let trip = RoundTrip(handle: handle, deadline: Deadline(milliseconds: queryTimeout))
    do throws(PostgresError) {
      return try trip.run(send)
    } catch {
      judge(error, trip)
      throw error
    }
  }

  /// Closes a session that a failure leaves unusable.
  func judge(_ error: PostgresError, _ trip: RoundTrip) {
    switch error.kind {
    case .server, .decoding: break
    case .timeout:
      trip.cancel()
      close()
    case .connection: close()
    }
  }

  /// The open session, and the milliseconds that a statement may take.
  func withHandle<Value>(
    _ body: (OpaquePointer, Int) throws(PostgresError) -> Value
  ) throws(PostgresError) -> Value {
    guard let handle else { throw PostgresError(.connection, "the session is closed") }
    return try body(handle, queryTimeout)
  }
}
