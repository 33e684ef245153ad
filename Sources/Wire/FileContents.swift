import Glibc

/// Files read whole.
package enum FileContents {
  /// Why a file was not read.
  package struct Unreadable: Error, Equatable, Sendable {
    /// The system's number for it; `EFBIG` for a file above the limit.
    package let errno: Int32

    /// That number.
    package init(errno: Int32) { self.errno = errno }
  }

  /// The bytes of a file of at most `limit` bytes.
  package static func bytes(_ path: String, limit: Int = .max) throws(Unreadable) -> [UInt8] {
    guard let file = fopen(path, "re") else { throw Unreadable(errno: errno) }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = fread(&chunk, 1, chunk.count, file)
      if count == 0 {
        let code = errno
        if ferror(file) != 0 { throw Unreadable(errno: code) }
        return bytes
      }
      bytes += chunk[..<count]
      if bytes.count > limit { throw Unreadable(errno: EFBIG) }
    }
  }

  /// UTF-8 as text; nil when it is not well-formed.
  package static func text(_ bytes: [UInt8]) -> String? {
    bytes.withUnsafeBufferPointer { UTF8Text.string($0) }
  }
}
