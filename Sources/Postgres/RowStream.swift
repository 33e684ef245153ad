import CLibPQ
import Wire

/// The rows of one statement as they come, one at a time, so that nobody holds them all (PostgreSQL documentation, section 34.6).
///
/// Until the last one was taken the session answers nothing else. Every wait for the next has the query timeout to itself:
/// whoever takes rows may be slow for reasons of their own.
package final class RowStream {
  private let connection: Connection
  private let handle: OpaquePointer
  private let patience: Int
  private var hasEnded = false
  private var failure: PostgresError?

  /// Sends the statement.
  init(
    on connection: Connection, _ handle: OpaquePointer, patience: Int, send: (OpaquePointer) -> Int32
  ) throws(PostgresError) {
    self.connection = connection
    self.handle = handle
    self.patience = patience
    do throws(PostgresError) {
      try trip.begin(send)
      _ = PQsetSingleRowMode(handle)
      try trip.flush()
    } catch {
      connection.judge(error, trip)
      throw error
    }
  }

  private var trip: RoundTrip { RoundTrip(handle: handle, deadline: Deadline(milliseconds: patience)) }

  /// The next row, nil after the last.
  ///
  /// Throws as `Connection.query` does, also after rows were handed out: what came before is then not all.
  package func next() throws(PostgresError) -> Row? {
    while !hasEnded {
      do throws(PostgresError) {
        guard let result = try trip.next() else {
          hasEnded = true
          if let failure { throw failure }
          return nil
        }
        switch PQresultStatus(result.pointer) {
        case PGRES_SINGLE_TUPLE: return Row(rows: Rows(result), number: 0)
        case PGRES_TUPLES_OK: continue
        // The error is the last result; what comes after it only says that the session is ready again.
        default: failure = .server(result.pointer)
        }
      } catch {
        hasEnded = true
        connection.judge(error, trip)
        throw error
      }
    }
    return nil
  }

  /// Takes what is left, so that the session can be used again.
  package func drop() {
    do throws(PostgresError) { while try next() != nil {} } catch {}
  }
}

extension Connection {
  /// Runs one statement whose rows are taken one by one; throws as `query` does.
  package func stream(_ statement: Statement) throws(PostgresError) -> RowStream {
    try withHandle { (handle, patience) throws(PostgresError) in
      let parameters = try EncodedParameters(statement.parameters)
      return try RowStream(on: self, handle, patience: patience) { parameters.send(statement.sql, on: $0) }
    }
  }
}
