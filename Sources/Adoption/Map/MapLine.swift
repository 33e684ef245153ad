import Wire

/// One line of an adoption map: `[role]`, or `key = value` with the value cut into words.
///
/// A word in double quotes is a name whatever it holds (`""` stands for one quote); a `#` outside them begins a comment.
struct MapLine {
  /// A word of a value.
  struct Word: Equatable, Sendable {
    let text: String
    /// Quoted words are never keywords.
    let isQuoted: Bool

    func isKeyword(_ keyword: String) -> Bool { !isQuoted && text == keyword }
  }

  enum Content {
    case empty
    case section(String)
    case entry(key: String, words: [Word])
  }

  let content: Content

  init(_ text: Substring, line: Int) throws(MapProblem) {
    let words = try Self.words(text, line: line)
    guard let first = words.first else {
      content = .empty
      return
    }
    if !first.isQuoted, first.text.hasPrefix("["), first.text.hasSuffix("]"), words.count == 1 {
      content = .section(String(first.text.dropFirst().dropLast()))
      return
    }
    guard words.count >= 2, words[1].isKeyword("="), !first.isQuoted else {
      throw MapProblem(
        line,
        Words(
          fr: "une ligne est un rôle entre crochets, tel que [learners], ou « clef = valeur »",
          en: "a line is a role in brackets, such as [learners], or “key = value”"))
    }
    guard words.count >= 3 else {
      throw MapProblem(line, Words(fr: "« \(first.text) » n’a pas de valeur", en: "“\(first.text)” is given no value"))
    }
    content = .entry(key: first.text, words: Array(words.dropFirst(2)))
  }

  private static func words(_ text: Substring, line: Int) throws(MapProblem) -> [Word] {
    var words: [Word] = []
    var rest = text
    var hasEquals = false
    while let next = rest.first {
      if next.isWhitespace {
        rest.removeFirst()
      } else if next == "#" {
        break
      } else if next == "\"" {
        words.append(Word(text: try quoted(&rest, line: line), isQuoted: true))
      } else if next == "=", !hasEquals {
        hasEquals = true
        rest.removeFirst()
        words.append(Word(text: "=", isQuoted: false))
      } else {
        // Only the first equals sign parts key and value: later ones may be in a name.
        let word = rest.prefix { !$0.isWhitespace && $0 != "#" && $0 != "\"" && (hasEquals || $0 != "=") }
        rest = rest[word.endIndex...]
        words.append(Word(text: String(word), isQuoted: false))
      }
    }
    return words
  }

  private static func quoted(_ rest: inout Substring, line: Int) throws(MapProblem) -> String {
    rest.removeFirst()
    var name = ""
    while let next = rest.popFirst() {
      if next != "\"" {
        name.append(next)
      } else if rest.first == "\"" {
        rest.removeFirst()
        name.append(next)
      } else {
        guard !name.isEmpty else {
          throw MapProblem(line, Words(fr: "un nom entre guillemets est vide", en: "a name in quotes is empty"))
        }
        return name
      }
    }
    throw MapProblem(line, Words(fr: "un guillemet n’est pas fermé", en: "a quote is not closed"))
  }
}
