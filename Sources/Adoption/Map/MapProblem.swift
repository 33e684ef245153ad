/// What is wrong with a line of an adoption map, or with what it says of the database.
package struct MapProblem: Error, Equatable, Sendable, CustomStringConvertible {
  /// The line of the file, from 1.
  package let line: Int
  /// In words for the administrator.
  package let words: String

  /// A problem of that line.
  package init(_ line: Int, _ words: String) {
    self.line = line
    self.words = words
  }

  /// As compilers print it.
  package var description: String { "line \(line): \(words)" }
}

/// Everything that is wrong with a map: one run names all of it.
package struct MapProblems: Error, Equatable, Sendable, CustomStringConvertible {
  /// In the order of their lines; at least one.
  package let problems: [MapProblem]

  init(_ problems: [MapProblem]) { self.problems = problems.sorted { $0.line < $1.line } }

  /// One line each.
  package var description: String { problems.map(\.description).joined(separator: "\n") }
}
