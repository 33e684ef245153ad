/// A platform's words as they may stand in a log line: printable ASCII, at most 120 bytes; nothing at all when they seem
/// to repeat a token (`eyJ` begins every JWT).
func platformWords(_ words: [UInt8]) -> String {
  let token = Array("eyJ".utf8)
  guard !words.indices.contains(where: { words[$0...].starts(with: token) }) else { return "(withheld)" }
  let printable = words.prefix(120).map { (0x20...0x7E).contains($0) ? $0 : UInt8(ascii: "?") }
  return String(decoding: printable, as: UTF8.self) + (words.count > 120 ? "…" : "")
}
