import Foundation
import TestSupport
import Testing

/// A ZIP file made by hand, with whatever a hostile one may say.
struct ZipFile {
  struct Entry {
    var name: String
    var contents: [UInt8]
    /// Deflated by gzip, which knows the format as well as anybody.
    var isDeflated = false
    /// The upper half of the external attributes: a Unix mode.
    var mode = 0o100644
    var flags = 0
    var method: Int?
    /// What the directory says of its length, where that is a lie.
    var claimedSize: Int?
    var checksum: UInt32?

    init(_ name: String, _ text: String) {
      self.name = name
      contents = Array(text.utf8)
    }
  }

  var entries: [Entry]

  /// The file's bytes.
  func bytes() throws -> [UInt8] {
    var file: [UInt8] = []
    var directory: [UInt8] = []
    for entry in entries {
      let packed = entry.isDeflated ? try Self.deflated(entry.contents) : entry.contents
      let method = entry.method ?? (entry.isDeflated ? 8 : 0)
      let offset = file.count
      let name = Array(entry.name.utf8)
      let common =
        Self.number(entry.flags, 2) + Self.number(method, 2) + Self.number(0, 4)
        + Self.number(Int(entry.checksum ?? Self.checksum(entry.contents)), 4) + Self.number(packed.count, 4)
        + Self.number(entry.claimedSize ?? entry.contents.count, 4) + Self.number(name.count, 2) + Self.number(0, 2)
      file += Self.number(0x0403_4B50, 4) + Self.number(20, 2) + common + name + packed
      directory += Self.number(0x0201_4B50, 4) + Self.number(0x0314, 2) + Self.number(20, 2) + common
      directory += Self.number(0, 6) + Self.number(entry.mode << 16, 4) + Self.number(offset, 4) + name
    }
    let end =
      Self.number(0x0605_4B50, 4) + Self.number(0, 4) + Self.number(entries.count, 2) + Self.number(entries.count, 2)
      + Self.number(directory.count, 4) + Self.number(file.count, 4) + Self.number(0, 2)
    return file + directory + end
  }

  /// Writes it to a new file and answers its path.
  func write(to folder: URL) throws -> String {
    let file = folder.appendingPathComponent("package-\(UUID().uuidString).zip")
    try Data(try bytes()).write(to: file)
    return file.path
  }

  private static func number(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  private static func checksum(_ bytes: [UInt8]) -> UInt32 {
    var value = UInt32.max
    for byte in bytes {
      value ^= UInt32(byte)
      for _ in 0..<8 { value = value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1 }
    }
    return ~value
  }

  private static func deflated(_ bytes: [UInt8]) throws -> [UInt8] {
    let folder = FileManager.default.temporaryDirectory
    let source = folder.appendingPathComponent("deflate-\(UUID().uuidString)")
    let target = source.path + ".gz"
    defer { for path in [source.path, target] { try? FileManager.default.removeItem(atPath: path) } }
    try Data(bytes).write(to: source)
    let run = try ShellCommand(["bash", "-c", "gzip -nc \"$1\" >\"$2\"", "deflate", source.path, target])
    try #require(run.status == 0)
    // A header of ten bytes, and eight at the end (RFC 1952).
    return Array(try Data(contentsOf: URL(fileURLWithPath: target)).dropFirst(10).dropLast(8))
  }
}
