/// One step of the tables' shape; never changed once released.
package struct Migration: Equatable, Sendable {
  /// Its place: 1, 2, 3, ….
  package let number: Int
  /// What it does, in a few words.
  package let name: String
  /// Statements separated by semicolons, without `begin` and `commit`.
  package let sql: String

  /// A step.
  package init(number: Int, name: String, sql: String) {
    self.number = number
    self.name = name
    self.sql = sql
  }
}
