/// Whether a byte is a blank, a tab or an end of line.
func isWhitespace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

/// The text without the white space around it.
func trimmed(_ text: Substring) -> Substring {
  var bytes = text.utf8.drop(while: isWhitespace)
  while let last = bytes.last, isWhitespace(last) { bytes.removeLast() }
  return Substring(bytes)
}
