/// Reads as much of Swift's and JavaScript's text as finding the parts of a call or a list needs: strings with what is interpolated in
/// them, comments, brackets.
struct SourceScanner {
  let text: [Character]

  init(_ text: String) { self.text = Array(text) }

  /// Where a text begins, again and again, outside comments and strings.
  func places(of word: String) -> [Int] {
    let word = Array(word)
    var places: [Int] = []
    var index = 0
    while index < text.count {
      if let end = skipped(at: index) {
        index = end
        continue
      }
      if text[index...].starts(with: word) { places.append(index) }
      index += 1
    }
    return places
  }

  /// The parts of a bracketed list that opens at this place, between its commas; comments are left out.
  func parts(openingAt open: Int) -> [String] {
    var parts: [String] = [""]
    var depth = 0
    var index = open
    while index < text.count {
      if let end = skipped(at: index) {
        if text[index] != "/" { parts[parts.count - 1] += String(text[index..<end]) }
        index = end
        continue
      }
      let character = text[index]
      index += 1
      switch character {
      case "(", "[", "{": depth += 1
      case ")", "]", "}":
        depth -= 1
        if depth == 0 { return parts.map(Self.trimmed).filter { !$0.isEmpty } }
      case "," where depth == 1:
        parts.append("")
        continue
      default: break
      }
      if depth > 1 || !"([{".contains(character) { parts[parts.count - 1].append(character) }
    }
    return []
  }

  /// What is interpolated in the strings of an expression.
  static func interpolated(_ expression: String) -> [String] {
    let scanner = SourceScanner(expression)
    var found: [String] = []
    var index = 0
    while index + 1 < scanner.text.count {
      guard scanner.text[index] == "\\", scanner.text[index + 1] == "(" else {
        index += 1
        continue
      }
      let end = scanner.closing(index + 1)
      found.append(String(scanner.text[(index + 2)..<(end - 1)]))
      index = end
    }
    return found
  }

  /// The end of a comment or string that begins here; nil for anything else.
  private func skipped(at index: Int) -> Int? {
    switch text[index] {
    case "/" where index + 1 < text.count && text[index + 1] == "/":
      return text[index...].firstIndex(where: \.isNewline) ?? text.count
    case "/" where index + 1 < text.count && text[index + 1] == "*":
      var end = index + 2
      while end + 1 < text.count, !(text[end] == "*" && text[end + 1] == "/") { end += 1 }
      return min(end + 2, text.count)
    case "\"", "`": return string(at: index)
    default: return nil
    }
  }

  private func string(at start: Int) -> Int {
    let mark = text[start]
    let isLong = mark == "\"" && text[start...].starts(with: Array(#"""""#))
    var index = start + (isLong ? 3 : 1)
    while index < text.count {
      if text[index] == "\\" {
        index = index + 1 < text.count && text[index + 1] == "(" ? closing(index + 1) : index + 2
      } else if mark == "`", text[index] == "$", index + 1 < text.count, text[index + 1] == "{" {
        index = closing(index + 1)
      } else if isLong ? text[index...].starts(with: Array(#"""""#)) : text[index] == mark {
        return index + (isLong ? 3 : 1)
      } else {
        index += 1
      }
    }
    return index
  }

  /// Behind the bracket that closes the one which opens here.
  private func closing(_ open: Int) -> Int {
    var depth = 0
    var index = open
    while index < text.count {
      if let end = skipped(at: index) {
        index = end
        continue
      }
      if "([{".contains(text[index]) { depth += 1 }
      if ")]}".contains(text[index]) { depth -= 1 }
      index += 1
      if depth == 0 { break }
    }
    return index
  }

  private static func trimmed(_ text: String) -> String {
    var text = text[...]
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}
