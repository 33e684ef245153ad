import Foundation
import JOSE
import TestSupport
import Testing

/// What browsers are sent of the client library is made from what people read. These tests only read files.
@Suite struct LibraryFileTests {
  /// The largest size over the wire, compressed: of the core, and of each part.
  private static let limits = (core: 6 * 1024, part: 4 * 1024)

  @Test("Each script is made from its source as it is now, and small: the core 6 KiB compressed, a part 4")
  func made() throws {
    let folder = Stack.root.appendingPathComponent("Sources/Passerelle")
    let sources = try FileManager.default.contentsOfDirectory(atPath: folder.appendingPathComponent("Library").path)
      .filter { $0.hasSuffix(".js") }.sorted()
    #expect(sources.first == "passerelle-preview.js" && sources.contains("passerelle.js"))
    for name in sources {
      let source = try Data(contentsOf: folder.appendingPathComponent("Library/\(name)"))
      let made = folder.appendingPathComponent("Resources/\(name)")
      let digest = SHA256.hash(Array(source)).prefix(4).map { byte in
        let digits = String(byte, radix: 16)
        return digits.count == 1 ? "0" + digits : digits
      }.joined()
      let text = try String(contentsOf: made, encoding: .utf8)
      #expect(text.hasPrefix("//\(digest)\n"), "\(name): run Sources/Passerelle/Library/minify")
      let run = try ShellCommand(["bash", "-c", "gzip -9 <\"$1\" | wc -c", "size", made.path])
      let size = try #require(Int(run.output.trimmingCharacters(in: .whitespacesAndNewlines)))
      print("\(name): \(text.utf8.count) bytes, \(size) compressed")
      #expect(size <= (name == "passerelle.js" ? Self.limits.core : Self.limits.part), "\(name)")
    }
  }
}
