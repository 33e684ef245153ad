import Glibc
import Testing
import Wire

@Suite struct FileContentsTests {
  private static func unreadable(_ path: String, limit: Int = .max) -> FileContents.Unreadable? {
    do {
      _ = try FileContents.bytes(path, limit: limit)
      return nil
    } catch { return error }
  }

  @Test("A file is read whole, up to the limit")
  func bytes() throws {
    let path = "/tmp/passerelle-file-contents-\(getpid())"
    let written = (0..<10_000).map { UInt8(truncatingIfNeeded: $0) }
    let file = try #require(fopen(path, "we"))
    defer { unlink(path) }
    #expect(fwrite(written, 1, written.count, file) == written.count)
    fclose(file)
    #expect(try FileContents.bytes(path) == written)
    #expect(try FileContents.bytes(path, limit: 10_000) == written)
    #expect(Self.unreadable(path, limit: 9_999) == FileContents.Unreadable(errno: EFBIG))
  }

  @Test("What cannot be read says why")
  func unreadable() {
    #expect(Self.unreadable("/nowhere/file") == FileContents.Unreadable(errno: ENOENT))
    #expect(Self.unreadable("/tmp") == FileContents.Unreadable(errno: EISDIR))
  }

  @Test("Text is UTF-8 or none")
  func text() {
    #expect(FileContents.text(Array("clé".utf8)) == "clé")
    #expect(FileContents.text([]) == "")
    #expect(FileContents.text([0x63, 0xE9]) == nil)
  }
}
