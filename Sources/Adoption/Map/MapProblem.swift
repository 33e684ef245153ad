import Wire

/// What is wrong with a line of an adoption map, or with what it says of the database.
package struct MapProblem: Explained, Equatable, Sendable, CustomStringConvertible {
  /// The line of the file, from 1.
  package let line: Int
  /// In words for the administrator.
  package let problem: Words

  /// A problem of that line.
  package init(_ line: Int, _ problem: Words) {
    self.line = line
    self.problem = problem
  }

  /// As compilers print it.
  package var words: Words {
    Words(fr: "ligne \(line) : \(problem.french)", en: "line \(line): \(problem.english)")
  }
}

/// Everything that is wrong with a map: one run names all of it.
package struct MapProblems: Explained, Equatable, Sendable, CustomStringConvertible {
  /// In the order of their lines; at least one.
  package let problems: [MapProblem]

  init(_ problems: [MapProblem]) { self.problems = problems.sorted { $0.line < $1.line } }

  /// One line each.
  package var words: Words { Words { language in problems.map { $0.words[language] }.joined(separator: "\n") } }
}
