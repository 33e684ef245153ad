/// Why the database did not do what it was asked.
///
/// `description` is fit for a log: it never holds a value of a row, a parameter or a part of the connection string.
/// `debugDetail` may, and is for the administrator's terminal only.
package struct PostgresError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The four ways in which it goes wrong.
  package enum Kind: Equatable, Sendable {
    /// No session could be had, or it was lost; nothing says whether a statement under way was done.
    case connection
    /// The deadline passed. The session is closed; the statement was asked to stop.
    case timeout
    /// The server answered with an error; the session goes on.
    case server
    /// A value cannot be what the program takes it for, in either direction; the session goes on.
    case decoding
  }

  /// Which of the four ways.
  package let kind: Kind
  /// The five characters of the server's SQLSTATE (PostgreSQL documentation, appendix A), where the server spoke.
  package let sqlState: String?
  /// The constraint that was violated (class 23), where the server named one.
  package let constraint: String?
  /// SQLSTATE and primary message without anyone's values.
  package let description: String
  /// All that the server or libpq said, DETAIL and HINT included. Not for logs.
  package let debugDetail: String

  /// An error of one kind; `debugDetail` is the description where nothing more is known.
  package init(
    _ kind: Kind, sqlState: String? = nil, constraint: String? = nil, _ description: String,
    debugDetail: String? = nil
  ) {
    self.kind = kind
    self.sqlState = sqlState
    self.constraint = constraint
    self.description = description
    self.debugDetail = debugDetail ?? description
  }
}

extension PostgresError {
  /// Whether a unique constraint, of this name when one is given, refused the row (SQLSTATE 23505).
  package func isUniqueViolation(of name: String? = nil) -> Bool {
    guard sqlState == "23505" else { return false }
    return name == nil || name == constraint
  }
}
