/// SQL with its values apart. An interpolated value becomes `$n`, so it can never be read as SQL:
///
///     let rows = try connection.query("select id from public.learners where email = \(email)")
///
/// PostgreSQL infers a value's type from its place; where it cannot, say it: `\(slugs)::text[]`.
package struct Statement: Equatable, Sendable, ExpressibleByStringInterpolation {
  /// The text with `$1`, `$2`, … where values go.
  package let sql: String
  /// The values, `$1` first.
  package let parameters: [Parameter]

  /// SQL without values, taken as it is.
  package init(stringLiteral value: String) {
    sql = value
    parameters = []
  }

  /// SQL with values.
  package init(stringInterpolation: StringInterpolation) {
    sql = stringInterpolation.sql
    parameters = stringInterpolation.parameters
  }

  /// SQL and the values of its `$1`, `$2`, ….
  package init(sql: String, parameters: [Parameter]) {
    self.sql = sql
    self.parameters = parameters
  }

  /// Collects the pieces of a statement literal.
  package struct StringInterpolation: StringInterpolationProtocol, Sendable {
    var sql: String
    var parameters: [Parameter] = []

    /// Reserves room for the pieces.
    package init(literalCapacity: Int, interpolationCount: Int) {
      sql = ""
      sql.reserveCapacity(literalCapacity + 3 * interpolationCount)
      parameters.reserveCapacity(interpolationCount)
    }

    /// Program text: SQL.
    package mutating func appendLiteral(_ literal: String) { sql.append(literal) }

    /// A value: `$n`.
    package mutating func appendInterpolation<Value: PostgresValue>(_ value: Value) {
      parameters.append(value.parameter)
      sql.append("$")
      sql.append(String(parameters.count))
    }

    /// A value that may be absent, then NULL. An overload of its own, or the compiler takes it for an oversight.
    package mutating func appendInterpolation<Value: PostgresValue>(_ value: Value?) {
      parameters.append(value.parameter)
      sql.append("$")
      sql.append(String(parameters.count))
    }

    /// A name of a table, column or constraint, quoted (`"` doubled).
    package mutating func appendInterpolation(identifier: String) {
      sql.append("\"")
      for character in identifier.unicodeScalars {
        if character == "\"" { sql.append("\"") }
        sql.unicodeScalars.append(character)
      }
      sql.append("\"")
    }

    /// SQL made by the program, never from anything that came from outside.
    package mutating func appendInterpolation(unescaped fragment: String) { sql.append(fragment) }
  }
}
