extension String {
  /// The text without white space at its ends.
  package var trimmed: String {
    let front = self[...].drop(while: \.isWhitespace)
    guard let last = front.lastIndex(where: { !$0.isWhitespace }) else { return "" }
    return String(front[...last])
  }
}
