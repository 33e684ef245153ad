/// Moodle's `PARAM_TEXT` cleaning, which is PHP's `strip_tags`: everything between `<` and `>` disappears.
///
/// The recorded Moodle turned the state `a"b<c>&é+ %20` into `a"b&é+ %20`.
enum ParamText {
  /// The text without its tags. A `<` before white space stays, as PHP keeps it; an unclosed one takes the rest along.
  static func clean(_ text: String) -> String {
    var output = String.UnicodeScalarView()
    var inTag = false
    let scalars = Array(text.unicodeScalars)
    for (index, scalar) in scalars.enumerated() {
      if inTag {
        if scalar == ">" { inTag = false }
      } else if scalar == "<", index + 1 == scalars.count || !scalars[index + 1].properties.isWhitespace {
        inTag = true
      } else {
        output.append(scalar)
      }
    }
    return String(output)
  }
}
