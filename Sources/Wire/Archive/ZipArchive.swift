/// A ZIP archive (PKWARE APPNOTE 6.3) whose entries are stored as they are: no compression, and no library for it.
package struct ZipArchive {
  private var bytes: [UInt8] = []
  private var directory: [UInt8] = []
  private var count: UInt16 = 0

  /// An empty archive.
  package init() {}

  /// Adds an entry; `name` is ASCII.
  package mutating func add(_ name: String, _ content: [UInt8]) {
    let name = Array(name.utf8)
    var header: [UInt8] = []
    // Version 2.0, no flags, stored, and the first day that the format knows: what is inside has dates of its own.
    Self.put([20, 0, 0, 0, 0x21] as [UInt16], into: &header)
    let size = UInt32(content.count)
    Self.put([CRC32.checksum(content), size, size] as [UInt32], into: &header)
    Self.put([UInt16(name.count), 0] as [UInt16], into: &header)
    let offset = UInt32(bytes.count)
    bytes += Self.bytes(of: 0x0403_4B50 as UInt32) + header + name + content
    directory += Self.bytes(of: 0x0201_4B50 as UInt32)
    Self.put([20] as [UInt16], into: &directory)
    directory += header
    Self.put([0, 0, 0] as [UInt16], into: &directory)
    Self.put([0, offset] as [UInt32], into: &directory)
    directory += name
    count += 1
  }

  /// The whole archive, with its directory at the end.
  package func finished() -> [UInt8] {
    var end = Self.bytes(of: 0x0605_4B50 as UInt32)
    Self.put([0, 0, count, count] as [UInt16], into: &end)
    Self.put([UInt32(directory.count), UInt32(bytes.count)] as [UInt32], into: &end)
    Self.put([0] as [UInt16], into: &end)
    return bytes + directory + end
  }

  private static func bytes<Number: FixedWidthInteger>(of number: Number) -> [UInt8] {
    (0..<Number.bitWidth / 8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }

  private static func put<Number: FixedWidthInteger>(_ numbers: [Number], into output: inout [UInt8]) {
    for number in numbers { output += bytes(of: number) }
  }
}
